//! Terms of a loan, amounts that fall due on it, and its collateral.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | P | `Loan::principal` | USD | owed, unpaid due principal included |
//! | D | `Loan::due` | USD | of it, due and unpaid |
//! | i, j | – | 1 | interest of a period, r / 365 · days; default interest, (r + m) / 365 · days |
//! | r, m | `LoanTerms::rate_per_year`, `default_margin_per_year` | 1/year | interest; additional interest on overdue principal |
//! | n | – | 1 | periods of the term |
//! | a | `Loan::payment` | USD | equal payment of a period |
//! | L0, Lc, Ll | [`Pledge`](super::params::Pledge) | 1 | loan to value at the start, at which the lender calls, at which it sells |
//!
//! - **level** (amortising): `a = P i / (1 - (1 + i)^-n)`, without interest `P / n`; the part above interest repays principal. At the first
//!   settlement at or after the loan's end, the whole rest falls due.
//! - **bullet**: interest alone until the loan matures, then all principal. A convertible bond is a bullet loan: conversion is left out.
//! - **interest** of a period is `(P - D) i + D j`, on the principal owed at its end. Unpaid interest bears no interest, nor do other bills.
//! - **unsecured**, or secured by **coins** or by **machines**. A charge on machines floats: it lies on a share of whatever machines
//!   the firm has.
//!
//! A firm borrows at most L0 of the value of the collateral.
//!
//! Amounts are whole numbers of 10^-9 USD, so that the amount owed equals exactly the amount drawn less amounts repaid and written off.
//!
//! **Known error.** Payments fall due at the firm's settlements, not on days of their own. Every initial loan begins at the start. Principal that is
//! repaid or drawn between two settlements bears interest as if it had been so for the whole period.
//!
//! **Sources.** Level payments: any textbook. Terms: S11 and S55 of the assumptions.

use super::params::{LoanTerms, Repayment};
use crate::units::{FirmId, LoanId, MONTH_DAYS, NanoUsd};

/// One loan of one firm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loan {
    /// The borrower.
    pub firm: FirmId,
    /// Terms.
    pub terms: LoanTerms,
    /// P.
    pub principal: NanoUsd,
    /// D: principal that is due and unpaid.
    pub due: NanoUsd,
    /// Interest that is due and unpaid.
    pub interest_due: NanoUsd,
    /// a, USD.
    pub payment: f64,
    /// Maturity, s.
    pub matures: f64,
    /// Undrawn part of the line.
    pub undrawn: NanoUsd,
    /// Coins pledged, satoshi.
    pub pledged: i64,
    /// Share of the firm's machines pledged.
    pub charge: f64,
    /// Principal that the collateral backs: as a part of it is repaid, the same part of the collateral may be released.
    pub backed: NanoUsd,
    /// Time of the lender's call, s; infinite if there is none.
    pub called: f64,
    /// The next loan of the firm.
    pub next: Option<LoanId>,
}

impl Loan {
    /// A loan of `principal` USD from now on, with the given period in days.
    #[must_use]
    pub fn new(firm: FirmId, terms: LoanTerms, principal: NanoUsd, now: f64, period_days: f64) -> Self {
        let mut loan = Self {
            firm,
            terms,
            principal,
            due: NanoUsd::ZERO,
            interest_due: NanoUsd::ZERO,
            payment: 0.0,
            matures: now + terms.term_months * MONTH_DAYS * 86_400.0,
            undrawn: NanoUsd::ZERO,
            pledged: 0,
            charge: 0.0,
            backed: principal,
            called: f64::INFINITY,
            next: None,
        };
        loan.spread(terms.term_months * MONTH_DAYS / period_days, period_days);
        loan
    }

    /// Sets equal payments that repay the principal in `periods` periods.
    fn spread(&mut self, periods: f64, period_days: f64) {
        self.payment =
            level_payment(self.principal.usd(), self.terms.rate_per_year / 365.0 * period_days, periods.max(1.0));
    }

    /// Interest and principal that fall due at the end of a period.
    #[must_use]
    pub fn falls_due(&self, now: f64, period_days: f64) -> (NanoUsd, NanoUsd) {
        let owed = self.principal - self.due;
        let years = period_days / 365.0;
        let interest = NanoUsd::nearest(owed.usd() * self.terms.rate_per_year * years);
        let overdue = self.terms.rate_per_year + self.terms.default_margin_per_year;
        let penalty = NanoUsd::nearest(self.due.usd() * overdue * years);
        let principal = if now >= self.matures {
            owed
        } else {
            match self.terms.repayment {
                Repayment::Level => NanoUsd::nearest(self.payment).over(interest).min(owed),
                Repayment::Bullet => NanoUsd::ZERO,
            }
        };
        (interest + penalty, principal)
    }

    /// Restructures `share` of the loan: that share of principal is cut by `cut`, due amounts are deferred, and the loan ends `months` later, in
    /// proportion. Unpaid interest is capitalised. Returns the amount that the lender gives up.
    pub fn restructure(&mut self, share: f64, cut: f64, months: f64, now: f64, period_days: f64) -> NanoUsd {
        self.principal += std::mem::take(&mut self.interest_due);
        let forgiven = self.principal.part(cut * share);
        self.principal -= forgiven;
        self.backed = self.principal;
        self.due = NanoUsd::ZERO;
        self.matures = self.matures.max(now) + months * share * MONTH_DAYS * 86_400.0;
        self.called = f64::INFINITY;
        self.spread((self.matures - now) / 86_400.0 / period_days, period_days);
        forgiven
    }

