//! What the world does to miners: prices of power move, sites respond to spot prices, machines are forced off, sites are closed.

use super::{
    record::{EventRecord, Observer},
    step::Simulation,
};
use crate::{
    miner::{
        fleet::Decision,
        population::LotKind,
        relocation::{Closing, Fate},
    },
    units::{Days, Hashrate, Seconds},
};
use std::sync::Arc;

/// Lots kept off by force.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// When they are let go, s.
    pub(super) until: f64,
    /// Which.
    pub(super) lots: Vec<u32>,
    /// What is told then, and of which firm; `None` is of none.
    pub(super) told: (&'static str, Option<u32>),
}

/// How often the sites that respond to spot prices are gathered anew, for they change owners and regions: a week, s.
const GATHERING: f64 = 7.0 * 86_400.0;

impl Simulation<'_> {
    /// Where season, market or levies have moved prices of power, all sites have them from now on.
    pub(super) fn renew_power_prices(&mut self) {
        if self.now < self.power_due {
            return;
        }
        let now = Seconds::new(self.now);
        self.power_due = self.scenario.power.next_renewal(now).get();
        self.gather_due = self.now;
        for site in 0..self.population.sites.len() {
            self.renew_power_price(site);
        }
    }

    /// A site has the price of power that holds now.
    fn renew_power_price(&mut self, site: usize) {
        let (population, sites) = (&self.population, &self.population.sites);
        let class = population.firms.class[sites.firm[site] as usize] as usize;
        let region = sites.region[site] as usize;
        let terms = self.terms().at(population, site);
        let moves = terms.moves(population, region, class, Seconds::new(self.now));
        let price = terms.price(region, sites.own_price[site], &moves);
        if price.to_bits() != sites.power_price[site].to_bits() {
            let population = Arc::make_mut(&mut self.population);
            self.fleet.reprice(population, &mut self.ledger, &terms, site, price, self.now);
        }
    }

    /// Sites that respond to spot prices answer to hashprice, USD/PH/day.
    pub(super) fn respond(&mut self, hashprice: f64) {
        let terms = self.terms();
        let Some(responding) = &mut self.responding else { return };
        if self.now >= self.gather_due || responding.is_stale(&self.population) {
            self.gather_due = self.now + GATHERING;
            responding.gather(&self.population, &terms, Seconds::new(self.now));
        }
        responding.respond(&mut self.population, &mut self.fleet, &mut self.ledger, hashprice, self.now);
    }

    /// Time passes for those that respond.
    pub(super) fn earn_by_response(&mut self, passed: Days) {
        if let Some(responding) = &mut self.responding {
            responding.earn(&self.population, &self.fleet, passed.get());
        }
    }

    /// Firms that settle today are paid for power they left to others.
    pub(super) fn pay_for_response(&mut self) {
        let Some(responding) = &mut self.responding else { return };
        #[expect(clippy::cast_possible_truncation, reason = "an index into the calendar")]
        let today = (self.days.saturating_sub(1) % self.calendar.len() as u64) as usize;
        for &firm in &self.calendar[today] {
            if self.ledger.standing[firm as usize].lives() {
                responding.pay(&mut self.ledger, firm as usize, self.now);
            }
        }
    }

    /// Force comes after choice: what is over lets go of its lots, what begins takes its own.
    pub(super) fn force(&mut self, decision: &Decision<'_>, observer: &mut impl Observer) {
        self.let_go(decision, observer);
        while let Some(event) =
            self.scenario.curtailments.get(self.curtailments_begun).filter(|event| event.at.get() <= self.now)
        {
            self.curtailments_begun += 1;
            let before = self.fleet.running_mh;
            let lots = event.choose(&self.population, self.curtailment, |lot| self.fleet.runs(lot));
            self.fleet.hold(&self.population, &mut self.ledger, &lots, self.now);
            let until = event.until.map_or(f64::INFINITY, Seconds::get);
            self.held.push(Held { until, lots, told: ("curtailment_end", None) });
            self.tell_force("curtailment", None, before - self.fleet.running_mh, observer);
        }
        while let Some(ban) = self.scenario.bans.get(self.bans_begun).filter(|ban| ban.at.get() <= self.now) {
            let running: Vec<u64> = self.running_by_site();
            let weights = self.region_weights();
            let closings = ban.closings(self.bans_begun, &self.population, self.relocation, &weights, &running);
            self.closings.extend(closings);
            self.closings.sort_by(|a, b| b.at.total_cmp(&a.at).then(b.site.cmp(&a.site)));
            self.bans_begun += 1;
        }
        while let Some(closing) = self.closings.pop_if(|closing| closing.at <= self.now) {
            self.close_site(&closing, observer);
        }
    }

    fn let_go(&mut self, decision: &Decision<'_>, observer: &mut impl Observer) {
        if self.held.iter().all(|held| held.until > self.now) {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let (over, held): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|held| held.until <= self.now);
        self.held = held;
        for Held { lots, told: (kind, firm), .. } in over {
            self.fleet.release(&self.population, &mut self.ledger, &lots, decision);
            // What is let go is told as it is, running or not: it comes back with the delays of any stop.
            let free = lots.iter().filter(|&&lot| !self.fleet.is_gone(lot as usize));
            let hash = free.map(|&lot| self.population.lots.full_mh[lot as usize]).sum();
            self.tell_force(kind, firm, hash, observer);
        }
    }

    /// A site is closed by a ban: its machines are off, and on their way to where they come back.
    fn close_site(&mut self, closing: &Closing, observer: &mut impl Observer) {
        let &Closing { site, fate, ban, .. } = closing;
        let ban = &self.scenario.bans[ban];
        let firm = self.population.sites.firm[site];
        let before = self.fleet.running_mh;
        let lots: Vec<usize> = self.population.lots_of_site(site).filter(|&lot| !self.fleet.is_gone(lot)).collect();
        let index = |lot: usize| u32::try_from(lot).expect("lots are counted in u32");
        let rows: Vec<u32> = lots.iter().map(|&lot| index(lot)).collect();
        self.fleet.hold(&self.population, &mut self.ledger, &rows, self.now);
        self.tell_force("closure", Some(firm), before - self.fleet.running_mh, observer);
        let population = Arc::make_mut(&mut self.population);
        match fate {
            Fate::Leave => {
                let terms = self.scenario.terms(self.replica);
                for lot in lots {
                    let units = population.lots.units[lot];
                    if units == 0 {
                        continue;
                    }
                    self.growth.inventory.release(population.lots.model[lot], units, population.lots.unit_mh[lot]);
                    self.fleet.set_units(population, &mut self.ledger, &terms, lot, 0, self.now);
                }
                return;
            }
            Fate::Move(region) => {
                self.fleet.move_site(population, &mut self.ledger, site, region, self.now);
                population.sites.own_price[site] *= ban.price_factor;
                self.gather_due = self.now;
                self.renew_power_price(site);
            }
            Fate::Covert => {}
        }
        let mut together: Vec<u32> = Vec::new();
        for (place, &lot) in lots.iter().enumerate() {
            together.push(index(lot));
            // Both modes of a machine travel together, by the address of the first.
            let kinds = &self.population.lots.kind;
            if lots.get(place + 1).is_some_and(|&next| kinds[next] == LotKind::Boost) {
                continue;
            }
            let key = self.population.lots.key[together[0] as usize];
            let until = self.now + ban.journey_s(self.relocation, key);
            let told = ("relocation", Some(firm));
            self.held.push(Held { until, lots: std::mem::take(&mut together), told });
        }
    }

    /// Running hashrate by site, MH/s.
    fn running_by_site(&self) -> Vec<u64> {
        let lots = &self.population.lots;
        let mut running = vec![0; self.population.sites.len()];
        for lot in (0..lots.len()).filter(|&lot| self.fleet.runs(lot)) {
            running[lots.site[lot] as usize] += lots.hash_mh[lot];
        }
        running
    }

    /// How much of the network's hashrate each region is said to have.
    fn region_weights(&self) -> Vec<f64> {
        let regions = &self.scenario.power.regions;
        let rest = 1.0 - regions.iter().map(|region| region.share).sum::<f64>();
        (0..self.population.regions.len())
            .map(|region| regions.get(region).map_or(rest, |region| region.share).max(0.0))
            .collect()
    }

    fn tell_force(&self, kind: &'static str, firm: Option<u32>, hash_mh: u64, observer: &mut impl Observer) {
        if hash_mh == 0 {
            return;
        }
        observer.on_event(&EventRecord {
            time: Seconds::new(self.now),
            kind,
            firm: firm.map_or("", |firm| &self.population.firms.name[firm as usize]),
            hashrate: Hashrate::from_mh(hash_mh),
            amount_usd: 0.0,
            amount_btc: 0.0,
        });
    }

    /// The next instant at which machines are forced off or let go.
    pub(super) fn next_force(&self) -> f64 {
        let cuts = self.scenario.curtailments.get(self.curtailments_begun).map(|event| event.at.get());
        let bans = self.scenario.bans.get(self.bans_begun).map(|ban| ban.at.get());
        let closes = self.closings.last().map(|closing| closing.at);
        let begins = cuts.into_iter().chain(bans).chain(closes);
        self.held.iter().map(|held| held.until).chain(begins).fold(f64::INFINITY, f64::min)
    }
}
