use super::{quantity::quantity, whole::nearest};

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

/// Coins in whole satoshi, 10^-8 BTC, signed for flows in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sats(i64);

impl Sats {
    pub const ZERO: Self = Self(0);
    pub const PER_BTC: i64 = 100_000_000;

    #[must_use]
    pub const fn new(sats: i64) -> Self {
        Self(sats)
    }

    /// Rounded to whole satoshi.
    #[must_use]
    pub fn from_btc(btc: f64) -> Self {
        Self(nearest(btc * 1e8))
    }

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

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
    /// Value of these coins at `price`.
    fn mul(self, price: UsdPerBtc) -> Usd {
        Usd::new(self.btc() * price.get())
    }
}

/// Dollars in whole 10^-9 USD, for debts: sums and differences are exact, and a repaid debt is exactly zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NanoUsd(i128);

impl NanoUsd {
    pub const ZERO: Self = Self(0);

    /// Rounded to whole 10^-9 USD.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates at 1.7e29 USD")]
    pub fn nearest(usd: f64) -> Self {
        let nano_usd = usd * 1e9;
        // Conversion to and from 128 bits is slow, and hardly any sum needs them.
        Self(if libm::fabs(nano_usd) < 9e18 { i128::from(nearest(nano_usd)) } else { nano_usd.round() as i128 })
    }

    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rounded to 53 bits")]
    pub fn usd(self) -> f64 {
        // Apart, since the compiler would otherwise convert 128 bits every time and choose afterwards.
        #[cold]
        #[inline(never)]
        fn of_more(nano_usd: i128) -> f64 {
            nano_usd as f64
        }
        i64::try_from(self.0).map_or_else(|_| of_more(self.0), |nano_usd| nano_usd as f64) / 1e9
    }

    /// `share` of this amount, between zero and all of it.
    #[must_use]
    pub fn part(self, share: f64) -> Self {
        if share >= 1.0 { self } else { Self::nearest(self.usd() * share).clamp(Self::ZERO, self) }
    }

    /// The excess over `other`; zero if there is none.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

impl std::ops::Add for NanoUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for NanoUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for NanoUsd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for NanoUsd {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, next| total + next)
    }
}

#[cfg(test)]
mod tests {
    use super::NanoUsd;

    /// Ten parts of a debt of a third of a trillion dollars, and the remainder, add up to the debt, to the last 10^-9 USD.
    #[test]
    fn parts_of_a_debt_add_up() {
        let debt = NanoUsd::nearest(1e12 / 3.0);
        let mut left = debt;
        let mut repaid = NanoUsd::ZERO;
        for _ in 0..10 {
            let part = left.part(0.1);
            left -= part;
            repaid += part;
        }
        assert_eq!(left + repaid, debt);
        assert_eq!(left - left.part(1.0), NanoUsd::ZERO);
        assert_eq!(left.part(2.0), left);
        assert_eq!(left.part(-1.0), NanoUsd::ZERO);
        assert_eq!(repaid.over(debt), NanoUsd::ZERO);
        assert_eq!(debt.over(repaid), left);
    }
}
