//! What a site pays for power, by contract, and what of it ends when the load does.
//!
//! | contract | price at the meter, USD/kWh | due when off | what moves it |
//! |---|---|---|---|
//! | fixed | `c w m` | share `theta` | season, market, levies |
//! | indexed | `E[s] w m + adder` on average, `s + adder` in an hour | nothing | season, market, levies |
//! | hosting | `c`, all in: crew and repair too | share `theta` | nothing; with pass-through season, market, levies |
//! | captive | `c w` | share `theta`: what the plant costs | season |
//! | PPA with resale | strike | all, but what is not used is sold at `s` | levies |
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `c` | the site's own price, drawn or given | USD/kWh |
//! | `w`, `m` | season, and the market's drifts and shocks | - |
//! | `s` | hourly spot price of the region; the market and the season move it too | USD/kWh |
//! | `theta` | take-or-pay | - |
//!
//! A levy is a factor and an addition on every kWh delivered: `price = (price before) * factor + addition`.
//!
//! Source: the model's section 5.5. Known errors: no demand charges, no coincident peaks, no deposits; a fixed price follows the
//! market at once, as if contracts were renewed every week.

use super::SpotCurve;

/// The kind of contract under which a site has its power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contract {
    /// A price per kWh.
    Fixed {
        /// Share of the bill that is due with the load off; `None` is that of all contracts.
        take_or_pay: Option<f64>,
    },
    /// The hourly spot price and an addition.
    Indexed {
        /// Grid fees and the supplier's margin, USD/kWh.
        adder_usd_per_kwh: f64,
        /// Whether the site is off in the hours in which mining earns less than power costs.
        responds: bool,
    },
    /// A host's rate for everything.
    Hosting {
        /// Share of the bill that is due with the machines off; `None` is that of all contracts.
        take_or_pay: Option<f64>,
        /// Whether the host passes on what moves its own price.
        pass_through: bool,
    },
    /// Power of one's own.
    Captive {
        /// Share of its cost that is there with the load off.
        take_or_pay: f64,
    },
    /// Bought ahead at a strike, all of it; what is not used is sold at spot.
    PpaResale {
        /// USD/kWh.
        strike_usd_per_kwh: f64,
        /// Paid by the grid for load that can be called off, per kWh of it that runs, USD/kWh.
        ancillary_usd_per_kwh: f64,
    },
}

impl Default for Contract {
    fn default() -> Self {
        Self::Fixed { take_or_pay: None }
    }
}

/// What moves prices at present, at a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moves {
    /// Season.
    pub season: f64,
    /// Drifts and shocks of the market.
    pub market: f64,
    /// What levies multiply the price by.
    pub levy_factor: f64,
    /// What levies add, USD/kWh.
    pub levy_usd_per_kwh: f64,
}

impl Moves {
    /// Nothing moves.
    pub const NONE: Self = Self { season: 1.0, market: 1.0, levy_factor: 1.0, levy_usd_per_kwh: 0.0 };

    /// A price with the levies on it.
    fn levied(&self, price: f64) -> f64 {
        price * self.levy_factor + self.levy_usd_per_kwh
    }
}

impl Contract {
    /// Whether a site under it leaves its power to others in dear hours.
    #[must_use]
    pub const fn responds(&self) -> bool {
        matches!(self, Self::PpaResale { .. } | Self::Indexed { responds: true, .. })
    }

    /// Share of the bill that is due with the load off, where contracts that say nothing have `usual`.
    #[must_use]
    pub fn take_or_pay(&self, usual: f64) -> f64 {
        match *self {
            Self::Fixed { take_or_pay } | Self::Hosting { take_or_pay, .. } => take_or_pay.unwrap_or(usual),
            Self::Captive { take_or_pay } => take_or_pay,
            Self::Indexed { responds: false, .. } => 0.0,
            Self::Indexed { .. } | Self::PpaResale { .. } => 1.0,
        }
    }

    /// Whether crew and repair are in its price.
    #[must_use]
    pub const fn all_in(&self) -> bool {
        matches!(self, Self::Hosting { .. })
    }

    /// Whether it needs the spot price of its region.
    #[must_use]
    pub const fn needs_spot(&self) -> bool {
        matches!(self, Self::PpaResale { .. } | Self::Indexed { .. })
    }

