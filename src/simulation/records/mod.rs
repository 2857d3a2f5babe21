//! Records of a history: events, rows, metrics. Recording does not change the history.

pub mod classes;
pub mod concentration;
pub mod measure;
pub mod metrics;
pub mod owners;
mod runway;
mod supply;
mod survival;
mod waiting;

use self::measure::{Measure, NextEpoch, Rates};
use super::{
    Simulation,
    record::{
        DayRecord, EpochRecord, EventRecord, FleetRecord, LadderRecord, LedgerRecord, Observer, RegionRecord, RigRecord,
    },
};
use crate::{
    chain::{ChainEvent, Mined},
    mechanism::other_use::Conversion,
    simulation::records::{concentration::Concentration, survival::Survival, waiting::Waiting},
    units::{Column, Days, Hashprice, Hashrate, Power, RegionId, Sats, Seconds, Usd, UsdPerBtc},
    world::{
        EventKind, World,
        ladder::{Ladder, restartable},
        population::{BIN_COUNT, EFFICIENCY_BINS},
    },
};

/// Records of a history in progress, and the sums from which they follow. None of them changes the history.
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) measure: Measure,
    pub(super) opening: Opening,
    pub(super) survival: Survival,
    pub(super) waiting: Waiting,
    /// Retargets and difficulty before the last step.
    pub(super) epoch_before: (u64, f64),
    pub(super) expected_blocks: f64,
    pub(super) found_blocks: f64,
    /// Coins issued before the start, satoshi.
    pub(super) issued_before: Sats,
    /// Fees collected since the start, satoshi.
    pub(super) fees: Sats,
    /// Machines that had been delivered, removed and ordered at the end of the last day.
    counts: Counts,
    /// Buffer to sort idle lots in.
    idle: Vec<(u64, u64)>,
    /// Buffer for the chain's events of a step.
    pub(super) chain_events: Vec<ChainEvent>,
}

/// The market and the network at the start.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Spot hashprice.
    pub hashprice: Hashprice,
    /// Revenue of a PH/s per day, satoshi.
    pub sats_per_ph_day: f64,
    /// Coins issued before the start.
    pub issued: Sats,
    pub(super) running_mh: u64,
    pub(super) installed_mh: u64,
    pub(super) power_mw: u64,
    pub(super) running_by_region: Column<RegionId, (u64, u64)>,
    pub(super) difficulty: f64,
    pub(super) concentration: Concentration,
}

/// Machines delivered, removed and ordered so far.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    delivered: Hashrate,
    scrapped: Hashrate,
    failed: Hashrate,
    ordered: Hashrate,
}

impl Counts {
    fn of(simulation: &Simulation<'_>) -> Self {
        let inventory = &simulation.world.inventory;
        Self {
            delivered: inventory.delivered,
            scrapped: inventory.scrapped,
            failed: inventory.failed,
            ordered: simulation.growth.ordered(),
        }
    }

    /// Differences from this count to a later one.
    fn until(&self, later: &Self) -> Self {
        Self {
            delivered: later.delivered - self.delivered,
            scrapped: later.scrapped - self.scrapped,
            failed: later.failed - self.failed,
            ordered: later.ordered - self.ordered,
        }
    }
}

impl Records {
    /// The records at the start.
    pub(super) fn new(world: &World<'_>, opening: Opening) -> Self {
        let chain = &world.chain;
        Self {
            measure: Measure::new(chain.epochs().first(chain.height()), chain.epoch_start().get(), chain.difficulty()),
            opening,
            survival: Survival::new(&world.population),
            waiting: Waiting::new(&world.population),
            epoch_before: (0, chain.difficulty()),
            expected_blocks: 0.0,
            found_blocks: 0.0,
            issued_before: chain.issued(),
            fees: Sats::ZERO,
            counts: Counts::default(),
            idle: Vec::new(),
            chain_events: Vec::new(),
        }
    }
}

