//! How firms settle: parameters.

use crate::mechanism::credit::loan::{Collateral, LoanTerms, Repayment};

/// When firms settle their bills and what happens if they cannot.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementParams {
    /// Days between a firm's settlements.
    pub every_days: u32,
    /// Days a payment may be late before the firm is wound up.
    pub grace_days: f64,
    /// Interest on debt, 1/year.
    pub debt_rate_per_year: f64,
    /// Added to it on principal that is overdue, 1/year.
    pub debt_default_margin_per_year: f64,
    /// Months in which debt of the start is repaid by level payments.
    pub debt_term_months: f64,
    /// Most that a miner sells per day for want of cash, as a share of the market's volume where that is known.
    pub participation_cap: f64,
}

impl SettlementParams {
    /// The loan of those who write none.
    #[must_use]
    pub const fn loan(&self) -> LoanTerms {
        LoanTerms {
            share: 1.0,
            repayment: Repayment::Level,
            rate_per_year: self.debt_rate_per_year,
            default_margin_per_year: self.debt_default_margin_per_year,
            term_months: self.debt_term_months,
            collateral: Collateral::None,
            undrawn_usd_per_th: 0.0,
        }
    }
}
