//! Forecasts of whole paths: from every origin, in the episodes of the first protocol, and over all years without correction.

use super::{AHEAD, Rolling, compare::Scored, date};
use crate::{
    study::score::{mean, root_mean_square},
    supply::state::{Member, Setting, classes},
    units::Days,
};
use serde::Serialize;
use std::ops::Range;

/// Number of epochs of the paths that are forecast from every origin.
pub const PATH: usize = 18;

/// A path with a root mean square error of at most this counts as near.
pub const NEAR: f64 = 0.10;

/// First day and number of epochs of each episode of the first protocol.
const EPISODES: [(&str, usize); 5] =
    [("2018-09-20", 18), ("2020-02-11", 17), ("2020-10-04", 7), ("2021-05-01", 19), ("2022-03-17", 23)];

/// Free runs are corrected until these dates.
const CORRECTED_UNTIL: [&str; 6] = ["2015-01-01", "2016-01-01", "2018-01-01", "2020-01-01", "2021-01-01", "2022-01-01"];

/// Scores of one forecast over the paths of [`PATH`] epochs from every origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathScores {
    /// Name of the forecast.
    pub name: String,
    /// Mean over paths of the root mean square error of ln hashrate along the path.
    pub rmse: f64,
    /// Share of paths whose error is at most [`NEAR`].
    pub near: f64,
    /// Mean CRPS over all epochs of the paths that have bands.
    pub crps: f64,
    /// Share of their outcomes within the 90 % band.
    pub coverage: f64,
    /// Number of paths.
    pub n: usize,
}

/// The error of the law in an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpisodePath {
    /// First day of the episode.
    pub start: &'static str,
    /// Number of epochs.
    pub epochs: usize,
    /// Root mean square error of ln hashrate when the path is forecast from its first epoch; NaN if the history does not contain
    /// the episode.
    pub rmse: f64,
    /// The same when orders are held at the rate with which the path fits best: the error of the response to hashprice alone.
    pub response_alone: f64,
}

/// The error of the law without correction from a date to the end of the history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FreeRun {
    /// The state is corrected until this day.
    pub corrected_until: &'static str,
    /// Root mean square error of ln hashrate.
    pub rmse: f64,
    /// The error of the last epoch, forecast minus observed.
    pub last: f64,
}

/// Scores of all forecasts over paths, on the paths that each of them has from its first to its last epoch.
pub(super) fn path_scores(rolling: &Rolling<'_>, scored: &[Scored], origins: Range<usize>) -> Vec<PathScores> {
    let steps = |origin: usize| (0..PATH).filter(move |ahead| rolling.is_scored(origin + ahead));
    let is_whole = |origin: &usize| {
        let has = |one: &Scored| steps(*origin).all(|ahead| !one.evidence.errors[*origin][ahead].is_nan());
        origin + PATH <= rolling.history.closed() && scored.iter().all(has)
    };
    let whole: Vec<usize> = origins.filter(is_whole).collect();
    let of = |one: &Scored| {
        let along = |origin: &usize| -> Vec<f64> { steps(*origin).map(|a| one.evidence.errors[*origin][a]).collect() };
        let errors: Vec<f64> = whole.iter().map(|origin| root_mean_square(&along(origin))).collect();
        let all = |value: &dyn Fn(usize, usize) -> f64| {
            let cells = whole.iter().flat_map(|&origin| steps(origin).map(move |ahead| (origin, ahead)));
            mean(&cells.map(|(origin, ahead)| value(origin, ahead)).filter(|value| !value.is_nan()).collect::<Vec<_>>())
        };
        PathScores {
            name: one.name.clone(),
            rmse: mean(&errors),
            near: mean(&errors.iter().map(|error| f64::from(u8::from(*error <= NEAR))).collect::<Vec<_>>()),
            crps: all(&|origin, ahead| one.evidence.crps[origin][ahead]),
            coverage: all(&|origin, ahead| one.evidence.within(origin, ahead)),
            n: errors.len(),
        }
    };
    scored.iter().map(of).collect()
}

/// The errors of the law in the episodes of the first protocol.
pub(super) fn episodes(rolling: &Rolling<'_>, setting: &Setting) -> Vec<EpisodePath> {
    let mut held = setting.clone();
    held.law.ordering = Days::new(f64::INFINITY);
    let classes = classes(rolling.on_sale, setting);
    let observed = rolling.observed();
    let path = |(start, epochs): (&'static str, usize)| {
        let origin = rolling.history.first_from(date(start));
        if origin + epochs > rolling.history.closed() {
            return EpisodePath { start, epochs, rmse: f64::NAN, response_alone: f64::NAN };
        }
        let mut member =
            Member::new((rolling.history, rolling.on_sale, setting, &classes), rolling.first(), rolling.settled());
        while member.epoch() < origin {
            member.live();
        }
        let error = |member: &Member<'_>| {
            let mut row = [f64::NAN; AHEAD];
            member.forecast(&mut row[..epochs]);
            let scored = (0..epochs).filter(|ahead| rolling.is_scored(origin + ahead));
            root_mean_square(&scored.map(|ahead| observed[origin + ahead] - row[ahead]).collect::<Vec<_>>())
        };
        let midpoint = libm::log(setting.law.orders.midpoint_cents);
        let with_orders = |ln_cents: f64| error(&member.clone().with_orders_held(&held, midpoint + ln_cents));
        EpisodePath { start, epochs, rmse: error(&member), response_alone: lowest(&with_orders, ORDERS) }
    };
    EPISODES.into_iter().map(path).collect()
}

/// Logarithms of revenue per kWh, over that at which orders are half of their largest, between which held orders are sought: from next to no order
/// to the largest rate.
const ORDERS: (f64, f64) = (-6.0, 3.0);

/// The lowest value of a function between two bounds: the best of a grid, then golden sections around it.
fn lowest(of: &dyn Fn(f64) -> f64, (low, high): (f64, f64)) -> f64 {
    const STEPS: u32 = 24;
    let width = (high - low) / f64::from(STEPS);
    let grid = (0..=STEPS).map(|step| low + width * f64::from(step));
    let best = grid.map(|at| (at, of(at))).min_by(|one, other| one.1.total_cmp(&other.1));
    let Some((centre, mut least)) = best else { return f64::NAN };
    let (mut low, mut high) = (centre - width, centre + width);
    let golden = (libm::sqrt(5.0) - 1.0) / 2.0;
    for _ in 0..24 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        let (at_left, at_right) = (of(left), of(right));
        least = least.min(at_left).min(at_right);
        if at_left < at_right {
            high = right;
        } else {
            low = left;
        }
    }
    least
}

/// The errors of the law without correction.
pub(super) fn free_runs(rolling: &Rolling<'_>, setting: &Setting) -> Vec<FreeRun> {
    let observed = rolling.observed();
    let run = |corrected_until: &'static str| {
        let origin = rolling.history.first_from(date(corrected_until));
        let forecasts = rolling.free_run(setting, origin);
        let errors: Vec<f64> = forecasts.iter().zip(&observed[origin..]).map(|(one, seen)| one - seen).collect();
        FreeRun { corrected_until, rmse: root_mean_square(&errors), last: errors.last().copied().unwrap_or(f64::NAN) }
    };
    CORRECTED_UNTIL.into_iter().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_value_is_found_between_the_points_of_the_grid() {
        let valley = |at: f64| (at - 1.234).abs() + 0.5;
        assert!((lowest(&valley, ORDERS) - 0.5).abs() < 1e-5);
    }
}