/// Passes on the events since the last call.
fn emit(world: &mut World<'_>, observer: &mut impl Observer) {
    let firms = &world.population.firms;
    for event in world.events.drain(..) {
        observer.on_event(&EventRecord {
            time: event.time,
            kind: event.kind.name(),
            firm: event.firm.map_or("", |firm| &firms.name[firm]),
            hashrate: event.hashrate,
            amount_usd: event.usd.get(),
            amount_btc: event.coins.btc(),
        });
    }
}

/// Passes on the movements of coins and dollars at the followed firm since the last call.
fn followed(world: &mut World<'_>, observer: &mut impl Observer) {
    let time = world.now();
    let Some((_, entries)) = &mut world.ledger.followed else { return };
    for entry in entries.drain(..) {
        #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
        let [amount_sat, coins_sat, pledged_sat] =
            [entry.sats, entry.coins, entry.pledged].map(|sats| sats.get() as f64);
        observer.on_ledger(&LedgerRecord {
            time,
            cause: entry.cause,
            amount_usd: entry.usd.get(),
            amount_sat,
            cash_usd: entry.cash.get(),
            coins_sat,
            pledged_sat,
            charged_share: entry.charged_share,
            debt: Usd::new(entry.debt.usd()),
            row: 0,
        });
    }
}

/// Stores the values that the invariants compare with after the step.
pub(super) fn before_step(simulation: &mut Simulation<'_>) {
    let chain = &simulation.world.chain;
    simulation.records.epoch_before = (retargets(&simulation.world), chain.difficulty());
}

/// Retargets since genesis.
pub(super) fn retargets(world: &World<'_>) -> u64 {
    world.chain.epochs().closed(world.chain.height())
}

/// Time has passed since `from` (s), in which blocks were mined. Returns hashprice at the end.
pub(super) fn passed(
    simulation: &mut Simulation<'_>,
    from: f64,
    mined: &Mined,
    (price, hashprice): (UsdPerBtc, Hashprice),
    events: &[ChainEvent],
    observer: &mut impl Observer,
) -> Hashprice {
    let (world, records) = (&simulation.world, &mut simulation.records);
    let passed = Days::from(Seconds::new(world.clock.now - from));
    records.fees += mined.fees;
    records.found_blocks += mined.blocks;
    records.expected_blocks += mined.expected_blocks;
    records.measure.day_blocks += mined.blocks;
    // The month in which the step begins decides, so that a step over the end of a month belongs to the month that ends.
    let began = world.scenario.run.start.after(Seconds::new(from));
    let emission = |region| world.scenario.power.emission(region, began);
    records.measure.pass_regions(world.clock.now - from, &world.fleet.running_by_region, emission);
    records.waiting.pass(hashprice, passed);
    records.measure.underwater_loss_usd += world.fleet.underwater_loss_usd_per_day() * passed.get();
    let mut rates = Rates {
        hashrate: world.running().eh(),
        power: Power::from_mw(world.fleet.power_mw).gw(),
        price: price.get(),
        hashprice: hashprice.get(),
    };
    let mut mark = from;
    for event in events {
        chain_event(simulation, event, &mut mark, &mut rates, observer);
    }
    simulation.records.measure.pass(simulation.world.clock.now - mark, &rates);
    Hashprice::new(rates.hashprice)
}

/// Records the end of the history: its last epoch, firms, regions and metrics.
pub(super) fn end(simulation: &mut Simulation<'_>, observer: &mut impl Observer) {
    emit(&mut simulation.world, observer);
    followed(&mut simulation.world, observer);
    // An epoch that begins with the last second of the run has nothing to record.
    let now = simulation.world.clock.now;
    if now - simulation.records.measure.epoch_start >= 1.0 {
        epoch(simulation, now, None, observer);
    }
    for firm in simulation.world.population.firms.ids() {
        owners::firm(simulation, firm, observer);
    }
    regions(simulation, observer);
    observer.on_metrics(&metrics::metrics(simulation));
}

