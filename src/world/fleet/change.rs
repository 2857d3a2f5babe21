//! Changes of the installed machines: their number, owner or power price. Every change subtracts a lot from all totals, changes its row, and adds it
//! again, so that no total can be forgotten.

use super::{Fleet, GONE, RUNNING};
use crate::{
    units::{FirmId, Hashprice, LotId, ModelId, PowerPrice, RegionId, SiteId},
    world::{
        ledger::Ledger,
        lots::{Lot, LotKind, Lots},
        population::Population,
        terms::{Mode, Rigs, Terms},
    },
};

impl Fleet {
    /// Sets the number of machines of a lot and its boost; a row without machines stays, empty.
    pub fn set_units(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        terms: &Terms<'_>,
        lot: LotId,
        units: u32,
        now: f64,
    ) {
        let terms = &terms.at(population, population.lots.site[lot]);
        let rigs = rigs_of(population, terms, lot);
        self.become_lots(population, ledger, lot, terms.lots(&rigs, units), now);
    }

    /// Machines of a model arrive at a site: they join the lot of that model there, or form a new one, which is off and is evaluated at the next
    /// decision. Returns the lot. The caller checks that there is room.
    #[expect(clippy::too_many_arguments, reason = "what, where, how many and when")]
    pub fn install(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        terms: &Terms<'_>,
        site: SiteId,
        model: ModelId,
        units: u32,
        now: f64,
    ) -> LotId {
        let terms = &terms.at(population, site);
        let lots = &population.lots;
        let there = population
            .lots_of_site(site)
            .find(|&lot| lots.model[lot] == model && lots.kind[lot] != LotKind::Boost && !self.is_gone(lot));
        if let Some(lot) = there {
            let all = lots.units[lot] + units;
            if !population.listed {
                // New machines have the efficiency of their data sheet, those they join may be worn: the lot has the mean.
                let (sheet, worn) = (population.models[model].efficiency, lots.efficiency[lot]);
                let mean = worn + (sheet - worn) * (f64::from(units) / f64::from(all).max(1.0));
                for mode in lots.modes(lot) {
                    population.lots.efficiency[mode] = mean;
                }
            }
            self.set_units(population, ledger, terms, lot, all, now);
            return lot;
        }
        let class = population.firms.class[population.sites.firm[site]];
        let price = population.sites.power_price[site];
        let machine = &population.models[model];
        let key = population.sites.key[site];
        let rigs = terms.rigs(key, class, (model, machine), price).unwrap_or_else(|_| {
            // If the exact thresholds do not exist, machines follow the naive rule.
            terms.naive_rigs(key, class, (model, machine), price)
        });
        let (base, boost) = terms.lots(&rigs, units);
        let lot = population.push_lot(site, &base);
        self.begin(population, ledger, lot, now);
        if let Some(boost) = boost {
            let boost = population.push_lot(site, &boost);
            self.begin(population, ledger, boost, now);
        }
        lot
    }

    /// Initialises the state of a lot just appended.
    fn begin(&mut self, population: &mut Population, ledger: &mut Ledger, lot: LotId, now: f64) {
        self.state.push(0);
        self.due.push(now);
        self.off_since.push(now);
        self.crossings.push(0);
        self.holds.push(0);
        self.count(population, ledger, lot, now, true);
        self.changed.push(lot);
    }

    /// Transfers a site with all its machines to another owner.
    pub fn transfer_site(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        site: SiteId,
        firm: FirmId,
        now: f64,
    ) {
        let lots: Vec<LotId> = population.lots_of_site(site).collect();
        for &lot in &lots {
            self.count(population, ledger, lot, now, false);
        }
        population.unlink_site(site);
        population.link_site(site, firm);
        for lot in lots {
            population.lots.firm[lot] = firm;
            self.count(population, ledger, lot, now, true);
        }
    }

    /// Sets the power price of a site: costs, thresholds and fixed costs of all its lots are recomputed.
    pub fn reprice(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        terms: &Terms<'_>,
        site: SiteId,
        power_price: PowerPrice,
        now: f64,
    ) {
        population.sites.power_price[site] = power_price;
        let mut next = population.lots_of_site(site).next();
        while let Some(lot) = next {
            if population.lots.kind[lot] != LotKind::Boost {
                let units = population.lots.units[lot];
                self.set_units(population, ledger, terms, lot, units, now);
            }
            next = population.after(lot);
        }
    }

    /// Sets the share of hours in which a running lot runs. Its thresholds do not change.
    pub fn set_uptime(&mut self, population: &mut Population, ledger: &mut Ledger, lot: LotId, uptime: f64, now: f64) {
        self.count(population, ledger, lot, now, false);
        population.lots.set_uptime(lot, uptime);
        self.count(population, ledger, lot, now, true);
    }

    /// Moves a site with all its machines to another region, under the contract that applies there.
    pub fn move_site(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        site: SiteId,
        region: RegionId,
        now: f64,
    ) {
        let lots: Vec<LotId> = population.lots_of_site(site).collect();
        for &lot in &lots {
            self.count(population, ledger, lot, now, false);
        }
        population.sites.region[site] = region;
        population.sites.contract[site] = None;
        for lot in lots {
            self.count(population, ledger, lot, now, true);
        }
    }

