//! Miners' sales as seen by the market, and their effect on the price.

use crate::{
    mechanism::treasury::rule::usual_share,
    units::{DAY_S, FirmId, Sats, UsdPerBtc},
    world::{World, ledger::Ledger, lots::ph, population::Population},
};

/// Miners' sales as seen by the market.
#[derive(Clone, Debug)]
pub struct Sales {
    /// Sales of the last days between settlements, BTC/day.
    recent: Vec<f64>,
    /// Time of the last clearing, s.
    cleared: f64,
    /// Coins sold until then, satoshi.
    sold_before: Sats,
    /// Smallest factor of impact so far, at most 1.
    pub worst_factor: f64,
}

impl Sales {
    /// The state at the start, if firms settle every `days` days and `expected` BTC are sold per day.
    #[must_use]
    pub fn new(days: usize, expected: f64) -> Self {
        Self { recent: vec![expected; days], cleared: 0.0, sold_before: Sats::ZERO, worst_factor: 1.0 }
    }

    /// The day's sales move the price of the days to come.
    ///
    /// # Panics
    /// With more days than a `usize` counts.
    pub fn clear(&mut self, world: &mut World<'_>) {
        let days = (world.clock.now - self.cleared) / DAY_S;
        let sold = (world.ledger.sold.total() - self.sold_before).btc();
        self.sold_before = world.ledger.sold.total();
        self.cleared = world.clock.now;
        // A firm's order is executed evenly until its next settlement: the market sees the mean of that number of days.
        let place = usize::try_from(world.clock.days).expect("days of a run") % self.recent.len();
        self.recent[place] = sold / days;
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let rate = self.recent.iter().sum::<f64>() / self.recent.len() as f64;
        world.impact.sell(rate * days, days);
        world.impact_factor = world.impact.factor();
        self.worst_factor = self.worst_factor.min(world.impact_factor);
    }
}

/// Usual daily sales of coins, BTC/day: sales of production by policy at the start, or those needed to pay bills.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "MH/s and nano-dollars are known to 53 bits")]
pub fn expected_sales(population: &Population, ledger: &Ledger, sats_per_ph_day: f64, price: UsdPerBtc) -> f64 {
    let firms = &population.firms;
    let firm = |firm: FirmId| {
        let mined = ledger[firm].running_mh as f64 / 1e9 * sats_per_ph_day / 1e8;
        let needed = ledger[firm].cost_nusd as f64 * 1e-9 / price.get();
        let earns = ph(firms.installed_mh[firm]) * sats_per_ph_day / 1e8 * price.get();
        let share = usual_share(firms.treasury[firm], earns / (firms.full_cost_nusd[firm] as f64 * 1e-9));
        (share * mined).max(needed.min(mined))
    };
    firms.ids().map(firm).sum()
}
