//! Approximate Bayesian computation by sequential Monte Carlo (population Monte Carlo): samples parameters whose simulated
//! summaries come closer and closer to the observed ones.
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
//! | u, π | – | coordinate of θ, and its prior density ([`Prior`]) |
//! | W_j, Σ | – | weights of the previous generation, and the covariance of u under them |
//! | α | 1 | [`Settings::quantile`] |
//! | ε_g | – | [`Proposal::tolerance`] |
//!
//! If a proposal lies outside the support, both the ancestor and the proposal are drawn again. The density of accepted proposals
//! is then proportional to the mixture density, and no ancestor needs its own normalising constant. Weights are stored before
//! they are normalised.
//!
//! A particle makes its attempts independently of all others, with random numbers addressed by (seed, generation, particle), and
//! every attempt simulates a new history. The accepted particles therefore do not depend on each other or on the number of
//! threads.
//!
//! A history that cannot be simulated has infinite distance from the observation. In the prior generation its particle is kept,
//! because that generation represents the prior, and it gets no weight in a posterior. In later generations the attempt is
//! rejected.
//!
//! Sampling ends after [`Settings::generations`] generations, when the acceptance rate of a generation falls below
//! [`Settings::least_acceptance`], when the tolerance stops decreasing, or when a particle has failed 20/`least_acceptance`
//! times. A particle whose acceptance rate is at the limit fails that often with probability e⁻²⁰. Its generation is then
//! discarded, and the previous one is the result.
//!
//! Known error: the result is the posterior given that the history lies within ε of the observed one, which is wider than the
//! posterior given the summaries. The regression in [`adjusted`](super::adjusted) removes most of the difference.
//!
//! Sources: Toni, Welch, Strelkowa, Ipsen, Stumpf 2009 (scheme, uniform acceptance); Beaumont, Cornuet, Marin, Robert 2009
//! (weights, twice the weighted covariance); Del Moral, Doucet, Jasra 2012 (tolerance as a quantile).

use super::{
    Distance, Prior, count,
    kernel::{Kernel, coordinates},
};
use crate::{
    random::{Purpose, stream},
    study::{Lost, ReplicaError, guarded},
};
use rand::RngExt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A particle is given up after this number times 1/`least_acceptance` failed attempts.
const PATIENCE: f64 = 20.0;

/// Settings of the sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Number of particles in a generation.
    pub population: usize,
    /// The quantile of the distances of a generation that becomes the tolerance of the next.
    pub quantile: f64,
    /// Maximum number of generations, including the prior generation.
    pub generations: usize,
    /// Sampling ends when the share of accepted simulations falls below this value.
    pub least_acceptance: f64,
    /// Seed of all random numbers.
    pub seed: u64,
}

/// Simulates a history with these parameters (in their own units) and the random numbers of this replica, and returns its
/// summaries; a missing summary is NaN. A history that cannot be simulated is an error, which the sampler treats as an infinite
/// distance.
pub type Simulator<'a> = dyn Fn(&[f64], u64, &AtomicBool) -> Result<Vec<f64>, ReplicaError> + Sync + 'a;

/// Parameter values with the history that was accepted for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Particle {
    /// Values in the units of the parameters.
    pub values: Vec<f64>,
    /// Summaries of the accepted history.
    pub summaries: Vec<f64>,
    /// Weight, not normalised.
    pub weight: f64,
    /// Number of histories begun, including the accepted one.
    pub attempts: u64,
    /// Number of these that could not be simulated.
    pub failed: u64,
}

/// The outcome of sampling one particle.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The particle was accepted.
    Accepted(Particle),
    /// The particle was given up.
    GivenUp {
        /// Number of histories begun.
        attempts: u64,
        /// Number of these that could not be simulated.
        failed: u64,
    },
}

impl Outcome {
    /// Number of histories begun.
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
    /// The reason of the failure.
    pub lost: Lost,
}

/// Particles that were all accepted with the same tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// Number of the generation, from 0.
    pub number: usize,
    /// The tolerance; infinite for the first generation.
    pub tolerance: f64,
    /// Particles in the order of their numbers.
    pub particles: Vec<Particle>,
}

impl Generation {
    /// Normalised weights, which sum to 1.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        let sum: f64 = self.particles.iter().map(|particle| particle.weight).sum();
        self.particles.iter().map(|particle| particle.weight / sum).collect()
    }

    /// Number of histories begun.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.particles.iter().map(|particle| particle.attempts).sum()
    }

    /// Number of these that could not be simulated.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.particles.iter().map(|particle| particle.failed).sum()
    }

    /// Number of particles with a simulated history. Only the prior generation can have particles without one.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.particles.iter().filter(|particle| particle.failed < particle.attempts).count()
    }

    /// Accepted particles divided by histories begun.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number of histories, far below 2^53")]
    pub fn acceptance(&self) -> f64 {
        count(self.accepted()) / self.attempts() as f64
    }

    fn summaries(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.particles.iter().map(|particle| &particle.summaries[..])
    }
}

