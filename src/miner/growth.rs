//! What changes the machines there are: parameters.

use crate::{
    hardware::{Lag, Machine},
    miner::{population::Population, site::Model},
};

/// How machines come and go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrowthParams {
    /// Models that the fleet of the start does not have.
    pub models: Vec<ComingModel>,
    /// What is on order at the start.
    pub orders: Option<OrdersParams>,
}

/// A machine model that the fleet of the start does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingModel {
    /// Stable name.
    pub name: String,
    /// The machine.
    pub machine: Machine,
    /// Whether it can run in eco mode.
    pub eco: bool,
}

impl From<&ComingModel> for Model {
    fn from(coming: &ComingModel) -> Self {
        let (efficiency, unit) = (coming.machine.efficiency, coming.machine.hashrate);
        Self { name: coming.name.clone(), efficiency, unit, eco: coming.eco }
    }
}

/// A model by where it stands in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// A part of the fleet of the start.
    Fleet(usize),
    /// One of [`GrowthParams::models`].
    Coming(usize),
}

impl ModelRef {
    /// Its index among the models of a population, the last `coming` of which are those to come.
    ///
    /// # Panics
    /// With more models than a `u16` counts, which no scenario has.
    #[must_use]
    pub fn index(self, population: &Population, coming: usize) -> u16 {
        let index = match self {
            Self::Fleet(part) => part,
            Self::Coming(model) => population.models.len() - coming + model,
        };
        u16::try_from(index).expect("models are few")
    }
}

/// What is on order at the start: known then, and paid.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdersParams {
    /// The machines.
    pub model: ModelRef,
    /// How many come, and when.
    pub pace: Pace,
    /// Classes that ordered; empty is all.
    pub classes: Vec<String>,
}

/// How many machines come of what is on order.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// As many as hashrate grew by in the epochs before the start, for as long as it takes orders to come.
    Trend {
        /// Growth of hashrate in an epoch of 14 days, as a share of that of the start.
        growth_per_epoch: f64,
        /// From order to delivery.
        lag: Lag,
    },
    /// EH/s in each month from the start on.
    Schedule(Vec<f64>),
}
