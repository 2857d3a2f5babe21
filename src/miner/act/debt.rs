/// A loan repaid in equal payments, `P i / (1 - (1 + i)^-n)` each; without interest `P / n`. What depends on its terms alone is
/// found once.
#[derive(Clone, Copy, Debug)]
pub struct LevelLoan {
    i: f64,
    periods: f64,
    /// `1 - (1 + i)^-n`.
    repaid: f64,
}

impl LevelLoan {
    /// At the rate `i` per period, over so many periods.
    #[must_use]
    pub fn new(i: f64, periods: f64) -> Self {
        Self { i, periods, repaid: 1.0 - libm::pow(1.0 + i, -periods) }
    }

    /// Payment per period that repays `principal`.
    #[must_use]
    pub fn payment(self, principal: f64) -> f64 {
        if self.i == 0.0 { principal / self.periods } else { principal * self.i / self.repaid }
    }
}

/// Payment per period that repays `principal` in `periods` equal payments at the rate `i` per period.
#[must_use]
pub fn level_payment(principal: f64, i: f64, periods: f64) -> f64 {
    LevelLoan::new(i, periods).payment(principal)
}

#[cfg(test)]
mod tests {
    use super::level_payment;

    /// T14: after k payments the balance is `P (1+i)^k - A ((1+i)^k - 1)/i`, and nothing after the last.
    #[test]
    fn t14_balance_of_a_level_loan_matches_the_closed_form() {
        let (principal, i, n) = (1_000_000.0, 0.11 / 12.0, 24);
        let payment = level_payment(principal, i, f64::from(n));
        let mut balance = principal;
        for k in 1..=n {
            balance -= payment - balance * i;
            let growth = libm::pow(1.0 + i, f64::from(k));
            let closed = principal * growth - payment * (growth - 1.0) / i;
            assert!((balance - closed).abs() < 1e-9 * principal, "payment {k}: {balance} against {closed}");
        }
        assert!(balance.abs() < 1e-6, "{balance} left after the last payment");
        assert!((level_payment(1200.0, 0.0, 12.0) - 100.0).abs() < 1e-12);
    }
}
