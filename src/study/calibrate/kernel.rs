//! The kernel by which a generation of particles proposes the next: a normal around each of them, with twice their weighted covariance.

use super::{
    Prior,
    solve::{cholesky, forward},
};
use crate::random::standard_normal;
use rand::RngExt as _;

/// The proposal kernel around the particles of a generation.
#[derive(Clone, Debug)]
pub struct Kernel {
    coordinates: Vec<Vec<f64>>,
    /// L⁻¹ u of each particle. In these coordinates the kernel is isotropic.
    whitened: Vec<Vec<f64>>,
    weights: Vec<f64>,
    /// Cumulative weights.
    cumulative: Vec<f64>,
    /// The lower triangle L of 2 Σ = L Lᵀ.
    lower: Vec<Vec<f64>>,
}

impl Kernel {
    /// The kernel around particles of these values and weights.
    pub fn around<'v>(values: impl Iterator<Item = &'v [f64]>, weights: Vec<f64>, space: &[Prior]) -> Self {
        let coordinates: Vec<Vec<f64>> = values.map(|values| coordinates(space, values)).collect();
        let mut covariance = covariance(&coordinates, &weights);
        for (row, prior) in space.iter().enumerate() {
            covariance[row].iter_mut().for_each(|entry| *entry *= 2.0);
            // A small diagonal term lets particles move even if they are all identical.
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

    /// Draws a proposal: an ancestor plus kernel noise.
    pub fn draw(&self, random: &mut impl rand::Rng) -> Vec<f64> {
        let ancestor = self.ancestor(random);
        let normal: Vec<f64> = ancestor.iter().map(|_| standard_normal(random)).collect();
        let moved =
            |(row, centre): (&Vec<f64>, &f64)| centre + row.iter().zip(&normal).map(|(a, z)| a * z).sum::<f64>();
        self.lower.iter().zip(ancestor).map(moved).collect()
    }

    /// The mixture density, up to a constant factor.
    pub fn density(&self, at: &[f64]) -> f64 {
        let at = forward(&self.lower, at);
        let near = |centre: &Vec<f64>| {
            let squares: f64 = at.iter().zip(centre).map(|(a, c)| (a - c) * (a - c)).sum();
            libm::exp(-0.5 * squares)
        };
        self.whitened.iter().zip(&self.weights).map(|(centre, weight)| weight * near(centre)).sum()
    }
}

/// The coordinates of a particle's values.
pub fn coordinates(space: &[Prior], values: &[f64]) -> Vec<f64> {
    space.iter().zip(values).map(|(prior, &value)| prior.coordinate(value)).collect()
}

/// The covariance matrix of points with weights that sum to 1.
pub fn covariance(points: &[Vec<f64>], weights: &[f64]) -> Vec<Vec<f64>> {
    let dimensions = points.first().map_or(0, Vec::len);
    let mean: Vec<f64> = (0..dimensions)
        .map(|place| points.iter().zip(weights).map(|(point, weight)| weight * point[place]).sum())
        .collect();
    let entry = |a: usize, b: usize| {
        points.iter().zip(weights).map(|(point, weight)| weight * (point[a] - mean[a]) * (point[b] - mean[b])).sum()
    };
    (0..dimensions).map(|a| (0..dimensions).map(|b| entry(a, b)).collect()).collect()
}