    /// The price at the meter of a site whose own price is `own`, USD/kWh; of a site that responds, if it never did.
    #[must_use]
    pub fn price(&self, own: f64, spot: Option<&SpotCurve>, moves: &Moves) -> f64 {
        let market = moves.season * moves.market;
        match *self {
            Self::Fixed { .. } | Self::Hosting { pass_through: true, .. } => moves.levied(own * market),
            Self::Hosting { pass_through: false, .. } => own,
            Self::Captive { .. } => own * moves.season,
            Self::Indexed { adder_usd_per_kwh, .. } => {
                moves.levied(spot.map_or(0.0, SpotCurve::mean) * market + adder_usd_per_kwh)
            }
            Self::PpaResale { strike_usd_per_kwh, .. } => moves.levied(strike_usd_per_kwh),
        }
    }

    /// What a kWh that is left is worth beyond its spot price: the fees and levies that are then not paid, USD/kWh.
    #[must_use]
    pub fn saved_beside_spot(&self, spot: Option<&SpotCurve>, moves: &Moves) -> f64 {
        let price = self.price(0.0, spot, moves);
        match *self {
            Self::Indexed { .. } => price - spot.map_or(0.0, SpotCurve::mean) * moves.season * moves.market,
            Self::PpaResale { strike_usd_per_kwh, .. } => price - strike_usd_per_kwh,
            _ => 0.0,
        }
    }

    /// What the grid pays per kWh that runs and could be called off, USD/kWh.
    #[must_use]
    pub const fn ancillary(&self) -> f64 {
        match *self {
            Self::PpaResale { ancillary_usd_per_kwh, .. } => ancillary_usd_per_kwh,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;
    use crate::power::SpotParams;

    fn spot() -> SpotCurve {
        SpotCurve::new(SpotParams::TEXAS)
    }

    /// Own price 5 c, season 0.9, market 1.2, a levy of 10 % and 0.5 c: 0.05 * 1.08 = 5.4 c, levied 6.44 c.
    #[test]
    fn what_moves_which_price() {
        let moves = Moves { season: 0.9, market: 1.2, levy_factor: 1.1, levy_usd_per_kwh: 0.005 };
        let spot = spot();
        let price = |contract: Contract| contract.price(0.05, Some(&spot), &moves);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        near(price(Contract::default()), 0.0644);
        near(price(Contract::Hosting { take_or_pay: None, pass_through: true }), 0.0644);
        near(price(Contract::Hosting { take_or_pay: None, pass_through: false }), 0.05);
        near(price(Contract::Captive { take_or_pay: 0.5 }), 0.045);
        near(price(Contract::PpaResale { strike_usd_per_kwh: 0.04, ancillary_usd_per_kwh: 0.0 }), 0.049);
        let indexed = Contract::Indexed { adder_usd_per_kwh: 0.01, responds: true };
        near(price(indexed), (spot.mean() * 1.08 + 0.01) * 1.1 + 0.005);
        // What is not used saves the fee and the levies on all of it.
        near(indexed.saved_beside_spot(Some(&spot), &moves), price(indexed) - spot.mean() * 1.08);
    }

    #[test]
    fn what_is_due_when_off() {
        let due = |contract: Contract| contract.take_or_pay(0.15);
        assert_eq!(due(Contract::default()), 0.15);
        assert_eq!(due(Contract::Fixed { take_or_pay: Some(0.6) }), 0.6);
        assert_eq!(due(Contract::Hosting { take_or_pay: Some(0.3), pass_through: false }), 0.3);
        assert_eq!(due(Contract::Captive { take_or_pay: 0.5 }), 0.5);
        // A site that responds pays for all it could use, and is credited with what it leaves.
        assert_eq!(due(Contract::Indexed { adder_usd_per_kwh: 0.01, responds: true }), 1.0);
        assert_eq!(due(Contract::Indexed { adder_usd_per_kwh: 0.01, responds: false }), 0.0);
        assert_eq!(due(Contract::PpaResale { strike_usd_per_kwh: 0.04, ancillary_usd_per_kwh: 0.0 }), 1.0);
    }

    /// A price that nothing moves is the site's own, to the bit: what is not configured changes nothing.
    #[test]
    fn nothing_moves_nothing() {
        for own in [0.045, 0.1 + 0.2, 1e-9] {
            assert_eq!(Contract::default().price(own, None, &Moves::NONE), own);
        }
    }
}
