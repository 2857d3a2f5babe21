use super::quantity::quantity;

quantity!(
    /// Dollars, signed.
    Usd,
    "USD"
);
quantity!(
    /// The price of one bitcoin.
    UsdPerBtc,
    "USD/BTC"
);

/// Coins in whole satoshi, 10^-8 BTC, signed so that a flow can run either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sats(i64);

impl Sats {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Satoshi in a bitcoin.
    pub const PER_BTC: i64 = 100_000_000;

    /// Wraps whole satoshi.
    #[must_use]
    pub const fn new(sats: i64) -> Self {
        Self(sats)
    }

    /// Nearest whole satoshi to so many BTC.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "all coins there will ever be are 2.1e15 satoshi")]
    pub fn from_btc(btc: f64) -> Self {
        Self((btc * 1e8).round() as i64)
    }

    /// Whole satoshi.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// In BTC.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "all coins there will ever be are below 2^53 satoshi")]
    pub fn btc(self) -> f64 {
        self.0 as f64 / 1e8
    }
}

impl std::ops::Add for Sats {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Sats {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Sats {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Sats {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Sats {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, next| total + next)
    }
}

impl std::ops::Mul<UsdPerBtc> for Sats {
    type Output = Usd;
    /// What these coins are worth at that price.
    fn mul(self, price: UsdPerBtc) -> Usd {
        Usd::new(self.btc() * price.get())
    }
}
