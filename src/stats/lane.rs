//! Calls in flight together on one machine, and each one's share of it.
//!
//! Calls enter in the order of their starts. Between two events (a start or an end) of k calls in
//! flight each is given dt / k. What has been given out since the beginning is one exact sum, so a
//! call's part is a difference of two of its values: it depends on no order and leaves no rest.

use super::{ExactSum, OutOfMemory};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The calls of one machine, swept over by time. `T` is what the caller knows a call by.
#[derive(Debug)]
pub(crate) struct Lane<T> {
    in_flight: BinaryHeap<Reverse<InFlight<T>>>,
    /// The sum of dt / k over all events so far.
    given: ExactSum,
    /// The time of the last event.
    now: f64,
}

#[derive(Debug)]
struct InFlight<T> {
    end: f64,
    start: f64,
    given_at_start: ExactSum,
    call: T,
}

impl<T> Ord for InFlight<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.end.total_cmp(&other.end)
    }
}

impl<T> PartialOrd for InFlight<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for InFlight<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for InFlight<T> {}

/// A call that has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shared<T> {
    /// The call.
    pub(crate) call: T,
    /// Its part of the machine while it ran, 0 < share <= 1; 1 for a call that took no time.
    pub(crate) share: f64,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Lane { in_flight: BinaryHeap::new(), given: ExactSum::default(), now: f64::NEG_INFINITY }
    }
}

impl<T: Copy> Lane<T> {
    /// A call begins, not before those that entered before; one that does, or whose start or end is
    /// no number, is alone. `ended` hears of every call that ends until then; ends come before
    /// starts of the same moment.
    pub(crate) fn enter<E: From<OutOfMemory>>(
        &mut self,
        start: f64,
        latency: f64,
        call: T,
        ended: &mut impl FnMut(Shared<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.pass(start, ended)?;
        let end = start + latency;
        if !(start >= self.now && end > start && end.is_finite()) {
            return ended(Shared { call, share: 1.0 });
        }
        self.advance(start)?;
        self.in_flight.try_reserve(1).map_err(OutOfMemory::from)?;
        let given_at_start = self.given.clone();
        self.in_flight.push(Reverse(InFlight { end, start, given_at_start, call }));
        Ok(())
    }

    /// No more calls: `ended` hears of all that are in flight.
    pub(crate) fn finish<E: From<OutOfMemory>>(
        &mut self,
        ended: &mut impl FnMut(Shared<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.pass(f64::INFINITY, ended)
    }

    /// Calls that end by `moment`.
    fn pass<E: From<OutOfMemory>>(
        &mut self,
        moment: f64,
        ended: &mut impl FnMut(Shared<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        while self.in_flight.peek().is_some_and(|Reverse(first)| first.end <= moment) {
            let Some(end) = self.in_flight.peek().map(|Reverse(first)| first.end) else { break };
            self.advance(end)?;
            let Some(Reverse(call)) = self.in_flight.pop() else { break };
            let mut part = self.given.clone();
            part.take_away(&call.given_at_start)?;
            let length = call.end - call.start;
            let share = (part.round() / length).min(1.0);
            ended(Shared { call: call.call, share })?;
        }
        Ok(())
    }

    fn advance(&mut self, moment: f64) -> Result<(), OutOfMemory> {
        let in_flight = self.in_flight.len();
        if in_flight > 0 {
            self.given.add((moment - self.now) / in_flight as f64)?;
        }
        self.now = moment;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Covered;
    use super::super::test_support::Random;
    use super::*;

    fn shares(calls: &[(f64, f64)]) -> Vec<f64> {
        let mut shares = vec![0.0; calls.len()];
        let mut lane = Lane::default();
        let mut note = |ended: Shared<usize>| {
            shares[ended.call] = ended.share;
            Ok::<(), OutOfMemory>(())
        };
        for (call, &(start, latency)) in calls.iter().enumerate() {
            lane.enter(start, latency, call, &mut note).unwrap();
        }
        lane.finish(&mut note).unwrap();
        shares
    }

    #[test]
    fn alone_is_one_and_together_is_a_part() {
        assert_eq!(shares(&[(0.0, 1.0), (1.0, 2.5), (10.0, 0.0)]), [1.0; 3]);
        assert_eq!(shares(&[(5.0, 3.0); 4]), [0.25; 4]);
        assert_eq!(shares(&[(0.0, 4.0), (2.0, 2.0)]), [0.75, 0.5]);
    }

    /// What is given out is what is covered, on random calls.
    #[test]
    fn no_time_is_left_or_given_twice() {
        let mut random = Random::new(21);
        for _ in 0..300 {
            let mut calls: Vec<(f64, f64)> = (0..random.below(40))
                .map(|_| (random.below(1000) as f64 / 7.0, random.below(300) as f64 / 11.0))
                .collect();
            calls.sort_by(|one, other| one.0.total_cmp(&other.0));
            let mut covered = Covered::default();
            calls.iter().for_each(|(start, latency)| covered.add(*start, start + latency).unwrap());
            let given: f64 = shares(&calls)
                .iter()
                .zip(&calls)
                .map(|(share, (start, latency))| share * ((start + latency) - start))
                .sum();
            let covered = covered.seconds().unwrap().unwrap_or(0.0);
            assert!((given - covered).abs() <= 1e-9 * covered.max(1.0), "{given} {covered}");
            assert!(shares(&calls).iter().all(|share| *share > 0.0 && *share <= 1.0));
        }
    }
}
