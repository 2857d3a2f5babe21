//! Days of runway: how long a firm's money lasts at its present rates.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | C, B P | `liquid_usd` | USD | cash, and free coins at today's price |
//! | g | `burn_usd_per_day` | USD/day | bills and debt service less earnings of machines, at today's rates |
//!
//! ```text
//! runway = (C + B P) / g,  infinite where g <= 0
//! ```
//!
//! The network's quantiles weight each firm by the number of its miners.
//!
//! **Known error.** Rates are constant: difficulty, price and running hashrate do not react. Debt that is not yet due counts only as it falls due.
//!
//! **Source.** Definition; T13 is its closed form.

/// Days until cash and coins are used up; `None` if they never are.
#[must_use]
pub fn days(liquid_usd: f64, burn_usd_per_day: f64) -> Option<f64> {
    (burn_usd_per_day > 0.0).then(|| liquid_usd.max(0.0) / burn_usd_per_day)
}

/// The quantiles of `(runway, weight)`: the shortest runway that at least a share `q` of all miners do not exceed; `None` if it is infinite, or no
/// miner is left.
#[must_use]
pub fn quantiles<const N: usize>(
    runways: impl Iterator<Item = (Option<f64>, f64)>,
    shares: [f64; N],
) -> [Option<f64>; N] {
    let mut total = 0.0;
    // Infinite runways are the longest and need no sorting.
    let mut ending: Vec<(f64, f64)> = runways
        .inspect(|&(_, weight)| total += weight)
        .filter_map(|(runway, weight)| runway.map(|days| (days, weight)))
        .collect();
    ending.sort_by(|a, b| a.0.total_cmp(&b.0));
    shares.map(|share| {
        let mut reached = 0.0;
        let found = ending.iter().find(|&&(_, weight)| {
            reached += weight;
            reached >= share * total * (1.0 - 1e-12)
        });
        found.map(|&(days, _)| days)
    })
}

/// Whether the median of `(runway, weight)` may be shorter than `days`: never false if it is. It sorts nothing, and stops when half of all weight,
/// which is at most `total`, has longer runways, or when no more than half can have.
pub fn median_may_be_below(runways: impl Iterator<Item = (Option<f64>, f64)>, total: f64, days: f64) -> bool {
    // Weights are summed in another order than in `quantiles`, hence a margin for rounding.
    let half = 0.5 * total * (1.0 + 1e-9);
    let (mut longer, mut rest) = (0.0, total * (1.0 + 1e-9));
    for (runway, weight) in runways {
        if longer + rest <= half {
            return true;
        }
        rest -= weight;
        longer += if runway.is_some_and(|runway| runway < days) { 0.0 } else { weight };
        if longer > half {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(days(1000.0, 50.0), Some(20.0));
        assert_eq!([days(1000.0, 0.0), days(1000.0, -5.0)], [None, None]);
        assert_eq!(days(-1.0, 50.0), Some(0.0));
        // Of ten miners, three have 5 days, one has 40, and six have an infinite runway.
        let runways = [(None, 6.0), (Some(40.0), 1.0), (Some(5.0), 3.0)];
        assert_eq!(quantiles(runways.into_iter(), [0.1, 0.3, 0.4, 0.5]), [Some(5.0), Some(5.0), Some(40.0), None]);
        assert_eq!(quantiles(std::iter::empty(), [0.5]), [None]);
        // The median is 30, 30, or infinite.
        for (weight_of_endless, days, below) in [(3.0, 31.0, true), (3.5, 30.0, false), (6.5, f64::INFINITY, false)] {
            let runways = [(None, weight_of_endless), (Some(30.0), 3.0), (Some(5.0), 3.0)];
            let total = weight_of_endless + 6.0;
            assert_eq!(median_may_be_below(runways.into_iter(), total, days), below, "{weight_of_endless} {days}");
        }
    }
}
