//! Machines and firms change hands: sellers, buyers, prices, and that nothing is created from nothing.

use crate::network::{Records, close, drawn, machine, one_class, run, shock, varied};
use proptest::prelude::*;
use shakeout::{
    market::rigs::{AuctionParams, Generations, Pricing, ReducedParams, RigParams},
    mechanism::{consolidation::params::ConsolidationParams, other_use::params::OtherUse},
    scenario::Scenario,
    simulation::{Engine, Simulation},
    units::{Days, PowerPrice, Seconds},
    world::{ClassParams, PopulationParams},
};
use std::sync::Arc;

pub const AUCTION: Pricing = Pricing::Auction(AuctionParams { outside_share_per_week: 0.002, ask_fall_per_week: 0.1 });

/// Prices of machines that follow hashprice.
pub const REDUCED: Pricing = Pricing::Reduced(ReducedParams {
    elasticity: [1.36, 1.44, 1.22],
    reference_usd_per_th: [None; 3],
    half_life_days: 14.0,
});

/// A market of machines; those of 20 J/TH are its new generation.
pub fn rigs(pricing: Pricing) -> RigParams {
    RigParams {
        pricing,
        outside_power_price_usd_per_kwh: 0.025,
        scrap_usd_per_th: 0.5,
        broker_fee: 0.03,
        transport_days: 30.0,
        freight_usd_per_th: 1.0,
        cohort_exit_days: 120.0,
        generations: Generations { new_below_j_per_th: 38.0, old_from_j_per_th: 68.0 },
    }
}

const CONSOLIDATION: ConsolidationParams = ConsolidationParams {
    runway_months: 2.0,
    weak_sale_per_month: 0.01,
    buffer_months: 1.0,
    buffers_kept: 2.0,
    site_share_of_npv: 0.5,
    site_low_usd_per_mw: 150_000.0,
    site_high_usd_per_mw: 500_000.0,
    cost_convergence: 0.5,
};

/// A class of one firm with this power price, USD/kWh, and cash for this number of months.
fn single(name: &str, share: f64, power_price: f64, cash_months: f64) -> ClassParams {
    ClassParams {
        name: name.to_owned(),
        share,
        power_price_median: PowerPrice::new(power_price),
        cash_months,
        ..one_class()
    }
}

/// A firm that fails: no cash, and bills above its production.
fn doomed(name: &str, share: f64) -> ClassParams {
    ClassParams { fixed_cost_usd_per_ph_day: 100.0, ..single(name, share, 0.05, 0.0) }
}

/// 100 EH/s of machines of 20 J/TH, at a cost of 24 USD/PH/day at 5 c/kWh, and a hashprice of 48.
fn of_classes(classes: Vec<ClassParams>) -> Scenario {
    drawn(classes, vec![machine("m", 20.0, 1.0, false)], 100.0, 48.0)
}

/// A large firm that survives and a small one that fails.
fn failure() -> Scenario {
    let mut scenario = of_classes(vec![single("lives", 0.9, 0.05, 1000.0), doomed("fails", 0.1)]);
    scenario.run.days = Days::new(90.0);
    scenario
}

/// Simulates a replica whose sites have room for this percentage of their load, with every invariant checked at every step.
fn run_with_room(scenario: &Scenario, replica: u64, room_percent: u64) -> Result<Records, String> {
    let engine = Engine::new(scenario, true).map_err(|error| error.to_string())?;
    let mut population = engine.population(replica).map_err(|error| error.to_string())?.as_ref().clone();
    for capacity in &mut population.sites.capacity_mw {
        *capacity = *capacity / 100 * room_percent;
    }
    let mut simulation = Simulation::new(scenario, replica, Arc::new(population));
    let mut records = Records::default();
    while !simulation.is_over() {
        simulation.step(&mut records);
        simulation.check().map_err(|violation| violation.to_string())?;
    }
    simulation.close(&mut records);
    Ok(records)
}

/// A host's rate includes operation: at 50 c/kWh for operation a machine is worth nothing if the miner pays it, and something if the host does.
#[test]
fn machines_are_valued_under_the_contract_of_the_site() {
    let mut scenario = failure();
    scenario.rigs = Some(rigs(AUCTION));
    scenario.power.running_cost = PowerPrice::new(0.5);
    let PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("listed") };
    for class in classes {
        class.contract =
            shakeout::power::Contract::Hosting { take_or_pay: 0.0, deposit_days: 0.0, pass_through: false };
    }
    let records = run_with_room(&scenario, 0, 200).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(records.when("machines_bought", "lives-1").len(), 1);
}

