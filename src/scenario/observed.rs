use crate::{
    chain::{CompactTarget, Epochs, Retarget},
    declare::{Range, USD_PER_BTC, params},
    market::PRICE,
    scenario::Scenario,
    units::{Seconds, UnixTime, UsdPerBtc},
};

/// Difficulties with a smaller relative difference count as equal: a scenario may give five digits.
const SAME_DIFFICULTY: f64 = 1e-3;

/// The history that a scenario is scored against. The engine takes a [`Scenario`], which does not contain it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Consecutive difficulty epochs, some of them before the start. The last one only marks the end of the one before it.
    pub epochs: Vec<ObservedEpoch>,
    /// The baselines take their start and trailing trend from the last epoch that begins by then; by default, by the start.
    pub trend_at: Option<UnixTime>,
}

/// Allowed difficulties of a history.
pub(super) const DIFFICULTY: Range = Range::positive(1e30);
/// Allowed heights of a history.
pub(super) const HEIGHT: Range = Range::within(0.0, 1e8);

params! {
    /// A difficulty epoch of the real chain.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ObservedEpoch {
        /// Height of the first block.
        start_height: Option<u64> => height as "blocks", range(HEIGHT) => |keys, key| Some(keys.integer(key));
        /// Header time of the first block.
        start: UnixTime;
        /// Difficulty in force.
        difficulty: f64, range(DIFFICULTY);
        /// Mean price over the epoch.
        price: Option<UsdPerBtc> => price_usd as USD_PER_BTC, range(PRICE);
    }
}

/// An observed epoch, placed relative to a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedEpoch {
    /// Height of its first block.
    pub height: u64,
    /// Time of its first block from the scenario's start; negative before it.
    pub start: Seconds,
    /// Duration up to the first block of the next epoch; `None` for the last.
    pub duration: Option<Seconds>,
    /// In force.
    pub difficulty: f64,
    /// Mean over the epoch, USD/BTC, if given.
    pub price: Option<UsdPerBtc>,
}

/// The reason why a history does not fit a scenario.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlacingError {
    /// No row is the epoch of the start.
    #[error(
        "no row of `[observed]` is the epoch in which the scenario starts: difficulty {difficulty:e} at height {height}, {start}; \
         give rows from a few epochs before the start on"
    )]
    NoStart {
        /// At the start.
        difficulty: f64,
        /// First height of the epoch of the start.
        height: u64,
        /// First instant.
        start: UnixTime,
    },
    /// The row at the start's height has another difficulty.
    #[error(
        "`[observed]` has difficulty {observed:e} at height {height}, where the scenario starts with {difficulty:e}: \
         a scenario is scored only against the chain it starts from"
    )]
    OtherChain {
        /// First height of the epoch of the start.
        height: u64,
        /// Of the row.
        observed: f64,
        /// At the start.
        difficulty: f64,
    },
    /// The scenario's epochs are not those of the history.
    #[error(
        "a history of epochs of 2016 blocks cannot be laid beside a rule that retargets every {window} blocks: \
         take another rule, or leave `[observed]` out"
    )]
    OtherEpochs {
        /// Blocks between the rule's retargets.
        window: u32,
    },
    /// Nothing after the start.
    #[error(
        "`[observed]` has no whole epoch after the start; give rows up to the first block of the epoch after the last to be scored"
    )]
    NothingToScore,
}

impl Observed {
    /// First height of the epoch in which a scenario starts.
    #[must_use]
    pub fn first_height(scenario: &Scenario) -> u64 {
        Epochs::BITCOIN.first(scenario.chain.height + 1)
    }

    /// Places the history relative to the scenario: heights, and times from its start.
    ///
    /// # Errors
    /// When it is not the history of the chain from which the scenario starts, or ends before the start.
    pub fn placed(&self, scenario: &Scenario) -> Result<Vec<PlacedEpoch>, PlacingError> {
        let chain = &scenario.chain;
        if let Retarget::FixedWindow { window, .. } = chain.retarget
            && u64::from(window) != Epochs::BITCOIN.length()
        {
            return Err(PlacingError::OtherEpochs { window });
        }
        let difficulty = CompactTarget::new(chain.nbits).difficulty();
        let height = Self::first_height(scenario);
        let same = |epoch: &ObservedEpoch| (epoch.difficulty / difficulty - 1.0).abs() < SAME_DIFFICULTY;
        let away = |epoch: &ObservedEpoch| epoch.start.since(chain.start).get().abs();
        let by_height = self.epochs.iter().position(|epoch| epoch.start_height == Some(height));
        // Without heights, the row nearest in time that has the initial difficulty.
        let by_difficulty = || {
            let rows = self.epochs.iter().enumerate().filter(|(_, epoch)| epoch.start_height.is_none() && same(epoch));
            rows.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b))).map(|(place, _)| place)
        };
        let first =
            by_height.or_else(by_difficulty).ok_or(PlacingError::NoStart { difficulty, height, start: chain.start })?;
        if !same(&self.epochs[first]) {
            return Err(PlacingError::OtherChain { height, observed: self.epochs[first].difficulty, difficulty });
        }
        let placed: Vec<PlacedEpoch> = self
            .epochs
            .iter()
            .enumerate()
            .filter_map(|(place, epoch)| {
                let ahead = Epochs::BITCOIN.length().checked_mul(place.abs_diff(first) as u64)?;
                Some(PlacedEpoch {
                    height: if place < first { height.checked_sub(ahead)? } else { height.checked_add(ahead)? },
                    start: epoch.start.since(chain.start),
                    duration: self.epochs.get(place + 1).map(|next| next.start.since(epoch.start)),
                    difficulty: epoch.difficulty,
                    price: epoch.price,
                })
            })
            .collect();
        if !placed.iter().any(|epoch| epoch.height >= chain.height && epoch.duration.is_some()) {
            return Err(PlacingError::NothingToScore);
        }
        Ok(placed)
    }
}
