//! Draws a population: firms from their classes, machines from the fleet, prices per site.

use super::{
    decide::run_rigs::{Rule, margin_thresholds, thresholds},
    front::Fronts,
    params::{ClassParams, FleetParams, MinerRow, OperationParams, PopulationParams, RuleMix},
    population::{Lot, LotKind, Population, efficiency_bin, nano_usd, ph},
};
use crate::{
    power::PowerParams,
    random::{Draw, Purpose, gamma, name_hash, name_hash_on, pareto, stream},
    units::{Efficiency, Hashprice, Hashrate, Power, PowerPrice, Sats},
};
use std::collections::BTreeMap;

/// Days in a month of 365.25/12 days.
pub const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// Rounds of alternate scaling by which drawn mixes are fitted to firm sizes and to the fleet's shares.
const FITTING_ROUNDS: usize = 30;

/// Sums of hashrate, power and fixed costs are kept as 64-bit integers, well below their end.
const MOST_COUNTED: f64 = 4e18;

/// What else a population depends on.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// How lots are operated.
    pub operation: &'a OperationParams,
    /// Power terms.
    pub power: &'a PowerParams,
    /// Hashprice at the start.
    pub hashprice: Hashprice,
    /// Satoshi a PH/s earns in a day at the start.
    pub sats_per_ph_day: f64,
    /// Coins issued up to the start.
    pub issued: Sats,
    /// Days between settlements.
    pub settlement_days: f64,
    /// Of all randomness.
    pub seed: u64,
    /// Which history.
    pub replica: u64,
}

/// Why there is no population.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PopulationError {
    /// Not one lot would run.
    #[error(
        "at the starting hashprice of {hashprice:.2} USD/PH/day no lot runs, so the hashrate at the start cannot be reached; give a higher price, cheaper power or better machines"
    )]
    NobodyRuns {
        /// At the start, USD/PH/day.
        hashprice: f64,
    },
    /// Larger than can be counted.
    #[error(
        "the miners' {what} would come to {sum:.1e}, more than can be counted; lower hashrate, power prices, other costs or J/TH"
    )]
    TooLarge {
        /// Which sum, in which unit.
        what: &'static str,
        /// How much.
        sum: f64,
    },
    /// Richer than all coins there are.
    #[error(
        "the miners would hold {held_btc:.0} BTC, more than the {issued_btc:.0} issued up to the start; lower treasury_days or coins_btc, or check difficulty against hashrate"
    )]
    MoreCoinsThanThereAre {
        /// Held, and owed by the pool.
        held_btc: f64,
        /// There are.
        issued_btc: f64,
    },
    /// The option rule's exact thresholds were not found.
    #[error("thresholds of {firm}: {reason}")]
    Thresholds {
        /// Whose lot.
        firm: String,
        /// What the solver says.
        reason: String,
    },
}

/// A lot as drawn: shares and prices, before hashrate is scaled.
struct Site {
    /// Address of its draws.
    key: u64,
    hashrate: f64,
    unit: Hashrate,
    efficiency: Efficiency,
    power_price: PowerPrice,
    /// Full power, or eco mode where there is one.
    base: Mode,
    /// What full power adds to eco mode.
    boost: Option<Mode>,
    switching_cost: f64,
    rule: Rule,
}

/// What a way to run a site's machines costs per hashrate, and when it is worth while.
#[derive(Clone, Copy)]
struct Mode {
    efficiency: Efficiency,
    lambda: Hashprice,
    low: Hashprice,
    high: Hashprice,
}

struct Firm {
    name: String,
    class: usize,
    sites: Vec<Site>,
}

/// Makes the miners of one replica.
///
/// # Errors
/// When nobody would run at the start, or a threshold cannot be found.
pub fn draw(params: &PopulationParams, world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    match params {
        PopulationParams::Drawn { classes, fleet, mix_shape, active } => {
            drawn(classes, fleet, *mix_shape, *active, world)
        }
        PopulationParams::Listed(rows) => listed(rows, world),
    }
}

