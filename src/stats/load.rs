//! How much ran in each bucket of time: the time that something did, the time of all that did, the
//! most at once.
//!
//! Spans enter in the order of their starts and are swept over with the ends of those in flight, so
//! a span that lasts a million buckets costs no more than the buckets themselves, however many such
//! spans there are. All sums are exact: of starts, ends and edges, each rounded once per bucket.

use super::{ExactSum, Moment, OutOfMemory, Steps};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// What ran in one bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    /// Seconds in which something did.
    pub(crate) busy: f64,
    /// Seconds of all that did.
    pub(crate) seconds: f64,
    /// The most at once.
    pub(crate) peak: u32,
}

/// Spans, cut at the edges of buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loads {
    in_flight: BinaryHeap<Reverse<End>>,
    /// The bucket that the sweep has come to.
    open: Option<Open>,
    /// Those before in which something ran, ascending.
    closed: Vec<(i64, Load)>,
}

/// The end of a span.
#[derive(Debug, Clone, Copy)]
struct End(f64);

impl Ord for End {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for End {}

#[derive(Debug, Clone)]
struct Open {
    number: i64,
    /// Where it ends.
    edge: f64,
    /// How far the sweep has come.
    now: f64,
    busy: ExactSum,
    seconds: ExactSum,
    peak: u32,
}

impl Open {
    fn new(number: i64, now: f64, steps: Steps) -> Self {
        Open {
            number,
            edge: steps.edge(number + 1),
            now,
            busy: ExactSum::default(),
            seconds: ExactSum::default(),
            peak: 0,
        }
    }

    fn begin(&mut self, moment: f64, in_flight: usize) -> Result<(), OutOfMemory> {
        self.busy.subtract(moment)?;
        let (seconds, rest) = product(moment, in_flight);
        self.seconds.subtract(seconds)?;
        self.seconds.subtract(rest)?;
        self.peak = self.peak.max(u32::try_from(in_flight).unwrap_or(u32::MAX));
        Ok(())
    }

    fn end(&mut self, moment: f64, in_flight: usize) -> Result<(), OutOfMemory> {
        self.busy.add(moment)?;
        let (seconds, rest) = product(moment, in_flight);
        self.seconds.add(seconds)?;
        self.seconds.add(rest)
    }

