//! What becomes of machines that a firm gives up, and what they are worth: the market of used machines takes them where there is one; else they
//! leave with those that failed, for nothing.

use super::{Books, Resale, Settlement, resale::is_idle};
use crate::{
    miner::{
        distress::{Consignment, Happening, Lost, Short},
        fleet::Fleet,
        ledger::{Cause, Standing},
        loan::Collateral,
        population::{LotKind, Population},
    },
    units::NanoUsd,
};
use std::sync::Arc;

impl Settlement<'_> {
    /// What a firm's machines would bring on the market for used machines, USD: nothing where there is no such market.
    pub(super) fn machines_usd(books: &Books<'_>, firm: usize) -> f64 {
        all_worth_usd(books.resale.as_deref(), books.population, books.fleet, firm)
    }

    /// What its idle machines would bring it, lenders' part aside, USD.
    pub(super) fn idle_machines_usd(books: &Books<'_>, firm: usize) -> f64 {
        let idle = |lot| is_idle(books.population, books.fleet, lot);
        let usd = worth_usd(books.resale.as_deref(), books.population, firm, idle);
        books.ledger.own_part(firm, usd).max(0.0)
    }

    /// A firm sells the fewest idle machines that bring `usd` after the lenders' part, or all there are.
    pub(super) fn sell_idle_machines(&self, books: &mut Books<'_>, firm: usize, usd: f64) {
        let population = &books.population;
        let idle = population.lots_of_firm(firm).filter(|&lot| is_idle(population, books.fleet, lot));
        let idle: Vec<_> = idle.map(|lot| (lot, population.lots.units[lot])).collect();
        let gross = books.ledger.before_lenders(firm, usd);
        Self::consign(books, firm, None, true);
        let found = self.sell_machines(books, idle, gross);
        books.ledger.post(firm, Cause::MachinesSold, found);
        books.ledger.pay_for_pledges(firm, found);
    }

    /// What the broker takes from now on is for this firm, or for the lender of a loan: what the auction brings beyond an advance is passed on.
    pub(super) fn consign(books: &mut Books<'_>, firm: usize, loan: Option<usize>, advances: bool) {
        if let Some(resale) = books.resale.as_deref_mut().filter(|resale| resale.is_auction()) {
            books.distress.consignments.push(Consignment { firm, loan, short: Short::default(), failed: None });
            resale.consign_for(books.distress.consignments.len() - 1, advances);
        }
    }

    /// Creditors have had all but what the next auction brings: until then lenders' losses are open.
    pub(super) fn keep_open(books: &mut Books<'_>, short: Short, failed: Option<Happening>) {
        if let Some(consignment) = books.distress.consignments.last_mut() {
            (consignment.short, consignment.failed) = (short, failed);
        }
    }

    /// The auction is over: what it brought beyond the broker's advances is passed on, and estates that waited for it go on.
    pub fn pass_on(&self, books: &mut Books<'_>, more_usd: &[(usize, f64)]) {
        let consignments = std::mem::take(&mut books.distress.consignments);
        let mut more = more_usd.iter().copied().peekable();
        for (index, consignment) in consignments.into_iter().enumerate() {
            let usd = more.next_if(|&(known, _)| known == index).map_or(0.0, |(_, usd)| usd);
            self.pay_creditors(books, consignment, usd);
        }
        self.end_wait(books);
    }

    /// Creditors that went short have what the auction brought beyond the advance, in the order in which they come; the rest is the firm's, or the
    /// owners' of those that failed. What lenders lose is known now.
    fn pay_creditors(&self, books: &mut Books<'_>, consignment: Consignment, usd: f64) {
        let Consignment { firm, loan, short, failed } = consignment;
        let claims = short.lenders().usd();
        books.ledger.post(firm, Cause::MachinesSold, usd);
        let on_machines =
            |lost: &&Lost| matches!(books.ledger.loans.rows[lost.loan].terms.collateral, Collateral::Machines(_));
        let (on_machines, others): (Vec<Lost>, Vec<Lost>) = short.lost.iter().partition(on_machines);
        let mut left = usd;
        for lost in on_machines {
            left -= Self::recover(books, &lost, left);
        }
        let bills = short.bills.min(left);
        books.ledger.post(firm, Cause::Bills, -bills);
        left -= bills;
        for lost in others {
            left -= Self::recover(books, &lost, left);
        }
        let loss = (claims - (usd - left - bills)).max(0.0);
        books.distress.lenders.lose(loss, self.lenders, self.now);
        let of_members = failed.is_some();
        books.distress.told.extend(failed.map(|failed| Happening { usd: loss, ..failed }));
        if let Some(loan) = loan {
            let due = books.ledger.loans.rows[loan].due;
            left -= books.ledger.repay(loan, left, due).usd();
        }
        let left = left.clamp(0.0, books.ledger.cash[firm]);
        let standing = books.ledger.standing[firm];
        if of_members || !(standing.lives() || standing == Standing::Liquidating) {
            books.ledger.post(firm, Cause::Distribution, -left);
        } else if loan.is_none() {
            books.ledger.pay_for_pledges(firm, left);
        }
    }

    /// A lender has back what was lost, as far as `usd` goes. Returns what it has, USD.
    fn recover(books: &mut Books<'_>, lost: &Lost, usd: f64) -> f64 {
        let firm = books.ledger.loans.rows[lost.loan].firm as usize;
        let back = NanoUsd::nearest(usd.min(books.ledger.cash[firm])).min(lost.principal + lost.interest);
        let interest = back.min(lost.interest);
        books.ledger.post(firm, Cause::Interest, -interest.usd());
        books.ledger.recover(lost.loan, back - interest);
        back.usd()
    }

    /// A lender sells the fewest of a firm's machines that bring `usd`, at most a share of each lot. Returns what they bring, USD.
    pub(super) fn sell_charged_machines(&self, books: &mut Books<'_>, firm: usize, share: f64, usd: f64) -> f64 {
        let lots = &books.population.lots;
        let there = |lot: &usize| lots.kind[*lot] != LotKind::Boost && !books.fleet.is_gone(*lot);
        let charged = books.population.lots_of_firm(firm).filter(there);
        let charged = charged.map(|lot| (lot, whole_share(lots.units[lot], share))).collect();
        self.sell_machines(books, charged, usd)
    }

    /// Sells the fewest machines that bring `wanted_usd`, the least efficient first, from lots that are given with the most that may go of each.
    /// Returns what they bring, USD.
    fn sell_machines(&self, books: &mut Books<'_>, mut from: Vec<(usize, u32)>, wanted_usd: f64) -> f64 {
        let lots = &books.population.lots;
        from.sort_by(|&(a, _), &(b, _)| {
            lots.efficiency[b].total_cmp(&lots.efficiency[a]).then(lots.key[a].cmp(&lots.key[b]))
        });
        let mut found = 0.0;
        for (lot, most) in from {
            if found >= wanted_usd {
                break;
            }
            let units = fewest(books.resale.as_deref(), books.population, lot, most, wanted_usd - found);
            if units > 0 {
                found += self.give_up(books, lot, units);
            }
        }
        found
    }

    /// A share of a firm's machines goes, lot by lot in whole machines. Returns what they bring, USD.
    pub(super) fn remove_machines(&self, books: &mut Books<'_>, firm: usize, share: f64) -> f64 {
        let lots: Vec<usize> = books.population.lots_of_firm(firm).collect();
        let mut usd = 0.0;
        for lot in lots {
            let lots = &books.population.lots;
            let gone = whole_share(lots.units[lot], share);
            if lots.kind[lot] == LotKind::Boost || gone == 0 || books.fleet.is_gone(lot) {
                continue;
            }
            usd += self.give_up(books, lot, gone);
        }
        usd
    }

    /// So many machines of a lot go. Returns what they bring, USD.
    fn give_up(&self, books: &mut Books<'_>, lot: usize, units: u32) -> f64 {
        let usd = if let Some(resale) = books.resale.as_deref_mut() {
            resale.sell_now(books.population, lot, units)
        } else {
            let lots = &books.population.lots;
            books.inventory.leave_with_failed(lots.model[lot], units);
            0.0
        };
        let left = books.population.lots.units[lot] - units;
        let population = Arc::make_mut(books.population);
        books.fleet.set_units(population, books.ledger, &self.terms, lot, left, self.now);
        usd
    }

    /// All machines of a firm go, and the firm with them. Returns what they bring, USD, which it has in cash. Without a market they stay where they
    /// are, and never run again.
    pub(super) fn dispose_of_all(&self, books: &mut Books<'_>, firm: usize) -> f64 {
        let machines = |lot: &usize| books.population.lots.kind[*lot] != LotKind::Boost && !books.fleet.is_gone(*lot);
        let lots: Vec<usize> = books.population.lots_of_firm(firm).filter(machines).collect();
        Self::consign(books, firm, None, false);
        books.fleet.remove(books.population, books.ledger, firm, self.now);
        let mut usd = 0.0;
        if let Some(resale) = books.resale.as_deref_mut() {
            for lot in lots {
                usd += resale.sell_now(books.population, lot, books.population.lots.units[lot]);
                Arc::make_mut(books.population).lots.units[lot] = 0;
            }
        }
        books.ledger.post(firm, Cause::MachinesSold, usd);
        usd
    }
}

