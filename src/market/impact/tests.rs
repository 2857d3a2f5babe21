//! Impact of given sales against closed forms.

#![expect(clippy::float_cmp, reason = "values compared by `==` are exact")]

use super::*;

const ROOT: ImpactLaw = ImpactLaw::SquareRoot {
    y: 0.9,
    volume_btc_per_day: 200_000.0,
    volatility_per_sqrt_day: 0.045,
    permanent_share: 0.0,
    linear_below_share: 0.001,
};

fn after(law: ImpactLaw, sales: &[f64]) -> f64 {
    let mut impact = Impact::new(law);
    for &sold in sales {
        impact.sell(sold, 1.0);
    }
    impact.log_price()
}

fn root_after(days: usize, rest: usize, rate: f64) -> f64 {
    after(ROOT, &[vec![rate; days], vec![0.0; rest]].concat())
}

#[test]
fn exponentials_stand_for_the_root_over_ten_years() {
    for day in 0..3653 {
        let tau = f64::from(day);
        let sum: f64 = MODES.iter().map(|(half_life, weight)| weight * libm::exp2(-tau / half_life)).sum();
        let error = sum * (1.0 + tau).sqrt() - 1.0;
        assert!(error.abs() < 4e-3, "{error} at {day} d");
    }
}

/// T11: a steady sale over T days; factors of the closed form 2.51, 4.79, 8.78 at 10, 30, 90 days.
#[test]
fn t11_a_steady_sale_follows_the_closed_form() {
    for (days, factor) in [(10usize, 2.5105), (30, 4.7926), (90, 8.7830)] {
        let closed = -0.9 * 0.045 * (400.0f64 / 200_000.0).sqrt() * factor;
        let found = root_after(days, 0, 400.0);
        assert!((found / closed - 1.0).abs() < 2e-3, "{days} d: {found} against {closed}");
    }
}

/// T11: after a sale of T days ends, the impact decays as the sum of `(1 + j)^-1/2` over the ages j, which is about `2 (sqrt(t) - sqrt(t - T))`.
#[test]
fn t11_impact_fades_when_the_sale_ends() {
    let ages = |from: u32, to: u32| (from..to).map(|age| 1.0 / (1.0 + f64::from(age)).sqrt()).sum::<f64>();
    for rest in [1u32, 30, 180, 720] {
        let ratio = root_after(30, rest as usize, 400.0) / root_after(30, 0, 400.0);
        let closed = ages(rest, rest + 30) / ages(0, 30);
        assert!((ratio / closed - 1.0).abs() < 5e-3, "{rest} d: {ratio} against {closed}");
        let root = 2.0 * (f64::from(rest + 30).sqrt() - f64::from(rest).sqrt()) / ages(0, 30);
        assert!(rest < 30 || (ratio / root - 1.0).abs() < 0.02, "{rest} d: {ratio} against {root}");
    }
}

#[test]
fn t11_twice_the_flow_is_a_root_of_two_more() {
    let ratio = root_after(20, 5, 800.0) / root_after(20, 5, 400.0);
    assert!((ratio - std::f64::consts::SQRT_2).abs() < 1e-12, "{ratio}");
}

/// Model 5.8: June 2022, 357 BTC/d above expectation for 30 d in a market of 200,000 BTC/d at 4.5 % a day: -0.8 to -0.9 %.
#[test]
fn june_2022_is_below_one_percent() {
    let found = root_after(30, 0, 357.0);
    assert!((-0.009..=-0.008).contains(&found), "{found}");
}

/// Below the crossover a tenth of the sale has a tenth of the effect; at the crossover both forms agree; a sale and an equal purchase cancel.
#[test]
fn small_sales_move_the_price_in_proportion() {
    let at = |rate: f64| root_after(10, 0, rate);
    assert!((at(20.0) / at(2.0) - 10.0).abs() < 1e-9, "{} and {}", at(20.0), at(2.0));
    let (below, above) = (at(199.999), at(200.001));
    assert!((above / below - 1.0).abs() < 1e-4, "{below} and {above}");
    assert!((at(800.0) / at(200.0) - 2.0).abs() < 1e-9, "a root above it");
    assert_eq!(at(-20.0), -at(20.0));
    assert_eq!(at(0.0), 0.0);
}

#[test]
fn linear_impact_stays() {
    let linear = after(ImpactLaw::Linear { fall_per_btc: 2e-7 }, &[1e5, 0.0, 0.0]);
    assert!((linear - libm::log(0.98)).abs() < 1e-12, "{linear}");
    assert!(after(ImpactLaw::Linear { fall_per_btc: 1.0 }, &[1e9]).is_finite(), "no sale makes a price of nothing");
    assert_eq!(Impact::new(ImpactLaw::None).factor().to_bits(), 1.0f64.to_bits());
}

/// theta: the part of an increment that remains after a long time.
#[test]
fn a_permanent_share_stays() {
    let law = ImpactLaw::SquareRoot {
        y: 0.9,
        volume_btc_per_day: 200_000.0,
        volatility_per_sqrt_day: 0.045,
        permanent_share: 1.0,
        linear_below_share: 0.001,
    };
    let days = [vec![400.0; 10], vec![0.0; 1000]].concat();
    let closed = -0.5 * 0.9 * 0.045 * (400.0f64 / 200_000.0).sqrt() * 10.0;
    assert!((after(law, &days) / closed - 1.0).abs() < 1e-12);
}
