//! A drawn population in the form of `[population] csv`, so that other programs, or shakeout itself, can run the very same miners.

use std::{io::Write as _, path::Path};

use super::{
    csv::header,
    disk::{DiskError, write_whole},
};
use crate::{
    declare::{Column, Kind, Sheet},
    power::PowerParams,
    units::{Hashprice, LotId, Sats},
    world::{lots::ph, population::Population},
};

/// What `[population] csv` reads.
pub const SHEET: Sheet = Sheet {
    name: "population",
    doc: "One row per lot of machines of a drawn population, in the form of `[population] csv`. Money stands in a firm's first row.",
    key: &[],
    columns: &[
        Column::new("firm", "", Kind::Text, "The firm"),
        Column::new("class", "", Kind::Text, "Its class"),
        Column::new("hashrate_th_per_s", "TH/s", Kind::Number, "Hashrate of the lot at full power"),
        Column::new("efficiency_j_per_th", "J/TH", Kind::Number, "Energy per hash at full power, at the machine"),
        Column::new("power_price_usd_per_kwh", "USD/kWh", Kind::Number, "Price of power of its site, at the meter"),
        Column::new("cash_usd", "USD", Kind::Number, "Cash of the firm"),
        Column::new("coins_btc", "BTC", Kind::Number, "Coins of the firm"),
        Column::new("debt_usd", "USD", Kind::Number, "Debt of the firm"),
        Column::new("region", "", Kind::Text, "Region of the site"),
        Column::new("weight", "", Kind::Number, "How many real miners the firm stands for"),
        Column::new("shutdown_margin", "", Kind::Number, "Threshold at which it stops, over its break-even, less 1"),
        Column::new("restart_margin", "", Kind::Number, "Threshold at which it restarts, over its break-even, less 1"),
        Column::new("fixed_cost_usd_per_day", "USD/day", Kind::Number, "Fixed cost of the firm"),
    ],
    others: None,
};

/// Writes a row per lot. A lot's efficiency and power price are those that give its draw and its avoidable cost under `power`;
/// rules other than the band are written as the band they have (the naive one as none). Money stands in a firm's first row.
///
/// # Errors
/// When the disk refuses.
pub fn write_population(population: &Population, power: &PowerParams, path: &Path) -> Result<(), DiskError> {
    let (lots, firms) = (&population.lots, &population.firms);
    let mut text = header(SHEET.names());
    for firm in firms.ids() {
        let (name, class) = (&firms.name[firm], &firms.classes[firms.class[firm]]);
        let weight = firms.weight[firm];
        // Power that is due whether a lot runs or not follows from the rows; what else is fixed is written.
        let contract: f64 = population.lots_of_firm(firm).map(|lot| take_or_pay(population, lot, power)).sum();
        #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
        let fixed = (firms.fixed_nusd[firm] as f64 * 1e-9 - contract).max(0.0);
        for (number, lot) in population.lots_of_firm(firm).enumerate() {
            let region = &population.regions[population.sites.region[lots.site[lot]]];
            let th = ph(lots.full_mh[lot]) * 1e3;
            let (efficiency, price) = (efficiency(population, lot, power), power_price(population, lot));
            let once = |amount: f64| if number == 0 { amount } else { 0.0 };
            let (cash, coins, debt) =
                (once(firms.cash[firm]), once(Sats::new(firms.coins[firm]).btc()), once(firms.debt[firm]));
            let margin = |threshold: Hashprice| {
                if lots.lambda[lot] > Hashprice::ZERO { threshold / lots.lambda[lot] - 1.0 } else { 0.0 }
            };
            let (shutdown, restart, fixed) = (margin(lots.low[lot]), margin(lots.high[lot]), once(fixed));
            writeln!(
                text,
                "{name},{class},{th},{efficiency},{price},{cash},{coins},{debt},{region},{weight},{shutdown},{restart},{fixed}"
            )
            .expect("writing to memory cannot fail");
        }
    }
    write_whole(path, &text)
}

/// At the machine, J/TH.
fn efficiency(population: &Population, lot: LotId, power: &PowerParams) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliwatts are known to 53 bits")]
    let watts = population.lots.full_mw[lot] as f64 / 1e3;
    watts / (ph(population.lots.full_mh[lot]) * 1e3) / power.pue
}

/// The site's own, at the meter, USD/kWh.
fn power_price(population: &Population, lot: LotId) -> f64 {
    population.sites.own_price[population.lots.site[lot]].get()
}

/// Due every day whether the lot runs or not, USD.
fn take_or_pay(population: &Population, lot: LotId, power: &PowerParams) -> f64 {
    let energy = 24.0 * efficiency(population, lot, power) * ph(population.lots.full_mh[lot]);
    energy * power_price(population, lot) * power.pue * power.take_or_pay
}
