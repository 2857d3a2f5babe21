//! Prints the rolling scores as the tables of the book's chapter.

use crate::{
    study::{
        rolling::{
            BASELINES, BLACKOUT_HEIGHT, Evidence, Forecasts, HORIZONS, Rolling, Scores, confidence_set,
            diebold_mariano, ensemble_forecasts,
        },
        score::{mean, root_mean_square, standard_deviation},
    },
    supply::{
        events::Closure,
        state::{Correction, Noise, Prices, Setting},
    },
    units::{Days, PowerPrice, UnixTime},
};
use std::fmt::Write as _;

/// Members of the ensemble, and the seed.
pub const MEMBERS: u64 = 400;
pub const SEED: u64 = 1;

/// Share of a correction by epochs that is believed, where days are not known.
const GAIN: f64 = 0.88;

/// The horizon of the primary endpoint, as a place in [`HORIZONS`].
const PRIMARY: usize = 4;

/// A forecast with what it gave.
struct Scored {
    name: String,
    evidence: Evidence,
}

/// The setting of the protocol that knows of no outage and of no days.
fn epochs_alone(prices: Prices) -> Setting {
    let mut setting = Setting { correction: Correction::Epochs { gain: GAIN }, prices, ..Setting::default() };
    setting.events.outages.clear();
    setting.unlearnt = vec![BLACKOUT_HEIGHT];
    setting
}

fn outages_and_days(prices: Prices) -> Setting {
    Setting { prices, ..Setting::default() }
}

/// All tables, as Markdown.
pub fn tables(rolling: &Rolling<'_>, members: u64) -> String {
    let mut text = String::new();
    for (prices, heading) in [(Prices::Known, "price known"), (Prices::Frozen, "price frozen")] {
        let scored = forecasts(rolling, prices, members);
        let all = rolling.first_scored()..rolling.history.closed();
        let common =
            |origin: usize, ahead: usize| scored.iter().all(|one| !one.evidence.errors[origin][ahead].is_nan());
        let _ = writeln!(text, "### {heading}: RMSE of ln hashrate, CRPS, coverage of 90 % bands\n");
        score_table(&mut text, scored.iter().map(|one| (one.name.as_str(), one.evidence.scores(all.clone(), &common))));
        comparisons(&mut text, &scored, &all, &common);
        if prices == Prices::Known {
            primary(&mut text, rolling, &scored, &common);
            by_year(&mut text, rolling, &scored[0], &common);
        }
    }
    paths(&mut text, rolling);
    ablations(&mut text, rolling);
    text
}

fn forecasts(rolling: &Rolling<'_>, prices: Prices, members: u64) -> Vec<Scored> {
    let setting = outages_and_days(prices);
    let errors = |forecasts: &Forecasts| rolling.errors(forecasts);
    let bands = ensemble_forecasts(rolling, &setting, Noise::default(), SEED, members);
    let mut scored = vec![
        Scored {
            name: "law, outages and days".to_owned(),
            evidence: Evidence::of_bands(rolling, errors(&rolling.law(&setting)), &bands),
        },
        Scored {
            name: "law, epochs alone".to_owned(),
            evidence: Evidence::of_past_errors(errors(&rolling.law(&epochs_alone(prices)))),
        },
    ];
    scored.extend(BASELINES.iter().map(|baseline| Scored {
        name: baseline.name(),
        evidence: Evidence::of_past_errors(errors(&baseline.forecasts(rolling, prices))),
    }));
    scored
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = writeln!(text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn header(text: &mut String, first: &str, columns: &[String]) {
    row(text, first, columns.iter().cloned());
    let _ = writeln!(text, "|---|{}", "---|".repeat(columns.len()));
}

fn number(value: f64, digits: usize) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.digits$}") }
}

