//! Wear of machines: on each firm's own day of the month, some break, some reach the end of their life, and all need a little more power.
//!
//! Of a lot of n machines, n p break, p being [`Ageing::failure`] for the days since the firm's last day; the fractional machine breaks with its own
//! probability, so that the mean is exact and small lots are affected too. A broken machine is repaired if that pays at its present earnings; the
//! repair is a bill of the firm. Otherwise it is scrapped. A lot is scrapped as a whole when the mean age of its machines reaches the limit.
//!
//! **Known error.** The variance of a binomial count about its mean is left out; it is far below a part in a thousand of a network.

use super::params::Ageing;
use crate::{
    market::outlook::Prospect,
    random::{Draw, Purpose},
    units::{Column, DAY_S, Days, FirmId, Hashrate, Id, LotId, ModelId, SiteId, UnixTime, Usd},
    world::{
        PopulationParams, Scenario, World,
        lots::LotKind,
        machines::{Arrival, Leaving, leave, power_of, take},
        site::Model,
    },
};
use std::collections::BTreeMap;

/// State of wear of all machines.
#[derive(Clone, Debug)]
pub struct Wear<'a> {
    params: &'a Ageing,
    failures: Draw,
    ages: Draw,
    /// Maximum age of machines of a model at the start, s.
    oldest: Column<ModelId, f64>,
    /// Mean time of manufacture of a lot's machines, s from the start.
    built: Column<LotId, f64>,
    /// Time from which a lot's drift counts, s: an initial machine has the efficiency of its data sheet at the start.
    fresh: Column<LotId, f64>,
    /// Steps of drift applied.
    steps: Column<LotId, u64>,
    /// Machines in repair, by the second in which they return, then by number.
    repairs: BTreeMap<(u64, u64), Repair>,
    numbered: u64,
    /// Probability that a machine breaks, by model, over the number of days given first: most firms settle at the same intervals.
    failure: (f64, Column<ModelId, f64>),
    /// Cost of repairs so far.
    pub repair_cost: Usd,
}

#[derive(Clone, Copy, Debug)]
struct Repair {
    site: SiteId,
    model: ModelId,
    units: u32,
    unit: Hashrate,
}

impl<'a> Wear<'a> {
    /// The state at the start: each lot's machines were built some time between its model's release (or a full life ago) and the start.
    #[must_use]
    pub fn open(world: &World<'a>) -> Option<Self> {
        let params = world.scenario.ageing.as_ref()?;
        let draw = |purpose| Draw::new(world.scenario.run.seed, world.replica, purpose);
        Some(Self {
            params,
            failures: draw(Purpose::Failure),
            ages: draw(Purpose::Age),
            oldest: oldest(world.scenario, world.population.models.len()),
            built: Column::new(),
            fresh: Column::new(),
            steps: Column::new(),
            repairs: BTreeMap::new(),
            numbered: 0,
            failure: (0.0, Column::new()),
            repair_cost: Usd::ZERO,
        })
    }

    /// Registers new lots: at the start with a random age, later as newly built.
    fn meet(&mut self, world: &World<'_>) {
        let lots = &world.population.lots;
        for lot in (self.built.len()..lots.len()).map(LotId::of) {
            let oldest = self.oldest.get(lots.model[lot]).copied().unwrap_or(0.0).min(self.params.life.get());
            let age = if world.clock.now > 0.0 { 0.0 } else { oldest * (1.0 - self.ages.uniform(lots.key[lot], 0)) };
            self.built.push(world.clock.now - age);
            self.fresh.push(world.clock.now);
            self.steps.push(0);
        }
    }

