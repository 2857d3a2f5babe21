//! The runs of a designed experiment: every point of the design with every replica, under common random numbers.

use super::{Design, DesignError, factor::shown};
use crate::{
    scenario::{Problems, Resolved, Role, Scenario},
    simulation::{Engine, SimulationError},
    world::population::Population,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, VecDeque},
    num::NonZeroUsize,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Maximum number of points in memory: those that are running, and a few that are not yet released.
const KEPT_POINTS: usize = 16;

/// The key that chooses a variant instead of setting a value.
const VARIANT: &str = "variant";

/// The number of replicas. It must be equal at every point, because runs are numbered by it.
const REPLICAS: &str = "run.replicas";

/// Reads the scenario with these `KEY=VALUE` changes, and with this variant if one is chosen.
pub type Loader<'a> = dyn Fn(&[String], Option<&str>) -> Result<Resolved, Problems> + Send + Sync + 'a;

/// The reason why a sweep cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The design is invalid.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// The design varies the number of replicas.
    #[error("`run.replicas` cannot be varied: every point runs all replicas; give it with --replicas")]
    VariesReplicas,
    /// The design varies the base scenario.
    #[error("`extends` cannot be varied: make patches of it, [variant.A] and [variant.B], and vary `variant`")]
    VariesBase,
    /// The scenario of a point is wrong.
    #[error("point {point} ({values}) cannot be run:\n{problems}")]
    Point {
        /// Number of the point, from 0.
        point: u64,
        /// The varied values of the point.
        values: String,
        /// The problems of its scenario.
        problems: Box<Problems>,
    },
    /// The miners of a point cannot be created.
    #[error("point {point} ({values}) cannot be run: {source}")]
    Engine {
        /// Number of the point, from 0.
        point: u64,
        /// The varied values of the point.
        values: String,
        /// The reason.
        source: SimulationError,
    },
    /// The work was told to stop.
    #[error("interrupted before anything was run")]
    Interrupted,
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {source}; ask for fewer with --threads")]
    Threads {
        /// Number of threads requested.
        threads: NonZeroUsize,
        /// The reason.
        source: rayon::ThreadPoolBuildError,
    },
}

/// The files and scenarios from which the points of a sweep were built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// The texts that were read, by their paths relative to the scenario's folder, each with its role.
    pub texts: BTreeMap<String, (Role, Arc<str>)>,
    /// Hash of the resolved scenarios of all points.
    pub points_sha256: String,
}

/// The sum of the hashes of many points; it does not depend on their order.
#[derive(Default)]
struct PointsHash([u64; 4]);

impl PointsHash {
    fn add(&mut self, point: u64, resolved: &str) {
        let hash = Sha256::new().chain_update(point.to_le_bytes()).chain_update(resolved).finalize();
        for (sum, part) in self.0.iter_mut().zip(hash.chunks_exact(8)) {
            *sum = sum.wrapping_add(part.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)));
        }
    }

    fn in_hexadecimal(&self) -> String {
        self.0.map(|word| format!("{word:016x}")).concat()
    }
}

/// A point that is ready to run.
#[derive(Debug)]
pub struct Prepared {
    scenario: Scenario,
    /// Miners that are listed explicitly, and therefore identical in all replicas.
    shared: Option<Arc<Population>>,
}

impl Prepared {
    /// The scenario that the engine simulates.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// An engine for this scenario.
    #[must_use]
    pub fn engine(&self, audit: bool) -> Engine<'_> {
        Engine::with_shared(&self.scenario, self.shared.clone(), audit)
    }
}

/// A point in memory, or a point that one thread is reading while others wait for it.
type Slot = (u64, Arc<Mutex<Option<Arc<Prepared>>>>);

impl std::fmt::Debug for Experiment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Experiment")
            .field("design", &self.design)
            .field("replicas", &self.replicas)
            .finish_non_exhaustive()
    }
}

