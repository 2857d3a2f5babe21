//! Movements of money on loans. Debt changes only here, so that principal is the amount drawn less the amounts repaid and written off (I7).

use super::ledger::{Cause, Ledger};
use crate::{
    mechanism::credit::{loan::Loan, params::LoanTerms},
    units::{FirmId, LoanId, NanoUsd},
};

impl Ledger {
    /// Unpledged coins of a firm, satoshi.
    #[must_use]
    pub fn free(&self, firm: FirmId) -> i64 {
        self[firm].coins - self.pledged[firm]
    }

    /// Adds a loan to a firm's debts. The caller posts the money that it brings.
    pub fn owe(&mut self, firm: FirmId, terms: LoanTerms, principal: NanoUsd, now: f64) -> LoanId {
        let row = self.loans.push(Loan::new(firm, terms, principal, now, self.loans.period_days));
        self.loans.drawn += principal;
        self.debt[firm] += principal;
        self.total_debt += principal;
        row
    }

    /// A firm pledges coins for a loan, or gets them back where negative.
    pub fn pledge(&mut self, loan: LoanId, sats: i64) {
        let row = &mut self.loans.rows[loan];
        row.pledged += sats;
        let firm = row.firm;
        self.pledged[firm] += sats;
        self.total_pledged += sats;
        if sats != 0 {
            self.note(firm, if sats > 0 { "pledged" } else { "unpledged" }, 0.0, 0);
        }
    }

    /// Adds to the share of a firm's machines on which a loan has a charge; a negative `share` reduces it.
    pub fn charge(&mut self, loan: LoanId, share: f64) {
        let row = &mut self.loans.rows[loan];
        row.charge += share;
        let firm = row.firm;
        if share != 0.0 {
            self.note(firm, if share > 0.0 { "pledged" } else { "unpledged" }, 0.0, 0);
        }
    }

    /// Adds to a firm's bills the amounts that fall due on its loans at the end of a period.
    pub fn fall_due(&mut self, firm: FirmId, now: f64) {
        let mut next = self.loans.of(firm).next();
        while let Some(loan) = next {
            let row = &mut self.loans.rows[loan];
            let (interest, principal) = row.falls_due(now, self.loans.period_days);
            row.interest_due += interest;
            row.due += principal;
            self.accounts[firm].bill += (interest + principal).usd();
            next = row.next;
        }
    }

    /// Interest and principal among a firm's bills.
    #[must_use]
    pub fn service_due(&self, firm: FirmId) -> (NanoUsd, NanoUsd) {
        let loans = || self.loans.of(firm).map(|loan| &self.loans.rows[loan]);
        (loans().map(|loan| loan.interest_due).sum(), loans().map(|loan| loan.due).sum())
    }

    /// A firm pays as much of its bills as its cash covers; the rest stays due. Power and other costs come first, then interest, then principal, loan
    /// by loan.
    pub fn pay_bill(&mut self, firm: FirmId) {
        let cash = self[firm].cash;
        let paid = self[firm].bill.min(cash);
        // A remainder of the size of a rounding error, 10^-9 USD or 10^-12 of the bill, counts as paid.
        let left = (self[firm].bill - paid).max(0.0);
        let left = if left <= 1e-9 + 1e-12 * self[firm].bill { 0.0 } else { left };
        self[firm].bill = left;
        let (interest, principal) = self.service_due(firm);
        let unpaid = NanoUsd::nearest(left);
        let mut principal_paid = principal.over(unpaid);
        let mut interest_paid = interest.over(unpaid.over(principal));
        let bills = paid - (interest_paid + principal_paid).usd();
        let mut next = self.loans.of(firm).next();
        while let Some(loan) = next {
            let row = &mut self.loans.rows[loan];
            next = row.next;
            let part = row.interest_due.min(interest_paid);
            let share = row.due.min(principal_paid);
            row.interest_due -= part;
            interest_paid -= part;
            // Rounding must not take a cent more than the firm has.
            self.post(firm, Cause::Interest, -part.usd().min(self[firm].cash));
            book_repayment(self, loan, share);
            principal_paid -= share;
        }
        // The rest of the payment, to the last bit of the cash if that is used up.
        let rest = if paid >= cash { self[firm].cash } else { bills.min(self[firm].cash) };
        self.post(firm, Cause::Bills, -rest.max(0.0));
    }

    /// A firm repays a part of a loan out of its cash, due amounts first: at most `usd`, its cash, and `claim`. Returns the amount repaid.
    pub fn repay(&mut self, loan: LoanId, usd: f64, claim: NanoUsd) -> NanoUsd {
        let row = &self.loans.rows[loan];
        let firm = row.firm;
        let repaid = NanoUsd::nearest(usd.min(self[firm].cash)).min(claim).min(row.principal);
        let due = row.due.min(repaid);
        self.reduce_bill(firm, due);
        book_repayment(self, loan, repaid);
        repaid
    }

