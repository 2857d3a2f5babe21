use super::{Efficiency, Hashprice, Hashrate, quantity::quantity, whole::nearest};

quantity!(
    /// Price of a kilowatt-hour.
    PowerPrice,
    "USD/kWh"
);

/// Electric power in whole milliwatts: an integer, so that the sum of a fleet is exact in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Power(u64);

impl Power {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_mw(milliwatts: u64) -> Self {
        Self(milliwatts)
    }

    /// Power that `hashrate` draws at the meter: `H e PUE`.
    #[must_use]
    pub fn drawn(hashrate: Hashrate, efficiency: Efficiency, pue: f64) -> Self {
        Self(nearest(hashrate.th() * efficiency.get() * pue * 1e3).max(0).cast_unsigned())
    }

    #[must_use]
    pub const fn mw(self) -> u64 {
        self.0
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's milliwatts are known to 53 bits")]
    pub fn w(self) -> f64 {
        self.0 as f64 / 1e3
    }

    #[must_use]
    pub fn gw(self) -> f64 {
        self.w() / 1e9
    }
}

impl std::ops::AddAssign for Power {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Power {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::ops::Mul<PowerPrice> for Efficiency {
    type Output = Hashprice;
    /// Daily power cost of a PH/s: 1 PH/s at e J/TH draws e kW, 24 e kWh a day.
    fn mul(self, price: PowerPrice) -> Hashprice {
        Hashprice::new(24.0 * self.get() * price.get())
    }
}