/// What all machines of a firm would bring on the market for used machines, USD: nothing where there is none.
pub(super) fn all_worth_usd(resale: Option<&Resale>, population: &Population, fleet: &Fleet, firm: usize) -> f64 {
    resale.map_or(0.0, |market| {
        market.worth_of_firm_usd(firm, fleet.version(firm), || {
            worth_usd(resale, population, firm, |lot| !fleet.is_gone(lot))
        })
    })
}

/// What the lots of a firm that count would bring, USD.
fn worth_usd(resale: Option<&Resale>, population: &Population, firm: usize, counts: impl Fn(usize) -> bool) -> f64 {
    let Some(resale) = resale else { return 0.0 };
    let lots = population.lots_of_firm(firm).filter(|&lot| population.lots.kind[lot] != LotKind::Boost && counts(lot));
    lots.map(|lot| resale.worth_usd(population, lot, population.lots.units[lot])).sum()
}

/// The fewest machines of a lot that bring `usd`; `most` where these do not bring it.
fn fewest(resale: Option<&Resale>, population: &Population, lot: usize, most: u32, usd: f64) -> u32 {
    let Some(resale) = resale else { return most };
    // More machines bring more, though each of them less.
    let (mut least, mut enough) = (0, most);
    while least < enough {
        let middle = least + (enough - least) / 2;
        if resale.worth_usd(population, lot, middle) >= usd { enough = middle } else { least = middle + 1 }
    }
    enough
}

/// A share of so many machines, in whole ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many as there are")]
fn whole_share(units: u32, share: f64) -> u32 {
    ((f64::from(units) * share).round().max(0.0) as u32).min(units)
}
