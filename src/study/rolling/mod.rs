//! Forecasts of network hashrate from every epoch of a history, compared with the outcome: the law of hash supply, and baselines
//! that use little more than hashrate. The book describes the protocol in its chapter on rolling forecasts.

mod baseline;
mod compare;
mod confidence;
mod ensemble;
mod paths;
mod protocol;
mod row;

pub use baseline::{BASELINES, Baseline};
pub use compare::{Evidence, HORIZONS, PARTS, Scores, diebold_mariano, normal_crps};
pub use confidence::confidence_set;
pub use ensemble::{Bands, ensemble_forecasts};
pub use paths::{EpisodePath, FreeRun, NEAR, PATH, PathScores};
pub use protocol::{COMPARED, Compared, PRIMARY, Primary, RollingScores, score_rolling};
pub use row::ForecastRow;

use crate::{
    supply::{
        history::History,
        on_sale::OnSale,
        state::{Member, Setting, classes},
    },
    units::UnixTime,
};
use rayon::prelude::*;

/// Number of epochs forecast from each origin.
pub const AHEAD: usize = 26;

/// First block of the epoch of 15 April 2021, whose hashrate is not scored. A forecast that does not know of outages does not
/// learn from it either.
pub const BLACKOUT_HEIGHT: u64 = 679_392;

/// The data of a rolling score.
#[derive(Clone, Copy, Debug)]
pub struct Rolling<'a> {
    /// The observed history.
    pub history: &'a History,
    /// The machines on sale during that history.
    pub on_sale: &'a OnSale,
}

/// Forecasts of the logarithm of hashrate, EH/s, by origin (an epoch of the history) and epochs ahead. NaN where there is no
/// forecast.
pub type Forecasts = Vec<[f64; AHEAD]>;

impl Rolling<'_> {
    /// The epoch at which the run through history begins: the first of 2014.
    #[must_use]
    pub fn first(&self) -> usize {
        self.history.first_from(date("2014-01-01"))
    }

    /// The epoch until which the state is corrected in full: the first of 2015.
    #[must_use]
    pub fn settled(&self) -> usize {
        self.history.first_from(date("2015-01-01"))
    }

    /// The first origin that is scored: the first epoch of 2016.
    #[must_use]
    pub fn first_scored(&self) -> usize {
        self.history.first_from(date("2016-01-01"))
    }

    /// Checks that the history contains the first years of the run, which a forecast requires.
    ///
    /// # Errors
    /// A message with the period that the history must cover.
    pub fn check(&self) -> Result<(), String> {
        let (first, last) = (self.history.epochs()[0].start, self.history.epochs()[self.history.closed()].start);
        if first > date("2014-01-15") || self.settled() + 2 > self.history.closed() {
            return Err(format!(
                "the history reaches from {first} to {last}: give one that begins before 15 January 2014 and ends after 2015, or \
                 one that begins where the shipped one ends (`shakeout history` prints it)"
            ));
        }
        Ok(())
    }

    /// Logarithm of hashrate, EH/s, of each epoch that has ended.
    #[must_use]
    pub fn observed(&self) -> Vec<f64> {
        (0..self.history.closed()).map(|epoch| libm::log(self.history.hashrate_eh(epoch))).collect()
    }

    /// Whether the hashrate of an epoch is scored.
    #[must_use]
    pub fn is_scored(&self, epoch: usize) -> bool {
        epoch < self.history.closed() && self.history.epochs()[epoch].start_height != BLACKOUT_HEIGHT
    }

    /// Forecasts of the law with this setting, without noise, from every epoch.
    #[must_use]
    pub fn law(&self, setting: &Setting) -> Forecasts {
        let classes = classes(self.on_sale, setting);
        let mut member = Member::new((self.history, self.on_sale, setting, &classes), self.first(), self.settled());
        let mut origins = Vec::new();
        while member.epoch() < self.history.closed() {
            origins.push(member.clone());
            member.live();
        }
        let forecast = |member: &Member<'_>| {
            let mut row = [f64::NAN; AHEAD];
            let ahead = AHEAD.min(self.history.closed() - member.epoch());
            member.forecast(&mut row[..ahead]);
            row
        };
        let rows: Vec<[f64; AHEAD]> = origins.par_iter().map(forecast).collect();
        self.by_origin(self.first(), rows)
    }

    /// Logarithm of hashrate, EH/s, of every epoch from `from` on, when the law is not corrected by observations after that
    /// epoch.
    #[must_use]
    pub fn free_run(&self, setting: &Setting, from: usize) -> Vec<f64> {
        let classes = classes(self.on_sale, setting);
        let mut member = Member::new((self.history, self.on_sale, setting, &classes), self.first(), self.settled());
        while member.epoch() < from {
            member.live();
        }
        let mut row = vec![f64::NAN; self.history.closed() - from];
        member.forecast(&mut row);
        row
    }

    /// Errors, observed minus forecast; NaN if there is no forecast or the epoch is not scored.
    #[must_use]
    pub fn errors(&self, forecasts: &Forecasts) -> Forecasts {
        let observed = self.observed();
        let row = |(origin, row): (usize, &[f64; AHEAD])| {
            let mut errors = [f64::NAN; AHEAD];
            for (ahead, (error, forecast)) in errors.iter_mut().zip(row).enumerate() {
                if self.is_scored(origin + ahead) {
                    *error = observed[origin + ahead] - forecast;
                }
            }
            errors
        };
        forecasts.iter().enumerate().map(row).collect()
    }

    /// Places rows for the origins from `first` on; all other origins get rows of NaN.
    fn by_origin(&self, first: usize, rows: Vec<[f64; AHEAD]>) -> Forecasts {
        let mut all = vec![[f64::NAN; AHEAD]; first];
        all.extend(rows);
        all.resize(self.history.closed(), [f64::NAN; AHEAD]);
        all
    }
}

/// A date constant.
fn date(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