    /// Replaces the rows of a lot and its boost.
    fn become_lots(
        &mut self,
        population: &mut Population,
        ledger: &mut Ledger,
        lot: LotId,
        (base, boost): (Lot, Option<Lot>),
        now: f64,
    ) {
        for (row, new) in std::iter::once((lot, base)).chain(boost.map(|boost| (lot.boost(), boost))) {
            self.count(population, ledger, row, now, false);
            // A change of number alone leaves a lot's place in the fronts and its desired state unchanged.
            let thresholds =
                |lots: &Lots| [lots.lambda[row], lots.low[row], lots.high[row]].map(|value| value.get().to_bits());
            let before = thresholds(&population.lots);
            population.lots.set(row, &new);
            self.count(population, ledger, row, now, true);
            if thresholds(&population.lots) != before {
                self.changed.push(row);
            }
        }
    }

    /// Adds a lot to all totals, or subtracts it.
    fn count(&mut self, population: &mut Population, ledger: &mut Ledger, lot: LotId, now: f64, into: bool) {
        if self.state[lot] & GONE != 0 {
            return;
        }
        let (lots, firms) = (&population.lots, &mut population.firms);
        let (hash, power, bin) = (lots.hash_mh[lot], lots.power_mw[lot], lots.bin[lot] as usize);
        let (full, full_power) = (lots.full_mh[lot], lots.full_mw[lot]);
        let (firm, cost, fixed) = (lots.firm[lot], lots.cost_nusd[lot], lots.fixed_nusd[lot]);
        ledger.accrue(firm, now);
        self.versions[firm] += 1;
        let sign = if into { 1 } else { -1 };
        let add = |total: &mut u64, amount: u64| {
            *total = if into { *total + amount } else { *total - amount };
        };
        add(&mut self.installed_mh, full);
        add(&mut self.installed_by_bin[bin], full);
        add(&mut firms.installed_mh[firm], full);
        add(&mut population.sites.used_mw[lots.site[lot]], full_power);
        firms.fixed_nusd[firm] += sign * fixed;
        firms.full_cost_nusd[firm] += sign * (fixed + cost);
        ledger[firm].cost_nusd += sign * fixed;
        if self.state[lot] & RUNNING != 0 {
            add(&mut self.running_mh, hash);
            add(&mut self.power_mw, power);
            add(&mut self.running_by_bin[bin], hash);
            add(&mut ledger[firm].running_mh, hash);
            ledger[firm].cost_nusd += sign * cost;
            if lots.lambda[lot] > self.hashprice {
                add(&mut self.underwater_mh, hash);
                self.underwater_cost_nusd += i128::from(sign * cost);
            }
            self.count_place(population, lot, into);
        }
    }

    /// Whether lots were changed since the last decision.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Moves changed lots in the fronts. Must be called between a change and the next decision.
    pub fn refresh(&mut self, population: &mut Population) {
        self.changed.sort_unstable();
        self.changed.dedup();
        for &lot in &self.changed {
            population.fronts.put(&population.lots, lot);
        }
    }
}

/// Attributes of a lot's machines: as drawn, at the site's present power price.
fn rigs_of(population: &Population, terms: &Terms<'_>, lot: LotId) -> Rigs {
    let lots = &population.lots;
    let power_price = population.sites.power_price[lots.site[lot]];
    let class = population.firms.class[lots.firm[lot]];
    let (rule, switching_cost) = (lots.rule[lot], lots.switching_cost[lot]);
    let efficiency = lots.efficiency[lot];
    let kept = |row: LotId, mode: Mode| -> Mode {
        // Thresholds given as margins on cost, and those that cannot be recomputed, keep their ratio to it.
        let ratio =
            |threshold: Hashprice| if lots.lambda[row] > Hashprice::ZERO { threshold / lots.lambda[row] } else { 1.0 };
        Mode { low: mode.lambda * ratio(lots.low[row]), high: mode.lambda * ratio(lots.high[row]), ..mode }
    };
    let eco = lots.kind[lot] == LotKind::Eco;
    // Thresholds follow from avoidable cost, and are expensive to compute: they are reused if it has not changed.
    let thresholds = |lambda: Hashprice, boost: bool| {
        let row = if boost { lot.boost() } else { lot };
        if lots.lambda[row].get().to_bits() == lambda.get().to_bits() {
            return Ok((lots.low[row], lots.high[row]));
        }
        terms.thresholds(lambda, rule, if boost { 0.0 } else { switching_cost })
    };
    let found = if population.listed { None } else { terms.modes_by(efficiency, eco, power_price, thresholds).ok() };
    let (base, boost) = found.unwrap_or_else(|| {
        let (base, boost) = terms.naive_modes(efficiency, eco, power_price);
        (kept(lot, base), boost.map(|boost| kept(lot.boost(), boost)))
    });
    Rigs {
        key: lots.key[lot],
        model: lots.model[lot],
        unit: lots.unit[lot],
        efficiency,
        rule,
        switching_cost,
        base,
        boost,
        fixed: terms.fixed(class, efficiency, power_price),
    }
}
