//! Draws a population: firms from their classes, machines from the fleet, power prices by site.

mod listed;
mod shares;

use crate::{
    power::{Contract, Market, Spot},
    random::{Draw, Purpose, name_hash},
    units::{
        ClassId, Column, DailyEnergy, Efficiency, FirmId, Hashprice, Hashrate, Id, LotId, MONTH_DAYS, ModelId, Power,
        PowerPrice, RegionId, Sats, Seconds, SiteId, whole::nearest,
    },
    world::{
        ClassParams, FleetParams, PopulationParams,
        front::Fronts,
        lots::{Lot, nano_usd, ph},
        population::Population,
        site::Model,
        terms::{Rigs, Terms},
    },
};
use std::sync::atomic::{AtomicBool, Ordering};

use listed::listed;
use shares::{firm_regions, firm_sizes, fleet_mix, regions_by_size};

/// Sums of hashrate, power and fixed costs are 64-bit integers, and must stay well below their limit.
const MOST_COUNTED: f64 = 4e18;

/// Further inputs of the draw.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Terms of operation of lots.
    pub terms: Terms<'a>,
    /// Hashprice at the start.
    pub hashprice: Hashprice,
    /// Daily revenue of a PH/s at the start, satoshi.
    pub sats_per_ph_day: f64,
    /// Coins issued up to the start.
    pub issued: Sats,
    /// Days between settlements.
    pub settlement_days: f64,
    /// Raised when the populations are no longer wanted: there may be millions.
    pub stop: &'a AtomicBool,
}

impl Circumstances<'_> {
    fn unless_stopped(&self) -> Result<(), PopulationError> {
        if self.stop.load(Ordering::Relaxed) { Err(PopulationError::Interrupted) } else { Ok(()) }
    }
}

/// Why a population could not be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PopulationError {
    /// No lot would run.
    #[error(
        "at the starting hashprice of {hashprice:.2} USD/PH/day no lot runs, so the hashrate at the start cannot be reached; give a higher price, cheaper power or better machines"
    )]
    NobodyRuns {
        /// Hashprice at the start, USD/PH/day.
        hashprice: f64,
    },
    /// A sum exceeds the range of integers.
    #[error(
        "the miners' {what} would come to {sum:.1e}, more than can be counted; lower hashrate, power prices, other costs or J/TH"
    )]
    TooLarge {
        /// The sum, with its unit.
        what: &'static str,
        /// Its value.
        sum: f64,
    },
    /// Firms hold more coins than exist.
    #[error(
        "the miners would hold {held_btc:.0} BTC, more than the {issued_btc:.0} issued up to the start; lower treasury_days or coins_btc, or check difficulty against hashrate"
    )]
    MoreCoinsThanThereAre {
        /// Coins held, and owed by the pool.
        held_btc: f64,
        /// Coins issued.
        issued_btc: f64,
    },
    /// The option rule's exact thresholds were not found.
    #[error("thresholds of {firm}: {reason}")]
    Thresholds {
        /// The firm.
        firm: String,
        /// The solver's message.
        reason: String,
    },
    /// The draw was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// Machines of one model at one site, before their number is known.
struct Part {
    /// Share of the network's hashrate as drawn, or TH/s.
    hashrate: f64,
    rigs: Rigs,
}

struct Firm {
    name: String,
    class: ClassId,
    sites: Vec<DrawnSite>,
}

struct DrawnSite {
    key: u64,
    region: RegionId,
    contract: Contract,
    /// The site's own price, before any change.
    own_price: PowerPrice,
    power_price: PowerPrice,
    /// The spot market to which it responds, if it does.
    market: Option<Market>,
    parts: Vec<Part>,
}

