//! Kinds of designs, and errors of designs and factors.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sobol::DIMENSIONS;

/// Designs with more points are refused before they take memory: each point is read once before any is run, at some hundreds a
/// second.
pub const MOST_POINTS: u64 = 1_000_000;

/// Maximum number of base samples of a Sobol' design: 2^20.
pub const MOST_BASE_SAMPLES: u32 = 1 << 20;

/// Number of levels into which a Morris design divides the range of a factor: p of Morris (1991).
pub const MORRIS_LEVELS: u32 = 4;

/// The method by which points are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesignKind {
    /// Every combination of values; the last factor varies fastest.
    Grid,
    /// N points, such that each factor has one point in each of N equal parts of its range (`McKay`, Beckman, Conover 1979).
    LatinHypercube,
    /// N base samples of k + 2 points each, for the indices S1 and ST (Saltelli et al. 2010).
    Sobol,
    /// N trajectories of k + 1 points, in which each factor moves once (Morris 1991).
    Morris,
    /// Points that are listed explicitly.
    List,
    /// N base samples of 2k + 2 points each, for the indices S1, ST and S2 of pairs (Saltelli 2002).
    SobolSecondOrder,
}

impl DesignKind {
    /// The designs that can be chosen by name.
    pub const ALL: [Self; 5] = [Self::Grid, Self::LatinHypercube, Self::Sobol, Self::SobolSecondOrder, Self::Morris];

    /// The name, as in `--design`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::LatinHypercube => "latin-hypercube",
            Self::Sobol => "sobol",
            Self::Morris => "morris",
            Self::List => "list",
            Self::SobolSecondOrder => "sobol-second-order",
        }
    }

    /// The design of this name.
    ///
    /// # Errors
    /// When no design has this name.
    pub fn parse(name: &str) -> Result<Self, DesignError> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| DesignError::NoSuchKind { name: name.to_owned() })
    }
}

impl fmt::Display for DesignKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The reason why a design has no points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// The text has no equals sign.
    #[error("`{text}` does not say what to vary; write KEY=V1,V2 or KEY=LO..HI:N")]
    NoValues {
        /// The text as given.
        text: String,
    },
    /// The text has no key before the equals sign.
    #[error("`{text}` names no key; write KEY=V1,V2 or KEY=LO..HI:N")]
    NoKey {
        /// The text as given.
        text: String,
    },
    /// A value between two commas is empty.
    #[error("`{text}` has an empty value; write each value between commas once, and \"\" for an empty text")]
    EmptyValue {
        /// The text as given.
        text: String,
    },
    /// A value is repeated.
    #[error("`{key}` has the value `{value}` twice; leave one out")]
    RepeatedValue {
        /// Key of the factor.
        key: String,
        /// The repeated value.
        value: String,
    },
    /// A range is mixed with other values.
    #[error(
        "`{text}` has a range among other values; give either one range or all values, or quote the text that has two dots"
    )]
    RangeAmongChoices {
        /// The text as given.
        text: String,
    },
    /// An end of a range is not a number.
    #[error(
        "`{part}` in `{text}` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots"
    )]
    NotANumber {
        /// The text as given.
        text: String,
        /// The invalid end.
        part: String,
    },
    /// The low end of a range is not below its high end.
    #[error("the range {low}..{high} of `{key}` is empty; its low end must be below its high end")]
    EmptyRange {
        /// Key of the factor.
        key: String,
        /// The low end as read.
        low: String,
        /// The high end as read.
        high: String,
    },
    /// A logarithmic range begins at zero or below it.
    #[error("the logarithmic range of `{key}` begins at {low}; both its ends must be above 0")]
    LogOfZero {
        /// Key of the factor.
        key: String,
        /// The low end as read.
        low: String,
    },
    /// The number of values of a range is invalid or below 2.
    #[error(
        "`{part}` in `{text}` is not a number of values; write LO..HI:N with a whole N of at least 2, or LO..HI:N:log"
    )]
    Steps {
        /// The text as given.
        text: String,
        /// The text in the place of N.
        part: String,
    },
    /// The design has no factor.
    #[error("nothing varies; name at least one key with --vary KEY=V1,V2 or --vary KEY=LO..HI:N")]
    NoFactors,
    /// A key is repeated.
    #[error("`{key}` is varied twice; give all its values at once")]
    RepeatedKey {
        /// The repeated key.
        key: String,
    },
    /// A grid needs a finite number of values for each factor.
    #[error(
        "the range of `{key}` has no number of values, which a grid needs; write `--vary {key}=LO..HI:N` or `--vary {key}=V1,V2`, or choose a --design that samples"
    )]
    GridWithoutSteps {
        /// Key of the factor.
        key: String,
    },
    /// The number of points of a grid follows from its values, so it cannot be given.
    #[error(
        "a grid has as many points as there are combinations; leave out --points {size}, or choose another --design"
    )]
    GridWithSize {
        /// The number given.
        size: u32,
    },
    /// The number of values of a listed point is wrong.
    #[error("point {point} has {found} values for {expected} keys; give one value for each key")]
    PointLength {
        /// Number of the point, from 0.
        point: usize,
        /// Number of values found.
        found: usize,
        /// Number of keys.
        expected: usize,
    },
    /// The list has no points.
    #[error("the list of points is empty; give at least one")]
    NoPoints,
    /// The size N of the design is missing.
    #[error("a {kind} design needs a number of {what}; give it with --points N")]
    NoSize {
        /// Kind of the design.
        kind: DesignKind,
        /// The name of the items that N counts.
        what: &'static str,
    },
    /// The size N is 0.
    #[error("--points 0 makes no {kind} design; give at least 1")]
    SizeOfZero {
        /// Kind of the design.
        kind: DesignKind,
    },
    /// The size of a Sobol' design is not a power of two, as balanced points require.
    #[error(
        "--points {size} is not a power of two from 2 to {MOST_BASE_SAMPLES}, as a sobol design needs; {nearest} is the nearest"
    )]
    NotAPowerOfTwo {
        /// The number given.
        size: u32,
        /// The nearest valid number.
        nearest: u32,
    },
    /// The design has more factors than the Sobol' sequence supports.
    #[error("a sobol design takes {} factors at most, not {factors}; use --design morris first to find the important ones", DIMENSIONS / 2)]
    TooManyFactors {
        /// Number of factors.
        factors: usize,
    },
    /// The design has too many points.
    #[error("{points} points are more than {MOST_POINTS}; take fewer values, factors or --points")]
    TooManyPoints {
        /// Number of points.
        points: u128,
    },
    /// No design has this name.
    #[error("there is no design `{name}`; there are grid, latin-hypercube, sobol, sobol-second-order and morris")]
    NoSuchKind {
        /// The name given.
        name: String,
    },
    /// The text was not written by [`Design::to_json`](crate::study::Design::to_json).
    #[error("this is not a design: {problem}")]
    NotADesign {
        /// The problem.
        problem: String,
    },
}
