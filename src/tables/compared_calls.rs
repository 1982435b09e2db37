//! What `compare_stats` keeps of the calls of both sides.

use crate::ffi::Result;
use crate::stats::{Distribution, PairSums, Percentile};
use crate::telemetry::{Call, CallState, Instruments};

/// Of the percentiles' intervals.
const CONFIDENCE: f64 = 0.95;

/// Name and unit of the metrics of which percentiles are compared.
pub(super) const PERCENTILES: [(&str, &str); 6] = [
    ("prompt_tokens", "tokens"),
    ("output_tokens", "tokens"),
    ("ttft", "s"),
    ("tpot", "ms"),
    ("e2el", "s"),
    ("normalized_latency", "ms"),
];

/// What is kept of the calls of both sides.
#[derive(Debug, Clone, Default)]
pub(super) struct BothSides {
    pub(super) p: f64,
    pub(super) sides: [Side; 2],
}

#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    pub(super) calls: u64,
    values: [Distribution; PERCENTILES.len()],
    /// Of `values`, once all are in.
    pub(super) percentiles: [Percentile; PERCENTILES.len()],
    energy: Vec<OfInstrument>,
    pub(super) cost: PairSums,
}

/// Joules by one instrument: over output tokens, and over calls.
#[derive(Debug, Clone, Default)]
pub(super) struct OfInstrument {
    instrument: u32,
    pub(super) per_token: PairSums,
    pub(super) per_request: PairSums,
}

impl CallState for BothSides {
    #[inline(always)]
    fn counts(&self, call: &Call) -> bool {
        call.sides() != [false; 2] && !call.is_warm_up() && !call.is_research()
    }

    fn add(&mut self, call: &Call) -> Result<()> {
        let values = [
            call.prompt_tokens(),
            call.completion_tokens(),
            call.ttft(),
            call.tpot(),
            call.latency(),
            call.normalized_latency(),
        ];
        for side in self.of(call) {
            side.calls += 1;
            for (distribution, value) in side.values.iter_mut().zip(values) {
                value.map_or(Ok(()), |value| distribution.add(value))?;
            }
            call.cost().map_or(Ok(()), |cost| side.cost.add(1.0, cost))?;
        }
        Ok(())
    }

    fn add_share(&mut self, call: &Call, share: f64) -> Result<()> {
        let Some(joules) = call.energy().map(|joules| joules * share) else { return Ok(()) };
        for side in self.of(call) {
            let known = side.energy.iter().position(|of| of.instrument == call.instrument);
            let place = known.unwrap_or(side.energy.len());
            if known.is_none() {
                side.energy.try_reserve(1)?;
                let instrument = call.instrument;
                side.energy.push(OfInstrument { instrument, ..OfInstrument::default() });
            }
            let Some(of) = side.energy.get_mut(place) else { continue };
            of.per_request.add(1.0, joules)?;
            if let Some(tokens) = call.completion_tokens() {
                of.per_token.add(tokens, joules)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        for side in &mut self.sides {
            for (percentile, values) in side.percentiles.iter_mut().zip(&mut side.values) {
                let mut values = std::mem::take(values);
                percentile.interval = values.interval(self.p, CONFIDENCE);
                percentile.certain = values.certain(self.p);
            }
        }
        Ok(())
    }
}

impl BothSides {
    /// The sides that a call is on.
    fn of(&mut self, call: &Call) -> impl Iterator<Item = &mut Side> {
        let is_on = call.sides();
        self.sides.iter_mut().zip(is_on).filter_map(|(side, is_on)| is_on.then_some(side))
    }

    /// What the instrument that measured most calls measured on each side.
    pub(super) fn by_one_instrument(
        &self,
        instruments: Option<&Instruments>,
    ) -> Option<(&OfInstrument, &OfInstrument)> {
        let (instruments, [a, b]) = (instruments?, &self.sides);
        let pairs = a.energy.iter().filter_map(|of_a| {
            let of_b = b.energy.iter().find(|of_b| of_b.instrument == of_a.instrument);
            of_b.map(|of_b| (of_a, of_b))
        });
        pairs.max_by(|one, other| {
            let calls = |(a, b): (&OfInstrument, &OfInstrument)| {
                a.per_request.count() + b.per_request.count()
            };
            let place = |(a, _): (&OfInstrument, _)| a.instrument as usize;
            let by_name = instruments.order(place(*one), place(*other)).reverse();
            calls(*one).cmp(&calls(*other)).then(by_name)
        })
    }
}