impl DrawnSite {
    /// A site of a class in a region, without machines yet: its contract determines the price of power, and whether it responds.
    fn empty(
        population: &Population,
        terms: &Terms<'_>,
        key: u64,
        (region, class): (RegionId, ClassId),
        own_price: PowerPrice,
    ) -> Self {
        let terms = terms.under(terms.contract_of(region, class));
        let moves = terms.moves(population, region, class, Seconds::ZERO);
        let power_price = terms.price(region, own_price, &moves);
        let market = terms.market(region, &moves);
        let parts = Vec::with_capacity(population.models.len());
        Self { key, region, contract: terms.contract, own_price, power_price, market, parts }
    }
}

impl Firm {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.sites.iter().flat_map(|site| &site.parts)
    }
}

/// Draws the miners of one replica.
///
/// # Errors
/// When nothing would run at the start, or a threshold cannot be found.
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
        world.unless_stopped()?;
        let sizes = firm_sizes(class, world);
        for (number, size) in sizes.into_iter().enumerate() {
            let name = format!("{}-{}", class.name, number + 1);
            firms.push((Firm { name, class: ClassId::of(index), sites: Vec::new() }, size));
        }
    }
    let prices = Draw::new(terms.seed, terms.replica, Purpose::PowerPrice);
    let level = terms.price_level();
    let own_price = |class: &ClassParams, key: u64| {
        let factor = libm::exp(class.power_price_log_sd * prices.standard_normal(key, 0));
        PowerPrice::new(level * class.power_price_median.get() * factor)
    };
    world.unless_stopped()?;
    let regions = firm_regions(&firms, classes, terms);
    world.unless_stopped()?;
    let mix = fleet_mix(&firms, fleet, mix_shape, world);
    for (((firm, _), shares), region) in firms.iter_mut().zip(mix.chunks_exact(fleet.len())).zip(regions) {
        world.unless_stopped()?;
        let class = &classes[firm.class.row()];
        let key = name_hash(&firm.name);
        let own_price = own_price(class, key);
        let region = population.region(region);
        let mut site = DrawnSite::empty(&population, terms, key, (region, firm.class), own_price);
        let terms = terms.under(site.contract);
        for (model, &hashrate) in population.models.entries().zip(shares) {
            let rigs = terms.rigs(key, firm.class, model, site.power_price);
            let rigs = rigs.map_err(|reason| thresholds_error(&firm.name, reason.to_string()))?;
            site.parts.push(Part { hashrate, rigs });
        }
        firm.sites.push(site);
    }

    // The start rule depends on thresholds alone, so one pass gives the share of installed hashrate that would run. It uses the size of the network,
    // so that few machines are lost to rounding.
    let trial = active.th().max(1e9);
    let mut running = 0.0;
    let mut installed = 0.0;
    for site in firms.iter().flat_map(|(firm, _)| &firm.sites) {
        world.unless_stopped()?;
        for part in &site.parts {
            let units = units_of(part, trial);
            if units == 0 {
                continue;
            }
            let (base, added) = terms.hashrates(&part.rigs, units);
            for (hashrate, mode) in [Some((base, part.rigs.base)), added.zip(part.rigs.boost)].into_iter().flatten() {
                let uptime = site.market.map_or(1.0, |market| {
                    let power = Power::drawn(hashrate, mode.efficiency, terms.power.pue);
                    uptime(&market, terms.spot(site.region), (hashrate.mh(), power.mw()), mode.lambda, world.hashprice)
                });
                installed += ph(hashrate.mh());
                running += if world.hashprice >= mode.low { ph(hashrate.mh()) * uptime } else { 0.0 };
            }
        }
    }
    if running <= 0.0 {
        return Err(PopulationError::NobodyRuns { hashprice: world.hashprice.get() });
    }
    let scale = active.th() * installed
        / running
        / firms.iter().flat_map(|(firm, _)| firm.parts()).map(|part| part.hashrate).sum::<f64>();

    for (firm, _) in firms {
        world.unless_stopped()?;
        let class = &classes[firm.class.row()];
        append(&mut population, firm, scale, world);
        let site = SiteId::of(population.sites.len() - 1);
        population.sites.capacity_mw[site] = with_spare(population.sites.used_mw[site], class.spare_capacity_share);
        finance(&mut population, class, world);
    }
    // Possible entrants have a power price and a site without machines or capacity; they come last, so that the draws of other firms do not depend on
    // them.
    for (index, class) in classes.iter().enumerate() {
        let names: Vec<String> = (1..=class.entrants).map(|number| format!("{}-new-{number}", class.name)).collect();
        let alike: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1.0)).collect();
        for (name, region) in names.iter().zip(regions_by_size(&alike, class, terms)) {
            let (name, key) = (name.clone(), name_hash(name));
            let own_price = own_price(class, key);
            let region = population.region(region);
            let site = DrawnSite::empty(&population, terms, key, (region, ClassId::of(index)), own_price);
            append(&mut population, Firm { name, class: ClassId::of(index), sites: vec![site] }, scale, world);
            finance(&mut population, class, world);
        }
    }
    finish(population, world)
}

