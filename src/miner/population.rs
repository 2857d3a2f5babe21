//! Who mines, as columns: what stays the same through a history.

use super::{decide::run_rigs::Rule, front::Fronts};

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

/// Firms and their lots. A lot is machines of one model at one site of one firm; the lots of a firm stand together.
///
/// A machine with an eco mode is two lots: its eco mode, and next to it (`index + 1`, marked [`LotKind::Boost`]) what full
/// power adds, with the marginal cost of adding it. Both follow the same rule, so no third mode is needed anywhere.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Lots, by column.
    pub lots: Lots,
    /// Firms, by column.
    pub firms: Firms,
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
    /// Machines.
    pub units: Vec<u32>,
    /// MH/s when running.
    pub hash_mh: Vec<u64>,
    /// mW at the meter when running.
    pub power_mw: Vec<u64>,
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
    /// Where their sites are.
    pub region: Vec<String>,
    /// How many identical real miners each stands for.
    pub weight: Vec<f64>,
    /// First lot of each firm, and one past the last lot at the end.
    pub first_lot: Vec<u32>,
    /// Installed, MH/s.
    pub installed_mh: Vec<u64>,
    /// Due every day while the firm lives, running or not, 10^-9 USD.
    pub fixed_nusd: Vec<i64>,
    /// Due every day with every machine running, 10^-9 USD.
    pub full_cost_nusd: Vec<i64>,
    /// At the start, USD.
    pub cash: Vec<f64>,
    /// At the start, satoshi; also what the firm means to hold.
    pub coins: Vec<i64>,
    /// At the start, USD.
    pub debt: Vec<f64>,
    /// Hash-weighted mean of full-power efficiency, J/TH.
    pub efficiency: Vec<f64>,
    /// Hash-weighted mean of the price at the meter, USD/kWh.
    pub power_price: Vec<f64>,
    /// Share of production sold at settlement.
    pub sale_share: Vec<f64>,
    /// Share of the coins above the target sold per day.
    pub excess_sale_per_day: Vec<f64>,
    /// Cash kept, months of full cost.
    pub buffer_months: Vec<f64>,
}

/// One lot, before it becomes a row of the columns.
#[derive(Clone, Copy, Debug)]
pub struct Lot {
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

    /// Appends a lot of `firm`.
    pub fn push(&mut self, firm: u32, lot: &Lot) {
        self.firm.push(firm);
        self.units.push(lot.units);
        self.hash_mh.push(lot.hash_mh);
        self.power_mw.push(lot.power_mw);
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

    /// Bytes that the columns take per lot.
    pub const BYTES_PER_LOT: usize = 4 + 4 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 1 + 1 + 1 + 8;
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

    /// The lots of a firm.
    #[must_use]
    pub fn lots(&self, firm: usize) -> std::ops::Range<usize> {
        self.first_lot[firm] as usize..self.first_lot[firm + 1] as usize
    }
}

impl Population {
    /// Hashrate installed, MH/s.
    #[must_use]
    pub fn installed_mh(&self) -> u64 {
        self.lots.hash_mh.iter().sum()
    }

    /// The start rule: a lot starts running unless its rule would stop it at this hashprice, as if it had been running before.
    #[must_use]
    pub fn starts_running(&self, lot: usize, hashprice: f64) -> bool {
        hashprice >= self.lots.low[lot]
            && (self.lots.kind[lot] != LotKind::Boost || hashprice >= self.lots.low[lot - 1])
    }
}

/// MH/s to PH/s.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a lot's MH/s are below 2^53")]
pub fn ph(mh: u64) -> f64 {
    mh as f64 / 1e9
}

/// Dollars to whole 10^-9 USD.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates at 9 billion USD a day")]
pub fn nano_usd(usd: f64) -> i64 {
    (usd * 1e9).round() as i64
}
