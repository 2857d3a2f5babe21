use super::{Simulation, invariant::Violation, record::Observer};
use crate::{
    market::law::Law,
    mechanism::{growth::Growth, price_impact::PairedDay},
    population::draw::{self, Circumstances, PopulationError},
    units::Hashprice,
    world::{PopulationParams, Scenario, population::Population, site::Model},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Why a history could not be completed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// The miners could not be drawn.
    #[error(transparent)]
    Population(PopulationError),
    /// There is no firm with the name to be followed.
    #[error("there is no firm `{name}` to follow; {there}")]
    NoSuchFirm {
        /// The requested name.
        name: String,
        /// Some existing names.
        there: String,
    },
    /// The books do not balance: a bug.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

impl From<PopulationError> for SimulationError {
    fn from(error: PopulationError) -> Self {
        match error {
            PopulationError::Interrupted => Self::Interrupted,
            other => Self::Population(other),
        }
    }
}

/// Runs the histories of one scenario. Data common to all of them is prepared once.
#[derive(Clone, Debug)]
pub struct Engine<'a> {
    scenario: &'a Scenario,
    /// Miners listed one by one are the same in every replica.
    shared: Option<Arc<Population>>,
    /// The scenario without its shock, where sales move the price by what they exceed those of the same seed without it.
    calm: Option<Arc<Scenario>>,
    /// The law of hashprice in which miners believe, the same in every replica; `None` where nobody values machines.
    law: Option<Arc<Law>>,
    audit: bool,
    follow: Option<String>,
}

impl<'a> Engine<'a> {
    /// Prepares a scenario. With `audit`, every invariant is checked on every tick.
    ///
    /// # Errors
    /// When miners listed one by one cannot start.
    pub fn new(scenario: &'a Scenario, audit: bool) -> Result<Self, SimulationError> {
        Self::new_unless(scenario, audit, &AtomicBool::new(false))
    }

    /// As [`Self::new`], abandoned when `stop` is raised.
    ///
    /// # Errors
    /// When miners listed one by one cannot start, or `stop` is raised.
    pub fn new_unless(scenario: &'a Scenario, audit: bool, stop: &AtomicBool) -> Result<Self, SimulationError> {
        let mut engine = Self::with_shared(scenario, None, audit);
        if matches!(scenario.population, PopulationParams::Listed(_)) {
            engine.shared = Some(engine.population_unless(0, stop)?);
        }
        Ok(engine)
    }

    /// Records every movement of coins and dollars at the firm of this name.
    #[must_use]
    pub fn following(self, firm: Option<String>) -> Self {
        Self { follow: firm, ..self }
    }

    /// Prepares a scenario whose shared miners exist already.
    #[must_use]
    pub fn with_shared(scenario: &'a Scenario, shared: Option<Arc<Population>>, audit: bool) -> Self {
        let (calm, law) = (scenario.without_shock().map(Arc::new), Growth::law(scenario));
        Self { scenario, shared, calm, law, audit, follow: None }
    }

    /// Miners listed one by one, the same in every replica.
    #[must_use]
    pub fn shared(&self) -> Option<Arc<Population>> {
        self.shared.clone()
    }

    /// Hashprice at the start of a replica, before its miners are drawn.
    #[must_use]
    pub fn opening_hashprice(&self, replica: u64) -> Hashprice {
        Simulation::opening(self.scenario, replica).hashprice
    }

    /// The miners of a replica.
    ///
    /// # Errors
    /// When they cannot be drawn.
    pub fn population(&self, replica: u64) -> Result<Arc<Population>, SimulationError> {
        self.population_unless(replica, &AtomicBool::new(false))
    }

    /// As [`Self::population`], abandoned when `stop` is raised.
    ///
    /// # Errors
    /// When they cannot be drawn, or `stop` is raised.
    pub fn population_unless(&self, replica: u64, stop: &AtomicBool) -> Result<Arc<Population>, SimulationError> {
        if let Some(shared) = &self.shared {
            return Ok(Arc::clone(shared));
        }
        let scenario = self.scenario;
        let start = Simulation::opening(scenario, replica);
        let world = Circumstances {
            terms: scenario.terms(replica),
            hashprice: start.hashprice,
            sats_per_ph_day: start.sats_per_ph_day,
            issued: start.issued,
            settlement_days: f64::from(scenario.settlement.every_days),
            stop,
        };
        let mut population = draw::draw(&scenario.population, &world)?;
        population.models.extend(scenario.growth.models.iter().map(Model::from));
        Ok(Arc::new(population))
    }

    /// One history, ready to step.
    ///
    /// # Errors
    /// When its miners cannot be drawn.
    pub fn begin(&self, replica: u64) -> Result<Simulation<'a>, SimulationError> {
        self.begin_unless(replica, &AtomicBool::new(false))
    }

    /// As [`Self::begin`], abandoned when `stop` is raised.
    ///
    /// # Errors
    /// When its miners cannot be drawn, or `stop` is raised.
    pub fn begin_unless(&self, replica: u64, stop: &AtomicBool) -> Result<Simulation<'a>, SimulationError> {
        let population = self.population_unless(replica, stop)?;
        let mut simulation = Simulation::with_law(self.scenario, replica, Arc::clone(&population), self.law.clone());
        if let Some(calm) = &self.calm {
            let law = self.law.clone();
            simulation.sales.pair_with(days_of(Simulation::with_law(calm, replica, population, law), stop)?);
        }
        if let Some(name) = &self.follow {
            let firms = &simulation.world.population.firms;
            let Some(firm) = firms.named(name) else {
                let some: Vec<&str> = firms.name.iter().map(String::as_str).take(3).collect();
                let there = format!("there are {} such as {}", firms.len(), some.join(", "));
                return Err(SimulationError::NoSuchFirm { name: name.clone(), there });
            };
            simulation.follow(firm);
        }
        Ok(simulation)
    }

    /// Runs one history from start to end, recorded by `observer`.
    ///
    /// # Errors
    /// When its miners cannot be drawn, the books do not balance (with `audit`), or `stop` is raised.
    pub fn run(&self, replica: u64, observer: &mut impl Observer, stop: &AtomicBool) -> Result<(), SimulationError> {
        let mut simulation = self.begin_unless(replica, stop)?;
        while !simulation.is_over() {
            let days = simulation.world.clock.days;
            simulation.step(observer);
            if self.audit {
                simulation.check()?;
            } else if cfg!(debug_assertions) {
                // Firms' accounts change when they settle, at the end of a day, which can have hundreds of steps.
                simulation.check_supply()?;
                if simulation.world.clock.days > days {
                    simulation.check_books()?;
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Err(SimulationError::Interrupted);
            }
        }
        simulation.close(observer);
        if self.audit {
            simulation.check_closed()?;
        }
        Ok(())
    }
}

/// Records nothing.
struct Nobody;

impl Observer for Nobody {
    fn wants_records(&self) -> bool {
        false
    }
}

/// The days of a history, as one that is paired with it sees them.
fn days_of(mut simulation: Simulation<'_>, stop: &AtomicBool) -> Result<Vec<PairedDay>, SimulationError> {
    let mut days = Vec::new();
    while !simulation.is_over() {
        let before = simulation.world.clock.days;
        simulation.step(&mut Nobody);
        if simulation.world.clock.days > before {
            days.push(simulation.sales.latest());
        }
        if stop.load(Ordering::Relaxed) {
            return Err(SimulationError::Interrupted);
        }
    }
    Ok(days)
}
