use super::*;
use crate::{
    mechanism::operate::rule::{Rule, View, formula_thresholds, smoothed},
    power::{Contract, PowerParams},
    random::Purpose,
    units::{ClassId, DAY_S, Days, Efficiency, Hashrate, Id, ModelId, PowerPrice, Sats, Seconds, SiteId},
    world::{
        front::Fronts,
        lots::{Lot, nano_usd, ph},
        population::efficiency_bin,
        site::Model,
        terms::Terms,
    },
};
use proptest::prelude::*;

impl Fleet {
    /// Marks a running lot as gone, which no code may do.
    pub(crate) fn corrupt(&mut self, lot: LotId) {
        self.state[lot] |= GONE;
    }

    /// The same decision by evaluating every lot: slower, and identical to the bit. It is the reference for [`Fleet::decide`].
    pub(crate) fn decide_by_scan(&mut self, population: &Population, ledger: &mut Ledger, decision: &Decision<'_>) {
        self.switches.clear();
        let view = decision.view;
        let hashprice = std::mem::replace(&mut self.hashprice, view.x);
        population.fronts.water.cross(hashprice, view.x, |lot| self.cross_water(population, lot));
        self.smooth = view.x_smooth;
        self.best = view.x.max(view.x_next);
        self.changed.clear();
        for lot in population.lots.ids() {
            self.ask(population, ledger, lot, decision);
        }
        self.act(population, ledger, decision);
    }
}

/// One site as drawn by proptest: rule, cost (in halves, so that hashprice often equals it exactly), half-band, boost of eco mode.
#[derive(Clone, Debug)]
struct Site {
    rule: Rule,
    cost: u32,
    switching_cost: f64,
    boost: Option<u32>,
    hash: u32,
}

fn site() -> impl Strategy<Value = Site> {
    let rule = proptest::sample::select(&Rule::ALL[..]);
    let switching_cost = prop_oneof![Just(0.0), 1.0..2000.0];
    (rule, 20u32..120, switching_cost, proptest::option::of(1u32..80), 1u32..1000)
        .prop_map(|(rule, cost, switching_cost, boost, hash)| Site { rule, cost, switching_cost, boost, hash })
}

/// Every site of the tests has its own lot, or pair of lots.
fn population(sites: &[Site], sites_per_firm: usize) -> Population {
    let mut population = Population::default();
    let region = population.region("");
    let model = |eco| Model {
        name: format!("new, eco {eco}"),
        efficiency: Efficiency::new(30.0),
        unit: Hashrate::from_th(90.0),
        eco,
    };
    population.models = vec![model(false), model(true)].into();
    for (firm, sites) in sites.chunks(sites_per_firm).enumerate() {
        let first = population.lots.len();
        let id = population.firms.name.push(format!("firm {firm}"));
        population.firms.class.push(ClassId::of(0));
        population.firms.first_site.push(None);
        for (number, site) in sites.iter().enumerate() {
            let lot = |lambda: f64, switching_cost: f64, kind| {
                let cost = Hashprice::new(lambda);
                let band = || Ok::<_, ()>(formula_thresholds(cost, switching_cost, 0.035));
                let (low, high) = site.rule.thresholds(cost, band).expect("the formula always finds a band");
                Lot {
                    model: ModelId::of(7),
                    efficiency: Efficiency::new(f64::from(site.cost)),
                    unit: Hashrate::from_mh(u64::from(site.hash) * 1_000_000),
                    fixed_nusd: 0,
                    units: u32::from(kind != LotKind::Boost),
                    hash_mh: u64::from(site.hash) * 1_000_000,
                    power_mw: u64::from(site.hash) * u64::from(site.cost),
                    lambda: Hashprice::new(lambda),
                    low,
                    high,
                    switching_cost,
                    rule: site.rule,
                    kind,
                    bin: efficiency_bin(f64::from(site.cost)),
                    key: (firm * 100 + 2 * number) as u64 + u64::from(kind == LotKind::Boost),
                }
            };
            let cost = f64::from(site.cost) / 2.0;
            let place = population.push_site(id, region, PowerPrice::new(0.04), number as u64);
            match site.boost {
                None => _ = population.push_lot(place, &lot(cost, site.switching_cost, LotKind::Plain)),
                Some(more) => {
                    population.push_lot(place, &lot(cost, site.switching_cost, LotKind::Eco));
                    population.push_lot(place, &lot(cost + f64::from(more) / 2.0, 0.0, LotKind::Boost));
                }
            }
        }
        let firms = &mut population.firms;
        firms.installed_mh.push(population.lots.hash_mh.iter().skip(first).sum());
        firms.fixed_nusd.push(nano_usd(7.0));
        firms.full_cost_nusd.push(nano_usd(7.0) + population.lots.cost_nusd.iter().skip(first).sum::<i64>());
        firms.cash.push(1e6);
        firms.coins.push(0);
        firms.debt.push(0.0);
    }
    for site in population.sites.ids() {
        population.sites.used_mw[site] = population.lots_of_site(site).map(|lot| population.lots.power_mw[lot]).sum();
    }
    population.fronts = Fronts::new(&population.lots);
    population
}

