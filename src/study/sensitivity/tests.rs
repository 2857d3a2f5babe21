#![expect(clippy::cast_precision_loss, reason = "small numbers of points")]

use super::*;
use crate::{
    random::{Purpose, Stream, standard_normal, stream},
    study::{Design, DesignKind, Factor, Levels},
};
use std::f64::consts::PI;

fn points(kind: DesignKind, factors: usize, size: u32) -> Vec<Vec<f64>> {
    let factor =
        |n| Factor { key: format!("k{n}"), levels: Levels::Range { low: 0.0, high: 1.0, steps: None, log: false } };
    let design =
        Design { kind, factors: (0..factors).map(factor).collect(), size: Some(size), seed: 42, rows: Vec::new() };
    design.unit_points().expect("it has points")
}

fn chance() -> Stream {
    stream(42, 0, Purpose::Bootstrap, 0)
}

/// y = sin x1 + a sin^2 x2 + b x3^4 sin x1 on [-pi, pi]^3 (Ishigami and Homma 1990).
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    libm::sin(x[0]) + 7.0 * libm::pow(libm::sin(x[1]), 2.0) + 0.1 * libm::pow(x[2], 4.0) * libm::sin(x[0])
}

const G: [f64; 8] = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];

/// The product of `(|4 x_i - 2| + a_i) / (1 + a_i)` (Saltelli and Sobol' 1995).
fn g_function(u: &[f64]) -> f64 {
    u.iter().zip(G).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product()
}

/// The known S1 and ST lie within the 95 % interval, and the estimate within `error` of them. `slack` is the rounding error of
/// the known values.
fn assert_indices(found: &[SobolIndex], s1: &[f64], st: &[f64], error: f64) {
    assert_eq!((found.len(), s1.len()), (st.len(), st.len()));
    for (n, index) in found.iter().enumerate() {
        for (name, found, conf, known) in
            [("S1", index.s1, index.s1_conf, s1[n]), ("ST", index.st, index.st_conf, st[n])]
        {
            let conf = conf.expect("many samples have an interval");
            assert!((found - known).abs() <= conf, "{name} of {n}: {found} +- {conf}, not {known}");
            assert!((found - known).abs() <= error, "{name} of {n}: {found}, not {known}");
            assert!(conf < 0.2 && conf > 0.0, "{name} of {n}: {conf}");
        }
    }
}

/// With a = 7, b = 0.1: V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = 8 b^2 pi^8 / 225.
#[test]
fn sobol_indices_of_the_ishigami_function_agree_with_known_values() {
    let results: Vec<f64> = points(DesignKind::Sobol, 3, 4096).iter().map(|u| ishigami(u)).collect();
    let indices = sobol(&results, 3, &mut chance()).expect("it varies");
    let pi4 = PI * PI * PI * PI;
    let (v1, v2, v13) = ((1.0 + 0.1 * pi4 / 5.0) * (1.0 + 0.1 * pi4 / 5.0) / 2.0, 49.0 / 8.0, 0.08 * pi4 * pi4 / 225.0);
    let v = v1 + v2 + v13;
    assert!((v1 / v - 0.3139).abs() < 5e-5 && (v13 / v - 0.2437).abs() < 5e-5, "as published");
    assert_indices(&indices, &[v1 / v, v2 / v, 0.0], &[(v1 + v13) / v, v2 / v, v13 / v], 0.01);
}

#[test]
fn sobol_indices_of_the_g_function_agree_with_known_values() {
    let results: Vec<f64> = points(DesignKind::Sobol, 8, 4096).iter().map(|u| g_function(u)).collect();
    let indices = sobol(&results, 8, &mut chance()).expect("it varies");
    let parts = G.map(|a| 1.0 / 3.0 / ((1.0 + a) * (1.0 + a)));
    let v = parts.iter().map(|part| 1.0 + part).product::<f64>() - 1.0;
    let st = parts.map(|part| part * (v + 1.0) / (1.0 + part) / v);
    assert_indices(&indices, &parts.map(|part| part / v), &st, 0.01);
}

