//! Distressed and weak firms are bought by firms with cash: sites with their machines change hands, the seller leaves. The rule is
//! [`crate::mechanism::consolidation::rule`].

use crate::world::lots::megawatts;
use crate::{
    mechanism::consolidation::{
        params::ConsolidationParams,
        rule::{Bidder, is_target, runway_months, site_ask_usd, winner},
    },
    random::{Draw, name_hash},
    units::{ClassId, Column, Efficiency, FirmId, Hashrate, MONTH_DAYS, ModelId, PowerPrice, Sats, SiteId, Usd},
    world::{
        EventKind, Resale, World,
        creditors::retire,
        ledger::{Cause, Standing},
        lots::{LotKind, ph},
        population::Population,
    },
};
use std::collections::BTreeMap;

/// Record of acquisitions.
#[derive(Clone, Debug)]
pub struct Consolidation {
    params: ConsolidationParams,
    draw: Draw,
    /// Buyer of each firm that was bought.
    acquired_by: Column<FirmId, Option<FirmId>>,
    /// Firms bought, by weight.
    pub bought: f64,
    /// Their hashrate.
    pub bought_hashrate: Hashrate,
}

impl Consolidation {
    /// The state before the first acquisition.
    #[must_use]
    pub const fn new(params: ConsolidationParams, draw: Draw) -> Self {
        Self { params, draw, acquired_by: Column::new(), bought: 0.0, bought_hashrate: Hashrate::ZERO }
    }

    /// The firm that bought this one.
    #[must_use]
    pub fn acquirer(&self, firm: FirmId) -> Option<FirmId> {
        self.acquired_by.get(firm).copied().flatten()
    }

    /// Sells a firm if there is a bidder: its sites change hands, it receives the price, and it leaves.
    pub fn sell(&mut self, world: &mut World<'_>, firm: FirmId) {
        let Some(resale) = &world.resale else { return };
        let ask = self.ask_usd(world, resale, firm);
        let Some(buyer) = winner(self.bidders(world, resale, firm, ask), Usd::new(ask)) else { return };
        let hashrate = Hashrate::from_mh(world.population.firms.installed_mh[firm]);
        self.transfer(world, firm, buyer, ask);
        let sats = retire(world, firm, Standing::Acquired);
        world.emit(EventKind::Acquisition, firm, hashrate, Usd::new(ask), sats);
    }

    /// Whether a firm is for sale at its `number`-th settlement, `days` after the one before.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "satoshi, MH/s and nano-dollars are known to 53 bits")]
    pub fn is_up_for_sale(&self, world: &World<'_>, firm: FirmId, (number, days): (u64, f64)) -> bool {
        let (firms, ledger) = (&world.population.firms, &world.ledger);
        let standing = ledger.standing[firm];
        if firms.installed_mh[firm] == 0 || !standing.lives() {
            return false;
        }
        let money = ledger[firm].cash + (Sats::new(ledger[firm].coins) * world.today.price).get() - ledger[firm].bill;
        let costs = ledger[firm].cost_nusd as f64 * 1e-9 * MONTH_DAYS;
        let earnings = ph(ledger[firm].running_mh) * world.hashprice().get() * MONTH_DAYS;
        let months = runway_months(money, costs, earnings);
        let draw = self.draw.uniform(name_hash(&firms.name[firm]), number);
        is_target(&self.params, months, standing != Standing::Ok, draw, days)
    }

    /// Machines of each model that a firm has.
    fn fleet(population: &Population, firm: FirmId) -> BTreeMap<ModelId, u64> {
        let mut fleet = BTreeMap::new();
        for lot in population.lots_of_firm(firm) {
            *fleet.entry(population.lots.model[lot]).or_default() += u64::from(population.lots.units[lot]);
        }
        fleet
    }

    /// Base lots of a site (no boosts), with hashrate in TH/s and efficiency.
    fn machines(population: &Population, site: SiteId) -> impl Iterator<Item = (ModelId, f64, Efficiency)> {
        let lots = &population.lots;
        population.lots_of_site(site).filter(|&lot| lots.kind[lot] != LotKind::Boost).map(|lot| {
            let th = lots.unit[lot].th() * f64::from(lots.units[lot]);
            (lots.model[lot], th, lots.efficiency[lot])
        })
    }

    fn ask_usd(&self, world: &World<'_>, resale: &Resale, firm: FirmId) -> f64 {
        let population = &*world.population;
        let class = population.firms.class[firm];
        let fleet = Self::fleet(population, firm);
        let site = |site: SiteId| {
            let price = population.sites.power_price[site];
            let terms = world.scenario.terms(world.replica).at(population, site);
            let (mut npv, mut machines) = (0.0, 0.0);
            for (model, th, efficiency) in Self::machines(population, site) {
                let units = fleet.get(&model).copied().unwrap_or(0);
                let market = resale.price_of_many_usd_per_th(model, units);
                let value = resale.value_usd_per_th(&terms, class, efficiency, price);
                npv += th * (value - market);
                machines += th * market;
            }
            machines + site_ask_usd(&self.params, npv, megawatts(population.sites.capacity_mw[site]))
        };
        population.sites_of(firm).map(site).sum()
    }

