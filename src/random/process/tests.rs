#![expect(clippy::disallowed_methods, reason = "the platform's functions are what ours are held against")]

use super::{super::Purpose, super::Stream, super::mass, super::stream, *};
use rand_distr::Distribution;

const DRAWS: u32 = 40_000;

fn rng(agent: u64) -> Stream {
    stream(20_260_101, 0, Purpose::Price, agent)
}

/// Asserts that counts have the given probabilities: chi-square over cells of at least 20 expected counts each,
/// within six standard deviations of its mean.
fn assert_counts(what: &str, draws: &[u64], mass: impl Fn(u64) -> f64) {
    let top = draws.iter().max().expect("there are draws") + 1;
    let mut seen = vec![0.0; usize::try_from(top).expect("small counts")];
    for &k in draws {
        seen[usize::try_from(k).expect("small counts")] += 1.0;
    }
    let total = f64::from(u32::try_from(draws.len()).expect("few draws"));
    let (mut statistic, mut cells) = (0.0, 0.0);
    let (mut observed, mut expected, mut covered) = (0.0, 0.0, 0.0);
    for (k, count) in (0..).zip(&seen) {
        observed += count;
        let here = total * mass(k);
        expected += here;
        covered += here;
        if expected >= 20.0 && total - covered >= 20.0 {
            statistic += (observed - expected) * (observed - expected) / expected;
            cells += 1.0;
            (observed, expected) = (0.0, 0.0);
        }
    }
    // All higher counts, including those never drawn.
    expected += total - covered;
    statistic += (observed - expected) * (observed - expected) / expected;
    let freedom: f64 = cells;
    assert!(
        (statistic - freedom).abs() < 6.0 * (2.0 * freedom + 1.0).sqrt(),
        "{what}: chi-square {statistic} on {freedom}"
    );
}

/// Asserts that a sample has the given distribution function (Kolmogorov and Smirnov at 1e-5).
fn assert_distribution(what: &str, mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    draws.sort_by(f64::total_cmp);
    let total = f64::from(u32::try_from(draws.len()).expect("few draws"));
    let gap = (0u32..).zip(&draws).fold(0.0_f64, |gap, (i, &x)| {
        let f = cdf(x);
        gap.max((f - f64::from(i) / total).abs()).max((f64::from(i + 1) / total - f).abs())
    });
    assert!(gap * total.sqrt() < 2.47, "{what}: distance {gap}");
}

fn mean_and_variance(draws: &[f64]) -> (f64, f64) {
    let total = f64::from(u32::try_from(draws.len()).expect("few draws"));
    let mean = draws.iter().sum::<f64>() / total;
    (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / total)
}

#[test]
fn poisson_counts_have_poisson_probabilities() {
    for (agent, mean) in (0..).zip([0.3_f64, 5.0, 9.9, 10.0, 11.5, 30.0, 144.0, 2016.0]) {
        let mut rng = rng(agent);
        let draws: Vec<u64> = (0..DRAWS).map(|_| poisson(&mut rng, mean)).collect();
        // The reference is the textbook formula, not the one that the sampler uses.
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        assert_counts(&format!("mean {mean}"), &draws, |k| {
            (k as f64 * mean.ln() - mean - libm::lgamma(k as f64 + 1.0)).exp()
        });
    }
}

