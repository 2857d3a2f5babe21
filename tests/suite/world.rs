//! Each event of the world does what its definition says, to the number, in a network of two firms.

use crate::network::{BTC_PER_DAY, DAY, close, network, row, run};
use shakeout::{chain::FeeSpike, scenario::Scenario, units::Seconds};

/// 60 EH/s at a cost of 10 USD/PH/day and 40 EH/s at 24, in regions of their own; hashprice is 48, difficulty keeps pace, 30 days.
fn two_firms() -> Scenario {
    let mut scenario = network(vec![row("low", 60.0, 10.0), row("high", 40.0, 24.0)], 100.0, 48.0);
    for (row, region) in crate::network::rows(&mut scenario).iter_mut().zip(["south", "north"]) {
        row.region = Some(region.to_owned());
    }
    scenario
}

fn spike(btc_per_block: f64, half_life_days: Option<f64>, days: Option<f64>) -> FeeSpike {
    FeeSpike {
        name: "rush".to_owned(),
        at: Seconds::new(10.0 * DAY),
        btc_per_block,
        half_life: half_life_days.map(|days| Seconds::new(days * DAY)),
        until: days.map(|days| Seconds::new((10.0 + days) * DAY)),
    }
}

/// 1.25 BTC a block for five days are 144 * 5 * 1.25 = 900 BTC more; halving every day, a step of a day pays the fees at its
/// middle: 180 BTC * 2^-0.5 (1 + 1/2 + ...+ 1/16) = 246.6. Hashprice rises from 48 to 48 * 4.375/3.125 = 67.2 on day 10.
#[test]
fn fee_spike() {
    let mut scenario = two_firms();
    let before = run(&scenario).metric("mined_btc");
    scenario.chain.fees.spikes = vec![spike(1.25, None, Some(5.0))];
    let lasting = run(&scenario);
    // The first day of the epoch after the one at a block per 600 s is 600 s longer.
    close("coins more", lasting.metric("mined_btc") - before, 900.0, 2e-3);
    close("hashprice", lasting.days[9].hashprice_usd_per_ph_day, 67.2, 1e-3);
    assert_eq!(lasting.when("fee_spike", ""), vec![10.0]);
    scenario.chain.fees.spikes = vec![spike(1.25, Some(1.0), Some(5.0))];
    let fading = 144.0 * 1.25 * libm::exp2(-0.5) * (2.0 - 1.0 / 16.0);
    close("fading", run(&scenario).metric("mined_btc") - before, fading, 2e-3);
    close("a month", before, 30.0 * BTC_PER_DAY, 1e-3);
}
