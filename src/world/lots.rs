//! Columns over lots of machines, and the integer units in which they are counted.

use crate::{
    mechanism::operate::rule::Rule,
    units::{
        Column, DailyEnergy, Efficiency, FirmId, Hashprice, Hashrate, LotId, ModelId, SiteId, ids, whole::nearest,
    },
};

/// Kind of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LotKind {
    /// Machines without an eco mode, or not using it.
    Plain,
    /// The eco mode of machines; the next lot is their boost.
    Eco,
    /// The boost: additional output of full power over the lot before it.
    Boost,
}

/// Columns over lots.
#[derive(Clone, Debug, Default)]
pub struct Lots {
    /// Owner.
    pub firm: Column<LotId, FirmId>,
    /// Site.
    pub site: Column<LotId, SiteId>,
    /// Model.
    pub model: Column<LotId, ModelId>,
    /// Next lot of the same site.
    pub next: Column<LotId, Option<LotId>>,
    /// Efficiency at full power, at the machine.
    pub efficiency: Column<LotId, Efficiency>,
    /// Full-power hashrate of one machine.
    pub unit: Column<LotId, Hashrate>,
    /// Cost per day while the machines are installed, running or not, 10^-9 USD. That of a boost is with its eco mode.
    pub fixed_nusd: Column<LotId, i64>,
    /// Number of machines.
    pub units: Column<LotId, u32>,
    /// Hashrate when running, MH/s: `full_mh` times `uptime`.
    pub hash_mh: Column<LotId, u64>,
    /// Power at the meter when running, mW.
    pub power_mw: Column<LotId, u64>,
    /// Hashrate of the machines in hours in which they run, MH/s.
    pub full_mh: Column<LotId, u64>,
    /// Power at the meter in such hours, mW.
    pub full_mw: Column<LotId, u64>,
    /// Share of hours in which a running lot runs: below 1 at sites that resell power in peak-price hours.
    pub uptime: Column<LotId, f64>,
    /// Avoidable cost when running, 10^-9 USD per day.
    pub cost_nusd: Column<LotId, i64>,
    /// lambda: avoidable cost.
    pub lambda: Column<LotId, Hashprice>,
    /// Hashprice below which a running lot stops (option and band rules; lambda for the others).
    pub low: Column<LotId, Hashprice>,
    /// Hashprice from which an idle lot restarts.
    pub high: Column<LotId, Hashprice>,
    /// K: cost of stopping and restarting, USD/PH.
    pub switching_cost: Column<LotId, f64>,
    /// Decision rule.
    pub rule: Column<LotId, Rule>,
    /// Eco mode, boost, or neither.
    pub kind: Column<LotId, LotKind>,
    /// Bin of full-power efficiency.
    pub bin: Column<LotId, u8>,
    /// Key of the lot's random draws.
    pub key: Column<LotId, u64>,
}

/// One lot, before it becomes a row of the columns.
#[derive(Clone, Copy, Debug)]
pub struct Lot {
    /// Model.
    pub model: ModelId,
    /// Efficiency at full power.
    pub efficiency: Efficiency,
    /// Full-power hashrate of one machine.
    pub unit: Hashrate,
    /// Cost per day while installed, running or not, 10^-9 USD.
    pub fixed_nusd: i64,
    /// Number of machines.
    pub units: u32,
    /// Hashrate when running, MH/s.
    pub hash_mh: u64,
    /// Power at the meter when running, mW.
    pub power_mw: u64,
    /// lambda.
    pub lambda: Hashprice,
    /// Shutdown threshold.
    pub low: Hashprice,
    /// Restart threshold.
    pub high: Hashprice,
    /// K, USD/PH.
    pub switching_cost: f64,
    /// Decision rule.
    pub rule: Rule,
    /// Eco, boost or neither.
    pub kind: LotKind,
    /// Bin of full-power efficiency.
    pub bin: u8,
    /// Key of its random draws.
    pub key: u64,
}

