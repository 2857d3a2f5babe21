//! Power prices of sites.

use super::World;
use crate::units::{Seconds, SiteId};

/// Updates the power price of a site to the present one.
pub fn renew_power_price(world: &mut World<'_>, site: SiteId) {
    let (population, sites) = (&world.population, &world.population.sites);
    let class = population.firms.class[sites.firm[site]];
    let region = sites.region[site];
    let terms = world.terms().at(population, site);
    let moves = terms.moves(population, region, class, Seconds::new(world.clock.now));
    let price = terms.price(region, sites.own_price[site], &moves);
    if price.get().to_bits() != sites.power_price[site].get().to_bits() {
        world.fleet.reprice(&mut world.population, &mut world.ledger, &terms, site, price, world.clock.now);
    }
}
