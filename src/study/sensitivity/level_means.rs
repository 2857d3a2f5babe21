use super::{EstimateError, count, mean};

/// The effect of one factor of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelMeans {
    /// The mean result at each level of the factor, over all levels of the others.
    pub means: Vec<f64>,
    /// The smallest of these means.
    pub least: f64,
    /// The largest of these means.
    pub greatest: f64,
    /// The largest mean minus the smallest.
    pub range: f64,
    /// Elasticity of the result to the factor at the centre: the least-squares slope of the means over the levels, times mean
    /// level over mean result. `None` if levels are not numbers, or one of these means is 0.
    pub elasticity: Option<f64>,
}

/// One-at-a-time analysis of the results of a full grid, whose last factor varies fastest. `levels` holds the values of each
/// factor; a value that is not a number is `None`.
///
/// With a single factor the means are the results themselves; with several, they average over the other factors (main effects of
/// a factorial design; ten Broeke, van Voorn, Ligtenberg 2016 start with one factor at a time).
///
/// # Errors
/// When the number of results does not match the grid.
pub fn level_means(levels: &[Vec<Option<f64>>], results: &[f64]) -> Result<Vec<LevelMeans>, EstimateError> {
    let points: usize = levels.iter().map(Vec::len).product();
    if points != results.len() || points == 0 {
        return Err(EstimateError::Length { found: results.len(), expected: points });
    }
    // Number of consecutive points that have the same level of the factor.
    let mut run = points;
    Ok(levels
        .iter()
        .map(|levels| {
            run /= levels.len();
            let mut sums = vec![0.0; levels.len()];
            for (point, result) in results.iter().enumerate() {
                sums[point / run % levels.len()] += result;
            }
            let means: Vec<f64> = sums.into_iter().map(|sum| sum * count(levels.len()) / count(points)).collect();
            let least = means.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let values: Option<Vec<f64>> = levels.iter().copied().collect();
            let elasticity = values.and_then(|values| elasticity(&values, &means));
            LevelMeans { means, least, greatest, range: greatest - least, elasticity }
        })
        .collect())
}

fn elasticity(levels: &[f64], means: &[f64]) -> Option<f64> {
    let (x, y) = (mean(levels), mean(means));
    let squares: f64 = levels.iter().map(|level| (level - x) * (level - x)).sum();
    let products: f64 = levels.iter().zip(means).map(|(level, mean)| (level - x) * (mean - y)).sum();
    (squares > 0.0 && x != 0.0 && y != 0.0).then(|| products / squares * x / y)
}
