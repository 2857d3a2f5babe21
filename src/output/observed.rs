//! `observed.csv`: the history that a run is held against, for its chart.

use std::{fmt::Write as _, path::Path};

use super::disk::{DiskError, write_whole};
use crate::{study::score::SeenEpoch, units::UnixTime};

/// Writes the epochs into a result folder; they count from `start`.
///
/// # Errors
/// When the disk refuses.
pub fn write_observed(epochs: &[SeenEpoch], start: UnixTime, folder: &Path) -> Result<(), DiskError> {
    let mut text = String::from("start_time_utc,end_time_utc,hashrate_eh_per_s\n");
    for epoch in epochs {
        let (from, to) = (start.after(epoch.start), start.after(epoch.start + epoch.duration));
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{from},{to},{}", ryu::Buffer::new().format_finite(epoch.hashrate_eh_per_s));
    }
    write_whole(&folder.join("observed.csv"), text.as_bytes())
}
