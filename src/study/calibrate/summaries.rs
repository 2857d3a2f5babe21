//! The summaries by which histories are compared: statistics that can be computed from both a simulated and an observed chain.
//!
//! | symbol | unit | meaning |
//! |---|---|---|
//! | D_k, T_k | –, d | difficulty and duration of epoch k, counted from 0 at the first epoch that begins at or after the start |
//! | H_k | EH/s | work of the epoch's blocks over T_k, under Bitcoin's rule D_k 2^32 2016/T_k, as an observer of the chain infers it |
//! | x_k | USD/PH/day | mean hashprice of the epoch |
//! | e | J/TH | mean efficiency of the scenario's fleet at the start, weighted by hashrate |
//!
//! ```text
//! trough            min_k H_k / max_{j ≤ k} H_j
//! difficulty_k      ln(D_k / D_0), k from 1 to 6
//! recovery_days     from the middle of that peak to the middle of the first epoch back at 95 % of it
//! longest_epoch_days   max_k T_k
//! elasticity        slope of ln(H_{k+1}/H_k) on ln(x_{k+1}/x_k) by least squares; elasticity_falls: where x fell
//! revenue_floor     min_k x_k / (24 e)
//! sold_share        coins sold over coins mined, in the whole run
//! ```
//!
//! If a recovery is not complete at the end of the record, it is counted as ending there, for simulated and observed histories
//! alike. A slope needs at least three changes of hashprice that are not all equal. Incomplete epochs are ignored. Sources: the model's
//! pattern table (P1–P7, P10, P13), which measures troughs and recoveries by epoch means. Known errors: H_k has Poisson noise of
//! 2.2 %, in simulated and observed chains alike; it also enters D_{k+1} and therefore x_{k+1}, so that the slope is biased
//! downwards in both.

use crate::study::score::SeenEpoch;

/// The parts of a history that are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Epochs, from the first that begins at or after the start.
    pub epochs: Vec<SeenEpoch>,
    /// Coins sold over coins mined; `None` if unknown.
    pub sold_share: Option<f64>,
}

/// A statistic by which histories are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Lowest epoch hashrate, as a share of the highest before it.
    Trough,
    /// Logarithm of difficulty this number of epochs after the first, over the first.
    Difficulty(usize),
    /// Days from the peak until hashrate is back at 95 % of it.
    Recovery,
    /// Duration of the longest epoch.
    LongestEpoch,
    /// Short-run elasticity of hashrate to hashprice.
    Elasticity,
    /// Short-run elasticity over epochs in which hashprice fell.
    ElasticityFalls,
    /// Lowest revenue of the fleet per unit of energy.
    RevenueFloor,
    /// Coins sold over coins mined.
    SoldShare,
}

/// Names, units and summaries.
const ALL: [(&str, &str, Summary); 13] = [
    ("trough", "", Summary::Trough),
    ("difficulty_1", "", Summary::Difficulty(1)),
    ("difficulty_2", "", Summary::Difficulty(2)),
    ("difficulty_3", "", Summary::Difficulty(3)),
    ("difficulty_4", "", Summary::Difficulty(4)),
    ("difficulty_5", "", Summary::Difficulty(5)),
    ("difficulty_6", "", Summary::Difficulty(6)),
    ("recovery_days", "d", Summary::Recovery),
    ("longest_epoch_days", "d", Summary::LongestEpoch),
    ("elasticity", "", Summary::Elasticity),
    ("elasticity_falls", "", Summary::ElasticityFalls),
    ("revenue_floor_usd_per_kwh", "USD/kWh", Summary::RevenueFloor),
    ("sold_share", "", Summary::SoldShare),
];

/// The share of the peak that counts as recovered.
const RECOVERED: f64 = 0.95;