/// Power of machines with a spare share, mW.
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
fn models(fleet: &[FleetParams]) -> Column<ModelId, Model> {
    let model = |part: &FleetParams| Model {
        name: part.name.clone(),
        efficiency: part.machine.efficiency,
        unit: part.machine.hashrate,
        eco: part.eco,
    };
    fleet.iter().map(model).collect()
}

fn thresholds_error(firm: &str, reason: String) -> PopulationError {
    PopulationError::Thresholds { firm: firm.to_owned(), reason }
}

/// Share of all hours in which a newly drawn lot runs at a site that responds to a market.
#[expect(clippy::cast_precision_loss, reason = "a lot's MH/s and mW are known to 53 bits")]
fn uptime(
    market: &Market,
    spot: Option<&Spot>,
    (hash_mh, power_mw): (u64, u64),
    lambda: Hashprice,
    hashprice: Hashprice,
) -> f64 {
    let energy = DailyEnergy::new(24e3 * power_mw as f64 / hash_mh as f64);
    spot.map_or(1.0, |spot| market.response(spot.all(), hashprice, lambda, energy).uptime)
}

/// Number of machines of a part if its share is multiplied by `scale` TH/s.
fn units_of(part: &Part, scale: f64) -> u32 {
    u32::try_from(nearest(part.hashrate * scale / part.rigs.unit.th()).max(0)).unwrap_or(u32::MAX)
}

/// The lots of machines whose shares are multiplied by `scale` TH/s: one, or eco mode and boost; none if there is no machine.
fn lots_of(part: &Part, scale: f64, terms: &Terms<'_>) -> impl Iterator<Item = Lot> + use<> {
    let units = units_of(part, scale);
    let lots = (units > 0).then(|| terms.lots(&part.rigs, units));
    lots.into_iter().flat_map(|(base, boost)| [Some(base), boost]).flatten()
}

