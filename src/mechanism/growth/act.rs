//! Machines are ordered and delivered, on each firm's own day of the month.

use super::{
    deliver::Deliveries,
    entry::Entry,
    follow::Following,
    invest::Investing,
    outsiders::Entering,
    params::{Invest, Offer, Orders},
};
use crate::{
    chain::subsidy::next_halving,
    market::{
        law::Law,
        outlook::{Ahead, HALVINGS_AHEAD, Outlook, left_by_halving},
    },
    random::{Draw, Purpose},
    units::{DAY_S, Days, Hashprice, Hashrate, Sats, Seconds, UsdPerBtc, YEAR_DAYS},
    world::{Scenario, World, ladder::returning, machines::Arrival},
};
use std::sync::Arc;

const SPACING_S: f64 = 600.0;
const BLOCKS_PER_DAY: f64 = DAY_S / SPACING_S;

/// Outstanding orders, investors, and expectations.
#[derive(Clone, Debug, Default)]
pub struct Growth<'a> {
    deliveries: Deliveries,
    following: Option<Following<'a>>,
    investing: Option<Investing<'a>>,
    entering: Option<Entering<'a>>,
    /// Miners' expectation at the start, where somebody values machines.
    opening: Option<Outlook>,
    /// Machines that can be bought, and the hashprice at which each just pays.
    entries: Vec<(Offer, Hashprice)>,
}

impl<'a> Growth<'a> {
    /// The law of hashprice in which the miners of a scenario believe, if any of them values machines.
    #[must_use]
    pub fn law(scenario: &Scenario) -> Option<Arc<Law>> {
        scenario.values_machines().then(|| Arc::new(Entry::of(&scenario.growth).law(scenario.beliefs())))
    }

    /// The state at the start of a history.
    #[must_use]
    pub fn open(world: &World<'a>, law: Option<Arc<Law>>) -> Self {
        let scenario = world.scenario;
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
        if let Some(law) = law {
            growth.entries = Entry::of(params).offers(world, &law);
            growth.opening = Some(Outlook::at_barrier(law, world.hashprice()));
        }
        growth
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

    /// Firms of this day of the calendar are told which instalments on machines on order fall due.
    pub fn ask_instalments(&self, world: &mut World<'_>, today: usize) {
        self.deliveries.ask_instalments(world, today);
    }

    /// Machines of those that did not pay are cancelled.
    pub fn cancel_unpaid(&mut self, world: &mut World<'_>, today: usize) {
        self.deliveries.cancel_unpaid(world, today);
    }

    /// Firms of this day of the calendar place the orders that follow from revenue.
    pub fn follow(&mut self, world: &mut World<'_>, today: usize) {
        if let Some(following) = &mut self.following {
            following.order(world, &mut self.deliveries, today);
        }
    }

    /// Firms of this day of the calendar decide whether to buy machines.
    pub fn invest(&mut self, world: &mut World<'_>, today: usize) {
        if self.investing.is_none() {
            return;
        }
        let ahead = self.ahead(world);
        let Some(outlook) = self.outlook_by(world, &ahead) else { return };
        if let Some(investing) = &mut self.investing {
            investing.order(world, &mut self.deliveries, today, (&outlook, &ahead));
        }
    }

    /// Whether firms buy machines in the run.
    #[must_use]
    pub const fn invests(&self) -> bool {
        self.investing.is_some()
    }

    /// Miners' expectation of hashprice, where somebody values machines.
    #[must_use]
    pub fn outlook(&self, world: &World<'_>) -> Option<Outlook> {
        self.opening.as_ref().and_then(|_| self.outlook_by(world, &self.ahead(world)))
    }

    #[expect(clippy::cast_precision_loss, reason = "heights are far below 2^53")]
    fn outlook_by(&self, world: &World<'_>, ahead: &Ahead) -> Option<Outlook> {
        let opening = self.opening.as_ref()?;
        let (share, chain) = (world.scenario.growth.expectations.halving_share, &world.chain);
        let (height, fees) = (chain.height(), chain.fees());
        let mut subsidy = chain.subsidy();
        let mut next = next_halving(height + 1);
        let halvings = std::array::from_fn(|_| {
            let ahead = Days::from(Seconds::new((next - height) as f64 * SPACING_S));
            let left = left_by_halving(subsidy, fees, share);
            subsidy = Sats::new(subsidy.get() / 2);
            next = next_halving(next);
            (ahead, left)
        });
        debug_assert_eq!(halvings.len(), HALVINGS_AHEAD);
        Some(Outlook { hashprice: ahead.hashprice(0.0), entry: self.entry(world), halvings, ..opening.clone() })
    }

    /// The hashprice at which the best machine on sale pays. Where none is on sale, it falls as machines are expected to improve.
    fn entry(&self, world: &World<'_>) -> Hashprice {
        let days = world.clock.now / DAY_S;
        match &world.scenario.growth.invest {
            Invest::Barrier(params) => params.barrier.after(days),
            Invest::Payback(_) => {
                let on_sale = self.entries.iter().filter(|(offer, _)| offer.is_on_sale(world.clock.now));
                on_sale.map(|(_, entry)| *entry).fold(Hashprice::new(f64::INFINITY), Hashprice::min)
            }
            Invest::None => {
                let fall = world.scenario.growth.expectations.decline_per_year * days / YEAR_DAYS;
                let start =
                    self.entries.iter().map(|(_, entry)| *entry).fold(Hashprice::new(f64::INFINITY), Hashprice::min);
                start * libm::exp(-fall)
            }
        }
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
