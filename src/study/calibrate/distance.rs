//! The distance between a simulated history and the observed one.
//!
//! ```text
//! d = √( (1/J) Σ_j ((s_j − o_j) / m_j)² )
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | s_j, o_j | unit of the summary | simulated and observed summary j; NaN if it is missing |
//! | m_j | unit of the summary | [`Distance::scale`]: median absolute deviation of s_j over prior draws |
//! | J | – | number of summaries that are observed and vary |
//!
//! A summary whose median absolute deviation is zero is scaled by its mean absolute deviation. If that is zero too, the summary
//! is left out, because it carries no information on the parameters. A history that lacks an observed summary has infinite
//! distance.
//!
//! Source: the median absolute deviation as scale follows Csilléry, François, Blum 2012 (R package abc). Known limit: the scale
//! depends on the prior, and the distance ignores correlations between summaries; the regression adjustment accounts for them.

/// The distance of summaries from one observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Distance {
    observed: Vec<f64>,
    scale: Vec<Option<f64>>,
}

impl Distance {
    /// The distance from this observation, scaled by the spread of these simulations.
    #[must_use]
    pub fn new(observed: &[f64], simulated: &[&[f64]]) -> Self {
        let scale = observed.iter().enumerate().map(|(place, target)| {
            let mut values: Vec<f64> = simulated.iter().map(|summaries| summaries[place]).collect();
            values.retain(|value| value.is_finite());
            if target.is_finite() { spread(values) } else { None }
        });
        Self { observed: observed.to_vec(), scale: scale.collect() }
    }

    /// The scale of each summary; `None` for a summary that is left out.
    #[must_use]
    pub fn scale(&self) -> &[Option<f64>] {
        &self.scale
    }

    /// Scaled differences from the observation, for the summaries that are included, in their order.
    pub fn differences<'a>(&'a self, summaries: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let pairs = self.observed.iter().zip(summaries).zip(&self.scale);
        pairs.filter_map(|((observed, found), scale)| scale.map(|scale| (found - observed) / scale))
    }

    /// The distance between two histories, with the same scales; infinite if one of them lacks an included summary.
    #[must_use]
    pub fn between(&self, one: &[f64], other: &[f64]) -> f64 {
        let pairs = one.iter().zip(other).zip(&self.scale);
        self.root_mean_square(pairs.filter_map(|((one, other), scale)| scale.map(|scale| (one - other) / scale)))
    }

    fn root_mean_square(&self, differences: impl Iterator<Item = f64>) -> f64 {
        let squares: f64 = differences.map(|difference| difference * difference).sum();
        let distance = libm::sqrt(squares / super::count(self.dimensions().max(1)));
        if distance.is_nan() { f64::INFINITY } else { distance }
    }

    /// The number of summaries included.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.scale.iter().flatten().count()
    }

    /// The distance of these summaries from the observation; infinite if an included summary is missing, 0 if none is included.
    #[must_use]
    pub fn to(&self, summaries: &[f64]) -> f64 {
        self.root_mean_square(self.differences(summaries))
    }
}

fn spread(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let centre = median(&mut values);
    for value in &mut values {
        *value = libm::fabs(*value - centre);
    }
    let mean = values.iter().sum::<f64>() / super::count(values.len());
    let middle = median(&mut values);
    // A spread in the last digits alone is rounding error.
    let least = 1e-12 * libm::fabs(centre);
    [middle, mean].into_iter().find(|&spread| spread > least)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], values[middle]) } else { values[middle] }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;

    #[test]
    fn each_summary_is_scaled_by_its_own_spread() {
        let simulated: [[f64; 4]; 5] = [
            [1.0, 0.0, 7.0, f64::NAN],
            [2.0, 0.0, 7.0, 1.0],
            [3.0, 0.0, 7.0, 2.0],
            [4.0, 0.0, 7.0, 3.0],
            [100.0, 5.0, 7.0, 4.0],
        ];
        let distance = Distance::new(&[3.0, 0.0, 7.0, 2.0], &simulated.each_ref().map(|s| &s[..]));
        // Medians are 3, 0, 7, 2.5. Deviations of the first summary are 2 1 0 1 97; of the second, one is 5 and the others are 0; of
        // the third, all are 0.
        assert_eq!(distance.scale(), [Some(1.0), Some(1.0), None, Some(1.0)]);
        assert_eq!(distance.to(&[5.0, 1.0, 9.0, 4.0]), 3.0_f64.sqrt());
        assert_eq!(distance.to(&[3.0, 0.0, 7.0, f64::NAN]), f64::INFINITY);
        // Summaries that were not observed are ignored.
        let partial = Distance::new(&[3.0, f64::NAN, 7.0, f64::NAN], &simulated.each_ref().map(|s| &s[..]));
        assert_eq!(partial.to(&[5.0, 50.0, 7.0, f64::NAN]), 2.0);
    }
}