fn score_table<'n>(text: &mut String, rows: impl Iterator<Item = (&'n str, Scores)>) {
    let columns =
        ["RMSE", "CRPS", "in 90 %"].iter().flat_map(|what| HORIZONS.iter().map(move |h| format!("{what} {h}")));
    header(text, "forecast", &columns.collect::<Vec<_>>());
    let mut counted = [0; 6];
    for (name, scores) in rows {
        let rmse = scores.rmse.iter().map(|value| number(*value, 3));
        let crps = scores.crps.iter().map(|value| number(*value, 4));
        let coverage = scores.coverage.iter().map(|value| number(*value, 2));
        row(text, name, rmse.chain(crps).chain(coverage));
        counted = scores.n;
    }
    let counts: Vec<String> = counted.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "\nOutcomes at each horizon, the same for all: {}.\n", counts.join(", "));
}

/// Diebold and Mariano's t of the law against each other forecast.
fn comparisons(
    text: &mut String,
    scored: &[Scored],
    origins: &std::ops::Range<usize>,
    common: &dyn Fn(usize, usize) -> bool,
) {
    let _ = writeln!(text, "Diebold–Mariano t of *{}* against each (negative: it is better):\n", scored[0].name);
    let horizons = &HORIZONS[..5];
    header(text, "against", &horizons.iter().map(ToString::to_string).collect::<Vec<_>>());
    let losses = |one: &Scored, horizon: usize| -> Vec<f64> {
        let counted = origins.clone().filter(|origin| common(*origin, horizon - 1));
        counted.map(|origin| one.evidence.errors[origin][horizon - 1]).map(|error| error * error).collect()
    };
    for other in &scored[1..] {
        let t = |horizon: &usize| diebold_mariano(&losses(&scored[0], *horizon), &losses(other, *horizon), *horizon);
        row(text, &other.name, horizons.iter().map(|horizon| number(t(horizon), 1)));
    }
    let _ = writeln!(text);
}

