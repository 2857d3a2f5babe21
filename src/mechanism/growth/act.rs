//! Machines are ordered and delivered, on each firm's own day of the month.

use super::{
    deliver::Deliveries,
    follow::Following,
    invest::{Entering, Investing},
    params::{Invest, Orders},
};
use crate::{
    chain::subsidy::next_halving,
    market::outlook::{Ahead, HALVINGS_AHEAD, Outlook, left_by_halving},
    random::{Draw, Purpose},
    units::{DAY_S, Days, Hashrate, Sats, Seconds, UsdPerBtc, YEAR_DAYS},
    world::{World, ladder::returning, machines::Arrival},
};
use std::collections::VecDeque;

/// Number of epochs over which an adaptive miner measures the growth of difficulty.
const EPOCHS_SEEN: usize = 6;
const SPACING_S: f64 = 600.0;
const BLOCKS_PER_DAY: f64 = DAY_S / SPACING_S;

/// Outstanding orders, investors, and expectations.
#[derive(Clone, Debug, Default)]
pub struct Growth<'a> {
    deliveries: Deliveries,
    following: Option<Following<'a>>,
    investing: Option<Investing<'a>>,
    entering: Option<Entering<'a>>,
    /// Begin of each of the last epochs, s, and the difficulties of their first blocks, for adaptive miners.
    epochs: VecDeque<(f64, f64)>,
}

impl<'a> Growth<'a> {
    /// The state at the start of a history.
    #[must_use]
    pub fn open(world: &World<'a>) -> Self {
        let (scenario, chain) = (world.scenario, &world.chain);
        let params = &scenario.growth;
        let coming = params.models.len();
        let draw = |purpose| Draw::new(scenario.run.seed, world.replica, purpose);
        let mut growth = Self::default();
        match &params.orders {
            None => {}
            Some(Orders::Outstanding(orders)) => {
                let trend = draw(Purpose::Trend);
                growth.deliveries = Deliveries::open(orders, coming, &world.population, world.fleet.running_mh, trend);
            }
            Some(Orders::Rule(rule)) => {
                let following = Following::new(rule, coming, draw(Purpose::DeliveryLag), world);
                let eh = rule.on_order_eh.unwrap_or_else(|| following.usual_on_order_eh(world));
                growth.deliveries = Deliveries::of_rule(rule, eh, coming, &world.population);
                growth.following = Some(following);
            }
        }
        // If the tip closes an epoch, the difficulty at the start is that of the next one, which is recorded when it begins.
        if !chain.epochs().closes(chain.height()) {
            growth.note_epoch(chain.epoch_start().get(), chain.difficulty());
        }
        match &params.invest {
            Invest::None => {}
            Invest::Payback(payback) => {
                let hurdle = params.hurdle(payback.payback);
                let draws = (draw(Purpose::DeliveryLag), draw(Purpose::SiteLead));
                let entrants = world.terms().classes.iter().map(|class| class.entrant_mw).collect();
                growth.investing = Some(Investing::new(payback, hurdle, coming, draws, entrants, &world.population));
            }
            Invest::Barrier(barrier) => {
                growth.entering = Some(Entering::new(&barrier.barrier, &barrier.offers, coming));
            }
        }
        growth
    }

    /// Records the begin of an epoch at this difficulty, whether it has changed or not.
    pub fn note_epoch(&mut self, now: f64, difficulty: f64) {
        if self.epochs.len() > EPOCHS_SEEN {
            self.epochs.pop_front();
        }
        self.epochs.push_back((now, difficulty));
    }

    /// Growth rate of difficulty over the last epochs, 1/year; `None` until enough have passed.
    fn trend_per_year(&self) -> Option<f64> {
        let (Some(&(then, before)), Some(&(now, after))) = (self.epochs.front(), self.epochs.back()) else {
            return None;
        };
        (self.epochs.len() > EPOCHS_SEEN).then(|| libm::log(after / before) / ((now - then) / DAY_S / YEAR_DAYS))
    }

    /// Hashrate ordered in the run, MH/s.
    #[must_use]
    pub fn ordered(&self) -> Hashrate {
        let investing = self.investing.as_ref().map_or(Hashrate::ZERO, |investing| investing.ordered);
        investing + self.following.as_ref().map_or(Hashrate::ZERO, |following| following.ordered)
    }

    /// Hashrate ordered and not yet delivered, MH/s.
    #[must_use]
    pub fn on_order(&self) -> Hashrate {
        self.deliveries.on_order()
    }

    /// Delivers new machines to the firms of this day of the calendar; outsiders enter at the barrier.
    pub fn deliver(&mut self, world: &mut World<'_>, today: usize, price: UsdPerBtc) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        self.deliveries.arrive_of_book(world, today, &mut arrivals);
        self.deliveries.arrive(world, &mut arrivals);
        if let Some(entering) = self.entering {
            entering.enter(world, world.chain.reward() * price);
        }
        arrivals
    }

    /// Firms of this day of the calendar place the orders that follow from revenue.
    pub fn follow(&mut self, world: &mut World<'_>, today: usize) {
        if let Some(following) = &mut self.following {
            following.order(world, &mut self.deliveries, today);
        }
    }

    /// Firms of this day of the calendar decide whether to buy machines.
    pub fn invest(&mut self, world: &mut World<'_>, today: usize, outlook: &Outlook) {
        let ahead = self.ahead(world);
        if let Some(investing) = &mut self.investing {
            investing.order(world, &mut self.deliveries, today, (outlook, &ahead));
        }
    }

    /// Whether firms buy machines in the run.
    #[must_use]
    pub const fn invests(&self) -> bool {
        self.investing.is_some()
    }

    /// Miners' expectation of hashprice.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "heights are far below 2^53")]
    pub fn outlook(&self, world: &World<'_>) -> Outlook {
        let (expectations, chain) = (&world.scenario.growth.expectations, &world.chain);
        let mut decline_per_year = expectations.decline_per_year;
        if expectations.adaptive {
            decline_per_year = self.trend_per_year().map_or(decline_per_year, |trend| trend.max(0.0));
        }
        let (height, fees) = (chain.height(), chain.fees());
        let hashprice = self.ahead(world).hashprice(0.0);
        let mut subsidy = chain.subsidy();
        let mut next = next_halving(height + 1);
        let halvings = std::array::from_fn(|_| {
            let ahead = Days::from(Seconds::new((next - height) as f64 * SPACING_S));
            let left = left_by_halving(subsidy, fees, expectations.halving_share);
            subsidy = Sats::new(subsidy.get() / 2);
            next = next_halving(next);
            (ahead, left)
        });
        debug_assert_eq!(halvings.len(), HALVINGS_AHEAD);
        Outlook { hashprice, decline_per_year, halvings }
    }

    /// Public information on hashprice: price and reward, running hashrate, outstanding orders.
    fn ahead(&self, world: &World<'_>) -> Ahead {
        let (reward, price) = (world.chain.reward(), world.quote());
        let spot = world.hashprice_at(price);
        let runs = world.running() + returning(&world.population, &world.fleet, spot);
        let adds_ph = self.deliveries.adds_ph(&world.population, &world.fleet, &world.ledger);
        Ahead { spot, usd_per_day: BLOCKS_PER_DAY * (reward * price).get(), known_ph: runs.ph() + adds_ph }
    }
}
