use super::example::{GOOD, Shelf, bad, good};
use crate::market::rigs::Pricing;

#[test]
fn machines_have_no_market_unless_one_is_named() {
    let none = good(GOOD).scenario;
    assert_eq!((none.rigs, none.consolidation), (None, None));
    assert_eq!(good(&format!("{GOOD}\n[rigs.none]\n")).scenario.rigs, None);
}

#[test]
fn the_markets_of_machines_are_read() {
    let text = format!("{GOOD}\n[rigs.auction]\nbroker_fee = 0.05\noutside_share_per_week = 0.01\n");
    let rigs = good(&text).scenario.rigs.expect("an auction");
    assert!(matches!(rigs.pricing, Pricing::Auction(auction) if auction.outside_share_per_week > 0.009));
    assert!((rigs.broker_fee - 0.05).abs() < 1e-12);
    let text = format!("{GOOD}\n[rigs.reduced]\nprice_new_usd_per_th = 101.04\nelasticity_old = 1.0\n");
    let Some(Pricing::Reduced(reduced)) = good(&text).scenario.rigs.map(|rigs| rigs.pricing) else {
        panic!("no reduced form")
    };
    assert_eq!(reduced.reference_usd_per_th, [Some(101.04), None, None]);
    assert!((reduced.elasticity[2] - 1.0).abs() < 1e-12);
}

#[test]
fn firms_are_bought_only_where_their_machines_have_a_price() {
    let text = format!("{GOOD}\n[consolidation]\nenabled = true\n");
    let problems = bad(&text).render(false, 120);
    assert!(problems.contains("`consolidation.enabled` is true, but machines have no market"), "{problems}");
    assert!(problems.contains("add `[rigs.reduced]` or `[rigs.auction]`"), "{problems}");
    assert!(good(&format!("{text}[rigs.auction]\n")).scenario.consolidation.is_some());
    assert!(good(&format!("{GOOD}\n[consolidation]\n")).scenario.consolidation.is_none(), "off by default");
}

#[test]
fn miners_given_one_by_one_have_no_models_to_trade() {
    let rows = "firm,class,hashrate_th_per_s,efficiency_j_per_th,power_price_usd_per_kwh,cash_usd,coins_btc,debt_usd\n\
                a,c,1000,60,0.05,1,0,0\n";
    let text = GOOD.split("[class.").next().expect("the head").to_owned()
        + "[population]\ncsv = \"miners.csv\"\n[rigs.auction]\n";
    let shelf = Shelf::default().with("miners.csv", rows);
    let problems = shelf.read_str(&text, &[]).expect_err("it needs models").render(false, 120);
    assert!(problems.contains("miners listed in a file have no market of machines"), "{problems}");
}

#[test]
fn bounds_are_in_order() {
    let text = format!("{GOOD}\n[rigs.reduced]\nnew_below_j_per_th = 70\n");
    let problems = bad(&text).render(false, 120);
    assert!(problems.contains("`rigs.reduced.new_below_j_per_th` is above"), "{problems}");
    let text = format!("{GOOD}\n[rigs.auction]\n[consolidation]\nenabled = true\nsite_low_usd_per_mw = 600000\n");
    let problems = bad(&text).render(false, 120);
    assert!(problems.contains("`consolidation.site_low_usd_per_mw` is above"), "{problems}");
    let text = format!("{GOOD}\n[rigs.reduced]\nask_fall_per_week = 0.2\n");
    assert!(bad(&text).render(false, 120).contains("not a known key"), "the reduced form has no asks");
}