#[test]
fn poisson_of_mean_zero_is_zero_and_of_a_tiny_mean_hardly_ever_more() {
    let mut rng = rng(0);
    assert_eq!(poisson(&mut rng, 0.0), 0);
    assert_eq!((0..1000).map(|_| poisson(&mut rng, 1e-12)).sum::<u64>(), 0);
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn poisson_of_a_huge_mean_is_normal_with_that_variance() {
    for mean in [1e6_f64, 1e9, 1e12] {
        let mut rng = rng(7);
        let draws = (0..DRAWS).map(|_| (poisson(&mut rng, mean) as f64 - mean) / mean.sqrt()).collect();
        // At 1e6 the skewness, 1/1000, is too small to detect with this number of draws.
        assert_distribution(&format!("mean {mean}"), draws, |z| 0.5 * libm::erfc(-z / 2.0_f64.sqrt()));
    }
}

#[test]
#[should_panic(expected = "a Poisson count of mean NaN")]
fn poisson_refuses_an_invalid_mean() {
    poisson(&mut rng(0), f64::NAN);
}

#[test]
fn binomial_counts_have_binomial_probabilities() {
    for (agent, (n, p)) in
        (0..).zip([(1, 0.4), (12, 0.5), (30, 0.3), (30, 0.7), (1000, 0.005), (1000, 0.05), (4000, 0.9), (25, 0.4)])
    {
        let mut rng = rng(agent);
        let draws: Vec<u64> = (0..DRAWS).map(|_| binomial(&mut rng, n, p)).collect();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        assert_counts(&format!("{n} at {p}"), &draws, |k| {
            let (n, k) = (n as f64, k as f64);
            let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
            if k > n { 0.0 } else { (choose + k * f64::ln(p) + (n - k) * f64::ln_1p(-p)).exp() }
        });
    }
}

#[test]
fn binomial_keeps_to_its_bounds() {
    let mut rng = rng(1);
    assert_eq!(binomial(&mut rng, 0, 0.5), 0);
    assert_eq!(binomial(&mut rng, 9, 0.0), 0);
    assert_eq!(binomial(&mut rng, 9, 1.0), 9);
    assert!((0..1000).all(|_| binomial(&mut rng, 21, 0.5) <= 21));
}

#[test]
fn gamma_has_its_distribution_for_shapes_on_both_sides_of_one() {
    // Shape 1/2 is half a squared normal, shape 1 is exponential, whole shapes are Erlang.
    let draws = |agent, shape| {
        let mut rng = rng(agent);
        (0..DRAWS).map(|_| gamma(&mut rng, shape)).collect()
    };
    assert_distribution("shape 1/2", draws(0, 0.5), |x| libm::erf(x.sqrt()));
    assert_distribution("shape 1", draws(1, 1.0), |x| -libm::expm1(-x));
    assert_distribution("shape 3", draws(2, 3.0), |x| 1.0 - (-x).exp() * (1.0 + x + x * x / 2.0));
}

#[test]
fn gamma_has_mean_and_variance_equal_to_its_shape() {
    for (agent, shape) in (0..).zip([0.1, 0.9, 2.7, 60.0, 2016.0]) {
        let mut rng = rng(agent);
        let draws: Vec<f64> = (0..DRAWS).map(|_| gamma(&mut rng, shape)).collect();
        let (mean, variance) = mean_and_variance(&draws);
        // Standard errors: sqrt(shape/n) and, with an excess kurtosis of 6/shape, shape * sqrt((2 + 6/shape)/n).
        let root = f64::from(DRAWS).sqrt();
        assert!((mean - shape).abs() < 4.0 * shape.sqrt() / root, "shape {shape}: mean {mean}");
        assert!(
            (variance - shape).abs() < 4.0 * shape * (2.0 + 6.0 / shape).sqrt() / root,
            "shape {shape}: variance {variance}"
        );
    }
}

#[test]
fn gamma_agrees_with_rand_distr() {
    for shape in [0.3, 1.7, 25.0] {
        let (mut ours, mut theirs) = (rng(1), rng(2));
        let oracle = rand_distr::Gamma::new(shape, 1.0).expect("a shape");
        let mut reference: Vec<f64> = (0..DRAWS * 10).map(|_| oracle.sample(&mut theirs)).collect();
        reference.sort_by(f64::total_cmp);
        let total = f64::from(DRAWS * 10);
        let empirical = |x: f64| f64::from(u32::try_from(reference.partition_point(|&r| r <= x)).expect("few")) / total;
        assert_distribution(
            &format!("shape {shape}"),
            (0..DRAWS).map(|_| gamma(&mut ours, shape)).collect(),
            empirical,
        );
    }
}

#[test]
fn beta_of_whole_numbers_is_an_order_statistic() {
    for (agent, (a, b)) in (0..).zip([(1_u32, 1_u32), (2, 5), (144, 1), (30, 15)]) {
        let mut rng = rng(agent);
        let draws = (0..DRAWS).map(|_| beta(&mut rng, f64::from(a), f64::from(b))).collect();
        let n = f64::from(a + b - 1);
        // The a-th smallest of n is below x iff at least a of them are below x.
        assert_distribution(&format!("beta({a}, {b})"), draws, |x| {
            let x = x.clamp(1e-300, 1.0 - 1e-16);
            (a..a + b).map(|k| mass::ln_binomial(f64::from(k), n, x).exp()).sum()
        });
    }
}

#[test]
fn beta_of_small_shapes_is_arcsine_like_and_never_undefined() {
    let mut rng = rng(3);
    let draws = (0..DRAWS).map(|_| beta(&mut rng, 0.5, 0.5)).collect();
    assert_distribution("arcsine", draws, |x| x.sqrt().asin() * 2.0 / std::f64::consts::PI);
    // Here the plain ratio of gammas is 0/0 nine times in ten.
    let tiny: Vec<f64> = (0..4000).map(|_| beta(&mut rng, 1e-4, 1e-4)).collect();
    assert!(tiny.iter().all(|x| (0.0..=1.0).contains(x)));
    let mean = tiny.iter().sum::<f64>() / 4000.0;
    assert!((mean - 0.5).abs() < 0.04, "{mean}");
}

/// A change of these bits changes every published result: state it in the changelog.
#[test]
fn first_draws_are_pinned_to_the_bit() {
    let mut rng = stream(1, 2, Purpose::BlockArrivals, 3);
    let gammas = [gamma(&mut rng, 0.4), gamma(&mut rng, 1.0), gamma(&mut rng, 7.5)].map(f64::to_bits);
    let betas = [beta(&mut rng, 3.0, 4.0), beta(&mut rng, 0.2, 2.0)].map(f64::to_bits);
    let poissons = [0.3, 5.0, 9.9, 10.0, 144.0, 2016.0, 1e9].map(|mean| poisson(&mut rng, mean));
    let binomials = [(10, 0.2), (100, 0.5), (1_000_000, 0.9)].map(|(n, p)| binomial(&mut rng, n, p));
    let others = [standard_normal(&mut rng), exponential(&mut rng), pareto(&mut rng, 1.2)].map(f64::to_bits);
    assert_eq!(gammas, [0x3fd8_b6bf_71f8_d100, 0x3feb_0a60_dd5b_1599, 0x401a_4213_923c_2d45]);
    assert_eq!(betas, [0x3fd9_cd6f_4800_e1c5, 0x3fd2_3d49_57ee_9e10]);
    assert_eq!(poissons, [0, 4, 7, 7, 144, 1996, 999_998_167]);
    assert_eq!(binomials, [1, 45, 900_079]);
    assert_eq!(others, [0xc006_6101_1b17_d0d4, 0x3feb_4886_1cea_fb2d, 0x3ffb_b0ca_0dab_dff3]);
}

#[test]
fn streams_of_different_addresses_differ() {
    let first = |seed, replica, purpose, agent| stream(seed, replica, purpose, agent).random::<u64>();
    let draws = [
        first(1, 1, Purpose::Price, 1),
        first(2, 1, Purpose::Price, 1),
        first(1, 2, Purpose::Price, 1),
        first(1, 1, Purpose::BlockArrivals, 1),
        first(1, 1, Purpose::Price, 2),
    ];
    for (i, a) in draws.iter().enumerate() {
        assert_eq!(draws.iter().filter(|b| *b == a).count(), 1, "address {i}");
    }
    assert_eq!(draws[0], first(1, 1, Purpose::Price, 1));
}
