use super::{
    Ablation, EPISODES, EpochWatch, Outcomes, SeenEpoch, least_squares, quantile, skill::mean, watch::Watched,
};
use crate::{
    simulation::{
        metrics::Metrics,
        record::{DayRecord, EpochRecord, EventRecord, FirmRecord, FleetRecord, Observer},
    },
    study::Failures,
    units::{ClassId, Seconds},
    world::population::Population,
};
use serde::Serialize;

/// Number of replicas of each episode and ablation.
pub const PATTERN_REPLICAS: u64 = 100;

/// The scenario of the year 2022 with loans and a machine market.
const LEVERAGE: &str = "2022-leverage";

/// The same five episodes with growth as an outcome and starts of one history (second addendum of the protocol).
const FROM_ONE_MODEL: [&str; 5] = ["2018-crash", "2020-covid-and-halving", "2020-wet-season", "2021-ban", LEVERAGE];

/// The shipped scenarios in which patterns are measured.
pub const PATTERN_RUNS: [&str; EPISODES.len() + FROM_ONE_MODEL.len()] = [
    EPISODES[0],
    EPISODES[1],
    EPISODES[2],
    EPISODES[3],
    EPISODES[4],
    FROM_ONE_MODEL[0],
    FROM_ONE_MODEL[1],
    FROM_ONE_MODEL[2],
    FROM_ONE_MODEL[3],
    FROM_ONE_MODEL[4],
];

/// The class of publicly listed miners.
const PUBLIC: &str = "public";

/// A quantity measured in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Fall,
    WorstRetarget,
    LongestEpoch,
    DaysTo95,
    RevenuePerKwh,
    ShortRunSlope,
    FourEpochGrowth,
    HoldingsChange,
    DefaultedDebt,
    PublicShare,
    /// A metric of the run, by its name.
    Metric(&'static str),
}

/// An observed regularity, with the band that a model must reach. Bands are defined by the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pattern {
    /// Identifier, such as P1.
    pub id: &'static str,
    /// The shipped scenario.
    pub episode: &'static str,
    /// Description, with the unit.
    pub what: &'static str,
    /// The observed value.
    pub observed: f64,
    /// Lower end of the band.
    pub low: f64,
    /// Upper end of the band.
    pub high: f64,
    /// The epochs on which it is measured, by the heights of the first blocks of the first and the last epoch.
    #[serde(skip)]
    pub heights: (u64, u64),
    #[serde(skip)]
    measure: Measure,
}

const ALL: (u64, u64) = (0, u64::MAX);

/// The four patterns of a fall and recovery: fall, largest downward adjustment, longest epoch, days to 95 % of the peak.
fn fall(id: &'static str, episode: &'static str, heights: (u64, u64), observed: [f64; 4]) -> [Pattern; 4] {
    let row = |what, measure, observed, low, high| row(id, episode, what, measure, observed, (low, high), heights);
    let [fall, worst, longest, days] = observed;
    [
        row("fall of hashrate, %", Measure::Fall, fall, fall - 5.0, fall + 5.0),
        row("worst retarget, %", Measure::WorstRetarget, worst, worst - 5.0, worst + 5.0),
        row("longest epoch, d", Measure::LongestEpoch, longest, longest - 1.5, longest + 1.5),
        row("days to 95 % of the peak", Measure::DaysTo95, days, 0.5 * days, 1.5 * days),
    ]
}

/// Every pattern: those of the registered episodes, then those of the same episodes from one model, which have a machine market in 2022.
#[must_use]
pub fn all() -> Vec<Pattern> {
    let machines = [
        ("elasticity of new machines' price to hashprice", "rig_price_elasticity_new", 1.36),
        ("elasticity of middle machines' price to hashprice", "rig_price_elasticity_mid", 1.44),
        ("elasticity of old machines' price to hashprice", "rig_price_elasticity_old", 1.22),
    ]
    .map(|(what, metric, observed)| {
        row("P12", LEVERAGE, what, Measure::Metric(metric), observed, (observed - 0.3, observed + 0.3), ALL)
    });
    of(EPISODES).chain(of(FROM_ONE_MODEL)).chain(machines).collect()
}

/// Coins, debt and share of listed miners in 2022.
fn firms(episode: &'static str) -> [Pattern; 3] {
    [
        ("P13", "coins held by the public class, change in %", Measure::HoldingsChange, -32.0, (-48.0, -16.0)),
        ("P14", "debt of firms that failed, % of debt", Measure::DefaultedDebt, 8.8, (2.8, 17.9)),
        ("P15", "public class's share of hashrate at the end, %", Measure::PublicShare, 25.0, (20.0, 30.0)),
    ]
    .map(|(id, what, measure, observed, band)| row(id, episode, what, measure, observed, band, ALL))
}

fn row(
    id: &'static str,
    episode: &'static str,
    what: &'static str,
    measure: Measure,
    observed: f64,
    (low, high): (f64, f64),
    heights: (u64, u64),
) -> Pattern {
    Pattern { id, episode, what, observed, low, high, heights, measure }
}

