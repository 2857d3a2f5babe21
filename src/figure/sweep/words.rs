//! The wording and the colour of a metric in the charts of a sweep.

use plotters::style::RGBColor;

use crate::{declare::Group, figure::style, report::sweep::outcome::Outcome};

/// Note in a caption if a quantile is never reached.
pub(super) const NEVER_NOTE: &str = "A replica that never gets there ranks above all others.";

/// The colour of what a metric measures, as in the charts of runs.
pub(in crate::figure) fn colour(outcome: &Outcome) -> RGBColor {
    match outcome.metric.group {
        Group::Hashrate => style::HASHRATE,
        Group::Difficulty => style::DIFFICULTY,
        Group::Revenue => style::HASHPRICE,
        Group::Firms => style::SOLD_LIQUIDATION,
        Group::Coins => style::SOLD_FORCED,
        Group::Machines => style::NEUTRAL,
        Group::Owners => style::OWNERS,
        Group::Energy => style::POWER,
    }
}
