//! Where machines stand, and which machines there are.

use crate::{
    mechanism::growth::params::ComingModel,
    power::Contract,
    units::{Efficiency, Hashrate},
};

/// No row: the end of a chain.
pub const NONE: u32 = u32::MAX;

/// A machine model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Stable name, from `[fleet.NAME]`; of miners given one by one, their bin of efficiency.
    pub name: String,
    /// At full power, at the machine.
    pub efficiency: Efficiency,
    /// Of one machine at full power.
    pub unit: Hashrate,
    /// Whether it can run in eco mode.
    pub eco: bool,
}

impl From<&ComingModel> for Model {
    fn from(coming: &ComingModel) -> Self {
        let (efficiency, unit) = (coming.machine.efficiency, coming.machine.hashrate);
        Self { name: coming.name.clone(), efficiency, unit, eco: coming.eco }
    }
}

/// Columns over sites. A site has one power price and one region; its machines are a chain of lots.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// Index of the owner.
    pub firm: Vec<u32>,
    /// Index into the regions.
    pub region: Vec<u16>,
    /// At the meter now, USD/kWh.
    pub power_price: Vec<f64>,
    /// The site's own price, USD/kWh, before season, market and levies move it; contracts at spot or at a strike have their own.
    pub own_price: Vec<f64>,
    /// The contract for its power, which stays with it; of a site built later, `None` is what its region or class has.
    pub contract: Vec<Option<Contract>>,
    /// Load it can carry at the meter, mW.
    pub capacity_mw: Vec<u64>,
    /// Load of all its machines at full power, at the meter, mW.
    pub used_mw: Vec<u64>,
    /// First lot, or [`NONE`].
    pub first_lot: Vec<u32>,
    /// Last lot, or [`NONE`].
    pub last_lot: Vec<u32>,
    /// Next site of the same owner, or [`NONE`].
    pub next: Vec<u32>,
    /// Address of its draws, and the beginning of those of its lots.
    pub key: Vec<u64>,
}

impl Sites {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firm.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.firm.is_empty()
    }

    /// Appends an empty site; the chain of its owner is the caller's.
    pub(crate) fn push(&mut self, firm: u32, region: u16, power_price: f64, key: u64) -> usize {
        self.firm.push(firm);
        self.region.push(region);
        self.power_price.push(power_price);
        self.own_price.push(power_price);
        self.contract.push(None);
        self.capacity_mw.push(0);
        self.used_mw.push(0);
        self.first_lot.push(NONE);
        self.last_lot.push(NONE);
        self.next.push(NONE);
        self.key.push(key);
        self.len() - 1
    }

    /// Load that can be added, mW.
    #[must_use]
    pub fn spare_mw(&self, site: usize) -> u64 {
        self.capacity_mw[site].saturating_sub(self.used_mw[site])
    }
}
