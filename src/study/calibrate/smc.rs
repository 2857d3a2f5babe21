//! Approximate Bayesian computation by sequential Monte Carlo (population Monte Carlo): draws of parameters whose simulated
//! summaries come ever closer to the observed ones.
//!
//! ```text
//! generation 0    θ from the prior, all of them kept; scales of the distance from their summaries
//! generation g    ε_g = the α-quantile of the distances of generation g − 1, below ε_{g−1}
//!                 repeat: θ_j with probability W_j;  u ~ N(u_j, 2 Σ), again from the start while outside the support
//!                 until the distance of a history simulated at u is at most ε_g
//!                 w = π(u) / Σ_j W_j exp(−½ (u − u_j)ᵀ (2 Σ)⁻¹ (u − u_j)),   W = w / Σ w
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | u, π | – | coordinate of θ and density of its prior ([`Prior`]) |
//! | W_j, Σ | – | weights of the generation before, and the covariance of u under them |
//! | α | 1 | [`Settings::quantile`] |
//! | ε_g | – | [`Proposal::tolerance`] |
//!
//! A proposal outside the support is drawn anew together with its ancestor: then the density of proposals is the mixture itself
//! but for one factor, and no ancestor needs a norming constant of its own. Weights are written before they are divided by their sum.
//!
//! A particle makes its attempts by itself, with random numbers addressed by (seed, generation, particle), and every attempt
//! simulates a history of its own. So which particle is accepted depends on no other, nor on threads.
//!
//! A history that cannot be simulated is infinitely far from the observation: in the generation of the prior its particle stays, since that
//! generation is the prior, and has no weight in a posterior; in later ones the attempt is not accepted.
//!
//! Sampling ends after [`Settings::generations`], when a generation accepted less than [`Settings::least_acceptance`], when
//! the tolerance falls no more, or when a particle has failed 20/`least_acceptance` times: a particle of an acceptance at the
//! limit does so once in e²⁰ times. Its generation is then given up, and the one before stands.
//!
//! Known error: the posterior is that of histories within ε of the observed one, wider than the posterior of the summaries; the
//! regression in [`adjusted`](super::adjusted) takes away most of it.
//!
//! Sources: Toni, Welch, Strelkowa, Ipsen, Stumpf 2009 (scheme, uniform acceptance); Beaumont, Cornuet, Marin, Robert 2009
//! (weights, twice the weighted covariance); Del Moral, Doucet, Jasra 2012 (tolerance as a quantile).

use super::{
    Distance, Prior, count,
    solve::{cholesky, forward},
};
use crate::{
    random::{Purpose, standard_normal, stream},
    study::{Lost, ReplicaError, guarded},
};
use rand::RngExt;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many times 1/`least_acceptance` a particle may fail.
const PATIENCE: f64 = 20.0;

/// How a posterior is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Particles of a generation.
    pub population: usize,
    /// Which quantile of a generation's distances is the tolerance of the next.
    pub quantile: f64,
    /// Most generations, that of the prior included.
    pub generations: usize,
    /// Sampling ends when a smaller share of simulations is accepted.
    pub least_acceptance: f64,
    /// Of all randomness.
    pub seed: u64,
}

/// Simulates parameters (in their own units) with the random numbers of this replica, and gives the summaries of the
/// history; NaN where it has none. A history that cannot be simulated is lost, and infinitely far.
pub type Simulator<'a> = dyn Fn(&[f64], u64, &AtomicBool) -> Result<Vec<f64>, ReplicaError> + Sync + 'a;

/// Parameters with the history they were accepted by.
#[derive(Clone, Debug, PartialEq)]
pub struct Particle {
    /// In the parameters' units.
    pub values: Vec<f64>,
    /// Of the accepted history.
    pub summaries: Vec<f64>,
    /// Not yet divided by the generation's sum.
    pub weight: f64,
    /// Histories begun until one was accepted, that one included.
    pub attempts: u64,
    /// Of these, not to be simulated.
    pub failed: u64,
}

/// What became of a particle.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Accepted.
    Accepted(Particle),
    /// Given up.
    GivenUp {
        /// After so many attempts.
        attempts: u64,
        /// Of these, not to be simulated.
        failed: u64,
    },
}

impl Outcome {
    /// Histories begun.
    #[must_use]
    pub const fn attempts(&self) -> u64 {
        match self {
            Self::Accepted(Particle { attempts, .. }) | Self::GivenUp { attempts, .. } => *attempts,
        }
    }
}

/// A history of a particle that could not be simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedAttempt {
    /// Number of the generation.
    pub generation: usize,
    /// Number of the particle in it.
    pub particle: u64,
    /// Number of the attempt, from 0.
    pub attempt: u64,
    /// Why.
    pub lost: Lost,
}