/// With the market off, no machine is resold and no firm is bought, and nothing is recorded.
#[test]
fn without_a_market_machines_leave() {
    let records = run(&failure());
    assert!(records.firm("fails-1").exit_day.is_some());
    assert!(records.rigs.is_empty());
    assert!(records.events.iter().all(|event| !event.kind.starts_with("machines") && event.kind != "acquisition"));
    let last = records.days.last().expect("days");
    close("hashrate", last.hashrate_eh_per_s, 90.0, 1e-3);
}

/// With a market the machines are sold within a week of the liquidation, to outside buyers if no miner has room, at the price of that day.
#[test]
fn machines_of_a_failed_firm_are_sold() {
    for pricing in [AUCTION, REDUCED] {
        let mut scenario = failure();
        scenario.rigs = Some(rigs(pricing));
        let records = run(&scenario);
        let exit = records.firm("fails-1").exit_day.expect("it fails");
        let sold = records.when("machines_sold", "fails-1");
        assert!(sold.len() == 1 && sold[0] >= exit && sold[0] <= exit + 7.0, "{exit} {sold:?}");
        let trades: Vec<_> = records.rigs.iter().filter(|rig| rig.traded_th > 0.0).collect();
        assert_eq!(trades.len(), 1);
        close("all of it", trades[0].traded_th / 1e6, 10.0, 1e-3);
        assert_eq!(trades[0].listed_th, 0.0);
        assert!(records.metric("machines_left_share") > 0.09);
        // Machines of a tenth of the network push the price far below the outside value; the reduced form ignores the quantity.
        let share = trades[0].price / trades[0].value;
        assert_eq!(share < 0.5, pricing == AUCTION, "{share}");
    }
}

/// A miner with room and cash buys the machines that outside buyers do not: they return after 30 days of transport, at its site, and are paid for.
#[test]
fn a_miner_with_room_and_cash_buys() {
    let mut scenario = failure();
    scenario.rigs = Some(rigs(AUCTION));
    let records = run_with_room(&scenario, 0, 200).unwrap_or_else(|error| panic!("{error}"));
    let bought = records.when("machines_bought", "lives-1");
    let arrived = records.when("machines_arrive", "lives-1");
    assert_eq!((bought.len(), arrived.len()), (1, 1), "{bought:?} {arrived:?}");
    assert!((arrived[0] - bought[0] - 30.0).abs() <= 1.0);
    let lives = records.firm("lives-1");
    assert!((98.5..100.0).contains(&lives.installed_eh), "most of the other firm's machines: {}", lives.installed_eh);
    let last = records.days.last().expect("days");
    close("running again", last.hashrate_eh_per_s, lives.installed_eh, 1e-9);
    let trade = records.rigs.iter().find(|rig| rig.traded_th > 0.0).expect("a trade");
    let paid = (trade.price + 1.0) * (lives.installed_eh - 90.0) * 1e6;
    let without = run(&scenario).firm("lives-1").cash;
    // It mines more with them, at a lower hashprice, and pays for their power; the remaining difference is price and freight.
    assert!(lives.cash < without - 0.8 * paid, "{paid}: {} and {without}", lives.cash);
}