/// A change of the installed machines; rows are taken modulo their number.
#[derive(Clone, Debug)]
enum Change {
    Units(usize, u32),
    Install(usize, usize, u32),
    Price(usize, f64),
    Owner(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0usize..99, 0u32..9).prop_map(|(lot, units)| Change::Units(lot, units)),
        (0usize..99, 0usize..2, 0u32..9).prop_map(|(site, model, units)| Change::Install(site, model, units)),
        (0usize..99, 0.0..0.1f64).prop_map(|(site, price)| Change::Price(site, price)),
        (0usize..99, 0usize..99).prop_map(|(site, firm)| Change::Owner(site, firm)),
    ]
}

impl Change {
    fn make(&self, fleet: &mut Fleet, population: &mut Population, ledger: &mut Ledger, terms: &Terms<'_>, now: f64) {
        let (lots, sites, firms) = (population.lots.len(), population.sites.len(), population.firms.len());
        let place = |site: usize| SiteId::of(site % sites);
        match *self {
            Self::Units(lot, units) => {
                let lot = LotId::of(lot % lots);
                let lot = if population.lots.kind[lot] == LotKind::Boost { lot.eco() } else { lot };
                fleet.set_units(population, ledger, terms, lot, units, now);
            }
            Self::Install(site, model, units) => {
                fleet.install(population, ledger, terms, place(site), ModelId::of(model), units, now);
            }
            Self::Price(site, price) => {
                fleet.reprice(population, ledger, terms, place(site), PowerPrice::new(price), now);
            }
            Self::Owner(site, firm) => {
                fleet.transfer_site(population, ledger, place(site), FirmId::of(firm % firms), now);
            }
        }
        fleet.refresh(population);
    }
}

/// One tick of a market: change of hashprice (in halves of a dollar), expected effect of the retarget, and duration.
#[derive(Clone, Debug)]
struct Tick {
    hashprice: u32,
    next: f64,
    days_to_retarget: f64,
    hours: u32,
    fails: Option<usize>,
    change: Option<Change>,
}

/// Steps of a dollar and less, jumps across all thresholds, and constant phases; now and then a firm fails.
fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let level = prop_oneof![3 => 30u32..90, 1 => 0u32..300, 1 => Just(60u32)];
    let hours = prop_oneof![Just(1u32), Just(6), Just(24), Just(24 * 20)];
    let fails = prop_oneof![20 => Just(None), 1 => (0usize..8).prop_map(Some)];
    let changes = prop_oneof![4 => Just(None), 1 => change().prop_map(Some)];
    let tick = (level, 0.6..2.0f64, prop_oneof![Just(0.0), 0.1..30.0f64], hours, fails, changes).prop_map(
        |(hashprice, next, days_to_retarget, hours, fails, change)| Tick {
            hashprice,
            next,
            days_to_retarget,
            hours,
            fails,
            change,
        },
    );
    proptest::collection::vec(tick, 1..120)
}

fn operation(response_days: f64, delays: bool) -> OperationParams {
    OperationParams {
        foresees_halvings: true,
        response: Seconds::new(response_days * DAY_S),
        restart_response: None,
        restart_margin: 0.0,
        adaptive_half_life: Seconds::new(3.0 * DAY_S),
        hashprice_volatility_per_sqrt_day: 0.035,
        switching_cost_median_usd_per_ph: 150.0,
        switching_cost_log_sd: 0.8,
        thresholds: crate::mechanism::operate::params::Thresholds::Formula,
        discount_per_year: 0.2,
        drift_per_year: 0.0,
        eco_efficiency_factor: 0.861,
        eco_hashrate_factor: 0.776,
        restart_delays: if delays {
            [(7.0, 0.25), (60.0, 2.0), (f64::INFINITY, 14.0)]
                .map(|(idle, delay)| (Seconds::new(idle * DAY_S), Seconds::new(delay * DAY_S)))
                .to_vec()
        } else {
            vec![]
        },
    }
}

