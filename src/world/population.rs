//! Who mines, as columns: what stays the same through a history.

use crate::units::whole::nearest;
use crate::{
    mechanism::{operate::rule::Rule, treasury::rule::TreasuryPolicy},
    world::{
        front::Fronts,
        site::{Model, NONE, Sites},
    },
};

/// Bins of full-power efficiency, J/TH, by which running and idle hashrate is reported: bin i is `[BINS[i], BINS[i+1])`.
/// Narrow enough to tell the generations of every era apart.
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
/// A machine with an eco mode is two lots: its eco mode, and next to it (`index + 1`, marked [`LotKind::Boost`]) what full
/// power adds, with the marginal cost of adding it. Both follow the same rule, so no third mode is needed anywhere.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Lots, by column.
    pub lots: Lots,
    /// Firms, by column.
    pub firms: Firms,
    /// Sites, by column.
    pub sites: Sites,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// The machine models there are or will be.
    pub models: Vec<Model>,
    /// Whether miners were given one by one: their thresholds are margins on cost.
    pub listed: bool,
    /// The lots in the orders in which a moving hashprice meets their thresholds.
    pub fronts: Fronts,
}

/// What a lot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LotKind {
    /// Machines without an eco mode, or not using it.
    Plain,
    /// The eco mode of machines; the next lot is their boost.
    Eco,
    /// What full power adds to the lot before.
    Boost,
}

/// Columns over lots.
#[derive(Clone, Debug, Default)]
pub struct Lots {
    /// Index of the owner.
    pub firm: Vec<u32>,
    /// Index of the site.
    pub site: Vec<u32>,
    /// Index of the model.
    pub model: Vec<u16>,
    /// Next lot of the same site, or [`NONE`].
    pub next: Vec<u32>,
    /// At full power, at the machine, J/TH.
    pub efficiency: Vec<f64>,
    /// Full-power hashrate of one machine, MH/s.
    pub unit_mh: Vec<u64>,
    /// Due every day while the machines are installed, running or not, 10^-9 USD. A boost's is with its eco mode.
    pub fixed_nusd: Vec<i64>,
    /// Machines.
    pub units: Vec<u32>,
    /// MH/s when running: `full_mh` times `uptime`.
    pub hash_mh: Vec<u64>,
    /// mW at the meter when running.
    pub power_mw: Vec<u64>,
    /// MH/s of the machines in hours in which they run.
    pub full_mh: Vec<u64>,
    /// mW at the meter in such hours.
    pub full_mw: Vec<u64>,
    /// Share of hours in which a running lot runs: below 1 at sites that leave power to others in dear hours.
    pub uptime: Vec<f64>,
    /// Avoidable cost when running, 10^-9 USD per day.
    pub cost_nusd: Vec<i64>,
    /// lambda: avoidable cost, USD/PH/day.
    pub lambda: Vec<f64>,
    /// Hashprice below which a running lot stops, USD/PH/day (option and band rules; lambda for the others).
    pub low: Vec<f64>,
    /// Hashprice from which an idle lot restarts.
    pub high: Vec<f64>,
    /// K: cost of stopping and restarting, USD/PH.
    pub switching_cost: Vec<f64>,
    /// Decision rule.
    pub rule: Vec<Rule>,
    /// Eco mode, boost, or neither.
    pub kind: Vec<LotKind>,
    /// Bin of full-power efficiency.
    pub bin: Vec<u8>,
    /// Address of the lot's draws.
    pub key: Vec<u64>,
}

/// Columns over firms.
#[derive(Clone, Debug, Default)]
pub struct Firms {
    /// Stable names.
    pub name: Vec<String>,
    /// Index into `classes`.
    pub class: Vec<u32>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Index into the regions: where the first site is.
    pub region: Vec<u16>,
    /// How many identical real miners each stands for.
    pub weight: Vec<f64>,
    /// First site of each firm's chain, or [`NONE`].
    pub first_site: Vec<u32>,
    /// Installed, MH/s; of a firm that left, what it had.
    pub installed_mh: Vec<u64>,
    /// Due every day while the firm lives, running or not, 10^-9 USD: its own, and its lots'.
    pub fixed_nusd: Vec<i64>,
    /// Due every day with every machine running, 10^-9 USD.
    pub full_cost_nusd: Vec<i64>,
    /// At the start, USD.
    pub cash: Vec<f64>,
    /// At the start, satoshi; also what the firm means to hold.
    pub coins: Vec<i64>,
    /// At the start, USD.
    pub debt: Vec<f64>,
    /// Hash-weighted mean of full-power efficiency at the start, J/TH.
    pub efficiency: Vec<f64>,
    /// Hash-weighted mean of the price at the meter at the start, USD/kWh.
    pub power_price: Vec<f64>,
    /// How each sells its coins.
    pub treasury: Vec<TreasuryPolicy>,
    /// Cash kept, months of full cost.
    pub buffer_months: Vec<f64>,
}

