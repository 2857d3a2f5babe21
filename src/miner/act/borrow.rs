//! How firms borrow, at the start and when cash is short; what is pledged; and what lenders do when it is worth too little.

use super::{Books, Settlement};
use crate::miner::{
    decide::call_margin::{Margin, margin, to_restore},
    ledger::{Cause, Ledger, Sale, Standing},
    loan::{Collateral, LoanTerms, Pledge},
    site::NONE,
};

const DAY: f64 = 86_400.0;

/// What a lender took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Coins sold, satoshi.
    pub sats: i64,
    /// What it repaid, USD.
    pub usd: f64,
    /// Share of the firm's machines.
    pub machines: f64,
}

/// Most that is lent on the machines that a firm has free to pledge, USD, where all it has are worth `worth_usd`.
pub(super) fn most_on_machines(ledger: &Ledger, firm: usize, pledge: &Pledge, worth_usd: f64) -> f64 {
    pledge.loan_to_value * (1.0 - ledger.loans.charged_share(firm)).max(0.0) * worth_usd
}

/// A new loan of `usd` takes a charge on a share of a firm's machines, which are worth `worth_usd` in all.
pub(super) fn charge_machines(ledger: &mut Ledger, loan: usize, pledge: &Pledge, usd: f64, worth_usd: f64) {
    let firm = ledger.loans.rows[loan].firm as usize;
    let free = (1.0 - ledger.loans.charged_share(firm)).max(0.0);
    ledger.loans.rows[loan].charge = (usd / pledge.loan_to_value / worth_usd).min(free);
}

