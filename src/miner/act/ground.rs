//! Where machines stand: how they come to a site and leave it, with every account that this touches.

use super::{
    Resale,
    borrow::{charge_machines, most_on_machines},
    dispose::all_worth_usd,
};
use crate::{
    miner::{
        fleet::Fleet,
        inventory::Inventory,
        ledger::{Cause, Ledger},
        loan::LoanTerms,
        population::{LotKind, Population},
        terms::Terms,
    },
    units::{Efficiency, Hashrate, NanoUsd, Power},
};

/// Everything that a change of the machines there are touches.
#[derive(Debug)]
pub struct Ground<'a> {
    /// Firms, sites and lots.
    pub population: &'a mut Population,
    /// Which run.
    pub fleet: &'a mut Fleet,
    /// Accounts.
    pub ledger: &'a mut Ledger,
    /// Machines that stand in no lot.
    pub inventory: &'a mut Inventory,
    /// The market of used machines, where there is one.
    pub resale: Option<&'a mut Resale>,
    /// What lots follow from.
    pub terms: Terms<'a>,
    /// Share of what may be borrowed that lenders pay out.
    pub lenders_ready: f64,
    /// Now, s.
    pub now: f64,
}

/// Why machines leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// To the scrap heap.
    Scrapped,
    /// Better machines take their place; to the market of used machines, or the scrap heap where there is none.
    Displaced,
    /// Their place has another use; to the market, where there is one.
    Released,
}

impl Ground<'_> {
    /// Whether a firm goes on.
    #[must_use]
    pub fn lives(&self, firm: usize) -> bool {
        self.ledger.standing[firm].lives()
    }

    /// Machines come from a maker and are installed at a site, whatever room it has. Returns their lot.
    pub fn deliver(&mut self, site: usize, model: u16, units: u32) -> usize {
        let unit_mh = self.population.models[model as usize].unit.mh();
        self.inventory.deliver(model, units, unit_mh);
        self.fleet.install(self.population, self.ledger, &self.terms, site, model, units, self.now)
    }

    /// So many machines of a lot (and of its boost) stand there no longer; where they go is the caller's to say.
    pub fn take(&mut self, lot: usize, units: u32) {
        let left = self.population.lots.units[lot] - units;
        self.fleet.set_units(self.population, self.ledger, &self.terms, lot, left, self.now);
    }

    /// Machines of a lot leave for good.
    pub fn leave(&mut self, lot: usize, units: u32, why: Leaving) {
        let (model, unit_mh) = (self.population.lots.model[lot], self.population.lots.unit_mh[lot]);
        let firm = self.population.lots.firm[lot] as usize;
        match (why, &mut self.resale) {
            (Leaving::Displaced, Some(resale)) => resale.take_in(firm, model, units),
            (Leaving::Released, Some(resale)) => {
                self.inventory.pass_on(units, unit_mh);
                resale.take_in(firm, model, units);
            }
            (Leaving::Scrapped | Leaving::Displaced, _) => self.inventory.scrap(model, units, unit_mh),
            (Leaving::Released, None) => self.inventory.release(model, units, unit_mh),
        }
        self.take(lot, units);
    }

    /// What a firm can borrow on the machines it has and has not pledged, USD: while lenders are tight, on half of all that it has, less
    /// what is pledged.
    #[must_use]
    pub fn credit(&self, firm: usize, terms: &LoanTerms) -> f64 {
        let Some(pledge) = terms.collateral.pledge() else { return 0.0 };
        most_on_machines(self.ledger, firm, pledge, self.lenders_ready, self.machines_usd(firm))
    }

    /// A firm borrows on its machines.
    pub fn borrow(&mut self, firm: usize, terms: &LoanTerms, usd: f64) {
        let Some(pledge) = terms.collateral.pledge() else { return };
        let worth = self.machines_usd(firm);
        let loan = self.ledger.owe(firm, *terms, NanoUsd::nearest(usd), self.now);
        self.ledger.post(firm, Cause::LoanDrawn, usd);
        charge_machines(self.ledger, loan, pledge, usd, worth);
    }

    fn machines_usd(&self, firm: usize) -> f64 {
        all_worth_usd(self.resale.as_deref(), self.population, self.fleet, firm)
    }

    /// The lots of a site that have machines: their base rows, dearest to run first.
    #[must_use]
    pub fn standing(&self, site: usize) -> Vec<usize> {
        let lots = &self.population.lots;
        let mut there: Vec<usize> = self
            .population
            .lots_of_site(site)
            .filter(|&lot| lots.kind[lot] != LotKind::Boost && lots.units[lot] > 0 && !self.fleet.is_gone(lot))
            .collect();
        there.sort_by(|&a, &b| lots.efficiency[b].total_cmp(&lots.efficiency[a]).then(a.cmp(&b)));
        there
    }

    /// Machines leave a site, the least efficient first, until `mw` more milliwatts fit; or until none is left. Returns the hashrate that left.
    pub fn make_room(&mut self, site: usize, mw: u64, why: Leaving) -> Hashrate {
        let mut gone = Hashrate::ZERO;
        for lot in self.standing(site) {
            let sites = &self.population.sites;
            let over = (sites.used_mw[site] + mw).saturating_sub(sites.capacity_mw[site]);
            if over == 0 {
                break;
            }
            let lots = &self.population.lots;
            let unit = Hashrate::from_mh(lots.unit_mh[lot]);
            let each = self.power_of(unit, lots.efficiency[lot]).mw().max(1);
            let units = u32::try_from(over.div_ceil(each)).unwrap_or(u32::MAX).min(lots.units[lot]);
            gone += Hashrate::from_mh(u64::from(units) * unit.mh());
            self.leave(lot, units, why);
        }
        gone
    }

    /// What a machine draws at the meter, rounded up: so many of them never take more than so many times that.
    #[must_use]
    pub fn power_of(&self, unit: Hashrate, j_per_th: f64) -> Power {
        let drawn = Power::drawn(unit, Efficiency::new(j_per_th), self.terms.power.pue);
        Power::from_mw(drawn.mw() + 1)
    }
}