/// The Ishigami function has one interaction, of its first and third factor: 8 b^2 pi^8 / 225 of its variance (Ishigami, Homma 1990).
#[test]
fn second_order_indices_find_the_one_interaction_of_the_ishigami_function() {
    let results: Vec<f64> = points(DesignKind::SobolSecondOrder, 3, 4096).iter().map(|u| ishigami(u)).collect();
    let pairs = sobol_pairs(&results, 3, &mut chance()).expect("it varies");
    let pi4 = PI * PI * PI * PI;
    let (a, b) = (7.0, 0.1);
    let variance = a * a / 8.0 + b * pi4 / 5.0 + b * b * pi4 * pi4 / 18.0 + 0.5;
    let together = 8.0 * b * b * pi4 * pi4 / 225.0 / variance;
    for ((found, conf), expected) in pairs.iter().zip([0.0, together, 0.0]) {
        assert!((found - expected).abs() < 0.02, "{pairs:?}");
        assert!(conf.is_some_and(|conf| (0.005..0.1).contains(&conf)), "{pairs:?}");
    }
    assert_eq!(sobol_pairs(&results[1..], 3, &mut chance()), Err(EstimateError::Length { found: 32_767, expected: 8 }));
}

/// `SALib.analyze.sobol.analyze(..., calc_second_order=False, num_resamples=20000)` of `SALib` 1.5 for Ishigami + 100 with
/// `saltelli.sample(problem, 64, calc_second_order=False)`.
#[test]
fn sobol_indices_agree_with_salib() {
    let results: Vec<f64> = points(DesignKind::Sobol, 3, 64).iter().map(|u| ishigami(u) + 100.0).collect();
    let found = sobol(&results, 3, &mut chance()).expect("it varies");
    let expected = [
        [0.332_824_862_114_654_3, 0.2179, 0.617_388_606_721_104_4, 0.4763],
        [0.362_556_544_073_622_4, 0.2341, 0.443_906_623_029_266_2, 0.1740],
        [0.031_624_113_596_326_95, 0.2488, 0.289_892_263_925_571_4, 0.1380],
    ];
    for (index, [s1, s1_conf, st, st_conf]) in found.iter().zip(expected) {
        assert!((index.s1 - s1).abs() < 1e-10 && (index.st - st).abs() < 1e-10, "{index:?}");
        // The two bootstraps agree within five standard errors of the smaller one: 5 / sqrt(2 * 1000).
        for (found, expected) in [(index.s1_conf, s1_conf), (index.st_conf, st_conf)] {
            let ratio = found.expect("it has an interval") / expected;
            assert!((ratio - 1.0).abs() < 0.12, "{index:?}");
        }
    }
}

#[test]
fn constant_results_have_no_indices() {
    assert_eq!(sobol(&[7.0; 40], 3, &mut chance()), Err(EstimateError::Constant));
    let nearly: Vec<f64> = (0..40).map(|n| 1e9 * (1.0 + f64::EPSILON * f64::from(n % 3))).collect();
    assert_eq!(sobol(&nearly, 3, &mut chance()), Err(EstimateError::Constant));
    assert_eq!(seed_shares(&[0.0; 40], 4), Err(EstimateError::Constant));
    let indices = morris(&points(DesignKind::Morris, 2, 3), &[5.0; 9], &mut chance()).expect("it is whole");
    let nothing = MorrisIndex { mu: 0.0, mu_star: 0.0, sigma: Some(0.0), mu_star_conf: Some(0.0) };
    assert_eq!(indices, [nothing; 2]);
}

#[test]
fn results_that_do_not_match_the_design_are_refused() {
    let length = |found, expected| EstimateError::Length { found, expected };
    assert_eq!(sobol(&[1.0, 2.0, 3.0, 4.0], 3, &mut chance()), Err(length(4, 5)));
    assert_eq!(sobol(&[], 3, &mut chance()), Err(length(0, 5)));
    let walk = points(DesignKind::Morris, 2, 2);
    assert_eq!(morris(&walk, &[1.0; 5], &mut chance()), Err(length(5, 6)));
    // In turn, one factor moves twice, both move at once, or none moves.
    for [second, third] in [[[1.0, 0.0], [0.5, 0.0]], [[1.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]]] {
        let astray = [vec![0.0, 0.0], second.to_vec(), third.to_vec()];
        assert_eq!(morris(&astray, &[1.0, 2.0, 3.0], &mut chance()), Err(length(3, 3)), "{astray:?}");
    }
    assert_eq!(morris(&[], &[], &mut chance()), Err(length(0, 0)));
    assert_eq!(level_means(&[vec![None; 2], vec![None; 3]], &[1.0; 5]), Err(length(5, 6)));
    assert_eq!(seed_shares(&[1.0, 2.0, 3.0], 2), Err(length(3, 2)));
    assert_eq!(seed_shares(&[1.0, 2.0, 3.0], 1), Err(EstimateError::TooFew { points: 3, replicas: 1 }));
    assert_eq!(seed_shares(&[1.0, 2.0, 3.0], 3), Err(EstimateError::TooFew { points: 1, replicas: 3 }));
    assert_eq!(seed_shares(&[1.0], 0), Err(length(1, 0)));
}

