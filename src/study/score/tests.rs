use super::*;
use crate::units::DAY_S;
use crate::{
    chain::estimate::{epoch_hashrate_eh_per_s, epoch_work},
    random::{Purpose, stream},
    scenario::load_bundled,
    units::{Hashprice, Seconds},
};

/// Consecutive epochs at difficulty 1e12 with these lengths in days.
fn path(days: &[f64]) -> Vec<SeenEpoch> {
    let mut now = 0.0;
    let mut epochs = Vec::new();
    for (place, &length) in days.iter().enumerate() {
        epochs.push(SeenEpoch {
            height: 2016 * place as u64,
            start: Seconds::new(now * DAY_S),
            duration: Seconds::new(length * DAY_S),
            difficulty: 1e12,
            hashrate_eh_per_s: epoch_hashrate_eh_per_s(epoch_work(1e12), Seconds::new(length * DAY_S)),
            retarget: 14.0 / length,
            hashprice: Hashprice::new(100.0),
        });
        now += length;
    }
    epochs
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

/// For one forecast CRPS is the distance; for 0 and 2 around 1 it is `1 - 2/4`. For three forecasts it is the integral of the
/// squared difference of distribution functions: from 0 to 2 (1/3)^2 * 2, from 2 to 2.5 (2/3)^2 / 2, from 2.5 to 3 (1/3)^2 / 2,
/// and zero below 0 and above 3.
#[test]
fn crps_matches_values_computed_by_hand() {
    close(crps(&[3.0], 1.0), 2.0, 1e-15);
    close(crps(&[0.0, 2.0], 1.0), 0.5, 1e-15);
    close(crps(&[0.0, 2.0, 3.0], 2.5), 2.0 / 9.0 + 0.5 * 4.0 / 9.0 + 0.5 / 9.0, 1e-15);
}

/// Half of the equal values count as below.
#[test]
fn pit_and_quantiles_match_values_computed_by_hand() {
    close(pit(&[1.0, 2.0, 2.0, 3.0], 2.0), 0.5, 0.0);
    close(pit(&[1.0, 2.0, 3.0, 4.0], 0.0), 0.0, 0.0);
    close(pit(&[1.0, 2.0, 3.0, 4.0], 3.5), 0.75, 0.0);
    close(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), 3.0, 0.0);
    close(root_mean_square(&[3.0, -4.0]), 12.5_f64.sqrt(), 1e-15);
}

/// Identical errors have no difference in any draw; if one series has twice the errors of the other, every draw has a difference.
#[test]
fn a_bootstrap_of_equal_errors_has_a_standard_error_of_zero() {
    let errors = [0.1, -0.2, 0.05, 0.1, -0.1, 0.2, 0.0];
    let mut random = stream(1, 0, Purpose::Bootstrap, 0);
    assert_eq!(block_bootstrap_se(&errors, &errors, &mut random), Some(0.0));
    let twice = errors.map(|error| 2.0 * error);
    assert!(block_bootstrap_se(&errors, &twice, &mut random).is_some_and(|error| error > 0.01));
    assert_eq!(block_bootstrap_se(&errors[..5], &errors[..5], &mut random), None);
}

/// Lengths of 14, 10, 20, 16, 10.5, 10 days give hashrates of 1, 1.4, 0.7, 0.875, 1.333, 1.4. The deepest fall is from the second
/// epoch (day 14) to the third (day 24), by half. The fifth epoch (day 60) is back at 95 %, the sixth (day 70.5) at 100 %.
#[test]
fn outcomes_match_values_computed_by_hand() {
    let found = Outcomes::of(&path(&[14.0, 10.0, 20.0, 16.0, 10.5, 10.0])).expect("there are epochs");
    close(found.trough_share, 0.5, 1e-12);
    close(found.days_to_trough, 10.0, 1e-9);
    close(found.longest_epoch_days, 20.0, 1e-12);
    close(found.worst_retarget, 14.0 / 20.0 - 1.0, 1e-12);
    close(found.days_to_95pct.expect("it is back"), 46.0, 1e-9);
    close(found.days_to_100pct.expect("it is back"), 56.5, 1e-9);
    let never = Outcomes::of(&path(&[10.0, 20.0, 19.0])).expect("there are epochs");
    assert_eq!(never.days_to_95pct, None);
    // A fall by 2 % stays above 95 %: the result is 0 days, and words replace the number.
    let calm = Outcomes::of(&path(&[10.0, 10.2, 10.1])).expect("there are epochs");
    assert_eq!((calm.days_to_95pct, calm.days_to_100pct), (Some(0.0), None));
    assert!(is_no_fall("days_to_95pct", 0.0) && !is_no_fall("days_to_95pct", 10.0));
    assert!(is_no_fall("trough_share", 1.0) && !is_no_fall("longest_epoch_days", 0.0));
    assert_eq!(Outcomes::of(&[]), None);
}

/// y = 2 - 3 u + 0.5 v, without noise.
#[test]
fn least_squares_finds_an_exact_law() {
    let points = [(0.0, 1.0), (1.0, 0.0), (2.0, 5.0), (3.0, 2.0), (4.0, -1.0)];
    let rows: Vec<Vec<f64>> = points.iter().map(|&(u, v)| vec![1.0, u, v]).collect();
    let values: Vec<f64> = points.iter().map(|&(u, v)| 2.0 - 3.0 * u + 0.5 * v).collect();
    let found = least_squares(&rows, &values).expect("it is determined");
    for (found, expected) in found.iter().zip([2.0, -3.0, 0.5]) {
        close(*found, expected, 1e-12);
    }
    let same: Vec<Vec<f64>> = vec![vec![1.0, 1.0]; 5];
    assert_eq!(least_squares(&same, &values), None, "two columns alike");
}

