//! Response to spot prices: a site leaves its power unused in the hours in which that earns more than mining.
//!
//! In an hour of spot price s, a kWh at the meter either mines a value of b, or is left unused and earns `s + a`. So
//!
//! ```text
//! it mines iff s <= b - a                b = (x - 24 e o) / (24 e PUE) + r
//! uptime   u = 1 - S(b - a)
//! credit   A(b - a) + a (1 - u) + m - E[s]       USD per kWh of the load; m and E[s] only under an indexed contract
//! ancillary  r u                                 USD per kWh of the load
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `b` | break-even: mining value of a kWh at the meter, beyond crew and repair | USD/kWh |
//! | `a` | fees and levies avoided on unused power | USD/kWh |
//! | `r` | payment by the grid for interruptible load | USD/kWh |
//! | `x`, `e`, `o` | hashprice, efficiency, running cost | USD/PH/day, J/TH, USD/kWh |
//! | S, A | share of the day's hours above a price, and their cost ([`Duration`]) | -, USD/kWh |
//! | `m`, `E[s]` | mean price of all hours, and of the day's | USD/kWh |
//!
//! All power is billed at the contract's mean price, and unused power is credited: under a PPA it is sold at spot, under an indexed contract it is
//! not bought. Over a strike K the credit is `E[(s - K); s > b]`, which is the gain `E[(s - K)+; s > b]` if b is at least K; below K, a site under a
//! PPA still prefers the smaller loss from selling to the larger one from mining. An indexed contract is billed at the mean of all hours, and the credit has the
//! difference to the day's; a site under one that does not respond has that difference alone. So every hour is paid for at its own price, and an hour at a
//! negative price is income.
//!
//! The cost of power is sunk, so such a site has no hashprice at which it stops for good: its uptime falls, hour by hour, until mining no longer pays
//! for the crew. Known errors: machines stop and start instantly and at no cost; the day's prices are known when it begins, as they are on a market that
//! closes the day before; uptime is updated when hashprice is, once a step. Source: the model's section 5.5.

use super::{Contract, Duration, Moves, Spot};
use crate::units::{DailyEnergy, Hashprice, PowerPrice};

/// A site's response to spot prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Share of hours in which it mines.
    pub uptime: f64,
    /// Value of the unused hours, per kWh of the load.
    pub credit: PowerPrice,
}

/// Mining value of a kWh at the meter beyond running cost.
#[must_use]
pub fn break_even(hashprice: Hashprice, running: Hashprice, energy: DailyEnergy) -> PowerPrice {
    (hashprice - running) / energy
}

/// How a contract settles the hours of a spot market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settles {
    /// Unused power is sold.
    Sale,
    /// Unused power is not bought.
    Purchase,
    /// All power is bought: the site does not respond.
    All,
}

/// The spot market for the sites of one contract in one region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    /// Factor of season, drifts and shocks on the region's prices.
    factor: f64,
    /// Mean price of all hours, with that factor.
    mean: PowerPrice,
    beside: PowerPrice,
    ancillary: PowerPrice,
    /// How hours are settled.
    pub settles: Settles,
}

impl Market {
    /// The market of a contract, with the present price changes; `None` if its sites are not billed by the hour.
    #[must_use]
    pub fn new(contract: &Contract, spot: Option<&Spot>, moves: &Moves) -> Option<Self> {
        let settles = match contract {
            Contract::PpaResale { .. } => Settles::Sale,
            Contract::Indexed { responds: true, .. } => Settles::Purchase,
            Contract::Indexed { responds: false, .. } => Settles::All,
            _ => return None,
        };
        let factor = moves.season * moves.market;
        Some(Self {
            factor,
            mean: spot?.mean() * factor,
            beside: contract.saved_beside_spot(spot, moves),
            ancillary: contract.ancillary(),
            settles,
        })
    }

    /// The response, in hours with this curve, of machines with this energy need and this running cost beside power.
    #[must_use]
    pub fn response(
        &self,
        hours: &Duration,
        hashprice: Hashprice,
        running: Hashprice,
        energy: DailyEnergy,
    ) -> Response {
        if self.settles == Settles::All {
            return Response { uptime: 1.0, credit: self.settled(hours) };
        }
        let most = break_even(hashprice, running, energy) + self.ancillary - self.beside;
        let (unused, cost) = hours.beyond(most / self.factor);
        let uptime = (1.0 - unused).max(0.0);
        Response { uptime, credit: cost * self.factor + self.beside * unused + self.settled(hours) }
    }

    /// What an indexed contract has billed above the price of these hours, per kWh of the load.
    fn settled(&self, hours: &Duration) -> PowerPrice {
        if self.settles == Settles::Sale { PowerPrice::ZERO } else { self.mean - hours.mean() * self.factor }
    }

    /// Distinguishes the markets of one region.
    #[must_use]
    pub fn signature(&self) -> [u64; 3] {
        [self.mean.get().to_bits(), self.beside.get().to_bits(), self.ancillary.get().to_bits() ^ self.settles as u64]
    }

    /// Credit with the machines off in these hours, per kWh of the load: all of it is unused; a site that does not respond is not billed for it.
    #[must_use]
    pub fn all_left(&self, hours: &Duration) -> PowerPrice {
        match self.settles {
            Settles::Sale => hours.mean() * self.factor + self.beside,
            Settles::Purchase => self.mean + self.beside,
            Settles::All => PowerPrice::ZERO,
        }
    }

    /// Payment by the grid for interruptible load, per kWh that runs.
    #[must_use]
    pub fn ancillary(&self) -> PowerPrice {
        self.ancillary
    }
}

#[cfg(test)]
mod tests;
