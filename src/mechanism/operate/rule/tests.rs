#![expect(clippy::disallowed_methods, reason = "the platform's functions are what ours are held against")]

use super::*;
use crate::declare::usual_with;
use crate::units::{Efficiency, PowerPrice, Sats, UsdPerBtc};

const SIGMA: f64 = 0.035;

fn price(usd_per_ph_day: f64) -> Hashprice {
    Hashprice::new(usd_per_ph_day)
}

/// A market in which no change is expected: no retarget ahead, and constant hashprice before.
fn spot(x: f64) -> View {
    View { x: price(x), x_smooth: price(x), x_next: price(x), days_to_retarget: Days::ZERO }
}

fn view(x: f64, x_next: f64, days_to_retarget: f64) -> View {
    View { x: price(x), x_smooth: price(x), x_next: price(x_next), days_to_retarget: Days::new(days_to_retarget) }
}

/// A lot with lambda = 32, band 24 to 40, and K = 100.
fn wants(rule: Rule, running: bool, view: &View) -> bool {
    wants_to_run(rule, running, price(32.0), price(24.0), price(40.0), 100.0, view)
}

fn ratios((low, high): (Hashprice, Hashprice), lambda: f64) -> (f64, f64) {
    (low.get() / lambda, high.get() / lambda)
}

/// Exact thresholds relative to lambda = 31, at the parameters of the model's table.
fn exact(k: f64, drift_per_year: f64) -> (f64, f64) {
    let found = exact_thresholds(price(31.0), SIGMA, 0.2, drift_per_year, k / 2.0, k / 2.0);
    ratios(found.expect("they exist"), 31.0)
}

fn formula(k: f64) -> (f64, f64) {
    ratios(formula_thresholds(price(31.0), k, SIGMA), 31.0)
}

#[test]
fn naive_runs_from_break_even_on_whatever_it_did() {
    for running in [false, true] {
        assert!(wants(Rule::Naive, running, &spot(32.0)));
        assert!(!wants(Rule::Naive, running, &spot(31.999_999)));
    }
}

#[test]
fn adaptive_looks_at_the_average_alone() {
    for running in [false, true] {
        let falling = View { x: price(1.0), x_smooth: price(32.0), ..spot(1.0) };
        let rising = View { x: price(99.0), x_smooth: price(31.999), ..spot(99.0) };
        assert!(wants(Rule::Adaptive, running, &falling));
        assert!(!wants(Rule::Adaptive, running, &rising));
    }
}

#[test]
fn option_waits_within_its_band() {
    assert!(wants(Rule::Option, true, &spot(24.0)));
    assert!(!wants(Rule::Option, true, &spot(23.999_999)));
    assert!(wants(Rule::Option, false, &spot(40.0)));
    assert!(!wants(Rule::Option, false, &spot(39.999_999)));
    // The option rule ignores retargets.
    assert!(!wants(Rule::Option, true, &view(20.0, 90.0, 0.1)));
    assert!(!wants(Rule::Option, false, &view(39.0, 90.0, 0.1)));
}

#[test]
fn aware_bears_a_loss_until_relief_if_it_is_worth_a_stop_and_a_start() {
    // Relief: x' >= 32. A loss of 12 a day for 8 days is 96 <= 100, for 9 days 108.
    assert!(wants(Rule::Aware, true, &view(20.0, 32.0, 8.0)));
    assert!(!wants(Rule::Aware, true, &view(20.0, 32.0, 9.0)));
    // A loss of exactly K is accepted, also below x_L; above it a lot stops if the relief takes too long.
    assert!(wants(Rule::Aware, true, &view(22.0, 50.0, 10.0)));
    assert!(!wants(Rule::Aware, true, &view(30.0, 50.0, 51.0)));
    // Just short of relief, only the band counts, not the time.
    assert!(wants(Rule::Aware, true, &view(20.0, 31.9, 900.0)));
    assert!(wants(Rule::Aware, true, &view(20.0, 24.0, 9.0)));
    assert!(!wants(Rule::Aware, true, &view(20.0, 23.9, 0.1)));
    // A lot that earns its cost stays on, whatever is expected.
    assert!(wants(Rule::Aware, true, &view(32.0, 1.0, 9.0)));
}

#[test]
fn aware_starts_early_only_when_the_wait_costs_nothing() {
    assert!(wants(Rule::Aware, false, &view(40.0, 1.0, 9.0)));
    assert!(wants(Rule::Aware, false, &view(32.0, 40.0, 9.0)));
    assert!(!wants(Rule::Aware, false, &view(32.0, 39.9, 9.0)));
    assert!(!wants(Rule::Aware, false, &view(31.9, 90.0, 9.0)));
}