/// Complete state of a fleet and its accounts, floats to the bit. The waiting list may contain lots that no longer wait, which is bookkeeping and not
/// compared.
fn picture(fleet: &Fleet, ledger: &Ledger) -> impl PartialEq + std::fmt::Debug {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    (
        fleet.state.iter().map(|state| state & !QUEUED).collect::<Vec<_>>(),
        fleet
            .state
            .iter()
            .zip(&fleet.due)
            .filter(|(state, _)| *state & PENDING != 0)
            .map(|(_, due)| due.to_bits())
            .collect::<Vec<_>>(),
        (bits(&fleet.off_since), fleet.crossings.clone()),
        (fleet.running_mh, fleet.installed_mh, fleet.underwater_mh, fleet.power_mw),
        (fleet.running_by_bin, fleet.installed_by_bin),
        ledger
            .accounts
            .iter()
            .map(|of| (of.running_mh, of.cost_nusd, of.accrued_sats.to_bits(), of.bill.to_bits()))
            .collect::<Vec<_>>(),
    )
}

/// Totals of the fleet, firms and sites equal the sums over their lots.
fn check_totals(fleet: &Fleet, population: &Population, ledger: &Ledger) -> Result<(), TestCaseError> {
    let (lots, firms, sites) = (&population.lots, &population.firms, &population.sites);
    let present = |lot: &LotId| !fleet.is_gone(*lot);
    let sum = |column: &Column<LotId, u64>, keep: &dyn Fn(LotId) -> bool| -> u64 {
        lots.ids().filter(present).filter(|&lot| keep(lot)).map(|lot| column[lot]).sum()
    };
    prop_assert_eq!(fleet.installed_mh, sum(&lots.hash_mh, &|_| true));
    prop_assert_eq!(fleet.running_mh, sum(&lots.hash_mh, &|lot| fleet.runs(lot)));
    prop_assert_eq!(fleet.power_mw, sum(&lots.power_mw, &|lot| fleet.runs(lot)));
    let under_water = |lot: LotId| fleet.runs(lot) && lots.lambda[lot] > fleet.hashprice();
    prop_assert_eq!(fleet.underwater_mh, sum(&lots.hash_mh, &under_water));
    for firm in firms.ids() {
        let own = |lot: LotId| lots.firm[lot] == firm;
        prop_assert_eq!(ledger[firm].running_mh, sum(&lots.hash_mh, &|lot| own(lot) && fleet.runs(lot)));
        let chained: Vec<LotId> = population.lots_of_firm(firm).collect();
        let mut owned: Vec<LotId> = lots.ids().filter(|&lot| own(lot)).collect();
        owned.sort_by_key(|lot| chained.iter().position(|other| other == lot));
        prop_assert_eq!(chained, owned, "the lots of {:?}", firm);
    }
    for site in sites.ids() {
        let there = |lot: LotId| lots.site[lot] == site;
        let gone = population.lots_of_site(site).any(|lot| fleet.is_gone(lot));
        prop_assert!(gone || sites.used_mw[site] == sum(&lots.power_mw, &there), "{:?}", site);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Evaluating the lots whose thresholds hashprice crosses gives the same result as evaluating every lot.
    #[test]
    fn fronts_decide_as_a_scan_does(
        sites in proptest::collection::vec(site(), 1..40),
        sites_per_firm in 1usize..6,
        path in ticks(),
        response in prop_oneof![Just(0.0), 0.2..6.0f64],
        delays in any::<bool>(),
        start in 0u32..150,
    ) {
        let mut population = population(&sites, sites_per_firm);
        let mut scanned = population.clone();
        let operation = operation(response, delays);
        let power = PowerParams { pue: 1.1, running_cost: PowerPrice::new(0.004), take_or_pay: 0.2, emission_kg_per_kwh: 0.3, ..PowerParams::default() };
        let terms = Terms { operation: &operation, power: &power, classes: &[], seed: 1, replica: 2, contract: Contract::default() };
        let mut by_front = Ledger::open(&population, 30.0);
        let mut by_scan = Ledger::open(&population, 30.0);
        let start = f64::from(start) / 2.0;
        let mut front = Fleet::start(&population, Hashprice::new(start), &mut by_front);
        let mut scan = Fleet::start(&population, Hashprice::new(start), &mut by_scan);
        let (mut now, mut smooth) = (0.0, Hashprice::new(start));
        for tick in &path {
            let x = Hashprice::new(f64::from(tick.hashprice) / 2.0);
            let view = View { x, x_smooth: smooth, x_next: x * tick.next, days_to_retarget: Days::new(tick.days_to_retarget) };
            let decision = Decision { view, now, operation: &operation, response: Draw::new(1, 2, Purpose::Response) };
            front.decide(&population, &mut by_front, &decision);
            scan.decide_by_scan(&scanned, &mut by_scan, &decision);
            prop_assert_eq!(picture(&front, &by_front), picture(&scan, &by_scan), "at {} d, {:?}", now / DAY_S, tick);
            let running: u64 = population.lots.ids().filter(|&lot| front.runs(lot)).map(|lot| population.lots.hash_mh[lot]).sum();
            prop_assert_eq!(front.running_mh, running);
            for (fleet, ledger) in [(&mut front, &mut by_front), (&mut scan, &mut by_scan)] {
                ledger.credit(Sats::new(1_000_000), fleet.running_mh);
            }
            now += f64::from(tick.hours) * 3600.0;
            smooth = smoothed(smooth, x, Days::new(f64::from(tick.hours) / 24.0), Days::new(3.0));
            let whole = |firm: &FirmId| population.lots_of_firm(*firm).next().is_some_and(|lot| !front.is_gone(lot));
            if let Some(firm) = tick.fails.filter(|&firm| firm < population.firms.len()).map(FirmId::of).filter(whole) {
                front.remove(&population, &mut by_front, firm, now);
                scan.remove(&scanned, &mut by_scan, firm, now);
            }
            if let Some(change) = &tick.change {
                change.make(&mut front, &mut population, &mut by_front, &terms, now);
                change.make(&mut scan, &mut scanned, &mut by_scan, &terms, now);
                check_totals(&front, &population, &by_front)?;
            }
        }
    }

    /// A boost never runs without its eco mode, and every running lot was started by its rule: no machine runs at a hashprice of zero.
    #[test]
    fn boosts_follow_their_eco_mode(
        sites in proptest::collection::vec(site(), 1..20),
        path in ticks(),
        response in prop_oneof![Just(0.0), 0.2..6.0f64],
    ) {
        let population = population(&sites, 2);
        let operation = operation(response, true);
        let mut ledger = Ledger::open(&population, 30.0);
        let mut fleet = Fleet::start(&population, Hashprice::new(50.0), &mut ledger);
        let mut now = 0.0;
        for tick in &path {
            let x = Hashprice::new(f64::from(tick.hashprice) / 2.0);
            let view = View { x, x_smooth: x, x_next: x * tick.next, days_to_retarget: Days::new(tick.days_to_retarget) };
            fleet.decide(&population, &mut ledger, &Decision { view, now, operation: &operation, response: Draw::new(1, 2, Purpose::Response) });
            for lot in population.lots.ids() {
                let boost = population.lots.kind[lot] == LotKind::Boost;
                prop_assert!(!boost || !fleet.runs(lot) || fleet.runs(lot.eco()), "{:?} at {} d", lot, now / DAY_S);
            }
            now += f64::from(tick.hours) * 3600.0;
        }
        // Then revenue is zero, for as long as the longest delay may last.
        let nothing = View { x: Hashprice::ZERO, x_smooth: Hashprice::ZERO, x_next: Hashprice::ZERO, days_to_retarget: Days::ZERO };
        for _ in 0..2 {
            fleet.decide(&population, &mut ledger, &Decision { view: nothing, now, operation: &operation, response: Draw::new(1, 2, Purpose::Response) });
            now += 1e9;
        }
        prop_assert_eq!((fleet.running_mh, fleet.power_mw, fleet.underwater_mh), (0, 0, 0));
        prop_assert_eq!(fleet.running_by_bin, [0; BIN_COUNT]);
        prop_assert!(fleet.waiting.is_empty());
        prop_assert!(ph(fleet.installed_mh) > 0.0);
    }
}
