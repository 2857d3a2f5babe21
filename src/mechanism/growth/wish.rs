//! What a firm wishes to order, and what it can pay for.

use super::deliver::{Deliveries, displaced_ph, whole};
use crate::{
    market::outlook::{Prospect, Purchase},
    units::{Efficiency, FirmId, Hashprice, Hashrate, ModelId, SiteId},
    world::World,
};

/// A machine on sale at a price.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnSale {
    pub(super) model: ModelId,
    pub(super) unit: Hashrate,
    pub(super) efficiency: Efficiency,
    /// Manufacturer's price, USD per PH/s.
    pub(super) price_usd_per_ph: f64,
}

/// An order that a firm wishes to place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) firm: FirmId,
    pub(super) site: SiteId,
    pub(super) machine: OnSale,
    pub(super) units: u32,
    /// Part of the cost of one machine that is lent, USD.
    pub(super) lent_usd: f64,
    /// Power of one machine at the meter, mW.
    pub(super) each_mw: u64,
    pub(super) builds: bool,
    pub(super) enters: bool,
}

impl Wish {
    /// Increase of hashrate by these machines, beyond the orders outstanding for the site, PH/s.
    pub(super) fn adds_ph(&self, world: &World<'_>, deliveries: &Deliveries) -> f64 {
        let machines = self.machine.unit.ph() * f64::from(self.units);
        if self.builds {
            return machines;
        }
        let reserved = deliveries.reserved_mw(self.site);
        let displaced = |power_mw| displaced_ph(&world.population, &world.fleet, self.site, power_mw);
        machines - (displaced(reserved + u64::from(self.units) * self.each_mw) - displaced(reserved))
    }
}

/// Funds that a firm can spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purse {
    /// B, USD.
    pub(super) cash: f64,
    /// C, USD.
    pub(super) credit: f64,
    /// l: part of one machine that lenders finance while there is credit, USD.
    pub(super) lent_usd: f64,
}

impl Purse {
    /// Maximum number of units of `each_usd` that can be paid for.
    pub(super) fn most(&self, each_usd: f64) -> u32 {
        let on_cash = self.cash / (each_usd - self.lent_usd);
        whole(on_cash.min((self.cash + self.credit) / each_usd))
    }

    /// Pays for `units`. Returns the part of each that lenders finance, USD.
    pub(super) fn spend(&mut self, units: u32, each_usd: f64) -> f64 {
        let lent_usd = self.lent_usd.min(self.credit / f64::from(units));
        self.credit -= f64::from(units) * lent_usd;
        self.cash -= f64::from(units) * (each_usd - lent_usd);
        lent_usd
    }
}

/// What a firm could order of a machine on sale, at any hashprice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) wish: Wish,
    /// k of the machine at the firm's site.
    pub(super) cost: Hashprice,
    /// Price of a machine with freight, and of its place, USD per PH/s.
    pub(super) price: f64,
    pub(super) site_price: f64,
    pub(super) purse: Purse,
}

impl Choice {
    /// Price of one machine, USD.
    pub(super) fn each_usd(&self) -> f64 {
        self.price * self.wish.machine.unit.ph()
    }
}

/// What machines earn at the hashprice that is expected.
pub(super) struct Prospects {
    pub(super) hashprice: Hashprice,
    /// Those that are bought for existing room.
    pub(super) bought: Purchase,
    /// Those for which a site is built.
    pub(super) built: Purchase,
    /// Those that stand there.
    pub(super) standing: Prospect,
}

impl Prospects {
    /// From now on the same at another hashprice.
    pub(super) fn move_to(&mut self, hashprice: Hashprice) {
        self.hashprice = hashprice;
        self.bought.move_to(hashprice);
        self.built.move_to(hashprice);
        self.standing.move_to(hashprice);
    }
}
