//! Sales move the price by the right amount, and nothing else does.

use crate::network::{close, network, row, run, shock};
use shakeout::{
    market::{ImpactLaw, ImpactParams},
    scenario::Scenario,
    units::Usd,
};

/// One firm that must sell half of its production to pay its bills: 24 of 48 USD/PH/day, without cash, every day.
fn hand_to_mouth() -> Scenario {
    let mut miner = row("m", 100.0, 24.0);
    miner.cash = Usd::ZERO;
    network(vec![miner], 100.0, 48.0)
}

fn with(law: ImpactLaw) -> Scenario {
    let mut scenario = hand_to_mouth();
    scenario.impact = ImpactParams { law, shock: vec![] };
    scenario
}

/// On the second day the price falls by 30 %, and a bill needs 43 % more coins.
fn with_a_fall(law: ImpactLaw) -> Scenario {
    let mut scenario = with(law);
    shock(&mut scenario, 1.0, 0.7);
    scenario
}

const ROOT: ImpactLaw = ImpactLaw::SquareRoot {
    y: 0.9,
    volume_btc_per_day: 10_000.0,
    volatility_per_sqrt_day: 0.04,
    permanent_share: 0.0,
    linear_below_share: 0.001,
};

/// M5: without impact the price equals its base path exactly.
#[test]
fn m5_without_impact_the_price_is_its_base_path() {
    let records = run(&hand_to_mouth());
    assert!(records.days.iter().any(|day| day.sold_forced.get() > 0), "coins are sold");
    for day in &records.days {
        assert_eq!(day.price_usd.to_bits(), day.base_price_usd.to_bits());
        assert_eq!(day.price_impact.to_bits(), 0.0f64.to_bits());
    }
    assert_eq!(records.metric("price_impact_worst").to_bits(), 0.0f64.to_bits());
}

/// Each day's sale q multiplies the next day's price by 1 - kappa q: the product over all days, computed from the recorded sales.
#[test]
fn linear_impact_is_the_product_of_the_days() {
    let records = run(&with(ImpactLaw::Linear { fall_per_btc: 1e-4 }));
    let mut factor = 1.0;
    for day in &records.days {
        close("price over base price", day.price_usd / day.base_price_usd, factor, 1e-12);
        close("the factor", 1.0 + day.price_impact, factor, 1e-12);
        factor *= 1.0 - 1e-4 * day.sold_forced.btc();
    }
    assert!(factor < 0.6, "half of 450 BTC a day for 30 days: {factor}");
    close("worst", records.metric("price_impact_worst"), factor - 1.0, 1e-9);
}

/// At a lower price a bill needs more coins: with impact more is sold than without, from the second day on.
#[test]
fn impact_feeds_back_on_sales() {
    let (without, with) = (run(&hand_to_mouth()), run(&with(ImpactLaw::Linear { fall_per_btc: 1e-4 })));
    assert_eq!(without.days[0].sold_forced, with.days[0].sold_forced, "the first sale meets the same price");
    for (a, b) in without.days.iter().zip(&with.days).skip(1).take(10) {
        assert!(b.sold_forced > a.sold_forced, "{a:?}\n{b:?}");
    }
}

/// The base price contains the sales of the same seed without the shock: what is recorded of it is that run, and only sales beyond it move the price.
#[test]
fn only_sales_beyond_the_same_seed_without_the_shock_move_the_price() {
    let (calm, fallen) = (run(&with(ROOT)), run(&with_a_fall(ROOT)));
    for (calm, fallen) in calm.days.iter().zip(&fallen.days) {
        assert_eq!(calm.price_impact, 0.0);
        assert_eq!(fallen.paired_price_usd, Some(calm.price_usd));
        assert_eq!(fallen.paired_sold, Some(calm.sold_voluntary + calm.sold_forced + calm.sold_liquidation));
    }
    assert_eq!(calm.metric("excess_sold_btc"), 0.0);
    assert!(fallen.metric("price_impact_worst") < -0.001, "{}", fallen.metric("price_impact_worst"));
    let sold = |records: &crate::network::Records| records.days.iter().map(|day| day.sold_forced.btc()).sum::<f64>();
    close("excess", fallen.metric("excess_sold_btc"), sold(&fallen) - sold(&calm), 1e-9);
}

/// What is declared to be the shock is left out of the paired history, and nothing else.
#[test]
fn the_paired_history_lacks_what_is_declared() {
    let price_after = |named: &[&str]| {
        let mut scenario = with_a_fall(ROOT);
        scenario.impact.shock = named.iter().map(ToString::to_string).collect();
        scenario.price.process = shakeout::market::PriceProcess::Gbm {
            start: shakeout::units::UsdPerBtc::new(50_000.0),
            drift_per_year: 0.0,
            volatility_per_year: 0.6,
        };
        let last = run(&scenario).days[29];
        last.paired_price_usd.expect("a pair") / last.base_price_usd
    };
    close("without the event", price_after(&["event.at 1"]), 1.0 / 0.7, 1e-12);
    let held = price_after(&["price"]);
    close("neither", price_after(&[]), held / 0.7, 1e-12);
    assert!((held - 1.0).abs() > 1e-3, "the path of the price: {held}");
}

/// All orders are added before the root is taken: four firms of a quarter each have the effect of one.
#[test]
fn splitting_a_seller_changes_nothing() {
    let one = run(&with_a_fall(ROOT));
    let mut four = with_a_fall(ROOT);
    let quarter = |name: &str| {
        let mut miner = row(name, 25.0, 24.0);
        miner.cash = Usd::ZERO;
        miner
    };
    four.population = shakeout::world::PopulationParams::Listed(["a", "b", "c", "d"].map(quarter).to_vec());
    let four = run(&four);
    for (a, b) in one.days.iter().zip(&four.days) {
        close("price", b.price_usd, a.price_usd, 1e-9);
    }
}

/// Each parameter of the square-root law has its effect.
#[test]
fn parameters_of_the_root_scale_the_impact() {
    let ImpactLaw::SquareRoot { y, volume_btc_per_day, volatility_per_sqrt_day, linear_below_share, .. } = ROOT else {
        panic!("it is the root")
    };
    let first = |y, volume_btc_per_day, volatility_per_sqrt_day, permanent_share, linear_below_share| {
        let law = ImpactLaw::SquareRoot {
            y,
            volume_btc_per_day,
            volatility_per_sqrt_day,
            permanent_share,
            linear_below_share,
        };
        // The third day's price shows the sales of the second, on which the price falls.
        libm::log1p(run(&with_a_fall(law)).days[2].price_impact)
    };
    let (volume, sigma, c) = (volume_btc_per_day, volatility_per_sqrt_day, linear_below_share);
    let base = first(y, volume, sigma, 0.0, c);
    assert!(base < 0.0);
    close("Y", first(2.0 * y, volume, sigma, 0.0, c), 2.0 * base, 1e-9);
    close("V", first(y, 4.0 * volume, sigma, 0.0, c), base / 2.0, 1e-9);
    close("sigma", first(y, volume, 2.0 * sigma, 0.0, c), 2.0 * base, 1e-9);
    let stays = first(y, volume, sigma, 1.0, c);
    assert!(stays < base, "nothing has faded: {stays} against {base}");
    // Below the crossover impact falls with the root of the crossover.
    close("c", first(y, volume, sigma, 0.0, 0.4), first(y, volume, sigma, 0.0, 0.1) / 2.0, 1e-9);
}
