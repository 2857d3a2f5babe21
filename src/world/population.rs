//! Columns over miners: attributes that are constant or rarely change in a history.

use super::lots::{Lot, LotKind, Lots};
use crate::{
    mechanism::treasury::params::TreasuryPolicy,
    units::{ClassId, Column, Efficiency, FirmId, Hashprice, Id, LotId, ModelId, PowerPrice, RegionId, SiteId, ids},
    world::{
        front::Fronts,
        site::{Model, Sites},
    },
};

/// Bins of full-power efficiency, J/TH, by which running and idle hashrate is reported: bin i is `[BINS[i], BINS[i+1])`. They are narrow enough to
/// separate the machine generations of every era.
pub const EFFICIENCY_BINS: [f64; 16] =
    [0.0, 13.0, 16.0, 18.0, 20.0, 24.0, 28.0, 33.0, 45.0, 60.0, 75.0, 88.0, 95.0, 99.0, 110.0, f64::INFINITY];

/// Number of efficiency bins.
pub const BIN_COUNT: usize = EFFICIENCY_BINS.len() - 1;

/// The bin of an efficiency.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "there are few bins")]
pub fn efficiency_bin(j_per_th: f64) -> u8 {
    EFFICIENCY_BINS[1..BIN_COUNT].partition_point(|&edge| edge <= j_per_th) as u8
}

/// Firms, their sites and their lots. A lot is machines of one model at one site of one firm. The lots of a site are a chain, and
/// so are the sites of a firm: machines arrive, are sold and change hands without moving a row.
///
/// A machine with an eco mode is two lots: its eco mode, and next to it ([`LotId::boost`], marked [`LotKind::Boost`]) the additional output of full power,
/// with the marginal cost of adding it. Both follow the same rule, so no third mode is needed anywhere.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Lots, by column.
    pub lots: Lots,
    /// Firms, by column.
    pub firms: Firms,
    /// Sites, by column.
    pub sites: Sites,
    /// Names of the regions.
    pub regions: Column<RegionId, String>,
    /// All machine models, those to come included.
    pub models: Column<ModelId, Model>,
    /// Whether miners are listed one by one: their thresholds are margins on cost.
    pub listed: bool,
    /// The lots ordered by thresholds, so that a move of hashprice finds those that it crosses.
    pub fronts: Fronts,
}

/// Columns over firms.
#[derive(Clone, Debug, Default)]
pub struct Firms {
    /// Stable names.
    pub name: Column<FirmId, String>,
    /// Class.
    pub class: Column<FirmId, ClassId>,
    /// Names of the classes.
    pub classes: Column<ClassId, String>,
    /// Region of the first site.
    pub region: Column<FirmId, RegionId>,
    /// Number of identical real miners that each firm stands for.
    pub weight: Column<FirmId, f64>,
    /// First site of each firm's chain.
    pub first_site: Column<FirmId, Option<SiteId>>,
    /// Installed hashrate, MH/s; for a firm that left, its last.
    pub installed_mh: Column<FirmId, u64>,
    /// Cost per day while the firm is active, running or not, 10^-9 USD: its own, and its lots'.
    pub fixed_nusd: Column<FirmId, i64>,
    /// Cost per day with every machine running, 10^-9 USD.
    pub full_cost_nusd: Column<FirmId, i64>,
    /// Cash at the start, USD.
    pub cash: Column<FirmId, f64>,
    /// Coins at the start, satoshi; also the amount that the firm aims to hold.
    pub coins: Column<FirmId, i64>,
    /// Debt at the start, USD.
    pub debt: Column<FirmId, f64>,
    /// Hash-weighted mean of full-power efficiency at the start.
    pub efficiency: Column<FirmId, Efficiency>,
    /// Hash-weighted mean of the price at the meter at the start.
    pub power_price: Column<FirmId, PowerPrice>,
    /// How each sells its coins.
    pub treasury: Column<FirmId, TreasuryPolicy>,
    /// Cash buffer, in months of full cost.
    pub buffer_months: Column<FirmId, f64>,
}

