//! Miners that are listed one by one.

use super::{Circumstances, DrawnSite, Firm, Part, PopulationError, append, finish};
use crate::{
    mechanism::operate::rule::Rule,
    random::name_hash,
    units::{ClassId, Column, Efficiency, FirmId, Hashrate, Id, ModelId, PowerPrice},
    world::{
        MinerRow,
        lots::nano_usd,
        population::{BIN_COUNT, EFFICIENCY_BINS, Population, efficiency_bin},
        site::Model,
        terms::{Rigs, Terms},
    },
};
use std::collections::BTreeMap;

/// A population with one lot per row.
pub(super) fn listed(rows: &[MinerRow], world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    let mut population = Population { models: binned_models(), listed: true, ..Population::default() };
    for region in &world.terms.power.regions {
        population.region(&region.name);
    }
    let mut order: Vec<&str> = Vec::new();
    let mut by_firm: BTreeMap<&str, Vec<&MinerRow>> = BTreeMap::new();
    let mut classes: BTreeMap<&str, ClassId> = BTreeMap::new();
    for row in rows {
        by_firm
            .entry(&row.firm)
            .or_insert_with(|| {
                order.push(&row.firm);
                Vec::new()
            })
            .push(row);
        classes.entry(&row.class).or_insert_with(|| population.firms.classes.push(row.class.clone()));
    }
    for name in order {
        world.unless_stopped()?;
        let rows = &by_firm[name];
        // Rows at one price in one region are one site.
        let class = classes[rows[0].class.as_str()];
        let mut sites: Vec<DrawnSite> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let region = population.region(row.region.as_deref().unwrap_or_default());
            let own_price = row.power_price;
            // The key of the lot is FIRM/NUMBER; that of the site, the firm's name, or its first lot's.
            let mut site = DrawnSite::empty(&population, &world.terms, name_hash(name), (region, class), own_price);
            let terms = world.terms.under(site.contract);
            let rigs = listed_rigs(name, number, row, site.power_price, &terms);
            let part = Part { hashrate: row.hashrate.th(), rigs };
            let same = |site: &&mut DrawnSite| site.region == region && site.own_price == own_price;
            if let Some(site) = sites.iter_mut().find(same) {
                site.parts.push(part);
            } else {
                if !sites.is_empty() {
                    site.key = part.rigs.key;
                }
                site.parts.push(part);
                sites.push(site);
            }
        }
        let firm = Firm { name: name.to_owned(), class, sites };
        append(&mut population, firm, 1.0, world);
        let firms = &mut population.firms;
        let last = FirmId::of(firms.name.len() - 1);
        firms.weight.push(rows[0].weight);
        firms.cash.push(rows.iter().map(|row| row.cash.get()).sum());
        firms.coins.push(rows.iter().fold(0, |sum: i64, row| sum.saturating_add(row.coins.get())));
        firms.debt.push(rows.iter().map(|row| row.debt.get()).sum());
        firms.treasury.push(rows[0].treasury);
        firms.buffer_months.push(0.0);
        let fixed = nano_usd(rows.iter().map(|row| row.fixed_cost_usd_per_day).sum());
        firms.fixed_nusd[last] = firms.fixed_nusd[last].saturating_add(fixed);
        firms.full_cost_nusd[last] = firms.full_cost_nusd[last].saturating_add(fixed);
    }
    finish(population, world)
}

/// Each listed miner has machines of its own; they are grouped, and traded, by bin of efficiency.
fn binned_models() -> Column<ModelId, Model> {
    let model = |bin: usize| {
        let (from, to) = (EFFICIENCY_BINS[bin], EFFICIENCY_BINS[bin + 1]);
        let (name, middle) = if to.is_finite() {
            (format!("{from}-{to} J/TH"), f64::midpoint(from, to))
        } else {
            (format!("from {from} J/TH"), from)
        };
        Model { name, efficiency: Efficiency::new(middle), unit: Hashrate::from_th(100.0), eco: false }
    };
    (0..BIN_COUNT).map(model).collect()
}

/// A row's machines, with the row's margins on cost: one unit for each miner that it stands for, so that some can leave.
fn listed_rigs(firm: &str, number: usize, row: &MinerRow, power_price: PowerPrice, terms: &Terms<'_>) -> Rigs {
    let units = row.weight.round().min(row.hashrate.th()).max(1.0);
    Rigs {
        key: name_hash(&format!("{firm}/{number}")),
        model: ModelId::of(usize::from(efficiency_bin(row.efficiency.get()))),
        unit: Hashrate::from_th(row.hashrate.th() / units),
        efficiency: row.efficiency,
        rule: Rule::Option,
        switching_cost: 0.0,
        base: terms.margin_mode(row.efficiency, power_price, row.shutdown_margin, row.restart_margin),
        boost: None,
        fixed: terms.take_or_pay(row.efficiency, power_price),
    }
}
