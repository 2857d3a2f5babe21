//! Owners of machines: concentration, survival of the initial firms, and each firm at the end.

use super::survival::Survival;
use crate::{
    simulation::{
        Simulation,
        record::{FirmRecord, Observer, SurvivalRecord},
        records::concentration::Concentration,
    },
    units::{Column, FirmId, Hashrate, NanoUsd, Power, RegionId, Sats, Seconds, Usd},
    world::{World, ledger::Standing},
};

/// A firm's machines.
struct Machines {
    power_mw: u64,
    efficiency_j_per_th: Option<f64>,
    power_price_usd_per_kwh: Option<f64>,
    region: RegionId,
}

/// Whether a firm is an owner: it is active and has machines, running or not. Firms that have left, and entrants that have not entered, are not
/// owners.
pub(super) fn is_owner(world: &World<'_>, firm: FirmId) -> bool {
    world.lives(firm) && world.population.firms.installed_mh[firm] > 0
}

/// Concentration of running hashrate over owners.
pub fn concentration(world: &World<'_>) -> Concentration {
    let owners = world.population.firms.ids().filter(|&firm| is_owner(world, firm));
    Concentration::of(owners.map(|firm| (world.ledger[firm].running_mh, world.population.firms.weight[firm])))
}

/// Survival of the initial firms.
pub(super) fn survival(simulation: &Simulation<'_>, epoch: Option<u64>, now: f64, observer: &mut impl Observer) {
    let firms = &simulation.world.population.firms;
    let shares = |part: fn(&Simulation<'_>, FirmId) -> f64| {
        simulation.records.survival.shares(firms, |firm| part(simulation, firm))
    };
    let parts = [alive, failed, in_workout, surrendered, in_chapter11].map(shares);
    let survival = &simulation.records.survival;
    let hashrate = [surviving_mh, running_mh]
        .map(|part: fn(&Simulation<'_>, FirmId) -> f64| survival.hashrate_shares(firms, |firm| part(simulation, firm)));
    for (row, (by, group)) in Survival::groups(firms).enumerate() {
        let [
            Some(surviving_share),
            Some(liquidated_share),
            Some(workout_share),
            Some(surrendered_share),
            Some(chapter11_share),
        ] = parts.each_ref().map(|shares| shares[row])
        else {
            continue;
        };
        let [surviving_hashrate_share, running_share] = hashrate.each_ref().map(|shares| shares[row].unwrap_or(0.0));
        observer.on_survival(&SurvivalRecord {
            epoch,
            time: Seconds::new(now),
            by,
            group,
            surviving_share,
            liquidated_share,
            workout_share,
            surrendered_share,
            chapter11_share,
            surviving_hashrate_share,
            running_share,
        });
    }
}

/// Hashrate of the start of the miners of a firm that are left, MH/s.
pub(super) fn surviving_mh(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    let survival = &simulation.records.survival;
    survival.hash_start(firm) * alive(simulation, firm) / survival.weight_start(firm)
}

/// Running hashrate of a firm, MH/s.
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
fn running_mh(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    simulation.world.ledger[firm].running_mh as f64
}

/// Remaining miners of a firm.
pub(super) fn alive(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    if simulation.world.ledger.standing[firm].lives() { simulation.world.population.firms.weight[firm] } else { 0.0 }
}

/// Remaining miners under Chapter 11.
pub(super) fn in_chapter11(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    if simulation.world.ledger.standing[firm] == Standing::Chapter11 {
        simulation.world.population.firms.weight[firm]
    } else {
        0.0
    }
}

/// Of the other remaining miners, those that still owe creditors that agreed to a restructuring.
pub(super) fn in_workout(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    let standing = simulation.world.ledger.standing[firm];
    let waits =
        standing.lives() && standing != Standing::Chapter11 && simulation.world.ledger.debt[firm] > NanoUsd::ZERO;
    if waits {
        simulation.world.distress.restructured_of(firm, simulation.world.population.firms.weight[firm])
    } else {
        0.0
    }
}

/// Of the remaining miners, those whose pledge a lender without recourse has taken.
fn surrendered(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    let alive = alive(simulation, firm);
    if alive > 0.0 { simulation.world.distress.surrendered_of(firm, alive) } else { 0.0 }
}

/// State of a firm, in a word: one that pays its bills is in a workout while any of its miners are, and has surrendered if any of its miners gave
/// their pledge up to a lender without recourse.
fn state(simulation: &Simulation<'_>, firm: FirmId) -> &'static str {
    match simulation.world.ledger.standing[firm] {
        Standing::Ok if in_workout(simulation, firm) > 0.0 => "workout",
        Standing::Ok if surrendered(simulation, firm) > 0.0 => "surrendered",
        standing => standing.name(),
    }
}

/// Miners of a firm that were liquidated, with it or while the others continued.
fn failed(simulation: &Simulation<'_>, firm: FirmId) -> f64 {
    let whole = matches!(simulation.world.ledger.standing[firm], Standing::Liquidating | Standing::Liquidated);
    simulation.world.distress.lost_of(firm) + if whole { simulation.world.population.firms.weight[firm] } else { 0.0 }
}

/// Records a firm at the end.
pub(super) fn firm(simulation: &Simulation<'_>, firm: FirmId, observer: &mut impl Observer) {
    let (firms, ledger) = (&simulation.world.population.firms, &simulation.world.ledger);
    let gone = !ledger.standing[firm].lives();
    let acquirer = simulation.consolidation.as_ref().and_then(|consolidation| consolidation.acquirer(firm));
    let machines = machines(simulation, firm);
    observer.on_firm(&FirmRecord {
        firm: &firms.name[firm],
        class: &firms.classes[firms.class[firm]],
        region: &simulation.world.population.regions[machines.region],
        weight_start: simulation.records.survival.weight_start(firm),
        weight: firms.weight[firm],
        state: state(simulation, firm),
        exit: gone.then(|| ledger.since[firm]),
        installed: Hashrate::from_mh(if gone { 0 } else { firms.installed_mh[firm] }),
        running: Hashrate::from_mh(ledger[firm].running_mh),
        cash: Usd::new(ledger[firm].cash),
        coins: Sats::new(ledger[firm].coins),
        debt: Usd::new(ledger.debt[firm].usd()),
        power: Power::from_mw(machines.power_mw),
        efficiency_j_per_th: machines.efficiency_j_per_th,
        power_price_usd_per_kwh: machines.power_price_usd_per_kwh,
        acquired_by: acquirer.map_or("", |buyer| &firms.name[buyer]),
    });
}

/// Attributes of a firm's present machines. Its region is where most of its hashrate runs, otherwise where most of it is installed, otherwise that of
/// its first site.
#[expect(clippy::cast_precision_loss, reason = "MH/s and mW are known to 53 bits")]
fn machines(simulation: &Simulation<'_>, firm: FirmId) -> Machines {
    let (population, fleet) = (&simulation.world.population, &simulation.world.fleet);
    let (lots, sites) = (&population.lots, &population.sites);
    let mut by_region: Column<RegionId, (u64, u64)> = Column::filled((0, 0), population.regions.len());
    let (mut hash, mut load, mut efficiency, mut price, mut power_mw) = (0.0, 0.0, 0.0, 0.0, 0);
    for lot in population.lots_of_firm(firm).filter(|&lot| !fleet.is_gone(lot)) {
        let site = lots.site[lot];
        let (running, installed) = &mut by_region[sites.region[site]];
        *installed += lots.full_mh[lot];
        if fleet.runs(lot) {
            *running += lots.hash_mh[lot];
            power_mw += lots.power_mw[lot];
        }
        hash += lots.full_mh[lot] as f64;
        load += lots.full_mw[lot] as f64;
        efficiency += lots.full_mh[lot] as f64 * lots.efficiency[lot].get();
        price += lots.full_mw[lot] as f64 * sites.power_price[site].get();
    }
    let first = population.sites_of(firm).next().map_or(population.firms.region[firm], |site| sites.region[site]);
    let most = by_region
        .entries()
        .filter(|(_, there)| there.1 > 0)
        .max_by_key(|&(region, &there)| (there, std::cmp::Reverse(region)));
    Machines {
        power_mw,
        efficiency_j_per_th: (hash > 0.0).then(|| efficiency / hash),
        power_price_usd_per_kwh: (load > 0.0).then(|| price / load),
        region: most.map_or(first, |(region, _)| region),
    }
}
