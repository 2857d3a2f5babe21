//! Costs and thresholds of a lot: model, power price, rule and switching cost determine its avoidable cost and its thresholds.

use crate::{
    mechanism::operate::{
        params::OperationParams,
        rule::{NoThresholds, Rule, margin_thresholds, thresholds},
    },
    power::{Contract, Market, Moves, PowerParams, Spot, demand_response::Settles},
    random::{Draw, Purpose, name_hash_on},
    units::{ClassId, Efficiency, Hashprice, Hashrate, Id, ModelId, Power, PowerPrice, RegionId, Seconds, SiteId},
    world::{
        ClassParams,
        lots::{Lot, LotKind, nano_usd, ph},
        population::{Population, efficiency_bin},
        site::Model,
    },
};

/// Terms of operation, constant over a history.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// How lots are operated.
    pub operation: &'a OperationParams,
    /// Power terms.
    pub power: &'a PowerParams,
    /// The classes; empty if miners are listed one by one.
    pub classes: &'a [ClassParams],
    /// Seed of all random numbers.
    pub seed: u64,
    /// Index of the replica.
    pub replica: u64,
    /// Power contract of the machines.
    pub contract: Contract,
}

/// Machines of one model at one power price: everything that determines their lots except their number.
#[derive(Clone, Copy, Debug)]
pub struct Rigs {
    /// Key of their random draws.
    pub key: u64,
    /// Index of the model.
    pub model: ModelId,
    /// Hashrate of one machine at full power.
    pub unit: Hashrate,
    /// Efficiency at full power.
    pub efficiency: Efficiency,
    /// Decision rule.
    pub rule: Rule,
    /// K, USD/PH.
    pub switching_cost: f64,
    /// Full power, or eco mode where there is one.
    pub base: Mode,
    /// The additional output of full power over eco mode.
    pub boost: Option<Mode>,
    /// Cost due per installed hashrate, running or not.
    pub fixed: Hashprice,
}

/// Cost per hashrate of an operating mode, and its thresholds.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// Energy per hash.
    pub efficiency: Efficiency,
    /// Avoidable cost.
    pub lambda: Hashprice,
    /// Shutdown threshold.
    pub low: Hashprice,
    /// Restart threshold.
    pub high: Hashprice,
}

impl<'a> Terms<'a> {
    /// These terms under another contract.
    #[must_use]
    pub fn under(&self, contract: Contract) -> Self {
        Self { contract, ..*self }
    }

    /// Factor on the power prices of all classes in this history, `exp(s z)`: z is standard normal, and s is the uncertainty of the price level
    /// ([`PowerParams::price_level_log_sd`]).
    #[must_use]
    pub fn price_level(&self) -> f64 {
        let draw = Draw::new(self.seed, self.replica, Purpose::PriceLevel);
        libm::exp(self.power.price_level_log_sd * draw.standard_normal(0, 0))
    }

    /// The contract of the sites of a class in a region.
    #[must_use]
    pub fn contract_of(&self, region: RegionId, class: ClassId) -> Contract {
        self.power
            .contract(region, self.classes.get(class.row()).map_or_else(Contract::default, |class| class.contract))
    }

    /// The contract of a site.
    #[must_use]
    pub fn contract_at(&self, population: &Population, site: SiteId) -> Contract {
        let sites = &population.sites;
        let class = population.firms.class[sites.firm[site]];
        sites.contract[site].unwrap_or_else(|| self.contract_of(sites.region[site], class))
    }

    /// These terms under the contract of a site.
    #[must_use]
    pub fn at(&self, population: &Population, site: SiteId) -> Self {
        self.under(self.contract_at(population, site))
    }

    /// Factors and additions that act on prices at the sites of a class in a region.
    #[must_use]
    pub fn moves(&self, population: &Population, region: RegionId, class: ClassId, now: Seconds) -> Moves {
        let class = population.firms.classes.get(class).map_or("", String::as_str);
        self.power.moves((region, &population.regions[region]), class, now)
    }

    /// Price at the meter under the contract of these terms, for a site whose own price is `own`.
    #[must_use]
    pub fn price(&self, region: RegionId, own: PowerPrice, moves: &Moves) -> PowerPrice {
        self.contract.price(own, self.spot(region), moves)
    }

    /// How sites in a region are billed by the hour, or charged for peaks, under the contract of these terms; `None` if they are not.
    #[must_use]
    pub fn market(&self, region: RegionId, moves: &Moves) -> Option<Market> {
        Market::new(&self.contract, self.spot(region), self.charges_peaks(region), moves)
    }

    /// Whether sites in a region can have a market under the contract of these terms, whatever the prices.
    #[must_use]
    pub fn is_hourly(&self, region: RegionId) -> bool {
        Settles::of(&self.contract, self.charges_peaks(region)).is_some()
    }

