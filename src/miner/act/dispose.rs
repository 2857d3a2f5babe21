//! What becomes of machines that a firm gives up, and what they are worth.

use super::{Books, Settlement};
use crate::miner::{ledger::Cause, population::LotKind};
use std::sync::Arc;

impl Settlement<'_> {
    /// What a firm's machines would bring on the market for used machines, USD: nothing where there is no such market.
    pub(super) fn machines_usd(_books: &Books<'_>, _firm: usize) -> f64 {
        0.0
    }

    /// What its idle machines would bring, USD.
    pub(super) fn idle_machines_usd(_books: &Books<'_>, _firm: usize) -> f64 {
        0.0
    }

    /// A firm sells idle machines for at least so many dollars, or all there are.
    pub(super) fn sell_idle_machines(_books: &mut Books<'_>, _firm: usize, _usd: f64) {}

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
            usd += Self::dispose(books, lot, gone);
            let left = books.population.lots.units[lot] - gone;
            let population = Arc::make_mut(books.population);
            books.fleet.set_units(population, books.ledger, &self.terms, lot, left, self.now);
        }
        usd
    }

    /// All machines of a firm go, and the firm with them. Returns what they bring, USD, which it has in cash.
    pub(super) fn dispose_of_all(&self, books: &mut Books<'_>, firm: usize) -> f64 {
        let mut usd = 0.0;
        for lot in books.population.lots_of_firm(firm).collect::<Vec<_>>() {
            let lots = &books.population.lots;
            if lots.kind[lot] != LotKind::Boost && !books.fleet.is_gone(lot) {
                usd += Self::dispose(books, lot, lots.units[lot]);
            }
        }
        books.fleet.remove(books.population, books.ledger, firm, self.now);
        books.ledger.post(firm, Cause::MachinesSold, usd);
        usd
    }

    /// Machines of a lot go to the market for used machines. Returns what they bring, USD; without a market they are scrapped.
    fn dispose(_books: &mut Books<'_>, _lot: usize, _units: u32) -> f64 {
        0.0
    }
}

/// A share of so many machines, in whole ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many as there are")]
fn whole_share(units: u32, share: f64) -> u32 {
    ((f64::from(units) * share).round().max(0.0) as u32).min(units)
}
