use super::standard_deviation;
use crate::{random::Stream, study::design::below};

/// Number of bootstrap samples. The error of an interval is then about 2 % of its width.
pub const RESAMPLES: usize = 1000;

/// Half the width of a 95 % interval, in standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// Half the width of the 95 % intervals of several statistics of `n` independent results: 1.96 standard deviations of each
/// over [`RESAMPLES`] samples of n of them, drawn with replacement (Efron 1979; the normal interval, as `SALib`'s).
///
/// `statistics` receives the indices of the sampled results. If it is undefined for a sample (for example if the sample repeats
/// one result), the sample is left out; the width is `None` if fewer than two samples remain.
pub fn half_widths<const M: usize>(
    n: usize,
    random: &mut Stream,
    mut statistics: impl FnMut(&[usize]) -> Option<Vec<[f64; M]>>,
) -> Option<Vec<[Option<f64>; M]>> {
    let mut found: Vec<[Vec<f64>; M]> = Vec::new();
    let mut chosen = vec![0; n];
    for _ in 0..RESAMPLES {
        chosen.fill_with(|| below(random, n));
        for (index, values) in statistics(&chosen).unwrap_or_default().into_iter().enumerate() {
            if found.len() == index {
                found.push(std::array::from_fn(|_| Vec::with_capacity(RESAMPLES)));
            }
            for (kept, value) in found[index].iter_mut().zip(values) {
                kept.push(value);
            }
        }
    }
    let half_width = |values: Vec<f64>| standard_deviation(&values).map(|deviation| Z * deviation);
    (!found.is_empty()).then(|| found.into_iter().map(|values| values.map(half_width)).collect())
}