fn drawn(
    classes: &[ClassParams],
    fleet: &[FleetParams],
    mix_shape: f64,
    active: Hashrate,
    world: &Circumstances<'_>,
) -> Result<Population, PopulationError> {
    let mut firms = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        let sizes = firm_sizes(class, world);
        for (number, size) in sizes.into_iter().enumerate() {
            let name = format!("{}-{}", class.name, number + 1);
            firms.push((Firm { name, class: index, sites: Vec::new() }, size));
        }
    }
    let prices = Draw::new(world.seed, world.replica, Purpose::PowerPrice);
    let mix = fleet_mix(&firms, fleet, mix_shape, world);
    for ((firm, _), shares) in firms.iter_mut().zip(mix.chunks_exact(fleet.len())) {
        let class = &classes[firm.class];
        let price = class.power_price_median.get()
            * libm::exp(class.power_price_log_sd * prices.standard_normal(name_hash(&firm.name), 0));
        for (model, &share) in fleet.iter().zip(shares) {
            let site = site(&firm.name, model, class, share, PowerPrice::new(price), world);
            firm.sites.push(site.map_err(|reason| thresholds_error(&firm.name, reason))?);
        }
    }

    // The start rule depends on thresholds alone, so one pass tells which share of what is installed would run.
    // It is tried at the size of the network, so that few machines are lost to rounding.
    let trial = active.th().max(1e9);
    let mut running = 0.0;
    let mut installed = 0.0;
    for (firm, _) in &firms {
        for site in &firm.sites {
            for lot in lots_of(site, trial, world) {
                installed += ph(lot.hash_mh);
                running += if world.hashprice.get() >= lot.low { ph(lot.hash_mh) } else { 0.0 };
            }
        }
    }
    if running <= 0.0 {
        return Err(PopulationError::NobodyRuns { hashprice: world.hashprice.get() });
    }
    let scale = active.th() * installed
        / running
        / firms.iter().flat_map(|(firm, _)| &firm.sites).map(|site| site.hashrate).sum::<f64>();

    let mut population = Population::default();
    for class in classes {
        population.firms.classes.push(class.name.clone());
    }
    for (firm, _) in &firms {
        append(&mut population, firm, scale, world);
        finance(&mut population, &classes[firm.class], world);
    }
    finish(population, world)
}

fn listed(rows: &[MinerRow], world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    let mut population = Population::default();
    let mut order: Vec<&str> = Vec::new();
    let mut by_firm: BTreeMap<&str, Vec<&MinerRow>> = BTreeMap::new();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        by_firm
            .entry(&row.firm)
            .or_insert_with(|| {
                order.push(&row.firm);
                Vec::new()
            })
            .push(row);
        let next = classes.len();
        classes.entry(&row.class).or_insert_with(|| {
            population.firms.classes.push(row.class.clone());
            next
        });
    }
    for name in order {
        let rows = &by_firm[name];
        let sites = rows.iter().enumerate().map(|(number, row)| {
            let lambda = avoidable(row.efficiency, row.power_price, world.power);
            let (low, high) = margin_thresholds(lambda, row.shutdown_margin, row.restart_margin);
            Site {
                key: name_hash(&format!("{name}/{number}")),
                hashrate: row.hashrate.th(),
                unit: row.hashrate,
                efficiency: row.efficiency,
                power_price: row.power_price,
                base: Mode { efficiency: row.efficiency, lambda, low, high },
                boost: None,
                switching_cost: 0.0,
                rule: Rule::Option,
            }
        });
        let firm = Firm { name: name.to_owned(), class: classes[rows[0].class.as_str()], sites: sites.collect() };
        append(&mut population, &firm, 1.0, world);
        let firms = &mut population.firms;
        let last = firms.name.len() - 1;
        firms.region.push(rows[0].region.clone().unwrap_or_default());
        firms.weight.push(rows[0].weight);
        firms.cash.push(rows.iter().map(|row| row.cash.get()).sum());
        firms.coins.push(rows.iter().fold(0, |sum: i64, row| sum.saturating_add(row.coins.get())));
        firms.debt.push(rows.iter().map(|row| row.debt.get()).sum());
        firms.sale_share.push(0.0);
        firms.excess_sale_per_day.push(0.0);
        firms.buffer_months.push(0.0);
        let fixed = nano_usd(rows.iter().map(|row| row.fixed_cost_usd_per_day).sum());
        firms.fixed_nusd[last] = firms.fixed_nusd[last].saturating_add(fixed);
        firms.full_cost_nusd[last] = firms.full_cost_nusd[last].saturating_add(fixed);
    }
    finish(population, world)
}

