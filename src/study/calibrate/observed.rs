//! The parts of the observed history of an episode that a calibration compares.

use super::summaries::History;
use crate::{
    scenario::{PlacingError, Resolved},
    study::score::whole_epochs,
};

/// The complete epochs of `[observed]` that lie within the run; `None` if there is no `[observed]`.
///
/// # Errors
/// When the history does not belong to the chain that the scenario starts from.
pub fn observed_history(scenario: &Resolved) -> Result<Option<History>, PlacingError> {
    let Some(observed) = &scenario.observed else { return Ok(None) };
    let world = &scenario.scenario;
    let placed = observed.placed(world)?;
    let epochs = whole_epochs(world, &placed)
        .into_iter()
        .take_while(|epoch| epoch.start + epoch.duration <= world.run.days.into())
        .collect();
    Ok(Some(History {
        epochs,
        sold_share: scenario.calibration.as_ref().and_then(|calibration| calibration.sold_share),
    }))
}
