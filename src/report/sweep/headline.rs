//! The metrics that a sweep is drawn for.

use crate::{declare::Metric, simulation::metrics::METRICS};

/// A metric in the words of a figure.
#[derive(Clone, Copy, Debug)]
pub struct Headline {
    /// Its key, unit and meaning.
    pub metric: &'static Metric,
    /// A few words.
    pub name: &'static str,
    /// Its unit, or for a ratio what it is a share of.
    pub unit: &'static str,
}

/// Name of the metric, a few words, and for a ratio what it is a share of.
const HEADLINES: [(&str, &str, &str); 12] = [
    ("hashrate_trough_share", "Trough of hashrate", "share of peak"),
    ("days_to_95pct", "Recovery to 95 %", ""),
    ("longest_epoch_days", "Longest epoch", ""),
    ("worst_retarget", "Largest downward difficulty adjustment", "relative change"),
    ("hashrate_volatility_per_sqrt_day", "Volatility of hashrate", ""),
    ("block_delay_days", "Delay of the chain", ""),
    ("block_gap_longest_s", "Longest gap between blocks", ""),
    ("underwater_loss_usd", "Operating losses below break-even", ""),
    ("hashprice_low_usd_per_ph_day", "Lowest hashprice", ""),
    ("defaulted_hashrate_share", "Hashrate of firms that defaulted", "share"),
    ("sold_forced_btc", "Forced sales", ""),
    ("hhi_end", "Concentration at the end", "HHI"),
];

/// The headline metrics, in the order in which they are drawn.
pub fn headlines() -> impl Iterator<Item = Headline> {
    HEADLINES.into_iter().filter_map(|(key, name, share)| {
        let metric = METRICS.iter().find(|metric| metric.name == key)?;
        let unit = if metric.unit.is_empty() { share } else { metric.unit };
        Some(Headline { metric, name, unit })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_headline_is_a_metric_with_a_unit() {
        assert_eq!(headlines().count(), HEADLINES.len());
        for headline in headlines() {
            assert!(!headline.unit.is_empty(), "{headline:?}");
        }
    }
}
