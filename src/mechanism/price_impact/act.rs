//! What the market sees of miners' sales, and how the price moves with it.

use crate::{
    mechanism::treasury::rule::usual_share,
    units::{DAY_S, Sats, UsdPerBtc},
    world::{World, ledger::Ledger, lots::ph, population::Population},
};

/// Miners' sales as the market sees them.
#[derive(Clone, Debug)]
pub struct Sales {
    /// Sales of the last days between settlements, BTC/day.
    recent: Vec<f64>,
    /// When the market last cleared, s.
    cleared: f64,
    /// Coins sold until then, satoshi.
    sold_before: i64,
    /// Smallest factor of impact so far, at most 1.
    pub worst_factor: f64,
}

impl Sales {
    /// At the start, where firms settle every `days` days and `expected` BTC are sold in a day.
    #[must_use]
    pub fn new(days: usize, expected: f64) -> Self {
        Self { recent: vec![expected; days], cleared: 0.0, sold_before: 0, worst_factor: 1.0 }
    }

    /// The day's sales move the price of the days to come.
    ///
    /// # Panics
    /// With more days than a `usize` counts.
    pub fn clear(&mut self, world: &mut World<'_>) {
        let days = (world.clock.now - self.cleared) / DAY_S;
        let sold = Sats::new(world.ledger.sold.total() - self.sold_before).btc();
        self.sold_before = world.ledger.sold.total();
        self.cleared = world.clock.now;
        // A firm's order is worked off evenly until it settles again: the market sees the mean of that many days.
        let place = usize::try_from(world.clock.days).expect("days of a run") % self.recent.len();
        self.recent[place] = sold / days;
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let rate = self.recent.iter().sum::<f64>() / self.recent.len() as f64;
        world.impact.sell(rate * days, days);
        world.impact_factor = world.impact.factor();
        self.worst_factor = self.worst_factor.min(world.impact_factor);
    }
}

/// Coins that a market is used to seeing sold, BTC/day: what policy sells of production at the start, or what must be sold to pay bills.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "MH/s and nano-dollars are known to 53 bits")]
pub fn expected_sales(population: &Population, ledger: &Ledger, sats_per_ph_day: f64, price: UsdPerBtc) -> f64 {
    let firms = &population.firms;
    let firm = |firm: usize| {
        let mined = ledger.running_mh[firm] as f64 / 1e9 * sats_per_ph_day / 1e8;
        let needed = ledger.cost_nusd[firm] as f64 * 1e-9 / price.get();
        let earns = ph(firms.installed_mh[firm]) * sats_per_ph_day / 1e8 * price.get();
        let share = usual_share(firms.treasury[firm], earns / (firms.full_cost_nusd[firm] as f64 * 1e-9));
        (share * mined).max(needed.min(mined))
    };
    (0..firms.len()).map(firm).sum()
}
