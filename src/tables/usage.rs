//! The calls of one key by buckets of time.
//!
//! Cost: about 270 bytes for each bucket in which calls of the key started, 32 more where busy
//! seconds are wanted, 4 for each between its first and its last.

use super::percentile::{P50, P95, Percentile};
use crate::ffi::{Result, SqlError};
use crate::stats::{Distribution, ExactSum, Load, Loads, Moment, Steps};
use crate::telemetry::{Call, CallState};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

/// 2023-01-01: OpenJarvis is younger.
const EARLIEST: f64 = 1_672_531_200.0;
/// Clocks differ.
const A_DAY: f64 = 86_400.0;
/// Most rows of an answer: buckets by keys.
const MOST_ROWS: i128 = 1_000_000;

/// The percentiles that are shown.
pub(super) const PERCENTILES: [Percentile; 2] = [P50, P95];

/// What is wanted of all keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) steps: Steps,
    /// What the clock says, Unix seconds.
    pub(super) now: f64,
    /// Percentiles.
    pub(super) values: bool,
    /// What ran in each bucket.
    pub(super) loads: bool,
}

/// Buckets of one key, as they are filled.
#[derive(Debug, Clone)]
pub(super) struct Series {
    wanted: Wanted,
    extent: Rc<Extent>,
    /// The start of the first call.
    earliest: f64,
    /// The bucket of the latest call.
    latest: Latest,
    /// The number of the bucket of the first place.
    first: i64,
    /// Where each bucket is kept, from 1 on; 0 is nowhere.
    places: VecDeque<u32>,
    buckets: Vec<Bucket>,
    loads: Loads,
}

/// A bucket: between these edges, which may be rounded, it is for certain.
#[derive(Debug, Clone, Copy)]
struct Latest {
    from: f64,
    to: f64,
    place: usize,
}

/// The calls that started in one bucket.
#[derive(Debug, Clone, Default)]
pub(super) struct Bucket {
    pub(super) calls: u64,
    pub(super) prompt: Sum,
    pub(super) output: Sum,
    pub(super) cost: Sum,
    pub(super) energy_calls: u64,
    pub(super) joules: ExactSum,
    values: Distribution,
    measured: u64,
    /// Of `values`, once all are in.
    pub(super) percentiles: [Option<f64>; PERCENTILES.len()],
}

/// What some of the calls have.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub(super) calls: u64,
    sum: ExactSum,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, value: Option<f64>) -> Result<()> {
        let Some(value) = value else { return Ok(()) };
        self.calls += 1;
        Ok(self.sum.add(value)?)
    }

    /// The sum; `None` of nothing.
    pub(super) fn value(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.sum.round())
    }
}

/// The first and the last bucket of all keys, and how many keys there are: before memory is taken
/// for a bucket, whether the answer has become too long.
#[derive(Debug)]
pub(super) struct Extent {
    first: Cell<Option<i64>>,
    last: Cell<Option<i64>>,
    keys: Cell<u32>,
}

impl Extent {
    /// From the bucket of one bound to that of another, as far as they were given. What is beyond
    /// all buckets is far away.
    pub(super) fn new([since, until]: [Option<Moment>; 2], steps: Steps) -> Self {
        let number = |end: Option<Moment>, beyond: i64| {
            Cell::new(end.map(|moment| steps.number(moment).unwrap_or(beyond)))
        };
        Extent { first: number(since, i64::MIN), last: number(until, i64::MAX), keys: Cell::new(0) }
    }

    /// The first bucket and the number of buckets; none where no call was counted.
    pub(super) fn buckets(&self) -> (i64, usize) {
        match (self.keys.get(), self.first.get(), self.last.get()) {
            (1.., Some(first), Some(last)) => {
                (first, usize::try_from(i128::from(last) - i128::from(first) + 1).unwrap_or(0))
            }
            _ => (0, 0),
        }
    }

    /// A bucket in which a call started, the first of its key or not.
    fn hold(&self, number: i64, is_new_key: bool) -> Result<()> {
        let first = self.first.get().map_or(number, |first| first.min(number));
        let last = self.last.get().map_or(number, |last| last.max(number));
        self.first.set(Some(first));
        self.last.set(Some(last));
        self.keys.set(self.keys.get() + u32::from(is_new_key));
        let buckets = i128::from(last) - i128::from(first) + 1;
        if buckets * i128::from(self.keys.get()) > MOST_ROWS {
            return Err(too_many_rows());
        }
        Ok(())
    }
}

fn too_many_rows() -> SqlError {
    SqlError::new(format!("more than {MOST_ROWS} rows; take a longer step"))
}

