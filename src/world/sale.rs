//! Disposal and valuation of machines: they are sold on the market of used machines if there is one; otherwise the machines of failed firms leave the
//! network without proceeds.

use super::{Event, EventKind, Resale, World, is_idle, machines::take};
use crate::units::{FirmId, LoanId, LotId, Sats, Usd};
use crate::world::{
    distress::{Consignment, Short},
    fleet::Fleet,
    ledger::Cause,
    lots::LotKind,
    population::Population,
};

/// Proceeds that a firm's machines would bring on the market of used machines, USD: zero if there is no such market.
#[must_use]
pub fn machines_usd(world: &World<'_>, firm: FirmId) -> f64 {
    all_worth_usd(world.resale.as_ref(), &world.population, &world.fleet, firm)
}

/// Proceeds of its idle machines that stay with the firm, after the lenders' part.
#[must_use]
pub fn idle_machines(world: &World<'_>, firm: FirmId) -> Usd {
    let idle = |lot| is_idle(&world.population, &world.fleet, lot);
    let usd = worth_usd(world.resale.as_ref(), &world.population, firm, idle);
    Usd::new(world.ledger.own_part(firm, usd).max(0.0))
}

/// A firm sells the fewest idle machines whose proceeds after the lenders' part reach `wanted`, or all of them.
pub fn sell_idle_machines(world: &mut World<'_>, firm: FirmId, wanted: Usd) {
    let population = &world.population;
    let idle = population.lots_of_firm(firm).filter(|&lot| is_idle(population, &world.fleet, lot));
    let idle: Vec<_> = idle.map(|lot| (lot, population.lots.units[lot])).collect();
    let gross = world.ledger.before_lenders(firm, wanted.get());
    consign(world, firm, None, true);
    let found = sell_machines(world, idle, gross);
    world.ledger.post(firm, Cause::MachinesSold, found);
    world.ledger.pay_for_pledges(firm, found);
}

/// From now on the broker takes machines for this firm, or for the lender of a loan; auction proceeds beyond an advance are passed on.
pub fn consign(world: &mut World<'_>, firm: FirmId, loan: Option<LoanId>, advances: bool) {
    if let Some(resale) = world.resale.as_mut().filter(|resale| resale.is_auction()) {
        world.distress.consignments.push(Consignment { firm, loan, short: Short::default(), failed: None });
        resale.consign_for(world.distress.consignments.len() - 1, advances);
    }
}

/// Creditors have received everything except the proceeds of the next auction; lenders' losses stay open until then.
pub fn keep_open(world: &mut World<'_>, short: Short, failed: Option<Event>) {
    if let Some(consignment) = world.distress.consignments.last_mut() {
        (consignment.short, consignment.failed) = (short, failed);
    }
}

/// A lender sells the fewest of a firm's machines that bring `usd`, at most a share of each lot. Returns the proceeds, USD.
pub fn sell_charged_machines(world: &mut World<'_>, firm: FirmId, share: f64, usd: f64) -> f64 {
    let lots = &world.population.lots;
    let there = |lot: &LotId| lots.kind[*lot] != LotKind::Boost && !world.fleet.is_gone(*lot);
    let charged = world.population.lots_of_firm(firm).filter(there);
    let charged = charged.map(|lot| (lot, whole_share(lots.units[lot], share))).collect();
    sell_machines(world, charged, usd)
}

/// Sells the fewest machines that bring `wanted_usd`, the least efficient first, from lots given with the maximum that may be sold of each. Returns
/// the proceeds, USD.
fn sell_machines(world: &mut World<'_>, mut from: Vec<(LotId, u32)>, wanted_usd: f64) -> f64 {
    let lots = &world.population.lots;
    from.sort_by(|&(a, _), &(b, _)| {
        lots.efficiency[b].total_cmp(&lots.efficiency[a]).then(lots.key[a].cmp(&lots.key[b]))
    });
    let mut found = 0.0;
    for (lot, most) in from {
        if found >= wanted_usd {
            break;
        }
        let units = fewest(world.resale.as_ref(), &world.population, lot, most, wanted_usd - found);
        if units > 0 {
            found += give_up(world, lot, units);
        }
    }
    found
}