    /// Lenders receive their share of the proceeds of machines that were pledged to them.
    pub fn pay_for_pledges(&mut self, firm: FirmId, usd: f64) {
        let mut next = self.loans.of(firm).next();
        while let Some(loan) = next {
            let row = self.loans.rows[loan];
            self.repay(loan, usd * row.charge, row.principal);
            next = row.next;
        }
    }

    /// Part of `usd` of machine proceeds that remains with a firm after lenders have received theirs as in [`Self::pay_for_pledges`], USD.
    #[must_use]
    pub fn own_part(&self, firm: FirmId, usd: f64) -> f64 {
        let rows = self.loans.of(firm).map(|loan| &self.loans.rows[loan]);
        usd - rows.map(|row| (usd * row.charge).min(row.principal.usd())).sum::<f64>()
    }

    /// Gross proceeds of machines that a firm needs to keep `usd` of them, USD: no lender receives more than the claim.
    #[must_use]
    pub fn before_lenders(&self, firm: FirmId, usd: f64) -> f64 {
        let rows = || self.loans.of(firm).map(|loan| &self.loans.rows[loan]).filter(|row| row.charge > 0.0);
        let (charged, owed) =
            rows().fold((0.0, 0.0), |(charged, owed), row| (charged + row.charge, owed + row.principal.usd()));
        (usd / (1.0 - charged).max(0.0)).min(usd + owed)
    }

    /// Waives the due and unpaid amounts of a loan.
    pub fn waive(&mut self, loan: LoanId) {
        let row = &mut self.loans.rows[loan];
        let firm = row.firm;
        let waived = std::mem::take(&mut row.due) + std::mem::take(&mut row.interest_due);
        self.reduce_bill(firm, waived);
    }

    /// Makes `principal` of a loan due immediately, at most what is owed.
    pub fn accelerate(&mut self, loan: LoanId, principal: NanoUsd) {
        let row = &mut self.loans.rows[loan];
        let due = principal.min(row.principal);
        let more = due - row.due;
        row.due = due;
        self.accounts[row.firm].bill += more.usd();
    }

    /// Restructures a share of a loan: a cut of principal, and a term longer by `months`; see [`Loan::restructure`]. Due amounts are deferred.
    /// Returns the amount that the lender gives up.
    pub fn stretch(&mut self, loan: LoanId, (share, cut, months): (f64, f64, f64), now: f64) -> NanoUsd {
        let row = &mut self.loans.rows[loan];
        let (firm, interest, asked) = (row.firm, row.interest_due, row.due + row.interest_due);
        let forgiven = row.restructure(share, cut, months, now, self.loans.period_days);
        self.reduce_bill(firm, asked);
        self.loans.drawn += interest;
        self.loans.written_off += forgiven;
        self.debt[firm] += interest - forgiven;
        self.total_debt += interest - forgiven;
        self.note(firm, "restructured", 0.0, 0);
        forgiven
    }

    /// A lender writes off a part of a loan, from the end of its schedule.
    pub fn write_off(&mut self, loan: LoanId, part: NanoUsd) {
        let row = &mut self.loans.rows[loan];
        let firm = row.firm;
        let part = part.min(row.principal);
        row.principal -= part;
        let waived = row.due.over(row.principal);
        row.due -= waived;
        self.loans.written_off += part;
        self.debt[firm] -= part;
        self.total_debt -= part;
        self.reduce_bill(firm, waived);
        self.note(firm, "written_off", 0.0, 0);
    }

    /// Repays, out of cash, a part of a loan that had been written off.
    pub fn recover(&mut self, loan: LoanId, part: NanoUsd) {
        let firm = self.loans.rows[loan].firm;
        self.loans.written_off -= part;
        self.loans.repaid += part;
        let usd = part.usd().min(self[firm].cash);
        self.post(firm, Cause::Principal, -usd);
    }

    /// Reduces a firm's bills by `part`. A remainder below the rounding of the bill counts as zero.
    fn reduce_bill(&mut self, firm: FirmId, part: NanoUsd) {
        let bill = self[firm].bill;
        let left = bill - part.usd();
        self[firm].bill = if part == NanoUsd::ZERO || left > 1e-9 * bill { left } else { 0.0 };
    }
}

/// Repays a part of a loan, no more than is owed, out of cash.
fn book_repayment(ledger: &mut Ledger, loan: LoanId, part: NanoUsd) {
    if part == NanoUsd::ZERO {
        return;
    }
    let row = &mut ledger.loans.rows[loan];
    let firm = row.firm;
    row.due = row.due.over(part);
    row.principal -= part;
    ledger.loans.repaid += part;
    ledger.debt[firm] -= part;
    ledger.total_debt -= part;
    let usd = part.usd().min(ledger[firm].cash);
    ledger.post(firm, Cause::Principal, -usd);
}
