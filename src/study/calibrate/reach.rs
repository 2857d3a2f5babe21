//! Whether a fit reaches the data: whether any of its histories comes as near to the observation as histories come to one another.
//!
//! ```text
//! nearest = min_i d(s_i, o)                                over the accepted histories i of all generations
//! usual   = quantile_90 over prior histories i of min_j d(s_j, s_i),   j another prior history
//! reached = nearest <= max(usual, 1)
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | d | – | [`Distance`]: root mean square of differences, each in deviations among prior histories |
//! | s, o | the summaries' | of a history, and observed |
//!
//! A draw of the prior is an observation that the model can make. Were the data one too, their nearest history would be no farther than
//! those of all but a tenth of such draws, and nearer once sampling has come closer. What lies within one deviation is taken for
//! reached in any case: where a model has hardly any noise, its histories lie closer to one another than any data to a model.
//!
//! Source: a check of the model by its distances under the prior, as `gfit` of the R package abc (Csilléry, François, Blum 2012); the
//! nearest history in place of their mean of accepted ones. Known limit: a summary that hardly varies under the prior has a small scale, so that a
//! small miss of it is many deviations.

use super::{Distance, Generation, weighted_quantile};

/// Prior histories that are taken for observations, at most.
const MOST_TRIED: usize = 500;

/// Distances by which one tells whether the data are reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Of the nearest accepted history to the observation.
    pub nearest: f64,
    /// Of a prior history to the nearest of the others; 90 % are no farther. Zero where there are fewer than two.
    pub usual: f64,
}

impl Reach {
    /// Of these generations, the first of which is the prior's.
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
