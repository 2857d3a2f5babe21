//! Random small scenarios from proptest: no panic, the books balance at every step, and nothing is created from nothing.

#![expect(clippy::float_cmp, reason = "the tests claim equal bits")]

use crate::network::{DAY, drawn, machine, network, one_class, price_for, restart_delays, row, run_replica};
use proptest::prelude::*;
use shakeout::{
    chain::{Arrivals, Fees, Retarget},
    market::{PriceParams, PriceProcess, PriceShock},
    mechanism::{
        credit::params::{Collateral, LoanTerms, Pledge, Repayment},
        distress::params::Workout,
        operate::{
            params::{OperationParams, Thresholds},
            rule::Rule,
        },
        treasury::params::{SettlementParams, TreasuryPolicy},
    },
    power::PowerParams,
    scenario::{Scenario, Step},
    units::{Days, PowerPrice, Sats, Seconds, Usd, UsdPerBtc},
    world::{ClassParams, MinerRow},
};

fn listed() -> impl Strategy<Value = Scenario> {
    let firm = (0usize..6, 1e-3..60.0f64, 5.0..60.0f64, 0.0..0.4f64, 0.0..0.4f64)
        .prop_flat_map(|base| {
            (
                Just(base),
                prop_oneof![Just(0.0), 0.0..1e9f64],
                prop_oneof![Just(0), 0i64..1_000_000_000_000],
                prop_oneof![Just(0.0), 0.0..1e9f64],
                0.0..1e6f64,
            )
        })
        .prop_map(|((firm, eh, cost, down, up), cash, coins, debt, fixed)| MinerRow {
            cash: Usd::new(cash),
            coins: Sats::new(coins),
            debt: Usd::new(debt),
            fixed_cost_usd_per_day: fixed,
            shutdown_margin: -down,
            restart_margin: up,
            ..row(&format!("firm {firm}"), eh, cost)
        });
    proptest::collection::vec(firm, 1..12).prop_map(|mut rows| {
        // At least one firm runs.
        rows.push(row("rock", 10.0, 1.0));
        network(rows, 100.0, 48.0)
    })
}

/// No loan, or an unsecured loan and one on coins, with and without recourse, credit and time to cure.
fn loans() -> impl Strategy<Value = Vec<LoanTerms>> {
    let terms = (0.0..0.3f64, 1.0..30.0f64, any::<[bool; 3]>());
    let pledge = (0.2..0.9f64, 1.0..1.5f64, 1.0..1.5f64, 0.0..20.0f64);
    let written = (terms, pledge, 0.0..20.0f64).prop_map(|(terms, pledge, undrawn_usd_per_th)| {
        let (rate_per_year, term_months, [level, recourse, draws]) = terms;
        let loan = LoanTerms {
            share: 0.5,
            repayment: if level { Repayment::Level } else { Repayment::Bullet },
            rate_per_year,
            default_margin_per_year: if level { 0.05 } else { 0.0 },
            term_months,
            collateral: Collateral::None,
            undrawn_usd_per_th: if draws { undrawn_usd_per_th } else { 0.0 },
            capped: undrawn_usd_per_th < 15.0,
        };
        let pledge = Pledge {
            loan_to_value: pledge.0,
            call_ltv: pledge.0 * pledge.1,
            liquidation_ltv: pledge.0 * pledge.1 * pledge.2,
            cure_days: pledge.3,
            notice_days: 0.0,
            recourse,
        };
        vec![loan, LoanTerms { collateral: Collateral::Coins(pledge), undrawn_usd_per_th: 0.0, ..loan }]
    });
    prop_oneof![Just(vec![]), written]
}

fn workout() -> impl Strategy<Value = Option<Workout>> {
    let terms = (0.0..2.0f64, 0.0..=1.0f64, 0.0..24.0f64, 0.0..90.0f64, 1.0..90.0f64, 1u32..30);
    proptest::option::of(terms.prop_map(
        |(wait_cover, principal_cut, extension_months, chapter11_days, burn_days, liquidation_days)| Workout {
            wait_cover,
            principal_cut,
            extension_months,
            chapter11_days: Some(chapter11_days),
            burn_days,
            liquidation_days,
        },
    ))
}

