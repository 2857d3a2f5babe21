//! A calibration's tables: what was sampled, what it comes to, and what it predicts.

use std::path::Path;

use super::{
    calibration_tables::{PARTICLES, PATHS},
    csv::{Rows, write_text},
    failed,
    folder::{FolderError, TableFile},
};
use crate::study::calibrate::{Episode, History, Outcome, Parameter, Particle};

/// A value in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A whole number.
    Count(u64),
    /// A number; nothing where it is not finite.
    Number(f64),
    /// Text.
    Text(&'a str),
}

/// Puts a row at the end of a csv text.
pub fn write_row<'a>(text: &mut Vec<u8>, cells: impl IntoIterator<Item = Cell<'a>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        match cell {
            Cell::Count(count) => text.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()),
            Cell::Number(number) if number.is_finite() => {
                text.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes());
            }
            Cell::Number(_) => {}
            Cell::Text(word) => write_text(text, word),
        }
    }
    text.push(b'\n');
}

/// A table's first line.
#[must_use]
pub fn header<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut text = Vec::new();
    write_row(&mut text, names.into_iter().map(Cell::Text));
    text
}

/// Of a row of `paths.csv` what is predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// Place of the episode.
    pub episode: usize,
    /// Number of the epoch, from 0.
    pub epoch: usize,
    /// In force.
    pub difficulty: f64,
    /// As inferred, EH/s.
    pub hashrate_eh_per_s: f64,
}

/// The tables that are filled while a posterior is sampled and tried out.
#[derive(Debug)]
pub struct SampledTables<'a> {
    parameters: &'a [Parameter],
    episodes: &'a [Episode<'a>],
}

impl<'a> SampledTables<'a> {
    /// Of these parameters and episodes.
    #[must_use]
    pub const fn new(parameters: &'a [Parameter], episodes: &'a [Episode<'a>]) -> Self {
        Self { parameters, episodes }
    }

    /// The files to be filled: `particles`, every accepted draw with the summaries of its history; `paths`, the epochs
    /// of histories simulated anew at draws of the posterior; and `failed`.
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

    /// The rows of a particle, and of its histories that failed: `failed` is the text of these.
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

    /// The rows of a posterior draw's histories, one for each episode.
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

    /// Reads the particles of an unfinished folder back, in the order written; the same to the bit.
    ///
    /// # Errors
    /// When the table cannot be read or understood.
    pub fn read_particles(&self, folder: &Path) -> Result<Vec<Outcome>, FolderError> {
        let path = folder.join("particles.csv");
        let damaged = |problem: String| FolderError::Damaged { path: path.clone(), problem };
        let mut reader = csv::Reader::from_path(&path).map_err(|error| damaged(error.to_string()))?;
        let mut outcomes = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| damaged(error.to_string()))?;
            let number = |place: usize| -> Result<f64, FolderError> {
                let text = row.get(place).unwrap_or_default();
                if text.is_empty() {
                    Ok(f64::NAN)
                } else {
                    text.parse().map_err(|_| damaged(format!("`{text}` is no number")))
                }
            };
            let whole = |place: usize| {
                let number = row.get(place).and_then(|text| text.parse().ok());
                number.ok_or_else(|| damaged("a row does not say how many attempts were made, or failed".to_owned()))
            };
            let (attempts, failed) = (whole(2)?, whole(3)?);
            let weight = number(4)?;
            if weight.is_nan() {
                outcomes.push(Outcome::GivenUp { attempts, failed });
                continue;
            }
            let numbers: Vec<f64> = (5..row.len()).map(number).collect::<Result<_, _>>()?;
            if numbers.len() < self.parameters.len() {
                return Err(damaged("a row is too short".to_owned()));
            }
            let (values, summaries) = numbers.split_at(self.parameters.len());
            let (values, summaries) = (values.to_vec(), summaries.to_vec());
            outcomes.push(Outcome::Accepted(Particle { values, summaries, weight, attempts, failed }));
        }
        Ok(outcomes)
    }

    /// Reads back the rows that [`Self::paths`] wrote, draw after draw.
    ///
    /// # Errors
    /// When the table cannot be read or understood.
    pub fn read_paths(&self, folder: &Path) -> Result<Vec<Predicted>, FolderError> {
        let path = folder.join("paths.csv");
        let damaged = |problem: String| FolderError::Damaged { path: path.clone(), problem };
        let mut reader = csv::Reader::from_path(&path).map_err(|error| damaged(error.to_string()))?;
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| damaged(error.to_string()))?;
            let number = |place: usize| row.get(place).and_then(|text| text.parse::<f64>().ok());
            let predicted = (|| {
                Some(Predicted {
                    episode: self.episodes.iter().position(|episode| Some(episode.name.as_str()) == row.get(1))?,
                    epoch: row.get(2)?.parse().ok()?,
                    difficulty: number(5)?,
                    hashrate_eh_per_s: number(6)?,
                })
            })();
            rows.push(predicted.ok_or_else(|| damaged(format!("row {} is not one of ours", rows.len() + 1)))?);
        }
        Ok(rows)
    }
}
