//! Draws a population: firms from their classes, machines from the fleet, prices per site.

use super::{
    decide::run_rigs::Rule,
    front::Fronts,
    params::{ClassParams, FleetParams, MinerRow, PopulationParams},
    population::{BIN_COUNT, EFFICIENCY_BINS, Lot, Population, efficiency_bin, nano_usd, ph},
    site::{Model, NONE},
    terms::{Rigs, Terms},
};
use crate::{
    power::{Contract, Market},
    random::{Draw, Purpose, gamma, name_hash, pareto, stream},
    units::{Efficiency, Hashprice, Hashrate, PowerPrice, Sats, Seconds},
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
    /// What lots follow from.
    pub terms: Terms<'a>,
    /// Hashprice at the start.
    pub hashprice: Hashprice,
    /// Satoshi a PH/s earns in a day at the start.
    pub sats_per_ph_day: f64,
    /// Coins issued up to the start.
    pub issued: Sats,
    /// Days between settlements.
    pub settlement_days: f64,
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

/// Machines of one model at one site, before they are counted.
struct Part {
    /// Share of the network's hashrate as drawn, or TH/s.
    hashrate: f64,
    rigs: Rigs,
}

struct Firm {
    name: String,
    class: usize,
    sites: Vec<DrawnSite>,
}

struct DrawnSite {
    key: u64,
    region: u16,
    contract: Contract,
    /// The site's own, before anything moves it.
    own_price: f64,
    power_price: PowerPrice,
    /// What it answers to in dear hours, if it does.
    market: Option<Market>,
    parts: Vec<Part>,
}

impl DrawnSite {
    /// A site of a class in a region, without machines yet: its contract says what it pays for power, and whether it responds.
    fn empty(
        population: &Population,
        terms: &Terms<'_>,
        key: u64,
        (region, class): (u16, usize),
        own_price: f64,
    ) -> Self {
        let place = region as usize;
        let terms = terms.under(terms.contract_of(place, class));
        let moves = terms.moves(population, place, class, Seconds::ZERO);
        let power_price = PowerPrice::new(terms.price(place, own_price, &moves));
        let market = terms.market(place, &moves);
        Self { key, region, contract: terms.contract, own_price, power_price, market, parts: Vec::new() }
    }
}

impl Firm {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.sites.iter().flat_map(|site| &site.parts)
    }
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
    let terms = &world.terms;
    let mut population = Population { models: models(fleet), ..Population::default() };
    for region in &terms.power.regions {
        population.region(&region.name);
    }
    for class in classes {
        population.firms.classes.push(class.name.clone());
        population.region(&class.region);
    }
    let mut firms = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        let sizes = firm_sizes(class, world);
        for (number, size) in sizes.into_iter().enumerate() {
            let name = format!("{}-{}", class.name, number + 1);
            firms.push((Firm { name, class: index, sites: Vec::new() }, size));
        }
    }
    let prices = Draw::new(terms.seed, terms.replica, Purpose::PowerPrice);
    let regions = firm_regions(&firms, classes, terms);
    let mix = fleet_mix(&firms, fleet, mix_shape, world);
    for (((firm, _), shares), region) in firms.iter_mut().zip(mix.chunks_exact(fleet.len())).zip(regions) {
        let class = &classes[firm.class];
        let key = name_hash(&firm.name);
        let own_price =
            class.power_price_median.get() * libm::exp(class.power_price_log_sd * prices.standard_normal(key, 0));
        let region = population.region(region);
        let mut site = DrawnSite::empty(&population, terms, key, (region, firm.class), own_price);
        let terms = terms.under(site.contract);
        for (number, (model, &hashrate)) in population.models.iter().zip(shares).enumerate() {
            let model = (u16::try_from(number).expect("models are few"), model);
            let rigs = terms.rigs(key, firm.class, model, site.power_price);
            let rigs = rigs.map_err(|reason| thresholds_error(&firm.name, reason.to_string()))?;
            site.parts.push(Part { hashrate, rigs });
        }
        firm.sites.push(site);
    }

    // The start rule depends on thresholds alone, so one pass tells which share of what is installed would run.
    // It is tried at the size of the network, so that few machines are lost to rounding.
    let trial = active.th().max(1e9);
    let mut running = 0.0;
    let mut installed = 0.0;
    for site in firms.iter().flat_map(|(firm, _)| &firm.sites) {
        for lot in site.parts.iter().flat_map(|part| lots_of(part, trial, terms)) {
            installed += ph(lot.hash_mh);
            let uptime = site.market.map_or(1.0, |market| uptime(&market, &lot, world.hashprice));
            running += if world.hashprice.get() >= lot.low { ph(lot.hash_mh) * uptime } else { 0.0 };
        }
    }
    if running <= 0.0 {
        return Err(PopulationError::NobodyRuns { hashprice: world.hashprice.get() });
    }
    let scale = active.th() * installed
        / running
        / firms.iter().flat_map(|(firm, _)| firm.parts()).map(|part| part.hashrate).sum::<f64>();

    for (firm, _) in &firms {
        append(&mut population, firm, scale, world);
        let class = &classes[firm.class];
        let site = population.sites.len() - 1;
        population.sites.capacity_mw[site] = with_spare(population.sites.used_mw[site], class.spare_capacity_share);
        finance(&mut population, class, world);
    }
    // Those who may enter have a price of power and a site without machines or room; they are last, so that nobody else is drawn otherwise.
    for (index, class) in classes.iter().enumerate() {
        for number in 0..class.entrants {
            let name = format!("{}-new-{}", class.name, number + 1);
            let key = name_hash(&name);
            let own_price =
                class.power_price_median.get() * libm::exp(class.power_price_log_sd * prices.standard_normal(key, 0));
            let region = population.region(&class.region);
            let site = DrawnSite::empty(&population, terms, key, (region, index), own_price);
            append(&mut population, &Firm { name, class: index, sites: vec![site] }, scale, world);
            finance(&mut population, class, world);
        }
    }
    finish(population, world)
}