    /// New machines join lots, repaired ones return, and the machines of the firms of this day of the calendar wear, for the days since their last
    /// day.
    pub fn pass(&mut self, world: &mut World<'_>, today: usize, arrivals: &[Arrival], prospect: &Prospect) {
        let between = f64::from(world.scenario.settlement.every_days);
        // On a firm's first day its machines have worn since the start.
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let worn = if world.clock.now < between * DAY_S { today as f64 } else { between };
        self.join(world, arrivals);
        self.mend(world);
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            self.wear(world, firm, worn, prospect);
        }
    }

    /// New machines join lots: their mean age falls.
    fn join(&mut self, world: &World<'_>, arrivals: &[Arrival]) {
        self.meet(world);
        for arrival in arrivals {
            let share = f64::from(arrival.units) / f64::from(world.population.lots.units[arrival.lot].max(1));
            for instant in [&mut self.built[arrival.lot], &mut self.fresh[arrival.lot]] {
                *instant += (world.clock.now - *instant) * share;
            }
            self.steps[arrival.lot] = self.steps_of(arrival.lot, world.clock.now);
        }
    }

    /// Machines return from repair to their site, if it has room.
    fn mend(&mut self, world: &mut World<'_>) {
        while let Some(entry) = self.repairs.first_entry() {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            if entry.key().0 as f64 > world.clock.now {
                break;
            }
            let Repair { site, model, units, unit } = entry.remove();
            world.inventory.take_from_repair(model, units, unit);
            let lot = world.population.lots_of_site(site).find(|&lot| {
                world.population.lots.model[lot] == model && world.population.lots.kind[lot] != LotKind::Boost
            });
            let Some(lot) = lot else {
                world.inventory.scrap(model, units, unit);
                continue;
            };
            let efficiency = world.population.lots.efficiency[lot];
            let power = power_of(world, unit, efficiency).mw() * u64::from(units);
            let owner = world.population.sites.firm[site];
            let fits = world.population.sites.spare_mw(site) >= power;
            if fits && world.lives(owner) && !world.fleet.is_gone(lot) {
                let there = world.population.lots.units[lot] + units;
                world.fleet.set_units(
                    &mut world.population,
                    &mut world.ledger,
                    &world.scenario.terms(world.replica),
                    lot,
                    there,
                    world.clock.now,
                );
            } else {
                world.inventory.scrap(model, units, unit);
            }
        }
    }

    /// The machines of a firm wear, for the days since its last day.
    fn wear(&mut self, world: &mut World<'_>, firm: FirmId, days: f64, prospect: &Prospect) {
        self.meet(world);
        let standing: Vec<LotId> = world
            .population
            .lots_of_firm(firm)
            .filter(|&lot| world.population.lots.kind[lot] != LotKind::Boost && world.population.lots.units[lot] > 0)
            .filter(|&lot| !world.fleet.is_gone(lot))
            .collect();
        for lot in standing {
            if world.clock.now - self.built[lot] >= self.params.life.get() {
                let units = world.population.lots.units[lot];
                leave(world, lot, units, Leaving::Scrapped);
                continue;
            }
            let drifts = self.drift(world, lot);
            let breaks = self.break_some(world, lot, days, prospect);
            if drifts {
                // The lot's row was made anew if some of its machines broke.
                if !breaks {
                    take(world, lot, 0);
                }
                // The site has this much spare power.
                let site = world.population.lots.site[lot];
                let sites = &mut world.population.sites;
                sites.capacity_mw[site] = sites.capacity_mw[site].max(sites.used_mw[site]);
            }
        }
    }

    fn failure(&mut self, models: &[Model], model: ModelId, days: f64) -> f64 {
        if self.failure.0.to_bits() != days.to_bits() || self.failure.1.len() != models.len() {
            let of = |model: &Model| self.params.failure(&model.name, Days::new(days));
            self.failure = (days, models.iter().map(of).collect());
        }
        self.failure.1[model]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "machines of a lot, seconds of a run")]
    fn break_some(&mut self, world: &mut World<'_>, lot: LotId, days: f64, prospect: &Prospect) -> bool {
        let lots = &world.population.lots;
        let (model, unit, units) = (lots.model[lot], lots.unit[lot], lots.units[lot]);
        let mean = f64::from(units) * self.failure(&world.population.models, model, days);
        let today = (world.clock.now / DAY_S) as u64;
        let broken = ((mean + 1.0 - self.failures.uniform(lots.key[lot], today)).floor() as u32).min(units);
        if broken == 0 {
            return false;
        }
        let value = prospect.value(lots.lambda[lot]) / 1e3;
        if self.params.is_repaired(value) {
            let usd = self.params.repair_usd_per_th * (unit * u64::from(broken)).th();
            world.ledger[lots.firm[lot]].bill += usd;
            self.repair_cost += Usd::new(usd);
            world.inventory.send_to_repair(model, broken, unit);
            self.numbered += 1;
            let back = (world.clock.now + self.params.repair_time.get()) as u64;
            let site = lots.site[lot];
            self.repairs.insert((back, self.numbered), Repair { site, model, units: broken, unit });
            take(world, lot, broken);
        } else {
            leave(world, lot, broken, Leaving::Scrapped);
        }
        true
    }

    /// Steps of drift of a lot's machines, at their mean age.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "steps of a run")]
    fn steps_of(&self, lot: LotId, now: f64) -> u64 {
        ((now - self.fresh[lot]) / self.params.drift_step.get()).floor().max(0.0) as u64
    }

    /// Energy per hash increases in steps. Returns whether it did; the caller has the lot's row made anew.
    fn drift(&mut self, world: &mut World<'_>, lot: LotId) -> bool {
        let steps = self.steps_of(lot, world.clock.now);
        if steps <= self.steps[lot] || self.params.drift_per_year == 0.0 {
            return false;
        }
        world.population.lots.efficiency[lot] *= self.params.wear(steps) / self.params.wear(self.steps[lot]);
        if world.population.lots.kind[lot] == LotKind::Eco {
            world.population.lots.efficiency[lot.boost()] = world.population.lots.efficiency[lot];
        }
        self.steps[lot] = steps;
        true
    }
}

/// Maximum age of machines of each model at the start, s: the time since release for models of the fleet, otherwise any age.
fn oldest(scenario: &Scenario, models: usize) -> Column<ModelId, f64> {
    let mut oldest = Column::filled(f64::INFINITY, models);
    if let PopulationParams::Drawn { fleet, .. } = &scenario.population {
        for (age, part) in oldest.iter_mut().zip(fleet) {
            let (year, month) = part.machine.release;
            let released = UnixTime::parse(&format!("{year}-{month:02}-01"));
            *age = released.map_or(f64::INFINITY, |released| scenario.run.start.since(released).get().max(0.0));
        }
    }
    oldest
}
