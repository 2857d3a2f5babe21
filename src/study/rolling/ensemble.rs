//! Bands of the law: an ensemble of members with equal weights, each with its own filter and noise.

use super::{AHEAD, Evidence, Forecasts, Rolling};
use crate::{
    study::score::{crps, quantile},
    supply::state::{Member, Noise, Setting, classes},
};
use rayon::prelude::*;

/// Forecasts of the logarithm of hashrate by all members, sorted, by origin and epochs ahead; empty where there is no forecast.
pub type Bands = Vec<Vec<Vec<f64>>>;

/// Forecasts by this number of members, from every epoch from the first scored one on.
#[must_use]
pub fn ensemble_forecasts(rolling: &Rolling<'_>, setting: &Setting, noise: Noise, seed: u64, members: u64) -> Bands {
    let classes = classes(rolling.on_sale, setting);
    let closed = rolling.history.closed();
    let one = |member: u64| -> Forecasts {
        let begun =
            Member::new((rolling.history, rolling.on_sale, setting, &classes), rolling.first(), rolling.settled());
        let mut walker = begun.with_noise(noise, seed, member);
        let mut rows = vec![[f64::NAN; AHEAD]; closed];
        while walker.epoch() < closed {
            let origin = walker.epoch();
            if origin >= rolling.first_scored() {
                walker.forecast(&mut rows[origin][..AHEAD.min(closed - origin)]);
            }
            walker.live();
        }
        rows
    };
    let all: Vec<Forecasts> = (0..members).into_par_iter().map(one).collect();
    let cell = |origin: usize, ahead: usize| {
        let mut values: Vec<f64> = all.iter().map(|rows| rows[origin][ahead]).filter(|value| !value.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    (0..closed).map(|origin| (0..AHEAD).map(|ahead| cell(origin, ahead)).collect()).collect()
}

impl Evidence {
    /// The quantities for an ensemble, with CRPS and bands from its members. `errors` are the errors of the forecast without
    /// noise.
    #[must_use]
    pub fn of_bands(rolling: &Rolling<'_>, errors: Forecasts, bands: &Bands) -> Self {
        let observed = rolling.observed();
        let mut found = Self::without_bands(errors);
        for (origin, rows) in bands.iter().enumerate() {
            for (ahead, values) in rows.iter().enumerate() {
                if values.is_empty() || !rolling.is_scored(origin + ahead) {
                    continue;
                }
                let outcome = observed[origin + ahead];
                found.crps[origin][ahead] = crps(values, outcome);
                found.above_low[origin][ahead] = outcome - quantile(values, 0.05);
                found.above_high[origin][ahead] = outcome - quantile(values, 0.95);
                let below = values.partition_point(|value| *value < outcome);
                #[expect(clippy::cast_precision_loss, reason = "a few hundred members")]
                let share = below as f64 / values.len() as f64;
                found.pit[origin][ahead] = share;
            }
        }
        found
    }
}
