//! A network small enough to work out by hand: a base scenario that each test changes in one place, and the records of a run.

use shakeout::{
    chain::{Arrivals, ChainParams, CompactTarget, Fees, Retarget},
    hardware::Machine,
    market::{PriceParams, PriceProcess, PriceShock},
    mechanism::{
        operate::{
            params::{OperationParams, Thresholds},
            rule::{Rule, RuleMix},
        },
        treasury::params::{SettlementParams, TreasuryPolicy},
    },
    power::PowerParams,
    random::{Draw, Purpose},
    scenario::{RunParams, Scenario, Step},
    simulation::{
        Engine, SimulationError,
        metrics::Metrics,
        record::{
            ClassRecord, DayRecord, EpochRecord, EventRecord, FirmRecord, FleetRecord, LadderRecord, LedgerRecord,
            Observer, RegionRecord, RigRecord, SurvivalRecord,
        },
    },
    units::{Days, Efficiency, Hashrate, PowerPrice, Sats, Seconds, UnixTime, Usd, UsdPerBtc},
    world::{ClassParams, FleetParams, MinerRow, PopulationParams},
};
use std::{fmt::Write as _, sync::atomic::AtomicBool};

pub const DAY: f64 = 86_400.0;

/// The tip at the start closes an epoch: the next block opens one, at a subsidy of 3.125 BTC.
pub const HEIGHT: u64 = 2016 * 440 - 1;

/// BTC a day at one block per 600 s.
pub const BTC_PER_DAY: f64 = 144.0 * 3.125;

/// J/TH of every listed machine: the cost is set by the price of power.
const EFFICIENCY: f64 = 20.0;

/// One lot: `eh` EH/s that cost `cost` USD/PH/day, with plenty of cash, no debt, no band.
pub fn row(firm: &str, eh: f64, cost: f64) -> MinerRow {
    MinerRow {
        firm: firm.to_owned(),
        class: "miners".to_owned(),
        hashrate: Hashrate::from_eh(eh),
        efficiency: Efficiency::new(EFFICIENCY),
        power_price: PowerPrice::new(cost / (24.0 * EFFICIENCY)),
        cash: Usd::new(1e15),
        coins: Sats::ZERO,
        debt: Usd::ZERO,
        region: None,
        weight: 1.0,
        shutdown_margin: 0.0,
        restart_margin: 0.0,
        fixed_cost_usd_per_day: 0.0,
        treasury: TreasuryPolicy::Hold,
    }
}

/// One lot with thresholds `cost e^-h` and `cost e^h`.
pub fn banded(firm: &str, eh: f64, cost: f64, h: f64) -> MinerRow {
    MinerRow { shutdown_margin: libm::exp(-h) - 1.0, restart_margin: libm::exp(h) - 1.0, ..row(firm, eh, cost) }
}

