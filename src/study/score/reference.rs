use super::{SeenEpoch, skill::count};
use crate::{
    chain::{
        CompactTarget,
        estimate::{EPOCH_BLOCKS, epoch_hashrate_eh_per_s, epoch_work, scheduled_hashrate},
        subsidy::issued_through,
    },
    market::PriceProcess,
    random::{Purpose, stream},
    scenario::{Observed, PlacedEpoch, PlacingError, Scenario},
    units::{Hashprice, Sats, Seconds, UsdPerBtc},
};

/// Number of epochs over which the trailing trend is computed.
const TREND_EPOCHS: usize = 3;

/// The observed history of a scenario: the epochs to be scored, and the information that was available at the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Complete epochs from the start on.
    pub epochs: Vec<SeenEpoch>,
    /// The information that was available at the start.
    pub start: Start,
}

/// Hashrate and trend as known at the start, from difficulty alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Mean hashrate of the last epoch before the start, or before a temporary event distorted it: `D 2^32/600`, EH/s.
    pub hashrate_eh_per_s: f64,
    /// Middle of that epoch, relative to the start of the scenario.
    pub middle: Seconds,
    /// Hashprice in that epoch.
    pub hashprice: Hashprice,
    /// Trend of the last three epochs, `ln(D_0/D_-3)/(t_0 - t_-3)`, 1/day; `None` if the history begins too late.
    pub drift_per_day: Option<f64>,
}

/// The reason why a scenario cannot be compared with its history.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReferenceError {
    /// The scenario has no history.
    #[error(
        "the scenario has no `[observed]` to be scored against; give its epochs, or `csv = \"…\"` with the columns start_time_utc and difficulty"
    )]
    NoHistory,
    /// The scenario does not give the price.
    #[error("a hindcast needs the historical price path: `[price.knots]` or `[price.csv]`, not a random one")]
    RandomPrice,
    /// The history belongs to another chain.
    #[error(transparent)]
    Placing(#[from] PlacingError),
}

impl Reference {
    /// Aligns a history with a scenario.
    ///
    /// # Errors
    /// When there is no history, the history belongs to another chain, or the price of the scenario is random.
    pub fn new(scenario: &Scenario, observed: Option<&Observed>) -> Result<Self, ReferenceError> {
        let observed = observed.ok_or(ReferenceError::NoHistory)?;
        if !matches!(scenario.price.process, PriceProcess::Path { .. } | PriceProcess::File { .. }) {
            return Err(ReferenceError::RandomPrice);
        }
        let placed = observed.placed(scenario)?;
        let mined = placed.iter().find(|epoch| epoch.height == Observed::first_height(scenario));
        let trend_at = match observed.trend_at {
            Some(date) => date.since(scenario.chain.start),
            // If the tip at the start closes an epoch, the difficulty of the next epoch is known, and the epoch begins a moment
            // later.
            None => mined.map_or(Seconds::ZERO, |epoch| Seconds::new(epoch.start.get().max(0.0))),
        };
        let start = World(scenario).start(&placed, trend_at);
        Ok(Self { epochs: whole_epochs(scenario, &placed), start })
    }
}

/// The complete epochs from the start on. The hashprice of an epoch follows from its difficulty, the mean subsidy of its blocks,
/// the given fees at its middle, and its mean price: the observed one, or that of the scenario's price path.
#[must_use]
pub fn whole_epochs(scenario: &Scenario, placed: &[PlacedEpoch]) -> Vec<SeenEpoch> {
    let world = World(scenario);
    let whole = placed.iter().zip(placed.iter().skip(1)).filter(|(epoch, _)| epoch.height >= scenario.chain.height);
    let seen = whole.filter_map(|(epoch, next)| {
        let duration = epoch.duration?;
        Some(SeenEpoch {
            height: epoch.height,
            start: epoch.start,
            duration,
            difficulty: epoch.difficulty,
            hashrate_eh_per_s: epoch_hashrate_eh_per_s(epoch_work(epoch.difficulty), duration),
            retarget: next.difficulty / epoch.difficulty,
            hashprice: world.hashprice(epoch, duration),
        })
    });
    seen.collect()
}

/// Number of instants at which a price path is sampled for the mean of an epoch.
const PRICES: usize = 28;

/// The price and the fees that a scenario gives.
#[derive(Clone, Copy)]
struct World<'a>(&'a Scenario);

impl World<'_> {
    /// Mean of the price path over a period.
    fn price(self, from: Seconds, span: Seconds) -> UsdPerBtc {
        let run = &self.0.run;
        let path = self.0.price.path(run.days.into(), stream(run.seed, 0, Purpose::Price, 0));
        let at = |place: usize| path.at(from + span * ((count(place) + 0.5) / count(PRICES))).get();
        UsdPerBtc::new((0..PRICES).map(at).sum::<f64>() / count(PRICES))
    }

    /// Mean subsidy of 2016 blocks from a height on, plus the fees given at an instant.
    #[expect(clippy::cast_precision_loss, reason = "an epoch's satoshi, far below 2^53")]
    fn reward(self, height: u64, at: Seconds) -> Sats {
        let issued = issued_through(height + EPOCH_BLOCKS - 1).get() - issued_through(height.saturating_sub(1)).get();
        Sats::from_btc(issued as f64 / 1e8 / EPOCH_BLOCKS as f64 + self.0.chain.fees.given_btc(at))
    }

    fn hashprice(self, epoch: &PlacedEpoch, duration: Seconds) -> Hashprice {
        let price = epoch.price.unwrap_or_else(|| self.price(epoch.start, duration));
        Hashprice::earned(epoch.difficulty, self.reward(epoch.height, epoch.start + duration * 0.5), price)
    }

    fn start(self, placed: &[PlacedEpoch], trend_at: Seconds) -> Start {
        let last = placed.iter().rposition(|epoch| epoch.start <= trend_at && epoch.duration.is_some());
        let drift = || {
            let (now, then) = (placed[last?], placed[last?.checked_sub(TREND_EPOCHS)?]);
            Some(libm::log(now.difficulty / then.difficulty) / ((now.start - then.start).get() / 86_400.0))
        };
        let before = last.and_then(|last| last.checked_sub(1)).map(|before| placed[before]);
        let chain = &self.0.chain;
        let difficulty =
            last.map_or_else(|| CompactTarget::new(chain.nbits).difficulty(), |last| placed[last].difficulty);
        // If the history lacks the previous epoch, that epoch is assumed to have had the scheduled duration, at the price of the
        // start.
        let unknown = || {
            let reward = self.reward(chain.height, Seconds::ZERO);
            let price = self.price(Seconds::ZERO, Seconds::ZERO);
            (Seconds::new(-7.0 * 86_400.0), Hashprice::earned(difficulty, reward, price))
        };
        let told = before.and_then(|epoch| Some((epoch, epoch.duration?)));
        let (middle, hashprice) = told
            .map_or_else(unknown, |(epoch, duration)| (epoch.start + duration * 0.5, self.hashprice(&epoch, duration)));
        Start { hashrate_eh_per_s: scheduled_hashrate(difficulty).eh(), middle, hashprice, drift_per_day: drift() }
    }
}
