//! The points of a sweep.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    design_kind::{DesignError, DesignKind, MORRIS_LEVELS, MOST_BASE_SAMPLES, MOST_POINTS},
    factor::{Factor, Levels, as_number},
    sobol::{DIMENSIONS, SobolSequence},
};
use crate::{
    declare::number::grouped,
    random::{Purpose, name_hash, stream},
};

/// The specification that determines the points of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// The method by which points are chosen.
    pub kind: DesignKind,
    /// The factors that are varied, in the order of the columns.
    pub factors: Vec<Factor>,
    /// N: number of points of a Latin hypercube, base samples of a Sobol' design, or trajectories of a Morris design. `None` for
    /// a grid and a list.
    pub size: Option<u32>,
    /// Seed of the random numbers in a Latin hypercube and in Morris trajectories.
    pub seed: u64,
    /// The points of a list: for each point, the index of the value of each factor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<u32>>,
}

impl Design {
    /// A design whose points are listed explicitly, each with a TOML value for each key.
    ///
    /// # Errors
    /// When there is no point, the number of values of a point differs from the number of keys, a value is empty, or a key is
    /// repeated.
    pub fn list(keys: Vec<String>, points: &[Vec<String>], seed: u64) -> Result<Self, DesignError> {
        if points.is_empty() {
            return Err(DesignError::NoPoints);
        }
        let mut levels = vec![(Vec::new(), BTreeMap::new()); keys.len()];
        let mut rows = Vec::new();
        for (point, values) in points.iter().enumerate() {
            if values.len() != keys.len() {
                return Err(DesignError::PointLength { point, found: values.len(), expected: keys.len() });
            }
            let numbers = values.iter().zip(&mut levels).map(|(value, (choices, numbers))| {
                *numbers.entry(value.as_str()).or_insert_with(|| {
                    choices.push(value.clone());
                    u32::try_from(choices.len() - 1).unwrap_or(u32::MAX)
                })
            });
            rows.push(numbers.collect());
        }
        let factors = keys.into_iter().zip(levels);
        let factors = factors.map(|(key, (choices, _))| Factor { key, levels: Levels::Choices(choices) }).collect();
        let design = Self { kind: DesignKind::List, factors, size: None, seed, rows };
        design.count()?;
        Ok(design)
    }

    /// The points in order; each has a TOML value per factor.
    ///
    /// # Errors
    /// When the design is invalid or has more than [`MOST_POINTS`] points.
    pub fn points(&self) -> Result<Vec<Vec<String>>, DesignError> {
        let count = self.count()?;
        if matches!(self.kind, DesignKind::Grid | DesignKind::List) {
            return Ok((0..count).map(|point| self.chosen_point(point)).collect());
        }
        let rows = self.unit_points()?;
        let row = |row: Vec<f64>| self.factors.iter().zip(row).map(|(factor, quantile)| factor.at(quantile)).collect();
        Ok(rows.into_iter().map(row).collect())
    }

    /// The number of points, computed without creating them.
    ///
    /// # Errors
    /// Fails like [`Self::points`].
    pub fn count(&self) -> Result<u64, DesignError> {
        let mut keys = BTreeSet::new();
        for factor in &self.factors {
            factor.check()?;
            if !keys.insert(&factor.key) {
                return Err(DesignError::RepeatedKey { key: factor.key.clone() });
            }
        }
        if self.factors.is_empty() {
            return Err(DesignError::NoFactors);
        }
        let factors = self.factors.len() as u128;
        let points = match self.kind {
            DesignKind::List => self.listed()?,
            DesignKind::Grid => {
                if let Some(size) = self.size {
                    return Err(DesignError::GridWithSize { size });
                }
                self.factors.iter().try_fold(1_u128, |points, factor| {
                    let count = factor.count().ok_or_else(|| DesignError::GridWithoutSteps { key: factor.key.clone() });
                    Ok(points.saturating_mul(u128::from(count?)))
                })?
            }
            DesignKind::LatinHypercube => u128::from(self.n("points")?),
            DesignKind::Morris => u128::from(self.n("trajectories")?) * (factors + 1),
            DesignKind::Sobol | DesignKind::SobolSecondOrder => {
                let size = self.n("base samples, a power of two")?;
                if !size.is_power_of_two() || !(2..=MOST_BASE_SAMPLES).contains(&size) {
                    return Err(DesignError::NotAPowerOfTwo { size, nearest: nearest_power_of_two(size) });
                }
                if 2 * self.factors.len() > DIMENSIONS {
                    return Err(DesignError::TooManyFactors { factors: self.factors.len() });
                }
                u128::from(size) * self.block() as u128
            }
        };
        match u64::try_from(points) {
            Ok(points) if points <= MOST_POINTS => Ok(points),
            _ => Err(DesignError::TooManyPoints { points }),
        }
    }