/// The base: these rows, at the difficulty at which `eh` EH/s find a block per 600 s, at a flat price at which the network
/// then earns `hashprice` USD/PH/day; fluid blocks, a step of a day, no frictions, daily settlement.
pub fn network(rows: Vec<MinerRow>, eh: f64, hashprice: f64) -> Scenario {
    let start = UnixTime::parse("2025-03-01").expect("a date");
    Scenario {
        title: "Example".to_owned(),
        question: "What follows?".to_owned(),
        answers: Vec::new(),
        run: RunParams { start, days: Days::new(30.0), step: Step::Every(Seconds::new(DAY)), replicas: 1, seed: 7 },
        chain: ChainParams {
            start,
            height: HEIGHT,
            nbits: nbits(eh),
            history: vec![],
            arrivals: Arrivals::Fluid,
            retarget: Retarget::Bitcoin,
            fees: Fees { knots: vec![], elasticity: 0.0, spikes: vec![] },
            pow_limit: 0x1d00_ffff,
        },
        price: flat(price_for(hashprice, eh)),
        population: PopulationParams::Listed(rows),
        operation: OperationParams {
            foresees_halvings: true,
            response: Seconds::ZERO,
            restart_response: None,
            restart_margin: 0.0,
            adaptive_half_life: Seconds::new(3.0 * DAY),
            hashprice_volatility_per_sqrt_day: 0.035,
            switching_cost_median_usd_per_ph: 150.0,
            switching_cost_log_sd: 0.8,
            thresholds: Thresholds::Formula,
            discount_per_year: 0.2,
            drift_per_year: 0.0,
            eco_efficiency_factor: 0.861,
            eco_hashrate_factor: 0.776,
            restart_delays: vec![],
        },
        power: PowerParams {
            pue: 1.0,
            running_cost: PowerPrice::ZERO,
            take_or_pay: 0.0,
            emission_kg_per_kwh: 0.288,
            ..PowerParams::default()
        },
        settlement: SettlementParams {
            every_days: 1,
            grace_days: 30.0,
            debt_rate_per_year: 0.11,
            debt_default_margin_per_year: 0.02,
            debt_term_months: 24.0,
            late_rate_per_year: 0.0,
            participation_cap: 0.1,
        },
        impact: shakeout::market::ImpactParams::NONE,
        distress: None,
        freezes: vec![],
        curtailments: vec![],
        growth: shakeout::mechanism::growth::params::GrowthParams::default(),
        ageing: None,
        other_uses: Vec::new(),
        bans: vec![],
        rigs: None,
        consolidation: None,
    }
}

/// One class with one firm of 100 EH/s: machines of 20 J/TH at 5 c/kWh, so 24 USD/PH/day; no sales by policy, ample cash.
pub fn one_class() -> ClassParams {
    ClassParams {
        name: "solo".to_owned(),
        share: 1.0,
        firms: 1,
        weight: 1.0,
        size_tail_index: 1.2,
        largest_share: 1.0,
        region: "world".to_owned(),
        regions: vec![],
        contract: shakeout::power::Contract::default(),
        power_price_median: PowerPrice::new(0.05),
        power_price_log_sd: 0.0,
        cash_months: 1000.0,
        treasury_days: 0.0,
        debt_usd_per_th: 0.0,
        finance_log_sd: 0.0,
        cash_log_sd: None,
        debt_log_sd: None,
        fixed_cost_usd_per_ph_day: 0.0,
        rules: RuleMix::from_iter([(Rule::Naive, 1.0)]),
        treasury: TreasuryPolicy::Hold,
        loans: vec![],
        cash_buffer_months: 0.0,
        equity: None,
        spare_capacity_share: 0.0,
        entrants: 0,
        entrant_mw: 20.0,
    }
}

/// A machine of 200 TH/s.
pub fn machine(name: &str, j_per_th: f64, share: f64, eco: bool) -> FleetParams {
    FleetParams {
        name: name.to_owned(),
        machine: Machine {
            model: name.to_owned(),
            manufacturer: String::new(),
            hashrate: Hashrate::from_th(200.0),
            efficiency: Efficiency::new(j_per_th),
            release: (2024, 1),
            cooling: shakeout::hardware::Cooling::Air,
        },
        share,
        eco,
    }
}

/// A network of `eh` EH/s drawn from classes, at `hashprice`.
pub fn drawn(classes: Vec<ClassParams>, fleet: Vec<FleetParams>, eh: f64, hashprice: f64) -> Scenario {
    let mut scenario = network(vec![], eh, hashprice);
    scenario.population = PopulationParams::Drawn { classes, fleet, mix_shape: 2.0, active: Hashrate::from_eh(eh) };
    scenario
}

