//! What of a history is compared: numbers that both a simulated and a real chain show.
//!
//! | symbol | unit | meaning |
//! |---|---|---|
//! | D_k, T_k | –, d | difficulty and duration of the k-th epoch that begins at or after the start, from 0 |
//! | H_k | EH/s | work of the epoch's blocks over T_k, under Bitcoin's rule D_k 2^32 2016/T_k, as an observer of the chain infers it |
//! | x_k | USD/PH/day | mean hashprice of the epoch |
//! | e | J/TH | efficiency of the scenario's fleet at the start, by share of hashrate |
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
//! A recovery that the record does not reach counts as its end: the same for both sides. A slope needs three changes that
//! differ. Only whole epochs count. Sources: the model's pattern table (P1–P7, P10, P13), which measures troughs and recoveries
//! by epoch means. Known errors: H_k has Poisson noise of 2.2 %, in simulated and real blocks alike, and it enters D_{k+1} and
//! with it x_{k+1}, so that the slope is biased downwards, again in both.

use crate::study::score::SeenEpoch;

/// A history as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// From the first that begins at or after the start.
    pub epochs: Vec<SeenEpoch>,
    /// Coins sold over coins mined, where known.
    pub sold_share: Option<f64>,
}

/// A number that a history is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Lowest epoch as a share of the highest before it.
    Trough,
    /// ln of difficulty so many epochs after the first, over the first.
    Difficulty(usize),
    /// Days from peak back to 95 % of it.
    Recovery,
    /// Longest epoch.
    LongestEpoch,
    /// Short-run response of hashrate to hashprice.
    Elasticity,
    /// The same where hashprice fell.
    ElasticityFalls,
    /// Lowest revenue of the fleet per energy.
    RevenueFloor,
    /// Coins sold over mined.
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

/// How far back counts as recovered.
const RECOVERED: f64 = 0.95;

impl Summary {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|&(_, _, summary)| summary)
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().find(|(known, ..)| *known == name).map(|&(_, _, summary)| summary)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(.., summary)| *summary == self).map_or("", |(name, ..)| name)
    }

    /// Its unit; empty for a pure number.
    #[must_use]
    pub fn unit(self) -> &'static str {
        ALL.iter().find(|(.., summary)| *summary == self).map_or("", |(_, unit, _)| unit)
    }

    /// Of a history whose fleet began with this efficiency (J/TH); NaN where it has none.
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

/// Slope of changes of ln hashrate on those changes of ln hashprice that count.
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

    /// Hashrates as 100, 110, 77, 88, 108; hashprices moving by known ratios. Of the first the difficulty follows from hashrate and duration.
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
    fn summaries_by_hand() {
        let of = |summary: Summary| summary.of(&history(), 50.0);
        assert!((of(Summary::Trough) - 0.7).abs() < 1e-12);
        // From the middle of the second epoch, day 20, to that of the fifth, day 63.
        assert_eq!(of(Summary::Recovery), 43.0);
        assert_eq!(of(Summary::LongestEpoch), 16.0);
        assert!((of(Summary::Difficulty(2)) - libm::log(77.0 * 16.0 / (100.0 * 14.0))).abs() < 1e-12);
        assert!((of(Summary::RevenueFloor) - 50.0 / 1200.0).abs() < 1e-12);
        assert_eq!(of(Summary::SoldShare), 0.4);
        // Changes of ln x are −l, −l, l, −l with l = ln 2; the slope of the four, and none of the falls, which are all alike.
        let y = [1.1, 0.7, 88.0 / 77.0, 108.0 / 88.0].map(libm::log);
        let l = libm::log(2.0);
        let (mx, my) = (-0.5 * l, y.iter().sum::<f64>() / 4.0);
        let products: f64 = [-l, -l, l, -l].iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
        let squares: f64 = [-l, -l, l, -l].iter().map(|x| (x - mx) * (x - mx)).sum();
        assert!((of(Summary::Elasticity) - products / squares).abs() < 1e-12);
        assert!(of(Summary::ElasticityFalls).is_nan());
    }

    #[test]
    fn what_a_short_history_does_not_show_is_missing() {
        let mut short = history();
        short.epochs.truncate(3);
        // Not back by the end of the record, day 42, seen from day 20.
        assert_eq!(Summary::Recovery.of(&short, 50.0), 22.0);
        assert!(Summary::Difficulty(3).of(&short, 50.0).is_nan() && Summary::Elasticity.of(&short, 50.0).is_nan());
        assert!(Summary::all().all(|summary| summary.of(&History::default(), 50.0).is_nan()));
        short.epochs.truncate(2);
        assert_eq!((Summary::Trough.of(&short, 50.0), Summary::Recovery.of(&short, 50.0)), (1.0, 0.0));
    }

    #[test]
    fn names_are_read_back() {
        for summary in Summary::all() {
            assert_eq!(Summary::parse(summary.name()), Some(summary));
            assert!(summary.unit() != "USD/kWh" || summary.name().ends_with("_usd_per_kwh"));
        }
        assert_eq!(Summary::parse("crest"), None);
    }
}
