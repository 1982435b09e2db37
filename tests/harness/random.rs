//! Random numbers for tests: SplitMix64, so that a seed means the same rows on every machine and
//! for ever.

use std::time::{SystemTime, UNIX_EPOCH};

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0, below `limit`. (The bias is below 2^-32 for the small limits of tests.)
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A double from 0, below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Run a property on some fixed seeds and on one fresh one; a failure names its seed.
/// `JARVIS_TEST_SEED=n` runs that one alone.
pub fn with_seeds(fixed: std::ops::Range<u64>, property: impl Fn(&mut Random)) {
    let fresh = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    let seeds = match std::env::var("JARVIS_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("JARVIS_TEST_SEED is a number")],
        Err(_) => fixed.chain([fresh]).collect(),
    };
    for seed in seeds {
        let told = Told(seed);
        property(&mut Random::new(seed));
        drop(told);
    }
}

/// Says the seed when the property fails.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}: repeat with JARVIS_TEST_SEED={0}", self.0);
        }
    }
}
