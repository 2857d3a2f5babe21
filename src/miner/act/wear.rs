//! Machines wear where they stand: on each firm's own day of the month some break, some are too old, and all need a little more power.
//!
//! Of a lot of n machines, n p break, p being [`Ageing::failure`] for the days since the firm's last day; the fraction that is left
//! breaks whole with its own probability, so that the mean is exact and a small lot is not spared. A broken machine is repaired if that pays
//! at what it would earn as it runs; the repair is a bill of the firm's. It is scrapped otherwise. A lot is scrapped as a whole when its machines are
//! on average too old.
//!
//! **Known error.** The spread of a binomial count about its mean is left out; it is far below a part in a thousand of a network.

use super::{Arrival, Ground, Leaving};
use crate::{
    hardware::Ageing,
    miner::{
        decide::buy_rigs::{Hurdle, Outlook},
        population::LotKind,
        site::Model,
    },
    random::Draw,
    units::{Days, Hashprice, Hashrate},
};
use std::collections::BTreeMap;

const DAY: f64 = 86_400.0;

/// How worn the machines are.
#[derive(Clone, Debug)]
pub struct Wear<'a> {
    params: &'a Ageing,
    failures: Draw,
    ages: Draw,
    /// How old machines of a model can be at the start, s.
    oldest: Vec<f64>,
    /// When a lot's machines were built, on average, s from the start.
    built: Vec<f64>,
    /// From when on its drift counts, s: a machine of the start is as good as its data sheet then.
    fresh: Vec<f64>,
    /// Steps of drift applied.
    steps: Vec<u64>,
    /// In repair, by the second in which they are back, then by number.
    repairs: BTreeMap<(u64, u64), Repair>,
    numbered: u64,
    /// Probability that a machine breaks, by model, over the span of days given first: most firms settle at the same intervals.
    failure: (f64, Vec<f64>),
    /// Cost of repairs so far, USD.
    pub repair_usd: f64,
}

#[derive(Clone, Copy, Debug)]
struct Repair {
    site: u32,
    model: u16,
    units: u32,
    unit_mh: u64,
}

impl<'a> Wear<'a> {
    /// At the start: each lot's machines were built some time between its model's release (or a life ago) and the start.
    #[must_use]
    pub fn new(params: &'a Ageing, failures: Draw, ages: Draw, oldest: Vec<f64>) -> Self {
        Self {
            params,
            failures,
            ages,
            oldest,
            built: Vec::new(),
            fresh: Vec::new(),
            steps: Vec::new(),
            repairs: BTreeMap::new(),
            numbered: 0,
            failure: (0.0, Vec::new()),
            repair_usd: 0.0,
        }
    }

    /// Takes note of lots that are new: at the start of unknown age, later just built.
    fn meet(&mut self, ground: &Ground<'_>) {
        let lots = &ground.population.lots;
        for lot in self.built.len()..lots.len() {
            let oldest = self.oldest.get(lots.model[lot] as usize).copied().unwrap_or(0.0).min(self.params.life.get());
            let age = if ground.now > 0.0 { 0.0 } else { oldest * (1.0 - self.ages.uniform(lots.key[lot], 0)) };
            self.built.push(ground.now - age);
            self.fresh.push(ground.now);
            self.steps.push(0);
        }
    }

    /// New machines join lots: their mean age falls.
    pub fn join(&mut self, ground: &Ground<'_>, arrivals: &[Arrival]) {
        self.meet(ground);
        for arrival in arrivals {
            let share = f64::from(arrival.units) / f64::from(ground.population.lots.units[arrival.lot].max(1));
            for instant in [&mut self.built[arrival.lot], &mut self.fresh[arrival.lot]] {
                *instant += (ground.now - *instant) * share;
            }
            self.steps[arrival.lot] = self.steps_of(arrival.lot, ground.now);
        }
    }

    /// Machines are back from repair, at their site if it has room.
    pub fn mend(&mut self, ground: &mut Ground<'_>) {
        while let Some(entry) = self.repairs.first_entry() {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            if entry.key().0 as f64 > ground.now {
                break;
            }
            let Repair { site, model, units, unit_mh } = entry.remove();
            ground.inventory.take_from_repair(model, units, unit_mh);
            let site = site as usize;
            let lot = ground.population.lots_of_site(site).find(|&lot| {
                ground.population.lots.model[lot] == model && ground.population.lots.kind[lot] != LotKind::Boost
            });
            let Some(lot) = lot else {
                ground.inventory.scrap(model, units, unit_mh);
                continue;
            };
            let j_per_th = ground.population.lots.efficiency[lot];
            let power = ground.power_of(Hashrate::from_mh(unit_mh), j_per_th).mw() * u64::from(units);
            let owner = ground.population.sites.firm[site] as usize;
            let fits = ground.population.sites.spare_mw(site) >= power;
            if fits && ground.lives(owner) && !ground.fleet.is_gone(lot) {
                let there = ground.population.lots.units[lot] + units;
                ground.fleet.set_units(ground.population, ground.ledger, &ground.terms, lot, there, ground.now);
            } else {
                ground.inventory.scrap(model, units, unit_mh);
            }
        }
    }

