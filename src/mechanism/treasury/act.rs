//! Use of a firm's coins and cash at its settlement.

use super::{
    cover::Means,
    rule::{Holdings, offered},
};
use crate::{
    units::{FirmId, MONTH_DAYS, Usd},
    world::{
        World,
        ledger::{Cause, Sale},
        lots::ph,
        population::Population,
    },
};

/// The pool pays out the coins that it owes a firm. Returns them, satoshi.
pub fn collect(world: &mut World<'_>, firm: FirmId) -> i64 {
    world.ledger.accrue(firm, world.clock.now);
    world.ledger.pay_out(firm)
}

/// A firm that was paid `produced` satoshi sells by its treasury policy.
pub fn sell_by_policy(world: &mut World<'_>, firm: FirmId, produced: i64) {
    let (firms, ledger, price) = (&world.population.firms, &world.ledger, world.today.price);
    let held = Holdings {
        produced,
        free: ledger.free(firm),
        meant: ledger.target_sats[firm],
        days: f64::from(world.scenario.settlement.every_days),
        full_day: ph(firms.installed_mh[firm]) * world.today.sats_per_ph_day,
        // Up to a satoshi more than needed, so that rounding leaves no bill unpaid.
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no more than is held is sold")]
        due: ((ledger[firm].bill / price.get() * 1e8) as i64).saturating_add(1),
        earns_over_costs: earns_over_costs(world, firm),
    };
    let sats = offered(firms.treasury[firm], &held);
    world.ledger.sell(firm, sats, price, Sale::Voluntary);
}

/// Means with which a firm can cover its bills and its buffer, coins and cash only; `None` if cash covers both. The caller adds credit and machines.
#[must_use]
pub fn shortfall(world: &World<'_>, firm: FirmId) -> Option<Means> {
    let (firms, ledger) = (&world.population.firms, &world.ledger);
    let days = f64::from(world.scenario.settlement.every_days);
    let means = Means {
        due: Usd::new(ledger[firm].bill) + ledger.instalments[firm],
        buffer: buffer(&world.population, firm),
        cash: Usd::new(ledger[firm].cash),
        free: ledger.free(firm),
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates: without a bound, any number of coins")]
        most: (world.today.most_sats_per_day * days * firms.weight[firm]) as i64,
        price: world.today.price,
        ..Means::default()
    };
    (means.due + means.buffer > means.cash).then_some(means)
}

/// A firm makes a forced sale of coins.
pub fn sell_for_cash(world: &mut World<'_>, firm: FirmId, sats: i64) {
    world.ledger.sell(firm, sats, world.today.price, Sale::Forced);
}

/// A firm pays its bills as far as its cash goes.
pub fn pay_bills(world: &mut World<'_>, firm: FirmId) {
    world.ledger.pay_bill(firm);
}

/// A firm that has paid all its bills pays the instalment on machines on order, if its cash is enough; otherwise the instalment is missed.
pub fn pay_instalment(world: &mut World<'_>, firm: FirmId) {
    let ledger = &mut world.ledger;
    let due = ledger.instalments[firm];
    if due > Usd::ZERO && ledger[firm].bill <= 0.0 && ledger[firm].cash >= due.get() {
        ledger.instalments[firm] = Usd::ZERO;
        ledger.post(firm, Cause::MachinesBought, -due.get());
    }
}

/// A firm that has settled becomes dormant, if its next days are alike. Returns whether it is dormant or no longer active.
pub fn rest(world: &mut World<'_>, firm: FirmId) -> bool {
    let policy = world.population.firms.treasury[firm];
    let buffer = buffer(&world.population, firm);
    !world.lives(firm) || world.ledger.rest(firm, policy, buffer, world.today.price)
}

/// Cash buffer of a firm.
#[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
fn buffer(population: &Population, firm: FirmId) -> Usd {
    let firms = &population.firms;
    Usd::new(firms.buffer_months[firm] * (firms.full_cost_nusd[firm] as f64 * 1e-9 * MONTH_DAYS))
}

/// Revenue of all machines of a firm over their cost.
#[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
fn earns_over_costs(world: &World<'_>, firm: FirmId) -> f64 {
    let firms = &world.population.firms;
    let earns = ph(firms.installed_mh[firm]) * world.today.sats_per_ph_day / 1e8 * world.today.price.get();
    earns / (firms.full_cost_nusd[firm] as f64 * 1e-9)
}