/// A varied network of 60 firms and three models, with every friction on.
pub fn varied() -> Scenario {
    let class = |name: &str, share, firms, price, sd, cash_months| ClassParams {
        name: name.to_owned(),
        share,
        firms,
        largest_share: 0.1,
        power_price_median: PowerPrice::new(price),
        power_price_log_sd: sd,
        cash_months,
        treasury_days: 20.0,
        debt_usd_per_th: 5.0,
        fixed_cost_usd_per_ph_day: 1.0,
        rules: RuleMix::usual(),
        treasury: TreasuryPolicy::Share { share: 0.7, excess_per_day: 0.02 },
        cash_buffer_months: 0.5,
        ..one_class()
    };
    let mut scenario = drawn(
        vec![
            class("home", 0.2, 25, 0.07, 0.4, 1.0),
            class("hosted", 0.3, 20, 0.06, 0.2, 2.0),
            class("public", 0.5, 15, 0.045, 0.2, 5.0),
        ],
        vec![machine("old", 30.0, 0.3, true), machine("mid", 22.0, 0.4, true), machine("new", 16.0, 0.3, false)],
        1000.0,
        48.0,
    );
    scenario.run.days = Days::new(365.0);
    scenario.chain.arrivals = Arrivals::Poisson;
    scenario.chain.fees = Fees { knots: vec![(Seconds::ZERO, 0.03)], elasticity: 1.5, spikes: vec![] };
    scenario.operation.response = Seconds::new(3.0 * DAY);
    scenario.operation.restart_delays = restart_delays();
    scenario.power = PowerParams {
        pue: 1.06,
        running_cost: PowerPrice::new(0.005),
        take_or_pay: 0.15,
        emission_kg_per_kwh: 0.288,
        ..PowerParams::default()
    };
    scenario.settlement.every_days = 30;
    scenario.price.process = PriceProcess::Gbm {
        start: UsdPerBtc::new(price_for(48.0, 1000.0)),
        drift_per_year: 0.0,
        volatility_per_year: 0.7,
    };
    scenario
}

/// Restart delays: six hours after less than a week, two days after less than sixty, otherwise a fortnight.
pub fn restart_delays() -> Vec<(Seconds, Seconds)> {
    [(7.0, 0.25), (60.0, 2.0), (f64::INFINITY, 14.0)]
        .map(|(idle, delay)| (Seconds::new(idle * DAY), Seconds::new(delay * DAY)))
        .to_vec()
}

/// The compact target at which `eh` EH/s find a block per 600 s.
pub fn nbits(eh: f64) -> u32 {
    CompactTarget::nearest(eh * 1e18 * 600.0 / 4_294_967_296.0).expect("a difficulty in range").get()
}

/// The price at which `eh` EH/s with a block per 600 s earn `hashprice` USD/PH/day.
pub fn price_for(hashprice: f64, eh: f64) -> f64 {
    hashprice * eh * 1e3 / BTC_PER_DAY
}

/// A constant price.
pub fn flat(price: f64) -> PriceParams {
    PriceParams {
        process: PriceProcess::Path { points: vec![(Seconds::ZERO, UsdPerBtc::new(price))] },
        grid: Seconds::new(DAY),
        shocks: vec![],
    }
}

/// From `day` on the price is `factor` times higher.
pub fn shock(scenario: &mut Scenario, day: f64, factor: f64) {
    scenario.price.shocks.push(PriceShock {
        name: format!("at {day}"),
        at: Seconds::new(day * DAY),
        factor,
        half_life: None,
    });
}

/// Log-linear through (day, hashprice the network would have at `eh` EH/s and a block per 600 s), on a grid of ten minutes.
pub fn along(scenario: &mut Scenario, eh: f64, knots: &[(f64, f64)]) {
    let points = knots.iter().map(|&(day, x)| (Seconds::new(day * DAY), UsdPerBtc::new(price_for(x, eh)))).collect();
    scenario.price = PriceParams { process: PriceProcess::Path { points }, grid: Seconds::new(600.0), shocks: vec![] };
}

