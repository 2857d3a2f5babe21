use super::{EstimateError, bootstrap::half_widths, count, is_constant, mean};
use crate::random::Stream;

/// Sobol' indices of one factor: shares of variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SobolIndex {
    /// First-order index, the effect of the factor alone: V(E(y | x)) / V(y).
    pub s1: f64,
    /// Half the width of the 95 % interval of `s1`.
    pub s1_conf: Option<f64>,
    /// Total index, including all interactions of the factor: E(V(y | all others)) / V(y).
    pub st: f64,
    /// Half the width of the 95 % interval of `st`.
    pub st_conf: Option<f64>,
}

/// First-order and total indices from the results of Saltelli's design, in its order: for each of N base samples A, `AB_1`, ...,
/// `AB_k`, B.
///
/// V is the variance of the 2N results of A and B, and the sums are over the N base samples:
///
/// ```text
/// S1_i = 1/N sum B (AB_i - A) / V            Saltelli et al. 2010, Comput. Phys. Commun. 181, 259, table 2 (b)
/// ST_i = 1/(2N) sum (A - AB_i)^2 / V         Jansen 1999, ibid. (f)
/// ```
///
/// Results are centred first. This changes neither index and removes most of the error of S1 (as in `SALib`). Intervals come from
/// resampled base samples.
///
/// Known error: S1 has an error of order 1/sqrt(N), with Sobol' points down to order 1/N. Estimates of an index near 0 can be
/// negative; they are not truncated.
///
/// # Errors
/// When the number of results does not match the design, or the results do not vary.
pub fn sobol(results: &[f64], factors: usize, random: &mut Stream) -> Result<Vec<SobolIndex>, EstimateError> {
    let block = factors + 2;
    if results.is_empty() || !results.len().is_multiple_of(block) {
        return Err(EstimateError::Length { found: results.len(), expected: block });
    }
    let centre = mean(results);
    let samples: Vec<Sample> = results.chunks_exact(block).map(|block| Sample::new(block, centre)).collect();
    let independent: Vec<f64> =
        results.chunks_exact(block).flat_map(|block| [block[0], block[block.len() - 1]]).collect();
    if is_constant(&independent) {
        return Err(EstimateError::Constant);
    }
    let estimate = |chosen: &mut dyn Iterator<Item = usize>| indices(&samples, factors, chosen);
    let all = estimate(&mut (0..samples.len())).ok_or(EstimateError::Constant)?;
    let widths = half_widths(samples.len(), random, |chosen| estimate(&mut chosen.iter().copied()));
    Ok(all
        .into_iter()
        .enumerate()
        .map(|(factor, [s1, st])| {
            let conf = widths.as_ref().map_or([None, None], |widths| widths[factor]);
            SobolIndex { s1, s1_conf: conf[0], st, st_conf: conf[1] }
        })
        .collect())
}

/// The contribution of one base sample to the sums.
struct Sample {
    sum: f64,
    squares: f64,
    /// For each factor, the contributions to V S1 and to V ST.
    terms: Vec<[f64; 2]>,
}

impl Sample {
    fn new(block: &[f64], centre: f64) -> Self {
        let (a, b) = (block[0] - centre, block[block.len() - 1] - centre);
        let terms = block[1..block.len() - 1].iter().map(|result| {
            let change = result - centre - a;
            [b * change, 0.5 * change * change]
        });
        Self { sum: a + b, squares: a * a + b * b, terms: terms.collect() }
    }
}

/// S1 and ST of each factor from the samples with these indices; `None` if A and B do not vary.
fn indices(samples: &[Sample], factors: usize, chosen: &mut dyn Iterator<Item = usize>) -> Option<Vec<[f64; 2]>> {
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    let mut sums = vec![[0.0; 2]; factors];
    for sample in chosen.map(|number| &samples[number]) {
        n += 1;
        sum += sample.sum;
        squares += sample.squares;
        for (sums, terms) in sums.iter_mut().zip(&sample.terms) {
            sums[0] += terms[0];
            sums[1] += terms[1];
        }
    }
    let n = count(n);
    let centre = sum / (2.0 * n);
    let variance = squares / (2.0 * n) - centre * centre;
    // A variance that is only rounding error counts as zero.
    (variance > 1e-14 * squares / (2.0 * n))
        .then(|| sums.into_iter().map(|sums| sums.map(|sum| sum / n / variance)).collect())
}
