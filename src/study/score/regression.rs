//! A baseline fitted to the other episodes: `ln(H/H_0) = a + eps ln(x/x_0) + d (t - t_0)`, by ordinary least squares over all
//! their epochs.
//!
//! Symbols are as in [`Supply`]; hashprice is the observed one. Episodes that overlap the scored one in time are left out.

use super::{Reference, Start, Supply};
use crate::{
    scenario::{Resolved, load_bundled},
    units::Seconds,
};

/// The registered episodes of the protocol, in chronological order.
pub const EPISODES: [&str; 5] = [
    "registered/2018-crash",
    "registered/2020-covid-and-halving",
    "registered/2020-wet-season",
    "registered/2021-ban",
    "registered/2022-bear",
];

/// A fitted regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// The fitted law.
    pub supply: Supply,
    /// The episodes on which it was fitted.
    pub episodes: Vec<String>,
    /// Number of epochs on which it was fitted.
    pub n: usize,
}

/// The references of the registered episodes that do not overlap a scenario in time.
#[must_use]
pub fn other_episodes(scored: &Resolved) -> Vec<(String, Reference)> {
    let span = |resolved: &Resolved, epochs: &Reference| {
        let start = resolved.scenario.run.start;
        let last = epochs.epochs.last().map_or(Seconds::ZERO, |epoch| epoch.start + epoch.duration);
        (start, start.after(last))
    };
    let reference = |resolved: &Resolved| Reference::new(&resolved.scenario, resolved.observed.as_ref()).ok();
    let Some((from, until)) = reference(scored).map(|epochs| span(scored, &epochs)) else { return Vec::new() };
    let others = EPISODES.iter().filter_map(|name| {
        let resolved = load_bundled(name, &[], None).ok()?;
        let epochs = reference(&resolved)?;
        let (first, last) = span(&resolved, &epochs);
        (last <= from || first >= until).then(|| ((*name).to_owned(), epochs))
    });
    others.collect()
}

impl Regression {
    /// Fits the regression to episodes; `None` if they do not determine it.
    #[must_use]
    pub fn fit(episodes: &[(String, Reference)]) -> Option<Self> {
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for (_, Reference { epochs, start }) in episodes {
            for epoch in epochs {
                rows.push(predictors(start, epoch.start + epoch.duration * 0.5, epoch.hashprice.get()));
                values.push(epoch.ln_hashrate() - libm::log(start.hashrate_eh_per_s));
            }
        }
        let found = least_squares(&rows, &values)?;
        let supply = Supply { intercept: found[0], elasticity: found[1], drift_per_day: found[2] };
        let episodes = episodes.iter().map(|(name, _)| name.clone()).collect();
        Some(Self { supply, episodes, n: rows.len() })
    }
}

fn predictors(start: &Start, middle: Seconds, hashprice: f64) -> Vec<f64> {
    let days = (middle - start.middle).get() / 86_400.0;
    vec![1.0, libm::log(hashprice / start.hashprice.get()), days]
}

/// The coefficients that minimise the squared error of `values` for the predictors in `rows`, by the normal equations; `None` if
/// they are not determined.
#[must_use]
pub fn least_squares(rows: &[Vec<f64>], values: &[f64]) -> Option<Vec<f64>> {
    let width = rows.first()?.len();
    let mut system: Vec<Vec<f64>> = (0..width)
        .map(|i| {
            let sums = (0..width).map(|j| rows.iter().map(|row| row[i] * row[j]).sum());
            let right: f64 = rows.iter().zip(values).map(|(row, value)| row[i] * value).sum();
            sums.chain([right]).collect()
        })
        .collect();
    // Gaussian elimination with the largest pivot.
    for column in 0..width {
        let pivot = (column..width).max_by(|&a, &b| system[a][column].abs().total_cmp(&system[b][column].abs()))?;
        system.swap(column, pivot);
        let scale = system[column][column];
        if scale.abs() < 1e-12 {
            return None;
        }
        system[column].iter_mut().for_each(|entry| *entry /= scale);
        let lead = system[column].clone();
        for (_, row) in system.iter_mut().enumerate().filter(|(place, _)| *place != column) {
            let factor = row[column];
            row.iter_mut().zip(&lead).for_each(|(entry, lead)| *entry -= factor * lead);
        }
    }
    Some(system.into_iter().map(|row| row[width]).collect())
}