fn thresholds_error(firm: &str, reason: String) -> PopulationError {
    PopulationError::Thresholds { firm: firm.to_owned(), reason }
}

/// Pareto sizes that sum to the class's share; what a capped firm cannot hold goes to the others in proportion.
fn firm_sizes(class: &ClassParams, world: &Circumstances<'_>) -> Vec<f64> {
    let mut rng = stream(world.seed, world.replica, Purpose::FirmSize, name_hash(&class.name));
    let mut sizes: Vec<f64> = (0..class.firms).map(|_| pareto(&mut rng, class.size_tail_index)).collect();
    // A cap below the equal share cannot be kept; the equal share is then the cap.
    let cap = class.largest_share.max(class.share / f64::from(class.firms));
    let mut capped = vec![false; sizes.len()];
    loop {
        let mut free = 0.0;
        let mut room = class.share;
        for (&size, &capped) in sizes.iter().zip(&capped) {
            if capped {
                room -= cap;
            } else {
                free += size;
            }
        }
        let factor = room / free;
        let mut settled = true;
        for (&size, capped) in sizes.iter().zip(&mut capped) {
            if !*capped && size * factor > cap {
                *capped = true;
                settled = false;
            }
        }
        if settled {
            for (size, capped) in sizes.iter_mut().zip(capped) {
                *size = if capped { cap } else { *size * factor };
            }
            return sizes;
        }
    }
}

/// Hashrate by firm and model, row by row: gamma weights around the fleet's shares, scaled in turn until
/// rows sum to the firms' sizes and columns to the fleet's shares (iterative proportional fitting).
fn fleet_mix(firms: &[(Firm, f64)], fleet: &[FleetParams], shape: f64, world: &Circumstances<'_>) -> Vec<f64> {
    let models = fleet.len();
    let mut mix = Vec::with_capacity(firms.len() * models);
    for (firm, size) in firms {
        let mut rng = stream(world.seed, world.replica, Purpose::FleetMix, name_hash(&firm.name));
        for model in fleet {
            mix.push(size * model.share * gamma(&mut rng, shape));
        }
    }
    for _ in 0..FITTING_ROUNDS {
        let mut totals = vec![0.0; models];
        for row in mix.chunks_exact(models) {
            for (total, cell) in totals.iter_mut().zip(row) {
                *total += cell;
            }
        }
        let factors: Vec<f64> = fleet.iter().zip(totals).map(|(model, total)| model.share / total).collect();
        for (row, (_, size)) in mix.chunks_exact_mut(models).zip(firms) {
            for (cell, factor) in row.iter_mut().zip(&factors) {
                *cell *= factor;
            }
            let factor = size / row.iter().sum::<f64>();
            for cell in row {
                *cell *= factor;
            }
        }
    }
    mix
}

fn site(
    firm: &str,
    model: &FleetParams,
    class: &ClassParams,
    hashrate: f64,
    power_price: PowerPrice,
    world: &Circumstances<'_>,
) -> Result<Site, String> {
    // The site's name is FIRM/MODEL.
    let key = name_hash_on(name_hash_on(name_hash(firm), "/"), &model.name);
    let costs = Draw::new(world.seed, world.replica, Purpose::SwitchingCost);
    let rules = Draw::new(world.seed, world.replica, Purpose::Rule);
    let operation = world.operation;
    let switching_cost = operation.switching_cost_median_usd_per_ph
        * libm::exp(operation.switching_cost_log_sd * costs.standard_normal(key, 0));
    let rule = rule(class.rules, rules.uniform(key, 0));
    let mode = |efficiency, switching_cost| mode(efficiency, power_price, rule, switching_cost, world);
    let efficiency = model.machine.efficiency;
    let (base, boost) = if model.eco {
        let (j, h) = (operation.eco_efficiency_factor, operation.eco_hashrate_factor);
        // A change of mode is a firmware setting: it costs nothing, so the boost waits for nothing.
        let added = mode(efficiency * ((1.0 - j * h) / (1.0 - h)), 0.0)?;
        (mode(efficiency * j, switching_cost)?, Some(added))
    } else {
        (mode(efficiency, switching_cost)?, None)
    };
    let unit = model.machine.hashrate;
    Ok(Site { key, hashrate, unit, efficiency, power_price, base, boost, switching_cost, rule })
}