#[test]
fn aware_without_a_retarget_ahead_is_the_option_rule() {
    for quarter in 0..240 {
        let view = spot(f64::from(quarter) / 4.0);
        for running in [false, true] {
            assert_eq!(wants(Rule::Aware, running, &view), wants(Rule::Option, running, &view), "{view:?} {running}");
        }
    }
}

#[test]
fn every_rule_is_monotone_in_hashprice() {
    for rule in [Rule::Naive, Rule::Adaptive, Rule::Option] {
        for running in [false, true] {
            let decisions: Vec<bool> = (0..240).map(|x| wants(rule, running, &spot(f64::from(x) / 4.0))).collect();
            assert!(decisions.is_sorted(), "{rule:?}");
            assert_eq!((decisions[0], decisions[239]), (false, true));
        }
    }
}

#[test]
fn margins_of_a_population_file_are_relative_to_cost() {
    assert_eq!(margin_thresholds(price(32.0), -0.25, 0.5), (price(24.0), price(48.0)));
    // Without margins the rule is the naive one.
    let (low, high) = margin_thresholds(price(32.0), 0.0, 0.0);
    for x in [31.9, 32.0, 32.1] {
        for running in [false, true] {
            let here = wants_to_run(Rule::Option, running, price(32.0), low, high, 0.0, &spot(x));
            assert_eq!(here, wants(Rule::Naive, running, &spot(x)));
        }
    }
}

/// A margin of 0.15 raises the restart threshold by e^0.15 and leaves the shutdown threshold.
#[test]
fn a_restart_margin_raises_the_restart_threshold() {
    let found = |restart_margin| {
        let operation = OperationParams { restart_margin, ..usual_with((0.2, 0.0)) };
        thresholds(price(32.0), 150.0, &operation).expect("the formula has them")
    };
    let ((low, high), (low_with, high_with)) = (found(0.0), found(0.15));
    assert_eq!(low, low_with);
    assert!((high_with.get() / high.get() - libm::exp(0.15)).abs() < 1e-12 && high > price(32.0));
}

/// The model's table (5.4). Its column "exact" has an error of its own: it does not quite solve the four equations, while ours does (next test); the
/// two differ by up to 0.3 % in `x_H` and 0.6 % in `x_L`, growing with K.
#[test]
fn thresholds_are_those_of_the_models_table() {
    for (k, (exact_low, exact_high), (formula_low, formula_high)) in [
        (100.0, (0.869, 1.159), (0.866, 1.154)),
        (200.0, (0.839, 1.206), (0.834, 1.198)),
        (500.0, (0.791, 1.294), (0.782, 1.278)),
        (1000.0, (0.747, 1.390), (0.734, 1.363)),
    ] {
        let (low, high) = formula(k);
        assert!((low - formula_low).abs() < 6e-4 && (high - formula_high).abs() < 6e-4, "K {k}: {low}, {high}");
        let (low, high) = exact(k, 0.0);
        assert!(
            (low / exact_low - 1.0).abs() < 0.006 && (high / exact_high - 1.0).abs() < 0.003,
            "K {k}: {low}, {high}"
        );
    }
}

#[test]
fn exact_thresholds_solve_the_four_equations() {
    let mut solved = 0;
    for sigma in [0.01, 0.035, 0.1] {
        for lambda in [3.0, 31.0, 300.0] {
            for k in [0.1, 10.0, 150.0, 1000.0, 2e4] {
                for (discount, drift) in [(0.05, 0.0), (0.2, 0.0), (0.2, -0.3), (0.2, 0.15), (1.0, -2.0)] {
                    for stopping in [0.0, 0.5 * k, k] {
                        let starting = k - stopping;
                        let attempt = exact_thresholds(price(lambda), sigma, discount, drift, stopping, starting);
                        let Ok(found) = attempt else {
                            //assert!(stopping * discount / 365.0 >= lambda, "sigma {sigma}, lambda {lambda}, K {k}, r {discount}, mu {drift}: {attempt:?}");
                            continue;
                        };
                        solved += 1;
                        let worst = residual(found, lambda, sigma, discount / 365.0, drift / 365.0, stopping, starting);
                        assert!(
                            worst < 1e-6,
                            "sigma {sigma}, lambda {lambda}, K {k}, r {discount}, mu {drift}: {worst}"
                        );
                        assert!(found.0 < price(lambda) && found.0 < found.1);
                    }
                }
            }
        }
    }
    assert!(solved > 600, "{solved}");
}

