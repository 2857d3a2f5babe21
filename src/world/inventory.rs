//! Machines outside lots, and the count of all machines: no machine appears or disappears without a record (invariant I3).

use crate::units::{Column, Hashrate, ModelId};
use crate::world::{lots::LotKind, population::Population};

/// Machines of one model, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Installed at the start.
    pub initial: u64,
    /// Delivered by manufacturers since the start.
    pub delivered: u64,
    /// Broken, waiting for repair.
    pub broken: u64,
    /// Broken for good, worn out, displaced, or without a place.
    pub scrapped: u64,
    /// Released because their site got another use.
    pub released: u64,
    /// Left with failed members of cohorts, where there is no market of used machines. Machines of agents that fail whole stay in their lots.
    pub failed: u64,
}

/// Machines by model, and changes of hashrate since the start.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// By index of the model.
    pub models: Column<ModelId, Count>,
    /// Delivered since the start.
    pub delivered: Hashrate,
    /// Scrapped since the start.
    pub scrapped: Hashrate,
    /// Released since the start.
    pub released: Hashrate,
    /// Hashrate of firms or members of cohorts that failed since the start: machines gone with them, taken by lenders or sold.
    pub failed: Hashrate,
    /// Broken now.
    pub broken: Hashrate,
}

impl Inventory {
    /// The count at the start.
    #[must_use]
    pub fn open(population: &Population) -> Self {
        let mut inventory =
            Self { models: Column::filled(Count::default(), population.models.len()), ..Self::default() };
        for (count, units) in inventory.models.iter_mut().zip(&units_by_model(population)) {
            count.initial = *units;
        }
        inventory
    }

    /// Machines arrive from manufacturers.
    pub fn deliver(&mut self, model: ModelId, units: u32, unit: Hashrate) {
        self.models[model].delivered += u64::from(units);
        self.delivered += unit * u64::from(units);
    }

    /// Machines are scrapped.
    pub fn scrap(&mut self, model: ModelId, units: u32, unit: Hashrate) {
        self.models[model].scrapped += u64::from(units);
        self.scrapped += unit * u64::from(units);
    }

    /// Machines leave with members of a cohort that failed.
    pub fn leave_with_failed(&mut self, model: ModelId, units: u32) {
        self.models[model].failed += u64::from(units);
    }

    /// Machines leave because they have lost their place.
    pub fn release(&mut self, model: ModelId, units: u32, unit: Hashrate) {
        self.models[model].released += u64::from(units);
        self.released += unit * u64::from(units);
    }

    /// Displaced machines go to the market of used machines, which counts them from then on.
    pub fn pass_on(&mut self, units: u32, unit: Hashrate) {
        self.released += unit * u64::from(units);
    }

    /// Machines wait for repair.
    pub fn send_to_repair(&mut self, model: ModelId, units: u32, unit: Hashrate) {
        self.models[model].broken += u64::from(units);
        self.broken += unit * u64::from(units);
    }

    /// Machines return from repair, or are beyond repair.
    pub fn take_from_repair(&mut self, model: ModelId, units: u32, unit: Hashrate) {
        self.models[model].broken -= u64::from(units);
        self.broken -= unit * u64::from(units);
    }

    /// I3: for each model, initial plus delivered machines are in lots (those of firms that left included), broken, scrapped, released, or in the
    /// market of used machines. `in_market` is the number that the market holds or has sold out of the network.
    /// how many of a model it has or has sold out of the network.
    ///
    /// # Errors
    /// Names the model whose count does not balance.
    pub fn check(&self, population: &Population, in_market: impl Fn(ModelId) -> u64) -> Result<(), String> {
        let stand = units_by_model(population);
        for (id, model) in population.models.entries() {
            let (count, units) = (self.models[id], stand[id]);
            let (came, sold) = (count.initial + count.delivered, in_market(id));
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
fn units_by_model(population: &Population) -> Column<ModelId, u64> {
    let lots = &population.lots;
    let mut units = Column::filled(0, population.models.len());
    for lot in lots.ids().filter(|&lot| lots.kind[lot] != LotKind::Boost) {
        units[lots.model[lot]] += u64::from(lots.units[lot]);
    }
    units
}