/// Power of machines with a share to spare, mW.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "milliwatts of a site are known to 53 bits"
)]
fn with_spare(used_mw: u64, share: f64) -> u64 {
    used_mw.saturating_add((used_mw as f64 * share) as u64)
}

/// The models of a fleet.
fn models(fleet: &[FleetParams]) -> Vec<Model> {
    let model = |part: &FleetParams| Model {
        name: part.name.clone(),
        efficiency: part.machine.efficiency,
        unit: part.machine.hashrate,
        eco: part.eco,
    };
    fleet.iter().map(model).collect()
}

fn listed(rows: &[MinerRow], world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    let mut population = Population { models: binned_models(), listed: true, ..Population::default() };
    for region in &world.terms.power.regions {
        population.region(&region.name);
    }
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
        // Rows at one price in one region are one site.
        let class = classes[rows[0].class.as_str()];
        let mut sites: Vec<DrawnSite> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let region = population.region(row.region.as_deref().unwrap_or_default());
            let own_price = row.power_price.get();
            // The address of the lot is FIRM/NUMBER; of the site, the firm's name, or its first lot's.
            let mut site = DrawnSite::empty(&population, &world.terms, name_hash(name), (region, class), own_price);
            let terms = world.terms.under(site.contract);
            let rigs = listed_rigs(name, number, row, site.power_price, &terms);
            let part = Part { hashrate: row.hashrate.th(), rigs };
            let same = |site: &&mut DrawnSite| site.region == region && site.own_price.to_bits() == own_price.to_bits();
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
        append(&mut population, &firm, 1.0, world);
        let firms = &mut population.firms;
        let last = firms.name.len() - 1;
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

/// Of miners given one by one each has machines of its own; they are told apart, and traded, by bin of efficiency.
fn binned_models() -> Vec<Model> {
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

/// A row's machines: one unit, with the row's margins on cost.
fn listed_rigs(firm: &str, number: usize, row: &MinerRow, power_price: PowerPrice, terms: &Terms<'_>) -> Rigs {
    Rigs {
        key: name_hash(&format!("{firm}/{number}")),
        model: u16::from(efficiency_bin(row.efficiency.get())),
        unit: row.hashrate,
        efficiency: row.efficiency,
        rule: Rule::Option,
        switching_cost: 0.0,
        base: terms.margin_mode(row.efficiency, power_price, row.shutdown_margin, row.restart_margin),
        boost: None,
        fixed: terms.take_or_pay(row.efficiency, power_price),
    }
}

fn thresholds_error(firm: &str, reason: String) -> PopulationError {
    PopulationError::Thresholds { firm: firm.to_owned(), reason }
}

/// Pareto sizes that sum to the class's share; what a capped firm cannot hold goes to the others in proportion.
fn firm_sizes(class: &ClassParams, world: &Circumstances<'_>) -> Vec<f64> {
    let mut rng = stream(world.terms.seed, world.terms.replica, Purpose::FirmSize, name_hash(&class.name));
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

/// Where each firm's site is: the firms of a class in order of size, each drawn by its name among the regions in proportion to the
/// room left there, so that regions have the shares of hashrate that are asked for as nearly as firms come.
fn firm_regions<'a>(firms: &[(Firm, f64)], classes: &'a [ClassParams], terms: &Terms<'_>) -> Vec<&'a str> {
    let draws = Draw::new(terms.seed, terms.replica, Purpose::Region);
    let mut regions: Vec<&str> = firms.iter().map(|(firm, _)| classes[firm.class].region.as_str()).collect();
    for (index, class) in classes.iter().enumerate().filter(|(_, class)| !class.regions.is_empty()) {
        let mut order: Vec<usize> = (0..firms.len()).filter(|&firm| firms[firm].0.class == index).collect();
        order.sort_by(|&a, &b| firms[b].1.total_cmp(&firms[a].1).then(a.cmp(&b)));
        let rest = 1.0 - class.regions.iter().map(|(_, share)| share).sum::<f64>();
        let named = class.regions.iter().map(|(name, share)| (name.as_str(), share * class.share));
        let mut room: Vec<(&str, f64)> = named.chain([(class.region.as_str(), rest * class.share)]).collect();
        for firm in order {
            let free: f64 = room.iter().map(|(_, left)| left.max(0.0)).sum();
            let mut point = draws.uniform(name_hash(&firms[firm].0.name), 0) * free;
            let found = room.iter().position(|(_, left)| {
                point -= left.max(0.0);
                *left > 0.0 && point <= 0.0
            });
            let place = found.unwrap_or(room.len() - 1);
            regions[firm] = room[place].0;
            room[place].1 -= firms[firm].1;
        }
    }
    regions
}

/// Share of hours in which a lot as it is drawn runs at a site that answers to a market.
#[expect(clippy::cast_precision_loss, reason = "a lot's MH/s and mW are known to 53 bits")]
fn uptime(market: &Market, lot: &Lot, hashprice: Hashprice) -> f64 {
    let kwh_per_ph_day = 24e3 * lot.power_mw as f64 / lot.hash_mh as f64;
    market.response(hashprice.get(), lot.lambda, kwh_per_ph_day).uptime
}

/// Hashrate by firm and model, row by row: gamma weights around the fleet's shares, scaled in turn until
/// rows sum to the firms' sizes and columns to the fleet's shares (iterative proportional fitting).
fn fleet_mix(firms: &[(Firm, f64)], fleet: &[FleetParams], shape: f64, world: &Circumstances<'_>) -> Vec<f64> {
    let models = fleet.len();
    let mut mix = Vec::with_capacity(firms.len() * models);
    for (firm, size) in firms {
        let mut rng = stream(world.terms.seed, world.terms.replica, Purpose::FleetMix, name_hash(&firm.name));
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
        // A model of which there is none yet stays so.
        let factor = |model: &FleetParams, total: f64| if total > 0.0 { model.share / total } else { 0.0 };
        let factors: Vec<f64> = fleet.iter().zip(totals).map(|(model, total)| factor(model, total)).collect();
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

/// The lots of machines whose shares are multiplied by `scale` TH/s: one, or eco mode and boost; none if there is no machine.
fn lots_of(part: &Part, scale: f64, terms: &Terms<'_>) -> impl Iterator<Item = Lot> + use<> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; the scenario layer bounds hashrate"
    )]
    let units = (part.hashrate * scale / part.rigs.unit.th()).round().max(0.0) as u32;
    let lots = (units > 0).then(|| terms.lots(&part.rigs, units));
    lots.into_iter().flat_map(|(base, boost)| [Some(base), boost]).flatten()
}

/// Appends a firm, its sites and its lots to the columns; its money is added by the caller.
fn append(population: &mut Population, firm: &Firm, scale: f64, world: &Circumstances<'_>) {
    let index = population.firms.len();
    population.firms.name.push(firm.name.clone());
    population.firms.class.push(u32::try_from(firm.class).expect("classes are few"));
    population.firms.first_site.push(NONE);
    population.firms.region.push(firm.sites.first().map_or(0, |site| site.region));
    let (mut installed, mut fixed, mut running_cost) = (0u64, 0i64, 0i64);
    let (mut efficiency, mut price) = (0.0, 0.0);
    for drawn in &firm.sites {
        let site = population.push_site(index, drawn.region, drawn.power_price.get(), drawn.key);
        population.sites.own_price[site] = drawn.own_price;
        population.sites.contract[site] = Some(drawn.contract);
        for part in &drawn.parts {
            let before = installed;
            for lot in lots_of(part, scale, &world.terms) {
                let row = population.push_lot(site, &lot);
                if let Some(market) = &drawn.market {
                    population.lots.set_uptime(row, uptime(market, &lot, world.hashprice));
                }
                // Too much is refused when all are there.
                installed = installed.saturating_add(lot.hash_mh);
                fixed = fixed.saturating_add(lot.fixed_nusd);
                running_cost = running_cost.saturating_add(nano_usd(lot.lambda * ph(lot.hash_mh)));
                population.sites.used_mw[site] = population.sites.used_mw[site].saturating_add(lot.power_mw);
            }
            let added = ph(installed - before);
            efficiency += part.rigs.efficiency.get() * added;
            price += drawn.power_price.get() * added;
        }
        population.sites.capacity_mw[site] = population.sites.used_mw[site];
    }
    let firms = &mut population.firms;
    firms.installed_mh.push(installed);
    firms.fixed_nusd.push(fixed);
    firms.full_cost_nusd.push(fixed.saturating_add(running_cost));
    let total = ph(installed);
    firms.efficiency.push(if installed == 0 { 0.0 } else { efficiency / total });
    firms.power_price.push(if installed == 0 { 0.0 } else { price / total });
}

/// Money of the firm appended last, from its class.
fn finance(population: &mut Population, class: &ClassParams, world: &Circumstances<'_>) {
    let last = population.firms.len() - 1;
    let lots = &population.lots;
    let running: f64 = population
        .lots_of_firm(last)
        .filter(|&lot| world.hashprice.get() >= lots.low[lot])
        .map(|lot| ph(lots.hash_mh[lot]))
        .sum();
    let firms = &mut population.firms;
    let installed = ph(firms.installed_mh[last]);
    #[expect(clippy::cast_precision_loss, reason = "a firm's costs are below 2^53 nano-dollars times 1000")]
    let month = firms.full_cost_nusd[last] as f64 / 1e9 * DAYS_PER_MONTH;
    firms.weight.push(class.weight);
    firms.cash.push(class.cash_months * month);
    firms.coins.push(Sats::from_btc(class.treasury_days * running * world.sats_per_ph_day / 1e8).get());
    firms.debt.push(class.debt_usd_per_th * installed * 1e3);
    firms.treasury.push(class.treasury);
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
    population.fronts = Fronts::new(lots);
    Ok(population)
}