    /// The kind of the design with its size, in words.
    ///
    /// # Errors
    /// Fails like [`Self::points`].
    pub fn in_words(&self) -> Result<String, DesignError> {
        let counted = |number: u64, one: &str, more: &str| match number {
            1 => format!("1 {one}"),
            _ => format!("{} {more}", grouped(as_number(number), 0)),
        };
        let points = counted(self.count()?, "point", "points");
        let keys = counted(self.factors.len() as u64, "key", "keys");
        let size = u64::from(self.size.unwrap_or_default());
        Ok(match self.kind {
            DesignKind::Grid => format!("Grid of {points} over {keys}"),
            DesignKind::LatinHypercube => format!("Latin hypercube of {points} over {keys}"),
            DesignKind::Sobol | DesignKind::SobolSecondOrder => {
                format!("Sobol' design of {} ({points}) over {keys}", counted(size, "base sample", "base samples"))
            }
            DesignKind::Morris => {
                format!("Morris design of {} ({points}) over {keys}", counted(size, "trajectory", "trajectories"))
            }
            DesignKind::List => format!("List of {points} over {keys}"),
        })
    }

    /// The points of a sampling design, as quantiles from 0 to 1 of each factor; empty for a grid or a list.
    ///
    /// # Errors
    /// Fails like [`Self::points`].
    pub fn unit_points(&self) -> Result<Vec<Vec<f64>>, DesignError> {
        self.count()?;
        let size = self.size.unwrap_or_default();
        Ok(match self.kind {
            DesignKind::Grid | DesignKind::List => Vec::new(),
            DesignKind::LatinHypercube => self.latin_hypercube(size),
            DesignKind::Sobol => saltelli(size, self.factors.len(), false),
            DesignKind::SobolSecondOrder => saltelli(size, self.factors.len(), true),
            DesignKind::Morris => self.trajectories(size),
        })
    }

