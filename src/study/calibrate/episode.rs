//! An episode: a scenario that a calibration simulates with given parameter values.

use super::{
    parameters::Setter,
    summaries::{History, Summary},
};
use crate::{
    scenario::Resolved,
    simulation::{
        Engine,
        metrics::Metrics,
        record::{DayRecord, EpochRecord, EventRecord, FirmRecord, FleetRecord, Observer},
    },
    study::{HistoryAddress, Loader, ReplicaError, guarded, score::EpochWatch},
    world::PopulationParams,
};
use std::sync::atomic::AtomicBool;

/// One of the scenarios that are fitted together.
pub struct Episode<'a> {
    /// Its name in tables and charts.
    pub name: String,
    /// The summaries that are compared. The observed history has a value for each of them.
    pub summaries: Vec<Summary>,
    setter: Setter,
    load: &'a Loader<'a>,
    seed: u64,
    efficiency_j_per_th: f64,
    /// Number of epochs that are compared, which is the number of observed epochs.
    epochs: usize,
    audit: bool,
}

impl std::fmt::Debug for Episode<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Episode").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Episode<'a> {
    /// A scenario with the keys that the parameters set in it. It has no summaries to compare until [`Self::compared`] is called.
    #[must_use]
    pub fn new(name: String, scenario: &Resolved, setter: Setter, load: &'a Loader<'a>, audit: bool) -> Self {
        let efficiency_j_per_th = efficiency(&scenario.scenario.population);
        let seed = scenario.scenario.run.seed;
        Self { name, summaries: Vec::new(), setter, load, seed, efficiency_j_per_th, epochs: usize::MAX, audit }
    }

    /// Selects the summaries to compare: those for which the observed history has a value.
    #[must_use]
    pub fn compared(self, summaries: &[Summary], observed: &History) -> Self {
        let has = |summary: &&Summary| summary.of(observed, self.efficiency_j_per_th).is_finite();
        let summaries = summaries.iter().filter(has).copied().collect();
        Self { summaries, epochs: observed.epochs.len(), ..self }
    }

    /// The values of the compared summaries for a history.
    pub fn summarised<'h>(&'h self, history: &'h History) -> impl Iterator<Item = f64> + 'h {
        self.summaries.iter().map(|summary| summary.of(history, self.efficiency_j_per_th))
    }

    /// Simulates the history for these parameter values, with the random numbers of this replica.
    ///
    /// # Errors
    /// When the scenario cannot be simulated with these values (the error contains the address of the history), or `stop` is
    /// raised.
    pub fn simulate(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<History, ReplicaError> {
        guarded(|| self.history(values, replica, stop)).map_err(|error| {
            error.at(|| HistoryAddress {
                episode: self.name.clone(),
                seed: self.seed,
                replica,
                sets: self.setter.sets(values),
            })
        })
    }

    fn history(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<History, ReplicaError> {
        let resolved = (self.load)(&self.setter.sets(values), None).map_err(ReplicaError::failed)?;
        let engine = Engine::new(&resolved.scenario, self.audit)?;
        let mut seen = Seen::default();
        engine.run(replica, &mut seen, stop)?;
        let Seen { chain: EpochWatch { mut epochs }, sold_share } = seen;
        epochs.truncate(self.epochs);
        Ok(History { epochs, sold_share })
    }
}

/// Mean efficiency of the fleet in J/TH, weighted by hashrate.
fn efficiency(population: &PopulationParams) -> f64 {
    let parts: Vec<(f64, f64)> = match population {
        PopulationParams::Drawn { fleet, .. } => {
            fleet.iter().map(|model| (model.share, model.machine.efficiency.get())).collect()
        }
        PopulationParams::Listed(rows) => rows.iter().map(|row| (row.hashrate.th(), row.efficiency.get())).collect(),
    };
    let total: f64 = parts.iter().map(|(share, _)| share).sum();
    parts.iter().map(|(share, efficiency)| share * efficiency).sum::<f64>() / total
}

/// Records the parts of a history that are compared.
#[derive(Default)]
struct Seen {
    chain: EpochWatch,
    sold_share: Option<f64>,
}

impl Observer for Seen {
    fn on_day(&mut self, _: &DayRecord) {}

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.chain.on_epoch(epoch);
    }

    fn on_fleet(&mut self, _: &FleetRecord) {}

    fn on_event(&mut self, _: &EventRecord<'_>) {}

    fn on_firm(&mut self, _: &FirmRecord<'_>) {}

    fn on_metrics(&mut self, metrics: &Metrics) {
        let sold = metrics.sold_voluntary_btc + metrics.sold_forced_btc + metrics.sold_liquidation_btc;
        self.sold_share = (metrics.mined_btc > 0.0).then(|| sold / metrics.mined_btc);
    }
}
