//! Machines that stand in no lot, and how many there have ever been: nothing is made or lost without a trace (invariant I3).

use crate::world::{lots::LotKind, population::Population};

/// Machines of one model, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// There at the start.
    pub initial: u64,
    /// Came from makers since.
    pub delivered: u64,
    /// Broken, waiting for repair.
    pub broken: u64,
    /// Broken for good, worn out, displaced, or without a place.
    pub scrapped: u64,
    /// Released by the other use of their site.
    pub released: u64,
    /// Left with members of cohorts that failed, where nobody buys machines. Those of agents that fail whole stay in their lots.
    pub failed: u64,
}

/// Machines by model, and what moved in hashrate since the start.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// By index of the model.
    pub models: Vec<Count>,
    /// Delivered since the start, MH/s.
    pub delivered_mh: u64,
    /// Scrapped since the start, MH/s.
    pub scrapped_mh: u64,
    /// Released since the start, MH/s.
    pub released_mh: u64,
    /// Of firms, or members of cohorts, that failed since the start: gone with them, taken by lenders or sold, MH/s.
    pub failed_mh: u64,
    /// Broken now, MH/s.
    pub broken_mh: u64,
}

impl Inventory {
    /// At the start.
    #[must_use]
    pub fn open(population: &Population) -> Self {
        let mut inventory = Self { models: vec![Count::default(); population.models.len()], ..Self::default() };
        for (count, units) in inventory.models.iter_mut().zip(units_by_model(population)) {
            count.initial = units;
        }
        inventory
    }

    /// Machines arrive from makers.
    pub fn deliver(&mut self, model: u16, units: u32, unit_mh: u64) {
        self.models[model as usize].delivered += u64::from(units);
        self.delivered_mh += u64::from(units) * unit_mh;
    }

    /// Machines are scrapped.
    pub fn scrap(&mut self, model: u16, units: u32, unit_mh: u64) {
        self.models[model as usize].scrapped += u64::from(units);
        self.scrapped_mh += u64::from(units) * unit_mh;
    }

    /// Machines leave with members of a cohort that failed.
    pub fn leave_with_failed(&mut self, model: u16, units: u32) {
        self.models[model as usize].failed += u64::from(units);
    }

    /// Machines leave for want of a place.
    pub fn release(&mut self, model: u16, units: u32, unit_mh: u64) {
        self.models[model as usize].released += u64::from(units);
        self.released_mh += u64::from(units) * unit_mh;
    }

    /// Machines that have lost their place go to the market of used ones, which counts them from then on.
    pub fn pass_on(&mut self, units: u32, unit_mh: u64) {
        self.released_mh += u64::from(units) * unit_mh;
    }

    /// Machines wait for repair.
    pub fn send_to_repair(&mut self, model: u16, units: u32, unit_mh: u64) {
        self.models[model as usize].broken += u64::from(units);
        self.broken_mh += u64::from(units) * unit_mh;
    }

    /// Machines are back from repair, or given up.
    pub fn take_from_repair(&mut self, model: u16, units: u32, unit_mh: u64) {
        self.models[model as usize].broken -= u64::from(units);
        self.broken_mh -= u64::from(units) * unit_mh;
    }

    /// I3: per model, what was there and what came is in lots (of those that left too), broken, scrapped, released, or in the market of machines, which says
    /// how many of a model it has or has sold out of the network.
    ///
    /// # Errors
    /// Says which model does not add up.
    pub fn check(&self, population: &Population, in_market: impl Fn(usize) -> u64) -> Result<(), String> {
        let stand = units_by_model(population);
        for (index, ((count, units), model)) in self.models.iter().zip(stand).zip(&population.models).enumerate() {
            let (came, sold) = (count.initial + count.delivered, in_market(index));
            if came != units + count.broken + count.scrapped + count.released + count.failed + sold {
                return Err(format!(
                    "{came} machines `{}` came, {units} stand, {} are broken, {} were scrapped, {} released, {} left with those that failed, {sold} are or were for sale",
                    model.name, count.broken, count.scrapped, count.released, count.failed
                ));
            }
        }
        Ok(())
    }
}

/// Machines in lots by model, those of firms that left included. A machine with an eco mode is counted with that mode.
fn units_by_model(population: &Population) -> Vec<u64> {
    let lots = &population.lots;
    let mut units = vec![0; population.models.len()];
    for lot in (0..lots.len()).filter(|&lot| lots.kind[lot] != LotKind::Boost) {
        units[lots.model[lot] as usize] += u64::from(lots.units[lot]);
    }
    units
}