/// A designed experiment. Run `id` is replica `id % replicas` of point `id / replicas`.
pub struct Experiment<'a> {
    design: Design,
    points: u64,
    /// The quantiles of the factors, point after point, for a design that samples. The values as text would take far more memory.
    quantiles: Vec<f64>,
    replicas: u64,
    load: Box<Loader<'a>>,
    kept: Mutex<VecDeque<Slot>>,
}

impl<'a> Experiment<'a> {
    /// Creates the experiment.
    ///
    /// # Errors
    /// When the design is invalid.
    pub fn new(design: Design, replicas: u64, load: Box<Loader<'a>>) -> Result<Self, SweepError> {
        if design.factors.iter().any(|factor| factor.key == REPLICAS) {
            return Err(SweepError::VariesReplicas);
        }
        if design.factors.iter().any(|factor| factor.key == "extends") {
            return Err(SweepError::VariesBase);
        }
        let points = design.count()?;
        let quantiles = design.unit_points()?.into_iter().flatten().collect();
        Ok(Self { design, points, quantiles, replicas, load, kept: Mutex::default() })
    }

    /// The design.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The number of points.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.points
    }

    /// The values of a point, in the order of the design's factors, as in [`Design::points`].
    #[must_use]
    pub fn values(&self, point: u64) -> Vec<String> {
        let factors = &self.design.factors;
        if self.quantiles.is_empty() {
            return self.design.chosen_point(point);
        }
        let first = usize::try_from(point).unwrap_or(usize::MAX).saturating_mul(factors.len());
        factors.iter().zip(self.quantiles.iter().skip(first)).map(|(factor, &quantile)| factor.at(quantile)).collect()
    }

    /// The total number of runs.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.points * self.replicas
    }

    /// The point and the replica of a run.
    #[must_use]
    pub fn split(&self, run: u64) -> (u64, u64) {
        (run / self.replicas, run % self.replicas)
    }

    /// Reads every point once, so that a mistake is found before anything is run, and returns all texts that the points were read
    /// from.
    ///
    /// # Errors
    /// Returns the error of the first point that cannot be run, or an error when `stop` is set before the end.
    pub fn check(&self, threads: NonZeroUsize, stop: &AtomicBool) -> Result<Inputs, SweepError> {
        use rayon::prelude::*;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build()
            .map_err(|source| SweepError::Threads { threads, source })?;
        let read = Mutex::new((BTreeMap::new(), PointsHash::default()));
        let check = |point| {
            if stop.load(Ordering::Relaxed) {
                return Err(SweepError::Interrupted);
            }
            let resolved = self.read(point)?;
            let canonical = resolved.canonical();
            let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
            let (texts, points) = &mut *read;
            points.add(point, &canonical);
            for source in resolved.sources.iter().filter(|source| source.role != Role::Set) {
                texts.entry(source.path_in_scenario()).or_insert_with(|| (source.role, Arc::clone(&source.text)));
            }
            Ok(())
        };
        let failed = pool.install(|| (0..self.points).into_par_iter().map(check).find_first(Result::is_err));
        failed.unwrap_or(Ok(()))?;
        let (texts, points) = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Inputs { texts, points_sha256: points.in_hexadecimal() })
    }

    /// A point that is ready to run. Points stay in memory only while they are run.
    ///
    /// # Errors
    /// When the point cannot be run.
    pub fn prepared(&self, point: u64) -> Result<Arc<Prepared>, SweepError> {
        let slot = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let found = kept.iter().find(|(number, _)| *number == point).map(|(_, slot)| Arc::clone(slot));
            found.unwrap_or_else(|| {
                let slot = Arc::default();
                kept.push_back((point, Arc::clone(&slot)));
                if kept.len() > KEPT_POINTS {
                    kept.pop_front();
                }
                slot
            })
        };
        // The first thread that locks the slot reads the point; the others wait for it.
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = &*slot {
            return Ok(Arc::clone(prepared));
        }
        let scenario = self.read(point)?.scenario;
        let engine = Engine::new(&scenario, false).map_err(|source| SweepError::Engine {
            point,
            values: self.named_values(point),
            source,
        })?;
        let shared = engine.shared();
        Ok(Arc::clone(slot.insert(Arc::new(Prepared { scenario, shared }))))
    }

    /// Reads a point and discards it.
    ///
    /// # Errors
    /// When the point cannot be run.
    pub fn try_point(&self, point: u64) -> Result<(), SweepError> {
        self.read(point).map(|_| ())
    }

    /// The values that a point sets, as `KEY=VALUE`, and the variant that it chooses.
    #[must_use]
    pub fn settings(&self, point: u64) -> (Vec<String>, Option<String>) {
        let (mut sets, mut variant) = (Vec::new(), None);
        for (factor, value) in self.design.factors.iter().zip(self.values(point)) {
            if factor.key == VARIANT {
                variant = Some(shown(&value).into_owned());
            } else {
                sets.push(format!("{}={value}", factor.key));
            }
        }
        (sets, variant)
    }

    fn read(&self, point: u64) -> Result<Resolved, SweepError> {
        let (sets, variant) = self.settings(point);
        (self.load)(&sets, variant.as_deref()).map_err(|problems| SweepError::Point {
            point,
            values: self.named_values(point),
            problems: Box::new(problems),
        })
    }

    fn named_values(&self, point: u64) -> String {
        let pairs = self.design.factors.iter().zip(self.values(point));
        pairs.map(|(factor, value)| format!("{}={value}", factor.key)).collect::<Vec<_>>().join(", ")
    }
}