/// A recorded event.
#[derive(Clone, Debug)]
pub struct Event {
    pub day: f64,
    pub kind: &'static str,
    pub firm: String,
    pub eh: f64,
    pub usd: f64,
}

/// A recorded row of a firm.
#[derive(Clone, Debug)]
pub struct Firm {
    pub name: String,
    pub state: String,
    pub exit_day: Option<f64>,
    pub running_eh: f64,
    pub cash: f64,
    pub coins: i64,
    pub debt: f64,
    pub weight: f64,
    pub installed_eh: f64,
    pub acquired_by: String,
}

/// A recorded price of a model at a clearing.
#[derive(Clone, Debug)]
pub struct Rig {
    pub price: f64,
    pub value: f64,
    pub traded_th: f64,
    pub listed_th: f64,
}

/// All records of a run.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub days: Vec<DayRecord>,
    pub epochs: Vec<EpochRecord>,
    pub events: Vec<Event>,
    pub firms: Vec<Firm>,
    pub ladders: Vec<LadderRecord>,
    pub rigs: Vec<Rig>,
    /// (day, by, group, share).
    pub survival: Vec<(f64, String, String, f64)>,
    pub metrics: Metrics,
    /// By region: name, TWh, Mt, EH/s at the start and at the end.
    pub regions: Vec<(String, f64, f64, f64, f64)>,
    /// Records of the followed firm.
    pub entries: Vec<LedgerRecord<'static>>,
    /// Every record as text, floats to the last bit, in order.
    pub transcript: String,
}

impl Records {
    fn write(&mut self, record: &impl std::fmt::Debug) {
        writeln!(self.transcript, "{record:?}").expect("a string takes it");
    }

    /// A metric.
    pub fn metric(&self, name: &str) -> f64 {
        self.metrics.get(name).expect("a value")
    }

    /// Days of events of a kind, for a firm (or the chain: "").
    pub fn when(&self, kind: &str, firm: &str) -> Vec<f64> {
        self.events.iter().filter(|event| event.kind == kind && event.firm == firm).map(|event| event.day).collect()
    }

    /// Days from one difficulty adjustment to the next, the first from the start of the run.
    pub fn epoch_days(&self) -> Vec<f64> {
        let mut last = 0.0;
        self.when("retarget", "").into_iter().map(|day| day - std::mem::replace(&mut last, day)).collect()
    }

    /// A firm's last row.
    pub fn firm(&self, name: &str) -> &Firm {
        self.firms.iter().find(|firm| firm.name == name).expect("a firm of that name")
    }

    /// Running hashrate of each day.
    pub fn hashrates(&self) -> Vec<f64> {
        self.days.iter().map(|day| day.hashrate_eh_per_s).collect()
    }
}

impl Observer for Records {
    fn on_day(&mut self, day: &DayRecord) {
        self.write(day);
        self.days.push(*day);
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.write(epoch);
        self.epochs.push(*epoch);
    }

    fn wants_states(&self) -> bool {
        true
    }

    fn on_fleet(&mut self, bin: &FleetRecord) {
        self.write(bin);
    }

    fn on_survival(&mut self, group: &SurvivalRecord<'_>) {
        self.write(group);
        let day = group.time.get() / DAY;
        self.survival.push((day, group.by.to_owned(), group.group.to_owned(), group.surviving_share));
    }

    fn on_rigs(&mut self, model: &RigRecord<'_>) {
        self.write(model);
        self.rigs.push(Rig {
            price: model.price_usd_per_th,
            value: model.value_usd_per_th,
            traded_th: model.traded.th(),
            listed_th: model.listed.th(),
        });
    }

    fn on_ladder(&mut self, ladder: &LadderRecord) {
        self.write(ladder);
        self.ladders.push(*ladder);
    }

    fn on_event(&mut self, event: &EventRecord<'_>) {
        self.write(event);
        self.events.push(Event {
            day: event.time.get() / DAY,
            kind: event.kind,
            firm: event.firm.to_owned(),
            eh: event.hashrate.eh(),
            usd: event.amount_usd,
        });
    }

