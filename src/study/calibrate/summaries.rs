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
//! elasticity        slope of y = ln(H_{k+1}/H_k) on v = ln(x_{k+1}/x_k) by least squares; elasticity_falls: where x fell
//! elasticity_by_price   cov(z, y)/cov(z, v) with the instrument z = ln(x_{k+1} D_{k+1}/(x_k D_k)), the change of the reward per block in USD
//! revenue_floor     min_k x_k / (24 e)
//! sold_share        coins sold over coins mined, in the whole run
//! ```
//!
//! If a recovery is not complete at the end of the record, it is counted as ending there, for simulated and observed histories
//! alike. A slope needs at least three changes of hashprice that are not all equal. Incomplete epochs are ignored. Sources: the model's
//! pattern table (P1–P7, P10, P13), which measures troughs and recoveries by epoch means. Known errors: H_k has Poisson noise of
//! 2.2 %, in simulated and observed chains alike. The noise of H_k lowers ln(H_{k+1}/H_k) and, through D_{k+1}, also ln(x_{k+1}/x_k), so that the slope by
//! least squares is too high in both (a test shows by how much). The change of the reward has no such noise, and the slope instrumented by it is consistent.

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
    /// Short-run elasticity, with the change of hashprice instrumented by that of the reward per block.
    ElasticityByPrice,
    /// Lowest revenue of the fleet per unit of energy.
    RevenueFloor,
    /// Coins sold over coins mined.
    SoldShare,
}

/// Names, units and summaries.
const ALL: [(&str, &str, Summary); 14] = [
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
    ("elasticity_by_price", "", Summary::ElasticityByPrice),
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
            Self::Elasticity => slope(&changes(epochs), |change| change.hashprice),
            Self::ElasticityFalls => {
                let mut falls = changes(epochs);
                falls.retain(|change| change.hashprice < 0.0);
                slope(&falls, |change| change.hashprice)
            }
            Self::ElasticityByPrice => slope(&changes(epochs), |change| change.reward),
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

/// Changes of logarithms from one epoch to the next.
struct Change {
    /// y.
    hashrate: f64,
    /// v.
    hashprice: f64,
    /// z: of hashprice times difficulty, which is in proportion to the reward per block in USD.
    reward: f64,
}

fn changes(epochs: &[SeenEpoch]) -> Vec<Change> {
    let change = |pair: &[SeenEpoch]| {
        let of = |value: fn(&SeenEpoch) -> f64| libm::log(value(&pair[1]) / value(&pair[0]));
        let hashprice = of(|epoch| epoch.hashprice.get());
        Change {
            hashrate: of(|epoch| epoch.hashrate_eh_per_s),
            hashprice,
            reward: hashprice + of(|epoch| epoch.difficulty),
        }
    };
    epochs.windows(2).map(change).collect()
}

/// Slope of changes of ln hashrate on changes of ln hashprice with this instrument; by least squares if it is the change of hashprice itself.
fn slope(changes: &[Change], instrument: impl Fn(&Change) -> f64) -> f64 {
    if changes.len() < 3 {
        return f64::NAN;
    }
    let mean = |of: &dyn Fn(&Change) -> f64| changes.iter().map(of).sum::<f64>() / super::count(changes.len());
    let middle = mean(&instrument);
    let with = |of: fn(&Change) -> f64| {
        let centre = mean(&of);
        changes.iter().map(|change| (instrument(change) - middle) * (of(change) - centre)).sum::<f64>()
    };
    let moved = with(|change| change.hashprice);
    if moved.abs() > 1e-12 { with(|change| change.hashrate) / moved } else { f64::NAN }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;
    use crate::{
        chain::estimate::{epoch_hashrate_eh_per_s, epoch_work},
        random::{Draw, Purpose},
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

    /// A true elasticity of 0 and of 0.45, with the noise of 2016 blocks and a price that moves by 5 % from epoch to epoch: least squares finds 0.15 and 0.55
    /// on average over 200 histories of 40 epochs, and the slope instrumented by the reward finds the truth within 0.02.
    #[test]
    fn noise_of_difficulty_biases_the_slope_and_the_instrument_does_not() {
        let draw = Draw::new(1, 0, Purpose::Price);
        let (histories, epochs) = (200u64, 40u64);
        for (truth, biased) in [(0.0, 0.146), (0.45, 0.55)] {
            let (mut plain, mut instrumented) = (0.0, 0.0);
            for history in 0..histories {
                let (mut price, mut difficulty) = (0.0, 0.0);
                let mut seen = Vec::new();
                for epoch in 0..epochs {
                    let at = 2 * (history * epochs + epoch);
                    price += 0.05 * draw.standard_normal(1, at);
                    let hashrate = truth * (price - difficulty) + draw.standard_normal(1, at + 1) / libm::sqrt(2016.0);
                    seen.push(SeenEpoch {
                        height: 0,
                        start: Seconds::ZERO,
                        duration: Seconds::from(Days::new(14.0)),
                        difficulty: libm::exp(difficulty),
                        hashrate_eh_per_s: libm::exp(hashrate),
                        retarget: 1.0,
                        hashprice: Hashprice::new(libm::exp(price - difficulty)),
                    });
                    difficulty = hashrate;
                }
                let history = History { epochs: seen, sold_share: None };
                plain += Summary::Elasticity.of(&history, 50.0) / 200.0;
                instrumented += Summary::ElasticityByPrice.of(&history, 50.0) / 200.0;
            }
            println!("true {truth}: least squares {plain:.3}, instrumented {instrumented:.3}");
            assert!((plain - biased).abs() < 0.02, "{plain} by least squares for {truth}");
            assert!((instrumented - truth).abs() < 0.02, "{instrumented} instrumented for {truth}");
        }
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
