use super::*;
use crate::random::{Draw, Purpose};

const USUAL: Beliefs =
    Beliefs { discount_per_year: 0.20, decline_per_year: 0.23, drift_per_year: 0.0, volatility_per_sqrt_day: 0.035 };
const LIFE: Days = Days::new(1095.0);

fn value(beliefs: Beliefs, x: f64, b: f64, lambda: f64) -> f64 {
    Law::new(beliefs, LIFE).until(Hashprice::new(x), Hashprice::new(b), Hashprice::new(lambda), LIFE).discounted
}

/// The strip of days, term by term.
fn by_days(beliefs: &Beliefs, x: f64, b: f64, lambda: f64, days: u32) -> f64 {
    let term = |day: u32| {
        let t = f64::from(day) - 0.5;
        libm::exp(-beliefs.discount_per_year * t / 365.0) * b * beliefs.expected(x / b, lambda / b, t)
    };
    (1..=days).map(term).sum()
}

/// The closed form against paths of the reflected process: in steps of a tenth of a day the free motion is kept below the barrier by its running
/// maximum, and the maximum within a step is drawn from the Brownian bridge, so that the step has no bias. Four standard errors.
#[test]
fn closed_form_is_the_mean_over_reflected_paths() {
    let draw = Draw::new(1, 0, Purpose::Price);
    for (case, (sigma, alpha, a, x, lambda, days)) in [
        (0.035, 0.0, 0.23, 1.0, 0.4, 365u32),
        (0.035, 0.0, 0.23, 0.5, 0.4, 365),
        (0.035, 0.0, 0.0, 0.8, 0.5, 200),
        (0.02, -0.1, 0.3, 0.9, 0.3, 730),
        (0.06, 0.1, 0.1, 0.7, 0.0, 300),
    ]
    .into_iter()
    .enumerate()
    {
        let beliefs = Beliefs {
            discount_per_year: 0.0,
            decline_per_year: a,
            drift_per_year: alpha,
            volatility_per_sqrt_day: sigma,
        };
        let (paths, steps) = (20_000u64, 10u64);
        let dt = f64::from(days) / 10.0;
        let mu = (alpha + a) / 365.0 - sigma * sigma / 2.0;
        let (mut sum, mut squares) = (0.0, 0.0);
        for path in 0..paths {
            // Free motion of ln(x/barrier), and its highest value so far, at least 0.
            let (mut y, mut highest) = (libm::log(x), 0.0f64);
            for step in 0..steps {
                let at = (path * steps + step) * 2;
                let to = y + mu * dt + sigma * libm::sqrt(dt) * draw.standard_normal(case as u64, at);
                let u = draw.uniform(100 + case as u64, at + 1);
                let top = (y + to + libm::sqrt((to - y) * (to - y) - 2.0 * sigma * sigma * dt * libm::log(u))) / 2.0;
                (y, highest) = (to, highest.max(top));
            }
            let barrier = libm::exp(-a * f64::from(days) / 365.0);
            let pay = (barrier * libm::exp(y - highest) - lambda).max(0.0);
            sum += pay;
            squares += pay * pay;
        }
        #[expect(clippy::cast_precision_loss, reason = "few paths")]
        let n = paths as f64;
        let mean = sum / n;
        let error = libm::sqrt((squares / n - mean * mean) / n);
        let closed = beliefs.expected(x, lambda, f64::from(days));
        assert!((closed - mean).abs() < 4.0 * error, "case {case}: {closed} for {mean} ± {error}");
    }
}

/// The distribution's own check: as the barrier recedes the term is Black's call.
#[test]
fn without_a_barrier_it_is_black() {
    for (lambda, days) in [(0.5e-4, 400.0), (1e-4, 30.0), (2e-4, 900.0)] {
        let beliefs = Beliefs { decline_per_year: 0.0, ..USUAL };
        let (x, s) = (1e-4, 0.035 * libm::sqrt(days));
        let d1 = libm::log(x / lambda) / s + s / 2.0;
        let black = x * tail(0.0, -d1) - lambda * tail(0.0, s - d1);
        let found = beliefs.expected(x, lambda, days);
        assert!((found / black - 1.0).abs() < 1e-6, "{found} for {black}");
    }
}

