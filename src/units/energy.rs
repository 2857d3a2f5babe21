use super::{Days, Efficiency, Hashprice, Hashrate, Usd, quantity::quantity, whole::nearest};

quantity!(
    /// Price of a kilowatt-hour.
    PowerPrice,
    "USD/kWh"
);
quantity!(
    /// Energy at the meter.
    Energy,
    "kWh"
);
quantity!(
    /// Energy at the meter that a PH/s needs in a day: 24 times its J/TH at the meter.
    DailyEnergy,
    "kWh/PH/day"
);

impl DailyEnergy {
    /// Energy that this hashrate needs in this time.
    #[must_use]
    pub fn needed(self, hashrate: Hashrate, time: Days) -> Energy {
        Energy::new(hashrate.ph() * self.get() * time.get())
    }
}

impl std::ops::Mul<PowerPrice> for Energy {
    type Output = Usd;
    /// Value of this energy at `price`.
    fn mul(self, price: PowerPrice) -> Usd {
        Usd::new(self.get() * price.get())
    }
}

impl std::ops::Div<DailyEnergy> for Hashprice {
    type Output = PowerPrice;
    /// What machines that earn this are paid per kWh.
    fn div(self, energy: DailyEnergy) -> PowerPrice {
        PowerPrice::new(self.get() / energy.get())
    }
}

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
