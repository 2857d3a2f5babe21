use std::{collections::BTreeMap, path::Path};

use crate::{
    declare::Range,
    mechanism::treasury::params::TreasuryPolicy,
    scenario::{
        csv_file::{CsvFile, Row},
        csv_header::Column,
        problem::Problem,
        section::Section,
        tree::Place,
    },
    units::{Efficiency, Hashrate, PowerPrice, Sats, Usd},
    world::MinerRow,
};

/// The columns of `[population] csv`, in the order of the constants below.
const COLUMNS: [Column; 13] = [
    Column::required("firm"),
    Column::required("class"),
    Column::required("hashrate_th_per_s"),
    Column::required("efficiency_j_per_th"),
    Column::required("power_price_usd_per_kwh"),
    Column::required("cash_usd"),
    Column::required("coins_btc"),
    Column::required("debt_usd"),
    Column::optional("region"),
    Column::optional("weight"),
    Column::optional("shutdown_margin"),
    Column::optional("restart_margin"),
    Column::optional("fixed_cost_usd_per_day"),
];
const CLASS: usize = 1;
const WEIGHT: usize = 9;
const RESTART: usize = 11;

/// Allowed amounts of money of one lot.
const MONEY: Range = Range::within(0.0, 1e13);
/// Allowed margins of a band.
const MARGIN: Range = Range { low: Some((-1.0, true)), high: Some((1e3, false)) };

/// Reads the miners of a file one by one.
pub fn rows(s: &Section<'_>, file: &str, named_at: Option<Place>, treasury: TreasuryPolicy) -> Vec<MinerRow> {
    let Some(named_at) = named_at else { return Vec::new() };
    let mark = s.reading.mark();
    let Some(table) = CsvFile::open(s.reading, Path::new(file), named_at, &COLUMNS) else { return Vec::new() };
    let mut rows = Vec::new();
    let mut firms: BTreeMap<String, (String, f64)> = BTreeMap::new();
    table.rows(|row| {
        let Some(miner) = miner(row, treasury) else { return };
        if let Some((class, weight)) = firms.get(&miner.firm) {
            if *class != miner.class {
                row.report(CLASS, "differs within a firm", &format!("`{}` was of class `{class}`", miner.firm));
            }
            if weight.to_bits() != miner.weight.to_bits() {
                row.report(WEIGHT, "differs within a firm", &format!("`{}` had weight {weight}", miner.firm));
            }
        } else {
            firms.insert(miner.firm.clone(), (miner.class.clone(), miner.weight));
        }
        rows.push(miner);
    });
    if rows.is_empty() && s.reading.clean_since(mark) {
        let problem = Problem::new("scenario::empty", format!("`{file}` has no miners"));
        s.report(problem.at(named_at, "named here").help("a row is one lot of one firm"));
    }
    rows
}

fn miner(row: &Row<'_, '_>, treasury: TreasuryPolicy) -> Option<MinerRow> {
    let firm = row.name(0);
    let class = row.name(CLASS);
    let hashrate = row.number(2, Range::within(1e-6, 1e12));
    let efficiency = row.number(3, Range::within(0.01, 1e9));
    let power_price = row.number(4, Range::within(0.0, 100.0));
    let cash = row.number(5, MONEY);
    let coins = row.number(6, Range::within(0.0, 21e6));
    let debt = row.number(7, MONEY);
    let region = row.text(8).map(str::to_owned);
    let weight = row.number_or(WEIGHT, Range::within(1.0, 1e9), 1.0);
    let shutdown_margin = row.number_or(10, MARGIN, 0.0);
    let restart_margin = row.number_or(RESTART, MARGIN, 0.0);
    let fixed_cost = row.number_or(12, MONEY, 0.0);
    let miner = MinerRow {
        firm: firm?.to_owned(),
        class: class?.to_owned(),
        hashrate: Hashrate::from_th(hashrate?),
        efficiency: Efficiency::new(efficiency?),
        power_price: PowerPrice::new(power_price?),
        cash: Usd::new(cash?),
        coins: Sats::from_btc(coins?),
        debt: Usd::new(debt?),
        region,
        weight: weight?,
        shutdown_margin: shutdown_margin?,
        restart_margin: restart_margin?,
        fixed_cost_usd_per_day: fixed_cost?,
        treasury,
    };
    if miner.restart_margin < miner.shutdown_margin {
        row.report(RESTART, "is below the shutdown margin", &format!("must be at least {}", miner.shutdown_margin));
        return None;
    }
    Some(miner)
}
