//! What becomes of machines that a firm gives up, and what they are worth: the market of used machines takes them where there is one; else they
//! leave with those that failed, for nothing.

use super::{Books, Resale, Settlement, resale::is_idle};
use crate::miner::{
    fleet::Fleet,
    ledger::Cause,
    population::{LotKind, Population},
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
        let found = self.sell_machines(books, idle, gross);
        books.ledger.post(firm, Cause::MachinesSold, found);
        books.ledger.pay_for_pledges(firm, found);
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
    worth_usd(resale, population, firm, |lot| !fleet.is_gone(lot))
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