fn random_class(name: &'static str) -> impl Strategy<Value = ClassParams> {
    let size = (1u32..8, 0.5..3.0f64, 0.05..1.0f64, 1.0..50.0f64);
    let power = (0.02..0.09f64, 0.0..0.5f64);
    let money = (0.0..12.0f64, 0.0..400.0f64, 0.0..60.0f64, 0.0..20.0f64);
    let policy = (0.0..=1.0f64, 0.0..=1.0f64, 0.0..3.0f64, [0.0..1.0f64, 0.0..1.0, 0.0..1.0, 0.01..1.0], 0..6);
    (size, power, money, policy, loans()).prop_map(move |(size, power, money, policy, loans)| {
        let sum: f64 = policy.3.iter().sum();
        let shares = policy.3.map(|share| share / sum);
        ClassParams {
            name: name.to_owned(),
            share: 0.5,
            firms: size.0,
            weight: size.3,
            size_tail_index: size.1,
            largest_share: size.2,
            power_price_median: PowerPrice::new(power.0),
            power_price_log_sd: power.1,
            cash_months: money.0,
            treasury_days: money.1,
            debt_usd_per_th: money.2,
            finance_log_sd: policy.1,
            cash_log_sd: (policy.4 == 0).then_some(policy.0),
            debt_log_sd: (policy.4 == 2).then_some(policy.0),
            fixed_cost_usd_per_ph_day: money.3,
            rules: Rule::ALL.into_iter().zip(shares).collect(),
            treasury: match policy.4 {
                0 => TreasuryPolicy::All,
                1 => TreasuryPolicy::Target { days: 100.0 * policy.0, excess_per_day: policy.1 },
                2 => TreasuryPolicy::Hold,
                3 => TreasuryPolicy::Regime {
                    rich_share: policy.0,
                    poor_share: policy.1,
                    rich_ratio: 1.8,
                    poor_ratio: 0.9,
                    excess_per_day: policy.1,
                },
                _ => TreasuryPolicy::Share { share: policy.0, excess_per_day: policy.1 },
            },
            loans,
            cash_buffer_months: policy.2,
            ..one_class()
        }
    })
}

fn classes() -> impl Strategy<Value = Scenario> {
    (random_class("one"), random_class("two"), any::<[bool; 2]>(), 0.3..20.0f64).prop_map(
        |(mut one, two, eco, shape)| {
            // At least one firm runs.
            (one.power_price_median, one.power_price_log_sd) = (PowerPrice::new(0.02), 0.0);
            let mut scenario = drawn(
                vec![one, two],
                vec![machine("old", 30.0, 0.4, eco[0]), machine("new", 15.0, 0.6, eco[1])],
                100.0,
                48.0,
            );
            let shakeout::world::PopulationParams::Drawn { mix_shape, .. } = &mut scenario.population else {
                panic!("listed")
            };
            *mix_shape = shape;
            scenario
        },
    )
}

fn price() -> impl Strategy<Value = PriceParams> {
    let level = price_for(48.0, 100.0);
    let start = UsdPerBtc::new(level);
    let process = prop_oneof![
        Just(PriceProcess::Path { points: vec![(Seconds::ZERO, start)] }),
        (1e-6..10.0f64, 1.0..40.0f64).prop_map(move |(factor, day)| PriceProcess::Path {
            points: vec![(Seconds::ZERO, start), (Seconds::new(day * DAY), start * factor)],
        }),
        (-3.0..3.0f64, 0.0..2.0f64).prop_map(move |(drift_per_year, volatility_per_year)| PriceProcess::Gbm {
            start,
            drift_per_year,
            volatility_per_year
        }),
        (0.0..60.0f64, -0.5..0.3f64).prop_map(move |(jumps_per_year, jump_mean)| PriceProcess::JumpDiffusion {
            start,
            drift_per_year: 0.0,
            volatility_per_year: 0.5,
            jumps_per_year,
            jump_mean,
            jump_sd: 0.2,
        }),
    ];
    let shocks = proptest::collection::vec((0.1..40.0f64, 0.05..4.0f64, proptest::option::of(1.0..20.0f64)), 0..3);
    (process, shocks).prop_map(|(process, shocks)| PriceParams {
        process,
        grid: Seconds::new(DAY),
        shocks: shocks
            .into_iter()
            .map(|(day, factor, half_life)| PriceShock {
                name: format!("at {day}"),
                at: Seconds::new(day * DAY),
                factor,
                half_life: half_life.map(|days| Seconds::new(days * DAY)),
            })
            .collect(),
    })
}

fn chain() -> impl Strategy<Value = (Arrivals, Retarget, Step, u64, f64)> {
    (
        prop_oneof![Just(Arrivals::Fluid), Just(Arrivals::Poisson), Just(Arrivals::Exact)],
        prop_oneof![
            3 => Just(Retarget::Bitcoin),
            1 => (600i64..1_000_000).prop_map(|half_life_s| Retarget::Asert { half_life_s }),
            1 => Just(Retarget::Cw144),
            1 => (30u32..200).prop_map(|window| Retarget::Lwma { window }),
            1 => (2u32..3000, proptest::option::of(1.1..8.0f64), any::<bool>())
                .prop_map(|(window, clamp, all_gaps)| Retarget::FixedWindow { window, clamp, all_gaps }),
        ],
        prop_oneof![
            Just(Step::Every(Seconds::new(DAY))),
            Just(Step::Every(Seconds::new(DAY / 8.0))),
            Just(Step::Block),
        ],
        // Some runs reach the halving.
        prop_oneof![Just(900_000u64), 1_045_000u64..1_052_000, Just(1_049_999)],
        prop_oneof![Just(0.0), 0.0..3.0f64],
    )
}

