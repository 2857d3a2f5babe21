//! Tests whether a fit reaches the data: whether the nearest simulated history is as close to the observation as simulated
//! histories are to each other.
//!
//! ```text
//! nearest = min_i d(s_i, o)                                over the accepted histories i of all generations
//! usual   = quantile_90 over prior histories i of min_j d(s_j, s_i),   j another prior history
//! reached = nearest <= max(usual, 1)
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | d | – | [`Distance`]: root mean square of the differences, each scaled by the deviation among prior histories |
//! | s, o | unit of the summaries | summaries of a simulated history, and of the observation |
//!
//! Each prior draw is treated as an observation that the model can produce. If the model could also produce the data, the nearest
//! history would be no farther from the data than 90 % of prior draws are from their nearest neighbour, and closer after
//! sampling. A distance of at most one deviation always counts as reached: in a model with little noise, simulated histories lie
//! closer to each other than to any data.
//!
//! Source: a check of the model by its distances under the prior, as `gfit` of the R package abc (Csilléry, François, Blum 2012),
//! with the nearest history instead of the mean distance of accepted ones. Known limit: a summary that varies little under the
//! prior has a small scale, so that a small error in it counts as many deviations.

use super::{Distance, Generation, weighted_quantile};

/// The largest number of prior histories that are treated as observations.
const MOST_TRIED: usize = 500;

/// The distances that decide whether the data are reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Distance of the nearest accepted history from the observation.
    pub nearest: f64,
    /// 90 % quantile of the distances of prior histories from their nearest neighbours; zero if there are fewer than two
    /// histories.
    pub usual: f64,
}

impl Reach {
    /// Computes the distances from these generations, the first of which is the prior generation.
    #[must_use]
    pub fn of(generations: &[Generation], distance: &Distance) -> Self {
        let all = generations.iter().flat_map(|generation| &generation.particles);
        let nearest = all.map(|particle| distance.to(&particle.summaries)).fold(f64::INFINITY, f64::min);
        let prior: Vec<&[f64]> = generations
            .iter()
            .take(1)
            .flat_map(|generation| &generation.particles)
            .map(|particle| &particle.summaries[..])
            .filter(|summaries| distance.to(summaries).is_finite())
            .collect();
        let others = |place: usize| {
            let all = prior.iter().enumerate().filter(move |&(other, _)| other != place);
            all.map(|(_, summaries)| distance.between(summaries, prior[place])).fold(f64::INFINITY, f64::min)
        };
        let mut found: Vec<f64> = (0..prior.len().min(MOST_TRIED)).map(others).collect();
        found.retain(|distance| distance.is_finite());
        let usual = if found.is_empty() { 0.0 } else { weighted_quantile(&found, &vec![1.0; found.len()], 0.9) };
        Self { nearest, usual }
    }

    /// Whether the data are reached.
    #[must_use]
    pub fn is_reached(self) -> bool {
        self.nearest <= self.usual.max(1.0)
    }
}
