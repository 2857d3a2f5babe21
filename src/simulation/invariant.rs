//! Invariants that must hold at every tick, whatever the scenario (model.md 7). Everything is summed anew here and compared with the engine's running
//! totals, so that a forgotten update is detected.

mod books;

use super::{Simulation, records::retargets};
use crate::{
    chain::{Arrivals, Retarget},
    units::{Column, NanoUsd, RegionId, SiteId},
    world::{
        Resale,
        ledger::{Cause, Standing},
        population::BIN_COUNT,
    },
};

/// Tolerance of dollar residuals, relative to turnover.
const DOLLARS: f64 = 1e-9;

/// A violated invariant: a bug, or a hardware error.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("invariant {invariant} broken at {days:.3} d: {what}")]
pub struct Violation {
    /// Its name in the model, I1 to I8.
    pub invariant: &'static str,
    /// Time, days from the start.
    pub days: f64,
    /// Description of the finding.
    pub what: String,
}

impl Simulation<'_> {
    /// Checks I1 to I8 now.
    ///
    /// # Errors
    /// The first that does not hold.
    pub fn check(&self) -> Result<(), Violation> {
        self.check_books()?;
        self.check_machines()?;
        self.check_power()?;
        self.check_firms()?;
        self.check_chain()
    }

    /// Checks at the end of a history: blocks came as often as hashrate implies (I5).
    ///
    /// # Errors
    /// If they did not.
    pub fn check_closed(&self) -> Result<(), Violation> {
        let surprise = (self.records.found_blocks - self.records.expected_blocks).abs();
        let bound = 6.0 * self.records.expected_blocks.sqrt() + 1.0;
        self.require("I5", surprise <= bound, || {
            format!(
                "{} blocks where {} were to be expected, more than six standard deviations",
                self.records.found_blocks, self.records.expected_blocks
            )
        })
    }

    fn require(&self, invariant: &'static str, holds: bool, what: impl FnOnce() -> String) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(Violation { invariant, days: self.world.now().get() / 86_400.0, what: what() }) }
    }

    /// I3 to I5: machines are running, idle or gone; totals of hashrate and power are sums over lots; efficiency lies between its extremes.
    fn check_machines(&self) -> Result<(), Violation> {
        let (lots, fleet) = (&self.world.population.lots, &self.world.fleet);
        let (mut running, mut installed, mut power, mut water, mut dear_nusd) = (0, 0, 0, 0, 0);
        let mut bins = [(0, 0); BIN_COUNT];
        let (mut best, mut worst) = (f64::INFINITY, 0.0f64);
        for lot in lots.ids() {
            let (hash, bin) = (lots.hash_mh[lot], lots.bin[lot] as usize);
            if !fleet.is_gone(lot) {
                installed += lots.full_mh[lot];
                bins[bin].1 += lots.full_mh[lot];
            }
            if fleet.runs(lot) {
                running += hash;
                power += lots.power_mw[lot];
                bins[bin].0 += hash;
                if lots.lambda[lot] > fleet.hashprice() {
                    water += hash;
                    dear_nusd += i128::from(lots.cost_nusd[lot]);
                }
                #[expect(clippy::cast_precision_loss, reason = "known to 53 bits")]
                let efficiency = lots.power_mw[lot] as f64 / hash as f64;
                (best, worst) = (best.min(efficiency), worst.max(efficiency));
                self.require("I8", !fleet.is_gone(lot), || format!("{lot:?} runs but has left"))?;
                self.require("I8", !fleet.is_held(lot), || format!("{lot:?} runs but is kept off by force"))?;
            }
        }
        let kept =
            (fleet.running_mh, fleet.installed_mh, fleet.power_mw, fleet.underwater_mh, fleet.underwater_cost_nusd);
        let by_lot = (running, installed, power, water, dear_nusd);
        self.require("I5", kept == by_lot, || {
            format!(
                "(running, installed, power, under water, its cost) is {by_lot:?} by lot and {kept:?} in the totals"
            )
        })?;
        if let Some(resale) = &self.world.resale {
            self.check_trades(resale)?;
        }
        let by_bin: Vec<_> = fleet.running_by_bin.iter().copied().zip(fleet.installed_by_bin).collect();
        self.require("I3", by_bin == bins, || format!("by efficiency {bins:?} by lot and {by_bin:?} in the totals"))?;
        let machines = self.world.inventory.check(&self.world.population, |model| {
            let market = self.world.resale.as_ref().and_then(|resale| resale.models.get(model));
            market.map_or(0, |market| market.whereabouts.total())
        });
        self.require("I3", machines.is_ok(), || machines.err().unwrap_or_default())?;
        #[expect(clippy::cast_precision_loss, reason = "known to 53 bits")]
        let mean = power as f64 / running as f64;
        self.require("I4", running == 0 || (mean >= best * (1.0 - 1e-12) && mean <= worst * (1.0 + 1e-12)), || {
            format!("network efficiency {mean} lies outside [{best}, {worst}] mW per MH/s")
        })
    }

    /// I4 and I8 by site: a running lot's energy agrees with its bill and its price, and belongs to a region; contracted energy of a site is used or
    /// resold; no site carries more load than its capacity.
    #[expect(clippy::cast_precision_loss, reason = "known to 53 bits")]
    fn check_power(&self) -> Result<(), Violation> {
        let (lots, sites, fleet, power) =
            (&self.world.population.lots, &self.world.population.sites, &self.world.fleet, &self.world.scenario.power);
        let mut regions: Column<RegionId, (u64, u64)> = Column::filled((0, 0), fleet.running_by_region.len());
        let mut used: Column<SiteId, u64> = Column::filled(0, sites.len());
        for lot in lots.ids() {
            let site = lots.site[lot];
            if fleet.is_gone(lot) {
                continue;
            }
            used[site] += lots.full_mw[lot];
            if fleet.runs(lot) {
                let (hash, load) = &mut regions[sites.region[site]];
                (*hash, *load) = (*hash + lots.hash_mh[lot], *load + lots.power_mw[lot]);
            }
            let contract = self.world.terms().contract_at(&self.world.population, site);
            let (due, kwh) = (contract.take_or_pay(power.take_or_pay), lots.daily_energy(lot).get());
            let price = sites.power_price[site].get() * (1.0 - due);
            if lots.full_mh[lot] > 0 && price > 0.0 {
                let crew = if contract.all_in() { 0.0 } else { power.running_cost.get() / power.pue };
                let billed = lots.lambda[lot].get() / (price + crew);
                let rounding = 2.0 * kwh / lots.full_mw[lot] as f64;
                self.require("I4", (billed - kwh).abs() <= 1e-9 * kwh + rounding, || {
                    format!("{lot:?} is billed for {billed} kWh a day and PH/s, and uses {kwh}")
                })?;
            }
        }
        self.require("I4", regions == fleet.running_by_region, || {
            format!("by region {regions:?} by lot and {:?} in the totals", fleet.running_by_region)
        })?;
        let metered: f64 = regions.ids().map(|region| self.records.measure.region_energy_twh(region)).sum();
        let energy = self.records.measure.energy_twh();
        self.require("I4", (metered - energy).abs() <= 1e-9 * energy + 1e-15, || {
            format!("regions used {metered} TWh, the network {energy}")
        })?;
        if let Some(responding) = &self.power.responding {
            let (contracted, placed) = (responding.contracted.get(), (responding.used + responding.left).get());
            self.require("I4", (contracted - placed).abs() <= 1e-9 * contracted, || {
                format!("{contracted} kWh were under contract, {placed} were used or left")
            })?;
        }
        for (site, (&used, &capacity)) in used.iter().zip(&sites.capacity_mw).enumerate() {
            self.require("I8", used <= capacity, || format!("site {site} carries {used} mW of {capacity}"))?;
        }
        Ok(())
    }

    /// I2 and I3 of the market of used machines: sellers' proceeds equal payments by miners, outside buyers and scrap dealers; machines counted as
    /// listed or in transit are.
    fn check_trades(&self, resale: &Resale) -> Result<(), Violation> {
        let flow = |cause: Cause| self.world.ledger.flows[cause as usize];
        let (had, paid) = (flow(Cause::MachinesSold), -flow(Cause::UsedBought));
        self.require("I2", resale.balances(had, paid, DOLLARS), || {
            format!("of machines sold for {had} USD and bought for {paid}, buyers and sellers do not agree")
        })?;
        let sites = flow(Cause::SitesSold) + flow(Cause::SitesBought);
        self.require("I2", sites.abs() <= DOLLARS * (1.0 + flow(Cause::SitesSold)), || {
            format!("buyers and sellers of sites differ by {sites} USD")
        })?;
        self.require("I3", resale.adds_up(), || "machines on offer or on the road are miscounted".to_owned())
    }

    /// I5 and I8 by firm: its running hashrate and costs are sums over its lots; nothing is negative; a firm that has left runs nothing.
    fn check_firms(&self) -> Result<(), Violation> {
        let (lots, firms, ledger) = (&self.world.population.lots, &self.world.population.firms, &self.world.ledger);
        for firm in firms.ids() {
            let running = || self.world.population.lots_of_firm(firm).filter(|&lot| self.world.fleet.runs(lot));
            let hash: u64 = running().map(|lot| lots.hash_mh[lot]).sum();
            let gone = !ledger.standing[firm].lives();
            let fixed = if gone { 0 } else { firms.fixed_nusd[firm] };
            let cost = fixed + running().map(|lot| lots.cost_nusd[lot]).sum::<i64>();
            let name = &firms.name[firm];
            self.require("I5", (hash, cost) == (ledger[firm].running_mh, ledger[firm].cost_nusd), || {
                format!(
                    "{name} runs {hash} MH/s at {cost} nUSD/d by lot, {} at {} in the ledger",
                    ledger[firm].running_mh, ledger[firm].cost_nusd
                )
            })?;
            let sound = ledger[firm].coins >= 0
                && ledger[firm].cash >= 0.0
                && ledger.debt[firm] >= NanoUsd::ZERO
                && ledger[firm].bill >= 0.0;
            self.require("I8", sound, || {
                format!(
                    "{name} has {} sat, {} USD, debt {:?}, bills {}",
                    ledger[firm].coins, ledger[firm].cash, ledger.debt[firm], ledger[firm].bill
                )
            })?;
            let wound_up = ledger.standing[firm] == Standing::Liquidated;
            self.require("I8", !gone || (hash == 0 && (!wound_up || ledger[firm].coins == 0)), || {
                format!("{name} was wound up but runs or holds coins")
            })?;
        }
        Ok(())
    }

    /// I5 and I6: fluid blocks follow hashrate exactly; difficulty changes only at retargets, within Bitcoin's bounds.
    fn check_chain(&self) -> Result<(), Violation> {
        let surprise = (self.records.found_blocks - self.records.expected_blocks).abs();
        let fluid = self.world.scenario.chain.arrivals == Arrivals::Fluid;
        self.require("I5", !fluid || surprise <= 1e-9 * (1.0 + self.records.expected_blocks), || {
            format!(
                "{} fluid blocks where the integral says {}",
                self.records.found_blocks, self.records.expected_blocks
            )
        })?;
        if self.world.scenario.chain.retarget != Retarget::Bitcoin {
            return Ok(());
        }
        let ratio = self.world.chain.difficulty() / self.records.epoch_before.1;
        let passed =
            i32::try_from(retargets(&self.world).saturating_sub(self.records.epoch_before.0)).unwrap_or(i32::MAX);
        let bound = libm::pow(4.0 * (1.0 + 1.0 / 8192.0), f64::from(passed));
        self.require("I6", ratio <= bound && ratio >= 1.0 / bound, || {
            format!("difficulty moved by {ratio} over {passed} retargets")
        })
    }
}

#[cfg(test)]
mod tests;