fn operation() -> impl Strategy<Value = OperationParams> {
    (prop_oneof![Just(0.0), 0.1..6.0f64], 0.0..6.0f64, 0.001..0.1f64, 0.0..2000.0f64, 0.0..1.5f64, any::<[bool; 2]>())
        .prop_map(|(response, half_life, volatility, cost, log_sd, flags)| OperationParams {
            foresees_halvings: true,
            response: Seconds::new(response * DAY),
            adaptive_half_life: Seconds::new(half_life * DAY),
            hashprice_volatility_per_sqrt_day: volatility,
            switching_cost_median_usd_per_ph: cost,
            switching_cost_log_sd: log_sd,
            thresholds: if flags[0] && cost < 200.0 { Thresholds::Exact } else { Thresholds::Formula },
            restart_delays: if flags[1] { restart_delays() } else { vec![] },
            ..network(vec![], 1.0, 1.0).operation
        })
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let terms = (1u32..40, 0.0..40.0f64, 0.0..0.3f64, 1.0..48.0f64, 0.0..=1.0f64, 1.0..1.3f64);
    (
        prop_oneof![listed().boxed(), classes().boxed()],
        price(),
        chain(),
        operation(),
        (terms, workout()),
        1u32..120,
        any::<u64>(),
    )
        .prop_map(|(mut scenario, price, chain, operation, (terms, distress), days, seed)| {
            scenario.distress = distress;
            scenario.price = price;
            (scenario.chain.arrivals, scenario.chain.retarget, scenario.run.step, scenario.chain.height, _) = chain;
            scenario.chain.fees = Fees { knots: vec![(Seconds::ZERO, 0.1)], elasticity: chain.4, spikes: vec![] };
            scenario.operation = operation;
            let (every_days, grace_days, debt_rate_per_year, debt_term_months, take_or_pay, pue) = terms;
            scenario.settlement = SettlementParams {
                every_days,
                grace_days,
                debt_rate_per_year,
                debt_default_margin_per_year: 0.02,
                debt_term_months,
                late_rate_per_year: 0.15,
                participation_cap: 0.1,
            };
            scenario.power = PowerParams { pue, running_cost: PowerPrice::new(0.001), take_or_pay, ..scenario.power };
            scenario.run.days = Days::new(f64::from(days));
            scenario.run.seed = seed;
            scenario
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn books_balance_and_nothing_panics(scenario in scenario(), replica in 0u64..3) {
        let records = run_replica(&scenario, replica).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let days = scenario.run.days.get();
        prop_assert_eq!(u32::try_from(records.days.len()).map(f64::from), Ok(days));
        prop_assert_eq!(records.days.last().expect("a day").time.get(), days * DAY);
        // All coins that firms hold or sold were initial or mined.
        let last = records.days.last().expect("a day");
        let mined: i64 = records.days.iter().map(|day| day.issued.get()).sum();
        let sold: i64 = records.days.iter().map(|day| (day.sold_voluntary + day.sold_forced + day.sold_liquidation).get()).sum();
        let held: i64 = records.firms.iter().map(|firm| firm.coins).sum();
        let start: i64 = match &scenario.population {
            shakeout::world::PopulationParams::Listed(rows) => rows.iter().map(|row| row.coins.get()).sum(),
            shakeout::world::PopulationParams::Drawn { .. } => last.coins_held.get() + sold,
        };
        // Firms that settle daily carry no balance over; the audit checks the others.
        prop_assert!(scenario.settlement.every_days > 1 || held + sold <= start + mined, "{held} held and {sold} sold of {start} and {mined} mined");
        for day in &records.days {
            prop_assert!(day.hashrate_eh_per_s >= 0.0 && day.idle_hashrate_eh_per_s >= 0.0 && day.blocks >= 0.0);
            prop_assert!((0.0..=1.0).contains(&day.underwater_share), "{day:?}");
            prop_assert!(day.difficulty >= 1.0 && day.difficulty.is_finite() && day.hashprice_usd_per_ph_day.is_finite());
            prop_assert!(day.cash.get() >= -1e-3 && day.coins_held.get() >= 0 && day.debt.get() >= -1e-3, "{day:?}");
            prop_assert!(day.issued.get() >= 0 && day.sold_voluntary.get() >= 0 && day.sold_forced.get() >= 0);
        }
        for firm in &records.firms {
            prop_assert!(firm.coins >= 0 && firm.cash >= 0.0 && firm.running_eh >= 0.0, "{firm:?}");
        }
        prop_assert!(records.metrics.values().iter().flatten().all(|value| !value.is_nan()), "{:?}", records.metrics);
        let share = records.metric("defaulted_hashrate_share");
        prop_assert!((0.0..=1.0).contains(&share), "{share} of hashrate defaulted");
    }
}
