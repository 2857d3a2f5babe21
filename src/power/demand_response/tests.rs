use super::*;
use crate::{declare::usual, power::SpotPrices};

fn spot() -> Spot {
    Spot::new(SpotPrices::Texas(usual()))
}

fn ppa() -> Contract {
    Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO }
}

/// Machines that need 1 kWh per PH/s and day and cost nothing to run: hashprice is their value per kWh.
fn response(market: &Market, spot: &Spot, value: f64) -> Response {
    market.response(spot.all(), Hashprice::new(value), Hashprice::ZERO, DailyEnergy::new(1.0))
}

/// No other uptime earns more: mining value plus credit has its maximum at b - a.
#[test]
fn the_response_is_the_best_there_is() {
    let spot = spot();
    for (b, levy) in [(0.01, 0.0), (0.05, 0.0), (0.05, 0.02), (0.12, 0.01), (0.8, 0.005)] {
        let moves = Moves { levy: PowerPrice::new(levy), ..Moves::NONE };
        let market = Market::new(&ppa(), Some(&spot), false, &moves).expect("it sells");
        let earns = |most: f64| {
            let (unused, cost) = spot.all().beyond(PowerPrice::new(most), 1.0);
            b * (1.0 - unused) + cost.get() + levy * unused
        };
        let best = response(&market, &spot, b);
        let at_best = b * best.uptime + best.credit.get();
        assert!((at_best - earns(b - levy)).abs() < 1e-12);
        for other in [0.3, 0.7, 0.95, 1.05, 1.5, 3.0] {
            assert!(earns((b - levy) * other) < at_best, "b {b}, a {levy}, {other}");
        }
    }
}

/// If mining is worth less than any hour, all power is left unused, at its mean price; if it is worth more than the dearest hour, none is.
#[test]
fn the_ends() {
    let spot = spot();
    let market = Market::new(&ppa(), Some(&spot), false, &Moves::NONE).expect("it sells");
    let nothing = response(&market, &spot, -1.0);
    assert!(nothing.uptime < 1e-12 && (nothing.credit - spot.mean()).get().abs() < 1e-12);
    let all = response(&market, &spot, 5.0);
    assert!(all.uptime >= 1.0 && all.credit == PowerPrice::ZERO);
}

/// Twice the prices are twice the hours' prices.
#[test]
fn a_factor_moves_every_hour() {
    let spot = spot();
    let twice = Market::new(&ppa(), Some(&spot), false, &Moves { market: 2.0, ..Moves::NONE }).expect("it sells");
    let once = Market::new(&ppa(), Some(&spot), false, &Moves::NONE).expect("it sells");
    for value in [0.02, 0.1, 0.4] {
        let (dear, usual) = (response(&twice, &spot, 2.0 * value), response(&once, &spot, value));
        assert!((dear.uptime - usual.uptime).abs() < 1e-14 && (dear.credit - usual.credit * 2.0).get().abs() < 1e-14);
    }
}

/// 48 USD/PH/day at 20 J/TH and a PUE of 1.06: 480 kWh a day at the machine cost 0.5 c each to run; 508.8 kWh at the meter are worth 45.6 USD:
/// 8.96 c/kWh.
#[test]
fn break_even_by_hand() {
    let found = break_even(Hashprice::new(48.0), Hashprice::new(480.0 * 0.005), DailyEnergy::new(480.0 * 1.06));
    assert!((found.get() - 45.6 / 508.8).abs() < 1e-15);
}