/// Power that has been converted to another use, MW.
fn converted_mw(simulation: &Simulation<'_>) -> f64 {
    simulation.other_use.as_ref().map_or(0.0, Conversion::converted)
}

/// Splits the step's sums where the chain changes difficulty or reward, and records that event.
fn chain_event(
    simulation: &mut Simulation<'_>,
    event: &ChainEvent,
    mark: &mut f64,
    rates: &mut Rates,
    observer: &mut impl Observer,
) {
    let (ChainEvent::EpochStart { time, .. } | ChainEvent::Retarget { time, .. } | ChainEvent::Halving { time, .. }) =
        *event;
    simulation.records.measure.pass(time.get() - *mark, rates);
    *mark = time.get();
    match *event {
        ChainEvent::Retarget { difficulty_before, difficulty_after, .. } => {
            rates.hashprice *= difficulty_before / difficulty_after;
            simulation.world.emit_at(time, EventKind::Retarget);
        }
        ChainEvent::Halving { subsidy_after, .. } => {
            let fees = simulation.world.chain.fees().btc();
            rates.hashprice *= (subsidy_after.btc() + fees) / (2.0 * subsidy_after.btc() + fees);
            simulation.world.emit_at(time, EventKind::Halving);
        }
        ChainEvent::EpochStart { height, time, difficulty, work_before } => {
            if !observer.wants_records() {
                return;
            }
            emit(&mut simulation.world, observer);
            epoch(simulation, time.get(), Some(NextEpoch { height, difficulty, work_before }), observer);
        }
    }
}

/// Records the initial states of the network.
pub(super) fn start(simulation: &Simulation<'_>, observer: &mut impl Observer) {
    if observer.wants_states() {
        fleet_by_efficiency(simulation, None, 0.0, observer);
        owners::survival(simulation, None, 0.0, observer);
    }
}

fn epoch(simulation: &mut Simulation<'_>, now: f64, next: Option<NextEpoch>, observer: &mut impl Observer) {
    let mut record =
        simulation.records.measure.close_epoch(now, next, simulation.world.ledger.sold, simulation.world.ledger.issued);
    record.defaults = simulation.world.distress.tally.defaults - simulation.records.measure.epoch_defaults;
    simulation.records.measure.epoch_defaults = simulation.world.distress.tally.defaults;
    record.active_share = ratio(simulation.world.fleet.running_mh, simulation.world.fleet.installed_mh);
    // Without tables of states only the shortest median is needed: sorting is skipped if it cannot be shorter.
    if observer.wants_states() {
        [record.runway_p10_days, record.runway_p50_days, record.runway_p90_days] = classes::runway(simulation, now);
        simulation.records.measure.see_runway(record.runway_p50_days);
    } else if classes::runway_may_be_shortest(simulation, now) {
        let median = classes::runway(simulation, now)[1];
        simulation.records.measure.see_runway(median);
    }
    let running = simulation.world.running();
    let restartable = restartable(&simulation.world.population, &simulation.world.fleet);
    record.idle_overhang = (running > Hashrate::ZERO).then(|| restartable.eh() / running.eh());
    simulation.records.measure.highest_overhang =
        simulation.records.measure.highest_overhang.into_iter().chain(record.idle_overhang).reduce(f64::max);
    if !observer.wants_states() {
        observer.on_epoch(&record);
        return;
    }
    let Concentration { hhi, gini, nakamoto, top1, top5, top10 } = owners::concentration(&simulation.world);
    record = EpochRecord { hhi, gini, nakamoto, top1_share: top1, top5_share: top5, top10_share: top10, ..record };
    observer.on_epoch(&record);
    fleet_by_efficiency(simulation, Some(record.epoch), now, observer);
    let Ladder { restartable, rungs } =
        Ladder::of(&simulation.world.population, &simulation.world.fleet, &mut simulation.records.idle);
    let [p10, p20, p30, p40, p50, p60, p70, p80, p90] = rungs;
    let price = simulation.world.quote();
    let hashprice = Hashprice::earned(simulation.world.chain.difficulty(), simulation.world.chain.reward(), price);
    observer.on_ladder(&LadderRecord {
        epoch: record.epoch,
        time: Seconds::new(now),
        price_usd: price.get(),
        hashprice_usd_per_ph_day: hashprice.get(),
        restartable,
        restart_10pct: p10,
        restart_20pct: p20,
        restart_30pct: p30,
        restart_40pct: p40,
        restart_50pct: p50,
        restart_60pct: p60,
        restart_70pct: p70,
        restart_80pct: p80,
        restart_90pct: p90,
    });
    owners::survival(simulation, Some(record.epoch), now, observer);
    classes::by_class(simulation, record.epoch, now, observer);
}