    /// Possible buyers: single firms that pay their bills and have the cash.
    fn bidders<'b>(
        &'b self,
        world: &'b World<'_>,
        resale: &'b Resale,
        target: FirmId,
        ask_usd: f64,
    ) -> impl Iterator<Item = Bidder<'b>> {
        let (population, ledger) = (&*world.population, &world.ledger);
        let firms = &population.firms;
        // Bid of a buyer of each class with the cheapest power of all: an upper bound for the class.
        let mut highest_bids: Column<ClassId, Option<f64>> = Column::filled(None, firms.classes.len());
        let cheapest =
            population.sites.power_price.iter().copied().fold(PowerPrice::new(f64::INFINITY), PowerPrice::min);
        firms.ids().filter_map(move |firm| {
            if firm == target
                || ledger.standing[firm] != Standing::Ok
                || firms.weight[firm] > 1.0
                || firms.installed_mh[firm] == 0
            {
                return None;
            }
            #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
            let month = firms.full_cost_nusd[firm] as f64 * 1e-9 * MONTH_DAYS;
            let buffer = firms.buffer_months[firm].max(self.params.buffer_months) * month;
            let spare = ledger[firm].cash - ledger[firm].bill - self.params.buffers_kept * buffer;
            if spare <= ask_usd {
                return None;
            }
            let class = firms.class[firm];
            let highest =
                *highest_bids[class].get_or_insert_with(|| self.bid_usd(world, resale, (class, cheapest), target));
            // With a margin for rounding. Most targets ask for more than the upper bound of a whole class.
            if highest + highest.abs() * 1e-9 + 1e-3 < ask_usd {
                return None;
            }
            let bid = self.bid_usd(world, resale, (class, mean_power_price(population, firm)), target);
            Some(Bidder { firm, name: &firms.name[firm], bid: Usd::new(bid), spare: Usd::new(spare) })
        })
    }

    /// Bid of a buyer of a class, whose power costs `own`, for a firm, USD.
    fn bid_usd(&self, world: &World<'_>, resale: &Resale, (class, own): (ClassId, PowerPrice), target: FirmId) -> f64 {
        let population = &*world.population;
        let site = |site: SiteId| {
            let price = self.converged(population.sites.power_price[site], own);
            let terms = world.scenario.terms(world.replica).at(population, site);
            let machines: f64 = Self::machines(population, site)
                .map(|(_, th, efficiency)| th * resale.value_usd_per_th(&terms, class, efficiency, price))
                .sum();
            machines + self.params.site_low_usd_per_mw * megawatts(population.sites.capacity_mw[site])
        };
        population.sites_of(target).map(site).sum()
    }

    /// Power price at a bought site.
    fn converged(&self, there: PowerPrice, own: PowerPrice) -> PowerPrice {
        there - (there - own).max(PowerPrice::ZERO) * self.params.cost_convergence
    }

    fn transfer(&mut self, world: &mut World<'_>, target: FirmId, buyer: FirmId, usd: f64) {
        let hashrate = Hashrate::from_mh(world.population.firms.installed_mh[target]);
        let own = mean_power_price(&world.population, buyer);
        world.ledger.transfer(buyer, target, usd, Cause::SitesBought, Cause::SitesSold);
        let terms = world.terms();
        for site in world.population.sites_of(target).collect::<Vec<_>>() {
            world.fleet.transfer_site(&mut world.population, &mut world.ledger, site, buyer, world.clock.now);
            // Costs are recomputed even if the price stays: the buyer's class has fixed costs of its own.
            let before = world.population.sites.power_price[site];
            let price = self.converged(before, own);
            if before > PowerPrice::ZERO {
                // The own price, which seasons and tariffs change from now on.
                world.population.sites.own_price[site] *= price / before;
            }
            world.fleet.reprice(&mut world.population, &mut world.ledger, &terms, site, price, world.clock.now);
        }
        self.acquired_by.reach(world.population.firms.len(), None);
        self.acquired_by[target] = Some(buyer);
        self.bought += world.population.firms.weight[target];
        self.bought_hashrate += hashrate;
    }
}

/// Mean power price of a firm, weighted by load.
#[expect(clippy::cast_precision_loss, reason = "mW are known to 53 bits")]
fn mean_power_price(population: &Population, firm: FirmId) -> PowerPrice {
    let (mut load, mut paid) = (0.0, 0.0);
    for site in population.sites_of(firm) {
        let used = population.sites.used_mw[site] as f64;
        load += used;
        paid += used * population.sites.power_price[site].get();
    }
    if load > 0.0 { PowerPrice::new(paid / load) } else { population.firms.power_price[firm] }
}