/// One of several disjoint parts of an experiment: the runs whose number is `part` modulo `parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Index of the part, from 0.
    pub part: u64,
    /// Number of parts.
    pub parts: u64,
}

impl Shard {
    /// The only part of an experiment that is not divided.
    pub const WHOLE: Self = Self { part: 0, parts: 1 };

    /// Reads `I/N`.
    ///
    /// # Errors
    /// When the text is not a valid part.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shard = text
            .split_once('/')
            .and_then(|(part, parts)| Some(Self { part: part.parse().ok()?, parts: parts.parse().ok()? }));
        shard.filter(|shard| shard.part < shard.parts && shard.parts <= 1_000_000).ok_or_else(|| {
            format!("`{text}` is not a shard: give I/N with I from 0 to N-1, such as 0/8, and N at most 1000000")
        })
    }

    /// The positions in this part of an experiment with this number of runs.
    #[must_use]
    pub fn positions(self, runs: u64) -> Range<u64> {
        0..(runs + self.parts - 1 - self.part) / self.parts
    }

    /// The number of the run at a position.
    #[must_use]
    pub fn run(self, position: u64) -> u64 {
        self.part + position * self.parts
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-of-{}", self.part, self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every run belongs to exactly one shard, in order.
    #[test]
    fn shards_are_disjoint_and_cover_all_runs() {
        for (runs, parts) in [(0, 1), (1, 3), (10, 3), (12, 4), (7, 7), (5, 8)] {
            let mut seen: Vec<u64> = Vec::new();
            for part in 0..parts {
                let shard = Shard { part, parts };
                seen.extend(shard.positions(runs).map(|position| shard.run(position)));
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..runs).collect::<Vec<_>>(), "{runs} runs in {parts} parts");
        }
    }

    #[test]
    fn a_shard_parses_only_if_it_is_a_valid_part() {
        assert_eq!(Shard::parse("2/8"), Ok(Shard { part: 2, parts: 8 }));
        for wrong in ["", "1", "8/8", "-1/8", "1/0", "a/b", "1/8/2", "0/1000001"] {
            assert!(Shard::parse(wrong).is_err_and(|error| error.contains("0/8")), "{wrong}");
        }
    }
}
