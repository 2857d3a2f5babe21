//! Parameters of settlement.

use crate::mechanism::credit::loan::{Collateral, LoanTerms, Repayment};

/// Frequency of settlements, and terms of late payments and initial debt.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementParams {
    /// Days between a firm's settlements.
    pub every_days: u32,
    /// Days a payment may be late before the firm defaults.
    pub grace_days: f64,
    /// Interest on debt, 1/year.
    pub debt_rate_per_year: f64,
    /// Additional interest on overdue principal, 1/year.
    pub debt_default_margin_per_year: f64,
    /// Months in which initial debt is repaid by equal payments.
    pub debt_term_months: f64,
    /// Maximum daily forced sale of a miner, as a share of the market's volume where that is known.
    pub participation_cap: f64,
}

impl SettlementParams {
    /// The loan of classes that specify none.
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
