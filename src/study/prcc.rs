//! Partial rank correlations, for the factors of a sweep and the drawn assumptions of a run.

use super::estimate::{EstimateError, count, is_constant, mean};

/// The partial rank correlation of a result with one factor, the other factors held fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prcc {
    /// The coefficient, from -1 to 1.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
}

/// Points above the number of factors that a ranking needs: with them the 95 % interval of a coefficient of zero ends at 0.3.
const POINTS_ABOVE_FACTORS: usize = 43;

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The number of points that a ranking of this number of factors needs.
#[must_use]
pub const fn points_needed(factors: usize) -> usize {
    factors + POINTS_ABOVE_FACTORS
}

/// Partial rank correlation coefficients (Marino, Hogue, Ray, Kirschner 2008, J. Theor. Biol. 254, 178), from the values of each factor
/// and the result at each point.
///
/// ```text
/// R = correlation matrix of the ranks of all factors and of the result,   P = R^-1
/// PRCC_j = -P_jy / sqrt(P_jj P_yy),   interval: tanh(artanh PRCC +- 1.96 / sqrt(n - k - 3))
/// ```
///
/// n is the number of points, k the number of the other factors; equal values share their mean rank. A coefficient measures monotone
/// dependence: a factor with an effect in both directions can have none. `None` for a factor that does not vary, or that the others determine.
///
/// # Errors
/// When the result is constant, or a factor has another number of values than the result.
pub fn prcc(factors: &[Vec<f64>], results: &[f64]) -> Result<Vec<Option<Prcc>>, EstimateError> {
    if let Some(wrong) = factors.iter().find(|values| values.len() != results.len()) {
        return Err(EstimateError::Length { found: results.len(), expected: wrong.len() });
    }
    if is_constant(results) {
        return Err(EstimateError::Constant);
    }
    let varying: Vec<&Vec<f64>> = factors.iter().filter(|values| !is_constant(values)).collect();
    let ranked: Vec<Vec<f64>> = varying.iter().map(|values| ranks(values)).chain([ranks(results)]).collect();
    let Some(inverse) = inverted(correlations(&ranked)) else { return Ok(vec![None; factors.len()]) };
    let last = varying.len();
    let spread = Z / libm::sqrt(count(results.len()) - count(last) - 2.0);
    let mut of_varying = (0..last).map(|place| {
        let value = -inverse[place][last] / libm::sqrt(inverse[place][place] * inverse[last][last]);
        let middle = libm::atanh(value);
        Prcc { value, low: libm::tanh(middle - spread), high: libm::tanh(middle + spread) }
    });
    Ok(factors.iter().map(|values| if is_constant(values) { None } else { of_varying.next() }).collect())
}

/// The sentence that names the factor on which a metric, the subject of the sentence, depends most.
#[must_use]
pub fn hangs_on(subject: &str, factor: &str, [value, low, high]: [f64; 3]) -> String {
    let signed = |value: f64| format!("{value:+.2}").replace('-', "\u{2212}");
    let unsure = if low < 0.0 && high > 0.0 { " This may be chance: the interval holds zero." } else { "" };
    format!(
        "{subject} depends most on {factor}: rank correlation {} ({} to {} with 95\u{a0}% confidence), the other factors held fixed.{unsure}",
        signed(value),
        signed(low),
        signed(high)
    )
}

/// Ranks from 1; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&one, &other| values[one].total_cmp(&values[other]).is_eq()) {
        let rank = count(first) + 0.5 * (count(tied.len()) + 1.0);
        for &place in tied {
            ranks[place] = rank;
        }
        first += tied.len();
    }
    ranks
}

/// The correlation matrix of some columns that vary.
fn correlations(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let centre = mean(column);
            let off: Vec<f64> = column.iter().map(|value| value - centre).collect();
            let size = libm::sqrt(off.iter().map(|off| off * off).sum());
            off.iter().map(|off| off / size).collect()
        })
        .collect();
    let product = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    centred.iter().map(|one| centred.iter().map(|other| product(one, other)).collect()).collect()
}

/// The smallest pivot of a correlation matrix that counts as regular.
const SINGULAR: f64 = 1e-12;

/// The inverse of a matrix by Gauss and Jordan with pivots; `None` if it is singular.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    let unit = |row: usize| (0..size).map(|column| if row == column { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
    let mut inverse: Vec<Vec<f64>> = (0..size).map(unit).collect();
    for column in 0..size {
        let pivot = (column..size).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() < SINGULAR {
            return None;
        }
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let scale = 1.0 / matrix[column][column];
        for row in [&mut matrix[column], &mut inverse[column]] {
            for value in row {
                *value *= scale;
            }
        }
        let (own, own_inverse) = (matrix[column].clone(), inverse[column].clone());
        for row in (0..size).filter(|&row| row != column) {
            let factor = matrix[row][column];
            for (values, pivots) in [(&mut matrix[row], &own), (&mut inverse[row], &own_inverse)] {
                for (value, pivot) in values.iter_mut().zip(pivots) {
                    *value -= factor * pivot;
                }
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests;
