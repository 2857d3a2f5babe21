//! What a loan is, what falls due on it, and what secures it.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | P | `Loan::principal` | USD | owed, what fell due and is unpaid included |
//! | i | – | 1 | interest of a period: rate per year / 365 · days |
//! | n | – | 1 | periods of the term |
//! | a | `Loan::payment` | USD | level payment of a period |
//! | L0, Lc, Ll | [`Pledge`] | 1 | loan to value at the start, at which the lender calls, at which it sells |
//!
//! - **level**: `a = P i / (1 - (1 + i)^-n)`, without interest `P / n`; what exceeds interest repays.
//! - **bullet**: interest alone until the loan matures, then all of it. A convertible bond is one: conversion is left out.
//! - **unsecured**, or secured by **coins** or by **machines**. A charge on machines floats: it lies on a share of whatever machines
//!   the firm has.
//!
//! A firm borrows no more on a pledge than L0 of what it is worth.
//!
//! **Known error.** Payments fall due at the firm's settlements, not on days of their own. Every loan of the start begins then.
//!
//! **Sources.** Level payments: any textbook. Terms: S11 and S55 of the assumptions.

use crate::miner::draw::DAYS_PER_MONTH;

/// How a loan is repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repayment {
    /// By equal payments.
    Level,
    /// At its end.
    Bullet,
}

/// What a lender may take, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pledge {
    /// L0: principal over value at the start, and what a call asks to restore.
    pub loan_to_value: f64,
    /// Lc: the lender calls for more above it.
    pub call_ltv: f64,
    /// Ll: the lender does not wait above it.
    pub liquidation_ltv: f64,
    /// Days to pay or post after a call.
    pub cure_days: f64,
    /// Days from then until the lender has what is pledged: none for coins.
    pub notice_days: f64,
    /// Whether the firm owes what the pledge does not bring.
    pub recourse: bool,
}

/// What secures a loan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collateral {
    /// Nothing: every creditor is served before.
    None,
    /// Coins.
    Coins(Pledge),
    /// Machines.
    Machines(Pledge),
}

impl Collateral {
    /// Terms of the pledge, if there is one.
    #[must_use]
    pub const fn pledge(&self) -> Option<&Pledge> {
        match self {
            Self::None => None,
            Self::Coins(pledge) | Self::Machines(pledge) => Some(pledge),
        }
    }
}

/// On what terms a class borrows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoanTerms {
    /// Share of the class's debt.
    pub share: f64,
    /// Level or bullet.
    pub repayment: Repayment,
    /// Interest, 1/year.
    pub rate_per_year: f64,
    /// Months from the start to its end.
    pub term_months: f64,
    /// What secures it.
    pub collateral: Collateral,
    /// What may still be drawn on these terms, USD per TH/s installed at the start.
    pub undrawn_usd_per_th: f64,
}

/// One loan of one firm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loan {
    /// Who owes it.
    pub firm: u32,
    /// Terms.
    pub terms: LoanTerms,
    /// P, USD.
    pub principal: f64,
    /// Principal that fell due and is unpaid, USD.
    pub due: f64,
    /// Interest that fell due and is unpaid, USD.
    pub interest_due: f64,
    /// a, USD.
    pub payment: f64,
    /// When it ends, s.
    pub matures: f64,
    /// What may still be drawn, USD.
    pub undrawn: f64,
    /// Coins pledged, satoshi.
    pub pledged: i64,
    /// Share of the firm's machines pledged.
    pub charge: f64,
    /// When the lender called for more, s; never is infinite.
    pub called: f64,
    /// The next loan of the firm.
    pub(super) next: u32,
}

impl Loan {
    /// A loan of `principal` USD from now on, with a period of so many days.
    #[must_use]
    pub fn new(firm: u32, terms: LoanTerms, principal: f64, now: f64, period_days: f64) -> Self {
        let mut loan = Self {
            firm,
            terms,
            principal,
            due: 0.0,
            interest_due: 0.0,
            payment: 0.0,
            matures: now + terms.term_months * DAYS_PER_MONTH * 86_400.0,
            undrawn: 0.0,
            pledged: 0,
            charge: 0.0,
            called: f64::INFINITY,
            next: u32::MAX,
        };
        loan.spread(terms.term_months * DAYS_PER_MONTH / period_days, period_days);
        loan
    }

    /// Spreads what is owed evenly over so many periods.
    fn spread(&mut self, periods: f64, period_days: f64) {
        self.payment = level_payment(self.principal, self.terms.rate_per_year / 365.0 * period_days, periods.max(1.0));
    }

    /// What falls due at the end of a period: interest, and principal.
    #[must_use]
    pub fn falls_due(&self, now: f64, period_days: f64) -> (f64, f64) {
        let owed = self.principal - self.due;
        if owed <= 0.0 {
            return (0.0, 0.0);
        }
        let interest = owed * (self.terms.rate_per_year / 365.0) * period_days;
        match self.terms.repayment {
            Repayment::Level => {
                let payment = self.payment.min(owed + interest);
                (interest, (payment - interest).min(owed))
            }
            Repayment::Bullet => (interest, if now >= self.matures { owed } else { 0.0 }),
        }
    }

