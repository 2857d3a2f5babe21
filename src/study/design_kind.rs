//! Kinds of designs, and what can be wrong with a design or a factor.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sobol::DIMENSIONS;

/// More points than this are refused before they take memory: each is read once before any is run, at some hundreds a second.
pub const MOST_POINTS: u64 = 1_000_000;

/// Base samples of a Sobol' design at most: 2^20.
pub const MOST_BASE_SAMPLES: u32 = 1 << 20;

/// How a Morris design divides the range of a factor: p of Morris (1991).
pub const MORRIS_LEVELS: u32 = 4;

/// How points are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesignKind {
    /// Every combination; the last factor varies fastest.
    Grid,
    /// N points, of which each factor has one in each of N equal parts of its range (`McKay`, Beckman, Conover 1979).
    LatinHypercube,
    /// N base samples for the indices S1 and ST, each of k + 2 points (Saltelli et al. 2010).
    Sobol,
    /// N trajectories of k + 1 points, in which each factor moves once (Morris 1991).
    Morris,
    /// The points that are given, one by one.
    List,
}

impl DesignKind {
    /// Those that can be asked for by name.
    pub const ALL: [Self; 4] = [Self::Grid, Self::LatinHypercube, Self::Sobol, Self::Morris];

    /// As `--design` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::LatinHypercube => "latin-hypercube",
            Self::Sobol => "sobol",
            Self::Morris => "morris",
            Self::List => "list",
        }
    }

    /// Of this name.
    ///
    /// # Errors
    /// When there is none.
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

/// Why there are no points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// No equals sign.
    #[error("`{text}` does not say what to vary; write KEY=V1,V2 or KEY=LO..HI:N")]
    NoValues {
        /// As given.
        text: String,
    },
    /// Nothing before the equals sign.
    #[error("`{text}` names no key; write KEY=V1,V2 or KEY=LO..HI:N")]
    NoKey {
        /// As given.
        text: String,
    },
    /// Nothing between two commas.
    #[error("`{text}` has an empty value; write each value between commas once, and \"\" for an empty text")]
    EmptyValue {
        /// As given.
        text: String,
    },
    /// The same twice.
    #[error("`{key}` has the value `{value}` twice; leave one out")]
    RepeatedValue {
        /// Of the factor.
        key: String,
        /// The value.
        value: String,
    },
    /// A range among other values.
    #[error(
        "`{text}` has a range among other values; give either one range or all values, or quote the text that has two dots"
    )]
    RangeAmongChoices {
        /// As given.
        text: String,
    },
    /// An end of a range is no number.
    #[error(
        "`{part}` in `{text}` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots"
    )]
    NotANumber {
        /// As given.
        text: String,
        /// The end.
        part: String,
    },
    /// Of no length.
    #[error("the range {low}..{high} of `{key}` is empty; its low end must be below its high end")]
    EmptyRange {
        /// Of the factor.
        key: String,
        /// As read.
        low: String,
        /// As read.
        high: String,
    },
    /// Too few, or no number.
    #[error("`{part}` in `{text}` is not a number of values; write LO..HI:N with a whole N of at least 2")]
    Steps {
        /// As given.
        text: String,
        /// What stands for N.
        part: String,
    },
    /// Nothing varies.
    #[error("nothing varies; name at least one key with --vary KEY=V1,V2 or --vary KEY=LO..HI:N")]
    NoFactors,
    /// The same key twice.
    #[error("`{key}` is varied twice; give all its values at once")]
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// A grid needs a list of values.
    #[error(
        "the range of `{key}` has no number of values, which a grid needs; write `--vary {key}=LO..HI:N` or `--vary {key}=V1,V2`, or choose a --design that samples"
    )]
    GridWithoutSteps {
        /// Of the factor.
        key: String,
    },
    /// A grid has as many points as it has.
    #[error(
        "a grid has as many points as there are combinations; leave out --points {size}, or choose another --design"
    )]
    GridWithSize {
        /// As given.
        size: u32,
    },
    /// A point of a list has too few values, or too many.
    #[error("point {point} has {found} values for {expected} keys; give one value for each key")]
    PointLength {
        /// Its number, from 0.
        point: usize,
        /// How many values it has.
        found: usize,
        /// How many keys there are.
        expected: usize,
    },
    /// A list has no point.
    #[error("the list of points is empty; give at least one")]
    NoPoints,
    /// No N.
    #[error("a {kind} design needs a number of {what}; give it with --points N")]
    NoSize {
        /// Of design.
        kind: DesignKind,
        /// What N counts.
        what: &'static str,
    },
    /// N is 0.
    #[error("--points 0 makes no {kind} design; give at least 1")]
    SizeOfZero {
        /// Of design.
        kind: DesignKind,
    },
    /// Sobol' points are even only in powers of two.
    #[error(
        "--points {size} is not a power of two from 2 to {MOST_BASE_SAMPLES}, as a sobol design needs; {nearest} is the nearest"
    )]
    NotAPowerOfTwo {
        /// As given.
        size: u32,
        /// That will do.
        nearest: u32,
    },
    /// Of Sobol' sequence.
    #[error("a sobol design takes {} factors at most, not {factors}; find out by --design morris which matter", DIMENSIONS / 2)]
    TooManyFactors {
        /// As given.
        factors: usize,
    },
    /// Too many.
    #[error("{points} points are more than {MOST_POINTS}; take fewer values, factors or --points")]
    TooManyPoints {
        /// How many.
        points: u128,
    },
    /// Unknown.
    #[error("there is no design `{name}`; there are grid, latin-hypercube, sobol and morris")]
    NoSuchKind {
        /// As given.
        name: String,
    },
    /// Not what [`Design::to_json`] writes.
    #[error("this is not a design: {problem}")]
    NotADesign {
        /// What is wrong.
        problem: String,
    },
}
