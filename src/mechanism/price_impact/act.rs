//! Miners' sales as seen by the market, and their effect on the price.

use crate::{
    market::ImpactLaw,
    units::{DAY_S, Sats},
    world::World,
};

/// A day of the paired history: the same seed without the shock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairedDay {
    /// Price at which the firms of that day settled, USD/BTC.
    pub price_usd: f64,
    /// Coins sold until the end of the day.
    pub sold: Sats,
    /// Sales as the market sees them, BTC/day.
    pub flow_btc_per_day: f64,
}

/// Miners' sales as seen by the market.
#[derive(Clone, Debug)]
pub struct Sales {
    /// Sales of the last days between settlements, BTC/day; zero before the start.
    recent: Vec<f64>,
    /// Time of the last clearing, s.
    cleared: f64,
    /// Coins sold until then.
    sold_before: Sats,
    /// The latest day, as a history that is paired with this one sees it.
    latest: PairedDay,
    /// Days of the paired history; empty if there is none.
    paired: Vec<PairedDay>,
    /// Smallest factor of impact so far, at most 1.
    pub worst_factor: f64,
}

impl Sales {
    /// The state at the start, if firms settle every `days` days.
    #[must_use]
    pub fn new(days: usize) -> Self {
        Self {
            recent: vec![0.0; days],
            cleared: 0.0,
            sold_before: Sats::ZERO,
            latest: PairedDay::default(),
            paired: Vec::new(),
            worst_factor: 1.0,
        }
    }

    /// The base price contains the sales of these days: only sales beyond them move the price.
    pub fn pair_with(&mut self, days: Vec<PairedDay>) {
        self.paired = days;
    }

    /// The latest day of this history.
    #[must_use]
    pub const fn latest(&self) -> PairedDay {
        self.latest
    }

    /// Day `days` of the paired history, counted from 1; `None` if there is none.
    ///
    /// # Panics
    /// With more days than a `usize` counts.
    #[must_use]
    pub fn paired(&self, days: u64) -> Option<PairedDay> {
        let day = usize::try_from(days).expect("days of a run");
        self.paired.get(day.wrapping_sub(1)).copied()
    }

    /// The day's sales move the price of the days to come.
    ///
    /// # Panics
    /// With more days than a `usize` counts.
    pub fn clear(&mut self, world: &mut World<'_>) {
        let days = (world.clock.now - self.cleared) / DAY_S;
        let sold = world.ledger.sold.total();
        let day = usize::try_from(world.clock.days).expect("days of a run");
        // A firm's order is executed evenly until its next settlement: the market sees the mean of that number of days.
        let place = day % self.recent.len();
        self.recent[place] = (sold - self.sold_before).btc() / days;
        self.sold_before = sold;
        self.cleared = world.clock.now;
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let flow = self.recent.iter().sum::<f64>() / self.recent.len().min(day) as f64;
        self.latest = PairedDay { price_usd: world.today.price.get(), sold, flow_btc_per_day: flow };
        let moving = match world.scenario.impact.law {
            ImpactLaw::None => return,
            ImpactLaw::Linear { .. } => flow,
            // A history that is not paired is the one that the base price describes.
            ImpactLaw::SquareRoot { .. } => {
                self.paired(world.clock.days).map_or(0.0, |day| flow - day.flow_btc_per_day)
            }
        };
        world.impact.sell(moving, days);
        world.impact_factor = world.impact.factor();
        self.worst_factor = self.worst_factor.min(world.impact_factor);
    }
}
