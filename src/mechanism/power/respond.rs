//! Sites that are billed by the hour, or charged for the peaks of the grid: where they respond, their uptime follows hashprice and the day's spot prices, unused power is credited, and the grid
//! pays for interruptible load. The rule is [`crate::power::demand_response`].
//!
//! Machines of one model at sites of one class in one region have one response, so it is computed once for all of them, from the curve of the day's
//! hours in their region. Machines that are off, for whatever reason, leave all their power unused. Credits accumulate over time and
//! are paid when the firm settles: resold power as income, power that was never bought as a deduction from the bill.

use crate::{
    mechanism::power::prices::Prices,
    power::{
        DayPrices, Market,
        demand_response::{Response, Settles},
    },
    units::{
        Column, DailyEnergy, Days, Energy, FirmId, Hashprice, Hashrate, Id, LotId, Power, PowerPrice, RegionId,
        Seconds, SiteId, Usd,
    },
    world::{Scenario, World, ledger::Cause, population::Population, terms::Terms},
};
use std::collections::BTreeMap;

/// Machines with a common response.
#[derive(Clone, Copy, Debug)]
struct Group {
    market: Market,
    region: RegionId,
    running: Hashprice,
    energy: DailyEnergy,
    response: Response,
    /// Credit with the machines off, per kWh of the load.
    all_left: PowerPrice,
    /// Whether the machines use their power at the day's peak.
    runs_at_peak: bool,
}

/// The market to which the machines of a site respond.
#[derive(Clone, Copy, Debug)]
struct Place {
    market: Market,
    region: RegionId,
    /// Distinguishes it from the other markets of the region.
    signature: [u64; 3],
}

impl Place {
    /// `None` if the site is not billed by the hour.
    fn of(population: &Population, terms: &Terms<'_>, site: SiteId, now: Seconds) -> Option<Self> {
        let terms = terms.at(population, site);
        let region = population.sites.region[site];
        // Most sites are not: their prices need not be moved.
        if !terms.is_hourly(region) {
            return None;
        }
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
    /// Charges for peaks.
    peaks: Usd,
}

/// The sites of a history that are billed by the hour, and the amounts owed to them.
#[derive(Clone, Debug)]
pub struct Responding {
    prices: Prices,
    groups: Vec<Group>,
    /// The hashprice of the last response; `None` if the sites were listed anew, or a day began, since.
    answered: Option<Hashprice>,
    /// Lots of these sites, and their groups.
    lots: Vec<(LotId, u32)>,
    credit: Column<FirmId, Credit>,
    /// Lots whose sites no longer respond, and which must run in all hours again.
    freed: Vec<LotId>,
    /// Number of lots when they were listed.
    gathered: usize,
    /// Contracted energy left unused so far, by sites that respond.
    pub left: Energy,
    /// Energy that responding sites used so far.
    pub used: Energy,
    /// Energy that responding sites had under contract so far.
    pub contracted: Energy,
    /// Income from resale and for interruptible load so far.
    pub income: Usd,
    /// Charges for peaks so far.
    pub peak_charges: Usd,
    /// Charges that installed machines would have caused so far with all of them on at every peak.
    pub peak_charges_at_most: Usd,
}

impl Responding {
    /// No site yet.
    #[must_use]
    pub fn new(scenario: &Scenario, replica: u64) -> Self {
        Self {
            prices: Prices::new(scenario, replica),
            groups: Vec::new(),
            answered: None,
            lots: Vec::new(),
            credit: Column::default(),
            freed: Vec::new(),
            gathered: 0,
            left: Energy::ZERO,
            used: Energy::ZERO,
            contracted: Energy::ZERO,
            income: Usd::ZERO,
            peak_charges: Usd::ZERO,
            peak_charges_at_most: Usd::ZERO,
        }
    }