/// Appends a firm, its sites and its lots to the columns; the caller adds its money.
fn append(population: &mut Population, firm: Firm, scale: f64, world: &Circumstances<'_>) {
    let id = population.firms.name.push(firm.name);
    population.firms.class.push(firm.class);
    population.firms.first_site.push(None);
    population.firms.region.push(firm.sites.first().map_or(RegionId::of(0), |site| site.region));
    let (mut installed, mut fixed, mut running_cost) = (0u64, 0i64, 0i64);
    let (mut efficiency, mut price) = (0.0, 0.0);
    for drawn in &firm.sites {
        let site = population.push_site(id, drawn.region, drawn.power_price, drawn.key);
        population.sites.own_price[site] = drawn.own_price;
        population.sites.contract[site] = Some(drawn.contract);
        for part in &drawn.parts {
            let before = installed;
            for lot in lots_of(part, scale, &world.terms) {
                let row = population.push_lot(site, &lot);
                if let Some(market) = &drawn.market {
                    let spot = world.terms.spot(drawn.region);
                    let load = (lot.hash_mh, lot.power_mw);
                    population.lots.set_uptime(row, uptime(market, spot, load, lot.lambda, world.hashprice));
                }
                // A sum that is too large is rejected at the end.
                installed = installed.saturating_add(lot.hash_mh);
                fixed = fixed.saturating_add(lot.fixed_nusd);
                running_cost = running_cost.saturating_add(nano_usd(lot.lambda.get() * ph(lot.hash_mh)));
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
    firms.efficiency.push(Efficiency::new(if installed == 0 { 0.0 } else { efficiency / total }));
    firms.power_price.push(PowerPrice::new(if installed == 0 { 0.0 } else { price / total }));
}

/// Cash, coins and debt of the last appended firm, from its class.
fn finance(population: &mut Population, class: &ClassParams, world: &Circumstances<'_>) {
    let last = FirmId::of(population.firms.len() - 1);
    let lots = &population.lots;
    let running: f64 = population
        .lots_of_firm(last)
        .filter(|&lot| world.hashprice >= lots.low[lot])
        .map(|lot| ph(lots.hash_mh[lot]))
        .sum();
    let firms = &mut population.firms;
    let installed = ph(firms.installed_mh[last]);
    #[expect(clippy::cast_precision_loss, reason = "a firm's costs are below 2^53 nano-dollars times 1000")]
    let month = firms.full_cost_nusd[last] as f64 / 1e9 * MONTH_DAYS;
    firms.weight.push(class.weight);
    // Lognormal with mean 1, so that the class has its stated means.
    let draws = Draw::new(world.terms.seed, world.terms.replica, Purpose::Finance);
    let (key, usual) = (name_hash(&firms.name[last]), class.finance_log_sd);
    let own = |index, sd: Option<f64>| {
        let sd = sd.unwrap_or(usual);
        libm::exp(sd * draws.standard_normal(key, index) - sd * sd / 2.0)
    };
    firms.cash.push(class.cash_months * month * own(0, class.cash_log_sd));
    firms.coins.push(Sats::from_btc(class.treasury_days * running * world.sats_per_ph_day / 1e8 * own(1, None)).get());
    firms.debt.push(class.debt_usd_per_th * installed * 1e3 * own(2, class.debt_log_sd));
    firms.treasury.push(class.treasury);
    firms.buffer_months.push(class.cash_buffer_months);
}

/// Completes the columns, and rejects an invalid population: sums beyond the range of integers, more coins than exist, or no lot that would run.
#[expect(clippy::cast_precision_loss, reason = "bounds far from the limits of counting")]
fn finish(mut population: Population, world: &Circumstances<'_>) -> Result<Population, PopulationError> {
    let (lots, firms) = (&population.lots, &population.firms);
    let sum = |column: &[u64]| column.iter().map(|&value| value as f64).sum::<f64>();
    let fixed = firms.fixed_nusd.iter().copied().max().unwrap_or(0);
    // The cost of running machines is at most about their revenue; only fixed costs can exceed the range.
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
    let running = |lot: &LotId| population.starts_running(*lot, world.hashprice);
    let running_ph: f64 = lots.ids().filter(running).map(|lot| ph(lots.hash_mh[lot])).sum();
    if running_ph <= 0.0 {
        return Err(PopulationError::NobodyRuns { hashprice: world.hashprice.get() });
    }
    // Coins that firms hold, and those that the pool may owe them since their last settlement.
    let held = firms.coins.iter().map(|&sats| sats as f64).sum::<f64>()
        + running_ph * world.sats_per_ph_day * world.settlement_days;
    if held > world.issued.get() as f64 {
        return Err(PopulationError::MoreCoinsThanThereAre { held_btc: held / 1e8, issued_btc: world.issued.btc() });
    }
    world.unless_stopped()?;
    population.fronts = Fronts::new(lots);
    world.unless_stopped()?;
    Ok(population)
}
