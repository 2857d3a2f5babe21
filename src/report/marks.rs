use super::bands::Grid;
use crate::{declare::Columns, output::events::EventRow, simulation::record::EpochRecord};

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
    /// The label beside its line.
    pub label: String,
}

/// The changes of difficulty in `epochs.csv`, which holds them for any rule and with their size.
pub(crate) fn retargets(epochs: &Columns, grid: &Grid) -> Vec<Retarget> {
    let mut found = Vec::new();
    let mut before = None;
    for epoch in epochs.rows::<EpochRecord>() {
        let time = epochs.unix(epoch.start);
        if let Some(before) = before.replace(epoch.difficulty)
            && (grid.start..=grid.end()).contains(&time)
            && before > 0.0
        {
            found.push(Retarget { time, ratio: epoch.difficulty / before });
        }
    }
    found
}

/// The events in `events.csv` that name no firm and so concern all: shocks, halvings, bans. Retargets are marked as ticks instead.
pub(crate) fn shocks(events: &Columns, grid: &Grid) -> Vec<Shock> {
    const SAME_S: i64 = 2 * 86_400;
    let mut found: Vec<Shock> = Vec::new();
    for event in events.rows::<EventRow<'_>>() {
        if !event.firm.is_empty() || event.kind == "retarget" {
            continue;
        }
        let label = event.kind.replace('_', " ");
        let time = events.unix(event.time);
        // A shock spread over days is one mark, not a thicket.
        let again = found.iter().rev().find(|shock| shock.label == label);
        if again.is_none_or(|shock| time - shock.time > SAME_S) && (grid.start..=grid.end()).contains(&time) {
            found.push(Shock { time, label });
        }
    }
    found.sort_by_key(|shock| shock.time);
    found
}