impl Firms {
    /// Number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.name.len()
    }

    /// Whether there are no firms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// The firm of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<FirmId> {
        self.name.entries().find(|(_, known)| *known == name).map(|(firm, _)| firm)
    }

    /// All firms.
    #[must_use]
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = FirmId> + ExactSizeIterator + use<> {
        ids(self.len())
    }
}

impl Population {
    /// The lots of a site, in the order in which they came.
    pub fn lots_of_site(&self, site: SiteId) -> impl Iterator<Item = LotId> {
        chain(self.sites.first_lot[site], |lot| self.lots.next[lot])
    }

    /// The sites of a firm, the oldest first.
    pub fn sites_of(&self, firm: FirmId) -> impl Iterator<Item = SiteId> {
        chain(self.firms.first_site[firm], |site| self.sites.next[site])
    }

    /// The lots of a firm, site by site.
    pub fn lots_of_firm(&self, firm: FirmId) -> impl Iterator<Item = LotId> {
        self.sites_of(firm).flat_map(|site| self.lots_of_site(site))
    }

    /// The next lot in its site's chain.
    pub(crate) fn after(&self, lot: LotId) -> Option<LotId> {
        self.lots.next[lot]
    }

    /// The region of this name, which is added if it is new.
    pub fn region(&mut self, name: &str) -> RegionId {
        let known = self.regions.entries().find(|(_, known)| *known == name).map(|(region, _)| region);
        known.unwrap_or_else(|| self.regions.push(name.to_owned()))
    }

    /// Appends a site without machines or capacity to a firm's chain.
    pub fn push_site(&mut self, firm: FirmId, region: RegionId, power_price: PowerPrice, key: u64) -> SiteId {
        let site = self.sites.push(firm, region, power_price, key);
        self.link_site(site, firm);
        site
    }

    /// Appends a site that stands in no chain to a firm's chain.
    pub(crate) fn link_site(&mut self, site: SiteId, firm: FirmId) {
        let last = self.sites_of(firm).last();
        *last.map_or(&mut self.firms.first_site[firm], |last| &mut self.sites.next[last]) = Some(site);
        self.sites.next[site] = None;
        self.sites.firm[site] = firm;
    }

    /// Removes a site from its owner's chain.
    pub(crate) fn unlink_site(&mut self, site: SiteId) {
        let firm = self.sites.firm[site];
        let before = self.sites_of(firm).find(|&before| self.sites.next[before] == Some(site));
        let next = self.sites.next[site];
        *before.map_or(&mut self.firms.first_site[firm], |before| &mut self.sites.next[before]) = next;
    }

    /// Appends a lot to a site's chain. The caller updates the totals of the firm and the site.
    pub fn push_lot(&mut self, site: SiteId, lot: &Lot) -> LotId {
        let row = self.lots.push(self.sites.firm[site], site, lot);
        let link = self.sites.last_lot[site].map_or(&mut self.sites.first_lot[site], |last| &mut self.lots.next[last]);
        *link = Some(row);
        self.sites.last_lot[site] = Some(row);
        row
    }

    /// Installed hashrate, MH/s.
    #[must_use]
    pub fn installed_mh(&self) -> u64 {
        self.lots.full_mh.iter().sum()
    }

    /// The start rule: a lot starts running unless its rule would stop it at this hashprice, as if it had been running before.
    #[must_use]
    pub fn starts_running(&self, lot: LotId, hashprice: Hashprice) -> bool {
        hashprice >= self.lots.low[lot]
            && (self.lots.kind[lot] != LotKind::Boost || hashprice >= self.lots.low[lot.eco()])
    }
}

/// Follows a chain of rows to its end.
fn chain<I: Id>(first: Option<I>, next: impl Fn(I) -> Option<I>) -> impl Iterator<Item = I> {
    std::iter::successors(first, move |&row| next(row))
}
