//! Each check detects its kind of error: the state is tampered with, and the right invariant must be named.

use super::*;
use crate::{
    chain::{ChainParams, CompactTarget, Fees},
    market::{PriceParams, PriceProcess, PriceShock},
    mechanism::{
        operate::params::{OperationParams, Thresholds},
        treasury::params::{SettlementParams, TreasuryPolicy},
    },
    power::PowerParams,
    simulation::{Engine, record::Observer},
    units::{
        Days, Efficiency, FirmId, Hashrate, Id, LoanId, NanoUsd, PowerPrice, RegionId, Sats, Seconds, SiteId, UnixTime,
        Usd, UsdPerBtc,
    },
    world::{
        MinerRow, PopulationParams, RunParams, Scenario, Step,
        ledger::{Cause, Sale},
        population::Population,
    },
};
use std::sync::Arc;

struct Nobody;

impl Observer for Nobody {}

/// Three firms; on day 10 the price falls so that the one with the highest cost stops.
fn scenario(arrivals: Arrivals) -> Scenario {
    let row = |firm: &str, j_per_th: f64, debt: f64| MinerRow {
        firm: firm.to_owned(),
        class: "miners".to_owned(),
        hashrate: Hashrate::from_eh(30.0),
        efficiency: Efficiency::new(j_per_th),
        power_price: PowerPrice::new(0.05),
        cash: Usd::new(1e8),
        coins: Sats::from_btc(100.0),
        debt: Usd::new(debt),
        region: None,
        weight: 1.0,
        shutdown_margin: -0.1,
        restart_margin: 0.1,
        fixed_cost_usd_per_day: 0.0,
        treasury: TreasuryPolicy::Hold,
    };
    let start = UnixTime::parse("2025-03-01").expect("a date");
    Scenario {
        title: String::new(),
        question: String::new(),
        answers: Vec::new(),
        run: RunParams {
            start,
            days: Days::new(20.0),
            step: Step::Every(Seconds::new(86_400.0)),
            replicas: 1,
            seed: 1,
        },
        chain: ChainParams {
            start,
            height: 900_000,
            nbits: CompactTarget::nearest(90e18 * 600.0 / 4_294_967_296.0).expect("in range").get(),
            history: vec![],
            arrivals,
            retarget: Retarget::Bitcoin,
            fees: Fees { knots: vec![(Seconds::ZERO, 0.03)], elasticity: 0.0, spikes: vec![] },
            pow_limit: 0x1d00_ffff,
        },
        price: PriceParams {
            process: PriceProcess::Path { points: vec![(Seconds::ZERO, UsdPerBtc::new(10_000.0))] },
            grid: Seconds::new(86_400.0),
            shocks: vec![PriceShock {
                name: "crash".to_owned(),
                at: Seconds::new(10.0 * 86_400.0),
                factor: 0.6,
                half_life: None,
            }],
        },
        population: PopulationParams::Listed(vec![row("a", 15.0, 1e7), row("b", 20.0, 0.0), row("c", 30.0, 0.0)]),
        operation: OperationParams {
            foresees_halvings: true,
            response: Seconds::ZERO,
            restart_response: None,
            restart_margin: 0.0,
            adaptive_half_life: Seconds::ZERO,
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
            pue: 1.05,
            running_cost: PowerPrice::ZERO,
            take_or_pay: 0.0,
            emission_kg_per_kwh: 0.3,
            ..PowerParams::default()
        },
        settlement: SettlementParams {
            every_days: 3,
            grace_days: 30.0,
            debt_rate_per_year: 0.11,
            debt_default_margin_per_year: 0.02,
            debt_term_months: 24.0,
            late_rate_per_year: 0.0,
            participation_cap: 0.1,
        },
        impact: crate::market::ImpactParams::NONE,
        distress: None,
        freezes: vec![],
        curtailments: vec![],
        growth: crate::mechanism::growth::params::GrowthParams::default(),
        ageing: None,
        other_uses: Vec::new(),
        bans: vec![],
        rigs: None,
        consolidation: None,
    }
}

