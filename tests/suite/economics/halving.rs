//! Test 3, a halving is a halving of the price.
//!
//! **Formula.** Hashprice is (subsidy + fees) P / D. Without fees, treasuries and debt, halving the subsidy and halving the price at the same instant
//! give the same path of hashprice to everyone who decides, so ln hashrate is the same on every day, and so is who fails.
//!
//! **Source.** Accounting identity. **Tolerance.** 0.5 % of hashrate on any day: the one comes with a block, the other with the next quote, an hour later at most.

use crate::network::{close, flat, price_for, run_unaudited, shock, varied};
use shakeout::{
    chain::Arrivals,
    scenario::{Scenario, Step},
    units::{Days, Seconds},
    world::PopulationParams,
};

/// Last block of an epoch, 54 days of blocks before the subsidy falls from 3.125 BTC to half of it.
const BEFORE_HALVING: u64 = 1_050_000 - 6_048 - 1_680 - 1;

/// Six epochs earlier, at the same subsidy and the same place in the epoch.
const FAR_FROM_HALVING: u64 = BEFORE_HALVING - 6 * 2_016;

fn network(height: u64) -> Scenario {
    let mut scenario = varied();
    scenario.chain.height = height;
    scenario.chain.arrivals = Arrivals::Fluid;
    scenario.chain.fees.knots.clear();
    scenario.operation.foresees_halvings = false;
    scenario.price = flat(price_for(48.0, 1000.0));
    scenario.settlement.every_days = 1;
    scenario.run.days = Days::new(120.0);
    scenario.run.step = Step::Every(Seconds::new(3600.0));
    let PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("drawn") };
    for class in classes {
        (class.treasury_days, class.debt_usd_per_th) = (0.0, 0.0);
    }
    scenario
}

#[test]
fn a_halving_and_half_the_price_give_the_same_paths() {
    let halving = run_unaudited(&network(BEFORE_HALVING));
    let day = halving.when("halving", "")[0];
    let mut halved = network(FAR_FROM_HALVING);
    shock(&mut halved, day, 0.5);
    let price = run_unaudited(&halved);
    assert!(price.when("halving", "").is_empty());
    let furthest = halving
        .days
        .iter()
        .zip(&price.days)
        .map(|(one, other)| libm::log(one.hashrate_eh_per_s / other.hashrate_eh_per_s).abs())
        .fold(0.0, f64::max);
    assert!(furthest < 5e-3, "ln hashrate differs by {furthest}");
    assert!(halving.metric("hashrate_trough_share") < 0.9, "{}", halving.metric("hashrate_trough_share"));
    close("failures", halving.metric("defaults"), price.metric("defaults"), 1e-9);
}
