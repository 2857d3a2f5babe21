//! Forecasts of the network's hashrate from every epoch of a history, held against what came: the law of hash supply beside forecasts that
//! know hashrate alone. The protocol is the book's chapter on rolling forecasts.

mod baseline;
mod compare;
mod confidence;
mod ensemble;
mod protocol;

pub use baseline::{BASELINES, Baseline};
pub use compare::{Evidence, HORIZONS, Scores, diebold_mariano, normal_crps};
pub use confidence::confidence_set;
pub use ensemble::{Bands, ensemble_forecasts};
pub use protocol::{COMPARED, Compared, EpisodePath, FreeRun, PRIMARY, Primary, RollingScores, score_rolling};

use crate::{
    supply::{
        history::History,
        on_sale::OnSale,
        state::{Member, Setting, classes},
    },
    units::UnixTime,
};
use rayon::prelude::*;

/// Epochs that are forecast from each origin.
pub const AHEAD: usize = 26;

/// The first epoch whose hashrate is not scored and, to one who does not know of outages, not learnt from: that of 15 April 2021.
pub const BLACKOUT_HEIGHT: u64 = 679_392;

/// What a rolling score is made of.
#[derive(Clone, Copy, Debug)]
pub struct Rolling<'a> {
    /// The history.
    pub history: &'a History,
    /// The machines on sale over it.
    pub on_sale: &'a OnSale,
}

/// Forecasts of the logarithm of hashrate, EH/s: by origin (an epoch of the history), then by epochs ahead. NaN where there is none.
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

    /// Why nothing can be told from this history: it must hold the run's first years.
    ///
    /// # Errors
    /// Says from when to when it must reach.
    pub fn check(&self) -> Result<(), String> {
        let (first, last) = (self.history.epochs()[0].start, self.history.epochs()[self.history.closed()].start);
        if first > date("2014-01-15") || self.settled() + 2 > self.history.closed() {
            return Err(format!(
                "the history reaches from {first} to {last}: give one that begins before 15 January 2014 and ends after 2015; the shipped \
                 one can be appended to"
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

    /// Forecasts of the law under a setting, without noise, from every epoch.
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

    /// Hashrate of every epoch from `from` on, as the law runs without being corrected any more: logarithms, EH/s.
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

    /// Errors, observed less forecast; NaN where there is no forecast or the epoch is not scored.
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

    /// Rows of origins from `first` on, after rows of nothing.
    fn by_origin(&self, first: usize, rows: Vec<[f64; AHEAD]>) -> Forecasts {
        let mut all = vec![[f64::NAN; AHEAD]; first];
        all.extend(rows);
        all.resize(self.history.closed(), [f64::NAN; AHEAD]);
        all
    }
}

/// A day that is written in the code.
fn date(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