/// Sells a share of a firm's machines, lot by lot in whole machines. Returns the proceeds, USD.
pub fn remove_machines(world: &mut World<'_>, firm: FirmId, share: f64) -> f64 {
    let lots: Vec<LotId> = world.population.lots_of_firm(firm).collect();
    let mut usd = 0.0;
    for lot in lots {
        let lots = &world.population.lots;
        let gone = whole_share(lots.units[lot], share);
        if lots.kind[lot] == LotKind::Boost || gone == 0 || world.fleet.is_gone(lot) {
            continue;
        }
        usd += give_up(world, lot, gone);
    }
    usd
}

/// Removes machines from a lot; the broker takes them, if there is one. Returns the proceeds, USD.
fn give_up(world: &mut World<'_>, lot: LotId, units: u32) -> f64 {
    let usd = if world.resale.is_some() {
        sell_to_broker(world, lot, units)
    } else {
        let lots = &world.population.lots;
        world.inventory.leave_with_failed(lots.model[lot], units);
        0.0
    };
    take(world, lot, units);
    usd
}

/// The broker takes machines of a lot. Returns the immediate payment, USD; the caller posts it and removes the machines from the lot.
fn sell_to_broker(world: &mut World<'_>, lot: LotId, units: u32) -> f64 {
    let Some(resale) = &mut world.resale else { return 0.0 };
    let Some(usd) = resale.sell_now(&world.population, lot, units) else { return 0.0 };
    let lots = &world.population.lots;
    let (firm, model) = (lots.firm[lot], lots.model[lot]);
    let hashrate = world.population.models[model].unit * u64::from(units);
    world.emit(EventKind::MachinesSold, firm, hashrate, Usd::new(usd), Sats::ZERO);
    usd
}

/// Removes all machines of a firm, and the firm. Returns the proceeds, USD, which are posted to its cash. Without a market the machines stay in place
/// and never run again.
pub fn dispose_of_all(world: &mut World<'_>, firm: FirmId) -> f64 {
    let machines = |lot: &LotId| world.population.lots.kind[*lot] != LotKind::Boost && !world.fleet.is_gone(*lot);
    let lots: Vec<LotId> = world.population.lots_of_firm(firm).filter(machines).collect();
    consign(world, firm, None, false);
    world.fleet.remove(&world.population, &mut world.ledger, firm, world.clock.now);
    let mut usd = 0.0;
    if world.resale.is_some() {
        for lot in lots {
            usd += sell_to_broker(world, lot, world.population.lots.units[lot]);
            world.population.lots.units[lot] = 0;
        }
    }
    world.ledger.post(firm, Cause::MachinesSold, usd);
    usd
}

/// Proceeds that all machines of a firm would bring on the market of used machines, USD: zero if there is none.
#[must_use]
pub fn all_worth_usd(resale: Option<&Resale>, population: &Population, fleet: &Fleet, firm: FirmId) -> f64 {
    resale.map_or(0.0, |market| {
        market.worth_of_firm_usd(firm, fleet.version(firm), || {
            worth_usd(resale, population, firm, |lot| !fleet.is_gone(lot))
        })
    })
}

/// Proceeds of those lots of a firm for which `counts` holds, USD.
fn worth_usd(resale: Option<&Resale>, population: &Population, firm: FirmId, counts: impl Fn(LotId) -> bool) -> f64 {
    let Some(resale) = resale else { return 0.0 };
    let lots = population.lots_of_firm(firm).filter(|&lot| population.lots.kind[lot] != LotKind::Boost && counts(lot));
    lots.map(|lot| resale.worth_usd(population, lot, population.lots.units[lot])).sum()
}

/// The fewest machines of a lot that bring `usd`; `most` if even these do not.
fn fewest(resale: Option<&Resale>, population: &Population, lot: LotId, most: u32, usd: f64) -> u32 {
    let Some(resale) = resale else { return most };
    // More machines bring more in total, though each of them less.
    let (mut least, mut enough) = (0, most);
    while least < enough {
        let middle = least + (enough - least) / 2;
        if resale.worth_usd(population, lot, middle) >= usd { enough = middle } else { least = middle + 1 }
    }
    enough
}

/// A share of a number of machines, in whole machines.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many as there are")]
fn whole_share(units: u32, share: f64) -> u32 {
    ((f64::from(units) * share).round().max(0.0) as u32).min(units)
}
