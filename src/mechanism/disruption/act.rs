//! Effects of policy, weather and the grid on machines: they are forced off, and sites are closed.

use super::relocation::{Closing, Fate};
use crate::{
    random::{Draw, Purpose},
    units::{Column, FirmId, Hashrate, LotId, RegionId, Sats, Seconds, SiteId, Usd},
    world::{Event, EventKind, Scenario, World, fleet::Decision, lots::LotKind, sites::renew_power_price},
};
use std::collections::VecDeque;

/// Lots forced off.
#[derive(Clone, Debug)]
struct Held {
    /// Time of release, s.
    until: f64,
    /// The lots.
    lots: Vec<LotId>,
    /// The event recorded at release, and the firm; `None` for the network.
    ends_as: (EventKind, Option<FirmId>),
}

/// Curtailments and bans of a history.
#[derive(Clone, Debug)]
pub struct Disruption {
    curtailment: Draw,
    relocation: Draw,
    curtailments_begun: usize,
    bans_begun: usize,
    held: Vec<Held>,
    /// Sites that bans will close, the next one last.
    closings: Vec<Closing>,
    /// Lots that wait for places, those that closed first in front, with the hashrate for which they wait.
    waiting: VecDeque<(Held, Hashrate)>,
}

impl Disruption {
    /// The state before any event.
    #[must_use]
    pub fn new(seed: u64, replica: u64) -> Self {
        Self {
            curtailment: Draw::new(seed, replica, Purpose::Curtailment),
            relocation: Draw::new(seed, replica, Purpose::Relocation),
            curtailments_begun: 0,
            bans_begun: 0,
            held: Vec::new(),
            closings: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Forced stops follow lots' own decisions: curtailments that end release their lots, those that begin hold theirs. Returns whether a site has
    /// moved to another region.
    pub fn force(&mut self, world: &mut World<'_>, decision: &Decision<'_>) -> bool {
        self.let_go(world, decision);
        while let Some(event) =
            world.scenario.curtailments.get(self.curtailments_begun).filter(|event| event.at.get() <= world.clock.now)
        {
            self.curtailments_begun += 1;
            let before = world.fleet.running_mh;
            let lots = event.choose(&world.population, self.curtailment, |lot| world.fleet.runs(lot));
            world.fleet.hold(&world.population, &mut world.ledger, &lots, world.clock.now);
            let until = event.until.map_or(f64::INFINITY, Seconds::get);
            self.held.push(Held { until, lots, ends_as: (EventKind::CurtailmentEnd, None) });
            emit(world, EventKind::Curtailment, None, before - world.fleet.running_mh);
        }
        while let Some(ban) = world.scenario.bans.get(self.bans_begun).filter(|ban| ban.at.get() <= world.clock.now) {
            let (running, weights) = (running_by_site(world), region_weights(world));
            let closings = ban.closings(self.bans_begun, &world.population, self.relocation, &weights, &running);
            self.closings.extend(closings);
            self.closings.sort_by(|a, b| b.at.total_cmp(&a.at).then(b.site.cmp(&a.site)));
            self.bans_begun += 1;
        }
        let mut moved = false;
        while let Some(closing) = self.closings.pop_if(|closing| closing.at <= world.now()) {
            moved |= self.close_site(world, &closing);
        }
        moved
    }

    fn let_go(&mut self, world: &mut World<'_>, decision: &Decision<'_>) {
        while self.waiting.front().is_some_and(|(_, hashrate)| world.places.take(*hashrate)) {
            if let Some((held, _)) = self.waiting.pop_front() {
                restart(world, decision, held);
            }
        }
        if self.held.iter().all(|held| held.until > world.clock.now) {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let (over, held): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|held| held.until <= world.clock.now);
        self.held = held;
        for held in over {
            restart(world, decision, held);
        }
    }

    /// A ban closes a site: its machines are off, and in transit to the place where they will restart. Returns whether that is another region.
    fn close_site(&mut self, world: &mut World<'_>, closing: &Closing) -> bool {
        let &Closing { site, fate, ban, .. } = closing;
        let ban = &world.scenario.bans[ban];
        let firm = world.population.sites.firm[site];
        let before = world.fleet.running_mh;
        let lots: Vec<LotId> = world.population.lots_of_site(site).filter(|&lot| !world.fleet.is_gone(lot)).collect();
        world.fleet.hold(&world.population, &mut world.ledger, &lots, world.clock.now);
        emit(world, EventKind::Closure, Some(firm), before - world.fleet.running_mh);
        match fate {
            Fate::Leave => {
                let terms = world.terms();
                for lot in lots {
                    let units = world.population.lots.units[lot];
                    if units == 0 {
                        continue;
                    }
                    let (model, unit) = (world.population.lots.model[lot], world.population.lots.unit[lot]);
                    world.inventory.release(model, units, unit);
                    let now = world.clock.now;
                    world.fleet.set_units(&mut world.population, &mut world.ledger, &terms, lot, 0, now);
                }
                return false;
            }
            Fate::Move(region) => {
                let now = world.clock.now;
                world.fleet.move_site(&mut world.population, &mut world.ledger, site, region, now);
                world.population.sites.own_price[site] *= ban.price_factor;
                renew_power_price(world, site);
            }
            Fate::Covert => {}
        }
        let mut together: Vec<LotId> = Vec::new();
        for (place, &lot) in lots.iter().enumerate() {
            together.push(lot);
            // Both modes of a machine move together, by the key of the first.
            let kinds = &world.population.lots.kind;
            if lots.get(place + 1).is_some_and(|&next| kinds[next] == LotKind::Boost) {
                continue;
            }
            let key = world.population.lots.key[together[0]];
            let (lots, ends_as) = (std::mem::take(&mut together), (EventKind::Relocation, Some(firm)));
            if ban.queues && matches!(fate, Fate::Move(_)) {
                let hashrate = free_hashrate(world, &lots);
                world.places.wait(hashrate);
                self.waiting.push_back((Held { until: f64::INFINITY, lots, ends_as }, hashrate));
            } else {
                let until = world.clock.now + ban.journey(self.relocation, key).get();
                self.held.push(Held { until, lots, ends_as });
            }
        }
        matches!(fate, Fate::Move(_))
    }

    /// The next instant at which machines are forced off or released.
    pub fn next(&self, scenario: &Scenario) -> f64 {
        let cuts = scenario.curtailments.get(self.curtailments_begun).map(|event| event.at.get());
        let bans = scenario.bans.get(self.bans_begun).map(|ban| ban.at.get());
        let closes = self.closings.last().map(|closing| closing.at.get());
        let begins = cuts.into_iter().chain(bans).chain(closes);
        self.held.iter().map(|held| held.until).chain(begins).fold(f64::INFINITY, f64::min)
    }
}

/// Lots decide again for themselves, and restart with the delays of any stop. The recorded hashrate is that of all of them, running or not.
fn restart(world: &mut World<'_>, decision: &Decision<'_>, Held { lots, ends_as: (kind, firm), .. }: Held) {
    world.fleet.release(&world.population, &mut world.ledger, &lots, decision);
    let hash = free_hashrate(world, &lots).mh();
    emit(world, kind, firm, hash);
}

/// Hashrate of the lots that are still there.
fn free_hashrate(world: &World<'_>, lots: &[LotId]) -> Hashrate {
    let free = lots.iter().filter(|&&lot| !world.fleet.is_gone(lot));
    Hashrate::from_mh(free.map(|&lot| world.population.lots.full_mh[lot]).sum())
}

/// Running hashrate by site, MH/s.
fn running_by_site(world: &World<'_>) -> Column<SiteId, u64> {
    let lots = &world.population.lots;
    let mut running = Column::filled(0, world.population.sites.len());
    for lot in lots.ids().filter(|&lot| world.fleet.runs(lot)) {
        running[lots.site[lot]] += lots.hash_mh[lot];
    }
    running
}

/// Nominal share of the network's hashrate by region.
fn region_weights(world: &World<'_>) -> Column<RegionId, f64> {
    let regions = &world.scenario.power.regions;
    let rest = 1.0 - regions.iter().map(|region| region.share).sum::<f64>();
    (0..world.population.regions.len())
        .map(|region| regions.get(region).map_or(rest, |region| region.share).max(0.0))
        .collect()
}

fn emit(world: &mut World<'_>, kind: EventKind, firm: Option<FirmId>, hash_mh: u64) {
    if hash_mh > 0 {
        let (time, hashrate) = (world.now(), Hashrate::from_mh(hash_mh));
        world.events.push(Event { time, kind, firm, hashrate, usd: Usd::ZERO, coins: Sats::ZERO });
    }
}