impl Series {
    /// No calls yet.
    pub(super) fn new(wanted: Wanted, extent: Rc<Extent>) -> Self {
        Series {
            wanted,
            extent,
            earliest: f64::INFINITY,
            latest: Latest { from: f64::INFINITY, to: f64::NEG_INFINITY, place: 0 },
            first: 0,
            places: VecDeque::new(),
            buckets: Vec::new(),
            loads: Loads::default(),
        }
    }

    /// The start of its first call, if that is earlier.
    pub(super) fn earlier(start: f64, of: &Self) -> f64 {
        of.earliest.min(start)
    }

    /// The bucket of that number, if calls started in it.
    pub(super) fn bucket(&self, number: i64) -> Option<&Bucket> {
        self.buckets.get(self.place(number)?)
    }

    /// What ran in it, if something did.
    pub(super) fn load(&self, number: i64) -> Option<&Load> {
        self.loads.load(number)
    }

    fn place(&self, number: i64) -> Option<usize> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.places.get(at).and_then(|place| (*place as usize).checked_sub(1))
    }

    /// The bucket in which a call starts.
    #[inline(always)]
    fn started(&mut self, start: f64) -> Result<Option<&mut Bucket>> {
        // Exactly at a rounded edge the bucket is looked up.
        if !(self.latest.from < start && start < self.latest.to) {
            self.turn_to(start)?;
        }
        Ok(self.buckets.get_mut(self.latest.place))
    }

    #[cold]
    fn turn_to(&mut self, start: f64) -> Result<()> {
        let steps = self.wanted.steps;
        let number = steps.number(Moment::Real(start)).ok_or_else(too_many_rows)?;
        let place = match self.place(number) {
            Some(place) => place,
            None => self.make(number)?,
        };
        self.latest = Latest { from: steps.edge(number), to: steps.edge(number + 1), place };
        Ok(())
    }

    /// Makes room for a bucket, which the extent limits.
    fn make(&mut self, number: i64) -> Result<usize> {
        self.extent.hold(number, self.buckets.is_empty())?;
        if self.buckets.is_empty() {
            self.first = number;
        }
        let before = usize::try_from(self.first.saturating_sub(number)).unwrap_or(0);
        self.places.try_reserve(before)?;
        (0..before).for_each(|_| self.places.push_front(0));
        self.first = self.first.min(number);
        let at = usize::try_from(number.saturating_sub(self.first)).unwrap_or(0);
        if at >= self.places.len() {
            self.places.try_reserve(at + 1 - self.places.len())?;
            self.places.resize(at + 1, 0);
        }
        self.buckets.try_reserve(1)?;
        self.buckets.push(Bucket::default());
        if let Some(place) = self.places.get_mut(at) {
            *place = self.buckets.len() as u32;
        }
        Ok(self.buckets.len() - 1)
    }
}

impl CallState for Series {
    /// Rows whose start is no number, or no time at which OpenJarvis ran, are not.
    #[inline(always)]
    fn counts(&self, call: &Call) -> bool {
        (EARLIEST..=self.wanted.now + A_DAY).contains(&call.start())
    }

    #[inline(always)]
    fn add(&mut self, call: &Call) -> Result<()> {
        let (start, wanted) = (call.start(), self.wanted);
        self.earliest = self.earliest.min(start);
        if let Some(bucket) = self.started(start)? {
            bucket.calls += 1;
            bucket.prompt.add(call.prompt_tokens())?;
            bucket.output.add(call.completion_tokens())?;
            bucket.cost.add(call.cost())?;
            bucket.energy_calls += u64::from(call.energy().is_some());
            if let (true, Some(latency)) = (wanted.values, call.latency()) {
                bucket.measured += 1;
                bucket.values.add(latency)?;
            }
        }
        if let (true, Some(seconds)) = (wanted.loads, call.seconds()) {
            self.loads.add(start, start + seconds, wanted.steps)?;
        }
        Ok(())
    }

    fn add_share(&mut self, call: &Call, share: f64) -> Result<()> {
        let Some(booked) = call.energy() else { return Ok(()) };
        match self.started(call.start())? {
            Some(bucket) => Ok(bucket.joules.add(booked * share)?),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<()> {
        for bucket in &mut self.buckets {
            let mut values = std::mem::take(&mut bucket.values);
            for (figure, percentile) in bucket.percentiles.iter_mut().zip(PERCENTILES) {
                *figure = percentile.of(&mut values, bucket.measured);
            }
        }
        let (first, buckets) = self.extent.buckets();
        let last = i64::try_from(buckets).map_or(first, |buckets| first + buckets - 1);
        Ok(self.loads.finish(last, self.wanted.steps)?)
    }
}