fn mode(
    efficiency: Efficiency,
    power_price: PowerPrice,
    rule: Rule,
    switching_cost: f64,
    world: &Circumstances<'_>,
) -> Result<Mode, String> {
    let lambda = avoidable(efficiency, power_price, world.power);
    let (low, high) = match rule {
        Rule::Naive | Rule::Adaptive => (lambda, lambda),
        Rule::Option | Rule::Aware => {
            thresholds(lambda, switching_cost, world.operation).map_err(|reason| reason.to_string())?
        }
    };
    Ok(Mode { efficiency, lambda, low, high })
}

/// Avoidable cost of a PH/s at some efficiency: running cost at the machine, and the part of the bill that ends with the load.
fn avoidable(efficiency: Efficiency, power_price: PowerPrice, power: &PowerParams) -> Hashprice {
    let contract = power_price * (power.pue * (1.0 - power.take_or_pay));
    efficiency * (contract + PowerPrice::new(power.om_usd_per_kwh))
}

fn rule(mix: RuleMix, draw: f64) -> Rule {
    let mut edge = 0.0;
    for (share, rule) in [(mix.naive, Rule::Naive), (mix.adaptive, Rule::Adaptive), (mix.option, Rule::Option)] {
        edge += share;
        if draw < edge {
            return rule;
        }
    }
    Rule::Aware
}

/// The lots of a site whose shares are multiplied by `scale` TH/s: one, or eco mode and boost; none if it has no machine.
fn lots_of(site: &Site, scale: f64, world: &Circumstances<'_>) -> impl Iterator<Item = Lot> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; the scenario layer bounds hashrate"
    )]
    let units = (site.hashrate * scale / site.unit.th()).round().max(0.0) as u32;
    let full = Hashrate::from_mh(u64::from(units).saturating_mul(site.unit.mh()));
    let lot = |hashrate: Hashrate, mode: Mode, kind: LotKind| {
        let boost = kind == LotKind::Boost;
        Lot {
            units: if boost { 0 } else { units },
            hash_mh: hashrate.mh(),
            power_mw: Power::drawn(hashrate, mode.efficiency, world.power.pue).mw(),
            lambda: mode.lambda.get(),
            low: mode.low.get(),
            high: mode.high.get(),
            switching_cost: if boost { 0.0 } else { site.switching_cost },
            rule: site.rule,
            kind,
            bin: efficiency_bin(site.efficiency.get()),
            key: if boost { site.key.wrapping_add(1) } else { site.key },
        }
    };
    let lots = match site.boost {
        _ if units == 0 => [None, None],
        None => [Some(lot(full, site.base, LotKind::Plain)), None],
        Some(boost) => {
            let eco = Hashrate::from_th(full.th() * world.operation.eco_hashrate_factor);
            [Some(lot(eco, site.base, LotKind::Eco)), Some(lot(full - eco, boost, LotKind::Boost))]
        }
    };
    lots.into_iter().flatten()
}

/// Appends a firm and its lots to the columns; its money is added by the caller.
fn append(population: &mut Population, firm: &Firm, scale: f64, world: &Circumstances<'_>) {
    let index = u32::try_from(population.firms.len()).expect("the scenario layer bounds the number of firms");
    let first = u32::try_from(population.lots.len()).expect("the scenario layer bounds the number of lots");
    let (mut installed, mut fixed, mut running_cost) = (0u64, 0i64, 0i64);
    let (mut efficiency, mut price) = (0.0, 0.0);
    for site in &firm.sites {
        let before = installed;
        for lot in lots_of(site, scale, world) {
            population.lots.push(index, &lot);
            // Too much is refused when all are there.
            installed = installed.saturating_add(lot.hash_mh);
            running_cost = running_cost.saturating_add(nano_usd(lot.lambda * ph(lot.hash_mh)));
        }
        let added = ph(installed - before);
        let due = site.efficiency * (site.power_price * (world.power.pue * world.power.take_or_pay));
        fixed = fixed.saturating_add(nano_usd(due.get() * added));
        efficiency += site.efficiency.get() * added;
        price += site.power_price.get() * added;
    }
    let firms = &mut population.firms;
    firms.name.push(firm.name.clone());
    firms.class.push(u32::try_from(firm.class).expect("classes are few"));
    firms.first_lot.push(first);
    firms.installed_mh.push(installed);
    firms.fixed_nusd.push(fixed);
    firms.full_cost_nusd.push(fixed.saturating_add(running_cost));
    let total = ph(installed);
    firms.efficiency.push(if installed == 0 { 0.0 } else { efficiency / total });
    firms.power_price.push(if installed == 0 { 0.0 } else { price / total });
}

