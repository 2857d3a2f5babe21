//! The scores that the protocol of rolling forecasts defines.

use super::{
    AHEAD, BASELINES, BLACKOUT_HEIGHT, Evidence, Forecasts, HORIZONS, Rolling, Scores,
    compare::Scored,
    confidence_set, diebold_mariano, ensemble_forecasts,
    paths::{EpisodePath, FreeRun, PathScores, episodes, free_runs, path_scores},
    row,
};
use crate::{
    declare::Columns,
    study::{
        StudyError, Work,
        score::{mean, standard_deviation},
    },
    supply::{
        history::History,
        on_sale::OnSale,
        state::{Correction, Noise, Prices, Setting},
    },
    units::{Days, PowerPrice},
};
use serde::Serialize;
use std::ops::Range;

/// Seed of the ensemble and of the bootstrap.
const SEED: u64 = 1;

/// Share of the error of an epoch that is corrected if the number of blocks per day is unknown.
const GAIN: f64 = 0.88;

/// Number of horizons at which forecasts are compared in pairs. The longest horizon is excluded because it has too few
/// independent outcomes.
pub const COMPARED: usize = HORIZONS.len() - 1;

/// Horizon of the primary endpoint, in epochs.
pub const PRIMARY: usize = 13;

/// The years whose origins are scored.
const YEARS: std::ops::RangeInclusive<i32> = 2016..=2023;

/// The results of the protocol of rolling forecasts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollingScores {
    /// The horizons of all scores, in epochs from the origin.
    pub horizons: [usize; HORIZONS.len()],
    /// All forecasts, with the price of each epoch known.
    pub known: Compared,
    /// The primary endpoint of the protocol, with the price known.
    pub primary: Primary,
    /// Scores of the law by year of the origin, with the price known.
    pub years: Vec<(i32, Scores)>,
    /// All forecasts, with the price held at its value at the origin.
    pub frozen: Compared,
    /// Scores of paths from every origin, with the price known.
    pub paths: Vec<PathScores>,
    /// Errors of the law in each episode.
    pub episodes: Vec<EpisodePath>,
    /// Errors of the law without correction.
    pub free_runs: Vec<FreeRun>,
    /// Scores of the law with one mechanism removed at a time; the first entry has all mechanisms.
    pub ablations: Vec<(&'static str, Scores)>,
    /// Every forecast with its outcome, from which the scores follow: rows of `forecasts.csv`.
    #[serde(skip)]
    pub forecasts: Columns,
}

/// Forecasts scored on the same outcomes. The first is the law, the last is the rival in the primary endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Name and scores of each forecast.
    pub forecasts: Vec<(String, Scores)>,
    /// Diebold-Mariano t-statistic of the first forecast against each other one, at the first [`COMPARED`] horizons; negative if
    /// the first is better.
    pub t: Vec<[f64; COMPARED]>,
    /// Mean over origins of the squared error of the first forecast less that of the second, at each horizon.
    pub difference: [f64; HORIZONS.len()],
}

/// The primary endpoint: mean CRPS of the law and of its rival at [`PRIMARY`] epochs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Primary {
    /// Name and mean CRPS of the law.
    pub law: (String, f64),
    /// Name and mean CRPS of the rival.
    pub rival: (String, f64),
    /// Mean difference of CRPS in each year.
    pub yearly: Vec<f64>,
    /// Mean of the yearly differences.
    pub difference: f64,
    /// Standard error of that mean.
    pub standard_error: f64,
    /// Names of the forecasts in the model confidence set at 10 %.
    pub confidence_set: Vec<String>,
}