/// The patterns of the five episodes, in order.
fn of([crash, covid, wet, ban, bear]: [&'static str; 5]) -> impl Iterator<Item = Pattern> {
    let around = |observed: f64, share: f64| (observed - observed.abs() * share, observed + observed.abs() * share);
    let floor = "revenue per kWh at the lowest hashprice, c";
    let slope = "slope of the change of ln H on that of ln x";
    let falls = [
        fall("P1", crash, ALL, [-31.5, -15.13, 16.5, 240.0]),
        fall("P2", covid, (0, 626_976), [-16.0, -15.95, 16.7, 43.0]),
        fall("P3", covid, (626_976, u64::MAX), [-14.7, -9.29, 15.4, 44.0]),
        fall("P4", wet, ALL, [-16.1, -16.05, 16.7, 43.0]),
        fall("P5", ban, ALL, [-45.4, -27.94, 19.4, 211.0]),
        fall("P6", bear, (0, 756_000), [-11.4, -5.01, 14.7, 113.0]),
        fall("P6b", bear, (758_016, u64::MAX), [-7.7, -7.32, 15.1, 58.0]),
    ];
    let others = [
        row("P7", crash, floor, Measure::RevenuePerKwh, 7.4, around(7.4, 0.2), ALL),
        row("P7", covid, floor, Measure::RevenuePerKwh, 6.2, around(6.2, 0.2), (0, 626_976)),
        row("P7", covid, floor, Measure::RevenuePerKwh, 5.3, around(5.3, 0.2), (626_976, u64::MAX)),
        row("P7", bear, floor, Measure::RevenuePerKwh, 6.7, around(6.7, 0.2), ALL),
        row("P10", crash, slope, Measure::ShortRunSlope, 0.34, (0.08, 0.60), (0, 556_416)),
        row("P10", covid, slope, Measure::ShortRunSlope, 0.30, (0.15, 0.45), ALL),
        row("P11", ban, "largest growth over four epochs, %", Measure::FourEpochGrowth, 34.5, (29.5, 39.5), ALL),
    ];
    falls.into_iter().flatten().chain(others).chain(firms(bear))
}

/// Records the parts of a history on which patterns are measured.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternWatch {
    seen: EpochWatch,
    /// End of each day, and energy at the meter per hash, J/TH.
    days: Vec<(Seconds, f64)>,
    /// Debt of each firm at the start, USD, in the order in which firms are reported at the end.
    debts: Vec<f64>,
    public_coins_before: f64,
    public_coins: f64,
    public_running: f64,
    running: f64,
    failed_debt: f64,
    told: usize,
    metrics: Metrics,
}

impl PatternWatch {
    /// Prepares to record a history of these miners.
    #[must_use]
    pub fn new(population: &Population) -> Self {
        let firms = &population.firms;
        let is_public = |class: &ClassId| firms.classes[*class] == PUBLIC;
        let coins = firms.class.iter().zip(&firms.coins).filter(|(class, _)| is_public(class));
        Self {
            debts: firms.debt.to_vec(),
            public_coins_before: coins.map(|(_, &coins)| crate::units::Sats::new(coins).btc()).sum(),
            ..Self::default()
        }
    }

    /// The measured value of a pattern; `None` if there is nothing to measure, infinite if the event never occurred.
    fn value(&self, pattern: &Pattern) -> Option<f64> {
        let (from, to) = pattern.heights;
        let epochs: Vec<SeenEpoch> =
            self.seen.epochs.iter().filter(|epoch| (from..=to).contains(&epoch.height)).copied().collect();
        let outcomes = || Outcomes::of(&epochs);
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| 100.0 * part / whole);
        match pattern.measure {
            Measure::Fall => Some(100.0 * (outcomes()?.trough_share - 1.0)),
            Measure::WorstRetarget => Some(100.0 * outcomes()?.worst_retarget),
            Measure::LongestEpoch => Some(outcomes()?.longest_epoch_days),
            Measure::DaysTo95 => Some(outcomes()?.days_to_95pct.unwrap_or(f64::INFINITY)),
            Measure::RevenuePerKwh => self.revenue_per_kwh(&epochs),
            Measure::ShortRunSlope => short_run_slope(&epochs),
            Measure::FourEpochGrowth => {
                let growth = epochs
                    .iter()
                    .zip(epochs.iter().skip(4))
                    .map(|(before, after)| 100.0 * (after.hashrate_eh_per_s / before.hashrate_eh_per_s - 1.0));
                growth.max_by(f64::total_cmp)
            }
            Measure::HoldingsChange => Some(share(self.public_coins, self.public_coins_before)? - 100.0),
            Measure::DefaultedDebt => share(self.failed_debt, self.debts.iter().sum()),
            Measure::PublicShare => share(self.public_running, self.running),
            Measure::Metric(name) => self.metrics.get(name),
        }
    }

    /// Revenue in c/kWh in the epoch with the lowest hashprice.
    fn revenue_per_kwh(&self, epochs: &[SeenEpoch]) -> Option<f64> {
        let lowest = epochs.iter().min_by(|a, b| a.hashprice.get().total_cmp(&b.hashprice.get()))?;
        let span = lowest.start..lowest.start + lowest.duration;
        let within: Vec<f64> = self.days.iter().filter(|(end, _)| span.contains(end)).map(|(_, e)| *e).collect();
        Some(100.0 * lowest.hashprice.get() / (24.0 * mean(&within))).filter(|value| value.is_finite())
    }
}