/// Money of the firm appended last, from its class.
fn finance(population: &mut Population, class: &ClassParams, world: &Circumstances<'_>) {
    let lots = &population.lots;
    let firms = &mut population.firms;
    let last = firms.name.len() - 1;
    let installed = ph(firms.installed_mh[last]);
    let running: f64 = (firms.first_lot[last] as usize..lots.len())
        .filter(|&lot| world.hashprice.get() >= lots.low[lot])
        .map(|lot| ph(lots.hash_mh[lot]))
        .sum();
    let fixed = nano_usd(class.fixed_cost_usd_per_ph_day * installed);
    firms.fixed_nusd[last] = firms.fixed_nusd[last].saturating_add(fixed);
    firms.full_cost_nusd[last] = firms.full_cost_nusd[last].saturating_add(fixed);
    #[expect(clippy::cast_precision_loss, reason = "a firm's costs are below 2^53 nano-dollars times 1000")]
    let month = firms.full_cost_nusd[last] as f64 / 1e9 * DAYS_PER_MONTH;
    firms.region.push(class.region.clone());
    firms.weight.push(class.weight);
    firms.cash.push(class.cash_months * month);
    firms.coins.push(Sats::from_btc(class.treasury_days * running * world.sats_per_ph_day / 1e8).get());
    firms.debt.push(class.debt_usd_per_th * installed * 1e3);
    firms.sale_share.push(class.sale_share);
    firms.excess_sale_per_day.push(class.excess_sale_per_day);
    firms.buffer_months.push(class.cash_buffer_months);
}

/// Closes the columns, and refuses a population that cannot be: larger than can be counted, richer than all coins there are,
/// or of which nobody would run.
#[expect(clippy::cast_precision_loss, reason = "bounds far from the limits of counting")]
fn finish(mut population: Population, world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    let (lots, firms) = (&population.lots, &population.firms);
    let sum = |column: &[u64]| column.iter().map(|&value| value as f64).sum::<f64>();
    let fixed = firms.fixed_nusd.iter().copied().max().unwrap_or(0);
    // What runs costs no more than it earns, or little more; only what is due in any case can outgrow the count.
    let sums = [
        ("hashrate, MH/s,", sum(&firms.installed_mh)),
        ("power, mW,", sum(&lots.power_mw)),
        ("fixed costs of one firm a day, 1e-9 USD,", fixed as f64),
    ];
    for (what, sum) in sums {
        if sum > MOST_COUNTED {
            return Err(PopulationError::TooLarge { what, sum });
        }
    }
    let running = |lot: &usize| population.starts_running(*lot, world.hashprice.get());
    let running_ph: f64 = (0..lots.len()).filter(running).map(|lot| ph(lots.hash_mh[lot])).sum();
    if running_ph <= 0.0 {
        return Err(PopulationError::NobodyRuns { hashprice: world.hashprice.get() });
    }
    // What they hold, and what the pool may owe them since they last settled.
    let held = firms.coins.iter().map(|&sats| sats as f64).sum::<f64>()
        + running_ph * world.sats_per_ph_day * world.settlement_days;
    if held > world.issued.get() as f64 {
        return Err(PopulationError::MoreCoinsThanThereAre { held_btc: held / 1e8, issued_btc: world.issued.btc() });
    }
    let end = u32::try_from(lots.len()).expect("the scenario layer bounds the number of lots");
    population.fronts = Fronts::new(lots);
    population.firms.first_lot.push(end);
    Ok(population)
}
