//! Numbers that come again with the same seed.

use kapea::seal::random;

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// With the seed of that variable, or one of its own; prints which.
    pub fn seeded(variable: &str) -> Self {
        let seed = std::env::vars()
            .find(|(name, _)| name == variable)
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or_else(|| u64::from_be_bytes(random::bytes()));
        println!("{variable}={seed}");
        Self(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    /// One of them, which is there no more.
    pub fn draw<T>(&mut self, from: &mut Vec<T>) -> T {
        let count = u64::try_from(from.len()).expect("a number");
        let at = usize::try_from(self.below(count)).expect("a number");
        from.swap_remove(at)
    }

    /// Others, for somebody beside.
    pub fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }
}