/// Forecasts hashrate from every epoch of a history, by the law of hash supply and by baselines, and scores the forecasts by the
/// protocol of the book. The ensemble of the law has `members` members.
///
/// ```no_run
/// use shakeout::{hardware::catalogue, scenario::shipped_history, study::{Work, rolling::score_rolling}, supply::on_sale::OnSale};
///
/// let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines are on sale"));
/// let found = score_rolling(&history, &on_sale, 400, &mut Work::new())?;
/// println!("mean CRPS at 13 epochs: {:.4}", found.primary.law.1);
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the history does not contain the epochs that are scored, or the threads cannot be started.
pub fn score_rolling(
    history: &History,
    on_sale: &OnSale,
    members: u64,
    work: &mut Work<'_>,
) -> Result<RollingScores, StudyError> {
    let rolling = Rolling { history, on_sale };
    rolling.check().map_err(StudyError::Input)?;
    if rolling.first_scored() + AHEAD > history.closed() {
        return Err(StudyError::Input(
            "the history ends before 26 epochs after January 2016: nothing can be scored".to_owned(),
        ));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(work.threads.get())
        .build()
        .map_err(|source| StudyError::Threads { threads: String::new(), source })?;
    Ok(pool.install(|| scores(&rolling, members)))
}

fn scores(rolling: &Rolling<'_>, members: u64) -> RollingScores {
    let all = Scored::all(rolling, Prices::Known, members);
    let years = YEARS.map(|year| {
        let in_year = |origin: usize, ahead: usize| year_of(rolling, origin) == year && is_common(&all, origin, ahead);
        (year, all[0].evidence.scores(origins(rolling), &in_year))
    });
    let years = years.collect();
    let frozen = Scored::all(rolling, Prices::Frozen, members);
    let setting = outages_and_days(Prices::Known);
    let mut forecasts = row::table();
    for (price, scored) in [("known", &all), ("frozen", &frozen)] {
        row::append(&mut forecasts, rolling, (price, scored), origins(rolling));
    }
    RollingScores {
        horizons: HORIZONS,
        known: Compared::of(rolling, &all),
        primary: Primary::of(rolling, &all),
        years,
        frozen: Compared::of(rolling, &frozen),
        paths: path_scores(rolling, &all, origins(rolling)),
        episodes: episodes(rolling, &setting),
        free_runs: free_runs(rolling, &setting),
        ablations: ablations(rolling),
        forecasts,
    }
}

impl Scored {
    fn all(rolling: &Rolling<'_>, prices: Prices, members: u64) -> Vec<Self> {
        let setting = outages_and_days(prices);
        let errors = |forecasts: &Forecasts| rolling.errors(forecasts);
        let bands = ensemble_forecasts(rolling, &setting, Noise::default(), SEED, members);
        let mut scored = vec![
            Self {
                name: "law, outages and days".to_owned(),
                evidence: Evidence::of_bands(rolling, errors(&rolling.law(&setting)), &bands),
            },
            Self {
                name: "law, epochs alone".to_owned(),
                evidence: Evidence::of_past_errors(errors(&rolling.law(&epochs_alone(prices)))),
            },
        ];
        scored.extend(BASELINES.iter().map(|baseline| Self {
            name: baseline.name(),
            evidence: Evidence::of_past_errors(errors(&baseline.forecasts(rolling, prices))),
        }));
        scored
    }
}

/// The setting of the protocol without outages and without blocks by day.
fn epochs_alone(prices: Prices) -> Setting {
    let mut setting = Setting { correction: Correction::Epochs { gain: GAIN }, prices, ..Setting::default() };
    setting.events.outages.clear();
    setting.unlearnt = vec![BLACKOUT_HEIGHT];
    setting
}

fn outages_and_days(prices: Prices) -> Setting {
    Setting { prices, ..Setting::default() }
}

fn origins(rolling: &Rolling<'_>) -> Range<usize> {
    rolling.first_scored()..rolling.history.closed()
}

/// Whether every forecast has an error for this outcome, so that all are scored on the same outcomes.
fn is_common(scored: &[Scored], origin: usize, ahead: usize) -> bool {
    scored.iter().all(|one| !one.evidence.errors[origin][ahead].is_nan())
}

fn year_of(rolling: &Rolling<'_>, epoch: usize) -> i32 {
    rolling.history.epochs()[epoch].start.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(0)
}

impl Compared {
    fn of(rolling: &Rolling<'_>, scored: &[Scored]) -> Self {
        let common = |origin: usize, ahead: usize| is_common(scored, origin, ahead);
        let squares = |one: &Scored, horizon: usize| -> Vec<f64> {
            let counted = origins(rolling).filter(|&origin| common(origin, horizon - 1));
            counted.map(|origin| one.evidence.errors[origin][horizon - 1]).map(|error| error * error).collect()
        };
        let t = |other: &Scored| {
            std::array::from_fn(|place| {
                let horizon = HORIZONS[place];
                diebold_mariano(&squares(&scored[0], horizon), &squares(other, horizon), horizon)
            })
        };
        let named = |one: &Scored| (one.name.clone(), one.evidence.scores(origins(rolling), &common));
        let (law, second) = (&scored[0], &scored[1]);
        let difference = |horizon: usize| mean(&squares(law, horizon)) - mean(&squares(second, horizon));
        Self {
            forecasts: scored.iter().map(named).collect(),
            t: scored[1..].iter().map(t).collect(),
            difference: HORIZONS.map(difference),
        }
    }
}

impl Primary {
    fn of(rolling: &Rolling<'_>, scored: &[Scored]) -> Self {
        let ahead = PRIMARY - 1;
        let counted: Vec<usize> = origins(rolling)
            .filter(|&origin| is_common(scored, origin, ahead))
            .filter(|&origin| scored.iter().all(|one| !one.evidence.crps[origin][ahead].is_nan()))
            .collect();
        let losses: Vec<Vec<f64>> =
            scored.iter().map(|one| counted.iter().map(|&origin| one.evidence.crps[origin][ahead]).collect()).collect();
        let (law, rival) = (0, scored.len() - 1);
        let yearly: Vec<f64> = YEARS
            .filter_map(|year| {
                let of_year = (0..counted.len()).filter(|&place| year_of(rolling, counted[place]) == year);
                let differences: Vec<f64> = of_year.map(|place| losses[law][place] - losses[rival][place]).collect();
                (!differences.is_empty()).then(|| mean(&differences))
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a few years")]
        let standard_error = standard_deviation(&yearly) / libm::sqrt(yearly.len() as f64);
        let kept = confidence_set(&losses, 0.1, 26, 2_000, SEED);
        let named = scored.iter().zip(kept).filter(|(_, kept)| *kept).map(|(one, _)| one.name.clone());
        let with_mean = |place: usize| (scored[place].name.clone(), mean(&losses[place]));
        Self {
            law: with_mean(law),
            rival: with_mean(rival),
            difference: mean(&yearly),
            standard_error,
            yearly,
            confidence_set: named.collect(),
        }
    }
}

/// Scores of the law with one mechanism removed at a time.
fn ablations(rolling: &Rolling<'_>) -> Vec<(&'static str, Scores)> {
    let base = outages_and_days(Prices::Known);
    let with = |change: &dyn Fn(&mut Setting)| {
        let mut setting = base.clone();
        change(&mut setting);
        setting
    };
    let flat = |growth: f64| {
        with(&|setting: &mut Setting| {
            setting.law.orders.growth_max_per_year = growth;
            setting.law.orders.midpoint_cents = 1e-20;
        })
    };
    let cases = vec![
        ("all of it", base.clone()),
        ("no shutdown", with(&|setting| setting.power_price = PowerPrice::new(1e-5))),
        ("no band of hysteresis", with(&|setting| setting.law.half_band = 0.0)),
        (
            "no band, quick restart",
            with(&|setting| {
                setting.law.half_band = 0.0;
                setting.law.restart_margin = 0.0;
                setting.law.restart = Days::ZERO;
            }),
        ),
        ("orders 0.6 a year whatever is earned", flat(0.6)),
        ("orders 0.8", flat(0.8)),
        ("orders 1.0", flat(1.0)),
        ("no size exponent", with(&|setting| setting.law.orders.size_exponent = 0.0)),
        (
            "no queue: back with a half-life of 75 days",
            with(&|setting| setting.law.queue_half_life = Some(Days::new(75.0))),
        ),
        ("no season", with(&|setting| setting.events.season = None)),
        ("no ban", with(&|setting| setting.events.closures.clear())),
        ("lag 30 days", with(&|setting| setting.law.lag = Days::new(30.0))),
        ("lag 150 days", with(&|setting| setting.law.lag = Days::new(150.0))),
    ];
    let scored = cases.into_iter().map(|(name, setting)| {
        let evidence = Evidence::of_past_errors(rolling.errors(&rolling.law(&setting)));
        (name, evidence.scores(origins(rolling), &|_, _| true))
    });
    scored.collect()
}