    /// Lists the lots of sites that are billed by the hour, with their present markets.
    ///
    /// # Panics
    /// With more lots than a `u32` counts, which no population has.
    pub fn gather(&mut self, population: &Population, terms: &Terms<'_>, now: Seconds) {
        self.groups.clear();
        self.answered = None;
        self.gathered = population.lots.len();
        self.credit.reach(population.firms.len(), Credit::default());
        self.freed.clear();
        let mut known: BTreeMap<[u64; 6], u32> = BTreeMap::new();
        let mut responds = Column::filled(false, population.sites.len());
        let before = std::mem::take(&mut self.lots);
        for site in population.sites.ids() {
            let Some(place) = Place::of(population, terms, site, now) else { continue };
            let Place { market, region, signature: [mean, beside, ancillary] } = place;
            responds[site] = true;
            for lot in population.lots_of_site(site).filter(|&lot| population.lots.full_mh[lot] > 0) {
                let running = population.lots.lambda[lot];
                let energy = population.lots.daily_energy(lot);
                let machines = [running.get().to_bits(), energy.get().to_bits()];
                let key = [region.row() as u64, mean, beside, ancillary, machines[0], machines[1]];
                let group = *known.entry(key).or_insert_with(|| {
                    let response = Response { uptime: 1.0, credit: PowerPrice::ZERO };
                    self.groups.push(Group {
                        market,
                        region,
                        running,
                        energy,
                        response,
                        all_left: PowerPrice::ZERO,
                        runs_at_peak: true,
                    });
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

    /// All listed lots respond to a hashprice and to the prices of the day.
    pub fn respond(&mut self, world: &mut World<'_>, hashprice: Hashprice) {
        if self.prices.reach(world) || self.answered != Some(hashprice) {
            self.answered = Some(hashprice);
            for group in &mut self.groups {
                let hours = &self.prices.today[group.region];
                group.response = group.market.response(hours, hashprice, group.running, group.energy);
                group.all_left = group.market.all_left(hours);
                let runs_at = |peak| group.market.runs_at(peak, hashprice, group.running, group.energy);
                group.runs_at_peak = hours.peak.as_ref().is_none_or(runs_at);
            }
        }
        let now = world.clock.now;
        for lot in self.freed.drain(..) {
            world.fleet.set_uptime(&mut world.population, &mut world.ledger, lot, 1.0, now);
        }
        for &(lot, group) in &self.lots {
            let uptime = self.groups[group as usize].response.uptime;
            if uptime.to_bits() != world.population.lots.uptime[lot].to_bits() {
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
            let credit = contracted * if runs { group.response.credit } else { group.all_left };
            let used = contracted * uptime;
            let ancillary = used * group.market.ancillary();
            let account = &mut self.credit[population.lots.firm[lot]];
            account.ancillary += ancillary;
            self.income += ancillary;
            match group.market.settles {
                Settles::Sale => {
                    account.sold += credit;
                    self.income += credit;
                }
                Settles::Purchase => account.unbought += credit,
                Settles::All | Settles::Contract => {
                    account.unbought += credit;
                    continue;
                }
            }
            self.contracted += contracted;
            self.used += used;
            self.left += contracted - used;
        }
    }

    /// Charges for peaks so far, as a share of those with all machines on at every peak; 0 before the first.
    #[must_use]
    pub fn charged_share(&self) -> f64 {
        let most = self.peak_charges_at_most;
        if most > Usd::ZERO { self.peak_charges / most } else { 0.0 }
    }

    /// Loads that run at a peak of the time passed are charged for it.
    pub fn charge(&mut self, world: &World<'_>, passed: Days) {
        let now = world.now();
        let since = now - Seconds::from(passed);
        let due = |(region, day): (RegionId, &DayPrices)| {
            let peak = day.peak.filter(|peak| since <= peak.at && peak.at < now)?;
            let charge = world.scenario.power.regions.get(region.row())?.peak_charge?;
            Some((region, charge.due_per_kw())).filter(|_| peak.at >= Seconds::ZERO)
        };
        for (region, per_kw) in self.prices.today.entries().filter_map(due) {
            for &(lot, group) in &self.lots {
                let group = &self.groups[group as usize];
                if group.region != region || world.fleet.is_gone(lot) {
                    continue;
                }
                let lots = &world.population.lots;
                let usd = Usd::new(Power::from_mw(lots.full_mw[lot]).w() / 1e3 * per_kw);
                self.peak_charges_at_most += usd;
                if world.fleet.runs(lot) && group.runs_at_peak {
                    self.peak_charges += usd;
                    self.credit[lots.firm[lot]].peaks += usd;
                }
            }
        }
    }

    /// A firm that settles is paid its credits; power that it never bought is deducted from its bill. A credit beyond the bill, or below zero after hours at
    /// negative prices, stays in the account for the next settlement. Charges for peaks are added to the bill.
    pub fn pay(&mut self, world: &mut World<'_>, firm: FirmId) {
        let Some(credit) = self.credit.get_mut(firm) else { return };
        let ledger = &mut world.ledger;
        ledger.accrue(firm, world.clock.now);
        ledger[firm].bill += std::mem::take(&mut credit.peaks).get();
        let deducted = credit.unbought.get().min(ledger[firm].bill);
        ledger[firm].bill -= deducted;
        credit.unbought -= Usd::new(deducted);
        for (cause, owed) in [(Cause::Resale, &mut credit.sold), (Cause::Ancillary, &mut credit.ancillary)] {
            if *owed > Usd::ZERO {
                ledger.post(firm, cause, std::mem::take(owed).get());
            }
        }
    }
}
