use std::path::Path;

use super::{ReportError, bands::Grid};
use crate::{
    output::{
        events::EventRow,
        read::{Replica, Replicas},
    },
    simulation::record::EpochRecord,
    units::UnixTime,
};

/// What is marked on the time axis: the first replica's retargets and events of the whole network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Instants at which difficulty changed.
    pub retargets: Vec<Retarget>,
    /// Halvings, price shocks and the like, in order of time.
    pub shocks: Vec<Shock>,
}

/// A change of difficulty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retarget {
    /// Seconds since 1970.
    pub time: i64,
    /// New difficulty over old.
    pub ratio: f64,
}

/// Something that happened to the whole network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shock {
    /// Seconds since 1970.
    pub time: i64,
    /// As written beside its line.
    pub label: String,
}

impl Marks {
    pub(crate) fn read(folder: &Path, grid: &Grid) -> Result<Self, ReportError> {
        Ok(Self { retargets: retargets(folder, grid)?, shocks: shocks(folder, grid)? })
    }
}

/// From `epochs.csv`, which holds them for any rule and with their size.
fn retargets(folder: &Path, grid: &Grid) -> Result<Vec<Retarget>, ReportError> {
    let mut table = Replicas::open::<EpochRecord>(folder, UnixTime::default())?;
    let Some(Replica { columns, .. }) = table.advance()? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut before = None;
    for epoch in columns.rows::<EpochRecord>() {
        let time = columns.unix(epoch.start);
        if let Some(before) = before.replace(epoch.difficulty)
            && (grid.start..=grid.end()).contains(&time)
            && before > 0.0
        {
            found.push(Retarget { time, ratio: epoch.difficulty / before });
        }
    }
    Ok(found)
}

/// Events that name no firm concern all: shocks, halvings, bans. Retargets are marked as ticks instead.
fn shocks(folder: &Path, grid: &Grid) -> Result<Vec<Shock>, ReportError> {
    const SAME_S: i64 = 2 * 86_400;
    // A run may be told to write no events; its charts then have no marks.
    let Some(mut table) = Replicas::open_if_written::<EventRow<'_>>(folder, UnixTime::default())? else {
        return Ok(Vec::new());
    };
    let Some(Replica { columns, .. }) = table.advance()? else { return Ok(Vec::new()) };
    let mut found: Vec<Shock> = Vec::new();
    for event in columns.rows::<EventRow<'_>>() {
        if !event.firm.is_empty() || event.kind == "retarget" {
            continue;
        }
        let label = event.kind.replace('_', " ");
        let time = columns.unix(event.time);
        // A shock spread over days is one mark, not a thicket.
        let again = found.iter().rev().find(|shock| shock.label == label);
        if again.is_none_or(|shock| time - shock.time > SAME_S) && (grid.start..=grid.end()).contains(&time) {
            found.push(Shock { time, label });
        }
    }
    found.sort_by_key(|shock| shock.time);
    Ok(found)
}
