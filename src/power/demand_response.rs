//! Response to spot prices: a site leaves its power unused in the hours in which that earns more than mining.
//!
//! In an hour of spot price s, a kWh at the meter either mines a value of b, or is left unused and earns `s + a`. So
//!
//! ```text
//! it mines iff s <= b - a                b = (x - 24 e o) / (24 e PUE) + r
//! uptime   u = F(b - a)
//! credit   A(b - a) + a (1 - u)          USD per kWh of the load, for unused power
//! ancillary  r u                         USD per kWh of the load
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `b` | break-even: mining value of a kWh at the meter, beyond crew and repair | USD/kWh |
//! | `a` | fees and levies avoided on unused power | USD/kWh |
//! | `r` | payment by the grid for interruptible load | USD/kWh |
//! | `x`, `e`, `o` | hashprice, efficiency, running cost | USD/PH/day, J/TH, USD/kWh |
//! | F, A | share of hours up to a price, and cost of the hours above it ([`SpotCurve`]) | -, USD/kWh |
//!
//! All power is paid for at the contract's mean price, and unused power is credited: under a PPA it is sold at spot, under an indexed contract it is
//! not bought. Over a strike K the credit is `E[(s - K); s > b]`, which is the gain `E[(s - K)+; s > b]` if b is at least K; below K, a site under a
//! PPA still prefers the smaller loss from selling to the larger one from mining.
//!
//! The cost of power is sunk, so such a site has no hashprice at which it stops for good: its uptime falls, hour by hour, until mining no longer pays
//! for the crew. Known errors: hours have no order, machines stop and start instantly and at no cost, and uptime is updated when hashprice is, once a
//! step. Source: the model's section 5.5.

use super::{Contract, Moves, SpotCurve};
use crate::units::{DailyEnergy, Hashprice, PowerPrice};

/// A site's response to spot prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Share of hours in which it mines.
    pub uptime: f64,
    /// Value of the unused hours, per kWh of the load.
    pub credit: PowerPrice,
}

/// The response to a curve, if mining is worth `break_even` per kWh and an unused kWh saves `beside` its spot price.
#[must_use]
pub fn respond(spot: &SpotCurve, beside: PowerPrice, break_even: PowerPrice) -> Response {
    let most = break_even - beside;
    let uptime = spot.at_most(most);
    Response { uptime, credit: spot.above(most) + beside * (1.0 - uptime) }
}

/// Mining value of a kWh at the meter beyond running cost.
#[must_use]
pub fn break_even(hashprice: Hashprice, running: Hashprice, energy: DailyEnergy) -> PowerPrice {
    (hashprice - running) / energy
}

/// The spot market for the sites of one contract in one region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    spot: SpotCurve,
    beside: PowerPrice,
    ancillary: PowerPrice,
    /// Whether unused power is sold, or never bought.
    pub sells: bool,
}

impl Market {
    /// The market of a contract, with the present price changes; `None` if its sites do not respond.
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

    /// The response of machines with this energy need and this running cost beside power.
    #[must_use]
    pub fn response(&self, hashprice: Hashprice, running: Hashprice, energy: DailyEnergy) -> Response {
        respond(&self.spot, self.beside, break_even(hashprice, running, energy) + self.ancillary)
    }

    /// Distinguishes the markets of one region.
    #[must_use]
    pub fn signature(&self) -> [u64; 2] {
        [self.all_left().get().to_bits() ^ u64::from(self.sells), self.ancillary.get().to_bits()]
    }

    /// Credit with the machines off, per kWh of the load.
    #[must_use]
    pub fn all_left(&self) -> PowerPrice {
        self.spot.mean() + self.beside
    }

    /// Payment by the grid for interruptible load, per kWh that runs.
    #[must_use]
    pub fn ancillary(&self) -> PowerPrice {
        self.ancillary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{declare::usual, power::SpotParams};

    fn spot() -> SpotCurve {
        SpotCurve::new(usual::<SpotParams>())
    }

    /// No other uptime earns more: mining value plus credit has its maximum at b - a.
    #[test]
    fn the_response_is_the_best_there_is() {
        let spot = spot();
        for (b, a) in [(0.01, 0.0), (0.05, 0.0), (0.05, 0.02), (0.12, 0.01), (0.8, 0.005)] {
            let (a, b) = (PowerPrice::new(a), PowerPrice::new(b));
            let earns = |most| b * spot.at_most(most) + spot.above(most) + a * spot.beyond(most);
            let best = respond(&spot, a, b);
            let at_best = b * best.uptime + best.credit;
            assert!((at_best - earns(b - a)).get().abs() < 1e-15);
            for other in [0.3, 0.7, 0.95, 1.05, 1.5, 3.0] {
                assert!(earns((b - a) * other) < at_best, "b {b}, a {a}, {other}");
            }
        }
    }

    /// If mining is worth nothing, all power is left unused, at its mean price; if it is worth more than the cap, none is.
    #[test]
    fn the_ends() {
        let spot = spot();
        let [beside, worthless, dear] = [0.01, -0.02, 5.0].map(PowerPrice::new);
        let nothing = respond(&spot, beside, worthless);
        assert!(nothing.uptime.abs() < 1e-15 && (nothing.credit - spot.mean() - beside).get().abs() < 1e-15);
        let all = respond(&spot, PowerPrice::ZERO, dear);
        assert!((all.uptime - 1.0).abs() < 1e-15 && all.credit.get().abs() < 1e-15);
    }

    /// 48 USD/PH/day at 20 J/TH and a PUE of 1.06: 480 kWh a day at the machine cost 0.5 c each to run; 508.8 kWh at the meter are worth 45.6 USD:
    /// 8.96 c/kWh.
    #[test]
    fn break_even_by_hand() {
        let found = break_even(Hashprice::new(48.0), Hashprice::new(480.0 * 0.005), DailyEnergy::new(480.0 * 1.06));
        assert!((found.get() - 45.6 / 508.8).abs() < 1e-15);
    }
}
