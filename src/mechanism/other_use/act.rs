//! Conversion of sites to another use: tenants want power, halls and a connection, and pay more for them than mining earns.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | A | `usd_per_mw_year` | USD/MW/year | owner's net income from a tenant's MW |
//! | M | [`mining_margin`] | USD/MW/year | earnings of the site's machines above their avoidable cost, per MW of its capacity |
//! | h | `hazard_per_year` | 1/year | hazard of conversion of a site that earns nothing |
//! | Q | `mw_per_month` | MW/month | additional power that tenants take; what they do not take accumulates |
//!
//! On the firm's day of the month, a site of the region and class that is large enough is converted with probability `1 - exp(-h max(0, 1 - M/A) t)`
//! for the time t since the last such day, up to the tenants' remaining demand. Mining continues during the works. Then that power is lost to mining
//! for good: machines leave, the least efficient first, until the rest fits, and the tenant pays A from then on.
//!
//! **Known error.** Tenants pay for the works and never leave; owners that wait for a higher coin price are not modelled. Contracts run for ten years
//! and more.
//!
//! **Sources.** 3.5 billion USD over 12 years for 200 MW, about 1.46 M USD/MW/year, with capital paid by the tenant; a quarter of what was
//! let was delivered by mid-2026.

use super::params::OtherUse;
use crate::world::lots::megawatts;
use crate::{
    random::{Draw, Purpose, name_hash},
    units::{Column, DAY_S, Days, FirmId, Hashrate, MONTH_DAYS, Power, Sats, SiteId, Usd, YEAR_DAYS},
    world::{
        EventKind, World,
        ledger::{Cause, Standing},
        lots::ph,
        machines::{Leaving, costliest_first, make_room},
    },
};

/// Sites under conversion, and converted sites.
#[derive(Clone, Debug)]
pub struct Conversion<'a> {
    uses: &'a [OtherUse],
    draw: Draw,
    /// Power promised to tenants of each use, MW.
    promised_mw: Vec<f64>,
    projects: Vec<Project>,
    /// Rent at each site, USD per day; its owner receives it.
    rent_usd_per_day: Column<SiteId, f64>,
    /// Power given up by mining so far.
    pub converted: Power,
}

/// A site under conversion.
#[derive(Clone, Copy, Debug)]
struct Project {
    site: SiteId,
    of: usize,
    mw: u64,
    due: f64,
}

impl<'a> Conversion<'a> {
    /// The state before any conversion.
    #[must_use]
    pub fn open(world: &World<'a>) -> Option<Self> {
        let uses = world.scenario.other_uses.as_slice();
        (!uses.is_empty()).then(|| Self {
            uses,
            draw: Draw::new(world.scenario.run.seed, world.replica, Purpose::Conversion),
            promised_mw: vec![0.0; uses.len()],
            projects: Vec::new(),
            rent_usd_per_day: Column::new(),
            converted: Power::ZERO,
        })
    }

    /// Finished conversions remove their power from mining.
    pub fn finish(&mut self, world: &mut World<'_>) {
        let ready: Vec<Project> =
            self.projects.iter().copied().filter(|project| project.due <= world.clock.now).collect();
        self.projects.retain(|project| project.due > world.clock.now);
        for Project { site, of, mw, .. } in ready {
            let firm = world.population.sites.firm[site];
            if !world.lives(firm) {
                continue;
            }
            let sites = &mut world.population.sites;
            sites.capacity_mw[site] = sites.capacity_mw[site].saturating_sub(mw);
            let hashrate = make_room(world, site, 0, Leaving::Released);
            self.converted += Power::from_mw(mw);
            self.rent_usd_per_day.reach(world.population.sites.len(), 0.0);
            self.rent_usd_per_day[site] += self.uses[of].usd_per_mw_year * megawatts(mw) / YEAR_DAYS;
            world.emit(EventKind::Converted, firm, hashrate, Usd::ZERO, Sats::ZERO);
        }
    }

    /// The firms of this day of the calendar receive rent, and decide about their sites.
    pub fn decide(&mut self, world: &mut World<'_>, today: usize) {
        let days = f64::from(world.scenario.settlement.every_days);
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            if world.lives(firm) {
                let rent = |site: SiteId| self.rent_usd_per_day.get(site).copied().unwrap_or(0.0);
                let rents: f64 = world.population.sites_of(firm).map(rent).sum();
                world.ledger.post(firm, Cause::Tenant, rents * days);
            }
            if world.ledger.standing[firm] != Standing::Ok {
                continue;
            }
            let sites: Vec<SiteId> = world.population.sites_of(firm).collect();
            for site in sites {
                for of in 0..self.uses.len() {
                    self.begin(world, firm, site, of, days);
                }
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliwatts of a site, days of a run")]
    fn begin(&mut self, world: &mut World<'_>, firm: FirmId, site: SiteId, of: usize, days: f64) {
        let usage = &self.uses[of];
        let (population, now) = (&*world.population, world.clock.now);
        let class = &population.firms.classes[population.firms.class[firm]];
        let region = &population.regions[population.sites.region[site]];
        let capacity = population.sites.capacity_mw[site];
        let concerned = now >= usage.at.get()
            && megawatts(capacity) >= usage.least_mw
            && (usage.classes.is_empty() || usage.classes.contains(class))
            && (usage.regions.is_empty() || usage.regions.contains(region))
            && !self.projects.iter().any(|project| project.site == site);
        if !concerned {
            return;
        }
        let wanted = usage.mw_per_month * (now - usage.at.get()) / DAY_S / MONTH_DAYS - self.promised_mw[of];
        let gap = 1.0 - mining_margin(world, site) / usage.usd_per_mw_year;
        if wanted <= 0.0 || gap <= 0.0 {
            return;
        }
        let agent = population.sites.key[site] ^ name_hash(&usage.name);
        let number = 2 * (now / DAY_S) as u64;
        let chance = -libm::expm1(-usage.hazard_per_year * gap * days / YEAR_DAYS);
        if self.draw.uniform(agent, number) > chance {
            return;
        }
        let mw = capacity.min((wanted * 1e9) as u64);
        let (least, most) = usage.building;
        let building = least + (most - least) * self.draw.uniform(agent, number + 1);
        self.promised_mw[of] += megawatts(mw);
        self.projects.push(Project { site, of, mw, due: now + Days::get(building) * DAY_S });
        world.emit(EventKind::Conversion, firm, Hashrate::ZERO, Usd::ZERO, Sats::ZERO);
    }

    /// Power given up by mining so far, MW.
    #[must_use]
    pub fn converted(&self) -> f64 {
        megawatts(self.converted.mw())
    }
}

/// M: earnings of the running machines of a site above their avoidable cost, per MW of its capacity, USD a year.
#[must_use]
pub fn mining_margin(world: &World<'_>, site: SiteId) -> f64 {
    let lots = &world.population.lots;
    let x = world.fleet.hashprice();
    let mut day = 0.0;
    for lot in costliest_first(world, site) {
        for row in lots.modes(lot) {
            if world.fleet.runs(row) {
                day += (x - lots.lambda[row]).get() * ph(lots.hash_mh[row]);
            }
        }
    }
    day * YEAR_DAYS / megawatts(world.population.sites.capacity_mw[site])
}