#[test]
fn morris_finds_the_slopes_of_a_linear_function() {
    let walk = points(DesignKind::Morris, 4, 20);
    let slopes = [3.0, -2.0, 0.5, 0.0];
    let results: Vec<f64> =
        walk.iter().map(|u| 10.0 + u.iter().zip(slopes).map(|(u, slope)| u * slope).sum::<f64>()).collect();
    for (index, slope) in morris(&walk, &results, &mut chance()).expect("it is whole").into_iter().zip(slopes) {
        assert!((index.mu - slope).abs() < 1e-13 && (index.mu_star - slope.abs()).abs() < 1e-13, "{index:?}");
        assert!(index.sigma.is_some_and(|sigma| sigma < 1e-13), "{index:?}");
        assert!(index.mu_star_conf.is_some_and(|conf| conf < 1e-13), "{index:?}");
    }
}

/// `SALib.analyze.morris.analyze(..., num_levels=4, num_resamples=20000)` of `SALib` 1.5 for 3 a^2 - b + 5 a b.
#[test]
fn morris_indices_agree_with_salib() {
    let (third, two) = (1.0 / 3.0, 2.0 / 3.0);
    let walk = [
        [0.0, third],
        [two, third],
        [two, 1.0],
        [1.0, two],
        [1.0, 0.0],
        [third, 0.0],
        [0.0, 0.0],
        [0.0, two],
        [two, two],
    ];
    let results: Vec<f64> = walk.iter().map(|[a, b]| 3.0 * a * a - b + 5.0 * a * b).collect();
    let walk: Vec<Vec<f64>> = walk.iter().map(|point| point.to_vec()).collect();
    let found = morris(&walk, &results, &mut chance()).expect("it is whole");
    let expected = [
        [4.333_333_333_333_333, 4.333_333_333_333_333, 0.881_917_103_688_196_8, 0.8156],
        [1.777_777_777_777_777_5, 2.444_444_444_444_444, 2.545_875_386_086_577_5, 1.3893],
    ];
    for (index, [mu, mu_star, sigma, conf]) in found.iter().zip(expected) {
        assert!((index.mu - mu).abs() < 1e-12 && (index.mu_star - mu_star).abs() < 1e-12, "{index:?}");
        assert!((index.sigma.expect("three have one") - sigma).abs() < 1e-12, "{index:?}");
        assert!((index.mu_star_conf.expect("three have one") / conf - 1.0).abs() < 0.12, "{index:?}");
    }
    let single = morris(&walk[..3], &results[..3], &mut chance()).expect("it is whole");
    assert_eq!((single[0].sigma, single[0].mu_star_conf), (None, None));
}

#[test]
fn level_means_average_over_the_other_factors() {
    let levels = [vec![Some(1.0), Some(2.0), Some(3.0)], vec![None, Some(5.0)]];
    // The result is y = 10 a, plus 4 at the second level of b.
    let found = level_means(&levels, &[10.0, 14.0, 20.0, 24.0, 30.0, 34.0]).expect("it is whole");
    assert_eq!(found[0].means, [12.0, 22.0, 32.0]);
    assert_eq!((found[0].range, found[1].range), (20.0, 4.0));
    // The slope is 10, at a = 2 and y = 22.
    assert!((found[0].elasticity.expect("numbers have one") - 10.0 * 2.0 / 22.0).abs() < 1e-15);
    assert_eq!((found[1].means.as_slice(), found[1].elasticity), ([20.0, 24.0].as_slice(), None));
    // In a narrow range the elasticity of a power law is close to its exponent.
    let (x, y): (Vec<_>, Vec<_>) = (0..5).map(|n| 0.99 + 0.005 * f64::from(n)).map(|x| (Some(x), x * x * x)).unzip();
    let cubic = level_means(&[x], &y).expect("it is whole");
    assert!((cubic[0].elasticity.expect("numbers have one") - 3.0).abs() < 1e-3);
    let none = level_means(&[vec![Some(-1.0), Some(1.0)]], &[1.0, 2.0]).expect("it is whole");
    assert_eq!(none[0].elasticity, None, "there is no per cent of zero");
    let one = level_means(&[vec![Some(1.0)]], &[1.0]).expect("it is whole");
    assert_eq!((one[0].range, one[0].elasticity), (0.0, None));
}