    /// Principal over the value of the collateral; infinite if that is worthless.
    #[must_use]
    pub fn loan_to_value(&self, collateral_usd: f64) -> f64 {
        if self.principal == NanoUsd::ZERO { 0.0 } else { self.principal.usd() / collateral_usd }
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
    use crate::{mechanism::credit::params::Collateral, units::Id};

    const TERMS: LoanTerms = LoanTerms {
        share: 1.0,
        repayment: Repayment::Level,
        rate_per_year: 0.11,
        default_margin_per_year: 0.02,
        term_months: 24.0,
        collateral: Collateral::None,
        undrawn_usd_per_th: 0.0,
        capped: true,
    };

    /// The days of a month, so that a term has whole periods.
    const MONTH: f64 = MONTH_DAYS;

    /// Pays the amounts that fall due in `periods` periods.
    fn pay(loan: &mut Loan, periods: u32) -> f64 {
        let mut paid = 0.0;
        for k in 1..=periods {
            let (interest, principal) = loan.falls_due(f64::from(k) * MONTH * 86_400.0, MONTH);
            loan.principal -= principal;
            paid += (interest + principal).usd();
        }
        paid
    }

    fn usd(usd: f64) -> NanoUsd {
        NanoUsd::nearest(usd)
    }

    /// T14: after k payments the balance is `P (1+i)^k - A ((1+i)^k - 1)/i`, and nothing after the last.
    #[test]
    fn t14_balance_of_a_level_loan_matches_the_closed_form() {
        let (principal, i) = (1_000_000.0, 0.11 / 365.0 * MONTH);
        let mut loan = Loan::new(FirmId::of(0), TERMS, usd(principal), 0.0, MONTH);
        let payment = level_payment(principal, i, 24.0);
        for k in 1..=24 {
            pay(&mut loan, 1);
            let growth = libm::pow(1.0 + i, f64::from(k));
            let closed = principal * growth - payment * (growth - 1.0) / i;
            assert!(
                (loan.principal.usd() - closed).abs() < 1e-9 * principal,
                "payment {k}: {} against {closed}",
                loan.principal.usd()
            );
        }
        loan.principal -= loan.falls_due(loan.matures, MONTH).1;
        assert_eq!(loan.principal, NanoUsd::ZERO, "nothing is left after the last payment");
        assert_eq!(pay(&mut loan, 1), 0.0);
        assert!((level_payment(1200.0, 0.0, 12.0) - 100.0).abs() < 1e-12);
    }

    /// A bullet loan of 1000 at 12 % a year over two years: 24 months of interest, then all principal.
    #[test]
    fn a_bullet_is_repaid_at_its_end() {
        let terms = LoanTerms { repayment: Repayment::Bullet, rate_per_year: 0.12, ..TERMS };
        let mut loan = Loan::new(FirmId::of(0), terms, usd(1000.0), 0.0, MONTH);
        let interest = pay(&mut loan, 23);
        assert!((interest - 1000.0 * 0.12 / 365.0 * MONTH * 23.0).abs() < 1e-7, "{interest}");
        assert_eq!(loan.principal, usd(1000.0));
        let (_, principal) = loan.falls_due(loan.matures, MONTH);
        assert_eq!(principal, usd(1000.0));
    }

    /// Of 1000, 400 are overdue: 30 days of 11 % on 600 and of 13 % on 400, 5.42465753 + 4.27397260. At maturity, all of it is overdue: 10.68493151,
    /// and nothing more falls due.
    #[test]
    fn what_is_overdue_bears_default_interest() {
        let terms = LoanTerms { repayment: Repayment::Bullet, ..TERMS };
        let mut loan = Loan::new(FirmId::of(0), terms, usd(1000.0), 0.0, 30.0);
        loan.due = usd(400.0);
        assert_eq!(loan.falls_due(0.0, 30.0), (usd(5.424_657_534) + usd(4.273_972_603), NanoUsd::ZERO));
        loan.due = usd(1000.0);
        assert_eq!(loan.falls_due(loan.matures, 30.0), (usd(10.684_931_507), NanoUsd::ZERO));
    }

    /// After one of two years, a fifth is cut and a year added: 24 periods are left again, for 80 % of the rest and the unpaid interest. If only half
    /// of the loan is restructured: a tenth and half a year.
    #[test]
    fn a_restructuring_cuts_and_stretches() {
        let mut loan = Loan::new(FirmId::of(0), TERMS, usd(1000.0), 0.0, MONTH);
        pay(&mut loan, 12);
        let now = 12.0 * MONTH * 86_400.0;
        (loan.due, loan.interest_due) = (usd(40.0), usd(10.0));
        let owed = loan.principal.usd() + 10.0;
        let mut whole = loan;
        assert!((whole.restructure(1.0, 0.2, 12.0, now, MONTH).usd() - 0.2 * owed).abs() < 2e-9);
        assert!((whole.principal.usd() - 0.8 * owed).abs() < 2e-9);
        assert_eq!((whole.due, whole.interest_due), (NanoUsd::ZERO, NanoUsd::ZERO));
        assert!((whole.matures - 36.0 * MONTH * 86_400.0).abs() < 1e-3);
        let i = 0.11 / 365.0 * MONTH;
        assert!((whole.payment - level_payment(0.8 * owed, i, 24.0)).abs() < 1e-8);
        assert!((loan.restructure(0.5, 0.2, 12.0, now, MONTH).usd() - 0.1 * owed).abs() < 2e-9);
        assert!((loan.matures - 30.0 * MONTH * 86_400.0).abs() < 1e-3);
    }
}
