//! Orders that follow from revenue (`[orders.rule]`): the law of [`OrderLaw`], shared among firms.
//!
//! The law gives the orders of the whole network from the revenue per kWh that the best machine on sale earned lately. Each firm orders on
//! its own day of the month, in proportion to its installed hashrate, for the time since its last day. A machine that is ordered has the
//! efficiency of the best machine on sale that day and arrives after two stages of equal mean; its place is built for it meanwhile.
//!
//! With a price of machines a firm pays when it orders, and orders no more than it can pay from cash beyond its reserve, so that the orders
//! of the network fall short of the law by those that nobody can pay. Without a price outside capital pays, and the orders are the law's.
//! A firm that is in arrears, restructured or failed orders nothing.

use super::{
    deliver::{Deliveries, Order, whole},
    params::OrderRule,
};
use crate::{
    hardware::earned_cents,
    random::{Draw, name_hash},
    units::{Column, Days, FirmId, Hashrate, MONTH_DAYS, ModelId, Power, Sats, Usd, YEAR_DAYS},
    world::{
        EventKind, World,
        ledger::{Cause, Standing},
        lots::megahashes,
        machines::power_of,
    },
};

/// The memory of buyers, and what they ordered.
#[derive(Clone, Debug)]
pub struct Following<'a> {
    rule: &'a OrderRule,
    coming: usize,
    lags: Draw,
    /// ln m, m in c/kWh.
    ln_earned: f64,
    /// Hashrate that a firm wants and that is less than a machine, MH/s.
    wanted_mh: Column<FirmId, f64>,
    /// Number of orders so far, by firm.
    placed: Column<FirmId, u32>,
    /// Hashrate ordered so far.
    pub ordered: Hashrate,
}

impl<'a> Following<'a> {
    /// The state at the start: buyers remember the first hashprice.
    #[must_use]
    pub fn new(rule: &'a OrderRule, coming: usize, lags: Draw, world: &World<'_>) -> Self {
        let firms = world.population.firms.len();
        let mut following = Self {
            rule,
            coming,
            lags,
            ln_earned: 0.0,
            wanted_mh: Column::filled(0.0, firms),
            placed: Column::filled(0, firms),
            ordered: Hashrate::ZERO,
        };
        following.ln_earned = following.earned(world).unwrap_or(0.0);
        following
    }

    /// Hashrate on order at the start if orders had long been those of the first day, EH/s: one delivery time of them.
    #[must_use]
    pub fn usual_on_order_eh(&self, world: &World<'_>) -> f64 {
        self.orders_eh_per_day(world) * self.rule.lag.get()
    }

    /// The machine on sale.
    fn on_sale(&self, world: &World<'_>) -> Option<ModelId> {
        let offer = self.rule.offers.iter().rev().find(|offer| offer.is_on_sale(world.clock.now))?;
        Some(offer.model.id(world.population.models.len(), self.coming))
    }

    /// Logarithm of the revenue per kWh of the best machine on sale, in c/kWh.
    fn earned(&self, world: &World<'_>) -> Option<f64> {
        let efficiency = world.population.models[self.on_sale(world)?].efficiency;
        Some(libm::log(earned_cents(world.hashprice(), efficiency)))
    }

    /// Orders of the network at the present memory, EH/s a day.
    fn orders_eh_per_day(&self, world: &World<'_>) -> f64 {
        let installed = Hashrate::from_mh(world.fleet.installed_mh).eh();
        self.rule.law.growth_per_year(self.ln_earned, installed_gw(world)) * installed / YEAR_DAYS
    }

    /// A day passes, and the firms of this day of the calendar order.
    pub fn order(&mut self, world: &mut World<'_>, deliveries: &mut Deliveries, today: usize) {
        let (Some(model), Some(earned)) = (self.on_sale(world), self.earned(world)) else { return };
        self.ln_earned += (earned - self.ln_earned) * -libm::expm1(-1.0 / self.rule.memory.get());
        let days = f64::from(world.scenario.settlement.every_days);
        let each = self.orders_eh_per_day(world) * days / Hashrate::from_mh(world.fleet.installed_mh).eh();
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            if world.ledger.standing[firm] == Standing::Ok {
                self.order_of(world, deliveries, firm, (model, each));
            }
        }
    }

    /// A firm orders this share of its installed hashrate.
    fn order_of(
        &mut self,
        world: &mut World<'_>,
        deliveries: &mut Deliveries,
        firm: FirmId,
        (model, share): (ModelId, f64),
    ) {
        let Some(site) = world.population.sites_of(firm).next() else { return };
        let (unit, efficiency) = (world.population.models[model].unit, world.population.models[model].efficiency);
        let wanted = self.wanted_mh[firm] + share * megahashes(world.population.firms.installed_mh[firm]);
        let units = whole(wanted / megahashes(unit.mh()));
        let paid = self
            .rule
            .price_usd_per_th
            .map_or(units, |price| units.min(whole(self.spendable(world, firm) / (price * unit.th()))));
        // Orders that cannot be paid are not made later.
        self.wanted_mh[firm] = wanted - f64::from(units) * megahashes(unit.mh());
        if paid == 0 {
            return;
        }
        let hashrate = Hashrate::from_mh(u64::from(paid) * unit.mh());
        let usd = self.rule.price_usd_per_th.map_or(0.0, |price| price * hashrate.th());
        if usd > 0.0 {
            world.ledger.post(firm, Cause::MachinesBought, -usd);
        }
        let power = Power::from_mw(u64::from(paid) * power_of(world, unit, efficiency).mw().max(1));
        let order = Order { site, model, units: paid, hashrate, power, built: power };
        let delay = self.delay(name_hash(&world.population.firms.name[firm]), self.placed[firm]);
        self.placed[firm] += 1;
        deliveries.order(order, world.clock.now, delay);
        self.ordered += hashrate;
        world.emit(EventKind::Order, firm, hashrate, Usd::new(usd), Sats::ZERO);
    }

    /// Time until an order is delivered: two exponential stages, whose sum has the mean of the rule.
    fn delay(&self, firm: u64, order: u32) -> Days {
        let stage = |number: u64| self.lags.exponential(firm, 2 * u64::from(order) + number);
        self.rule.lag * (0.5 * (stage(0) + stage(1)))
    }

    /// Cash of a firm beyond its bills and its reserve, USD.
    fn spendable(&self, world: &World<'_>, firm: FirmId) -> f64 {
        let firms = &world.population.firms;
        #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
        let month = firms.full_cost_nusd[firm] as f64 * 1e-9 * MONTH_DAYS;
        let reserve = self.rule.reserve_buffers * firms.buffer_months[firm].max(1.0) * month;
        world.ledger[firm].cash - world.ledger[firm].bill - reserve
    }
}

/// Power of all installed machines at the machine, GW.
fn installed_gw(world: &World<'_>) -> f64 {
    let lots = &world.population.lots;
    let power = |lot| Hashrate::from_mh(lots.full_mh[lot]).th() * lots.efficiency[lot].get();
    lots.ids().filter(|&lot| !world.fleet.is_gone(lot)).map(power).sum::<f64>() / 1e9
}