/// A table by hand: points have effects 0 and 4, seeds 0 and 2, and the interaction alternates by 1.
#[test]
fn seed_shares_of_a_two_way_table_agree_with_values_computed_by_hand() {
    let shares = seed_shares(&[1.0, 1.0, 3.0, 7.0], 2).expect("it varies");
    // Means of points are 1 and 5, of seeds 2 and 4, and the overall mean is 3: MSP = 2 (4 + 4), MSR = 2 (1 + 1), MSE = 4 * 1.
    assert_eq!(shares, SeedShares { points: 6.0 / 10.0, seed: 0.0, interaction: 4.0 / 10.0 });
    let additive = seed_shares(&[0.0, 1.0, 3.0, 4.0, 6.0, 7.0], 2).expect("it varies");
    // The variance of points is 9, that of seeds is 1/2, and there is no interaction.
    assert!((additive.points - 9.0 / 9.5).abs() < 1e-15 && (additive.seed - 0.5 / 9.5).abs() < 1e-15, "{additive:?}");
    assert!((additive.s1() - additive.st()).abs() < 1e-15);
}

/// y = 3 x + 2 z + 1 w, with x from the point, z from the seed and w from both, all of variance 1, has shares of 9, 4 and 1 in
/// 14. The estimates are unbiased over many tables, and accurate for large tables.
#[test]
fn seed_shares_of_a_known_mixture_are_unbiased() {
    let table = |seed: u64, points: usize, replicas: usize| {
        let draws = |agent, n: usize| -> Vec<f64> {
            let mut random = stream(seed, 0, Purpose::Price, agent);
            (0..n).map(|_| standard_normal(&mut random)).collect()
        };
        let (x, z, w) = (draws(1, points), draws(2, replicas), draws(3, points * replicas));
        let runs: Vec<f64> = (0..w.len()).map(|n| 3.0 * x[n / replicas] + 2.0 * z[n % replicas] + w[n]).collect();
        seed_shares(&runs, replicas).expect("it varies")
    };
    let large = table(1, 400, 400);
    // The sample variance of 400 normal draws has a standard deviation of 7 %.
    assert!((large.points - 9.0 / 14.0).abs() < 0.08, "{large:?}");
    assert!((large.seed - 4.0 / 14.0).abs() < 0.08, "{large:?}");
    assert!((large.interaction - 1.0 / 14.0).abs() < 0.02, "{large:?}");
    assert!((large.points + large.st() - 1.0).abs() < 1e-12);
    // With few replicas, means of points contain some of the interaction's noise. If it were not removed, the numerator would be
    // 9 + 1 / 3.
    let few: Vec<SeedShares> = (0..300).map(|seed| table(seed, 100, 3)).collect();
    let ratio: f64 = few.iter().map(|shares| shares.interaction / shares.points).sum::<f64>() / few.len() as f64;
    assert!((ratio - 1.0 / 9.0).abs() < 0.006, "{ratio}");
}

#[test]
fn confidence_intervals_depend_only_on_the_random_stream() {
    let results: Vec<f64> = points(DesignKind::Sobol, 3, 64).iter().map(|u| ishigami(u)).collect();
    let once = sobol(&results, 3, &mut chance()).expect("it varies");
    assert_eq!(once, sobol(&results, 3, &mut chance()).expect("it varies"));
    let other = sobol(&results, 3, &mut stream(43, 0, Purpose::Bootstrap, 0)).expect("it varies");
    assert_ne!(once[0].s1_conf, other[0].s1_conf);
    assert_eq!(once[0].s1.to_bits(), other[0].s1.to_bits());
}
