//! The history and the machines on sale that `nowcast` and `score --rolling` read: the shipped ones, or a user's own.

use super::failure::Failure;
use crate::{
    hardware::{Machine, catalogue, read_catalogue},
    output::shell::flag,
    scenario::{Disk, read_history},
    supply::{history::History, on_sale::OnSale},
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Maximum size of a file, bytes.
const LARGEST: u64 = 16 << 20;

/// The options for the history and the machines.
#[derive(Clone, Debug, Args)]
pub struct HistoryOptions {
    /// Difficulty epochs instead of the shipped ones, or epochs that follow these (`shakeout history` prints them): a csv with start_height, start_time_utc, nbits or difficulty, price_usd and
    /// fees_btc_per_block, found by name among other columns
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Blocks by day, prices by day, or both: a csv with date, blocks and price_usd
    #[arg(long, value_name = "FILE")]
    days: Option<PathBuf>,
    /// Machines instead of the shipped catalogue, in its form (`shakeout hardware --csv`)
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
}

impl HistoryOptions {
    /// The words of a command that give them.
    pub fn words(&self) -> Vec<String> {
        let named = [("--history", &self.history), ("--days", &self.days), ("--catalogue", &self.catalogue)];
        let given = named.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?)));
        given.flat_map(|(name, path)| flag(name, path.display())).collect()
    }

    /// The history.
    pub fn history(&self) -> Result<History, Failure> {
        let named = || self.history.iter().chain(&self.days);
        let folders = named().map(|path| path.parent().unwrap_or(Path::new("")));
        let disk = folders.fold(Disk::default(), Disk::allowing);
        Ok(read_history(&disk, self.history.as_deref(), self.days.as_deref())?)
    }

    /// The machines on sale.
    pub fn on_sale(&self) -> Result<OnSale, Failure> {
        let machines: Vec<Machine> = match &self.catalogue {
            None => catalogue(),
            Some(path) => {
                read_catalogue(&read(path)?).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?
            }
        };
        OnSale::of(&machines).ok_or_else(|| {
            Failure::Input(
                "the catalogue has no air-cooled machine of Bitmain or MicroBT: nothing is on sale".to_owned(),
            )
        })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let fault = |error: &dyn std::fmt::Display| Failure::Input(format!("cannot read {}: {error}", path.display()));
    let metadata = std::fs::metadata(path).map_err(|error| fault(&error))?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(fault(&format!("give a regular file of at most {} MB", LARGEST >> 20)));
    }
    std::fs::read_to_string(path).map_err(|error| fault(&error))
}
