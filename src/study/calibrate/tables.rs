//! The tables of a calibration: particles, results and predictions.

use std::path::Path;

use super::{
    Episode, History, Outcome, Parameter, Particle,
    sheets::{PARTICLES, PATHS},
};
use crate::output::{
    csv::{Cell, Rows, header, write_row},
    failed,
    folder::FolderError,
    read::{ReadError, Reader},
    table::TableFile,
};

/// A row of `paths.csv`, as far as predictions need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// Index of the episode.
    pub episode: usize,
    /// Number of the epoch, from 0.
    pub epoch: usize,
    /// Difficulty of the epoch.
    pub difficulty: f64,
    /// Inferred hashrate, EH/s.
    pub hashrate_eh_per_s: f64,
}

/// The tables that are filled during sampling and posterior prediction.
#[derive(Debug)]
pub struct SampledTables<'a> {
    parameters: &'a [Parameter],
    episodes: &'a [Episode<'a>],
}

impl<'a> SampledTables<'a> {
    /// The tables for these parameters and episodes.
    #[must_use]
    pub const fn new(parameters: &'a [Parameter], episodes: &'a [Episode<'a>]) -> Self {
        Self { parameters, episodes }
    }

    /// The table files: `particles` has every accepted draw with the summaries of its history; `paths` has the epochs of
    /// histories simulated anew with posterior draws; `failed` has the histories that could not be simulated.
    #[must_use]
    pub fn files(&self) -> Vec<TableFile> {
        let mut particles: Vec<String> = PARTICLES.names().map(str::to_owned).collect();
        particles.extend(self.parameters.iter().map(|parameter| parameter.name.clone()));
        for episode in self.episodes {
            particles.extend(episode.summaries.iter().map(|summary| format!("{}.{}", episode.name, summary.name())));
        }
        vec![
            TableFile { name: "particles".to_owned(), header: header(particles.iter().map(String::as_str)) },
            TableFile { name: "paths".to_owned(), header: header(PATHS.names()) },
            failed::file(failed::CALIBRATION),
        ]
    }

    /// The rows of one particle; `failed` holds the rows of its failed histories.
    #[must_use]
    pub fn particle(&self, generation: usize, number: u64, outcome: &Outcome, failed: Vec<u8>) -> Rows {
        let mut text = Vec::new();
        let addressed = |attempts, failed| [generation as u64, number, attempts, failed].map(Cell::Count);
        match outcome {
            Outcome::Accepted(particle) => {
                let numbers = [particle.weight].into_iter().chain(particle.values.iter().copied());
                let numbers = numbers.chain(particle.summaries.iter().copied()).map(Cell::Number);
                write_row(&mut text, addressed(particle.attempts, particle.failed).into_iter().chain(numbers));
            }
            Outcome::GivenUp { attempts, failed } => {
                let summaries: usize = self.episodes.iter().map(|episode| episode.summaries.len()).sum();
                let empty = std::iter::repeat_n(Cell::Number(f64::NAN), 1 + self.parameters.len() + summaries);
                write_row(&mut text, addressed(*attempts, *failed).into_iter().chain(empty));
            }
        }
        Rows(vec![text, Vec::new(), failed])
    }

    /// The rows of the histories of one posterior draw, one history per episode.
    #[must_use]
    pub fn paths(&self, draw: u64, histories: &[History]) -> Rows {
        let mut text = Vec::new();
        for (episode, history) in self.episodes.iter().zip(histories) {
            for (number, epoch) in history.epochs.iter().enumerate() {
                let cells = [Cell::Count(draw), Cell::Text(&episode.name), Cell::Count(number as u64)];
                let numbers = [
                    epoch.start_days(),
                    epoch.duration_days(),
                    epoch.difficulty,
                    epoch.hashrate_eh_per_s,
                    epoch.hashprice.get(),
                ];
                write_row(&mut text, cells.into_iter().chain(numbers.map(Cell::Number)));
            }
        }
        Rows(vec![Vec::new(), text, Vec::new()])
    }

    /// Reads the particles of an unfinished folder, in the order written. The values are identical to the bit.
    ///
    /// # Errors
    /// When the table cannot be read or parsed.
    pub fn read_particles(&self, folder: &Path) -> Result<Vec<Outcome>, FolderError> {
        let mut rows = Reader::open_all(folder, PARTICLES.name)?;
        let count = rows.names().count();
        let mut outcomes = Vec::new();
        while rows.advance()? {
            let (attempts, failed) = (rows.whole(2)?, rows.whole(3)?);
            let Some(weight) = rows.number(4)? else {
                outcomes.push(Outcome::GivenUp { attempts, failed });
                continue;
            };
            let numbers: Result<Vec<f64>, ReadError> =
                (5..count).map(|place| Ok(rows.number(place)?.unwrap_or(f64::NAN))).collect();
            let mut values = numbers?;
            if values.len() < self.parameters.len() {
                return Err(rows.bad_row("a row is too short").into());
            }
            let summaries = values.split_off(self.parameters.len());
            outcomes.push(Outcome::Accepted(Particle { values, summaries, weight, attempts, failed }));
        }
        Ok(outcomes)
    }

    /// Reads the rows that [`Self::paths`] wrote, in the order of the draws.
    ///
    /// # Errors
    /// When the table cannot be read or parsed.
    pub fn read_paths(&self, folder: &Path) -> Result<Vec<Predicted>, FolderError> {
        let mut table = Reader::open(folder, PATHS.name, PATHS.names())?;
        let mut rows = Vec::new();
        while table.advance()? {
            let episode = self.episodes.iter().position(|episode| episode.name == table.text(1));
            let (Some(episode), Some(difficulty), Some(hashrate_eh_per_s), Ok(epoch)) =
                (episode, table.number(5)?, table.number(6)?, usize::try_from(table.whole(2)?))
            else {
                return Err(table.bad_row("the row is not one of ours").into());
            };
            rows.push(Predicted { episode, epoch, difficulty, hashrate_eh_per_s });
        }
        Ok(rows)
    }
}