impl Summary {
    /// All summaries.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|&(_, _, summary)| summary)
    }

    /// The summary of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().find(|(known, ..)| *known == name).map(|&(_, _, summary)| summary)
    }

    /// The name of the summary.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(.., summary)| *summary == self).map_or("", |(name, ..)| name)
    }

    /// The unit of the summary; empty for a pure number.
    #[must_use]
    pub fn unit(self) -> &'static str {
        ALL.iter().find(|(.., summary)| *summary == self).map_or("", |(_, unit, _)| unit)
    }

    /// The value for a history whose fleet started with this efficiency (J/TH); NaN if the history does not determine it.
    #[must_use]
    pub fn of(self, history: &History, efficiency_j_per_th: f64) -> f64 {
        let epochs = &history.epochs;
        match self {
            Self::Trough => deepest_fall(epochs).map_or(f64::NAN, |fall| fall.share),
            Self::Recovery => deepest_fall(epochs).map_or(f64::NAN, |fall| fall.recovery_days),
            Self::Difficulty(ahead) => match (epochs.first(), epochs.get(ahead)) {
                (Some(first), Some(later)) => libm::log(later.difficulty / first.difficulty),
                _ => f64::NAN,
            },
            Self::LongestEpoch => epochs.iter().map(SeenEpoch::duration_days).reduce(f64::max).unwrap_or(f64::NAN),
            Self::Elasticity => slope(epochs, |_| true),
            Self::ElasticityFalls => slope(epochs, |change| change < 0.0),
            Self::RevenueFloor => epochs
                .iter()
                .map(|epoch| epoch.hashprice.get() / (24.0 * efficiency_j_per_th))
                .reduce(f64::min)
                .unwrap_or(f64::NAN),
            Self::SoldShare => history.sold_share.unwrap_or(f64::NAN),
        }
    }
}

struct Fall {
    share: f64,
    recovery_days: f64,
}

fn deepest_fall(epochs: &[SeenEpoch]) -> Option<Fall> {
    let middle = |epoch: &SeenEpoch| epoch.start_days() + 0.5 * epoch.duration_days();
    let share = |fall: (usize, usize)| epochs[fall.1].hashrate_eh_per_s / epochs[fall.0].hashrate_eh_per_s;
    let last = epochs.last()?;
    let (mut peak, mut deepest) = (0, (0, 0));
    for place in 0..epochs.len() {
        if epochs[place].hashrate_eh_per_s > epochs[peak].hashrate_eh_per_s {
            peak = place;
        }
        if share((peak, place)) < share(deepest) {
            deepest = (peak, place);
        }
    }
    let (peak, trough) = deepest;
    let level = RECOVERED * epochs[peak].hashrate_eh_per_s;
    let back = epochs[trough..].iter().find(|epoch| epoch.hashrate_eh_per_s >= level);
    let end = back.map_or(last.start_days() + last.duration_days(), middle);
    let recovery_days = if share(deepest) >= RECOVERED { 0.0 } else { end - middle(&epochs[peak]) };
    Some(Fall { share: share(deepest), recovery_days })
}

