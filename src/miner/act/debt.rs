/// Payment per period that repays `principal` in `periods` equal payments at the rate `i` per period.
///
/// `P i / (1 - (1 + i)^-n)`; without interest `P / n`.
#[must_use]
pub fn level_payment(principal: f64, i: f64, periods: f64) -> f64 {
    if i == 0.0 { principal / periods } else { principal * i / (1.0 - libm::pow(1.0 + i, -periods)) }
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
