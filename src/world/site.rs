//! Columns over sites, and the machine models.

use crate::{
    mechanism::growth::params::ComingModel,
    power::Contract,
    units::{Column, Efficiency, FirmId, Hashrate, LotId, PowerPrice, RegionId, SiteId, ids},
};

/// A machine model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Stable name, from `[fleet.NAME]`; for miners listed one by one, their bin of efficiency.
    pub name: String,
    /// Efficiency at full power, at the machine.
    pub efficiency: Efficiency,
    /// Hashrate of one machine at full power.
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
    /// Owner.
    pub firm: Column<SiteId, FirmId>,
    /// Region.
    pub region: Column<SiteId, RegionId>,
    /// Present price at the meter.
    pub power_price: Column<SiteId, PowerPrice>,
    /// The site's own price, before season, market and levies change it; contracts at spot or at a strike have their own.
    pub own_price: Column<SiteId, PowerPrice>,
    /// The power contract that stays with a site; `None` for a site built later, which has that of its region or class.
    pub contract: Column<SiteId, Option<Contract>>,
    /// Load it can carry at the meter, mW.
    pub capacity_mw: Column<SiteId, u64>,
    /// Load of all its machines at full power, at the meter, mW.
    pub used_mw: Column<SiteId, u64>,
    /// First lot.
    pub first_lot: Column<SiteId, Option<LotId>>,
    /// Last lot.
    pub last_lot: Column<SiteId, Option<LotId>>,
    /// Next site of the same owner.
    pub next: Column<SiteId, Option<SiteId>>,
    /// Key of its random draws, and the prefix of those of its lots.
    pub key: Column<SiteId, u64>,
}

impl Sites {
    /// Number of sites.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firm.len()
    }

    /// Whether there are no sites.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.firm.is_empty()
    }

    /// All sites.
    #[must_use]
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = SiteId> + ExactSizeIterator + use<> {
        ids(self.len())
    }

    /// Appends an empty site; the caller links it into the owner's chain.
    pub(crate) fn push(&mut self, firm: FirmId, region: RegionId, power_price: PowerPrice, key: u64) -> SiteId {
        self.firm.push(firm);
        self.region.push(region);
        self.power_price.push(power_price);
        self.own_price.push(power_price);
        self.contract.push(None);
        self.capacity_mw.push(0);
        self.used_mw.push(0);
        self.first_lot.push(None);
        self.last_lot.push(None);
        self.next.push(None);
        self.key.push(key)
    }

    /// Load that can be added, mW.
    #[must_use]
    pub fn spare_mw(&self, site: SiteId) -> u64 {
        self.capacity_mw[site].saturating_sub(self.used_mw[site])
    }
}
