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
    let centre = centre(results, block)?;
    let samples = results.chunks_exact(block).map(|block| {
        let (a, b) = (block[0] - centre, block[block.len() - 1] - centre);
        let terms = block[1..block.len() - 1].iter().map(|result| {
            let change = result - centre - a;
            [b * change, 0.5 * change * change]
        });
        Sample::new(a, b, terms)
    });
    let found = estimated(&samples.collect::<Vec<_>>(), random)?;
    let index = |[(s1, s1_conf), (st, st_conf)]: [WithWidth; 2]| SobolIndex { s1, s1_conf, st, st_conf };
    Ok(found.into_iter().map(index).collect())
}

/// An index, with half the width of its 95 % interval.
pub type WithWidth = (f64, Option<f64>);

/// Second-order index of each pair of factors (first with second, first with third, and so on), with half the width of its 95 %
/// interval, from the results of Saltelli's larger design, in its order: for each of N base samples A, `AB_1`, ..., `AB_k`, `BA_1`,
/// ..., `BA_k`, B. It is the share of variance of the two factors together that neither explains alone:
///
/// ```text
/// S2_ij = 1/N sum (BA_i AB_j - A B) / V - S1_i - S1_j      Saltelli 2002, Comput. Phys. Commun. 145, 280; as SALib
/// ```
///
/// # Errors
/// When the number of results does not match the design, or the results do not vary.
pub fn sobol_pairs(results: &[f64], factors: usize, random: &mut Stream) -> Result<Vec<WithWidth>, EstimateError> {
    let block = 2 * factors + 2;
    if results.is_empty() || !results.len().is_multiple_of(block) {
        return Err(EstimateError::Length { found: results.len(), expected: block });
    }
    let centre = centre(results, block)?;
    let samples = results.chunks_exact(block).map(|block| {
        let block: Vec<f64> = block.iter().map(|result| result - centre).collect();
        let (a, b) = (block[0], block[block.len() - 1]);
        let (ab, ba) = (&block[1..=factors], &block[factors + 1..=2 * factors]);
        let alone = |factor: usize| b * (ab[factor] - a);
        let pairs = (0..factors).flat_map(|one| (one + 1..factors).map(move |other| (one, other)));
        let terms = pairs.map(|(one, other)| [ba[one] * ab[other] - a * b - alone(one) - alone(other)]);
        Sample::new(a, b, terms)
    });
    let found = estimated(&samples.collect::<Vec<_>>(), random)?;
    Ok(found.into_iter().map(|[index]| index).collect())
}

/// The mean of the results, if those of A and B vary.
fn centre(results: &[f64], block: usize) -> Result<f64, EstimateError> {
    let ends = results.chunks_exact(block).flat_map(|block| [block[0], block[block.len() - 1]]);
    if is_constant(&ends.collect::<Vec<_>>()) { Err(EstimateError::Constant) } else { Ok(mean(results)) }
}

/// The contribution of one base sample to the sums.
struct Sample<const M: usize> {
    sum: f64,
    squares: f64,
    /// For each factor or pair, the contributions to V times its indices.
    terms: Vec<[f64; M]>,
}

impl<const M: usize> Sample<M> {
    fn new(a: f64, b: f64, terms: impl Iterator<Item = [f64; M]>) -> Self {
        Self { sum: a + b, squares: a * a + b * b, terms: terms.collect() }
    }
}

/// The indices of each factor or pair, with half the widths of their intervals.
fn estimated<const M: usize>(samples: &[Sample<M>], random: &mut Stream) -> Result<Vec<[WithWidth; M]>, EstimateError> {
    let estimate = |chosen: &mut dyn Iterator<Item = usize>| indices(samples, chosen);
    let all = estimate(&mut (0..samples.len())).ok_or(EstimateError::Constant)?;
    let widths = half_widths(samples.len(), random, |chosen| estimate(&mut chosen.iter().copied()));
    let with_width = |(place, values): (usize, [f64; M])| {
        std::array::from_fn(|index| (values[index], widths.as_ref().and_then(|widths| widths[place][index])))
    };
    Ok(all.into_iter().enumerate().map(with_width).collect())
}

/// The indices from the samples with these numbers; `None` if A and B do not vary.
fn indices<const M: usize>(samples: &[Sample<M>], chosen: &mut dyn Iterator<Item = usize>) -> Option<Vec<[f64; M]>> {
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    let mut sums = vec![[0.0; M]; samples.first()?.terms.len()];
    for sample in chosen.map(|number| &samples[number]) {
        n += 1;
        sum += sample.sum;
        squares += sample.squares;
        for (sums, terms) in sums.iter_mut().zip(&sample.terms) {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
    }
    let n = count(n);
    let centre = sum / (2.0 * n);
    let variance = squares / (2.0 * n) - centre * centre;
    // A variance that is only rounding error counts as zero.
    (variance > 1e-14 * squares / (2.0 * n))
        .then(|| sums.into_iter().map(|sums| sums.map(|sum| sum / n / variance)).collect())
}
