//! How firms borrow, at the start and when cash is short; what is pledged; and what lenders do when it is worth too little.

use super::{Books, Settlement, fail::part_mh};
use crate::miner::{
    decide::{
        call_margin::{Margin, margin, to_restore},
        sell_coins::part,
    },
    distress::{Happening, Short},
    ledger::{Cause, Ledger, Sale, Standing},
    loan::{Collateral, Loan, LoanTerms, Pledge},
    site::NONE,
};
use crate::units::NanoUsd;

const DAY: f64 = 86_400.0;

/// What a lender took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Coins sold, satoshi.
    pub sats: i64,
    /// What it repaid.
    pub repaid: NanoUsd,
    /// Share of the firm's machines.
    pub machines: f64,
    /// Hashrate of these, MH/s.
    pub hash_mh: u64,
}

/// Maximum further loan on a firm's machines, USD, where all of them are worth `worth_usd` and lenders lend on the share `ready` of them in all,
/// machines that are pledged already included.
pub(super) fn most_on_machines(ledger: &Ledger, firm: usize, pledge: &Pledge, ready: f64, worth_usd: f64) -> f64 {
    pledge.loan_to_value * (ready - ledger.loans.charged_share(firm)).max(0.0) * worth_usd
}

/// A new loan of `usd` takes a charge on a share of a firm's machines, which are worth `worth_usd` in all.
pub(super) fn charge_machines(ledger: &mut Ledger, loan: usize, pledge: &Pledge, usd: f64, worth_usd: f64) {
    let firm = ledger.loans.rows[loan].firm as usize;
    let free = (1.0 - ledger.loans.charged_share(firm)).max(0.0);
    ledger.charge(loan, (usd / pledge.loan_to_value / worth_usd).min(free));
}