#[test]
fn table_is_close_to_the_daily_sum() {
    for volatility in [0.01, 0.024, 0.035, 0.05] {
        let beliefs = Beliefs { volatility_per_sqrt_day: volatility, ..USUAL };
        let law = Law::new(beliefs, Days::new(1460.0));
        for (x, lambda) in
            [(100.0, 5.0), (100.0, 33.0), (83.0, 62.0), (60.0, 31.0), (40.0, 31.0), (12.0, 9.0), (2.0, 1.0)]
        {
            let of =
                |days| law.until(Hashprice::new(x), Hashprice::new(100.0), Hashprice::new(lambda), Days::new(days));
            let (curve, sum) = (of(1095.0).discounted, by_days(&beliefs, x, 100.0, lambda, 1095));
            assert!((curve - sum).abs() < 0.02 * sum + 50.0, "x {x}, lambda {lambda}, {volatility}: {curve} for {sum}");
        }
    }
}

/// A machine that always runs: the annuity of its margin, exactly, without volatility and decline; nothing above the barrier.
#[test]
fn without_volatility_it_is_the_discounted_margin() {
    let still = Beliefs { volatility_per_sqrt_day: 0.0, decline_per_year: 0.0, ..USUAL };
    let annuity = (1.0 - libm::exp(-0.6)) / 0.2 * 365.0;
    for (x, lambda) in [(48.0, 24.0), (48.0, 0.0), (31.0, 30.0)] {
        let found = value(still, x, 60.0, lambda);
        assert!((found / ((x - lambda) * annuity) - 1.0).abs() < 1e-3, "{found}");
    }
    assert!(value(USUAL, 60.0, 60.0, 60.0).abs() < 1e-12);
    // The barrier alone brings x down: from x = b, to lambda after ln(x/lambda)/a.
    let falls = Beliefs { volatility_per_sqrt_day: 0.0, ..USUAL };
    let found = value(falls, 50.0, 50.0, 40.0);
    let runs = libm::log(50.0 / 40.0) / 0.23;
    let closed = 365.0 * (50.0 * (1.0 - libm::exp(-0.43 * runs)) / 0.43 - 40.0 * (1.0 - libm::exp(-0.2 * runs)) / 0.2);
    assert!((found / closed - 1.0).abs() < 0.03, "{found} for {closed}");
}

/// Hashprice, a higher barrier, a lower cost and a longer life add value.
#[test]
fn value_is_monotone() {
    let law = Law::new(USUAL, LIFE);
    let at = |x: f64, b: f64, cost: f64, days: f64| {
        law.until(Hashprice::new(x), Hashprice::new(b), Hashprice::new(cost), Days::new(days)).discounted
    };
    for step in 1..40 {
        let x = 2.0 * f64::from(step);
        let base = at(x, 80.0, 31.0, 900.0);
        for better in [
            at(x * 1.05, 84.0, 31.0, 900.0),
            at(x, 100.0, 31.0, 900.0),
            at(x, 80.0, 29.0, 900.0),
            at(x, 80.0, 31.0, 1000.0),
        ] {
            assert!(better >= base - 1e-9, "x {x}: {better} below {base}");
        }
    }
}

/// Every node, and values just below and above it, far and near.
#[test]
fn a_cost_is_looked_up_where_the_search_finds_it() {
    let near = COSTS.iter().flat_map(|&cost| [cost * (1.0 - 1e-15), cost, cost * (1.0 + 1e-15), cost + 0.02]);
    for value in near.chain((0..10_000).map(|step| f64::from(step) * 7e-4)).chain([1e9, f64::INFINITY]) {
        assert_eq!(place_cost(value).0, place(&COSTS, value).0, "{value}");
    }
}