/// Particles that were all accepted under one tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// From 0.
    pub number: usize,
    /// Infinite for the first.
    pub tolerance: f64,
    /// In the order of their numbers.
    pub particles: Vec<Particle>,
}

impl Generation {
    /// Weights that sum to 1.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        let sum: f64 = self.particles.iter().map(|particle| particle.weight).sum();
        self.particles.iter().map(|particle| particle.weight / sum).collect()
    }

    /// Histories begun.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.particles.iter().map(|particle| particle.attempts).sum()
    }

    /// Of these, not to be simulated.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.particles.iter().map(|particle| particle.failed).sum()
    }

    /// Particles with a history. Without one are those of the prior that could not be simulated.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.particles.iter().filter(|particle| particle.failed < particle.attempts).count()
    }

    /// Accepted over begun.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number of histories, far below 2^53")]
    pub fn acceptance(&self) -> f64 {
        count(self.accepted()) / self.attempts() as f64
    }

    fn summaries(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.particles.iter().map(|particle| &particle.summaries[..])
    }
}

/// The effective number of draws behind weights that sum to 1: 1/Σ W² (Kong, Liu, Wong 1994).
#[must_use]
pub fn effective_size(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>()
}

/// Why a posterior cannot be sampled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// No draw of the prior can be simulated.
    #[error("none of {0} histories drawn from the prior can be simulated; narrow the priors, or mend the scenario")]
    Failed(usize),
    /// Most draws of the prior lack a summary.
    #[error(
        "most histories simulated from the prior lack a summary that was observed ({missing} of {of}); leave that summary out, or narrow the priors"
    )]
    Missing {
        /// How many lack one.
        missing: usize,
        /// Of so many.
        of: usize,
    },
    /// No summary varies.
    #[error(
        "no summary differs between histories simulated from the prior, so nothing can be learnt; declare other summaries or parameters"
    )]
    Constant,
}

/// The kernel around the particles of a generation.
#[derive(Clone, Debug)]
struct Kernel {
    coordinates: Vec<Vec<f64>>,
    /// L⁻¹ u of each: between these the kernel is the same in all directions.
    whitened: Vec<Vec<f64>>,
    weights: Vec<f64>,
    /// Weights summed up.
    cumulative: Vec<f64>,
    /// The triangle L of 2 Σ = L Lᵀ.
    lower: Vec<Vec<f64>>,
}

impl Kernel {
    fn around(generation: &Generation, space: &[Prior]) -> Self {
        let weights = generation.weights();
        let coordinates: Vec<Vec<f64>> =
            generation.particles.iter().map(|particle| coordinates(space, &particle.values)).collect();
        let mut covariance = covariance(&coordinates, &weights);
        for (row, prior) in space.iter().enumerate() {
            covariance[row].iter_mut().for_each(|entry| *entry *= 2.0);
            // So that particles that are all alike still move.
            let (low, high) = prior.ends();
            covariance[row][row] += 1e-9 * (high - low) * (high - low);
        }
        let lower = cholesky(&covariance).expect("a covariance with something on its diagonal is positive definite");
        let mut sum = 0.0;
        let cumulative = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        let whitened = coordinates.iter().map(|centre| forward(&lower, centre)).collect();
        Self { coordinates, whitened, weights, cumulative, lower }
    }

    fn ancestor(&self, random: &mut impl rand::Rng) -> &[f64] {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let share = random.random::<f64>() * total;
        let place = self.cumulative.partition_point(|&sum| sum <= share);
        &self.coordinates[place.min(self.coordinates.len() - 1)]
    }

    /// Moved from an ancestor.
    fn draw(&self, random: &mut impl rand::Rng) -> Vec<f64> {
        let ancestor = self.ancestor(random);
        let normal: Vec<f64> = ancestor.iter().map(|_| standard_normal(random)).collect();
        let moved =
            |(row, centre): (&Vec<f64>, &f64)| centre + row.iter().zip(&normal).map(|(a, z)| a * z).sum::<f64>();
        self.lower.iter().zip(ancestor).map(moved).collect()
    }

    /// The mixture's density, up to a factor that is the same everywhere.
    fn density(&self, at: &[f64]) -> f64 {
        let at = forward(&self.lower, at);
        let near = |centre: &Vec<f64>| {
            let squares: f64 = at.iter().zip(centre).map(|(a, c)| (a - c) * (a - c)).sum();
            libm::exp(-0.5 * squares)
        };
        self.whitened.iter().zip(&self.weights).map(|(centre, weight)| weight * near(centre)).sum()
    }
}

pub(super) fn coordinates(space: &[Prior], values: &[f64]) -> Vec<f64> {
    space.iter().zip(values).map(|(prior, &value)| prior.coordinate(value)).collect()
}