fn crash() -> (crate::scenario::Resolved, Reference) {
    let resolved = load_bundled("2018-crash", &[], None).expect("it is sound");
    let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref()).expect("it has a history");
    (resolved, reference)
}

/// D 2^32/600 at 7.1526 T is 51.20 EH/s. ln(7.1526/6.3893) over the 40.48 days from 11 August to 20 September is 0.002788 per
/// day. The previous epoch lasts from 7 to 20 September, so its middle is 6.875 days before the start.
#[test]
fn the_start_of_september_2018_matches_values_computed_by_hand() {
    let start = crash().1.start;
    close(start.hashrate_eh_per_s, 51.201, 1e-3);
    close(start.drift_per_day.expect("there are four epochs"), 0.002_788, 1e-6);
    close(start.middle.get() / DAY_S, -6.875, 1e-3);
    // The hashprice by the data is 230.73 USD/PH/day, with the fees of the start.
    close(start.hashprice.get(), 230.73, 0.5);
}

/// Chapter 1 of the model: −31.5 % in 74 days, largest downward adjustment −15.13 %, recovered after 240 days.
#[test]
fn outcomes_of_the_2018_crash_agree_with_the_model_chapter() {
    let (_, reference) = crash();
    assert_eq!(reference.epochs.len(), 18);
    let found = Outcomes::of(&reference.epochs).expect("there are epochs");
    close(found.trough_share, 1.0 - 0.315, 5e-4);
    close(found.days_to_trough, 73.6, 0.1);
    close(found.worst_retarget, -0.1513, 5e-4);
    close(found.longest_epoch_days, 16.5, 0.05);
    close(found.days_to_100pct.expect("it is back"), 239.5, 0.1);
}

/// Without elasticity and drift, hashrate is constant in every epoch, up to the 1/2016 by which the estimator exceeds the 2015
/// gaps of a header.
#[test]
fn the_constant_baseline_has_constant_hashrate() {
    let (resolved, reference) = crash();
    let path = Supply::default().path(&resolved.scenario, &reference.start);
    assert!(path.len() >= 18, "{} epochs", path.len());
    for epoch in &path {
        close(epoch.hashrate_eh_per_s / reference.start.hashrate_eh_per_s, 1.0, 1e-3);
    }
    assert_eq!(path[0].height, 542_304);
}

/// A drift of g gives e^(g t) in the middle of each epoch; with an elasticity, hashrate moves with hashprice.
#[test]
fn log_linear_laws_follow_drift_and_elasticity() {
    let (resolved, reference) = crash();
    let start = &reference.start;
    let growing = Supply { drift_per_day: 0.002, ..Supply::default() }.path(&resolved.scenario, start);
    for epoch in &growing {
        let days = (epoch.start + epoch.duration * 0.5 - start.middle).get() / DAY_S;
        close(epoch.ln_hashrate() - libm::log(start.hashrate_eh_per_s), 0.002 * days, 1e-3);
    }
    let elastic = Supply { elasticity: 0.5, ..Supply::default() }.path(&resolved.scenario, start);
    for epoch in &elastic {
        let response = 0.5 * libm::log(epoch.hashprice / start.hashprice);
        close(epoch.ln_hashrate() - libm::log(start.hashrate_eh_per_s), response, 0.02);
    }
}

/// The regression is fitted to the other four episodes, for every scored episode.
#[test]
fn the_regression_leaves_out_the_scored_episode() {
    for scored in EPISODES {
        let resolved = load_bundled(scored, &[], None).expect("it is sound");
        let others = other_episodes(&resolved);
        assert_eq!(others.len(), EPISODES.len() - 1, "{scored}");
        assert!(others.iter().all(|(name, _)| name != scored));
        let fit = Regression::fit(&others).expect("it is determined");
        assert_eq!(fit.n, others.iter().map(|(_, reference)| reference.epochs.len()).sum::<usize>());
    }
}

/// The observed values in the protocol agree with the shipped histories.
#[test]
fn observed_patterns_agree_with_the_shipped_histories() {
    let mut held = 0;
    for pattern in all_patterns() {
        let resolved = load_bundled(pattern.episode, &[], None).expect("it is sound");
        let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref()).expect("it has a history");
        let (from, to) = pattern.heights;
        let epochs: Vec<SeenEpoch> =
            reference.epochs.iter().filter(|epoch| (from..=to).contains(&epoch.height)).copied().collect();
        let found = Outcomes::of(&epochs).expect("there are epochs");
        let (value, tolerance) = match pattern.what {
            "fall of hashrate, %" => (100.0 * (found.trough_share - 1.0), 0.15),
            "worst retarget, %" => (100.0 * found.worst_retarget, 0.06),
            "longest epoch, d" => (found.longest_epoch_days, 0.08),
            "days to 95 % of the peak" => (found.days_to_95pct.unwrap_or(f64::INFINITY), 1.0),
            _ => continue,
        };
        held += 1;
        assert!((value - pattern.observed).abs() <= tolerance, "{}: {}: {value}", pattern.id, pattern.what);
    }
    assert_eq!(held, 56);
}

/// Each ablation removes the mechanism in its name, and is `None` if the scenario does not have the mechanism.
#[test]
fn ablations_remove_their_mechanisms() {
    let scenario = load_bundled("registered/2022-bear", &[], None).expect("it is sound").scenario;
    for ablation in Ablation::ALL {
        if let Some(changed) = ablation.applied(&scenario) {
            assert_ne!(changed, scenario, "{}", ablation.name());
            assert_eq!(ablation.applied(&changed), None, "{} again", ablation.name());
        }
    }
    assert!(Ablation::NoHysteresis.applied(&scenario).is_some());
    assert!(Ablation::NoDebt.applied(&scenario).is_some());
}
