//! The real history of an episode, as far as it is compared.

use super::summaries::History;
use crate::{
    scenario::{PlacingError, Resolved},
    study::score::whole_epochs,
};

/// The whole epochs of `[observed]` that lie within the run; `None` where there is no `[observed]`.
///
/// # Errors
/// When it is not the history of the chain the scenario starts from.
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
