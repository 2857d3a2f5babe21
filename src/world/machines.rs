//! Installation of machines at a site and removal from it, with every account affected.

use super::World;
use crate::{
    units::{Efficiency, Hashrate, LotId, ModelId, Power, SiteId},
    world::lots::LotKind,
};

/// New machines that have arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The lot that they joined.
    pub lot: LotId,
    /// Number of machines.
    pub units: u32,
}

/// Reason for removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Scrapped.
    Scrapped,
    /// Displaced by better machines: they go to the market of used machines, or to scrap where there is none.
    Displaced,
    /// Their site has another use: they go to the market, if there is one.
    Released,
}

/// Installs machines from a manufacturer at a site, whatever its spare capacity. Returns their lot.
pub fn deliver(world: &mut World<'_>, site: SiteId, model: ModelId, units: u32) -> LotId {
    let unit = world.population.models[model].unit;
    world.inventory.deliver(model, units, unit);
    world.fleet.install(
        &mut world.population,
        &mut world.ledger,
        &world.scenario.terms(world.replica),
        site,
        model,
        units,
        world.clock.now,
    )
}

/// Removes `units` machines from a lot (and from its boost); the caller decides their destination.
pub fn take(world: &mut World<'_>, lot: LotId, units: u32) {
    let left = world.population.lots.units[lot] - units;
    world.fleet.set_units(
        &mut world.population,
        &mut world.ledger,
        &world.scenario.terms(world.replica),
        lot,
        left,
        world.clock.now,
    );
}

/// Removes machines of a lot for good.
pub fn leave(world: &mut World<'_>, lot: LotId, units: u32, why: Leaving) {
    let (model, unit) = (world.population.lots.model[lot], world.population.lots.unit[lot]);
    let firm = world.population.lots.firm[lot];
    match (why, &mut world.resale) {
        (Leaving::Displaced, Some(resale)) => resale.take_in(firm, model, units),
        (Leaving::Released, Some(resale)) => {
            world.inventory.pass_on(units, unit);
            resale.take_in(firm, model, units);
        }
        (Leaving::Scrapped | Leaving::Displaced, _) => world.inventory.scrap(model, units, unit),
        (Leaving::Released, None) => world.inventory.release(model, units, unit),
    }
    take(world, lot, units);
}

/// The base rows of a site's lots that have machines.
pub fn standing(world: &World<'_>, site: SiteId) -> impl Iterator<Item = LotId> {
    let lots = &world.population.lots;
    let stands = |&lot: &LotId| lots.kind[lot] != LotKind::Boost && lots.units[lot] > 0 && !world.fleet.is_gone(lot);
    world.population.lots_of_site(site).filter(stands)
}

/// The same, the most expensive to run first.
#[must_use]
pub fn costliest_first(world: &World<'_>, site: SiteId) -> Vec<LotId> {
    let lots = &world.population.lots;
    let mut there: Vec<LotId> = standing(world, site).collect();
    there.sort_by(|&a, &b| lots.efficiency[b].total_cmp(&lots.efficiency[a]).then(a.cmp(&b)));
    there
}

/// Removes machines from a site, the least efficient first, until `mw` more milliwatts fit, or until none is left. Returns the hashrate that left.
pub fn make_room(world: &mut World<'_>, site: SiteId, mw: u64, why: Leaving) -> Hashrate {
    let mut gone = Hashrate::ZERO;
    for lot in costliest_first(world, site) {
        let sites = &world.population.sites;
        let over = (sites.used_mw[site] + mw).saturating_sub(sites.capacity_mw[site]);
        if over == 0 {
            break;
        }
        let lots = &world.population.lots;
        let unit = lots.unit[lot];
        let each = power_of(world, unit, lots.efficiency[lot]).mw().max(1);
        let units = u32::try_from(over.div_ceil(each)).unwrap_or(u32::MAX).min(lots.units[lot]);
        gone += unit * u64::from(units);
        leave(world, lot, units, why);
    }
    gone
}

/// Power of one machine at the meter, rounded up, so that n machines never draw more than n times this value.
#[must_use]
pub fn power_of(world: &World<'_>, unit: Hashrate, efficiency: Efficiency) -> Power {
    let drawn = Power::drawn(unit, efficiency, world.scenario.power.pue);
    Power::from_mw(drawn.mw() + 1)
}