    /// The machines of a firm wear, for the days since its last day.
    pub fn wear(&mut self, ground: &mut Ground<'_>, firm: usize, days: f64, outlook: &Outlook, hurdle: &Hurdle) {
        self.meet(ground);
        let standing: Vec<usize> = ground
            .population
            .lots_of_firm(firm)
            .filter(|&lot| ground.population.lots.kind[lot] != LotKind::Boost && ground.population.lots.units[lot] > 0)
            .filter(|&lot| !ground.fleet.is_gone(lot))
            .collect();
        for lot in standing {
            if ground.now - self.built[lot] >= self.params.life.get() {
                let units = ground.population.lots.units[lot];
                ground.leave(lot, units, Leaving::Scrapped);
                continue;
            }
            self.break_some(ground, lot, days, outlook, hurdle);
            self.drift(ground, lot);
        }
    }

    fn failure(&mut self, models: &[Model], model: u16, days: f64) -> f64 {
        if self.failure.0.to_bits() != days.to_bits() || self.failure.1.len() != models.len() {
            let of = |model: &Model| self.params.failure(&model.name, Days::new(days));
            self.failure = (days, models.iter().map(of).collect());
        }
        self.failure.1[model as usize]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "machines of a lot, seconds of a run")]
    fn break_some(&mut self, ground: &mut Ground<'_>, lot: usize, days: f64, outlook: &Outlook, hurdle: &Hurdle) {
        let lots = &ground.population.lots;
        let (model, unit_mh, units) = (lots.model[lot], lots.unit_mh[lot], lots.units[lot]);
        let mean = f64::from(units) * self.failure(&ground.population.models, model, days);
        let today = (ground.now / DAY) as u64;
        let broken = ((mean + 1.0 - self.failures.uniform(lots.key[lot], today)).floor() as u32).min(units);
        if broken == 0 {
            return;
        }
        let value = outlook.value(Hashprice::new(lots.lambda[lot]), Days::ZERO, hurdle) / 1e3;
        if self.params.is_repaired(value) {
            let usd = self.params.repair_usd_per_th * Hashrate::from_mh(u64::from(broken) * unit_mh).th();
            ground.ledger.bill[lots.firm[lot] as usize] += usd;
            self.repair_usd += usd;
            ground.inventory.send_to_repair(model, broken, unit_mh);
            self.numbered += 1;
            let back = (ground.now + self.params.repair_time.get()) as u64;
            let site = lots.site[lot];
            self.repairs.insert((back, self.numbered), Repair { site, model, units: broken, unit_mh });
            ground.take(lot, broken);
        } else {
            ground.leave(lot, broken, Leaving::Scrapped);
        }
    }

    /// Steps of drift of a lot's machines, at their mean age.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "steps of a run")]
    fn steps_of(&self, lot: usize, now: f64) -> u64 {
        ((now - self.fresh[lot]) / self.params.drift_step.get()).floor().max(0.0) as u64
    }

    /// Energy per hash grows in steps.
    fn drift(&mut self, ground: &mut Ground<'_>, lot: usize) {
        let steps = self.steps_of(lot, ground.now);
        if steps <= self.steps[lot] || self.params.drift_per_year == 0.0 {
            return;
        }
        ground.population.lots.efficiency[lot] *= self.params.wear(steps) / self.params.wear(self.steps[lot]);
        if ground.population.lots.kind[lot] == LotKind::Eco {
            ground.population.lots.efficiency[lot + 1] = ground.population.lots.efficiency[lot];
        }
        self.steps[lot] = steps;
        let units = ground.population.lots.units[lot];
        ground.fleet.set_units(ground.population, ground.ledger, &ground.terms, lot, units, ground.now);
        // A site has that much to spare.
        let site = ground.population.lots.site[lot] as usize;
        let sites = &mut ground.population.sites;
        sites.capacity_mw[site] = sites.capacity_mw[site].max(sites.used_mw[site]);
    }
}