/// Running and idle hashrate by efficiency.
fn fleet_by_efficiency(simulation: &Simulation<'_>, epoch: Option<u64>, now: f64, observer: &mut impl Observer) {
    for bin in 0..BIN_COUNT {
        let (running, installed) =
            (simulation.world.fleet.running_by_bin[bin], simulation.world.fleet.installed_by_bin[bin]);
        if installed == 0 {
            continue;
        }
        observer.on_fleet(&FleetRecord {
            epoch,
            time: Seconds::new(now),
            from_j_per_th: EFFICIENCY_BINS[bin],
            to_j_per_th: Some(EFFICIENCY_BINS[bin + 1]).filter(|edge| edge.is_finite()),
            running: Hashrate::from_mh(running),
            idle: Hashrate::from_mh(installed - running),
        });
    }
    supply::by_break_even(simulation, epoch, now, observer);
}

/// Records prices of machines.
pub(super) fn machines(world: &World<'_>, observer: &mut impl Observer) {
    let Some(resale) = &world.resale else { return };
    for (market, model) in resale.models.iter().zip(&world.population.models) {
        observer.on_rigs(&RigRecord {
            time: world.now(),
            model: &model.name,
            efficiency_j_per_th: model.efficiency.get(),
            price_usd_per_th: market.price_usd_per_th,
            value_usd_per_th: market.value_usd_per_th,
            traded: Hashrate::from_mh(model.unit.mh() * market.traded),
            listed: Hashrate::from_mh(model.unit.mh() * market.whereabouts.listed),
        });
    }
}

