//! Test 8, fixed costs: the larger the part of the power bill that is due whether machines run or not, the smaller the response to a fall, and the more miners fail.
//!
//! **Formula.** Avoidable cost is lambda (1 - tau) with tau the take-or-pay share, so a machine runs down to a hashprice lower by tau; the bill of a machine that is off is
//! tau lambda, so cash is gone earlier.
//!
//! **Source.** Garratt and van Oordt, "Why fixed costs matter for proof-of-work based cryptocurrencies", Management Science 69 (2023). **Tolerance.** None on signs.
//!
//! **Where the lowest hashrate is not monotone.** Failures take machines out for good. So the first response, four weeks after the fall, is monotone in tau, and the
//! lowest hashrate of the year is not: at a share of 0.2 and above, failures take out as much as the choice to switch off did. The test holds the value that is.

use crate::network::{Records, flat, price_for, run_unaudited, shock, varied};
use shakeout::{scenario::Scenario, units::Days};

fn network(take_or_pay: f64) -> Scenario {
    let mut scenario = varied();
    scenario.price = flat(price_for(48.0, 1000.0));
    scenario.power.take_or_pay = take_or_pay;
    scenario.run.days = Days::new(365.0);
    shock(&mut scenario, 30.0, 0.55);
    scenario
}

#[test]
fn a_larger_fixed_part_softens_the_response_and_breaks_more_miners() {
    let shares = [0.0, 0.2, 0.4, 0.6, 0.8];
    let runs: Vec<Records> = shares.iter().map(|share| run_unaudited(&network(*share))).collect();
    let soon: Vec<f64> =
        runs.iter().map(|run| run.days[58].hashrate_eh_per_s / run.days[20].hashrate_eh_per_s).collect();
    let failed: Vec<f64> = runs.iter().map(|run| run.metric("defaulted_hashrate_share")).collect();
    let trough: Vec<f64> = runs.iter().map(|run| run.metric("hashrate_trough_share")).collect();
    println!("take-or-pay {shares:?}\nafter four weeks {soon:.3?}\nlowest {trough:.3?}\nfailed {failed:.3?}");
    assert!(soon.windows(2).all(|pair| pair[1] > pair[0] - 1e-3) && soon[4] > soon[0] + 0.05, "{soon:?}");
    for (found, held) in trough.iter().zip([0.652, 0.656, 0.617, 0.604, 0.603]) {
        assert!((found - held).abs() < 0.01, "{found} for {held}");
    }
    assert!(failed.windows(2).all(|pair| pair[1] > pair[0] - 1e-3) && failed[4] > failed[0] + 0.02, "{failed:?}");
}