    fn charges_peaks(&self, region: RegionId) -> bool {
        self.power.regions.get(region.row()).is_some_and(|region| region.peak_charge.is_some())
    }

    /// The spot prices of a region, if it has any.
    #[must_use]
    pub fn spot(&self, region: RegionId) -> Option<&'a Spot> {
        self.power.regions.get(region.row()).and_then(|region| region.spot.as_ref())
    }

    /// Machines of a model at a site of a firm of some class: rule and switching cost are drawn by site and model.
    ///
    /// # Errors
    /// When the exact thresholds are not found.
    pub fn rigs(
        &self,
        site_key: u64,
        class_index: ClassId,
        (index, model): (ModelId, &Model),
        power_price: PowerPrice,
    ) -> Result<Rigs, NoThresholds> {
        // The address of the lot is SITE/MODEL.
        let key = name_hash_on(name_hash_on(site_key, "/"), &model.name);
        let costs = Draw::new(self.seed, self.replica, Purpose::SwitchingCost);
        let rules = Draw::new(self.seed, self.replica, Purpose::Rule);
        let own_cost = self.operation.switching_cost_median_usd_per_ph
            * libm::exp(self.operation.switching_cost_log_sd * costs.standard_normal(key, 0));
        // A client of a host with a term loses its deposit by a long stop.
        let deposit = self.bill(model.efficiency, power_price).get() * self.contract.deposit_days();
        let switching_cost = own_cost + deposit;
        let class = self.classes.get(class_index.row());
        let rule = class.map_or(Rule::Option, |class| class.rules.draw(rules.uniform(key, 0)));
        let (base, boost) = self.modes(model.efficiency, model.eco, power_price, rule, switching_cost)?;
        let fixed = self.fixed(class_index, model.efficiency, power_price);
        let (unit, efficiency) = (model.unit, model.efficiency);
        Ok(Rigs { key, model: index, unit, efficiency, rule, switching_cost, base, boost, fixed })
    }

    /// These machines under the naive rule, which needs no threshold solver.
    #[must_use]
    pub fn naive_rigs(
        &self,
        site_key: u64,
        class: ClassId,
        (index, model): (ModelId, &Model),
        power_price: PowerPrice,
    ) -> Rigs {
        let key = name_hash_on(name_hash_on(site_key, "/"), &model.name);
        let (base, boost) = self.naive_modes(model.efficiency, model.eco, power_price);
        let fixed = self.fixed(class, model.efficiency, power_price);
        let (unit, efficiency) = (model.unit, model.efficiency);
        Rigs { key, model: index, unit, efficiency, rule: Rule::Naive, switching_cost: 0.0, base, boost, fixed }
    }

    /// Full power alone, or eco mode and the boost to full power, with avoidable cost as both thresholds.
    ///
    /// # Panics
    /// Never: the naive rule does not use the threshold solver.
    #[must_use]
    pub fn naive_modes(&self, efficiency: Efficiency, eco: bool, power_price: PowerPrice) -> (Mode, Option<Mode>) {
        self.modes(efficiency, eco, power_price, Rule::Naive, 0.0).expect("the naive rule looks for no thresholds")
    }

    /// Cost of an installed PH/s of a class whether it runs or not: the take-or-pay part of the power bill and the class's own fixed cost.
    #[must_use]
    pub fn fixed(&self, class: ClassId, efficiency: Efficiency, power_price: PowerPrice) -> Hashprice {
        let own = self.classes.get(class.row()).map_or(0.0, |class| class.fixed_cost_usd_per_ph_day);
        self.take_or_pay(efficiency, power_price) + Hashprice::new(own)
    }

    /// Full power alone, or eco mode and the boost to full power.
    ///
    /// # Errors
    /// When the exact thresholds are not found.
    pub fn modes(
        &self,
        efficiency: Efficiency,
        eco: bool,
        power_price: PowerPrice,
        rule: Rule,
        switching_cost: f64,
    ) -> Result<(Mode, Option<Mode>), NoThresholds> {
        // A change of mode is a firmware setting without cost, so the boost has no band of inaction.
        let thresholds = |lambda, boost| self.thresholds(lambda, rule, if boost { 0.0 } else { switching_cost });
        self.modes_by(efficiency, eco, power_price, thresholds)
    }

    /// As [`Self::modes`], with another way to find the thresholds: `thresholds` receives the avoidable cost and whether the mode is a boost.
    ///
    /// # Errors
    /// Where `thresholds` finds none.
    pub fn modes_by<E>(
        &self,
        efficiency: Efficiency,
        eco: bool,
        power_price: PowerPrice,
        thresholds: impl Fn(Hashprice, bool) -> Result<(Hashprice, Hashprice), E>,
    ) -> Result<(Mode, Option<Mode>), E> {
        let mode = |efficiency, boost| {
            let lambda = self.avoidable(efficiency, power_price);
            let (low, high) = thresholds(lambda, boost)?;
            Ok(Mode { efficiency, lambda, low, high })
        };
        if !eco {
            return Ok((mode(efficiency, false)?, None));
        }
        let (j, h) = (self.operation.eco_efficiency_factor, self.operation.eco_hashrate_factor);
        let added = mode(efficiency * ((1.0 - j * h) / (1.0 - h)), true)?;
        Ok((mode(efficiency * j, false)?, Some(added)))
    }

    /// The thresholds at which machines with this avoidable cost stop and restart.
    ///
    /// # Errors
    /// When the exact thresholds are not found.
    pub fn thresholds(
        &self,
        lambda: Hashprice,
        rule: Rule,
        switching_cost: f64,
    ) -> Result<(Hashprice, Hashprice), NoThresholds> {
        rule.thresholds(lambda, || thresholds(lambda, switching_cost, self.operation))
    }

    /// A mode whose thresholds are given as margins on cost.
    #[must_use]
    pub fn margin_mode(
        &self,
        efficiency: Efficiency,
        power_price: PowerPrice,
        shutdown_margin: f64,
        restart_margin: f64,
    ) -> Mode {
        let lambda = self.avoidable(efficiency, power_price);
        let (low, high) = margin_thresholds(lambda, shutdown_margin, restart_margin);
        Mode { efficiency, lambda, low, high }
    }

    /// Avoidable cost of a PH/s at this efficiency: running cost at the machine, and the part of the power bill that ends when it stops.
    #[must_use]
    pub fn avoidable(&self, efficiency: Efficiency, power_price: PowerPrice) -> Hashprice {
        let due = self.contract.take_or_pay(self.power.take_or_pay);
        let contract = power_price * (self.power.pue * (1.0 - due));
        let running = if self.contract.all_in() { PowerPrice::ZERO } else { self.power.running_cost };
        efficiency * (contract + running)
    }

    /// Total running cost of a PH/s at this efficiency, for an owner without take-or-pay obligations.
    #[must_use]
    pub fn running(&self, efficiency: Efficiency, power_price: PowerPrice) -> Hashprice {
        self.avoidable(efficiency, power_price) + self.take_or_pay(efficiency, power_price)
    }

    /// The part of a PH/s's bill that is due even when it is off.
    #[must_use]
    pub fn take_or_pay(&self, efficiency: Efficiency, power_price: PowerPrice) -> Hashprice {
        efficiency * (power_price * (self.power.pue * self.contract.take_or_pay(self.power.take_or_pay)))
    }

    /// A PH/s's bill for power at full load, or a host's fee.
    #[must_use]
    pub fn bill(&self, efficiency: Efficiency, power_price: PowerPrice) -> Hashprice {
        efficiency * (power_price * self.power.pue)
    }

    /// Hashrate of `units` machines: at full power, or in eco mode and of the boost.
    #[must_use]
    pub fn hashrates(&self, rigs: &Rigs, units: u32) -> (Hashrate, Option<Hashrate>) {
        let full = Hashrate::from_mh(u64::from(units).saturating_mul(rigs.unit.mh()));
        if rigs.boost.is_none() {
            return (full, None);
        }
        let eco = Hashrate::from_th(full.th() * self.operation.eco_hashrate_factor);
        (eco, Some(full - eco))
    }

    /// The lots of `units` machines: one, or eco mode and boost.
    #[must_use]
    pub fn lots(&self, rigs: &Rigs, units: u32) -> (Lot, Option<Lot>) {
        let (base, added) = self.hashrates(rigs, units);
        let full = added.map_or(base, |added| base + added);
        let lot = |hashrate: Hashrate, mode: Mode, kind: LotKind| {
            let boost = kind == LotKind::Boost;
            Lot {
                model: rigs.model,
                efficiency: rigs.efficiency,
                unit: rigs.unit,
                fixed_nusd: if boost { 0 } else { nano_usd(rigs.fixed.get() * ph(full.mh())) },
                units: if boost { 0 } else { units },
                hash_mh: hashrate.mh(),
                power_mw: Power::drawn(hashrate, mode.efficiency, self.power.pue).mw(),
                lambda: mode.lambda,
                low: mode.low,
                high: mode.high,
                switching_cost: if boost { 0.0 } else { rigs.switching_cost },
                rule: rigs.rule,
                kind,
                bin: efficiency_bin(rigs.efficiency.get()),
                key: if boost { rigs.key.wrapping_add(1) } else { rigs.key },
            }
        };
        match rigs.boost.zip(added) {
            None => (lot(base, rigs.base, LotKind::Plain), None),
            Some((boost, added)) => (lot(base, rigs.base, LotKind::Eco), Some(lot(added, boost, LotKind::Boost))),
        }
    }
}
