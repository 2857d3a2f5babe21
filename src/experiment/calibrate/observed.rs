//! The real history of an episode, as far as it is compared.

use super::{
    count,
    summaries::{EpochSeen, History},
};
use crate::{
    chain::{
        estimate::{EPOCH_BLOCKS, epoch_hashrate_eh_per_s},
        subsidy::issued_through,
    },
    random::{Purpose, stream},
    scenario::{PlacedEpoch, PlacingError, Resolved, Scenario},
    units::{Days, Hashprice, Sats, Seconds, UsdPerBtc},
};

/// At how many instants of an epoch a price path is looked at for its mean.
const PRICES: usize = 28;

/// The whole epochs of `[observed]` that lie within the run; `None` where there is no `[observed]`.
///
/// An epoch's hashprice is that of its difficulty, the mean subsidy of its blocks, the given fees at its middle and its mean
/// price: the observed one, or that of the scenario's price path.
///
/// # Errors
/// When it is not the history of the chain the scenario starts from.
pub fn observed_history(scenario: &Resolved) -> Result<Option<History>, PlacingError> {
    let Some(observed) = &scenario.observed else { return Ok(None) };
    let world = &scenario.scenario;
    let placed = observed.placed(world)?;
    let epochs = placed
        .iter()
        .filter(|epoch| epoch.height >= world.chain.height)
        .filter_map(|epoch| Some((epoch, epoch.duration?)))
        .take_while(|(epoch, duration)| epoch.start + *duration <= world.run.days.into())
        .map(|(epoch, duration)| seen(world, epoch, duration))
        .collect();
    Ok(Some(History {
        epochs,
        sold_share: scenario.calibration.as_ref().and_then(|calibration| calibration.sold_share),
    }))
}

fn seen(world: &Scenario, epoch: &PlacedEpoch, duration: Seconds) -> EpochSeen {
    let price = epoch.price.unwrap_or_else(|| mean_price(world, epoch.start, duration));
    EpochSeen {
        start_days: Days::from(epoch.start).get(),
        duration_days: Days::from(duration).get(),
        difficulty: epoch.difficulty,
        hashrate_eh_per_s: epoch_hashrate_eh_per_s(epoch.difficulty, duration),
        hashprice_usd_per_ph_day: Hashprice::earned(epoch.difficulty, reward(world, epoch, duration), price).get(),
    }
}

/// Mean subsidy of the epoch's blocks, and fees at its middle.
#[expect(clippy::cast_precision_loss, reason = "an epoch's satoshi, far below 2^53")]
fn reward(world: &Scenario, epoch: &PlacedEpoch, duration: Seconds) -> Sats {
    let last = epoch.height + EPOCH_BLOCKS - 1;
    let issued = issued_through(last).get() - issued_through(epoch.height.saturating_sub(1)).get();
    let subsidy = issued as f64 / 1e8 / EPOCH_BLOCKS as f64;
    Sats::from_btc(subsidy + world.chain.fees.given_btc(epoch.start + duration * 0.5))
}

fn mean_price(world: &Scenario, start: Seconds, duration: Seconds) -> UsdPerBtc {
    let path = world.price.path(world.run.days.into(), stream(world.run.seed, 0, Purpose::Price, 0));
    let at = |place: usize| path.at(start + duration * ((count(place) + 0.5) / count(PRICES))).get();
    UsdPerBtc::new((0..PRICES).map(at).sum::<f64>() / count(PRICES))
}