/// The one question of the protocol.
fn primary(text: &mut String, rolling: &Rolling<'_>, scored: &[Scored], common: &dyn Fn(usize, usize) -> bool) {
    let horizon = HORIZONS[PRIMARY];
    let (Some(law), Some(rival)) = (scored.first(), scored.last()) else { return };
    let origins = rolling.first_scored()..rolling.history.closed();
    let counted: Vec<usize> = origins
        .filter(|origin| common(*origin, horizon - 1))
        .filter(|origin| scored.iter().all(|one| !one.evidence.crps[*origin][horizon - 1].is_nan()))
        .collect();
    let loss = |one: &Scored, origin: &usize| one.evidence.crps[*origin][horizon - 1];
    let yearly: Vec<f64> = (2016..=2023)
        .filter_map(|year| {
            let differences: Vec<f64> = counted
                .iter()
                .filter(|origin| year_of(rolling, **origin) == year)
                .map(|origin| loss(law, origin) - loss(rival, origin))
                .collect();
            (!differences.is_empty()).then(|| mean(&differences))
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a few years")]
    let error = standard_deviation(&yearly) / libm::sqrt(yearly.len() as f64);
    let losses: Vec<Vec<f64>> =
        scored.iter().map(|one| counted.iter().map(|origin| loss(one, origin)).collect()).collect();
    let kept = confidence_set(&losses, 0.1, 26, 2_000, SEED);
    let named: Vec<&str> =
        scored.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(one, _)| one.name.as_str()).collect();
    let _ = writeln!(
        text,
        "**Primary endpoint**, CRPS at {horizon} epochs: {} {:.4}, {} {:.4}; mean of {} yearly differences {:.4}, standard error {:.4}, \
         t {:.2}. Model confidence set at 10 % over all: {}.\n",
        law.name,
        mean(&losses[0]),
        rival.name,
        mean(&losses[losses.len() - 1]),
        yearly.len(),
        mean(&yearly),
        error,
        mean(&yearly) / error,
        named.join(", "),
    );
}

fn by_year(text: &mut String, rolling: &Rolling<'_>, law: &Scored, common: &dyn Fn(usize, usize) -> bool) {
    let _ = writeln!(text, "*{}* by year of the origin:\n", law.name);
    let rows: Vec<(String, Scores)> = (2016..=2023)
        .map(|year| {
            let in_year = |origin: usize, ahead: usize| year_of(rolling, origin) == year && common(origin, ahead);
            (year.to_string(), law.evidence.scores(rolling.first_scored()..rolling.history.closed(), &in_year))
        })
        .collect();
    let columns = ["RMSE", "in 90 %"].iter().flat_map(|what| HORIZONS.iter().map(move |h| format!("{what} {h}")));
    header(text, "year", &columns.collect::<Vec<_>>());
    for (year, scores) in rows {
        let rmse = scores.rmse.iter().map(|value| number(*value, 3));
        row(text, &year, rmse.chain(scores.coverage.iter().map(|value| number(*value, 2))));
    }
    let _ = writeln!(text);
}

/// The five episodes and runs without correction.
fn paths(text: &mut String, rolling: &Rolling<'_>) {
    let setting = outages_and_days(Prices::Known);
    let errors = rolling.errors(&rolling.law(&setting));
    let _ = writeln!(
        text,
        "### Paths, price known\n\nRMSE over the path of each episode of the first protocol, from its first epoch:\n"
    );
    let episodes = [("2018-09-20", 18), ("2020-02-11", 17), ("2020-10-04", 7), ("2021-05-01", 19), ("2022-03-17", 23)];
    header(text, "start", &["epochs".to_owned(), "RMSE".to_owned()]);
    for (start, epochs) in episodes {
        let origin = rolling.history.first_from(UnixTime::parse(start).unwrap_or_default());
        row(
            text,
            start,
            [
                epochs.to_string(),
                number(errors.get(origin).map_or(f64::NAN, |row| root_mean_square(&row[..epochs])), 3),
            ]
            .into_iter(),
        );
    }
    let _ = writeln!(text, "\nRuns without correction, to the end of 2023:\n");
    header(text, "corrected until", &["RMSE".to_owned(), "error at the end".to_owned()]);
    let observed = rolling.observed();
    for start in ["2015-01-01", "2016-01-01", "2018-01-01", "2020-01-01", "2021-01-01", "2022-01-01"] {
        let origin = rolling.history.first_from(UnixTime::parse(start).unwrap_or_default());
        let run = rolling.free_run(&setting, origin);
        let errors: Vec<f64> = run.iter().zip(&observed[origin..]).map(|(forecast, seen)| forecast - seen).collect();
        let last = errors.last().copied().unwrap_or(f64::NAN);
        row(text, start, [number(root_mean_square(&errors), 3), format!("{last:+.2}")].into_iter());
    }
    let _ = writeln!(text);
}

/// One mechanism removed at a time.
fn ablations(text: &mut String, rolling: &Rolling<'_>) {
    let base = outages_and_days(Prices::Known);
    let with = |change: &dyn Fn(&mut Setting)| {
        let mut setting = base.clone();
        change(&mut setting);
        setting
    };
    let flat = |growth: f64| {
        with(&|setting: &mut Setting| {
            setting.law.growth_max_per_year = growth;
            setting.law.midpoint_cents = 1e-20;
        })
    };
    let cases: Vec<(&str, Setting)> = vec![
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
        ("no size exponent", with(&|setting| setting.law.size_exponent = 0.0)),
        (
            "no queue: back with a half-life of 75 days",
            with(&|setting| setting.law.queue_half_life = Some(Days::new(75.0))),
        ),
        ("no season", with(&|setting| setting.events.season = None)),
        ("no ban", with(&|setting| setting.events.closures = Vec::<Closure>::new())),
        ("lag 30 days", with(&|setting| setting.law.lag = Days::new(30.0))),
        ("lag 150 days", with(&|setting| setting.law.lag = Days::new(150.0))),
    ];
    let _ = writeln!(text, "### One mechanism removed at a time: RMSE, price known\n");
    header(text, "without", &HORIZONS.iter().map(ToString::to_string).collect::<Vec<_>>());
    for (name, setting) in cases {
        let evidence = Evidence::of_past_errors(rolling.errors(&rolling.law(&setting)));
        let scores = evidence.scores(rolling.first_scored()..rolling.history.closed(), &|_, _| true);
        row(text, name, scores.rmse.iter().map(|value| number(*value, 3)));
    }
}

fn year_of(rolling: &Rolling<'_>, epoch: usize) -> i64 {
    rolling.history.epochs()[epoch].start.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(0)
}