impl Settlement<'_> {
    /// The debts of the start: of each loan its share of what the class owes, on a pledge no more than it allows.
    pub fn lend(&self, books: &mut Books<'_>, firm: usize, debt_usd: f64, installed_th: f64, loans: &[LoanTerms]) {
        for terms in loans {
            let wanted = debt_usd * terms.share;
            let principal = wanted.min(self.most_on_pledge(books, firm, terms));
            if principal > 0.0 || terms.undrawn_usd_per_th > 0.0 {
                let loan = books.ledger.owe(firm, *terms, NanoUsd::nearest(principal), self.now);
                let row = &mut books.ledger.loans.rows[loan];
                row.line = NanoUsd::nearest(terms.undrawn_usd_per_th * installed_th);
                row.undrawn = row.line;
                self.pledge_for(books, loan, principal);
            }
        }
    }

    /// What a firm may still draw, USD.
    pub(super) fn credit(&self, books: &Books<'_>, firm: usize) -> f64 {
        let ledger = &books.ledger;
        let ready = self.appetite(books).share();
        ledger.loans.of(firm).map(|loan| self.room(books, loan, ready)).fold(0.0, f64::max)
    }

    /// What a firm may still draw on the line of one loan, where lenders pay out `ready` of it, USD.
    fn room(&self, books: &Books<'_>, loan: usize, ready: f64) -> f64 {
        let row = &books.ledger.loans.rows[loan];
        let room = row.room(ready);
        if room == NanoUsd::ZERO {
            return 0.0;
        }
        room.usd().min(self.most_on_pledge(books, row.firm as usize, &row.terms))
    }

    /// What lenders are ready to do.
    fn appetite(&self, books: &Books<'_>) -> crate::miner::lenders::Appetite {
        books.distress.lenders.appetite(self.lenders, books.ledger.total_debt.usd(), self.now)
    }

    /// A firm draws on the loan on which it can draw most: a new loan on the same terms, from now on.
    pub(super) fn draw_credit(&self, books: &mut Books<'_>, firm: usize, usd: f64) {
        let ready = self.appetite(books).share();
        let room = |loan: usize| self.room(books, loan, ready);
        let Some(line) = books.ledger.loans.of(firm).max_by(|&a, &b| room(a).total_cmp(&room(b)).then(b.cmp(&a)))
        else {
            return;
        };
        let terms = books.ledger.loans.rows[line].terms;
        let drawn = NanoUsd::nearest(usd.min(room(line))).min(books.ledger.loans.rows[line].room(ready));
        if drawn <= NanoUsd::ZERO {
            return;
        }
        let usd = drawn.usd();
        books.ledger.loans.rows[line].undrawn -= drawn;
        let loan = books.ledger.owe(firm, terms, drawn, self.now);
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
                most_on_machines(books.ledger, firm, &pledge, 1.0, Self::machines_usd(books, firm))
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

    /// Every day lenders look at what is pledged, call for more, take it where the call is not met, and release what is no longer needed.
    pub fn call_margins(&self, books: &mut Books<'_>) {
        let mut secured = std::mem::take(&mut books.ledger.loans.secured);
        secured.retain(|&loan| {
            self.look_at(books, loan as usize);
            let row = &books.ledger.loans.rows[loan as usize];
            row.principal > NanoUsd::ZERO || row.pledged > 0 || row.charge > 0.0
        });
        books.ledger.loans.secured = secured;
    }

    /// The lender looks at what is pledged for a loan.
    fn look_at(&self, books: &mut Books<'_>, loan: usize) {
        let row = &books.ledger.loans.rows[loan];
        let (firm, terms) = (row.firm as usize, row.terms);
        let stands = matches!(books.ledger.standing[firm], Standing::Ok | Standing::Arrears);
        let Some(pledge) = terms.collateral.pledge().filter(|_| stands && (row.pledged > 0 || row.charge > 0.0)) else {
            return;
        };
        let judge = |books: &Books<'_>| {
            let row = &books.ledger.loans.rows[loan];
            let since = row.called.is_finite().then(|| (self.now - row.called) / DAY);
            margin(pledge, row.loan_to_value(self.pledged_usd(books, loan)), since)
        };
        if judge(books) != Margin::Fine {
            if row.called.is_infinite() {
                let principal = row.principal.usd();
                books.ledger.loans.rows[loan].called = self.now;
                books.distress.tally.margin_calls += books.population.firms.weight[firm];
                Self::tell(books, "margin_call", firm, principal, 0);
            }
            self.answer(books, loan, pledge);
        }
        match judge(books) {
            Margin::Fine => {
                let row = &mut books.ledger.loans.rows[loan];
                if row.called.is_finite() {
                    row.called = f64::INFINITY;
                    row.backed = row.principal;
                }
                self.release(books, loan, pledge);
            }
            Margin::Call => {}
            Margin::Take => self.foreclose(books, loan, pledge),
        }
    }

    /// A firm that is called pledges what it has free, then pays.
    fn answer(&self, books: &mut Books<'_>, loan: usize, pledge: &Pledge) {
        let row = books.ledger.loans.rows[loan];
        let firm = row.firm as usize;
        let (post, _) = to_restore(pledge, row.principal.usd(), self.pledged_usd(books, loan));
        match row.terms.collateral {
            Collateral::None => {}
            Collateral::Coins(_) => {
                let sats = self.sats(post).min(books.ledger.free(firm));
                self.pledge_more(books, loan, sats, 0.0);
            }
            Collateral::Machines(_) => {
                let free = (1.0 - books.ledger.loans.charged_share(firm)).max(0.0);
                let worth = Self::machines_usd(books, firm);
                if worth > 0.0 {
                    self.pledge_more(books, loan, 0, (post / worth).min(free));
                }
            }
        }
        let (_, pay) = to_restore(pledge, row.principal.usd(), self.pledged_usd(books, loan));
        books.ledger.repay(loan, pay, row.principal);
    }

    /// A part of the principal has been repaid: the same part of the pledge is released, as far as L0 allows; all of it with the last.
    fn release(&self, books: &mut Books<'_>, loan: usize, pledge: &Pledge) {
        let row = books.ledger.loans.rows[loan];
        if row.principal >= row.backed {
            return;
        }
        let repaid = 1.0 - row.principal.usd() / row.backed.usd();
        let needed = row.loan_to_value(self.pledged_usd(books, loan)) / pledge.loan_to_value;
        let share = repaid.min(1.0 - needed);
        if share > 0.0 {
            self.pledge_more(books, loan, -part(row.pledged, share), -row.charge * share);
            books.ledger.loans.rows[loan].backed = row.principal.max(row.backed.part(1.0 - share));
        }
    }

    /// Adds coins and a share of the firm's machines to the pledge of a loan; negative amounts release them.
    fn pledge_more(&self, books: &mut Books<'_>, loan: usize, sats: i64, machines: f64) {
        if sats == 0 && machines == 0.0 {
            return;
        }
        let firm = books.ledger.loans.rows[loan].firm as usize;
        books.ledger.pledge(loan, sats);
        books.ledger.charge(loan, machines);
        let firms = &books.population.firms;
        books.distress.told.push(Happening {
            kind: if sats > 0 || machines > 0.0 { "collateral_added" } else { "collateral_released" },
            firm,
            weight: firms.weight[firm],
            hash_mh: part_mh(firms.installed_mh[firm], machines.abs()),
            usd: self.usd(sats.abs()) + machines.abs() * Self::machines_usd(books, firm),
            sats: sats.abs(),
        });
    }

    /// The lender takes what is pledged, as far as the loan needs it; the rest of the pledge is free. What it does not bring is due at once, or
    /// lost.
    fn foreclose(&self, books: &mut Books<'_>, loan: usize, pledge: &Pledge) {
        let Loan { firm, principal, .. } = books.ledger.loans.rows[loan];
        let of_firm_mh = books.population.firms.installed_mh[firm as usize];
        let taken = self.take_pledge(books, loan, 1.0, Sale::Forced);
        Self::tell_taken(books, firm as usize, principal, &taken);
        let row = &mut books.ledger.loans.rows[loan];
        row.called = f64::INFINITY;
        let rest = row.principal;
        books.ledger.loans.cut_lines(firm as usize, 0.0);
        if pledge.recourse {
            books.ledger.accelerate(loan, rest);
        } else if rest > NanoUsd::ZERO {
            self.give_up_rest(books, loan, rest, 1.0, of_firm_mh);
        }
    }

    /// A lender without recourse has taken what a share of a firm's miners had pledged, and gives up the rest of the claim that it did not bring.
    /// `hash_mh` is the hashrate of these miners before, MH/s.
    pub(super) fn give_up_rest(&self, books: &mut Books<'_>, loan: usize, rest: NanoUsd, share: f64, hash_mh: u64) {
        let firm = books.ledger.loans.rows[loan].firm as usize;
        let lost = Self::give_up_claim(books, loan, rest);
        let usd = (lost.principal + lost.interest).usd();
        if books.distress.consignments.last().is_some_and(|last| last.loan == Some(loan)) {
            Self::keep_open(books, Short { bills: 0.0, lost: vec![lost] }, None);
        } else {
            books.distress.lenders.lose(usd, self.lenders, self.now);
        }
        let firms = &books.population.firms;
        let weight = firms.weight[firm];
        books.distress.count_surrendered(firm, weight * share, weight);
        let kind = "surrender";
        books.distress.told.push(Happening { kind, firm, weight: weight * share, hash_mh, usd, sats: 0 });
    }

    /// Tells that a lender took what was pledged for a claim.
    pub(super) fn tell_taken(books: &mut Books<'_>, firm: usize, claim: NanoUsd, taken: &Taken) {
        let weight = books.population.firms.weight[firm];
        let &Taken { sats, hash_mh, .. } = taken;
        let kind = "collateral_taken";
        books.distress.told.push(Happening { kind, firm, weight, hash_mh, usd: claim.usd(), sats });
    }

    /// A lender takes a share of what is pledged for a loan and sells as much of it as repays that share of the loan. What is not needed stays
    /// with the firm.
    pub(super) fn take_pledge(&self, books: &mut Books<'_>, loan: usize, share: f64, sale: Sale) -> Taken {
        let row = books.ledger.loans.rows[loan];
        let firm = row.firm as usize;
        let claim = row.principal.part(share);
        let mut all = Taken::default();
        books.ledger.loans.rows[loan].backed = row.backed.part(1.0 - share);
        if row.pledged > 0 {
            let taken = part(row.pledged, share).min(row.pledged);
            books.ledger.pledge(loan, -taken);
            all.sats = taken.min(self.sats(claim.usd()));
            books.ledger.sell(firm, all.sats, self.price_usd, sale);
            books.distress.tally.collateral_sats += all.sats;
            all.repaid = books.ledger.repay(loan, self.usd(all.sats), claim);
        }
        if row.charge > 0.0 {
            let before = books.population.firms.installed_mh[firm];
            if sale == Sale::Forced {
                Self::consign(books, firm, Some(loan), true);
            }
            let usd = self.sell_charged_machines(books, firm, row.charge * share, claim.usd());
            all.hash_mh = before - books.population.firms.installed_mh[firm];
            books.distress.tally.collateral_mh += all.hash_mh;
            books.ledger.post(firm, Cause::MachinesSold, usd);
            all.repaid = books.ledger.repay(loan, usd, claim);
            all.machines = share_of(all.hash_mh, before).min(row.charge * share);
            Self::rescale_charges(books, loan, share, all.machines);
        }
        all
    }

    /// After `taken` of a firm's machines have gone, for `share` of one loan, charges lie on shares of what is left.
    fn rescale_charges(books: &mut Books<'_>, loan: usize, share: f64, taken: f64) {
        let row = &books.ledger.loans.rows[loan];
        let (firm, released) = (row.firm as usize, row.charge * share);
        books.ledger.charge(loan, -released);
        let left = 1.0 - taken;
        let mut next = books.ledger.loans.of(firm).next();
        while let Some(other) = next {
            let row = &mut books.ledger.loans.rows[other];
            row.charge = if left > 0.0 { (row.charge / left).min(1.0) } else { 0.0 };
            next = Some(row.next).filter(|&row| row != NONE).map(|row| row as usize);
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

/// A hashrate as a share of another; zero of none.
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
fn share_of(mh: u64, of_mh: u64) -> f64 {
    if of_mh == 0 { 0.0 } else { mh as f64 / of_mh as f64 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;
    use crate::miner::{
        loan::Repayment,
        population::{Firms, Population},
    };

    /// Machines worth 1000 USD at a half: 500 on all of them, 250 while lenders are tight. With a charge on a quarter of them 375 and 125 more; with one
    /// on half, 250 and nothing.
    #[test]
    fn tight_lenders_lend_on_half_of_all_machines() {
        let pledge = Pledge {
            loan_to_value: 0.5,
            call_ltv: 0.75,
            liquidation_ltv: 0.85,
            cure_days: 5.0,
            notice_days: 30.0,
            recourse: true,
        };
        let terms = LoanTerms {
            share: 1.0,
            repayment: Repayment::Bullet,
            rate_per_year: 0.0,
            default_margin_per_year: 0.0,
            term_months: 12.0,
            collateral: Collateral::Machines(pledge),
            undrawn_usd_per_th: 0.0,
        };
        let firms =
            Firms { cash: vec![0.0], coins: vec![0], fixed_nusd: vec![0], name: vec!["a".into()], ..Firms::default() };
        let mut ledger = Ledger::open(&Population { firms, ..Population::default() }, 30.0);
        let most = |ledger: &Ledger| [1.0, 0.5, 0.0].map(|ready| most_on_machines(ledger, 0, &pledge, ready, 1000.0));
        assert_eq!(most(&ledger), [500.0, 250.0, 0.0]);
        for expected in [[375.0, 125.0, 0.0], [250.0, 0.0, 0.0]] {
            let loan = ledger.owe(0, terms, NanoUsd::nearest(125.0), 0.0);
            charge_machines(&mut ledger, loan, &pledge, 125.0, 1000.0);
            assert_eq!(most(&ledger), expected);
        }
    }
}
