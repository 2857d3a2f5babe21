//! Firms of classes with a programme sell stock.

use super::rule::sellable;
use crate::{
    units::{Days, FirmId, Id, Sats, Usd},
    world::{
        EventKind, World,
        ledger::{Cause, Standing},
        lots::ph,
    },
};

/// Proceeds of the stock that a firm can sell until it settles again: zero under Chapter 11 and without a programme.
#[must_use]
pub fn available(world: &World<'_>, firm: FirmId) -> Usd {
    let firms = &world.population.firms;
    let class = world.terms().classes.get(firms.class[firm].row());
    let Some(terms) = class.and_then(|class| class.equity.as_ref()) else { return Usd::ZERO };
    if world.ledger.standing[firm] == Standing::Chapter11 {
        return Usd::ZERO;
    }
    let span = Days::new(f64::from(world.scenario.settlement.every_days));
    sellable(terms, ph(firms.installed_mh[firm]), world.hashprice(), world.opening_hashprice, span)
}

/// A firm sells stock.
pub fn sell(world: &mut World<'_>, firm: FirmId, proceeds: Usd) {
    world.ledger.post(firm, Cause::StockSold, proceeds.get());
    world.emit_whole(EventKind::StockSold, firm, proceeds, Sats::ZERO);
}
