//! All loans of all firms.

use crate::{
    mechanism::credit::loan::{Collateral, Loan},
    units::NanoUsd,
    world::site::NONE,
};

/// Loans by row, and the rows of each firm as a chain.
#[derive(Clone, Debug, Default)]
pub struct Loans {
    /// Every loan so far.
    pub rows: Vec<Loan>,
    first: Vec<u32>,
    /// Loans with collateral, by row.
    pub secured: Vec<u32>,
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
        Self { first: vec![NONE; firms], period_days, ..Self::default() }
    }

    /// The loans of a firm, the oldest first.
    pub fn of(&self, firm: usize) -> impl Iterator<Item = usize> {
        chain(&self.rows, self.first.get(firm).copied().unwrap_or(NONE))
    }

    /// Share of a firm's machines that is pledged.
    #[must_use]
    pub fn charged_share(&self, firm: usize) -> f64 {
        self.of(firm).map(|loan| self.rows[loan].charge).sum()
    }

    /// Reduces a firm's credit lines to the share `left`: a default closes them, or, for a cohort, those of the failing members.
    pub fn cut_lines(&mut self, firm: usize, left: f64) {
        let mut next = self.first[firm];
        while next != NONE {
            let row = &mut self.rows[next as usize];
            row.line = row.line.part(left);
            row.undrawn = row.undrawn.part(left);
            next = row.next;
        }
    }

    /// Scales the loan payments of a cohort that has become smaller. Its principal has been reduced already.
    pub fn shrink(&mut self, firm: usize, left: f64) {
        let mut next = self.first[firm];
        while next != NONE {
            let row = &mut self.rows[next as usize];
            row.payment *= left;
            next = row.next;
        }
    }

    /// Adds a row to the chain of its firm.
    pub(super) fn push(&mut self, loan: Loan) -> usize {
        let row = self.rows.len();
        let index = u32::try_from(row).expect("loans are counted in u32");
        let firm = loan.firm as usize;
        match self.of(firm).last() {
            Some(last) => self.rows[last].next = index,
            None => self.first[firm] = index,
        }
        if loan.terms.collateral != Collateral::None {
            self.secured.push(index);
        }
        self.rows.push(loan);
        row
    }
}

fn chain(rows: &[Loan], first: u32) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first).filter(|&row| row != NONE), |&row| {
        Some(rows[row as usize].next).filter(|&row| row != NONE)
    })
    .map(|row| row as usize)
}
