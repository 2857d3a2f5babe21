//! What a machine earns by waiting: the option rule against switching at once, both at the hashprice of the history.

use crate::{
    mechanism::operate::rule::Rule,
    units::{Days, Hashprice, LotId, YEAR_DAYS},
    world::{lots::LotKind, population::Population},
};

/// Number of machines that are compared.
const MACHINES: u32 = 16;

/// Machines of the start that follow the option rule, and what each has gained by it so far.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    machines: Vec<Machine>,
    passed: Days,
}

/// A machine so small that it moves nothing, with the avoidable cost and thresholds of a lot at the start.
#[derive(Clone, Copy, Debug)]
struct Machine {
    lambda: Hashprice,
    low: Hashprice,
    high: Hashprice,
    /// Cost of one stop or one restart, half of K, USD/PH.
    switch_usd_per_ph: f64,
    /// Whether it runs, if it waits.
    waiting: bool,
    /// Whether it runs, if it switches at once.
    at_once: bool,
    /// What the first has earned beyond the second, USD/PH.
    gain_usd_per_ph: f64,
}

impl Waiting {
    /// Machines at the middles of sixteen equal parts of the hashrate that follows the option rule, in the order of avoidable cost. All run before the start.
    pub fn new(population: &Population) -> Self {
        let lots = &population.lots;
        let mut ordered: Vec<LotId> = lots
            .ids()
            .filter(|&lot| lots.rule[lot] == Rule::Option && lots.kind[lot] != LotKind::Boost && lots.hash_mh[lot] > 0)
            .collect();
        ordered.sort_by(|&a, &b| lots.lambda[a].get().total_cmp(&lots.lambda[b].get()));
        let total: u64 = ordered.iter().map(|&lot| lots.hash_mh[lot]).sum();
        let mut machines = Vec::new();
        let mut below = 0u64;
        for lot in ordered {
            below += lots.hash_mh[lot];
            while machines.len() < MACHINES as usize
                && u128::from(below) * u128::from(2 * MACHINES) >= u128::from(total) * (2 * machines.len() as u128 + 1)
            {
                machines.push(Machine {
                    lambda: lots.lambda[lot],
                    low: lots.low[lot],
                    high: lots.high[lot],
                    switch_usd_per_ph: lots.switching_cost[lot] / 2.0,
                    waiting: true,
                    at_once: true,
                    gain_usd_per_ph: 0.0,
                });
            }
        }
        Self { machines, passed: Days::ZERO }
    }

    /// A span of time passes at this hashprice, on which all decide at its beginning.
    pub fn pass(&mut self, hashprice: Hashprice, span: Days) {
        self.passed += span;
        for machine in &mut self.machines {
            let margin = (hashprice - machine.lambda).get() * span.get();
            let before = (machine.waiting, machine.at_once);
            machine.waiting = hashprice >= if machine.waiting { machine.low } else { machine.high };
            machine.at_once = hashprice >= machine.lambda;
            let share = |runs: bool, ran: bool| {
                f64::from(u8::from(runs)) * margin - f64::from(u8::from(runs != ran)) * machine.switch_usd_per_ph
            };
            machine.gain_usd_per_ph += share(machine.waiting, before.0) - share(machine.at_once, before.1);
        }
    }

    /// Mean gain, USD per PH/s and year. None where no machine follows the option rule or no time has passed.
    pub fn gain_usd_per_ph_year(&self) -> Option<f64> {
        let sum: f64 = self.machines.iter().map(|machine| machine.gain_usd_per_ph).sum();
        let years = self.passed.get() / YEAR_DAYS;
        (!self.machines.is_empty() && years > 0.0).then(|| sum / f64::from(MACHINES) / years)
    }
}

#[cfg(test)]
mod tests;