    fn on_ledger(&mut self, entry: &LedgerRecord<'static>) {
        self.write(entry);
        self.entries.push(*entry);
    }

    fn on_class(&mut self, class: &ClassRecord<'_>) {
        self.write(class);
    }

    fn on_firm(&mut self, firm: &FirmRecord<'_>) {
        self.write(firm);
        self.firms.push(Firm {
            name: firm.firm.to_owned(),
            state: firm.state.to_owned(),
            exit_day: firm.exit.map(|exit| exit.get() / DAY),
            running_eh: firm.running.eh(),
            cash: firm.cash.get(),
            coins: firm.coins.get(),
            debt: firm.debt.get(),
            weight: firm.weight,
            installed_eh: firm.installed.eh(),
            acquired_by: firm.acquired_by.to_owned(),
        });
    }

    fn on_region(&mut self, region: &RegionRecord<'_>) {
        self.write(region);
        self.regions.push((
            region.region.to_owned(),
            region.energy_twh,
            region.co2_mt,
            region.start.eh(),
            region.end.eh(),
        ));
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        self.write(&metrics);
        self.metrics = metrics.clone();
    }
}

/// Runs replica 0 with every invariant checked at every step.
pub fn run(scenario: &Scenario) -> Records {
    run_replica(scenario, 0).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a replica with every invariant checked at every step.
pub fn run_replica(scenario: &Scenario, replica: u64) -> Result<Records, SimulationError> {
    let mut records = Records::default();
    Engine::new(scenario, true)?.run(replica, &mut records, &AtomicBool::new(false))?;
    Ok(records)
}

/// Runs replica 0 without the audit, for networks of thousands of lots, whose audit takes longer than the run.
pub fn run_unaudited(scenario: &Scenario) -> Records {
    let mut records = Records::default();
    let engine = Engine::new(scenario, false).unwrap_or_else(|error| panic!("{error}"));
    engine.run(0, &mut records, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
    records
}

/// Fails unless `found` is within a relative `tolerance` of `expected`.
#[track_caller]
pub fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(off <= tolerance, "{what}: {found}, expected {expected}; off by {off:.2e}, allowed {tolerance:.0e}");
}

/// A hundred firms with widely differing costs, bands, cash, coins and debt, in a network of 1000 EH/s: about a third cannot
/// survive a price of one half.
pub fn motley() -> Scenario {
    let draw = Draw::new(42, 0, Purpose::Rule);
    let rows = (0..100u32).map(|i| {
        let at = |index| draw.uniform(u64::from(i), index);
        // Whole GH/s, so that halves are whole too.
        let eh = (20.0 * at(0) * 1e9).round() / 1e9;
        MinerRow {
            cash: Usd::new(eh * 1e6 * at(1)),
            coins: Sats::new(if at(2) < 0.5 { 0 } else { 2 * i64::from(i) * 1_000_000_000 }),
            debt: Usd::new(if at(3) < 0.5 { 0.0 } else { eh * 1e7 }),
            fixed_cost_usd_per_day: eh * 1e3,
            ..banded(&format!("firm {i}"), eh, 15.0 + 40.0 * at(4), 0.2 * at(5))
        }
    });
    let mut scenario = network(rows.collect(), 1000.0, 48.0);
    scenario.run.days = Days::new(200.0);
    scenario.price.process = PriceProcess::Gbm {
        start: UsdPerBtc::new(price_for(48.0, 1000.0)),
        drift_per_year: -0.5,
        volatility_per_year: 0.8,
    };
    scenario
}

/// The rows of a listed population.
pub fn rows(scenario: &mut Scenario) -> &mut Vec<MinerRow> {
    let PopulationParams::Listed(rows) = &mut scenario.population else { panic!("a drawn population") };
    rows
}