/// The covariance of points under weights that sum to 1.
pub(super) fn covariance(points: &[Vec<f64>], weights: &[f64]) -> Vec<Vec<f64>> {
    let dimensions = points.first().map_or(0, Vec::len);
    let mean: Vec<f64> = (0..dimensions)
        .map(|place| points.iter().zip(weights).map(|(point, weight)| weight * point[place]).sum())
        .collect();
    let entry = |a: usize, b: usize| {
        points.iter().zip(weights).map(|(point, weight)| weight * (point[a] - mean[a]) * (point[b] - mean[b])).sum()
    };
    (0..dimensions).map(|a| (0..dimensions).map(|b| entry(a, b)).collect()).collect()
}

/// How the particles of one generation are made: from nothing but this and their number.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    space: &'a [Prior],
    settings: Settings,
    number: usize,
    /// Summaries of a history.
    summaries: usize,
    /// Where there was a generation before: its kernel and the distance.
    after: Option<(Kernel, Distance)>,
    /// Largest distance accepted; infinite for the first generation.
    pub tolerance: f64,
}

impl Proposal<'_> {
    /// Which generation it makes, from 0.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Makes the particle of this number, and gives its histories that could not be simulated.
    ///
    /// # Errors
    /// When `stop` is raised.
    pub fn particle(
        &self,
        number: u64,
        simulate: &Simulator<'_>,
        stop: &AtomicBool,
    ) -> Result<(Outcome, Vec<FailedAttempt>), ReplicaError> {
        let mut random = stream(self.settings.seed, self.number as u64, Purpose::Calibration, number);
        let mut lost = Vec::new();
        let mut simulated = |values: &[f64], replica: u64, attempt: usize| {
            guarded(|| simulate(values, replica, stop)).or_else(|error| match error {
                ReplicaError::Stopped => Err(error),
                ReplicaError::Lost(why) => {
                    let (generation, attempt) = (self.number, attempt as u64);
                    lost.push(FailedAttempt { generation, particle: number, attempt, lost: why });
                    Ok(vec![f64::NAN; self.summaries])
                }
            })
        };
        let Some((kernel, distance)) = &self.after else {
            let values: Vec<f64> = self.space.iter().map(|prior| prior.draw(&mut random)).collect();
            let summaries = simulated(&values, random.random(), 0)?;
            let failed = lost.len() as u64;
            return Ok((Outcome::Accepted(Particle { values, summaries, weight: 1.0, attempts: 1, failed }), lost));
        };
        let mut attempts = 0;
        while count(attempts) * self.settings.least_acceptance < PATIENCE {
            if stop.load(Ordering::Relaxed) {
                return Err(ReplicaError::Stopped);
            }
            let proposed = kernel.draw(&mut random);
            if !self.space.iter().zip(&proposed).all(|(prior, &coordinate)| prior.holds(coordinate)) {
                continue;
            }
            let values: Vec<f64> = self.space.iter().zip(&proposed).map(|(prior, &c)| prior.value(c)).collect();
            let summaries = simulated(&values, random.random(), attempts)?;
            attempts += 1;
            if distance.to(&summaries) <= self.tolerance {
                // Of what is written, so that a generation read back weighs the same to the bit.
                let at = coordinates(self.space, &values);
                let prior: f64 =
                    self.space.iter().zip(&at).map(|(prior, &coordinate)| prior.density(coordinate)).product();
                let weight = prior / kernel.density(&at);
                let (attempts, failed) = (attempts as u64, lost.len() as u64);
                return Ok((Outcome::Accepted(Particle { values, summaries, weight, attempts, failed }), lost));
            }
        }
        Ok((Outcome::GivenUp { attempts: attempts as u64, failed: lost.len() as u64 }, lost))
    }
}

/// Samples a posterior, generation by generation. It holds what is finished; who makes the particles of the next generation,
/// and on how many threads, is the caller's.
#[derive(Clone, Debug)]
pub struct Sampler<'a> {
    space: &'a [Prior],
    observed: &'a [f64],
    settings: Settings,
    generations: Vec<Generation>,
    distance: Option<Distance>,
    ending: Option<Ending>,
}

/// Why sampling ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All generations were made.
    Generations,
    /// Fewer histories were accepted than asked for.
    Acceptance,
    /// A particle was given up.
    GivenUp,
    /// The tolerance fell no more.
    Tolerance,
}

impl Ending {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Generations => "all generations were made",
            Self::Acceptance => "the least acceptance was reached",
            Self::GivenUp => "a particle was given up, and its generation with it",
            Self::Tolerance => "the tolerance fell no more",
        }
    }
}