/// One lot, before it becomes a row of the columns.
#[derive(Clone, Copy, Debug)]
pub struct Lot {
    /// Index of the model.
    pub model: u16,
    /// At full power, J/TH.
    pub efficiency: f64,
    /// Full-power hashrate of one machine, MH/s.
    pub unit_mh: u64,
    /// Due every day while installed, 10^-9 USD.
    pub fixed_nusd: i64,
    /// Machines.
    pub units: u32,
    /// MH/s when running.
    pub hash_mh: u64,
    /// mW at the meter when running.
    pub power_mw: u64,
    /// lambda, USD/PH/day.
    pub lambda: f64,
    /// Stops below.
    pub low: f64,
    /// Restarts from.
    pub high: f64,
    /// K, USD/PH.
    pub switching_cost: f64,
    /// Decision rule.
    pub rule: Rule,
    /// Eco, boost or neither.
    pub kind: LotKind,
    /// Bin of full-power efficiency.
    pub bin: u8,
    /// Address of its draws.
    pub key: u64,
}

impl Lots {
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

    /// Appends a lot of `firm` at `site`; [`Population::push_lot`] puts it into the site's chain.
    fn push(&mut self, firm: u32, site: u32, lot: &Lot) {
        self.firm.push(firm);
        self.site.push(site);
        self.model.push(lot.model);
        self.next.push(NONE);
        self.efficiency.push(lot.efficiency);
        self.unit_mh.push(lot.unit_mh);
        self.fixed_nusd.push(lot.fixed_nusd);
        self.units.push(lot.units);
        self.hash_mh.push(lot.hash_mh);
        self.power_mw.push(lot.power_mw);
        self.full_mh.push(lot.hash_mh);
        self.full_mw.push(lot.power_mw);
        self.uptime.push(1.0);
        self.cost_nusd.push(nano_usd(lot.lambda * ph(lot.hash_mh)));
        self.lambda.push(lot.lambda);
        self.low.push(lot.low);
        self.high.push(lot.high);
        self.switching_cost.push(lot.switching_cost);
        self.rule.push(lot.rule);
        self.kind.push(lot.kind);
        self.bin.push(lot.bin);
        self.key.push(lot.key);
    }

    /// A lot's row becomes this one; owner, site and chain stay.
    pub(crate) fn set(&mut self, row: usize, lot: &Lot) {
        self.model[row] = lot.model;
        self.efficiency[row] = lot.efficiency;
        self.unit_mh[row] = lot.unit_mh;
        self.fixed_nusd[row] = lot.fixed_nusd;
        self.units[row] = lot.units;
        self.full_mh[row] = lot.hash_mh;
        self.full_mw[row] = lot.power_mw;
        self.lambda[row] = lot.lambda;
        self.set_uptime(row, self.uptime[row]);
        self.low[row] = lot.low;
        self.high[row] = lot.high;
        self.switching_cost[row] = lot.switching_cost;
        self.rule[row] = lot.rule;
        self.kind[row] = lot.kind;
        self.bin[row] = lot.bin;
        self.key[row] = lot.key;
    }

    /// A lot runs in this share of hours when it runs: its hashrate, power and cost follow. What is counted of it is the caller's.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a lot's MH/s and mW are known to 53 bits"
    )]
    pub(crate) fn set_uptime(&mut self, row: usize, uptime: f64) {
        let part = |full: u64| if uptime >= 1.0 { full } else { (full as f64 * uptime).round() as u64 };
        self.uptime[row] = uptime;
        self.hash_mh[row] = part(self.full_mh[row]);
        self.power_mw[row] = part(self.full_mw[row]);
        self.cost_nusd[row] = nano_usd(self.lambda[row] * ph(self.hash_mh[row]));
    }

    /// Energy at the meter that a PH/s of a lot needs in a day, kWh: a mW per MH/s is 1000 J/TH, 24,000 kWh per PH/s and day.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a lot's MH/s and mW are known to 53 bits")]
    pub fn kwh_per_ph_day(&self, row: usize) -> f64 {
        24e3 * self.full_mw[row] as f64 / self.full_mh[row] as f64
    }

    /// Bytes that the columns take per lot.
    pub const BYTES_PER_LOT: usize = 3 * 8 + 3 * 4 + 2 + 3 * 8 + 4 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 1 + 1 + 1 + 8;
}