    fn load(&self) -> (i64, Load) {
        let load = Load { busy: self.busy.round(), seconds: self.seconds.round(), peak: self.peak };
        (self.number, load)
    }
}

/// The exact product in two parts.
fn product(moment: f64, times: usize) -> (f64, f64) {
    let times = times as f64;
    let product = moment * times;
    (product, moment.mul_add(times, -product))
}

impl Loads {
    /// Adds a span, which begins not before those that were added before. One without length, or
    /// whose ends are no numbers, is not there.
    pub(crate) fn add(&mut self, start: f64, end: f64, steps: Steps) -> Result<(), OutOfMemory> {
        let start = self.open.as_ref().map_or(start, |open| start.max(open.now));
        if !(end > start && end.is_finite() && start.is_finite()) {
            return Ok(());
        }
        self.pass(start, steps)?;
        let Some(mut number) = steps.number(Moment::Real(start)) else { return Ok(()) };
        // Of a length with a fraction an edge is a rounded number.
        number += i64::from(steps.edge(number + 1) <= start);
        if self.open.as_ref().is_none_or(|open| open.number < number) {
            self.close()?;
            self.open = Some(Open::new(number, start, steps));
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        self.in_flight.try_reserve(1)?;
        self.in_flight.push(Reverse(End(end)));
        let in_flight = self.in_flight.len();
        if in_flight == 1 {
            open.busy.subtract(start)?;
        }
        open.seconds.subtract(start)?;
        open.peak = open.peak.max(u32::try_from(in_flight).unwrap_or(u32::MAX));
        open.now = start;
        Ok(())
    }

    /// No more spans, and nothing after the bucket of that number.
    pub(crate) fn finish(&mut self, last: i64, steps: Steps) -> Result<(), OutOfMemory> {
        self.pass(steps.edge(last.saturating_add(1)), steps)?;
        self.in_flight = BinaryHeap::new();
        self.open.take_if(|open| open.number > last);
        self.close()
    }

    /// What ran in the bucket of that number, if something did, after `finish`.
    pub(crate) fn load(&self, number: i64) -> Option<&Load> {
        let place = self.closed.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.closed.get(place).map(|(_, load)| load)
    }

    /// Goes through the ends and, while something runs, the edges until a moment.
    fn pass(&mut self, moment: f64, steps: Steps) -> Result<(), OutOfMemory> {
        while let Some(&Reverse(End(end))) = self.in_flight.peek()
            && end <= moment
        {
            self.cross(|edge| edge < end, steps)?;
            self.in_flight.pop();
            if let Some(open) = &mut self.open {
                open.seconds.add(end)?;
                if self.in_flight.is_empty() {
                    open.busy.add(end)?;
                }
                open.now = end;
            }
        }
        if self.in_flight.is_empty() { Ok(()) } else { self.cross(|edge| edge <= moment, steps) }
    }

    /// From bucket to bucket, with what is in flight, as long as the edge is such.
    fn cross(&mut self, is_such: impl Fn(f64) -> bool, steps: Steps) -> Result<(), OutOfMemory> {
        let in_flight = self.in_flight.len();
        while let Some(open) = &mut self.open
            && is_such(open.edge)
        {
            let edge = open.edge;
            open.end(edge, in_flight)?;
            let mut next = Open::new(open.number + 1, edge, steps);
            next.begin(edge, in_flight)?;
            self.close()?;
            self.open = Some(next);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), OutOfMemory> {
        if let Some(open) = self.open.take() {
            self.closed.try_reserve(1)?;
            self.closed.push(open.load());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::TimeBuckets;
    use super::super::test_support::Random;
    use super::*;

    fn loads(spans: &[(f64, f64)], last: i64, steps: Steps) -> Loads {
        let mut loads = Loads::default();
        spans.iter().for_each(|(start, end)| loads.add(*start, *end, steps).unwrap());
        loads.finish(last, steps).unwrap();
        loads
    }

    fn seconds(length: f64) -> Steps {
        Steps::Buckets(TimeBuckets::of_seconds(length).unwrap())
    }

    #[test]
    fn ends_come_before_starts_and_edges() {
        let spans = [(1.0, 3.0), (1.5, 2.0), (2.0, 10.0), (10.0, 10.0), (12.0, 31.0)];
        let loads = loads(&spans, 2, seconds(10.0));
        let load = |busy, seconds, peak| Some(Load { busy, seconds, peak });
        assert_eq!(loads.load(0).copied(), load(9.0, 10.5, 2));
        assert_eq!(loads.load(1).copied(), load(8.0, 8.0, 1));
        assert_eq!(loads.load(2).copied(), load(10.0, 10.0, 1));
        assert_eq!((loads.load(-1), loads.load(3)), (None, None));
    }

    /// A hundred thousand spans over a million buckets each.
    #[test]
    fn long_spans_cost_what_the_buckets_do() {
        let spans: Vec<_> = (0..100_000).map(|n| (f64::from(n) / 1e5, 1e9)).collect();
        let loads = loads(&spans, 1_000_000, seconds(1.0));
        let expected = Load { busy: 1.0, seconds: 1e5, peak: 100_000 };
        assert_eq!(loads.load(1_000_000), Some(&expected));
        assert_eq!(loads.closed.len(), 1_000_001);
    }

    /// On a grid of seconds: what counting them gives.
    #[test]
    fn equals_counting_the_seconds() {
        let mut random = Random::new(24);
        for _ in 0..300 {
            let length = 1 + random.below(30);
            let mut spans: Vec<(u64, u64)> =
                (0..random.below(40)).map(|_| (random.below(300), random.below(90))).collect();
            spans.sort_unstable();
            let as_reals: Vec<(f64, f64)> =
                spans.iter().map(|(start, long)| (*start as f64, (start + long) as f64)).collect();
            let last = (300 / length) as i64;
            let loads = loads(&as_reals, last, seconds(length as f64));
            for number in 0..=last as u64 {
                let in_flight = |second: u64| {
                    let is_in =
                        |(start, long): &&(u64, u64)| (*start..start + long).contains(&second);
                    spans.iter().filter(is_in).count() as u64
                };
                let counts = (number * length..(number + 1) * length).map(in_flight);
                let counts: Vec<u64> = counts.collect();
                let busy = counts.iter().filter(|count| **count > 0).count();
                let expected = (busy > 0).then(|| Load {
                    busy: busy as f64,
                    seconds: counts.iter().sum::<u64>() as f64,
                    peak: counts.iter().max().map_or(0, |most| *most as u32),
                });
                assert_eq!(loads.load(number as i64), expected.as_ref());
            }
        }
    }

    /// Cut or not, the sums of all buckets are those of one.
    #[test]
    fn nothing_is_lost_at_edges() {
        let mut random = Random::new(26);
        for length in [0.1, 0.75, 3.0, 1000.0] {
            let mut span = || {
                let start = 1.7e9 + random.below(1000) as f64 / 7.0;
                (start, start + random.below(300) as f64 / 11.0)
            };
            let mut spans: Vec<(f64, f64)> = (0..40).map(|_| span()).collect();
            spans.sort_by(|one, other| one.0.total_cmp(&other.0));
            let whole = loads(&spans, 0, Steps::All);
            let whole = whole.load(0).unwrap();
            let cut = loads(&spans, i64::MAX - 1, seconds(length));
            let sum = |part: fn(&Load) -> f64| cut.closed.iter().map(|(_, l)| part(l)).sum::<f64>();
            assert!((sum(|load| load.busy) - whole.busy).abs() < 1e-6);
            assert!((sum(|load| load.seconds) - whole.seconds).abs() < 1e-6);
            assert_eq!(cut.closed.iter().map(|(_, load)| load.peak).max(), Some(whole.peak));
            assert!(cut.closed.iter().all(|(_, load)| load.busy > 0.0));
        }
    }
}
