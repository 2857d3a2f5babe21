//! Power contracts: the price that a site pays, and the part of the bill that ends with the load.
//!
//! | contract | price at the meter, USD/kWh | due when off | affected by |
//! |---|---|---|---|
//! | fixed | `c w m` | share `theta` | season, market, levies |
//! | indexed | `E[s] w m + adder` on average, `s + adder` in an hour | nothing | season, market, levies |
//! | hosting | `c`, all in: crew and repair too | share `theta`, by default nothing | nothing; with pass-through season, market, levies |
//! | utility tariff | `c w m`, of which a share `d` is the demand charge | the minimum demand's part of it, `theta = d n` | season, market, levies |
//! | captive | `c w` | share `theta`: cost of the plant | season |
//! | PPA with resale | strike | all, but unused power is sold at `s` | levies |
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `c` | the site's own price, drawn or given | USD/kWh |
//! | `w`, `m` | season, and the market's drifts and shocks | - |
//! | `s` | hourly spot price of the region, which market and season affect too | USD/kWh |
//! | `theta` | take-or-pay | - |
//! | `d`, `n` | demand charge over the bill at full load; minimum demand over contracted power | - |
//! | `k` | deposit of a client, in days of its fee | day |
//!
//! **Deposit.** A host with a term keeps charging machines that stopped, and takes what they owe from the client's deposit. When that is used up, the host gives
//! their places away and claims no more. So machines that are off cost no cash. To restart after `t` days, the client fills the deposit up again: it owes
//! `min(t, k)` days of the fee, the limit of what is owed for all the time off. `k` days of the fee are therefore a part of the cost of a stop and a restart.
//!
//! A levy is a factor and an addition on every kWh delivered: `price = (price before) * factor + addition`.
//!
//! Source: the model's section 5.5; contracts of hosts S72, S73, minimum demand S74 of the assumptions. Known errors: the month in which a load stops is billed
//! for the minimum demand too; a fixed price follows the market at once, as if contracts were renewed every week.

use super::Spot;
use crate::{
    declare::{USD_PER_KWH, kinds},
    units::PowerPrice,
};

kinds! {
    /// The kind of power contract of a site.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Contract {
        /// A fixed price per kWh: the site's own price, on which season, market and levies act.
        fixed => Fixed {
            /// Take-or-pay share: share of the bill that is due with the machines off; if absent, the value of `[power]`.
            take_or_pay: Option<f64>, within(0.0, 1.0);
        },
        /// The hourly spot price of the region plus an adder.
        indexed => Indexed {
            /// Grid fees and the supplier's margin.
            adder: PowerPrice => adder_usd_per_kwh as USD_PER_KWH = 0.01, source("A"), within(0.0, 10.0), usual(0.001, 0.08, "A-71");
            /// Whether machines are switched off in hours in which power costs more than the machines earn.
            responds: bool = true, source("section 7.13");
        },
        /// Hosting: an all-inclusive rate, which is the site's own price and includes crew and repair.
        hosting => Hosting {
            /// Take-or-pay share: share of the bill that is due with the machines off. Small clients owe nothing; large ones have signed for all of it.
            take_or_pay: f64 = 0.0, source("S72, S73"), uniform(0.0, 1.0, "S72, S73: 0 and 1 are filed"), within(0.0, 1.0);
            /// The client's deposit, in days of the fee: the most that is owed for machines that are off, and due when they restart.
            deposit_days: f64 as "d" = 0.0, source("S75"), uniform(0.0, 90.0, "assumed around one contract, S75"), within(0.0, 3650.0),
                usual(5.0, 200.0, "A-71, S75: 40");
            /// Whether the host passes on the effects of season, market and levies on its own price.
            pass_through: bool = false, source("section 7.13, A");
        },
        /// A utility's tariff: energy, and a demand charge of which a minimum is due with the machines off.
        utility => Utility {
            /// Demand charge as a share of the bill at full load.
            demand_share: f64 = 0.3, source("A: 0.1-0.5"), uniform(0.1, 0.5, "assumed"), within(0.0, 1.0);
            /// Minimum demand billed, as a share of contracted power.
            minimum_demand: f64 = 0.6, source("S74: 0.6-0.95"), uniform(0.6, 0.95, "S74"), within(0.0, 1.0);
        },
        /// Captive generation at the site's own price, which varies only with the season.
        captive => Captive {
            /// Share of its cost that is due with the machines off.
            take_or_pay: f64 = 0.5, source("A: 0.3-0.8"), uniform(0.3, 0.8, "assumed"), within(0.0, 1.0);
        },
        /// Power purchase agreement at a strike price; unused power is sold at the region's spot price.
        ppa_resale => PpaResale {
            /// Strike price: the cost of all contracted power, used or unused.
            strike: PowerPrice => strike_usd_per_kwh as USD_PER_KWH = 0.04, source("section 7.13, S18"), within(0.0, 10.0), usual(0.01, 0.15, "A-71, S18");
            /// Payment by the grid for interruptible load, per kWh of this load that runs.
            ancillary: PowerPrice => ancillary_usd_per_kwh as USD_PER_KWH = 0.0075, source("section 7.13, A: 0.005-0.010"),
                uniform(0.005, 0.01, "section 7.13, assumed"), within(0.0, 1.0), usual(0.0005, 0.05, "A-71: 0.005-0.010");
        },
    }
}
impl Default for Contract {
    fn default() -> Self {
        Self::Fixed { take_or_pay: None }
    }
}

