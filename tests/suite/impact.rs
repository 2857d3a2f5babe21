//! Sales move the price by the right amount, and nothing else does.

use crate::network::{close, network, row, run};
use shakeout::{
    market::{Flow, ImpactLaw, ImpactParams},
    mechanism::treasury::params::TreasuryPolicy,
    scenario::Scenario,
    units::Usd,
};

/// One firm that must sell half of its production to pay its bills: 24 of 48 USD/PH/day, without cash, every day.
fn hand_to_mouth() -> Scenario {
    let mut miner = row("m", 100.0, 24.0);
    miner.cash = Usd::ZERO;
    network(vec![miner], 100.0, 48.0)
}

fn with(law: ImpactLaw, flow: Flow) -> Scenario {
    let mut scenario = hand_to_mouth();
    scenario.impact = ImpactParams { law, flow };
    scenario
}

const ROOT: ImpactLaw = ImpactLaw::SquareRoot {
    y: 0.9,
    amplification: 1.0,
    volume_btc_per_day: 10_000.0,
    volatility_per_sqrt_day: 0.04,
    permanent_share: 0.0,
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
    let records = run(&with(ImpactLaw::Linear { fall_per_btc: 1e-4 }, Flow::Total));
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
    let (without, with) = (run(&hand_to_mouth()), run(&with(ImpactLaw::Linear { fall_per_btc: 1e-4 }, Flow::Total)));
    assert_eq!(without.days[0].sold_forced, with.days[0].sold_forced, "the first sale meets the same price");
    for (a, b) in without.days.iter().zip(&with.days).skip(1).take(10) {
        assert!(b.sold_forced > a.sold_forced, "{a:?}\n{b:?}");
    }
}

/// Expected sales have no effect: from the first day the firm sells its constant daily amount.
#[test]
fn expected_sales_do_not_move_the_price() {
    let records = run(&with(ROOT, Flow::Excess));
    // Blocks are 0.05 % slow (2015 gaps for 2016 blocks), and the square root magnifies this.
    assert!(records.metric("price_impact_worst") > -5e-4, "{}", records.metric("price_impact_worst"));
    let total = run(&with(ROOT, Flow::Total));
    assert!(total.metric("price_impact_worst") < -0.01, "{}", total.metric("price_impact_worst"));
}

/// All orders are added before the root is taken: four firms of a quarter each have the effect of one.
#[test]
fn splitting_a_seller_changes_nothing() {
    let one = run(&with(ROOT, Flow::Total));
    let mut four = with(ROOT, Flow::Total);
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
    let ImpactLaw::SquareRoot { y, amplification, volume_btc_per_day, volatility_per_sqrt_day, .. } = ROOT else {
        panic!("it is the root")
    };
    let first = |y, amplification, volume_btc_per_day, volatility_per_sqrt_day, permanent_share| {
        let law =
            ImpactLaw::SquareRoot { y, amplification, volume_btc_per_day, volatility_per_sqrt_day, permanent_share };
        // The second day's price shows the first day's sale.
        libm::log1p(run(&with(law, Flow::Total)).days[1].price_impact)
    };
    let base = first(y, amplification, volume_btc_per_day, volatility_per_sqrt_day, 0.0);
    assert!(base < 0.0);
    close("Y", first(2.0 * y, amplification, volume_btc_per_day, volatility_per_sqrt_day, 0.0), 2.0 * base, 1e-9);
    close("A", first(y, 3.0 * amplification, volume_btc_per_day, volatility_per_sqrt_day, 0.0), 3.0 * base, 1e-9);
    close("V", first(y, amplification, 4.0 * volume_btc_per_day, volatility_per_sqrt_day, 0.0), base / 2.0, 1e-9);
    close("sigma", first(y, amplification, volume_btc_per_day, 2.0 * volatility_per_sqrt_day, 0.0), 2.0 * base, 1e-9);
    let stays = first(y, amplification, volume_btc_per_day, volatility_per_sqrt_day, 1.0);
    assert!(stays < base, "nothing has faded: {stays} against {base}");
}

/// All production is sold, on each firm's own day of the month. These sales are expected, however large some firms are.
#[test]
fn steady_sales_of_unequal_firms_do_not_move_the_price() {
    let mut scenario = crate::network::varied();
    scenario.price = crate::network::flat(crate::network::price_for(60.0, 1000.0));
    scenario.settlement.every_days = 30;
    scenario.run.days = shakeout::units::Days::new(400.0);
    if let shakeout::world::PopulationParams::Drawn { classes, .. } = &mut scenario.population {
        for class in classes {
            class.treasury = TreasuryPolicy::Share { share: 1.0, excess_per_day: 0.02 };
            (class.cash_buffer_months, class.debt_usd_per_th) = (0.0, 0.0);
        }
    }
    scenario.impact = ImpactParams { law: ROOT, flow: Flow::Excess };
    let with = run(&scenario);
    scenario.impact.flow = Flow::Total;
    let total = run(&scenario);
    let largest =
        |records: &crate::network::Records| records.days.iter().map(|day| day.price_impact.abs()).fold(0.0, f64::max);
    assert!(largest(&with) < 0.05 * largest(&total), "{} of {}", largest(&with), largest(&total));
}