/// Half of the network, 1,000 MW with 50 EH/s of 20 J/TH, goes to tenants who pay far more than mining and want 6,000 MW a month: 197 MW on the
/// first day, and the rest when that is built, 20 days each. The machines are on offer from then on. The other firm, with equal room
/// and money, buys the machines that outside buyers do not, and runs them a month later; the seller receives the price less 3 %. Without a market the machines leave.
#[test]
fn machines_that_lose_their_place_are_resold() {
    let roomy = ClassParams { spare_capacity_share: 1.0, ..single("lives", 0.5, 0.05, 1000.0) };
    let mut scenario = of_classes(vec![roomy, single("gives", 0.5, 0.05, 1000.0)]);
    scenario.run.days = Days::new(100.0);
    scenario.other_uses = vec![OtherUse {
        name: "ai".to_owned(),
        at: Seconds::ZERO,
        mw_per_month: 6000.0,
        usd_per_mw_year: 10e6,
        least_mw: 100.0,
        hazard_per_year: 1e6,
        building: (Days::new(20.0), Days::new(20.0)),
        regions: vec![],
        classes: vec!["gives".to_owned()],
    }];
    let gone = run(&scenario);
    scenario.rigs = Some(rigs(AUCTION));
    let records = run(&scenario);
    let installed = |records: &Records| records.firm("lives-1").installed_eh + records.firm("gives-1").installed_eh;
    for history in [&gone, &records] {
        let released = history.metric("released_share") * 100.0;
        close("all lost their place", released, 50.0, 1e-4);
        close("power", history.metric("converted_mw"), 1000.0, 1e-4);
    }
    close("gone", installed(&gone), 100.0 - gone.metric("released_share") * 100.0, 1e-6);
    let sold: f64 = records.rigs.iter().map(|rig| rig.traded_th / 1e6).sum();
    close("all are sold", sold, records.metric("released_share") * 100.0, 1e-6);
    let outside = records.metric("machines_left_share") * 100.0;
    close("machines that no miner bought left the network", installed(&records), 100.0 - outside, 1e-6);
    assert!(!records.when("machines_arrive", "lives-1").is_empty() && outside < 0.5 * sold, "{outside} of {sold} left");
    let received: f64 = records.rigs.iter().map(|rig| rig.traded_th * rig.price * 0.97).sum();
    let more = records.firm("gives-1").cash - gone.firm("gives-1").cash;
    close("the seller has the price less the broker's fee", more, received, 1e-9);
}

/// A cohort whose machines have been off for 120 days sells them and leaves in proportion; a cohort whose machines are all off exits.
#[test]
fn idle_cohorts_leave() {
    let cohort = |name: &str, price| ClassParams { weight: 50.0, ..single(name, 0.1, price, 1000.0) };
    let classes = vec![single("lives", 0.8, 0.05, 1000.0), cohort("part", 0.05), cohort("all", 0.15)];
    // Costs of 24 and 60 USD/PH/day, of the last 72 and 180.
    let mut scenario =
        drawn(classes, vec![machine("new", 20.0, 0.9, false), machine("old", 50.0, 0.1, false)], 100.0, 96.0);
    if let PopulationParams::Drawn { mix_shape, .. } = &mut scenario.population {
        *mix_shape = 1e6;
    }
    shock(&mut scenario, 10.0, 0.45);
    scenario.run.days = Days::new(260.0);
    let still = run(&scenario);
    assert_eq!(
        (still.firm("part-1").weight, still.firm("all-1").state.as_str()),
        (50.0, "ok"),
        "without a market no cohort leaves"
    );
    scenario.rigs = Some(rigs(AUCTION));
    let records = run(&scenario);
    let part = records.firm("part-1");
    close("a tenth of them leave", part.weight, 45.0, 1e-2);
    assert_eq!(part.state, "ok");
    let all = records.firm("all-1");
    assert_eq!(all.state, "exited");
    let exit = all.exit_day.expect("a day");
    assert!((130.0..=240.0).contains(&exit), "120 days after the fall and when all is sold: {exit}");
    assert_eq!((all.coins, all.cash), (0, 0.0), "its owners have the rest");
    assert_eq!(records.firm("lives-1").weight, 1.0, "a single firm waits");
    let end = records.survival.last().expect("rows").0;
    let share = |class: &str| {
        let row = records.survival.iter().find(|(day, _, group, _)| *day == end && group == class).expect("a row");
        row.3
    };
    close("by weight", share("part"), 0.9, 1e-2);
    assert_eq!((share("all"), share("lives")), (0.0, 1.0));
}

/// A firm without cash is bought by a firm with cash: the machines keep running, the price is paid to the seller, and the seller leaves.
#[test]
fn the_weak_is_bought_by_the_strong() {
    let weak = ClassParams { fixed_cost_usd_per_ph_day: 60.0, ..single("weak", 0.2, 0.05, 0.0) };
    let classes = vec![single("strong", 0.7, 0.025, 1000.0), weak, single("poor", 0.1, 0.02, 0.5)];
    let mut scenario = of_classes(classes);
    scenario.run.days = Days::new(60.0);
    scenario.rigs = Some(rigs(AUCTION));
    let off = run(&scenario);
    assert!(off.when("acquisition", "weak-1").is_empty() && off.firm("weak-1").state == "liquidated");
    scenario.consolidation = Some(CONSOLIDATION);
    let records = run(&scenario);
    let days = records.when("acquisition", "weak-1");
    assert_eq!(days.len(), 1);
    let target = records.firm("weak-1");
    assert_eq!((target.state.as_str(), target.acquired_by.as_str()), ("acquired", "strong-1"));
    assert_eq!(target.exit_day, Some(days[0]));
    close("machines change hands", records.firm("strong-1").installed_eh, 90.0, 1e-3);
    close("and run on", records.days.last().expect("days").hashrate_eh_per_s, 100.0, 1e-3);
    assert_eq!(records.metric("acquisitions"), 1.0);
    close("share", records.metric("acquired_hashrate_share"), 0.2, 1e-3);
    assert!(records.metric("hhi_end") > records.metric("hhi_start") + 0.2, "more concentrated");
    close("the largest", records.metric("top1_share_end"), 0.9, 1e-3);
}