    /// A restructuring of `share` of the loan: that share of what is owed is cut by `cut`, what is due waits, and the loan ends
    /// `months` later, in proportion. Unpaid interest is added to what is owed. Returns what the lender gives up, USD.
    pub fn restructure(&mut self, share: f64, cut: f64, months: f64, now: f64, period_days: f64) -> f64 {
        self.principal += std::mem::take(&mut self.interest_due);
        let forgiven = self.principal * cut * share;
        self.principal -= forgiven;
        self.due = 0.0;
        self.matures = self.matures.max(now) + months * share * DAYS_PER_MONTH * 86_400.0;
        self.called = f64::INFINITY;
        self.spread((self.matures - now) / 86_400.0 / period_days, period_days);
        forgiven
    }

    /// Principal over the value of what is pledged; infinite where that is worth nothing.
    #[must_use]
    pub fn loan_to_value(&self, collateral_usd: f64) -> f64 {
        if self.principal <= 0.0 { 0.0 } else { self.principal / collateral_usd }
    }
}

/// Payment per period that repays `principal` in `periods` equal payments at the rate `i` per period.
#[must_use]
pub fn level_payment(principal: f64, i: f64, periods: f64) -> f64 {
    if i == 0.0 { principal / periods } else { principal * i / (1.0 - libm::pow(1.0 + i, -periods)) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;

    const TERMS: LoanTerms = LoanTerms {
        share: 1.0,
        repayment: Repayment::Level,
        rate_per_year: 0.11,
        term_months: 24.0,
        collateral: Collateral::None,
        undrawn_usd_per_th: 0.0,
    };

    /// The days of a month, so that a term has whole periods.
    const MONTH: f64 = DAYS_PER_MONTH;

    /// Pays what falls due, k periods long.
    fn pay(loan: &mut Loan, periods: u32) -> f64 {
        let mut paid = 0.0;
        for k in 1..=periods {
            let (interest, principal) = loan.falls_due(f64::from(k) * MONTH * 86_400.0, MONTH);
            loan.principal -= principal;
            paid += interest + principal;
        }
        paid
    }

    /// T14: after k payments the balance is `P (1+i)^k - A ((1+i)^k - 1)/i`, and nothing after the last.
    #[test]
    fn t14_balance_of_a_level_loan_matches_the_closed_form() {
        let (principal, i) = (1_000_000.0, 0.11 / 365.0 * MONTH);
        let mut loan = Loan::new(0, TERMS, principal, 0.0, MONTH);
        let payment = level_payment(principal, i, 24.0);
        for k in 1..=24 {
            pay(&mut loan, 1);
            let growth = libm::pow(1.0 + i, f64::from(k));
            let closed = principal * growth - payment * (growth - 1.0) / i;
            assert!(
                (loan.principal - closed).abs() < 1e-9 * principal,
                "payment {k}: {} against {closed}",
                loan.principal
            );
        }
        assert!(loan.principal.abs() < 1e-6, "{} left after the last payment", loan.principal);
        assert_eq!(pay(&mut Loan { principal: 0.0, ..loan }, 1), 0.0);
        assert!((level_payment(1200.0, 0.0, 12.0) - 100.0).abs() < 1e-12);
    }

    /// A bullet of 1000 at 12 % a year over two years: 24 months of interest, then all of it.
    #[test]
    fn a_bullet_is_repaid_at_its_end() {
        let terms = LoanTerms { repayment: Repayment::Bullet, rate_per_year: 0.12, ..TERMS };
        let mut loan = Loan::new(0, terms, 1000.0, 0.0, MONTH);
        let interest = pay(&mut loan, 23);
        assert!((interest - 1000.0 * 0.12 / 365.0 * MONTH * 23.0).abs() < 1e-9, "{interest}");
        assert_eq!(loan.principal, 1000.0);
        pay(&mut Loan { ..loan }, 1);
        let (_, principal) = loan.falls_due(loan.matures, MONTH);
        assert_eq!(principal, 1000.0);
    }

    /// After a year of a loan of two, a fifth is cut and a year added: 24 periods are left again, for 80 % of the rest and the unpaid
    /// interest. Of half of it, a tenth and half a year.
    #[test]
    fn a_restructuring_cuts_and_stretches() {
        let mut loan = Loan::new(0, TERMS, 1000.0, 0.0, MONTH);
        pay(&mut loan, 12);
        let now = 12.0 * MONTH * 86_400.0;
        (loan.due, loan.interest_due) = (40.0, 10.0);
        let owed = loan.principal + 10.0;
        let mut whole = loan;
        assert!((whole.restructure(1.0, 0.2, 12.0, now, MONTH) - 0.2 * owed).abs() < 1e-9);
        assert!((whole.principal - 0.8 * owed).abs() < 1e-9 && whole.due == 0.0 && whole.interest_due == 0.0);
        assert!((whole.matures - 36.0 * MONTH * 86_400.0).abs() < 1e-3);
        let i = 0.11 / 365.0 * MONTH;
        assert!((whole.payment - level_payment(0.8 * owed, i, 24.0)).abs() < 1e-9);
        assert!((loan.restructure(0.5, 0.2, 12.0, now, MONTH) - 0.1 * owed).abs() < 1e-9);
        assert!((loan.matures - 30.0 * MONTH * 86_400.0).abs() < 1e-3);
    }
}
