use super::SeenEpoch;
use crate::{
    chain::{Chain, CompactTarget, estimate::scheduled_hashrate, subsidy::subsidy},
    market::PriceProcess,
    random::{Purpose, stream},
    scenario::{Observed, PlacedEpoch, PlacingError, Scenario},
    units::{Hashprice, Sats, Seconds, UsdPerBtc},
};

/// Epochs over which the trailing trend is taken.
const TREND_EPOCHS: usize = 3;

/// What happened, beside a scenario: what is scored, and what was known when it began.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Whole epochs from the start on.
    pub epochs: Vec<SeenEpoch>,
    /// What was known at the start.
    pub start: Start,
}

/// Hashrate and trend as they were known at the start, from difficulty alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Mean of the last epoch before the start, or before something passing distorted it: `D 2^32/600`, EH/s.
    pub hashrate_eh_per_s: f64,
    /// Middle of that epoch, from the scenario's start.
    pub middle: Seconds,
    /// Hashprice in that epoch.
    pub hashprice: Hashprice,
    /// Trend of the last three epochs, `ln(D_0/D_-3)/(t_0 - t_-3)`, 1/day; `None` where the history does not reach so far back.
    pub drift_per_day: Option<f64>,
}

/// Why a scenario cannot be held against its history.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReferenceError {
    /// It has none.
    #[error(
        "the scenario has no `[observed]` to be scored against; give its epochs, or `csv = \"…\"` with the columns start_time_utc and difficulty"
    )]
    NoHistory,
    /// The price is not given.
    #[error("a hindcast needs the price path that was: `[price.knots]` or `[price.csv]`, not a random one")]
    RandomPrice,
    /// The history is not that of the scenario.
    #[error(transparent)]
    Placing(#[from] PlacingError),
}

impl Reference {
    /// Lays a history beside a scenario.
    ///
    /// # Errors
    /// When there is none, it is not that of the scenario's chain, or the scenario's price is random.
    pub fn new(scenario: &Scenario, observed: Option<&Observed>) -> Result<Self, ReferenceError> {
        let observed = observed.ok_or(ReferenceError::NoHistory)?;
        if !matches!(scenario.price.process, PriceProcess::Path { .. }) {
            return Err(ReferenceError::RandomPrice);
        }
        let placed = observed.placed(scenario)?;
        let world = World::new(scenario);
        let ahead = placed.iter().zip(placed.iter().skip(1));
        let epochs = ahead.filter_map(|(epoch, next)| {
            (epoch.height >= scenario.chain.height).then_some(())?;
            let duration = epoch.duration?;
            Some(SeenEpoch {
                height: epoch.height,
                start: epoch.start,
                duration,
                difficulty: epoch.difficulty,
                retarget: next.difficulty / epoch.difficulty,
                hashprice: world.hashprice(epoch, duration),
            })
        });
        let trend_at = observed.trend_at.map_or(Seconds::ZERO, |date| date.since(scenario.chain.start));
        Ok(Self { epochs: epochs.collect(), start: world.start(&placed, trend_at) })
    }
}

/// Price and fees that a scenario gives.
struct World<'a> {
    scenario: &'a Scenario,
    fees_at_start: f64,
}

impl<'a> World<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let chain = Chain::new(&scenario.chain, stream(scenario.run.seed, 0, Purpose::BlockArrivals, 0));
        Self { scenario, fees_at_start: chain.fees().btc() }
    }

    /// Mean of the given path over a span, by its values at the grid's instants.
    fn price(&self, from: Seconds, span: Seconds) -> UsdPerBtc {
        let scenario = self.scenario;
        let random = stream(scenario.run.seed, 0, Purpose::Price, 0);
        let path = scenario.price.path(Seconds::from(scenario.run.days), random);
        let parts = 64;
        let at = |part: i32| path.at(from + span * ((f64::from(part) + 0.5) / f64::from(parts))).get();
        UsdPerBtc::new((0..parts).map(at).sum::<f64>() / f64::from(parts))
    }

    fn fees_btc(&self, at: Seconds) -> f64 {
        let knots = &self.scenario.chain.fees.knots;
        let after = knots.partition_point(|(time, _)| *time <= at);
        match (after.checked_sub(1).and_then(|before| knots.get(before)), knots.get(after)) {
            (Some(&(t0, f0)), Some(&(t1, f1))) => f0 + (f1 - f0) * ((at - t0) / (t1 - t0)),
            (Some(&(_, fees)), None) | (None, Some(&(_, fees))) => fees,
            (None, None) => self.fees_at_start,
        }
    }

    fn hashprice(&self, epoch: &PlacedEpoch, duration: Seconds) -> Hashprice {
        let price = epoch.price.unwrap_or_else(|| self.price(epoch.start, duration));
        let reward = subsidy(epoch.height + 1).btc() + self.fees_btc(epoch.start + duration * 0.5);
        Hashprice::earned(epoch.difficulty, Sats::from_btc(reward), price)
    }

    fn start(&self, placed: &[PlacedEpoch], trend_at: Seconds) -> Start {
        let last = placed.iter().rposition(|epoch| epoch.start <= trend_at && epoch.duration.is_some());
        let drift = || {
            let (now, then) = (placed[last?], placed[last?.checked_sub(TREND_EPOCHS)?]);
            Some(libm::log(now.difficulty / then.difficulty) / ((now.start - then.start).get() / 86_400.0))
        };
        let before = last.and_then(|last| last.checked_sub(1)).map(|before| placed[before]);
        let chain = &self.scenario.chain;
        let difficulty =
            last.map_or_else(|| CompactTarget::new(chain.nbits).difficulty(), |last| placed[last].difficulty);
        // Where nothing is told of the epoch before, it ran on schedule, at the price of the start.
        let unknown = || {
            let reward = Sats::from_btc(subsidy(chain.height + 1).btc() + self.fees_at_start);
            let price = self.price(Seconds::ZERO, Seconds::ZERO);
            (Seconds::new(-7.0 * 86_400.0), Hashprice::earned(difficulty, reward, price))
        };
        let told = before.and_then(|epoch| Some((epoch, epoch.duration?)));
        let (middle, hashprice) = told
            .map_or_else(unknown, |(epoch, duration)| (epoch.start + duration * 0.5, self.hashprice(&epoch, duration)));
        Start { hashrate_eh_per_s: scheduled_hashrate(difficulty).eh(), middle, hashprice, drift_per_day: drift() }
    }
}
