//! The wording and the colour of a metric in the charts of a sweep.

use plotters::style::RGBColor;

use crate::{
    figure::style,
    report::{number::human, sweep::headline::Headline},
};

/// Note in a caption if a quantile is never reached.
pub(super) const NEVER_NOTE: &str = "A replica that never gets there ranks above all others.";

/// A median in words.
pub(super) fn in_words(headline: Headline, value: f64) -> String {
    match value {
        value if value.is_nan() => "unknown".into(),
        value if value.is_infinite() => "never".into(),
        value if headline.metric.no_fall.is_some_and(|none| none.value.total_cmp(&value).is_eq()) => "no fall".into(),
        value if headline.metric.unit.is_empty() => human(value),
        value => format!("{} {}", human(value), headline.unit),
    }
}

/// The colour of what a metric measures, as in the charts of runs.
pub(in crate::figure) fn colour(headline: Headline) -> RGBColor {
    match headline.metric.name {
        "hashrate_trough_share" | "days_to_95pct" => style::HASHRATE,
        "longest_epoch_days" | "worst_retarget" | "block_delay_days" => style::DIFFICULTY,
        "hashprice_low_usd_per_ph_day" => style::HASHPRICE,
        "defaulted_hashrate_share" => style::SOLD_LIQUIDATION,
        "sold_forced_btc" => style::SOLD_FORCED,
        _ => style::NEUTRAL,
    }
}