/// Ordinary least-squares slope, with an intercept, of changes from epoch to epoch.
fn short_run_slope(epochs: &[SeenEpoch]) -> Option<f64> {
    let changes = |value: fn(&SeenEpoch) -> f64| -> Vec<f64> {
        epochs.iter().zip(epochs.iter().skip(1)).map(|(before, after)| value(after) - value(before)).collect()
    };
    let rows: Vec<Vec<f64>> =
        changes(|epoch| libm::log(epoch.hashprice.get())).into_iter().map(|x| vec![1.0, x]).collect();
    least_squares(&rows, &changes(SeenEpoch::ln_hashrate)).map(|found| found[1])
}

impl Observer for PatternWatch {
    fn on_day(&mut self, day: &DayRecord) {
        // A power in GW divided by a hashrate in EH/s is 1000 J/TH.
        self.days.push((day.time, 1000.0 * day.power_gw / day.hashrate_eh_per_s));
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.seen.on_epoch(epoch);
    }

    fn on_fleet(&mut self, _: &FleetRecord) {}
    fn on_event(&mut self, _: &EventRecord<'_>) {}

    fn on_firm(&mut self, firm: &FirmRecord<'_>) {
        let debt = self.debts.get(self.told).copied().unwrap_or_default();
        self.told += 1;
        self.running += firm.running.eh();
        if firm.class == PUBLIC {
            self.public_coins += firm.coins.btc();
            self.public_running += firm.running.eh();
        }
        if !matches!(firm.state, "ok" | "workout" | "arrears") {
            self.failed_debt += debt;
        }
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        self.metrics = metrics.clone();
    }
}

/// The histories of an episode.
#[derive(Clone, Debug)]
pub(super) struct EpisodeRuns {
    /// The shipped scenario.
    pub episode: &'static str,
    /// Histories of the unchanged scenario.
    pub written: Watched<PatternWatch>,
    /// Histories with a mechanism switched off, for the mechanisms that the scenario has.
    pub ablated: Vec<(Ablation, Watched<PatternWatch>)>,
}

impl EpisodeRuns {
    /// Adds the replicas that could not be simulated to a tally, and returns the number of replicas tried.
    pub fn count(&self, failures: &mut Failures) -> u64 {
        let ablated =
            self.ablated.iter().map(|(ablation, watched)| (format!("{}, {}", self.episode, ablation.name()), watched));
        let mut tried = 0;
        for (what, watched) in ablated.chain([(self.episode.to_owned(), &self.written)]) {
            watched.count(&what, failures);
            tried += (watched.histories.len() + watched.failed.len()) as u64;
        }
        tried
    }
}

/// A pattern and its result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatternResult {
    /// The pattern; in JSON its fields are beside the others.
    #[serde(flatten)]
    pub pattern: Pattern,
    /// Median over replicas; none if the event never occurred in half of them, or if no replica has a value.
    pub result: Option<f64>,
    /// Number of replicas behind the result, including the replicas in which the event never occurred.
    pub n: usize,
    /// Number of other replicas, which could not be simulated.
    pub n_failed: usize,
    /// Whether the median is in the band; none if no replica has a value.
    pub pass: Option<bool>,
    /// The median with single mechanisms switched off.
    pub ablations: Vec<(&'static str, Option<f64>)>,
}

/// The results of every pattern whose episode was run, in order.
pub(super) fn pattern_results(runs: &[EpisodeRuns]) -> Vec<PatternResult> {
    let rows = all().into_iter().filter_map(|pattern| {
        let run = runs.iter().find(|run| run.episode == pattern.episode)?;
        let values = |watched: &Watched<PatternWatch>| -> Vec<f64> {
            watched.histories.iter().filter_map(|history| history.value(&pattern)).collect()
        };
        let median = |watched: &Watched<PatternWatch>| {
            let mut values = values(watched);
            values.sort_by(f64::total_cmp);
            Some(quantile(&values, 0.5)).filter(|_| !values.is_empty())
        };
        let result = median(&run.written);
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let ablations = run.ablated.iter().map(|(ablation, histories)| (ablation.name(), finite(median(histories))));
        Some(PatternResult {
            pattern,
            result: finite(result),
            n: values(&run.written).len(),
            n_failed: run.written.failed.len(),
            pass: result.map(|result| (pattern.low..=pattern.high).contains(&result)),
            ablations: ablations.collect(),
        })
    });
    rows.collect()
}
