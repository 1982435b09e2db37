//! The time that is covered by spans, each instant once, as an exact sum.

use super::{ExactSum, OutOfMemory};

/// Spans, which come in the order of their starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Covered {
    seconds: ExactSum,
    open: Option<(f64, f64)>,
    has_spans: bool,
}

impl Covered {
    /// Adds a span; one without length covers nothing.
    pub(crate) fn add(&mut self, start: f64, end: f64) -> Result<(), OutOfMemory> {
        self.has_spans = true;
        if end <= start || !end.is_finite() {
            return Ok(());
        }
        match &mut self.open {
            Some((_, until)) if start <= *until => *until = until.max(end),
            open => {
                if let Some((from, until)) = open.replace((start, end)) {
                    self.seconds.add(until)?;
                    self.seconds.subtract(from)?;
                }
            }
        }
        Ok(())
    }

    /// Seconds covered, rounded once; `None` for no spans.
    pub(crate) fn seconds(&self) -> Result<Option<f64>, OutOfMemory> {
        let mut seconds = self.seconds.clone();
        if let Some((from, until)) = self.open {
            seconds.add(until)?;
            seconds.subtract(from)?;
        }
        Ok(self.has_spans.then(|| seconds.round()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    #[test]
    fn overlaps_count_once() {
        let mut covered = Covered::default();
        assert_eq!(covered.seconds().unwrap(), None);
        for (start, end) in
            [(0.0, 4.0), (1.0, 2.0), (3.0, 5.0), (5.0, 6.0), (9.0, 9.0), (10.0, 11.5)]
        {
            covered.add(start, end).unwrap();
        }
        assert_eq!(covered.seconds().unwrap(), Some(7.5));
    }

    /// On a grid of seconds: as many as some span covers.
    #[test]
    fn equals_counting_the_seconds() {
        let mut random = Random::new(21);
        for _ in 0..300 {
            let mut spans: Vec<(u64, u64)> =
                (0..random.below(30)).map(|_| (random.below(500), random.below(40))).collect();
            spans.sort_unstable();
            let mut covered = Covered::default();
            for (start, length) in &spans {
                covered.add(*start as f64, (start + length) as f64).unwrap();
            }
            let is_covered = |second: &u64| {
                spans.iter().any(|(start, length)| (*start..start + length).contains(second))
            };
            let seconds = (0..600).filter(is_covered).count();
            assert_eq!(covered.seconds().unwrap().unwrap_or(0.0), seconds as f64);
        }
    }
}