pub(super) fn day(simulation: &mut Simulation<'_>, price: UsdPerBtc, observer: &mut impl Observer) {
    if !observer.wants_records() {
        simulation.world.events.clear();
        return;
    }
    emit(&mut simulation.world, observer);
    followed(&mut simulation.world, observer);
    let today = simulation.records.counts.until(&Counts::of(simulation));
    let (ledger, fleet) = (&simulation.world.ledger, &simulation.world.fleet);
    let flow = ledger.sold.since(simulation.records.measure.day_sold);
    let hashprice =
        Hashprice::earned(simulation.world.chain.difficulty(), simulation.world.chain.reward(), price).get();
    let efficiency = machine_efficiency(simulation, fleet.power_mw, fleet.running_mh);
    let energy_twh = simulation.records.measure.energy_twh();
    let co2_mt = co2_mt(simulation, energy_twh);
    let day_energy_twh = energy_twh - simulation.records.measure.day_energy_twh;
    let days = simulation.world.clock.days;
    let paired = simulation.sales.paired(days);
    let before = simulation.sales.paired(days - 1).unwrap_or_default();
    let mut record = DayRecord {
        time: Seconds::new(simulation.world.clock.now),
        delivered_eh_per_s: today.delivered.eh(),
        on_order_eh_per_s: simulation.growth.on_order().eh(),
        ordered_eh_per_s: today.ordered.eh(),
        scrapped_eh_per_s: today.scrapped.eh(),
        failed_eh_per_s: today.failed.eh(),
        broken_eh_per_s: simulation.world.inventory.broken.eh(),
        converted_mw: converted_mw(simulation),
        efficiency_j_per_th: efficiency,
        revenue_usd_per_kwh: efficiency.map(|e| hashprice / (24.0 * e)),
        price_usd: price.get(),
        base_price_usd: price.get() / simulation.world.impact_factor,
        price_impact: libm::expm1(simulation.world.impact.log_price()),
        paired_price_usd: paired.map(|day| day.price_usd),
        paired_sold: paired.map(|day| day.sold - before.sold),
        idle_hashrate_eh_per_s: Hashrate::from_mh(fleet.installed_mh - fleet.running_mh).eh(),
        difficulty: simulation.world.chain.difficulty(),
        hashprice_usd_per_ph_day: hashprice,
        co2_kt: 1000.0 * (co2_mt - simulation.records.measure.day_co2_mt),
        co2_kg_per_kwh: (day_energy_twh > 0.0)
            .then(|| (co2_mt - simulation.records.measure.day_co2_mt) / day_energy_twh),
        underwater_share: ratio(fleet.underwater_mh, fleet.running_mh),
        issued: ledger.issued - simulation.records.measure.day_issued,
        sold_voluntary: flow.voluntary,
        sold_forced: flow.forced,
        sold_liquidation: flow.liquidation,
        cash: Usd::new(ledger.cash_held()),
        debt: Usd::new(ledger.total_debt.usd()),
        coins_held: Sats::new(ledger.coins_held()),
        coins_pledged: Sats::new(ledger.total_pledged),
        lender_loss: simulation.world.distress.lost - simulation.records.measure.day_lost,
        firms_in_arrears: ledger.in_arrears,
        ..DayRecord::default()
    };
    simulation.records.measure.day_co2_mt = co2_mt;
    simulation.records.measure.day_energy_twh = energy_twh;
    simulation.records.measure.day_lost = simulation.world.distress.lost;
    simulation.records.measure.close_day(&mut record, ledger.sold, ledger.issued, simulation.records.expected_blocks);
    simulation.records.counts = Counts::of(simulation);
    observer.on_day(&record);
}

/// Energy per hash at the machine, of running hashrate that draws `power_mw` at the meter, J/TH; `None` if nothing runs.
pub(super) fn machine_efficiency(simulation: &Simulation<'_>, power_mw: u64, running_mh: u64) -> Option<f64> {
    let at_meter = Power::from_mw(power_mw).w() / Hashrate::from_mh(running_mh).th();
    (running_mh > 0).then(|| at_meter / simulation.world.scenario.power.pue)
}

/// CO2 of the run's energy, Mt: kg/kWh is Mt/TWh, by region and month where they differ.
pub(super) fn co2_mt(simulation: &Simulation<'_>, energy_twh: f64) -> f64 {
    let power = &simulation.world.scenario.power;
    if power.has_one_emission() {
        return energy_twh * power.emission_kg_per_kwh;
    }
    let regions = simulation.world.population.regions.ids();
    regions.map(|region| simulation.records.measure.region_co2_mt(region)).sum()
}

/// Records energy, CO2 and hashrate by region.
fn regions(simulation: &Simulation<'_>, observer: &mut impl Observer) {
    let hash = |running: &Column<RegionId, (u64, u64)>, region: RegionId| {
        Hashrate::from_mh(running.get(region).map_or(0, |load| load.0))
    };
    for (region, name) in simulation.world.population.regions.entries() {
        let energy_twh = simulation.records.measure.region_energy_twh(region);
        observer.on_region(&RegionRecord {
            region: name,
            energy_twh,
            co2_mt: simulation.records.measure.region_co2_mt(region),
            start: hash(&simulation.records.opening.running_by_region, region),
            end: hash(&simulation.world.fleet.running_by_region, region),
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
