use super::stream::Purpose;

/// Single draws by index, for cases in which a whole [`super::Stream`] would cost more than the draw. The n-th number of
/// `SplitMix64` (Steele, Lea, Flood 2014) is a hash of the n-th multiple of its increment, so it is computed without the previous ones.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    key: u64,
}

impl Draw {
    /// The draws of (seed, replica, purpose).
    #[must_use]
    pub fn new(seed: u64, replica: u64, purpose: Purpose) -> Self {
        Self { key: absorb(absorb(absorb(0, seed), replica), purpose as u64) }
    }

    /// The `index`-th draw of `agent`, uniform in (0, 1].
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
    pub fn uniform(self, agent: u64, index: u64) -> f64 {
        let bits = absorb(absorb(self.key, agent), index) >> 11;
        (bits + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// The `index`-th exponential draw of `agent`, with mean 1.
    #[must_use]
    pub fn exponential(self, agent: u64, index: u64) -> f64 {
        -libm::log(self.uniform(agent, index))
    }

    /// The `index`-th normal draw of `agent`, with mean 0 and variance 1 (Box and Muller 1958).
    #[must_use]
    pub fn standard_normal(self, agent: u64, index: u64) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform(agent, 2 * index)));
        radius * libm::cos(std::f64::consts::TAU * self.uniform(agent, 2 * index + 1))
    }
}

/// Mixes one more word into a key, with the finaliser of `SplitMix64`.
fn absorb(key: u64, word: u64) -> u64 {
    let mut z = (key ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