/// The invariant that a check finds broken after fifteen regular days and `tamper`.
fn broken(arrivals: Arrivals, tamper: impl FnOnce(&mut Simulation<'_>)) -> Option<&'static str> {
    let scenario = scenario(arrivals);
    let engine = Engine::new(&scenario, true).expect("miners");
    let mut simulation = engine.begin(0).expect("miners");
    for _ in 0..15 {
        simulation.step(&mut Nobody);
        simulation.check().expect("sound so far");
    }
    assert!(simulation.world.fleet.running_mh < simulation.world.fleet.installed_mh, "one firm stands idle");
    tamper(&mut simulation);
    simulation.check().err().map(|violation| violation.invariant)
}

/// Asserts the invariant that each tampering breaks, with fluid and with drawn blocks.
#[track_caller]
fn breaks(invariant: &str, tamper: impl Fn(&mut Simulation<'_>)) {
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson] {
        assert_eq!(broken(arrivals, &tamper), Some(invariant), "{arrivals:?}");
    }
}

#[test]
fn nothing_is_broken_untouched() {
    assert_eq!(broken(Arrivals::Fluid, |_| ()), None);
    assert_eq!(broken(Arrivals::Poisson, |_| ()), None);
}

#[test]
fn i1_a_satoshi_from_nowhere() {
    breaks("I1", |s| s.world.ledger[FirmId::of(1)].coins += 1);
    breaks("I1", |s| s.world.ledger.total_coins -= 1);
    breaks("I1", |s| {
        s.world.ledger[FirmId::of(1)].coins += 1;
        s.world.ledger.total_coins += 1;
    });
    breaks("I1", |s| s.world.ledger.pool += Sats::new(1));
    breaks("I1", |s| s.world.ledger.sold.forced += Sats::new(1));
    breaks("I1", |s| s.world.ledger.sold.voluntary += Sats::new(1));
    breaks("I1", |s| s.world.ledger.sold.liquidation += Sats::new(1));
}

#[test]
fn i1_coins_beyond_the_schedule() {
    breaks("I1", |s| {
        s.world.ledger.pool += Sats::new(1);
        s.world.ledger.issued += Sats::new(1);
    });
    breaks("I1", |s| s.records.fees += Sats::new(1));
    breaks("I1", |s| s.records.issued_before -= Sats::new(1));
}

#[test]
fn i1_the_pool_owes_more_than_it_has() {
    breaks("I1", |s| s.world.ledger[FirmId::of(0)].accrued_sats += 1e6);
}

#[test]
fn i2_a_dollar_from_nowhere() {
    breaks("I2", |s| s.world.ledger[FirmId::of(2)].cash += 10.0);
    breaks("I2", |s| s.world.ledger.total_cash += NanoUsd::nearest(1e-9));
    for cause in Cause::ALL {
        breaks("I2", |s| s.world.ledger.flows[cause as usize] += 10.0);
    }
}

/// A dollar booked at the wrong firm leaves the network's sum unchanged.
#[test]
fn i2_a_dollar_at_the_wrong_firm() {
    breaks("I2", |s| {
        s.world.ledger[FirmId::of(2)].cash += 10.0;
        s.world.ledger[FirmId::of(1)].cash -= 10.0;
    });
    breaks("I1", |s| {
        s.world.ledger[FirmId::of(2)].coins += 10;
        s.world.ledger[FirmId::of(1)].coins -= 10;
    });
}

/// Firm `a` has a loan: its principal, due amounts, and collateral.
#[test]
fn i7_debts_that_do_not_add_up() {
    breaks("I7", |s| s.world.ledger.loans.rows[LoanId::of(0)].principal -= NanoUsd::nearest(1e-9));
    breaks("I7", |s| s.world.ledger.debt[FirmId::of(1)] += NanoUsd::nearest(1e-9));
    breaks("I7", |s| s.world.ledger.total_debt += NanoUsd::nearest(1e-9));
    breaks("I7", |s| s.world.ledger.loans.drawn += NanoUsd::nearest(1e-9));
    breaks("I7", |s| s.world.ledger.loans.repaid += NanoUsd::nearest(1e-9));
    breaks("I7", |s| s.world.ledger.loans.written_off += NanoUsd::nearest(1e-9));
    breaks("I7", |s| {
        s.world.ledger.loans.rows[LoanId::of(0)].principal -= NanoUsd::nearest(1e-9);
        s.world.ledger.debt[FirmId::of(0)] -= NanoUsd::nearest(1e-9);
        s.world.ledger.total_debt -= NanoUsd::nearest(1e-9);
    });
    breaks("I7", |s| s.world.ledger.loans.rows[LoanId::of(0)].due += NanoUsd::nearest(1e6));
    breaks("I7", |s| s.world.ledger.loans.rows[LoanId::of(0)].interest_due = NanoUsd::nearest(-1e-9));
}

#[test]
fn i7_nothing_is_pledged_twice() {
    breaks("I7", |s| s.world.ledger.loans.rows[LoanId::of(0)].pledged += 1);
    breaks("I7", |s| s.world.ledger.pledged[FirmId::of(1)] += 1);
    breaks("I7", |s| s.world.ledger.total_pledged += 1);
    // All coins, and one more.
    breaks("I7", |s| {
        let all = s.world.ledger[FirmId::of(0)].coins;
        s.world.ledger.pledge(LoanId::of(0), all + 1);
    });
    assert_eq!(
        broken(Arrivals::Fluid, |s| s.world.ledger.pledge(LoanId::of(0), s.world.ledger[FirmId::of(0)].coins)),
        None
    );
    breaks("I7", |s| s.world.ledger.loans.rows[LoanId::of(0)].charge = 1.01);
}

#[test]
fn i3_machines_in_the_wrong_bin() {
    breaks("I3", |s| s.world.fleet.running_by_bin.swap(0, 1));
    breaks("I3", |s| s.world.fleet.installed_by_bin[3] += 1);
}

#[test]
fn i5_totals_that_are_not_those_of_the_lots() {
    breaks("I5", |s| s.world.fleet.running_mh += 1);
    breaks("I5", |s| s.world.fleet.installed_mh += 1);
    breaks("I5", |s| s.world.fleet.power_mw += 1);
    breaks("I5", |s| s.world.fleet.underwater_mh += 1);
    breaks("I5", |s| s.world.fleet.underwater_cost_nusd += 1);
    breaks("I5", |s| s.world.ledger[FirmId::of(0)].cost_nusd += 1);
    breaks("I5", |s| {
        // Less than runs, so that the pool still owes about as much as it has.
        s.world.ledger[FirmId::of(0)].running_mh -= 1;
    });
}

#[test]
fn i5_fluid_blocks_that_hashrate_did_not_find() {
    assert_eq!(broken(Arrivals::Fluid, |s| s.records.found_blocks += 1e-3), Some("I5"));
    assert_eq!(broken(Arrivals::Poisson, |s| s.records.found_blocks += 1e-3), None, "drawn blocks may differ");
    for (sigmas, holds) in [(5.0, true), (7.0, false), (-7.0, false)] {
        let scenario = scenario(Arrivals::Poisson);
        let engine = Engine::new(&scenario, true).expect("miners");
        let mut simulation = engine.begin(0).expect("miners");
        while !simulation.is_over() {
            simulation.step(&mut Nobody);
        }
        simulation.records.found_blocks =
            simulation.records.expected_blocks + sigmas * simulation.records.expected_blocks.sqrt();
        let found = simulation.check_closed().err().map(|violation| violation.invariant);
        assert_eq!(found, (!holds).then_some("I5"), "{sigmas} standard deviations");
    }
}

#[test]
fn i6_difficulty_that_leaps() {
    breaks("I6", |s| s.records.epoch_before.1 *= 4.1);
    breaks("I6", |s| s.records.epoch_before.1 /= 4.1);
    // Without a retarget in between, difficulty may not change at all.
    breaks("I6", |s| {
        s.records.epoch_before = (super::retargets(&s.world), s.world.chain.difficulty() * 1.001);
    });
}

#[test]
fn i8_nothing_below_zero() {
    breaks("I8", |s| s.world.ledger[FirmId::of(1)].bill = -1.0);
    breaks("I8", |s| {
        let more = s.world.ledger[FirmId::of(1)].cash + 5.0;
        s.world.ledger.post(FirmId::of(1), Cause::Bills, -more);
    });
    breaks("I8", |s| {
        let more = s.world.ledger[FirmId::of(1)].coins + 5;
        s.world.ledger.sell(FirmId::of(1), more, UsdPerBtc::new(1.0), Sale::Forced);
    });
}

#[test]
fn i8_the_dead_do_not_mine() {
    breaks("I8", |s| s.world.ledger.standing[FirmId::of(0)] = crate::world::ledger::Standing::Liquidated);
    breaks("I8", |s| {
        let lot = s.world.population.lots.ids().find(|&lot| s.world.fleet.runs(lot)).expect("someone runs");
        s.world.fleet.corrupt(lot);
    });
}

/// I4 holds whenever I5 does: if power is the sum over lots, the mean efficiency lies between the extremes. It could only break for lots with wrong
/// power and hashrate, and the totals detect these first.
#[test]
fn i4_follows_from_i5() {
    breaks("I5", |s| {
        let mut population = Population::clone(&s.world.population);
        for power in &mut population.lots.power_mw {
            *power *= 2;
        }
        s.world.population = crate::world::Shared::new(Arc::new(population));
    });
}

/// A price that disagrees with the lots' costs; load and energy that belong to no region.
#[test]
fn i4_energy_is_what_is_billed_and_metered() {
    breaks("I4", |s| s.world.population.sites.power_price[SiteId::of(0)] *= 1.01);
    breaks("I4", |s| s.world.fleet.running_by_region[RegionId::of(0)].1 += 1);
    breaks("I4", |s| {
        let loads = s.world.fleet.running_by_region.clone();
        s.records.measure.pass_regions(3600.0, &loads, |_| 0.0);
    });
}

#[test]
fn i8_no_site_carries_more_than_it_can() {
    breaks("I8", |s| s.world.population.sites.capacity_mw[SiteId::of(0)] = 1);
}