/// The largest residual of the equations as a share of the lot's present cost. A and B are found from smooth pasting in textbook form, without the
/// solver's coordinates.
#[expect(clippy::many_single_char_names, reason = "the letters of the book")]
fn residual(
    (low, high): (Hashprice, Hashprice),
    lambda: f64,
    sigma: f64,
    r: f64,
    mu: f64,
    stopping: f64,
    starting: f64,
) -> f64 {
    let variance = sigma * sigma;
    let middle = 0.5 - mu / variance;
    let root = (middle * middle + 2.0 * r / variance).sqrt();
    let (b1, b2) = (middle + root, middle - root);
    let (low, high) = (low.get() / lambda, high.get() / lambda);
    let slope = 1.0 / (r - mu);
    // b1 A x^(b1-1) - b2 B x^(b2-1) = 1/(r - mu) at both thresholds.
    let [p, q] = [low, high].map(|x| (b1 * x.powf(b1 - 1.0), -b2 * x.powf(b2 - 1.0)));
    let determinant = p.0 * q.1 - q.0 * p.1;
    let a = slope * (q.1 - p.1) / determinant;
    let b = slope * (p.0 - q.0) / determinant;
    let gain = |x: f64| x * slope - 1.0 / r + b * x.powf(b2) - a * x.powf(b1);
    let scale = 1.0 / r + (starting + stopping) / lambda;
    let gap_high = (gain(high) - starting / lambda).abs() / scale;
    let gap_low = (gain(low) + stopping / lambda).abs() / scale;
    // At the optimum, both options must have a positive value.
    assert!(a > 0.0 && b > 0.0, "A {a}, B {b}");
    gap_high.max(gap_low)
}

/// T10.
#[test]
fn formula_is_within_three_percent_of_the_exact_thresholds() {
    for k in [50.0, 100.0, 150.0, 200.0, 500.0, 1000.0] {
        let ((low, high), (exact_low, exact_high)) = (formula(k), exact(k, 0.0));
        assert!((low / exact_low - 1.0).abs() < 0.03 && (high / exact_high - 1.0).abs() < 0.03, "K {k}");
        // Its error has a sign: the band is too low on both sides.
        assert!(low < exact_low && high < exact_high, "K {k}");
    }
}

/// T10.
#[test]
fn thresholds_close_in_on_cost_as_switching_becomes_free() {
    let mut last = f64::INFINITY;
    for k in [10.0, 0.1, 1e-3, 1e-6, 1e-9, 1e-14, 1e-18] {
        let (low, high) = exact(k, 0.0);
        let (formula_low, formula_high) = formula(k);
        let width = high - low;
        assert!(width < last && low < 1.0 && high > 1.0, "K {k}: {low}, {high}");
        assert!((width / (formula_high - formula_low) - 1.0).abs() < 0.02 * width + 1e-6, "K {k}: {width}");
        last = width;
    }
    assert_eq!(exact(0.0, 0.0), (1.0, 1.0));
    assert_eq!(formula(0.0), (1.0, 1.0));
}

/// T10.
#[test]
fn half_width_goes_with_the_powers_one_third_two_thirds_and_minus_one_third() {
    let slope = |of: &dyn Fn(f64) -> f64| (of(1.1) / of(1.0)).ln() / 1.1_f64.ln();
    for (what, slope, expected) in [
        ("K", slope(&|by| band_half_width(SIGMA, 150.0 * by, price(31.0))), 1.0 / 3.0),
        ("sigma", slope(&|by| band_half_width(SIGMA * by, 150.0, price(31.0))), 2.0 / 3.0),
        ("lambda", slope(&|by| band_half_width(SIGMA, 150.0, price(31.0 * by))), -1.0 / 3.0),
        // The exact band obeys the same law where K is small.
        ("exact K", slope(&|by| exact(1e-3 * by, 0.0).1.ln()), 1.0 / 3.0),
    ] {
        assert!((slope - expected).abs() < 1e-3, "{what}: {slope}");
    }
    // The level: (0.75 * 0.035^2 * 100 / 31)^(1/3), and 2^(1/3) times that.
    assert!((band_half_width(SIGMA, 100.0, price(31.0)) - 0.1437).abs() < 1e-4);
    assert!((band_half_width(SIGMA, 200.0, price(31.0)) - 0.1810).abs() < 1e-4);
}

#[test]
fn who_expects_a_decline_stops_and_starts_later() {
    // At -30 % a year by 1 point of lambda at K = 100, and by 6 at K = 1000 (the model's remark says 7).
    for (k, lift) in [(100.0, 0.0105), (1000.0, 0.056)] {
        let ((low, high), (level_low, level_high)) = (exact(k, -0.3), exact(k, 0.0));
        assert!(low > level_low, "K {k}");
        assert!((high - level_high - lift).abs() < 1e-3, "K {k}: {}", high - level_high);
    }
}

