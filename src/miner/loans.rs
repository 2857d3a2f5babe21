//! All loans of all firms, and how money moves on them. What is owed changes here alone, so that principal is what was drawn less
//! what was repaid and what was given up (I7).

use super::{
    ledger::{Cause, Ledger},
    loan::{Collateral, Loan, LoanTerms},
    site::NONE,
};

/// Loans by row, and the rows of each firm as a chain.
#[derive(Clone, Debug, Default)]
pub struct Loans {
    /// Every loan there ever was.
    pub rows: Vec<Loan>,
    first: Vec<u32>,
    /// Loans with something pledged, by row.
    pub secured: Vec<u32>,
    /// Days between payments.
    pub period_days: f64,
    /// Lent at the start and since, unpaid interest that was added to principal included, USD.
    pub drawn: f64,
    /// Repaid, USD.
    pub repaid: f64,
    /// Given up by lenders, USD.
    pub written_off: f64,
}

impl Loans {
    /// No loans, of so many firms.
    #[must_use]
    pub fn none(firms: usize, period_days: f64) -> Self {
        Self { first: vec![NONE; firms], period_days, ..Self::default() }
    }

    /// The loans of a firm, the first it took first.
    pub fn of(&self, firm: usize) -> impl Iterator<Item = usize> {
        chain(&self.rows, self.first.get(firm).copied().unwrap_or(NONE))
    }

    /// Share of a firm's machines that is pledged.
    #[must_use]
    pub fn charged_share(&self, firm: usize) -> f64 {
        self.of(firm).map(|loan| self.rows[loan].charge).sum()
    }

    /// The loans of a cohort that has become smaller: payments and what may be drawn with it. Principal has gone already.
    pub fn shrink(&mut self, firm: usize, left: f64) {
        let mut next = self.first[firm];
        while next != NONE {
            let row = &mut self.rows[next as usize];
            row.payment *= left;
            row.undrawn *= left;
            next = row.next;
        }
    }