/// Present factors and additions on the prices at a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moves {
    /// Season.
    pub season: f64,
    /// Factor of the market's drifts and shocks.
    pub market: f64,
    /// Factor of levies on the price.
    pub levy_factor: f64,
    /// Addition by levies.
    pub levy: PowerPrice,
}

impl Moves {
    /// No change.
    pub const NONE: Self = Self { season: 1.0, market: 1.0, levy_factor: 1.0, levy: PowerPrice::ZERO };

    /// A price including levies.
    fn levied(&self, price: PowerPrice) -> PowerPrice {
        price * self.levy_factor + self.levy
    }
}

impl Contract {
    /// Whether a site under it leaves its power unused in peak-price hours.
    #[must_use]
    pub const fn responds(&self) -> bool {
        matches!(self, Self::PpaResale { .. } | Self::Indexed { responds: true, .. })
    }

    /// Share of the bill that is due with the load off; `usual` for contracts that specify none.
    #[must_use]
    pub fn take_or_pay(&self, usual: f64) -> f64 {
        match *self {
            Self::Fixed { take_or_pay } => take_or_pay.unwrap_or(usual),
            Self::Hosting { take_or_pay, .. } | Self::Captive { take_or_pay } => take_or_pay,
            Self::Utility { demand_share, minimum_demand } => demand_share * minimum_demand,
            Self::Indexed { responds: false, .. } => 0.0,
            Self::Indexed { .. } | Self::PpaResale { .. } => 1.0,
        }
    }

    /// Deposit of the site's owner, in days of the bill.
    #[must_use]
    pub const fn deposit_days(&self) -> f64 {
        match *self {
            Self::Hosting { deposit_days, .. } => deposit_days,
            _ => 0.0,
        }
    }

    /// Whether its price includes crew and repair.
    #[must_use]
    pub const fn all_in(&self) -> bool {
        matches!(self, Self::Hosting { .. })
    }

    /// Whether it needs the spot price of its region.
    #[must_use]
    pub const fn needs_spot(&self) -> bool {
        matches!(self, Self::PpaResale { .. } | Self::Indexed { .. })
    }

    /// The price at the meter of a site whose own price is `own`; for a responding site, the mean price without response.
    #[must_use]
    pub fn price(&self, own: PowerPrice, spot: Option<&Spot>, moves: &Moves) -> PowerPrice {
        let market = moves.season * moves.market;
        match *self {
            Self::Fixed { .. } | Self::Utility { .. } | Self::Hosting { pass_through: true, .. } => {
                moves.levied(own * market)
            }
            Self::Hosting { pass_through: false, .. } => own,
            Self::Captive { .. } => own * moves.season,
            Self::Indexed { adder, .. } => moves.levied(spot.map_or(PowerPrice::ZERO, Spot::mean) * market + adder),
            Self::PpaResale { strike, .. } => moves.levied(strike),
        }
    }