#[test]
fn parameters_without_thresholds_are_told() {
    let solve = |lambda, sigma, r, mu, stopping| exact_thresholds(price(lambda), sigma, r, mu, stopping, 50.0);
    assert!(matches!(solve(0.0, SIGMA, 0.2, 0.0, 50.0), Err(NoThresholds::OutOfRange { .. })));
    assert!(matches!(solve(31.0, f64::NAN, 0.2, 0.0, 50.0), Err(NoThresholds::OutOfRange { .. })));
    assert!(matches!(solve(31.0, SIGMA, 0.0, -0.1, 50.0), Err(NoThresholds::OutOfRange { .. })));
    assert!(matches!(solve(31.0, SIGMA, 0.2, f64::NEG_INFINITY, 50.0), Err(NoThresholds::OutOfRange { .. })));
    let costless = solve(31.0, SIGMA, 0.2, 0.0, -1.0).expect_err("a cost is not negative");
    assert_eq!(costless.to_string(), "the cost of stopping, USD per PH/s, must be zero or above, not -1");
    let growing = solve(31.0, SIGMA, 0.2, 0.2, 50.0).expect_err("worth without bound");
    assert_eq!(growing.to_string(), "the discount rate, 0.2 a year, must exceed the drift of hashprice, 0.2 a year");
    // 31 USD a day for ever, at 20 % a year, is worth 56,575 USD.
    assert!(solve(31.0, SIGMA, 0.2, 0.0, 56_574.0).is_ok());
    assert!(matches!(solve(31.0, SIGMA, 0.2, 0.0, 56_576.0), Err(NoThresholds::NeverStops { .. })));
}

#[test]
fn a_lot_that_costs_nothing_never_stops() {
    let (low, high) = formula_thresholds(Hashprice::ZERO, 150.0, SIGMA);
    assert_eq!((low, high), (Hashprice::ZERO, Hashprice::ZERO));
    assert!(wants_to_run(Rule::Option, true, Hashprice::ZERO, low, high, 150.0, &spot(0.0)));
}

#[test]
fn average_forgets_half_in_its_half_life_however_time_is_cut() {
    let half_life = Days::new(3.0);
    let once = smoothed(price(40.0), price(20.0), Days::new(3.0), half_life);
    assert_eq!(once, price(30.0));
    let in_steps = (0..12).fold(price(40.0), |average, _| smoothed(average, price(20.0), Days::new(0.25), half_life));
    assert!((in_steps.get() - 30.0).abs() < 1e-12);
    assert_eq!(smoothed(price(40.0), price(20.0), Days::new(0.1), Days::ZERO), price(20.0));
}

#[test]
fn pace_is_shrunk_towards_the_target() {
    let spacing = Seconds::new(600.0);
    let ratio = |blocks, seconds| expected_retarget(blocks, Seconds::new(seconds), spacing);
    assert!((ratio(1000, 600_000.0) - 1.0).abs() < 1e-15);
    assert!((ratio(0, 0.0) - 1.0).abs() < 1e-15 && (ratio(0, 5000.0) - 1.0).abs() < 1e-15);
    // 144 blocks at half the pace: half-way between 1/2 and 1.
    assert!((ratio(144, 172_800.0) - 0.75).abs() < 1e-15);
    // A whole epoch at twice the pace is hardly shrunk: (2016 * 2 + 144) / 2160.
    assert!((ratio(2016, 604_800.0) - 4176.0 / 2160.0).abs() < 1e-12);
}

#[test]
fn published_hashprice_and_break_even_prices_are_met() {
    // 7 August 2021: 43,629 USD, fees 1.34 % of the subsidy, D 14.4964 T: 0.3835 USD/TH/day (section H).
    let hashprice = Hashprice::earned(14.4964e12, Sats::from_btc(6.25 * 1.0134), UsdPerBtc::new(43_629.0));
    assert!((hashprice.get() / 1000.0 - 0.3835).abs() < 5e-5, "{hashprice}");
    // Antminer S19, 95 TH/s, 3250 W, at 7.7 c/kWh, D 17.62 T, fees 1.3 %: 8,744.27 USD (section H).
    let s19 = crate::hardware::find("Antminer S19 (95Th)").expect("in the catalogue");
    let shutdown = (s19.efficiency * PowerPrice::new(0.077)).break_even(17.62e12, Sats::from_btc(6.25 * 1.013));
    assert!((shutdown.get() / 8744.27 - 1.0).abs() < 1e-3, "{shutdown}");
    // S21, 17.5 J/TH, 8 c/kWh, D 135.59 T, 3.145 BTC a block: k = 33.6, P* = 72,010 USD (model 5.3).
    let cost = Efficiency::new(17.5) * PowerPrice::new(0.08);
    assert!((cost.get() - 33.6).abs() < 1e-9);
    let break_even = cost.break_even(135.59e12, Sats::from_btc(3.145));
    assert!((break_even.get() - 72_010.0).abs() < 5.0, "{break_even}");
    // At its break-even price a lot earns exactly its cost.
    assert!((Hashprice::earned(135.59e12, Sats::from_btc(3.145), break_even) / cost - 1.0).abs() < 1e-12);
}
