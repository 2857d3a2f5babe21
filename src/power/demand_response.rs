//! A site that leaves its power to others in the hours in which that earns more than mining.
//!
//! In an hour of spot price s a kWh at the meter mines what is worth b, or is left and earns `s + a`. So
//!
//! ```text
//! it mines iff s <= b - a                b = (x - 24 e o) / (24 e PUE) + r
//! uptime   u = F(b - a)
//! credit   A(b - a) + a (1 - u)          USD per kWh of the load, for what is left
//! ancillary  r u                         USD per kWh of the load
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `b` | break-even: what mining with a kWh at the meter is worth, beyond crew and repair | USD/kWh |
//! | `a` | fees and levies not paid on what is left | USD/kWh |
//! | `r` | paid by the grid for load that can be called off | USD/kWh |
//! | `x`, `e`, `o` | hashprice, efficiency, running cost | USD/PH/day, J/TH, USD/kWh |
//! | F, A | hours up to a price, and what the hours above it cost ([`SpotCurve`]) | -, USD/kWh |
//!
//! All power is paid for at the contract's mean price, and what is left is credited: of a PPA it is sold at spot, of an indexed
//! contract it is not bought. Over a strike K that is `E[(s - K); s > b]`, which is the gain `E[(s - K)+; s > b]` wherever b is at
//! least K; below, a site under a PPA still does better by selling at a loss than by mining at a greater one.
//!
//! The price of power is sunk, so such a site has no hashprice at which it stops for good: its uptime falls, hour by hour, until
//! mining pays no crew. Known errors: hours come in no order, machines stop and start in no time and at no cost, and uptime is renewed
//! when hashprice is, once a step. Source: the model's section 5.5.

use super::{Contract, Moves, SpotCurve};

/// How a site answers a spot price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Share of hours in which it mines.
    pub uptime: f64,
    /// What the hours left are worth, USD per kWh of the load.
    pub credit_usd_per_kwh: f64,
}

/// The response to a curve, where mining is worth `break_even` a kWh and a kWh left saves `beside` its spot price, USD/kWh.
#[must_use]
pub fn respond(spot: &SpotCurve, beside: f64, break_even: f64) -> Response {
    let most = break_even - beside;
    let uptime = spot.at_most(most);
    Response { uptime, credit_usd_per_kwh: spot.above(most) + beside * (1.0 - uptime) }
}

/// What mining with a kWh at the meter is worth beyond running cost: `hashprice` and `running` in USD/PH/day, and the energy that a PH/s
/// needs in a day, kWh.
#[must_use]
pub fn break_even(hashprice: f64, running: f64, kwh_per_ph_day: f64) -> f64 {
    (hashprice - running) / kwh_per_ph_day
}

/// What the sites of one contract in one region answer to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    spot: SpotCurve,
    beside: f64,
    ancillary: f64,
    /// Whether what is left is sold, or was never bought.
    pub sells: bool,
}

impl Market {
    /// That of a contract, under what moves prices; `None` where its sites do not respond.
    #[must_use]
    pub fn new(contract: &Contract, spot: Option<&SpotCurve>, moves: &Moves) -> Option<Self> {
        let spot = spot.filter(|_| contract.responds())?;
        Some(Self {
            spot: spot.scaled(moves.season * moves.market),
            beside: contract.saved_beside_spot(Some(spot), moves),
            ancillary: contract.ancillary(),
            sells: matches!(contract, Contract::PpaResale { .. }),
        })
    }

    /// The response of machines that need so much energy and cost so much to run beside it.
    #[must_use]
    pub fn response(&self, hashprice: f64, running: f64, kwh_per_ph_day: f64) -> Response {
        respond(&self.spot, self.beside, break_even(hashprice, running, kwh_per_ph_day) + self.ancillary)
    }

    /// Tells the markets of one region apart.
    #[must_use]
    pub fn signature(&self) -> [u64; 2] {
        [self.all_left().to_bits() ^ u64::from(self.sells), self.ancillary.to_bits()]
    }

    /// What is credited with the machines off, USD per kWh of the load.
    #[must_use]
    pub fn all_left(&self) -> f64 {
        self.spot.mean() + self.beside
    }

    /// What the grid pays for load that could be called off, USD per kWh that runs.
    #[must_use]
    pub fn ancillary(&self) -> f64 {
        self.ancillary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power::SpotParams;

    fn spot() -> SpotCurve {
        SpotCurve::new(SpotParams::TEXAS)
    }

    /// No other uptime earns more: mined value and credit together have their maximum at b - a.
    #[test]
    fn the_response_is_the_best_there_is() {
        let spot = spot();
        for (b, a) in [(0.01, 0.0), (0.05, 0.0), (0.05, 0.02), (0.12, 0.01), (0.8, 0.005)] {
            let earns = |most: f64| b * spot.at_most(most) + spot.above(most) + a * spot.beyond(most);
            let best = respond(&spot, a, b);
            let at_best = b * best.uptime + best.credit_usd_per_kwh;
            assert!((at_best - earns(b - a)).abs() < 1e-15);
            for other in [0.3, 0.7, 0.95, 1.05, 1.5, 3.0] {
                assert!(earns((b - a) * other) < at_best, "b {b}, a {a}, {other}");
            }
        }
    }

    /// Mining worth nothing leaves all power, at its mean price; worth more than the cap, none.
    #[test]
    fn the_ends() {
        let spot = spot();
        let nothing = respond(&spot, 0.01, -0.02);
        assert!(nothing.uptime.abs() < 1e-15 && (nothing.credit_usd_per_kwh - spot.mean() - 0.01).abs() < 1e-15);
        let all = respond(&spot, 0.0, 5.0);
        assert!((all.uptime - 1.0).abs() < 1e-15 && all.credit_usd_per_kwh.abs() < 1e-15);
    }

    /// 48 USD/PH/day at 20 J/TH and a PUE of 1.06: 480 kWh a day at the machine cost 0.5 c each to run, 508.8 kWh at the meter
    /// are worth 45.6 USD: 8.96 c/kWh.
    #[test]
    fn break_even_by_hand() {
        assert!((break_even(48.0, 480.0 * 0.005, 480.0 * 1.06) - 45.6 / 508.8).abs() < 1e-15);
    }
}