impl Firms {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.name.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }
}

impl Population {
    /// The lots of a site, in the order in which they came.
    pub fn lots_of_site(&self, site: usize) -> impl Iterator<Item = usize> {
        chain(self.sites.first_lot[site], |lot| self.lots.next[lot as usize])
    }

    /// The sites of a firm, the first it had first.
    pub fn sites_of(&self, firm: usize) -> impl Iterator<Item = usize> {
        chain(self.firms.first_site[firm], |site| self.sites.next[site as usize])
    }

    /// The lots of a firm, site by site.
    pub fn lots_of_firm(&self, firm: usize) -> impl Iterator<Item = usize> {
        self.sites_of(firm).flat_map(|site| self.lots_of_site(site))
    }

    /// The lot that follows another in its site's chain.
    pub(crate) fn after(&self, lot: usize) -> Option<usize> {
        let next = self.lots.next[lot];
        (next != NONE).then_some(next as usize)
    }

    /// The index of a region's name, which is added where it is new.
    ///
    /// # Panics
    /// With more regions than a `u16` counts.
    pub fn region(&mut self, name: &str) -> u16 {
        let known = self.regions.iter().position(|known| known == name).unwrap_or_else(|| {
            self.regions.push(name.to_owned());
            self.regions.len() - 1
        });
        u16::try_from(known).expect("regions are few")
    }

    /// A new site of a firm, at the end of its chain: no machines yet, room for none.
    ///
    /// # Panics
    /// With more sites than a `u32` counts.
    pub fn push_site(&mut self, firm: usize, region: u16, power_price: f64, key: u64) -> usize {
        let site = self.sites.push(index(firm), region, power_price, key);
        self.link_site(site, firm);
        site
    }

    /// Puts a site that stands in no chain at the end of a firm's.
    pub(crate) fn link_site(&mut self, site: usize, firm: usize) {
        let last = self.sites_of(firm).last();
        *last.map_or(&mut self.firms.first_site[firm], |last| &mut self.sites.next[last]) = index(site);
        self.sites.next[site] = NONE;
        self.sites.firm[site] = index(firm);
    }

    /// Takes a site out of its owner's chain.
    pub(crate) fn unlink_site(&mut self, site: usize) {
        let firm = self.sites.firm[site] as usize;
        let before = self.sites_of(firm).find(|&before| self.sites.next[before] == index(site));
        let next = self.sites.next[site];
        *before.map_or(&mut self.firms.first_site[firm], |before| &mut self.sites.next[before]) = next;
    }

    /// A new lot at a site, at the end of its chain. The firm's and the site's totals are the caller's.
    ///
    /// # Panics
    /// With more lots than a `u32` counts.
    pub fn push_lot(&mut self, site: usize, lot: &Lot) -> usize {
        let row = self.lots.len();
        let last = self.sites.last_lot[site];
        if last == NONE {
            self.sites.first_lot[site] = index(row);
        } else {
            self.lots.next[last as usize] = index(row);
        }
        self.sites.last_lot[site] = index(row);
        self.lots.push(self.sites.firm[site], index(site), lot);
        row
    }

    /// Hashrate installed, MH/s.
    #[must_use]
    pub fn installed_mh(&self) -> u64 {
        self.lots.full_mh.iter().sum()
    }

    /// The start rule: a lot starts running unless its rule would stop it at this hashprice, as if it had been running before.
    #[must_use]
    pub fn starts_running(&self, lot: usize, hashprice: f64) -> bool {
        hashprice >= self.lots.low[lot]
            && (self.lots.kind[lot] != LotKind::Boost || hashprice >= self.lots.low[lot - 1])
    }
}

/// Follows a chain of rows to its end.
fn chain(first: u32, next: impl Fn(u32) -> u32) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first).filter(|&row| row != NONE), move |&row| {
        Some(next(row)).filter(|&row| row != NONE)
    })
    .map(|row| row as usize)
}

/// A row as the chains have it.
pub fn index(row: usize) -> u32 {
    u32::try_from(row).expect("rows are counted in u32")
}

/// MH/s to PH/s.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a lot's MH/s are below 2^53")]
pub fn ph(mh: u64) -> f64 {
    mh as f64 / 1e9
}

/// Dollars to whole 10^-9 USD, at most 9 billion USD.
#[must_use]
pub fn nano_usd(usd: f64) -> i64 {
    nearest(usd * 1e9)
}