impl<'a> Sampler<'a> {
    /// Nothing sampled yet. Of `observed`, what is NaN does not count.
    #[must_use]
    pub fn new(space: &'a [Prior], observed: &'a [f64], settings: Settings) -> Self {
        Self { space, observed, settings, generations: Vec::new(), distance: None, ending: None }
    }

    /// How the next generation is made; `None` when sampling has ended.
    #[must_use]
    pub fn proposal(&self) -> Option<Proposal<'a>> {
        if self.ending.is_some() {
            return None;
        }
        let after = self.generations.last().zip(self.distance.as_ref());
        let tolerance = after.map_or(f64::INFINITY, |(last, distance)| self.next_tolerance(last, distance));
        let after = after.map(|(last, distance)| (Kernel::around(last, self.space), distance.clone()));
        let (space, settings, summaries) = (self.space, self.settings, self.observed.len());
        Some(Proposal { space, settings, number: self.generations.len(), summaries, after, tolerance })
    }

    fn next_tolerance(&self, last: &Generation, distance: &Distance) -> f64 {
        let mut distances: Vec<f64> = last.summaries().map(|summaries| distance.to(summaries)).collect();
        distances.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the particles")]
        let place = (libm::ceil(self.settings.quantile * count(distances.len())) as usize).clamp(1, distances.len());
        let quantile = distances[place - 1];
        // Where many are equally far, on to the next nearer ones; where there are none, it falls no more.
        let nearer = || distances.iter().copied().rfind(|&distance| distance < last.tolerance);
        if quantile < last.tolerance { quantile } else { nearer().unwrap_or(last.tolerance) }
    }

    /// Takes what became of the particles of the generation that [`Self::proposal`] proposed: all of them in order, or up to the
    /// first that was given up.
    ///
    /// # Errors
    /// When the generation of the prior shows that nothing can be sampled.
    pub fn close(&mut self, proposal: &Proposal<'_>, outcomes: Vec<Outcome>) -> Result<(), SampleError> {
        let mut particles = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            let Outcome::Accepted(particle) = outcome else {
                self.ending = Some(Ending::GivenUp);
                return Ok(());
            };
            particles.push(particle);
        }
        let generation = Generation { number: proposal.number, tolerance: proposal.tolerance, particles };
        if generation.accepted() == 0 {
            return Err(SampleError::Failed(generation.particles.len()));
        }
        let distance = self
            .distance
            .get_or_insert_with(|| Distance::new(self.observed, &generation.summaries().collect::<Vec<_>>()));
        if proposal.number == 0 {
            if distance.dimensions() == 0 {
                return Err(SampleError::Constant);
            }
            let (of, far) = (generation.accepted(), |summaries: &&[f64]| distance.to(summaries).is_infinite());
            // What could not be simulated lacks every summary.
            let missing = generation.summaries().filter(far).count() - (generation.particles.len() - of);
            if 2 * missing > of {
                return Err(SampleError::Missing { missing, of });
            }
        }
        let acceptance = generation.acceptance();
        let tolerance = generation.tolerance;
        self.generations.push(generation);
        let stays = self.proposal().is_none_or(|next| next.tolerance >= tolerance);
        self.ending = if self.generations.len() >= self.settings.generations {
            Some(Ending::Generations)
        } else if acceptance < self.settings.least_acceptance {
            Some(Ending::Acceptance)
        } else {
            (stays && tolerance.is_finite()).then_some(Ending::Tolerance)
        };
        Ok(())
    }

    /// Samples to the end on this thread, and gives the histories that could not be simulated.
    ///
    /// # Errors
    /// When `stop` is raised, or nothing can be sampled.
    pub fn run(&mut self, simulate: &Simulator<'_>, stop: &AtomicBool) -> Result<Vec<FailedAttempt>, ReplicaError> {
        let mut failed = Vec::new();
        while let Some(proposal) = self.proposal() {
            let mut outcomes = Vec::with_capacity(self.settings.population);
            for number in 0..self.settings.population as u64 {
                let (outcome, lost) = proposal.particle(number, simulate, stop)?;
                failed.extend(lost);
                let is_last = matches!(outcome, Outcome::GivenUp { .. });
                outcomes.push(outcome);
                if is_last {
                    break;
                }
            }
            self.close(&proposal, outcomes).map_err(ReplicaError::failed)?;
        }
        Ok(failed)
    }

    /// What is finished.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The distance, once the first generation is finished.
    #[must_use]
    pub fn distance(&self) -> Option<&Distance> {
        self.distance.as_ref()
    }

    /// Why sampling ended; `None` while it has not.
    #[must_use]
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// What is believed before.
    #[must_use]
    pub const fn space(&self) -> &'a [Prior] {
        self.space
    }
}