/// The effective sample size for weights that sum to 1: 1/Σ W² (Kong, Liu, Wong 1994).
#[must_use]
pub fn effective_size(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>()
}

/// The reason why a posterior cannot be sampled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// No draw of the prior can be simulated.
    #[error("none of {0} histories drawn from the prior can be simulated; narrow the priors, or correct the scenario")]
    Failed(usize),
    /// Most draws of the prior lack a summary.
    #[error(
        "most histories simulated from the prior lack a summary that was observed ({missing} of {of}); leave that summary out, or narrow the priors"
    )]
    Missing {
        /// Number of histories that lack an observed summary.
        missing: usize,
        /// Number of histories that could be simulated.
        of: usize,
    },
    /// No summary varies.
    #[error(
        "no summary differs between histories simulated from the prior, so the parameters cannot be estimated; declare other summaries or parameters"
    )]
    Constant,
}

/// The proposal distribution of one generation. A particle depends only on this and on its number.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    space: &'a [Prior],
    settings: Settings,
    number: usize,
    /// Number of summaries of a history.
    summaries: usize,
    /// The kernel around the previous generation, and the distance; `None` for the first generation.
    after: Option<(Kernel, Distance)>,
    /// The largest distance accepted; infinite for the first generation.
    pub tolerance: f64,
}

impl Proposal<'_> {
    /// The number of the generation that it samples, from 0.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Samples the particle of this number. Also returns its histories that could not be simulated.
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
                // The weight is computed from the values that are written to disk, so that a generation that is read back has
                // identical weights.
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

/// Samples a posterior, generation by generation. It stores the finished generations; the caller samples the particles of the
/// next one, on any number of threads.
#[derive(Clone, Debug)]
pub struct Sampler<'a> {
    space: &'a [Prior],
    observed: &'a [f64],
    settings: Settings,
    generations: Vec<Generation>,
    distance: Option<Distance>,
    ending: Option<Ending>,
}

/// The reason why sampling ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The maximum number of generations was reached.
    Generations,
    /// The share of accepted histories fell below the limit.
    Acceptance,
    /// A particle was given up.
    GivenUp,
    /// The tolerance stopped decreasing.
    Tolerance,
}

impl Ending {
    /// The reason in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Generations => "the maximum number of generations was reached",
            Self::Acceptance => "the share of accepted histories fell below its limit",
            Self::GivenUp => "a particle was given up, and its generation was discarded",
            Self::Tolerance => "the tolerance stopped decreasing",
        }
    }
}

impl<'a> Sampler<'a> {
    /// A sampler without generations. Summaries that are NaN in `observed` are ignored.
    #[must_use]
    pub fn new(space: &'a [Prior], observed: &'a [f64], settings: Settings) -> Self {
        Self { space, observed, settings, generations: Vec::new(), distance: None, ending: None }
    }

    /// The proposal distribution of the next generation; `None` when sampling has ended.
    #[must_use]
    pub fn proposal(&self) -> Option<Proposal<'a>> {
        if self.ending.is_some() {
            return None;
        }
        let after = self.generations.last().zip(self.distance.as_ref());
        let tolerance = after.map_or(f64::INFINITY, |(last, distance)| self.next_tolerance(last, distance));
        let after = after.map(|(last, distance)| {
            let values = last.particles.iter().map(|particle| particle.values.as_slice());
            (Kernel::around(values, last.weights(), self.space), distance.clone())
        });
        let (space, settings, summaries) = (self.space, self.settings, self.observed.len());
        Some(Proposal { space, settings, number: self.generations.len(), summaries, after, tolerance })
    }

    fn next_tolerance(&self, last: &Generation, distance: &Distance) -> f64 {
        let mut distances: Vec<f64> = last.summaries().map(|summaries| distance.to(summaries)).collect();
        distances.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the particles")]
        let place = (libm::ceil(self.settings.quantile * count(distances.len())) as usize).clamp(1, distances.len());
        let quantile = distances[place - 1];
        // If many particles have the same distance, the tolerance is the next smaller distance; if there is none, it stays
        // unchanged.
        let nearer = || distances.iter().copied().rfind(|&distance| distance < last.tolerance);
        if quantile < last.tolerance { quantile } else { nearer().unwrap_or(last.tolerance) }
    }

    /// Adds the generation that [`Self::proposal`] proposed, from the outcomes of its particles: all of them in order, or up to
    /// the first particle that was given up.
    ///
    /// # Errors
    /// When the prior generation shows that the posterior cannot be sampled.
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
            // Histories that could not be simulated lack every summary and are not counted here.
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

    /// Samples all generations on this thread, and returns the histories that could not be simulated.
    ///
    /// # Errors
    /// When `stop` is raised, or the posterior cannot be sampled.
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

    /// The finished generations.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The distance; `None` until the first generation is finished.
    #[must_use]
    pub fn distance(&self) -> Option<&Distance> {
        self.distance.as_ref()
    }

    /// The reason why sampling ended; `None` until then.
    #[must_use]
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The priors of the parameters.
    #[must_use]
    pub const fn space(&self) -> &'a [Prior] {
        self.space
    }
}
