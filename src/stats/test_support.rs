//! Random numbers for the property tests of this room.

/// SplitMix64: enough for tests, and no dependency.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Doubles of the kinds that break sums: any finite bit pattern, near neighbours, spikes,
/// subnormals, integers.
pub(super) fn hostile_double(random: &mut Random) -> f64 {
    let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
    let magnitude = match random.below(6) {
        0 => loop {
            let x = f64::from_bits(random.next());
            if x.is_finite() {
                break x.abs();
            }
        },
        1 => random.below(1000) as f64,
        2 => 1.0 + (random.below(8) as f64) * f64::EPSILON,
        3 => 1e25 * (1 + random.below(3)) as f64,
        4 => f64::from_bits(random.below(1 << 54)),
        _ => random.next() as f64 / 1e9,
    };
    sign * magnitude
}