    /// Value of an unused kWh in addition to its spot price: the fees and levies avoided.
    #[must_use]
    pub fn saved_beside_spot(&self, spot: Option<&Spot>, moves: &Moves) -> PowerPrice {
        let price = self.price(PowerPrice::ZERO, spot, moves);
        match *self {
            Self::Indexed { .. } => price - spot.map_or(PowerPrice::ZERO, Spot::mean) * moves.season * moves.market,
            Self::PpaResale { strike, .. } => price - strike,
            _ => PowerPrice::ZERO,
        }
    }

    /// Payment by the grid per kWh of interruptible load that runs.
    #[must_use]
    pub const fn ancillary(&self) -> PowerPrice {
        match *self {
            Self::PpaResale { ancillary, .. } => ancillary,
            _ => PowerPrice::ZERO,
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;
    use crate::{declare::usual, power::SpotPrices};

    fn spot() -> Spot {
        Spot::new(SpotPrices::Texas(usual()))
    }

    /// Own price 5 c, season 0.9, market 1.2, a levy of 10 % and 0.5 c: 0.05 * 1.08 = 5.4 c, levied 6.44 c.
    #[test]
    fn what_moves_which_price() {
        let moves = Moves { season: 0.9, market: 1.2, levy_factor: 1.1, levy: PowerPrice::new(0.005) };
        let spot = spot();
        let price = |contract: Contract| contract.price(PowerPrice::new(0.05), Some(&spot), &moves).get();
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        near(price(Contract::default()), 0.0644);
        near(price(Contract::Utility { demand_share: 0.3, minimum_demand: 0.6 }), 0.0644);
        let hosting = |pass_through| Contract::Hosting { take_or_pay: 0.0, deposit_days: 0.0, pass_through };
        near(price(hosting(true)), 0.0644);
        near(price(hosting(false)), 0.05);
        near(price(Contract::Captive { take_or_pay: 0.5 }), 0.045);
        near(price(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO }), 0.049);
        let indexed = Contract::Indexed { adder: PowerPrice::new(0.01), responds: true };
        near(price(indexed), (spot.mean().get() * 1.08 + 0.01) * 1.1 + 0.005);
        // An unused kWh saves the fee and its levies.
        near(indexed.saved_beside_spot(Some(&spot), &moves).get(), price(indexed) - spot.mean().get() * 1.08);
    }

    #[test]
    fn what_is_due_when_off() {
        let due = |contract: Contract| contract.take_or_pay(0.15);
        assert_eq!(due(Contract::default()), 0.15);
        assert_eq!(due(Contract::Fixed { take_or_pay: Some(0.6) }), 0.6);
        assert_eq!(due(Contract::Hosting { take_or_pay: 0.3, deposit_days: 0.0, pass_through: false }), 0.3);
        assert_eq!(due(Contract::Utility { demand_share: 0.25, minimum_demand: 0.5 }), 0.125);
        assert_eq!(due(Contract::Captive { take_or_pay: 0.5 }), 0.5);
        // A responding site pays for all power that it could use, and is credited for its unused power.
        assert_eq!(due(Contract::Indexed { adder: PowerPrice::new(0.01), responds: true }), 1.0);
        assert_eq!(due(Contract::Indexed { adder: PowerPrice::new(0.01), responds: false }), 0.0);
        assert_eq!(due(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO }), 1.0);
    }

    /// Without any change a price is the site's own, to the bit.
    #[test]
    fn nothing_moves_nothing() {
        for own in [0.045, 0.1 + 0.2, 1e-9].map(PowerPrice::new) {
            assert_eq!(Contract::default().price(own, None, &Moves::NONE), own);
        }
    }
}
