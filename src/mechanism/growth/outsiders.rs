//! Outsiders who buy machines whenever hashprice would rise above a barrier. The rule is [`super::rule`].

use super::{
    deliver::whole,
    params::{Barrier, Offer},
};
use crate::{
    units::{Column, DAY_S, FirmId, Hashrate, Usd},
    world::{World, ledger::Cause, lots::megahashes, machines::deliver},
};

/// Buying at a barrier.
#[derive(Clone, Copy, Debug)]
pub struct Entering<'a> {
    barrier: &'a Barrier,
    offers: &'a [Offer],
    coming: usize,
}

/// Maximum hashrate that can be counted, PH/s.
const MOST_PH: f64 = 1e9;

impl<'a> Entering<'a> {
    /// The state before the first entry.
    #[must_use]
    pub fn new(barrier: &'a Barrier, offers: &'a [Offer], coming: usize) -> Self {
        Self { barrier, offers, coming }
    }

    /// Enough hashrate enters to bring hashprice down to the barrier at a block every 600 s. It is added to the existing firms in proportion to their
    /// size; their owners pay for it.
    pub fn enter(self, world: &mut World<'_>, reward_of_a_block: Usd) {
        let days = world.clock.now / DAY_S;
        let installed = Hashrate::from_mh(world.fleet.installed_mh);
        let wanted = self.barrier.hashrate_ph(reward_of_a_block, days).min(MOST_PH) - installed.ph();
        let Some(offer) = self.offers.iter().rev().find(|offer| offer.is_on_sale(world.clock.now)) else { return };
        if wanted <= 0.0 {
            return;
        }
        let model = offer.model.id(world.population.models.len(), self.coming);
        let unit = world.population.models[model].unit;
        let sizes: Column<FirmId, f64> = world
            .population
            .firms
            .ids()
            .map(|firm| if world.lives(firm) { megahashes(world.population.firms.installed_mh[firm]) } else { 0.0 })
            .collect();
        let all: f64 = sizes.iter().sum();
        let each = self.barrier.cost_usd_per_ph * libm::exp(-self.barrier.decline_per_year * days / 365.0) * unit.ph();
        for (firm, &size) in sizes.entries().filter(|(_, size)| **size > 0.0) {
            // A remainder of less than a machine is still wanted the next day.
            let units = whole(wanted * 1e9 * size / all / megahashes(unit.mh()));
            let Some(site) = world.population.sites_of(firm).next().filter(|_| units > 0) else { continue };
            world.ledger.post(firm, Cause::Equity, each * f64::from(units));
            world.ledger.post(firm, Cause::MachinesBought, -each * f64::from(units));
            deliver(world, site, model, units);
            let places = &mut world.population.sites;
            places.capacity_mw[site] = places.capacity_mw[site].max(places.used_mw[site]);
        }
    }
}
