//! `forecasts.csv`: every forecast with its outcome.

use super::{AHEAD, Rolling, compare::Scored};
use crate::{
    declare::{Columns, row},
    units::UnixTime,
};

row! {
    /// One row per forecast, price, origin and epoch ahead that was scored.
    pub struct ForecastRow<'a> in "forecasts" by [price, forecast, origin_height, epochs_ahead] {
        /// Whether the price was known or frozen at that of the epoch before the origin
        price: &'a str,
        /// Name of the forecast
        forecast: &'a str,
        /// Height of the first block of the epoch from whose start the forecast was made
        origin_height: u64,
        /// Number of the epoch from the origin; 1 begins at it
        epochs_ahead: u64,
        /// Natural logarithm of the forecast hashrate in EH/s
        ln_forecast: f64,
        /// Natural logarithm of the hashrate in EH/s that was observed
        ln_observed: f64,
        /// The same of the 5 % quantile of the forecast
        ln_p05: Option<f64>,
        /// The same of the 95 % quantile of the forecast
        ln_p95: Option<f64>,
        /// Continuous ranked probability score of the logarithm
        crps: Option<f64>,
        /// Forecast probability of less than what was observed
        pit: Option<f64>,
    }
}

/// Appends the scored forecasts from some origins as rows of `forecasts.csv`.
///
/// # Panics
/// When a forecast is infinite.
pub(super) fn append(
    table: &mut Columns,
    rolling: &Rolling<'_>,
    (price, scored): (&str, &[Scored]),
    origins: std::ops::Range<usize>,
) {
    let observed = rolling.observed();
    let known = |value: f64| (!value.is_nan()).then_some(value);
    for Scored { name, evidence } in scored {
        for (origin, ahead) in origins.clone().flat_map(|origin| (0..AHEAD).map(move |ahead| (origin, ahead))) {
            let Some(error) = known(evidence.errors[origin][ahead]) else { continue };
            let outcome = observed[origin + ahead];
            let below = |offset: f64| known(outcome - offset);
            let row = ForecastRow {
                price,
                forecast: name,
                origin_height: rolling.history.epochs()[origin].start_height,
                epochs_ahead: ahead as u64 + 1,
                ln_forecast: outcome - error,
                ln_observed: outcome,
                ln_p05: below(evidence.above_low[origin][ahead]),
                ln_p95: below(evidence.above_high[origin][ahead]),
                crps: known(evidence.crps[origin][ahead]),
                pit: known(evidence.pit[origin][ahead]),
            };
            table.push(&row).expect("forecasts are finite");
        }
    }
}

/// An empty table.
pub(super) fn table() -> Columns {
    Columns::of::<ForecastRow<'_>>(UnixTime::default())
}
