//! All loans of all firms.

use crate::{
    mechanism::credit::{loan::Loan, params::Collateral},
    units::{Column, FirmId, LoanId, NanoUsd},
};

/// Loans by row, and the rows of each firm as a chain.
#[derive(Clone, Debug, Default)]
pub struct Loans {
    /// Every loan so far.
    pub rows: Column<LoanId, Loan>,
    first: Column<FirmId, Option<LoanId>>,
    /// Loans with collateral, by row.
    pub secured: Vec<LoanId>,
    /// Days between payments.
    pub period_days: f64,
    /// Principal lent so far, capitalised unpaid interest included.
    pub drawn: NanoUsd,
    /// Principal repaid so far.
    pub repaid: NanoUsd,
    /// Principal written off by lenders so far.
    pub written_off: NanoUsd,
}

impl Loans {
    /// No loans, for a number of firms.
    #[must_use]
    pub fn none(firms: usize, period_days: f64) -> Self {
        Self { first: Column::filled(None, firms), period_days, ..Self::default() }
    }

    /// The loans of a firm, the oldest first.
    pub fn of(&self, firm: FirmId) -> impl Iterator<Item = LoanId> {
        std::iter::successors(self.first.get(firm).copied().flatten(), |&loan| self.rows[loan].next)
    }

    /// Share of a firm's machines that is pledged.
    #[must_use]
    pub fn charged_share(&self, firm: FirmId) -> f64 {
        self.of(firm).map(|loan| self.rows[loan].charge).sum()
    }

    /// Reduces a firm's credit lines to the share `left`: a default closes them, or, for a cohort, those of the failing members.
    pub fn cut_lines(&mut self, firm: FirmId, left: f64) {
        let mut next = self.first[firm];
        while let Some(loan) = next {
            let row = &mut self.rows[loan];
            row.undrawn = row.undrawn.part(left);
            next = row.next;
        }
    }

    /// Scales the loan payments of a cohort that has become smaller. Its principal has been reduced already.
    pub fn shrink(&mut self, firm: FirmId, left: f64) {
        let mut next = self.first[firm];
        while let Some(loan) = next {
            let row = &mut self.rows[loan];
            row.payment *= left;
            next = row.next;
        }
    }

    /// Adds a row to the chain of its firm.
    pub(super) fn push(&mut self, loan: Loan) -> LoanId {
        let (firm, secured) = (loan.firm, loan.terms.collateral != Collateral::None);
        let row = self.rows.push(loan);
        let link = self.of(firm).last().map_or(&mut self.first[firm], |last| &mut self.rows[last].next);
        *link = Some(row);
        if secured {
            self.secured.push(row);
        }
        row
    }
}
