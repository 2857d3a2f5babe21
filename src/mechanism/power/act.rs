//! Power prices of sites, and the response of sites to spot prices.

use super::respond::Responding;
use crate::{
    units::{Days, Hashprice, Seconds},
    world::{Scenario, World, sites},
};

/// Interval at which the list of responding sites is renewed, because sites change owners and regions.
const LISTING: Seconds = Seconds::new(7.0 * 86_400.0);

/// The state of power prices.
#[derive(Clone, Debug)]
pub struct PowerPrices {
    /// Time of the next update of power prices.
    due: Seconds,
    /// Time of the next listing of responding sites.
    listing_due: Seconds,
    /// Sites that are billed by the hour, if any contract is.
    pub responding: Option<Responding>,
}

impl PowerPrices {
    /// The state at the start.
    #[must_use]
    pub fn new(scenario: &Scenario, replica: u64) -> Self {
        let power = &scenario.power;
        let due = if power.is_still() { Seconds::new(f64::INFINITY) } else { power.next_renewal(Seconds::ZERO) };
        Self {
            due,
            listing_due: Seconds::ZERO,
            responding: scenario.is_hourly().then(|| Responding::new(scenario, replica)),
        }
    }

    /// Updates the power prices of all sites if season, market or levies have changed them.
    pub fn renew(&mut self, world: &mut World<'_>) {
        if world.now() < self.due {
            return;
        }
        self.due = world.scenario.power.next_renewal(world.now());
        self.list_soon(world);
        for site in world.population.sites.ids() {
            sites::renew_power_price(world, site);
        }
    }

    /// Renews the list of responding sites at the next response.
    pub fn list_soon(&mut self, world: &World<'_>) {
        self.listing_due = world.now();
    }

    /// Sites that respond to spot prices set their uptime by hashprice.
    pub fn respond(&mut self, world: &mut World<'_>, hashprice: Hashprice) {
        let Some(responding) = &mut self.responding else { return };
        let now = world.now();
        if now >= self.listing_due || responding.is_stale(&world.population) {
            self.listing_due = now + LISTING;
            responding.gather(&world.population, &world.terms(), now);
        }
        responding.respond(world, hashprice);
    }

    /// Adds the income of responding sites over the time passed.
    pub fn earn(&mut self, world: &World<'_>, passed: Days) {
        if let Some(responding) = &mut self.responding {
            responding.earn(world, passed);
            responding.charge(world, passed);
        }
    }

    /// Pays firms of this day of the calendar for resold power.
    pub fn pay(&mut self, world: &mut World<'_>, today: usize) {
        let Some(responding) = &mut self.responding else { return };
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            if world.lives(firm) {
                responding.pay(world, firm);
            }
        }
    }
}
