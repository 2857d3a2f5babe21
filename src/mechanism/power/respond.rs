//! Sites that respond to spot prices: their uptime follows hashprice, unused power is credited, and the grid pays for interruptible load. The rule is
//! [`crate::power::demand_response`].
//!
//! Machines of one model at sites of one class in one region have one response, so it is computed once for all of them. A lot's uptime is updated if
//! it has changed by more than [`FINEST`]; machines that are off, for whatever reason, leave all their power unused. Credits accumulate over time and
//! are paid when the firm settles: resold power as income, power that was never bought as a deduction from the bill.

use crate::{
    power::{Market, demand_response::Response},
    units::{
        Column, DailyEnergy, Days, Energy, FirmId, Hashprice, Hashrate, Id, LotId, PowerPrice, RegionId, Seconds,
        SiteId, Usd,
    },
    world::{World, ledger::Cause, population::Population, terms::Terms},
};
use std::collections::BTreeMap;

/// Minimum change of uptime that is applied.
const FINEST: f64 = 5e-4;

/// Machines with a common response.
#[derive(Clone, Copy, Debug)]
struct Group {
    market: Market,
    running: Hashprice,
    energy: DailyEnergy,
    response: Response,
}

/// The market to which the machines of a site respond.
#[derive(Clone, Copy, Debug)]
struct Place {
    market: Market,
    region: RegionId,
    /// Distinguishes it from the other markets of the region.
    signature: [u64; 2],
}

impl Place {
    /// `None` if the site does not respond.
    fn of(population: &Population, terms: &Terms<'_>, site: SiteId, now: Seconds) -> Option<Self> {
        let terms = terms.at(population, site);
        if !terms.contract.responds() {
            return None;
        }
        let region = population.sites.region[site];
        let class = population.firms.class[population.sites.firm[site]];
        let moves = terms.moves(population, region, class, now);
        let market = terms.market(region, &moves)?;
        Some(Self { market, region, signature: market.signature() })
    }
}

/// Firms' income since their last settlement.
#[derive(Clone, Copy, Debug, Default)]
struct Credit {
    sold: Usd,
    ancillary: Usd,
    unbought: Usd,
}

/// The responding sites of a history, and the amounts owed to them.
#[derive(Clone, Debug, Default)]
pub struct Responding {
    groups: Vec<Group>,
    /// The hashprice of the last response; `None` if the sites were listed anew since.
    answered: Option<Hashprice>,
    /// Lots of responding sites, and their groups.
    lots: Vec<(LotId, u32)>,
    credit: Column<FirmId, Credit>,
    /// Lots whose sites no longer respond, and which must run in all hours again.
    freed: Vec<LotId>,
    /// Number of lots when they were listed.
    gathered: usize,
    /// Contracted energy left unused so far.
    pub left: Energy,
    /// Energy that responding sites used so far.
    pub used: Energy,
    /// Energy that responding sites had under contract so far.
    pub contracted: Energy,
    /// Income from resale and for interruptible load so far.
    pub income: Usd,
}

impl Responding {
    /// Lists the lots of sites whose contracts respond, with their present markets.
    ///
    /// # Panics
    /// With more lots than a `u32` counts, which no population has.
    pub fn gather(&mut self, population: &Population, terms: &Terms<'_>, now: Seconds) {
        self.groups.clear();
        self.answered = None;
        self.gathered = population.lots.len();
        self.credit.reach(population.firms.len(), Credit::default());
        self.freed.clear();
        let mut known: BTreeMap<[u64; 5], u32> = BTreeMap::new();
        let mut responds = Column::filled(false, population.sites.len());
        let before = std::mem::take(&mut self.lots);
        for site in population.sites.ids() {
            let Some(place) = Place::of(population, terms, site, now) else { continue };
            let Place { market, region, signature: [mean, ancillary] } = place;
            responds[site] = true;
            for lot in population.lots_of_site(site).filter(|&lot| population.lots.full_mh[lot] > 0) {
                let running = population.lots.lambda[lot];
                let energy = population.lots.daily_energy(lot);
                let key = [region.row() as u64, mean, ancillary, running.get().to_bits(), energy.get().to_bits()];
                let group = *known.entry(key).or_insert_with(|| {
                    let response = Response { uptime: 1.0, credit: PowerPrice::ZERO };
                    self.groups.push(Group { market, running, energy, response });
                    u32::try_from(self.groups.len() - 1).expect("groups are fewer than lots")
                });
                self.lots.push((lot, group));
            }
        }
        self.lots.sort_unstable();
        let lots = &population.lots;
        let is_freed = |&lot: &LotId| lots.uptime[lot] < 1.0 && (!responds[lots.site[lot]] || lots.full_mh[lot] == 0);
        self.freed.extend(before.into_iter().map(|(lot, _)| lot).filter(is_freed));
    }

    /// Whether lots have been added since the last listing.
    #[must_use]
    pub fn is_stale(&self, population: &Population) -> bool {
        self.gathered != population.lots.len()
    }

    /// All listed lots respond to a hashprice.
    pub fn respond(&mut self, world: &mut World<'_>, hashprice: Hashprice) {
        if self.answered != Some(hashprice) {
            self.answered = Some(hashprice);
            for group in &mut self.groups {
                group.response = group.market.response(hashprice, group.running, group.energy);
            }
        }
        let now = world.clock.now;
        for lot in self.freed.drain(..) {
            world.fleet.set_uptime(&mut world.population, &mut world.ledger, lot, 1.0, now);
        }
        for &(lot, group) in &self.lots {
            let (lot, uptime) = (lot, self.groups[group as usize].response.uptime);
            if libm::fabs(uptime - world.population.lots.uptime[lot]) > FINEST {
                world.fleet.set_uptime(&mut world.population, &mut world.ledger, lot, uptime, now);
            }
        }
    }

    /// Adds income over some time: unused power is credited, and interruptible load is paid for.
    pub fn earn(&mut self, world: &World<'_>, passed: Days) {
        let (population, fleet) = (&world.population, &world.fleet);
        for &(lot, group) in &self.lots {
            let (lot, group) = (lot, &self.groups[group as usize]);
            if fleet.is_gone(lot) {
                continue;
            }
            let contracted = group.energy.needed(Hashrate::from_mh(population.lots.full_mh[lot]), passed);
            let runs = fleet.runs(lot);
            let uptime = if runs { population.lots.uptime[lot] } else { 0.0 };
            let credit = contracted * if runs { group.response.credit } else { group.market.all_left() };
            let used = contracted * uptime;
            let ancillary = used * group.market.ancillary();
            let account = &mut self.credit[population.lots.firm[lot]];
            account.ancillary += ancillary;
            self.income += ancillary;
            if group.market.sells {
                account.sold += credit;
                self.income += credit;
            } else {
                account.unbought += credit;
            }
            self.contracted += contracted;
            self.used += used;
            self.left += contracted - used;
        }
    }

    /// A firm that settles is paid its credits; power that it never bought is deducted from its bill.
    pub fn pay(&mut self, world: &mut World<'_>, firm: FirmId) {
        let Some(credit) = self.credit.get_mut(firm).map(std::mem::take) else { return };
        let ledger = &mut world.ledger;
        ledger.accrue(firm, world.clock.now);
        ledger[firm].bill -= credit.unbought.get().min(ledger[firm].bill);
        for (cause, usd) in [(Cause::Resale, credit.sold), (Cause::Ancillary, credit.ancillary)] {
            if usd > Usd::ZERO {
                ledger.post(firm, cause, usd.get());
            }
        }
    }
}