impl Settlement<'_> {
    /// The debts of the start: of each loan its share of what the class owes, on a pledge no more than it allows.
    pub fn lend(&self, books: &mut Books<'_>, firm: usize, debt_usd: f64, installed_th: f64, loans: &[LoanTerms]) {
        for terms in loans {
            let wanted = debt_usd * terms.share;
            let principal = wanted.min(self.most_on_pledge(books, firm, terms));
            if principal > 0.0 || terms.undrawn_usd_per_th > 0.0 {
                let loan = books.ledger.owe(firm, *terms, principal, self.now);
                books.ledger.loans.rows[loan].undrawn = terms.undrawn_usd_per_th * installed_th;
                self.pledge_for(books, loan, principal);
            }
        }
    }

    /// What a firm may still draw, USD.
    pub(super) fn credit(&self, books: &Books<'_>, firm: usize) -> f64 {
        let ledger = &books.ledger;
        let ready = self.appetite(books).share();
        if ready <= 0.0 {
            return 0.0;
        }
        let of = |loan: usize| {
            let row = &ledger.loans.rows[loan];
            if row.undrawn > 0.0 {
                (row.undrawn * ready).min(self.most_on_pledge(books, firm, &row.terms))
            } else {
                0.0
            }
        };
        ledger.loans.of(firm).map(of).fold(0.0, f64::max)
    }

    /// What lenders are ready to do.
    fn appetite(&self, books: &Books<'_>) -> crate::miner::lenders::Appetite {
        books.distress.lenders.appetite(self.lenders, books.ledger.total_debt, self.now)
    }

    /// A firm draws on the loan on which it can draw most: a new loan on the same terms, from now on.
    pub(super) fn draw_credit(&self, books: &mut Books<'_>, firm: usize, usd: f64) {
        let ready = self.appetite(books).share();
        let rows = &books.ledger.loans.rows;
        let room = |loan: usize| {
            if rows[loan].undrawn > 0.0 {
                (rows[loan].undrawn * ready).min(self.most_on_pledge(books, firm, &rows[loan].terms))
            } else {
                0.0
            }
        };
        let Some(line) = books.ledger.loans.of(firm).max_by(|&a, &b| room(a).total_cmp(&room(b)).then(b.cmp(&a)))
        else {
            return;
        };
        let usd = usd.min(room(line));
        if usd <= 0.0 {
            return;
        }
        let terms = rows[line].terms;
        books.ledger.loans.rows[line].undrawn -= usd;
        let loan = books.ledger.owe(firm, terms, usd, self.now);
        books.ledger.post(firm, Cause::LoanDrawn, usd);
        self.pledge_for(books, loan, usd);
        Self::tell(books, "loan_drawn", firm, usd, 0);
    }

    /// Most that is lent on what a firm has free to pledge, USD; without a pledge there is no such bound.
    fn most_on_pledge(&self, books: &Books<'_>, firm: usize, terms: &LoanTerms) -> f64 {
        match terms.collateral {
            Collateral::None => f64::INFINITY,
            Collateral::Coins(pledge) => pledge.loan_to_value * self.usd(books.ledger.free(firm)),
            Collateral::Machines(pledge) => {
                most_on_machines(books.ledger, firm, &pledge, Self::machines_usd(books, firm))
            }
        }
    }

    /// What a new loan of `usd` takes in pledge.
    fn pledge_for(&self, books: &mut Books<'_>, loan: usize, usd: f64) {
        if usd <= 0.0 {
            return;
        }
        let row = books.ledger.loans.rows[loan];
        let firm = row.firm as usize;
        match row.terms.collateral {
            Collateral::None => {}
            Collateral::Coins(pledge) => {
                let sats = self.sats(usd / pledge.loan_to_value).min(books.ledger.free(firm));
                books.ledger.pledge(loan, sats);
            }
            Collateral::Machines(pledge) => {
                let worth = Self::machines_usd(books, firm);
                charge_machines(books.ledger, loan, &pledge, usd, worth);
            }
        }
    }

    /// Every day lenders look at what is pledged, call for more, and take it where the call is not met.
    pub fn call_margins(&self, books: &mut Books<'_>) {
        for index in 0..books.ledger.loans.secured.len() {
            let loan = books.ledger.loans.secured[index] as usize;
            let row = &books.ledger.loans.rows[loan];
            let (firm, terms) = (row.firm as usize, row.terms);
            let stands = matches!(books.ledger.standing[firm], Standing::Ok | Standing::Arrears);
            let Some(pledge) = terms.collateral.pledge() else { continue };
            if !stands || row.principal <= 0.0 || (row.pledged == 0 && row.charge <= 0.0) {
                continue;
            }
            let since = if row.called.is_finite() { (self.now - row.called) / DAY } else { 0.0 };
            let judge = |books: &Books<'_>| {
                let row = &books.ledger.loans.rows[loan];
                margin(pledge, row.loan_to_value(self.pledged_usd(books, loan)), since)
            };
            if judge(books) == Margin::Fine {
                books.ledger.loans.rows[loan].called = f64::INFINITY;
                continue;
            }
            if books.ledger.loans.rows[loan].called.is_infinite() {
                books.ledger.loans.rows[loan].called = self.now;
                books.distress.tally.margin_calls += books.population.firms.weight[firm];
                let principal = books.ledger.loans.rows[loan].principal;
                Self::tell(books, "margin_call", firm, principal, 0);
            }
            self.answer(books, loan, pledge);
            match judge(books) {
                Margin::Fine => books.ledger.loans.rows[loan].called = f64::INFINITY,
                Margin::Call => {}
                Margin::Take => self.foreclose(books, loan, pledge),
            }
        }
    }

    /// A firm that is called pledges what it has free, then pays.
    fn answer(&self, books: &mut Books<'_>, loan: usize, pledge: &Pledge) {
        let row = books.ledger.loans.rows[loan];
        let firm = row.firm as usize;
        let (post, _) = to_restore(pledge, row.principal, self.pledged_usd(books, loan));
        match row.terms.collateral {
            Collateral::None => {}
            Collateral::Coins(_) => {
                let sats = self.sats(post).min(books.ledger.free(firm));
                books.ledger.pledge(loan, sats);
            }
            Collateral::Machines(_) => {
                let free = (1.0 - books.ledger.loans.charged_share(firm)).max(0.0);
                let worth = Self::machines_usd(books, firm);
                if worth > 0.0 {
                    books.ledger.loans.rows[loan].charge += (post / worth).min(free);
                }
            }
        }
        let (_, pay) = to_restore(pledge, row.principal, self.pledged_usd(books, loan));
        let usd = pay.min(books.ledger.cash[firm]);
        books.ledger.repay(loan, usd, Cause::Principal);
    }

    /// The lender takes what is pledged. What it does not bring is due at once, or lost.
    fn foreclose(&self, books: &mut Books<'_>, loan: usize, pledge: &Pledge) {
        let firm = books.ledger.loans.rows[loan].firm as usize;
        let taken = self.take_pledge(books, loan, 1.0, Sale::Forced);
        Self::tell(books, "collateral_taken", firm, taken.usd, taken.sats);
        let row = &mut books.ledger.loans.rows[loan];
        row.called = f64::INFINITY;
        if pledge.recourse {
            let more = row.principal - row.due;
            row.due = row.principal;
            books.ledger.bill[firm] += more;
        } else {
            let lost = row.principal;
            self.lose(books, loan, lost);
        }
    }

    /// A lender takes a share of what is pledged for a loan and sells it: of coins what repays that share, of machines all. What
    /// is not needed stays with the firm.
    pub(super) fn take_pledge(&self, books: &mut Books<'_>, loan: usize, share: f64, sale: Sale) -> Taken {
        let row = books.ledger.loans.rows[loan];
        let firm = row.firm as usize;
        let claim = row.principal * share;
        let mut all = Taken::default();
        if row.pledged > 0 {
            let taken = crate::miner::decide::sell_coins::part(row.pledged, share).min(row.pledged);
            books.ledger.pledge(loan, -taken);
            all.sats = taken.min(self.sats(claim));
            books.ledger.sell(firm, all.sats, self.price_usd, sale);
            books.distress.tally.collateral_sats += all.sats;
            all.usd = self.usd(all.sats).min(claim).min(books.ledger.cash[firm]);
            books.ledger.repay(loan, all.usd, Cause::Principal);
        }
        if row.charge > 0.0 {
            all.machines = row.charge * share;
            let before = books.population.firms.installed_mh[firm];
            let usd = self.remove_machines(books, firm, all.machines);
            books.distress.tally.collateral_mh += before - books.population.firms.installed_mh[firm];
            books.ledger.post(firm, Cause::MachinesSold, usd);
            all.usd = usd.min(claim).min(books.ledger.cash[firm]);
            books.ledger.repay(loan, all.usd, Cause::Principal);
            Self::rescale_charges(books, loan, share, all.machines);
        }
        all
    }

    /// After `taken` of a firm's machines have gone, for `share` of one loan's charge, charges lie on shares of what is left.
    fn rescale_charges(books: &mut Books<'_>, loan: usize, share: f64, taken: f64) {
        let firm = books.ledger.loans.rows[loan].firm as usize;
        books.ledger.loans.rows[loan].charge *= 1.0 - share;
        let left = 1.0 - taken;
        let mut next = books.ledger.loans.of(firm).next();
        while let Some(other) = next {
            let row = &mut books.ledger.loans.rows[other];
            row.charge = if left > 0.0 { (row.charge / left).min(1.0) } else { 0.0 };
            next = Some(row.next).filter(|&row| row != NONE).map(|row| row as usize);
        }
    }

    /// A lender loses a part of a loan.
    pub(super) fn lose(&self, books: &mut Books<'_>, loan: usize, usd: f64) {
        if usd > 0.0 {
            books.ledger.write_off(loan, usd);
            books.distress.lenders.lose(usd, self.lenders, self.now);
        }
    }

    /// Worth of what is pledged for a loan, USD.
    fn pledged_usd(&self, books: &Books<'_>, loan: usize) -> f64 {
        let row = &books.ledger.loans.rows[loan];
        let machines = if row.charge > 0.0 { row.charge * Self::machines_usd(books, row.firm as usize) } else { 0.0 };
        self.usd(row.pledged) + machines
    }

    /// Worth of coins, USD.
    #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
    pub(super) fn usd(&self, sats: i64) -> f64 {
        sats as f64 / 1e8 * self.price_usd
    }

    /// Coins worth at least so many dollars.
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and more than is held is not taken")]
    pub(super) fn sats(&self, usd: f64) -> i64 {
        ((usd / self.price_usd * 1e8) as i64).saturating_add(1)
    }
}