    /// The design as JSON text, which is stored with the results.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers can be written as JSON")
    }

    /// Reads a design from the text of [`Self::to_json`].
    ///
    /// # Errors
    /// When the text is not a design, or the design is invalid.
    pub fn from_json(text: &str) -> Result<Self, DesignError> {
        let design: Self =
            serde_json::from_str(text).map_err(|error| DesignError::NotADesign { problem: error.to_string() })?;
        design.count()?;
        Ok(design)
    }

    /// Number of consecutive points that are compared with each other: a base sample of a sobol design, or a trajectory of a morris
    /// design.
    pub(super) const fn block(&self) -> usize {
        match self.kind {
            DesignKind::Sobol => self.factors.len() + 2,
            DesignKind::SobolSecondOrder => 2 * self.factors.len() + 2,
            DesignKind::Morris => self.factors.len() + 1,
            DesignKind::Grid | DesignKind::LatinHypercube | DesignKind::List => 1,
        }
    }

    /// The number of points of a list.
    fn listed(&self) -> Result<u128, DesignError> {
        if self.rows.is_empty() {
            return Err(DesignError::NoPoints);
        }
        let expected = self.factors.len();
        match self.rows.iter().enumerate().find(|(_, row)| row.len() != expected) {
            Some((point, row)) => Err(DesignError::PointLength { point, found: row.len(), expected }),
            None => Ok(self.rows.len() as u128),
        }
    }

    fn n(&self, what: &'static str) -> Result<u32, DesignError> {
        match self.size {
            None => Err(DesignError::NoSize { kind: self.kind, what }),
            Some(0) => Err(DesignError::SizeOfZero { kind: self.kind }),
            Some(size) => Ok(size),
        }
    }

    /// The point with this number in a grid or a list.
    pub(super) fn chosen_point(&self, mut point: u64) -> Vec<String> {
        if self.kind == DesignKind::List {
            let row = usize::try_from(point).ok().and_then(|point| self.rows.get(point));
            let levels = self.factors.iter().zip(row.into_iter().flatten());
            return levels.map(|(factor, &level)| factor.level(level.into())).collect();
        }
        let mut row: Vec<_> = self
            .factors
            .iter()
            .rev()
            .map(|factor| {
                let count = factor.count().unwrap_or(1);
                let value = factor.level(point % count);
                point /= count;
                value
            })
            .collect();
        row.reverse();
        row
    }

    /// Each factor has its own random stream, so that adding a factor does not change the columns of the others.
    fn stream(&self, factor: &Factor) -> crate::random::Stream {
        stream(self.seed, 0, Purpose::Design, name_hash(&factor.key))
    }

    /// A random permutation of the N equal parts of each factor's range, and a random position within each part.
    fn latin_hypercube(&self, size: u32) -> Vec<Vec<f64>> {
        /// The position within a part has so few bits that it cannot round to the end of the part.
        const PLACES: f64 = 16_777_216.0;
        let columns: Vec<Vec<f64>> = self
            .factors
            .iter()
            .map(|factor| {
                let mut random = self.stream(factor);
                let mut parts: Vec<u32> = (0..size).collect();
                // Fisher-Yates shuffle.
                for last in (1..parts.len()).rev() {
                    parts.swap(last, below(&mut random, last + 1));
                }
                let mut place = || (f64::from(random.next_u32() >> 8) + 0.5) / PLACES;
                parts.into_iter().map(|part| (f64::from(part) + place()) / f64::from(size)).collect()
            })
            .collect();
        (0..size as usize).map(|point| columns.iter().map(|column| column[point]).collect()).collect()
    }

    /// For each trajectory and factor: its first level, its second level, and when it changes.
    fn trajectories(&self, size: u32) -> Vec<Vec<f64>> {
        let mut streams: Vec<_> = self.factors.iter().map(|factor| self.stream(factor)).collect();
        let mut rows = Vec::new();
        for _ in 0..size {
            let mut moves: Vec<(u64, usize, f64)> = Vec::new();
            let mut row = Vec::new();
            for (factor, random) in streams.iter_mut().enumerate() {
                let low = f64::from(random.next_u32() % (MORRIS_LEVELS / 2));
                let rises = random.next_u32() & 1 == 0;
                let ends = [low, low + f64::from(MORRIS_LEVELS / 2)].map(|level| level / f64::from(MORRIS_LEVELS - 1));
                let [from, to] = if rises { ends } else { [ends[1], ends[0]] };
                row.push(from);
                // Sorting by random numbers gives the factors a random order.
                moves.push((random.next_u64(), factor, to));
            }
            moves.sort_by_key(|&(when, factor, _)| (when, factor));
            rows.push(row.clone());
            for (_, factor, to) in moves {
                row[factor] = to;
                rows.push(row.clone());
            }
        }
        rows
    }
}

/// Saltelli's radial design, in the order of `SALib.sample.saltelli.sample(problem, N, calc_second_order=False)`: for each base
/// sample A, then A with one factor at a time taken from B, then, for second order, B with one factor at a time taken from A, then B. A and B are the first and the second half of the coordinates
/// of one point of a Sobol' sequence in 2k dimensions.
///
/// The first max(N, 16) points of the sequence are skipped, as in `SALib`. Point 0 would put every factor at its low end in both
/// A and B. Skipping only that point would break the balance of the net (Owen 2020, arXiv:2008.08051); the N points that follow a
/// multiple of N are as balanced as the first N.
fn saltelli(size: u32, factors: usize, second_order: bool) -> Vec<Vec<f64>> {
    let Some(sequence) = SobolSequence::new(2 * factors) else { return Vec::new() };
    let first = size.max(16);
    let mut rows = Vec::new();
    for number in first..first + size {
        let half = |start: usize| -> Vec<f64> {
            (start..start + factors).map(|dimension| sequence.coordinate(number, dimension)).collect()
        };
        let (a, b) = (half(0), half(factors));
        rows.push(a.clone());
        let mut mixed = |into: &[f64], from: &[f64]| {
            for factor in 0..factors {
                let mut row = into.to_vec();
                row[factor] = from[factor];
                rows.push(row);
            }
        };
        mixed(&a, &b);
        if second_order {
            mixed(&b, &a);
        }
        rows.push(b);
    }
    rows
}

fn nearest_power_of_two(size: u32) -> u32 {
    let above = size.clamp(2, MOST_BASE_SAMPLES).next_power_of_two();
    let below = (above / 2).max(2);
    if size.abs_diff(below) < size.abs_diff(above) { below } else { above }
}

/// A random number below `bound`, from the high half of a product (Lemire 2019). Its bias is below 2^-37 for bounds up to 10^8.
#[expect(clippy::cast_possible_truncation, reason = "below a length in memory")]
pub(super) fn below(random: &mut crate::random::Stream, bound: usize) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests;