/// In the reduced form the result has the elasticity of the input, apart from the lag; scrap value and worthless machines keep it finite.
#[test]
fn the_reduced_elasticity_comes_out() {
    let mut scenario = drawn(vec![one_class()], vec![machine("m", 20.0, 1.0, false)], 100.0, 100.0);
    shock(&mut scenario, 10.0, 0.5);
    scenario.run.days = Days::new(300.0);
    scenario.rigs = Some(rigs(REDUCED));
    close("epsilon", run(&scenario).metric("rig_price_elasticity_new"), 1.36, 5e-3);
    // In the auction it is a result: the convexity of an option makes it exceed one.
    scenario.rigs = Some(rigs(AUCTION));
    let found = run(&scenario).metric("rig_price_elasticity_new");
    assert!((1.0..2.5).contains(&found), "{found}");
}

/// The varied network with cohorts, a market of machines, and firms that are bought.
fn everything(pricing: Pricing) -> Scenario {
    let mut scenario = varied();
    scenario.rigs = Some(rigs(pricing));
    scenario.consolidation = Some(ConsolidationParams { weak_sale_per_month: 0.2, ..CONSOLIDATION });
    if let PopulationParams::Drawn { classes, .. } = &mut scenario.population {
        classes[0].weight = 20.0;
        classes[2].cash_months = 15.0;
        classes[1] = ClassParams { debt_usd_per_th: 15.0, ..classes[1].clone() };
    }
    scenario
}

/// A fall by half in the varied network triggers all mechanisms, and with every mechanism on the books balance at every step. In the reduced form no firm
/// is bought: it asks the market's price for its machines, which the given elasticities leave above their value at a power price of 4.5 c/kWh (machines of
/// 22 J/TH, at a hashprice of 24: 9.1 USD/TH, and 1.1 after the fixed cost of their place).
#[test]
fn everything_at_once_happens() {
    for (pricing, more) in [(AUCTION, Some("acquisition")), (REDUCED, None)] {
        let mut scenario = everything(pricing);
        shock(&mut scenario, 20.0, 0.5);
        let mut kinds = std::collections::BTreeSet::new();
        for replica in 0..4 {
            let records = run_with_room(&scenario, replica, 130).unwrap_or_else(|error| panic!("{error}"));
            kinds.extend(records.events.iter().map(|event| event.kind));
        }
        for kind in ["machines_sold", "machines_bought", "machines_arrive", "exit", "default"].into_iter().chain(more) {
            assert!(kinds.contains(kind), "{pricing:?}: no {kind} in {kinds:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// With all mechanisms on, no sequence of shocks creates machines, money or coins from nothing: every invariant is checked at every step.
    #[test]
    fn shocks_make_nothing_from_nothing(
        shocks in prop::collection::vec((1.0..180.0f64, 0.3..2.5f64), 1..6),
        seed in 0u64..1000, auction: bool, cash in 0.1..20.0f64, debt in 0.0..60.0f64,
    ) {
        let mut scenario = everything(if auction { AUCTION } else { REDUCED });
        scenario.run.seed = seed;
        scenario.run.days = Days::new(240.0);
        if let PopulationParams::Drawn { classes, .. } = &mut scenario.population {
            classes[1].cash_months = cash;
            classes[1].debt_usd_per_th = debt;
        }
        let mut shocks = shocks;
        shocks.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (day, factor) in shocks {
            shock(&mut scenario, day, factor);
        }
        let outcome = run_with_room(&scenario, 0, 120);
        prop_assert!(outcome.is_ok(), "{:?}", outcome.err());
    }
}