    /// Adds a row to the chain of its firm.
    fn push(&mut self, loan: Loan) -> usize {
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

impl Ledger {
    /// Coins of a firm that are pledged to nobody, satoshi.
    #[must_use]
    pub fn free(&self, firm: usize) -> i64 {
        self.coins[firm] - self.pledged[firm]
    }

    /// A firm owes a new loan. The money it brings is the caller's to post.
    ///
    /// # Panics
    /// With more firms or loans than a `u32` counts.
    pub fn owe(&mut self, firm: usize, terms: LoanTerms, principal: f64, now: f64) -> usize {
        let index = u32::try_from(firm).expect("firms are counted in u32");
        let row = self.loans.push(Loan::new(index, terms, principal, now, self.loans.period_days));
        self.loans.drawn += principal;
        self.debt[firm] += principal;
        self.total_debt += principal;
        row
    }

    /// A firm pledges coins for a loan, or gets them back where negative.
    pub fn pledge(&mut self, loan: usize, sats: i64) {
        let row = &mut self.loans.rows[loan];
        row.pledged += sats;
        self.pledged[row.firm as usize] += sats;
        self.total_pledged += sats;
    }

    /// What falls due on a firm's loans at the end of a period is added to its bills.
    pub fn fall_due(&mut self, firm: usize, now: f64) {
        let mut next = self.loans.of(firm).next();
        while let Some(loan) = next {
            let row = &mut self.loans.rows[loan];
            let (interest, principal) = row.falls_due(now, self.loans.period_days);
            row.interest_due += interest;
            row.due += principal;
            self.bill[firm] += interest + principal;
            next = Some(row.next).filter(|&row| row != NONE).map(|row| row as usize);
        }
    }

    /// What of a firm's bills is interest, and what principal, USD.
    #[must_use]
    pub fn service_due(&self, firm: usize) -> (f64, f64) {
        self.loans
            .of(firm)
            .map(|loan| &self.loans.rows[loan])
            .fold((0.0, 0.0), |(interest, principal), loan| (interest + loan.interest_due, principal + loan.due))
    }

    /// A firm pays as much of its bills as its cash covers; the rest stays due. Power and all else come first, then interest, then
    /// principal, loan by loan.
    pub fn pay_bill(&mut self, firm: usize) {
        let cash = self.cash[firm];
        let paid = self.bill[firm].min(cash);
        let left = self.bill[firm] - paid;
        self.bill[firm] = left;
        let (interest, principal) = self.service_due(firm);
        let mut interest_paid = interest - (left - principal).clamp(0.0, interest);
        let mut principal_paid = principal - left.clamp(0.0, principal);
        let bills = paid - interest_paid - principal_paid;
        for loan in self.loans.of(firm).collect::<Vec<_>>() {
            let row = &mut self.loans.rows[loan];
            // Rounding must not take a cent more than there is.
            let part = row.interest_due.min(interest_paid).min(self.cash[firm]);
            let share = row.due.min(principal_paid).min(self.cash[firm] - part);
            row.interest_due -= part;
            interest_paid -= part;
            self.post(firm, Cause::Interest, -part);
            came_back(self, loan, share, Cause::Principal);
            principal_paid -= share;
        }
        // What is left of the payment, to the last bit of the cash where that is used up.
        let rest = if paid >= cash { self.cash[firm] } else { bills.min(self.cash[firm]) };
        self.post(firm, Cause::Bills, -rest.max(0.0));
    }

    /// A firm repays a part of a loan out of its cash, first what is due.
    pub fn repay(&mut self, loan: usize, usd: f64, cause: Cause) {
        let row = &self.loans.rows[loan];
        let (firm, due) = (row.firm as usize, row.due.min(usd));
        self.bill[firm] = (self.bill[firm] - due).max(0.0);
        came_back(self, loan, usd, cause);
    }

    /// Of what a firm's machines brought, lenders to whom they were pledged have their share.
    pub fn pay_for_pledges(&mut self, firm: usize, usd: f64) {
        let mut next = self.loans.of(firm).next();
        while let Some(loan) = next {
            let row = self.loans.rows[loan];
            let for_lender = (usd * row.charge).min(row.principal).min(self.cash[firm]);
            self.repay(loan, for_lender, Cause::Principal);
            next = Some(row.next).filter(|&row| row != NONE).map(|row| row as usize);
        }
    }

    /// What is due and unpaid on a loan is not asked for.
    pub fn waive(&mut self, loan: usize) {
        let row = &mut self.loans.rows[loan];
        let firm = row.firm as usize;
        let waived = std::mem::take(&mut row.due) + std::mem::take(&mut row.interest_due);
        self.bill[firm] = (self.bill[firm] - waived).max(0.0);
    }

    /// So much of a loan is due at once.
    pub fn accelerate(&mut self, loan: usize, usd: f64) {
        let row = &mut self.loans.rows[loan];
        let more = usd - row.due;
        row.due = usd;
        self.bill[row.firm as usize] += more;
    }

    /// A restructuring of a share of a loan: cut, and stretched by so many months; see [`Loan::restructure`]. What was due is no
    /// longer. Returns what the lender gives up, USD.
    pub fn stretch(&mut self, loan: usize, (share, cut, months): (f64, f64, f64), now: f64) -> f64 {
        let row = &mut self.loans.rows[loan];
        let (firm, interest, asked) = (row.firm as usize, row.interest_due, row.due + row.interest_due);
        let forgiven = row.restructure(share, cut, months, now, self.loans.period_days);
        // What is left of the bill is exact to its own rounding, not to that of what is taken out of it.
        let bill = self.bill[firm];
        self.bill[firm] = if bill - asked > 1e-9 * bill { bill - asked } else { 0.0 };
        self.loans.drawn += interest;
        self.loans.written_off += forgiven;
        self.debt[firm] += interest - forgiven;
        self.total_debt += interest - forgiven;
        forgiven
    }

    /// A lender gives up a part of a loan: what is due last.
    pub fn write_off(&mut self, loan: usize, usd: f64) {
        let row = &mut self.loans.rows[loan];
        let firm = row.firm as usize;
        row.principal = (row.principal - usd).max(0.0);
        let waived = (row.due - row.principal).max(0.0);
        row.due -= waived;
        self.bill[firm] = (self.bill[firm] - waived).max(0.0);
        self.loans.written_off += usd;
        self.debt[firm] -= usd;
        self.total_debt -= usd;
    }
}

/// A part of a loan is repaid out of cash.
fn came_back(ledger: &mut Ledger, loan: usize, usd: f64, cause: Cause) {
    if usd <= 0.0 {
        return;
    }
    let row = &mut ledger.loans.rows[loan];
    let firm = row.firm as usize;
    row.due = (row.due - usd).max(0.0);
    row.principal = (row.principal - usd).max(0.0);
    ledger.loans.repaid += usd;
    ledger.debt[firm] -= usd;
    ledger.total_debt -= usd;
    ledger.post(firm, cause, -usd);
}
