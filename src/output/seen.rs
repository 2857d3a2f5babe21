//! The epochs of a run as one who watches the chain sees them, read back from `epochs.csv`.

use std::path::Path;

use super::read::{ReadError, Replicas};
use crate::{
    simulation::record::EpochRecord,
    study::score::SeenEpoch,
    units::{Hashprice, Seconds, UnixTime},
};

/// The whole epochs of each replica that begin at the run's start or later.
///
/// # Errors
/// When the table is missing or not as it was written.
pub fn seen_epochs(folder: &Path, start: UnixTime) -> Result<Vec<Vec<SeenEpoch>>, ReadError> {
    let mut table = Replicas::open::<EpochRecord>(folder, start)?;
    let mut replicas = Vec::new();
    while let Some(replica) = table.advance()? {
        let whole = |epoch: EpochRecord| {
            Some(SeenEpoch {
                height: epoch.start_height,
                start: epoch.start,
                duration: epoch.duration?,
                difficulty: epoch.difficulty,
                retarget: epoch.retarget_ratio?,
                hashprice: Hashprice::new(epoch.hashprice_usd_per_ph_day),
                hashrate_eh_per_s: epoch.hashrate_eh_per_s?,
            })
        };
        let epochs = replica.columns.rows().filter_map(whole);
        replicas.push(epochs.filter(|epoch| epoch.start >= Seconds::ZERO).collect());
    }
    Ok(replicas)
}
