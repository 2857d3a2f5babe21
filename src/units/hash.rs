use super::{Sats, UsdPerBtc, quantity::quantity, whole::nearest};

/// Hashes per second in whole MH/s. An integer, so that the sum of a network is exact in any order.
/// 2^63 MH/s is nine thousand times the network of 2025.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hashrate(u64);

impl Hashrate {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_mh(mh_per_s: u64) -> Self {
        Self(mh_per_s)
    }

    /// Rounded to whole MH/s; negative values and NaN become zero.
    #[must_use]
    pub fn from_th(th_per_s: f64) -> Self {
        Self(nearest(th_per_s * 1e6).max(0).cast_unsigned())
    }

    /// Rounded to whole MH/s.
    #[must_use]
    pub fn from_eh(eh_per_s: f64) -> Self {
        Self::from_th(eh_per_s * 1e6)
    }

    #[must_use]
    pub const fn mh(self) -> u64 {
        self.0
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn th(self) -> f64 {
        self.0 as f64 / 1e6
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn ph(self) -> f64 {
        self.0 as f64 / 1e9
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn eh(self) -> f64 {
        self.0 as f64 / 1e12
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn hashes_per_s(self) -> f64 {
        self.0 as f64 * 1e6
    }
}

impl std::ops::Add for Hashrate {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Hashrate {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Hashrate {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Hashrate {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::ops::Mul<u64> for Hashrate {
    type Output = Self;
    /// Hashrate of this number of machines.
    fn mul(self, units: u64) -> Self {
        Self(self.0 * units)
    }
}

quantity!(
    /// Energy per 10^12 hashes.
    Efficiency,
    "J/TH"
);
quantity!(
    /// Daily revenue, or cost, of a PH/s.
    Hashprice,
    "USD/PH/day"
);

impl Hashprice {
    /// Daily revenue of a PH/s: `8.64e19 / (D 2^32) * (subsidy + fees) * price`, with the reward in BTC per block.
    /// A PH/s computes 8.64e19 hashes a day; a block takes `D 2^32` hashes on average.
    #[must_use]
    pub fn earned(difficulty: f64, reward_per_block: Sats, price: UsdPerBtc) -> Self {
        Self::new(8.64e19 / (difficulty * 4_294_967_296.0) * reward_per_block.btc() * price.get())
    }

    /// The coin price at which a PH/s earns exactly this: the break-even price of a lot with this cost.
    #[must_use]
    pub fn break_even(self, difficulty: f64, reward_per_block: Sats) -> UsdPerBtc {
        UsdPerBtc::new(self.get() * difficulty * 4_294_967_296.0 / (8.64e19 * reward_per_block.btc()))
    }
}
