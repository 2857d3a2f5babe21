use std::path::Path;

use super::{ReportError, rows::Rows, series::Grid};

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
    let mut rows = Rows::open(folder, "epochs", &["replica", "start_time_utc", "difficulty"])?;
    let mut found = Vec::new();
    let mut first = None;
    let mut before: Option<f64> = None;
    while rows.advance()? {
        let replica = rows.whole(0)?;
        if *first.get_or_insert(replica) != replica {
            break;
        }
        let time = rows.time(1)?;
        let difficulty = rows.number(2)?;
        if let (Some(before), Some(difficulty)) = (before, difficulty)
            && (grid.start..=grid.end()).contains(&time)
            && before > 0.0
        {
            found.push(Retarget { time, ratio: difficulty / before });
        }
        before = difficulty;
    }
    Ok(found)
}

/// Events that name no firm concern all: shocks, halvings, bans. Retargets are marked as ticks instead.
fn shocks(folder: &Path, grid: &Grid) -> Result<Vec<Shock>, ReportError> {
    const SAME_S: i64 = 2 * 86_400;
    // A run may be told to write no events; its charts then have no marks.
    let mut rows = match Rows::open(folder, "events", &["replica", "time_utc", "kind", "firm"]) {
        Err(ReportError::MissingTable { .. }) => return Ok(Vec::new()),
        rows => rows?,
    };
    let mut found: Vec<Shock> = Vec::new();
    let mut first = None;
    while rows.advance()? {
        let replica = rows.whole(0)?;
        if *first.get_or_insert(replica) != replica {
            break;
        }
        let kind = rows.text(2)?;
        if !rows.text(3)?.is_empty() || kind == "retarget" {
            continue;
        }
        let label = kind.replace('_', " ");
        let time = rows.time(1)?;
        // A shock spread over days is one mark, not a thicket.
        let again = found.iter().rev().find(|shock| shock.label == label);
        if again.is_none_or(|shock| time - shock.time > SAME_S) && (grid.start..=grid.end()).contains(&time) {
            found.push(Shock { time, label });
        }
    }
    found.sort_by_key(|shock| shock.time);
    Ok(found)
}