impl Lots {
    /// Number of lots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firm.len()
    }

    /// Whether there are no lots.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.firm.is_empty()
    }

    /// All lots.
    #[must_use]
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = LotId> + ExactSizeIterator + use<> {
        ids(self.len())
    }

    /// A lot and, if it is an eco mode, its boost.
    pub fn modes(&self, lot: LotId) -> impl Iterator<Item = LotId> + use<> {
        std::iter::once(lot).chain((self.kind[lot] == LotKind::Eco).then(|| lot.boost()))
    }

    /// Appends a lot of `firm` at `site`; [`Population::push_lot`] puts it into the site's chain.
    pub(super) fn push(&mut self, firm: FirmId, site: SiteId, lot: &Lot) -> LotId {
        self.firm.push(firm);
        self.site.push(site);
        self.model.push(lot.model);
        self.next.push(None);
        self.efficiency.push(lot.efficiency);
        self.unit.push(lot.unit);
        self.fixed_nusd.push(lot.fixed_nusd);
        self.units.push(lot.units);
        self.hash_mh.push(lot.hash_mh);
        self.power_mw.push(lot.power_mw);
        self.full_mh.push(lot.hash_mh);
        self.full_mw.push(lot.power_mw);
        self.uptime.push(1.0);
        self.cost_nusd.push(nano_usd(lot.lambda.get() * ph(lot.hash_mh)));
        self.lambda.push(lot.lambda);
        self.low.push(lot.low);
        self.high.push(lot.high);
        self.switching_cost.push(lot.switching_cost);
        self.rule.push(lot.rule);
        self.kind.push(lot.kind);
        self.bin.push(lot.bin);
        self.key.push(lot.key)
    }

    /// Replaces a lot's row; owner, site and chain stay.
    pub(crate) fn set(&mut self, row: LotId, lot: &Lot) {
        self.model[row] = lot.model;
        self.efficiency[row] = lot.efficiency;
        self.unit[row] = lot.unit;
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

    /// Sets the share of hours in which a running lot runs: its hashrate, power and cost follow. The caller updates the totals.
    #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a lot's MH/s and mW are known to 53 bits")]
    pub(crate) fn set_uptime(&mut self, row: LotId, uptime: f64) {
        let part = |full: u64| if uptime >= 1.0 { full } else { nearest(full as f64 * uptime) as u64 };
        self.uptime[row] = uptime;
        self.hash_mh[row] = part(self.full_mh[row]);
        self.power_mw[row] = part(self.full_mw[row]);
        self.cost_nusd[row] = nano_usd(self.lambda[row].get() * ph(self.hash_mh[row]));
    }

    /// Energy at the meter that a PH/s of a lot needs in a day: a mW per MH/s is 1000 J/TH, 24,000 kWh per PH/s and day.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a lot's MH/s and mW are known to 53 bits")]
    pub fn daily_energy(&self, row: LotId) -> DailyEnergy {
        DailyEnergy::new(24e3 * self.full_mw[row] as f64 / self.full_mh[row] as f64)
    }

    /// Bytes that the columns take per lot.
    pub const BYTES_PER_LOT: usize = 3 * 8 + 3 * 4 + 2 + 3 * 8 + 4 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 1 + 1 + 1 + 8;
}

/// MH/s to PH/s.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a lot's MH/s are below 2^53")]
pub fn ph(mh: u64) -> f64 {
    mh as f64 / 1e9
}

/// Converts dollars to whole 10^-9 USD, at most 9 billion USD.
#[must_use]
pub fn nano_usd(usd: f64) -> i64 {
    nearest(usd * 1e9)
}

/// A count of MH/s, or of mW, as a real number.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a firm's MH/s and mW are known to 53 bits")]
pub fn megahashes(count: u64) -> f64 {
    count as f64
}

/// Milliwatts to megawatts.
#[must_use]
pub fn megawatts(milliwatts: u64) -> f64 {
    megahashes(milliwatts) / 1e9
}
