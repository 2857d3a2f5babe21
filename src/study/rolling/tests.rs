use super::*;
use crate::{
    chain::CompactTarget,
    scenario::shipped_history,
    supply::{
        history::Epoch,
        state::{Correction, Prices},
    },
};

#[test]
fn a_normal_forecast_has_its_known_crps() {
    // At the mean of a standard normal forecast: 2 phi(0) - 1/sqrt(pi) = 0.23369; far away: |e| - 1/sqrt(pi).
    assert!((normal_crps(0.0, 1.0) - 0.233_694_98).abs() < 1e-8);
    assert!((normal_crps(50.0, 1.0) - (50.0 - 0.564_189_58)).abs() < 1e-8);
    assert!((normal_crps(0.2, 0.1) - 0.1 * normal_crps(2.0, 1.0)).abs() < 1e-12);
}

/// A series that is always smaller has a large negative t-statistic; one with an equal mean has none; the sign changes with the
/// order.
#[test]
fn the_diebold_mariano_statistic_identifies_the_smaller_loss() {
    let one: Vec<f64> = (0..60).map(|n| 1.0 + f64::from(n % 3) * 0.1).collect();
    let other: Vec<f64> = (0..60).map(|n| 1.5 + f64::from(n % 5) * 0.1).collect();
    let t = diebold_mariano(&one, &other, 1);
    assert!(t < -10.0 && (t + diebold_mariano(&other, &one, 1)).abs() < 1e-9, "{t}");
    let shifted: Vec<f64> = one.iter().rev().copied().collect();
    assert!(diebold_mariano(&one, &shifted, 1).abs() < 2.0);
}

/// A series with a much larger loss is dropped; two whose difference is below their noise both stay.
#[test]
fn the_confidence_set_drops_a_worse_forecast() {
    let noise = |seed: u64| crate::random::Draw::new(seed, 0, crate::random::Purpose::Bootstrap);
    let series =
        |seed: u64, level: f64| -> Vec<f64> { (0..200).map(|n| level + noise(seed).standard_normal(0, n)).collect() };
    let losses = [series(1, 5.0), series(2, 5.02), series(3, 9.0)];
    assert_eq!(confidence_set(&losses, 0.1, 10, 400, 1), [true, true, false]);
}

/// If the network grows by a constant share per epoch, the drift forecast has no error, and the local trend has none in the end.
/// The error of the random walk is the growth.
#[test]
fn baselines_forecast_constant_growth() {
    let history = shipped_history();
    let on_sale = OnSale::of(&crate::hardware::catalogue()).expect("machines that count");
    let rolling = Rolling { history: &history, on_sale: &on_sale };
    let scored = rolling.first_scored();
    let walk = rolling.errors(&Baseline::RandomWalk.forecasts(&rolling, Prices::Known));
    let drift = rolling.errors(&Baseline::Drift(13).forecasts(&rolling, Prices::Known));
    let observed = rolling.observed();
    // At the first origin, far from the ban: the hashrate of the previous epoch, and that with a thirteenth of the growth of 13
    // epochs.
    assert!((walk[scored][0] - (observed[scored] - observed[scored - 1])).abs() < 1e-12);
    let growth = (observed[scored - 1] - observed[scored - 14]) / 13.0;
    assert!((drift[scored][3] - (observed[scored + 3] - observed[scored - 1] - 4.0 * growth)).abs() < 1e-12);
    // The blackout is not scored.
    let blackout = history.epochs().iter().position(|epoch| epoch.start_height == BLACKOUT_HEIGHT).expect("there");
    assert!(walk[blackout][0].is_nan() && !walk[blackout][1].is_nan());
}

/// A forecast uses no data from after its origin except prices: with later difficulty changed it is identical to the bit.
#[test]
fn a_forecast_does_not_use_later_hashrate() {
    let on_sale = OnSale::of(&crate::hardware::catalogue()).expect("machines that count");
    let whole = shipped_history();
    let origin = whole.first_from(date("2019-01-01"));
    // All epochs after the origin take twice as long.
    let begin = whole.epochs()[origin].start;
    let slower = |(index, epoch): (usize, &Epoch)| {
        if index > origin {
            Epoch {
                start: begin.after(epoch.start.since(begin) * 2.0),
                nbits: CompactTarget::new(0x1d00_ffff),
                ..*epoch
            }
        } else {
            *epoch
        }
    };
    let changed = History::new(whole.epochs().iter().enumerate().map(slower).collect()).expect("a history");
    let setting = Setting {
        prices: Prices::Frozen,
        quantiles: 8,
        correction: Correction::Epochs { gain: 0.88 },
        ..Setting::default()
    };
    let at_origin = |history: &History| Rolling { history, on_sale: &on_sale }.law(&setting)[origin];
    let bits = |row: [f64; AHEAD]| row.map(f64::to_bits);
    assert_eq!(bits(at_origin(&whole)), bits(at_origin(&changed)));
    // The network is different in later epochs, so the test above is meaningful.
    assert!((whole.hashrate_eh(origin) - changed.hashrate_eh(origin)).abs() > 1.0);
}
