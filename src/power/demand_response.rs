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
//! | S, A | share of the day's hours above a price, and their cost ([`DayPrices`]) | -, USD/kWh |
//! | `m`, `E[s]` | mean price of all hours, and of the day's | USD/kWh |
//!
//! All power is billed at the contract's mean price, and unused power is credited: under a PPA it is sold at spot, under an indexed contract it is
//! not bought. Over a strike K the credit is `E[(s - K); s > b]`, which is the gain `E[(s - K)+; s > b]` if b is at least K; below K, a site under a
//! PPA still prefers the smaller loss from selling to the larger one from mining. An indexed contract is billed at the mean of all hours, and the credit has the
//! difference to the day's; a site under one that does not respond has that difference alone. Where
//! a peak of the grid may be charged ([`super::peak`]), an unused kWh also saves `v_k`; a site at a contract's own price leaves its power unused in those hours if `v_k > b`. So every hour is paid for at its own price, and an hour at a
//! negative price is income.
//!
//! The cost of power is sunk, so such a site has no hashprice at which it stops for good: its uptime falls, hour by hour, until mining no longer pays
//! for the crew. Known errors: machines stop and start instantly and at no cost; the day's prices are known when it begins, as they are on a market that
//! closes the day before; uptime is updated when hashprice is, once a step. Source: the model's section 5.5.

use super::{Contract, DayPrices, Moves, Peak, Spot};
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
    /// Power has the price of the contract in all hours; the site responds to warnings of a peak.
    Contract,
}

impl Settles {
    /// How this contract does, in a region with or without charges for peaks; `None` if its sites are neither billed by the hour nor charged.
    #[must_use]
    pub fn of(contract: &Contract, is_charged: bool) -> Option<Self> {
        match contract {
            Contract::PpaResale { .. } => Some(Self::Sale),
            Contract::Indexed { responds: true, .. } => Some(Self::Purchase),
            Contract::Indexed { responds: false, .. } => Some(Self::All),
            _ => (is_charged && !contract.all_in()).then_some(Self::Contract),
        }
    }
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
    /// The market of a contract, with the present price changes; `None` if its sites are neither billed by the hour nor charged for peaks.
    #[must_use]
    pub fn new(contract: &Contract, spot: Option<&Spot>, is_charged: bool, moves: &Moves) -> Option<Self> {
        let settles = Settles::of(contract, is_charged)?;
        let factor = moves.season * moves.market;
        Some(Self {
            factor,
            mean: if settles == Settles::Contract { PowerPrice::ZERO } else { spot?.mean() * factor },
            beside: contract.saved_beside_spot(spot, moves),
            ancillary: contract.ancillary(),
            settles,
        })
    }

    /// What a kWh at the meter earns by mining beyond what it saves unused, its spot price apart.
    fn earns(&self, hashprice: Hashprice, running: Hashprice, energy: DailyEnergy) -> PowerPrice {
        break_even(hashprice, running, energy) + self.ancillary - self.beside
    }

    /// The response, in the hours of a day, of machines with this energy need and this running cost beside power.
    #[must_use]
    pub fn response(
        &self,
        hours: &DayPrices,
        hashprice: Hashprice,
        running: Hashprice,
        energy: DailyEnergy,
    ) -> Response {
        let most = self.earns(hashprice, running, energy);
        let (unused, cost) = match self.settles {
            Settles::All => (0.0, PowerPrice::ZERO),
            Settles::Contract => (hours.warned(most), PowerPrice::ZERO),
            Settles::Sale | Settles::Purchase => hours.beyond(most, self.factor),
        };
        let uptime = (1.0 - unused).max(0.0);
        Response { uptime, credit: cost + self.beside * unused + self.settled(hours) }
    }

    /// Whether such machines use their power at a peak.
    #[must_use]
    pub fn runs_at(&self, peak: &Peak, hashprice: Hashprice, running: Hashprice, energy: DailyEnergy) -> bool {
        let price = if self.settles == Settles::Contract { PowerPrice::ZERO } else { peak.price * self.factor };
        self.settles == Settles::All || price + peak.saves <= self.earns(hashprice, running, energy)
    }

    /// What an indexed contract has billed above the price of these hours, per kWh of the load.
    fn settled(&self, hours: &DayPrices) -> PowerPrice {
        match self.settles {
            Settles::Sale | Settles::Contract => PowerPrice::ZERO,
            Settles::Purchase | Settles::All => self.mean - hours.mean() * self.factor,
        }
    }

    /// Distinguishes the markets of one region.
    #[must_use]
    pub fn signature(&self) -> [u64; 3] {
        [self.mean.get().to_bits(), self.beside.get().to_bits(), self.ancillary.get().to_bits() ^ self.settles as u64]
    }

    /// Credit with the machines off in these hours, per kWh of the load: all of it is unused; a site that does not respond is not billed for it.
    #[must_use]
    pub fn all_left(&self, hours: &DayPrices) -> PowerPrice {
        match self.settles {
            Settles::Sale => hours.mean() * self.factor + self.beside,
            Settles::Purchase => self.mean + self.beside,
            Settles::All | Settles::Contract => PowerPrice::ZERO,
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