/// Least-squares slope of changes of ln hashrate on the changes of ln hashprice that `counts` selects.
fn slope(epochs: &[SeenEpoch], counts: impl Fn(f64) -> bool) -> f64 {
    let changes: Vec<(f64, f64)> = epochs
        .windows(2)
        .map(|pair| {
            let change = |of: fn(&SeenEpoch) -> f64| libm::log(of(&pair[1]) / of(&pair[0]));
            (change(|epoch| epoch.hashprice.get()), change(|epoch| epoch.hashrate_eh_per_s))
        })
        .filter(|&(hashprice, _)| counts(hashprice))
        .collect();
    if changes.len() < 3 {
        return f64::NAN;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| changes.iter().map(of).sum::<f64>() / super::count(changes.len());
    let (x, y) = (mean(|change| change.0), mean(|change| change.1));
    let squares: f64 = changes.iter().map(|change| (change.0 - x) * (change.0 - x)).sum();
    let products: f64 = changes.iter().map(|change| (change.0 - x) * (change.1 - y)).sum();
    if squares > 1e-12 { products / squares } else { f64::NAN }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;
    use crate::{
        chain::estimate::{epoch_hashrate_eh_per_s, epoch_work},
        units::{Days, Hashprice, Seconds},
    };

    /// Hashrates in proportion to 100, 110, 77, 88, 108, and hashprices with known ratios. The difficulty follows from hashrate
    /// and duration.
    fn history() -> History {
        let rows: [(f64, f64, f64); 5] =
            [(14.0, 100.0, 200.0), (12.0, 110.0, 100.0), (16.0, 77.0, 50.0), (14.0, 88.0, 100.0), (14.0, 108.0, 50.0)];
        let mut start = Seconds::ZERO;
        let mut epochs = Vec::new();
        for (height, (days, hashrate, hashprice)) in (0..).step_by(2016).zip(rows) {
            let duration = Seconds::from(Days::new(days));
            let difficulty = 1e10 * hashrate * days;
            let (retarget, hashprice) = (14.0 / days, Hashprice::new(hashprice));
            let hashrate_eh_per_s = epoch_hashrate_eh_per_s(epoch_work(difficulty), duration);
            epochs.push(SeenEpoch { height, start, duration, difficulty, hashrate_eh_per_s, retarget, hashprice });
            start += duration;
        }
        History { epochs, sold_share: Some(0.4) }
    }

    #[test]
    fn summaries_match_values_computed_by_hand() {
        let of = |summary: Summary| summary.of(&history(), 50.0);
        assert!((of(Summary::Trough) - 0.7).abs() < 1e-12);
        // From the middle of the second epoch, day 20, to the middle of the fifth, day 63.
        assert_eq!(of(Summary::Recovery), 43.0);
        assert_eq!(of(Summary::LongestEpoch), 16.0);
        assert!((of(Summary::Difficulty(2)) - libm::log(77.0 * 16.0 / (100.0 * 14.0))).abs() < 1e-12);
        assert!((of(Summary::RevenueFloor) - 50.0 / 1200.0).abs() < 1e-12);
        assert_eq!(of(Summary::SoldShare), 0.4);
        // Changes of ln x are −l, −l, l, −l with l = ln 2. All four give a slope; the falls alone give none, because they are
        // equal.
        let y = [1.1, 0.7, 88.0 / 77.0, 108.0 / 88.0].map(libm::log);
        let l = libm::log(2.0);
        let (mx, my) = (-0.5 * l, y.iter().sum::<f64>() / 4.0);
        let products: f64 = [-l, -l, l, -l].iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
        let squares: f64 = [-l, -l, l, -l].iter().map(|x| (x - mx) * (x - mx)).sum();
        assert!((of(Summary::Elasticity) - products / squares).abs() < 1e-12);
        assert!(of(Summary::ElasticityFalls).is_nan());
    }

    #[test]
    fn summaries_that_a_short_history_does_not_determine_are_missing() {
        let mut short = history();
        short.epochs.truncate(3);
        // Hashrate has not recovered by the end of the record on day 42; the peak is on day 20.
        assert_eq!(Summary::Recovery.of(&short, 50.0), 22.0);
        assert!(Summary::Difficulty(3).of(&short, 50.0).is_nan() && Summary::Elasticity.of(&short, 50.0).is_nan());
        assert!(Summary::all().all(|summary| summary.of(&History::default(), 50.0).is_nan()));
        short.epochs.truncate(2);
        assert_eq!((Summary::Trough.of(&short, 50.0), Summary::Recovery.of(&short, 50.0)), (1.0, 0.0));
    }

    #[test]
    fn summary_names_parse_to_their_summaries() {
        for summary in Summary::all() {
            assert_eq!(Summary::parse(summary.name()), Some(summary));
            assert!(summary.unit() != "USD/kWh" || summary.name().ends_with("_usd_per_kwh"));
        }
        assert_eq!(Summary::parse("crest"), None);
    }
}
