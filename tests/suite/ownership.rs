//! Owners, survivors, idle overhang, and the effect of miners' sales on the price: each number is compared with one computed
//! in another way.

use crate::network::{banded, close, network, row, run, shock, varied};
use shakeout::{
    market::{ImpactLaw, ImpactParams},
    units::{Days, Usd},
};

/// The base price is that of a run without impact, whatever the sales. On the day of the lowest price, the metrics say by how much sales moved the price, and
/// what share that is of its distance from the price without the shock, which stays as at the start.
#[test]
fn impact_is_attributed_against_the_same_seed_without_the_shock() {
    let without = varied();
    let mut with = varied();
    with.impact = ImpactParams {
        law: ImpactLaw::SquareRoot {
            y: 9.0,
            volume_btc_per_day: 20_000.0,
            volatility_per_sqrt_day: 0.035,
            permanent_share: 0.1,
            linear_below_share: 0.001,
        },
        shock: vec![],
    };
    let (without, with) = (run(&without), run(&with));
    for (off, on) in without.days.iter().zip(&with.days) {
        assert_eq!(off.price_usd.to_bits(), off.base_price_usd.to_bits(), "off costs nothing");
        close("base price", on.base_price_usd, off.price_usd, 1e-12);
    }
    let lowest = with.days.iter().min_by(|a, b| a.price_usd.total_cmp(&b.price_usd)).expect("days");
    let there = without.days.iter().find(|day| day.time == lowest.time).expect("the same day");
    let impact = lowest.price_usd / there.price_usd - 1.0;
    assert!(impact.abs() > 1e-3, "{impact}");
    close("attributable", with.metric("price_impact_attributable"), impact, 1e-9);
    let start = without.days[0].price_usd;
    assert_eq!(lowest.paired_price_usd, Some(start), "without the moves of the price");
    let fall = libm::log(lowest.price_usd / start);
    assert!(fall < 0.0, "it falls");
    close("share of the fall", with.metric("price_fall_attributable_share"), libm::log1p(impact) / fall, 1e-9);
    assert_eq!(without.metric("price_impact_attributable"), 0.0);
    assert_eq!(without.metric("price_fall_attributable_share"), 0.0);
    let sold: i64 =
        with.days.iter().map(|day| (day.sold_voluntary + day.sold_forced + day.sold_liquidation).get()).sum();
    let days = f64::from(u32::try_from(with.days.len()).expect("few"));
    close("sold of volume", with.metric("sold_of_volume_share"), sold as f64 / 1e8 / (20_000.0 * days), 1e-9);
    close("sold of mined", with.metric("sold_of_mined_share"), sold as f64 / 1e8 / with.metric("mined_btc"), 1e-9);
}

/// Ten idle firms with costs from 31 to 40 and a band of h = 0.1, and one of 900 EH/s that always runs: rung i is `(30 + i) e^0.1`. If hashprice rises to just
/// above rung 4, four of ten restart.
#[test]
fn rungs_of_the_ladder_are_where_machines_restart() {
    let mut rows = vec![row("base", 900.0, 1.0)];
    rows.extend((1..=10).map(|firm| banded(&format!("idle-{firm}"), 10.0, 30.0 + f64::from(firm), 0.1)));
    let mut scenario = network(rows, 1000.0, 48.0);
    scenario.run.days = Days::new(40.0);
    shock(&mut scenario, 1.0, 0.45);
    let idle = run(&scenario);
    let last = idle.ladders.last().expect("at the end");
    close("overhang", last.restartable.eh(), 100.0, 1e-9);
    close("overhang", idle.epochs.last().expect("one").idle_overhang.expect("running"), 100.0 / 900.0, 1e-9);
    let rungs = [
        last.restart_10pct,
        last.restart_20pct,
        last.restart_30pct,
        last.restart_40pct,
        last.restart_50pct,
        last.restart_60pct,
        last.restart_70pct,
        last.restart_80pct,
        last.restart_90pct,
    ];
    for (index, rung) in rungs.iter().enumerate() {
        let expected = (31.0 + index as f64) * libm::exp(0.1);
        close("rung", rung.expect("idle").get(), expected, 1e-9);
    }
    let rung = last.restart_40pct.expect("idle").get();
    shock(&mut scenario, 40.0, rung * 1.001 / last.hashprice_usd_per_ph_day);
    scenario.run.days = Days::new(41.0);
    let after = run(&scenario);
    let restarted = (1..=10).filter(|firm| !after.when("restart", &format!("idle-{firm}")).is_empty()).count();
    assert_eq!(restarted, 4, "40 % of the idle lots");
}

/// Two of four firms cannot pay and are liquidated: the survival curve of their class steps down by their weight on that day, in agreement with
/// their rows in the table of firms.
#[test]
fn survivors_are_the_firms_not_liquidated() {
    let mut rows = vec![row("a", 40.0, 24.0), row("b", 30.0, 24.0), row("c", 20.0, 60.0), row("d", 10.0, 70.0)];
    for (firm, weight) in [(1, 3.0), (2, 4.0)] {
        rows[firm].weight = weight;
    }
    for firm in [2, 3] {
        rows[firm].cash = Usd::ZERO;
        rows[firm].fixed_cost_usd_per_day = 1e7;
    }
    let mut scenario = network(rows, 100.0, 48.0);
    scenario.run.days = Days::new(80.0);
    let records = run(&scenario);
    let gone: Vec<_> = ["c", "d"].iter().filter_map(|firm| records.firm(firm).exit_day).collect();
    assert_eq!(gone.len(), 2, "both fail");
    let classes: Vec<_> = records.survival.iter().filter(|(_, by, ..)| *by == "class").collect();
    assert!(classes.len() > 4, "the start, each epoch and the end");
    for (day, _, group, share) in classes {
        assert_eq!(group, "miners");
        let lost: f64 = [4.0, 1.0].iter().zip(&gone).filter(|(_, exit)| *exit < day).map(|(weight, _)| weight).sum();
        close("surviving", *share, 1.0 - lost / 9.0, 1e-12);
    }
    let end = records.survival.last().expect("rows").0;
    let deciles: f64 = records
        .survival
        .iter()
        .filter(|(day, by, ..)| *by == "efficiency_decile" && *day == end)
        .map(|(.., share)| share)
        .sum();
    assert!(deciles > 0.0, "all have the same machines, and some are left");
}
