//! How firms, or members of a cohort, fail: restructured, under Chapter 11, or liquidated. The rule is
//! [`crate::miner::decide::fail`].

use super::{Books, Settlement};
use crate::{
    miner::{
        decide::{
            fail::{Arrears, Failing, Fate, failing_members, fate},
            sell_coins::part,
        },
        distress::{Case, Estate, Happening, Look, Lost, Short},
        ledger::{Cause, Sale, Standing},
        loan::Loan,
        population::{nano_usd, ph},
    },
    random::name_hash,
    units::NanoUsd,
};
use std::sync::Arc;

const DAY: f64 = 86_400.0;

impl Settlement<'_> {
    /// The grace period is over and a bill is unpaid: those that cannot pay fail.
    pub(super) fn default(&self, books: &mut Books<'_>, firm: usize) {
        let weight = books.population.firms.weight[firm];
        let usd = books.ledger.bill[firm];
        let arrears = books.distress.arrears.remove(&firm).unwrap_or_else(|| Arrears::begin(usd, usd));
        let grace_s = self.params.grace_days.max(1.0) * DAY;
        let failing = failing_members(weight, &arrears, (self.now - books.ledger.since[firm]) / grace_s);
        let share = failing / weight;
        let installed_mh = books.population.firms.installed_mh[firm];
        let hash_mh = part_mh(installed_mh, share);
        books.distress.told.push(Happening { kind: "default", firm, weight: failing, hash_mh, usd, sats: 0 });
        let index = u64::from(books.distress.defaults_of(firm));
        books.distress.count_default(firm, failing, weight, (hash_mh, installed_mh));
        books.ledger.loans.cut_lines(firm, 1.0 - share);
        self.surrender(books, firm, share);
        books.inventory.failed_mh += installed_mh - books.population.firms.installed_mh[firm];
        if books.ledger.bill[firm] <= 0.0 {
            books.ledger.set_standing(firm, Standing::Ok, self.now);
            return;
        }
        let facts = Failing {
            whole: failing >= weight,
            owes: books.ledger.debt[firm] > NanoUsd::ZERO,
            earns: self.earns(books, firm),
            draw: self.agreement.uniform(name_hash(&books.population.firms.name[firm]), index),
        };
        match fate(self.workout, &facts) {
            Fate::Restructured => self.restructure(books, firm, share, &arrears),
            Fate::Chapter11 => self.petition(books, firm),
            Fate::Liquidated if facts.whole => self.liquidate(books, firm),
            Fate::Liquidated => self.lose_members(books, firm, share),
        }
    }

    /// Lenders without recourse take what is pledged, and have no more to ask of those that fail.
    fn surrender(&self, books: &mut Books<'_>, firm: usize, share: f64) {
        let hash_mh = part_mh(books.population.firms.installed_mh[firm], share);
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            let row = books.ledger.loans.rows[loan];
            if row.principal == NanoUsd::ZERO || row.terms.collateral.pledge().is_none_or(|pledge| pledge.recourse) {
                continue;
            }
            let claim = row.principal.part(share);
            let taken = self.take_pledge(books, loan, share, Sale::Forced);
            Self::tell_taken(books, firm, claim, &taken);
            self.give_up_rest(books, loan, claim.over(taken.repaid), share, hash_mh);
        }
    }

    /// A firm earns more than all its bills of the day but debt service: take-or-pay and fixed costs fall due under Chapter 11 as before.
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
    fn earns(&self, books: &Books<'_>, firm: usize) -> bool {
        let earned = ph(books.ledger.running_mh[firm]) * self.sats_per_ph_day / 1e8 * self.price_usd;
        earned > books.ledger.cost_nusd[firm] as f64 * 1e-9
    }

    /// Creditors of those that fail wait, and give up a part; bills for power and the like still have to be paid.
    fn restructure(&self, books: &mut Books<'_>, firm: usize, share: f64, arrears: &Arrears) {
        let Some(workout) = self.workout else { return };
        let mut forgiven = 0.0;
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            forgiven += self.stretch(books, loan, share, workout.principal_cut, workout.extension_months);
        }
        let weight = books.population.firms.weight[firm];
        books.distress.count_restructured(firm, weight * share, weight);
        Self::tell(books, "restructuring", firm, forgiven, 0);
        let ledger = &mut *books.ledger;
        let left = ledger.bill[firm];
        if left > 0.0 {
            ledger.since[firm] = self.now;
            // What waits was neither paid nor is it asked for.
            let asked = arrears.asked - (arrears.unpaid - left);
            books.distress.arrears.insert(firm, Arrears::begin(asked, left));
        } else {
            ledger.set_standing(firm, Standing::Ok, self.now);
        }
    }

    /// A loan is cut and stretched. Returns what the lender gives up, USD.
    fn stretch(&self, books: &mut Books<'_>, loan: usize, share: f64, cut: f64, months: f64) -> f64 {
        if books.ledger.loans.rows[loan].principal == NanoUsd::ZERO {
            return 0.0;
        }
        let forgiven = books.ledger.stretch(loan, (share, cut, months), self.now).usd();
        books.distress.lenders.lose(forgiven, self.lenders, self.now);
        forgiven
    }

    /// The firm files for Chapter 11: old bills wait, interest stops.
    fn petition(&self, books: &mut Books<'_>, firm: usize) {
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            books.ledger.stretch(loan, (0.0, 0.0, 0.0), self.now);
        }
        let ledger = &mut *books.ledger;
        let stayed = std::mem::take(&mut ledger.bill[firm]);
        let look = Look { at: self.now, cash: ledger.cash[firm], coins: ledger.coins[firm] };
        books.distress.cases.insert(firm, Case::new(stayed, look));
        ledger.set_standing(firm, Standing::Chapter11, self.now);
        books.distress.count_chapter11(firm, books.population.firms.weight[firm]);
        Self::tell(books, "chapter11", firm, stayed, 0);
    }

    /// A firm under Chapter 11 has settled: it goes on, comes out, or is liquidated.
    pub(super) fn review(&self, books: &mut Books<'_>, firm: usize, behind: bool) {
        let (Some(workout), Some(case)) = (self.workout, books.distress.cases.get_mut(&firm)) else { return };
        let now = Look { at: self.now, cash: books.ledger.cash[firm], coins: books.ledger.coins[firm] };
        let (since, stayed) = (case.since, case.stayed);
        let then = case.look(now, workout.burn_days * DAY);
        let burned = then.is_some_and(|then| now.cash - then.cash + self.usd(now.coins - then.coins) < 0.0);
        if behind || burned {
            self.liquidate(books, firm);
        } else if workout.chapter11_days.is_some_and(|days| self.now - since >= days * DAY) {
            self.emerge(books, firm, stayed);
        }
    }

    /// A firm comes out of Chapter 11: its debts are cut and stretched, old bills are paid as far as its cash goes.
    fn emerge(&self, books: &mut Books<'_>, firm: usize, stayed: f64) {
        let Some(workout) = self.workout else { return };
        books.distress.cases.remove(&firm);
        let mut forgiven = 0.0;
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            forgiven += self.stretch(books, loan, 1.0, workout.principal_cut, workout.extension_months);
        }
        books.ledger.bill[firm] += stayed;
        books.ledger.pay_bill(firm);
        books.ledger.bill[firm] = 0.0;
        books.ledger.set_standing(firm, Standing::Ok, self.now);
        Self::tell(books, "chapter11_end", firm, forgiven, 0);
    }

    /// A firm is liquidated: its machines go, its debts are due, its coins are sold in the days to come.
    pub fn liquidate(&self, books: &mut Books<'_>, firm: usize) {
        if let Some(case) = books.distress.cases.remove(&firm) {
            books.ledger.bill[firm] += case.stayed;
        }
        books.ledger.accrue(firm, self.now);
        books.ledger.pay_out(firm);
        books.ledger.set_standing(firm, Standing::Liquidating, self.now);
        let usd = self.dispose_of_all(books, firm);
        let installed_mh = books.population.firms.installed_mh[firm];
        books.inventory.failed_mh += installed_mh;
        books.ledger.pay_for_pledges(firm, usd);
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            let row = books.ledger.loans.rows[loan];
            books.distress.tally.collateral_mh += part_mh(installed_mh, row.charge);
            let claim = books.ledger.loans.rows[loan].principal;
            books.ledger.accelerate(loan, claim);
        }
        let days_left = self.workout.map_or(1, |workout| workout.liquidation_days);
        let waits = books.distress.consignments.last().is_some_and(|last| last.firm == firm);
        let mut estate = Estate { firm, days_left, sats: 0, waits };
        if days_left == 1 {
            self.sell_estate(books, &mut estate);
        }
        if estate.days_left > 0 || waits {
            books.distress.estates.push(estate);
        }
    }

    /// A day of all liquidations.
    pub fn wind_estates(&self, books: &mut Books<'_>) {
        let mut estates = std::mem::take(&mut books.distress.estates);
        estates.retain_mut(|estate| {
            if estate.days_left > 0 {
                self.sell_estate(books, estate);
            }
            estate.days_left > 0 || estate.waits
        });
        books.distress.estates = estates;
    }

    /// Estates no longer wait for the auction.
    pub(super) fn end_wait(&self, books: &mut Books<'_>) {
        let mut estates = std::mem::take(&mut books.distress.estates);
        estates.retain_mut(|estate| {
            if std::mem::take(&mut estate.waits) && estate.days_left == 0 {
                self.close_estate(books, estate);
            }
            estate.days_left > 0
        });
        books.distress.estates = estates;
    }

    /// A liquidated firm sells a day's part of its coins, pledged ones first; after the last, creditors have what there is.
    fn sell_estate(&self, books: &mut Books<'_>, estate: &mut Estate) {
        let firm = estate.firm;
        let mut today = books.ledger.coins[firm].div_euclid(i64::from(estate.days_left));
        if estate.days_left == 1 {
            today = books.ledger.coins[firm];
        }
        estate.days_left -= 1;
        estate.sats += today;
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            let sats = books.ledger.loans.rows[loan].pledged.min(today);
            if sats > 0 {
                today -= sats;
                books.ledger.pledge(loan, -sats);
                books.ledger.sell(firm, sats, self.price_usd, Sale::Liquidation);
                books.distress.tally.collateral_sats += sats;
                let claim = books.ledger.loans.rows[loan].principal;
                books.ledger.repay(loan, self.usd(sats), claim);
            }
        }
        books.ledger.sell(firm, today, self.price_usd, Sale::Liquidation);
        if estate.days_left == 0 && !estate.waits {
            self.close_estate(books, estate);
        }
    }

    /// Coins and machines are sold: creditors have what there is, and the firm is no more.
    fn close_estate(&self, books: &mut Books<'_>, estate: &Estate) {
        let firm = estate.firm;
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            books.ledger.loans.rows[loan].charge = 0.0;
        }
        let lost = Self::distribute(books, firm).lenders().usd();
        books.distress.lenders.lose(lost, self.lenders, self.now);
        books.ledger.set_standing(firm, Standing::Liquidated, self.now);
        books.distress.tally.liquidated += books.population.firms.weight[firm];
        Self::tell(books, "liquidation", firm, lost, estate.sats);
    }

    /// A lender has no more to ask of those that have failed: what they owe of the principal is lost, and all interest that has fallen due
    /// and is unpaid, since the others have paid. Returns what is lost, which the caller books once it is known that nothing more comes.
    pub(super) fn give_up_claim(books: &mut Books<'_>, loan: usize, principal: NanoUsd) -> Lost {
        let Loan { interest_due: interest, principal: owed, .. } = books.ledger.loans.rows[loan];
        let principal = principal.min(owed);
        if principal > NanoUsd::ZERO {
            books.ledger.write_off(loan, principal);
        }
        books.ledger.waive(loan);
        Lost { loan, principal, interest }
    }

    /// Creditors of those that have failed have what there is, by priority: bills, interest, loans in the order in which they are
    /// written; what is left belongs to the owners. Returns who goes short.
    pub(super) fn distribute(books: &mut Books<'_>, firm: usize) -> Short {
        books.ledger.pay_bill(firm);
        let (interest, principal) = books.ledger.service_due(firm);
        let bills = (books.ledger.bill[firm] - (interest + principal).usd()).max(0.0);
        let mut short = Short { bills, lost: Vec::new() };
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            let unpaid = books.ledger.loans.rows[loan].due;
            short.lost.push(Self::give_up_claim(books, loan, unpaid));
        }
        books.ledger.bill[firm] = 0.0;
        let rest = books.ledger.cash[firm];
        books.ledger.post(firm, Cause::Distribution, -rest);
        short
    }

    /// The share of a cohort that fails is liquidated at once, with its share of all that the cohort has and owes; the others have paid.
    fn lose_members(&self, books: &mut Books<'_>, firm: usize, share: f64) {
        let before_mh = books.population.firms.installed_mh[firm];
        let hash_mh = part_mh(before_mh, share);
        let (mut sats, mut left) = (0, 1.0);
        Self::consign(books, firm, None, false);
        for loan in books.ledger.loans.of(firm).collect::<Vec<_>>() {
            let claim = books.ledger.loans.rows[loan].principal.part(share);
            let taken = self.take_pledge(books, loan, share, Sale::Liquidation);
            books.ledger.accelerate(loan, claim.over(taken.repaid));
            sats += taken.sats;
            left *= 1.0 - taken.machines;
        }
        // What was pledged has gone: of the rest, what makes the share of the whole.
        let rest = if left > 0.0 { 1.0 - (1.0 - share) / left } else { 0.0 };
        let usd = self.remove_machines(books, firm, rest);
        books.ledger.post(firm, Cause::MachinesSold, usd);
        books.inventory.failed_mh += before_mh - books.population.firms.installed_mh[firm];
        let coins = part(books.ledger.free(firm), share);
        books.ledger.sell(firm, coins, self.price_usd, Sale::Liquidation);
        let short = Self::distribute(books, firm);
        books.ledger.set_standing(firm, Standing::Ok, self.now);
        // Should the others miss their next payment too, they have been in arrears since today.
        books.distress.arrears.insert(firm, Arrears::default());
        self.shrink(books, firm, share);
        let weight = books.population.firms.weight[firm] * share / (1.0 - share);
        books.distress.count_lost(firm, weight);
        let usd = short.lenders().usd();
        let failed = Happening { kind: "liquidation", firm, weight, hash_mh, usd, sats: sats + coins };
        if books.distress.consignments.last().is_some_and(|last| last.firm == firm && last.loan.is_none()) {
            Self::keep_open(books, short, Some(failed));
        } else {
            books.distress.lenders.lose(usd, self.lenders, self.now);
            books.distress.told.push(failed);
        }
    }

    /// A cohort has fewer members: fewer owners, smaller payments, a smaller treasury, less that may be drawn.
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
    fn shrink(&self, books: &mut Books<'_>, firm: usize, share: f64) {
        let left = 1.0 - share;
        let ledger = &mut *books.ledger;
        let population = Arc::make_mut(books.population);
        // What is due in any case and belongs to no machine.
        let by_lot: i64 = population.lots_of_firm(firm).map(|lot| population.lots.fixed_nusd[lot]).sum();
        let firms = &mut population.firms;
        let own = nano_usd((firms.fixed_nusd[firm] - by_lot) as f64 * 1e-9 * share);
        firms.weight[firm] *= left;
        firms.fixed_nusd[firm] -= own;
        firms.full_cost_nusd[firm] -= own;
        ledger.accrue(firm, self.now);
        ledger.cost_nusd[firm] -= own;
        ledger.target_sats[firm] -= part(ledger.target_sats[firm], share);
        ledger.loans.shrink(firm, left);
    }
}

/// A share of hashrate, MH/s.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "known to 53 bits"
)]
pub(super) fn part_mh(mh: u64, share: f64) -> u64 {
    if share >= 1.0 { mh } else { (mh as f64 * share) as u64 }
}
