//! The indices of each factor as cells of the table, by the design of the sweep.

use super::{EstimateError, Prcc, Runs, SobolIndex, level_means, morris, points_needed, prcc, sobol, sobol_pairs};
use crate::{
    random::{Purpose, Stream, name_hash, stream},
    study::{Design, DesignKind},
};

/// The first cells of each factor's row.
pub(super) fn factor_cells(runs: &Runs, means: &[f64], name: &str) -> Result<Vec<Vec<Option<f64>>>, EstimateError> {
    let design = &runs.design;
    let mut random = stream(design.seed, 0, Purpose::Bootstrap, name_hash(name));
    Ok(match design.kind {
        DesignKind::Sobol => shares(means, design.factors.len(), &mut random)?,
        DesignKind::SobolSecondOrder => {
            let factors = design.factors.len();
            let first_order = |block: &[f64]| [&block[..=factors], &block[block.len() - 1..]].concat();
            let first: Vec<f64> = means.chunks(design.block()).flat_map(first_order).collect();
            let mut cells = shares(&first, factors, &mut random)?;
            let of_pair = |(s2, conf)| vec![None, None, None, None, Some(s2), conf];
            cells.extend(sobol_pairs(means, factors, &mut random)?.into_iter().map(of_pair));
            cells
        }
        DesignKind::Morris => {
            let all = design.unit_points().unwrap_or_default();
            let quantiles: Vec<Vec<f64>> = runs.points.iter().map(|&point| all[point].clone()).collect();
            morris(&quantiles, means, &mut random)?
                .into_iter()
                .map(|index| vec![Some(index.mu), Some(index.mu_star), index.sigma, index.mu_star_conf])
                .collect()
        }
        DesignKind::Grid if runs.is_broken_grid() => Vec::new(),
        DesignKind::Grid => {
            let number = |text: String| text.replace('_', "").parse().ok().filter(|value: &f64| value.is_finite());
            let mut levels: Vec<Vec<Option<f64>>> = design
                .factors
                .iter()
                .map(|factor| factor.values().unwrap_or_default().into_iter().map(number).collect())
                .collect();
            // In a grid with one factor, each level is a point.
            if let [levels] = &mut levels[..] {
                *levels = runs.points.iter().filter_map(|&point| levels.get(point).copied()).collect();
            }
            level_means(&levels, means)?
                .into_iter()
                .map(|found| vec![Some(found.least), Some(found.greatest), Some(found.range), found.elasticity])
                .collect()
        }
        DesignKind::LatinHypercube | DesignKind::List => correlated(runs, means)?,
    })
}

/// The first and total Sobol' indices of each factor, with their intervals.
fn shares(means: &[f64], factors: usize, random: &mut Stream) -> Result<Vec<Vec<Option<f64>>>, EstimateError> {
    let cells = |index: SobolIndex| vec![Some(index.s1), index.s1_conf, Some(index.st), index.st_conf];
    Ok(sobol(means, factors, random)?.into_iter().map(cells).collect())
}

/// Between the two factors of a pair.
pub const PAIR: &str = " × ";

/// The names of the pairs of factors that a design tells apart, in the order of their indices.
pub(super) fn pairs(design: &Design) -> Vec<String> {
    if design.kind != DesignKind::SobolSecondOrder {
        return Vec::new();
    }
    let keys: Vec<&str> = design.factors.iter().map(|factor| factor.key.as_str()).collect();
    let with_later = |(place, one): (usize, &&str)| {
        keys[place + 1..].iter().map(|other| format!("{one}{PAIR}{other}")).collect::<Vec<_>>()
    };
    keys.iter().enumerate().flat_map(with_later).collect()
}

/// Whether the points are a sample of what the factors can be, with all factors varied at once.
pub(super) const fn is_sampled(kind: DesignKind) -> bool {
    matches!(kind, DesignKind::LatinHypercube | DesignKind::List)
}

/// Partial rank correlations of factors that are numbers; nothing where there are too few points.
fn correlated(runs: &Runs, means: &[f64]) -> Result<Vec<Vec<Option<f64>>>, EstimateError> {
    if means.len() < points_needed(runs.design.factors.len()) {
        return Ok(Vec::new());
    }
    let points = runs.design.points().unwrap_or_default();
    let number = |point: &usize, place: usize| points[*point][place].replace('_', "").parse::<f64>().ok();
    let of = |place: usize| runs.points.iter().map(|point| number(point, place)).collect::<Option<Vec<f64>>>();
    let settings: Vec<Option<Vec<f64>>> = (0..runs.design.factors.len()).map(of).collect();
    let numeric: Vec<Vec<f64>> = settings.iter().flatten().cloned().collect();
    let mut found = prcc(&numeric, means)?.into_iter();
    let cells = |found: Option<Prcc>| match found {
        Some(Prcc { value, low, high }) => vec![Some(value), Some(low), Some(high)],
        None => vec![None; 3],
    };
    Ok(settings.iter().map(|setting| cells(setting.as_ref().and_then(|_| found.next().flatten()))).collect())
}

/// The runs at points that are drawn independently of each other: in a sobol design, the points of A and B.
pub(super) fn independent(design: &Design, runs: &[f64], replicas: usize) -> Vec<f64> {
    if !is_sobol(design.kind) {
        return runs.to_vec();
    }
    let block = design.block() * replicas;
    runs.chunks_exact(block)
        .flat_map(|block| [&block[..replicas], &block[block.len() - replicas..]])
        .flatten()
        .copied()
        .collect()
}

/// Whether a kind of design gives Sobol' indices.
pub(super) const fn is_sobol(kind: DesignKind) -> bool {
    matches!(kind, DesignKind::Sobol | DesignKind::SobolSecondOrder)
}
