use std::fmt::Write;

use super::example::{GOOD, Shelf, changed};
use crate::{
    market::PriceProcess,
    scenario::{Problems, Resolved},
    units::{Sats, Seconds, UsdPerBtc},
    world::PopulationParams,
};

const PRICE: &str = "date,price_usd\n2018-09-19,6400\n2018-09-20,6493\n2019-03-18,4000\n";
const MINERS: &str = "firm,class,hashrate_th_per_s,efficiency_j_per_th,power_price_usd_per_kwh,cash_usd,coins_btc,debt_usd,weight,shutdown_margin,restart_margin
a,home,1000,98,0.05,2000,1.5,0,2,-0.1,0.1
a,home,500,60,0.05,0,0,10,2,,
\"b, inc\",public,2000,98,0.04,5000,3,0,,,
";

fn with_price(csv: &str) -> Result<Resolved, Problems> {
    let text = changed(
        "[price.knots]\npoints = [[\"2018-09-01\", 7000.0], [\"2018-09-20\", 6493.0], [\"2019-03-20\", 4000.0]]",
        "[price.csv]\nfile = \"price.csv\"",
    );
    Shelf::default().with("price.csv", csv).read_str(&text, &[])
}

fn with_miners(csv: &str) -> Result<Resolved, Problems> {
    Shelf::default().with("m/miners.csv", csv).read_str(GOOD, &["population.csv=m/miners.csv"])
}

#[test]
fn reads_a_price_file() {
    let PriceProcess::File { points } = with_price(PRICE).expect("it is good").scenario.price.process else {
        panic!("not a path")
    };
    assert_eq!(points.len(), 3);
    assert_eq!(points[0], (Seconds::new(-86_400.0), UsdPerBtc::new(6400.0)));
}

#[test]
fn mistakes_in_a_price_file_are_shown_at_the_cell() {
    for (from, to, message, underlined, label) in [
        (
            "2018-09-20,6493",
            "2018-09-20,-6493",
            "`price_usd` in `price.csv` is -6493, but must be at least 1e-6",
            "-6493",
            "must be at least 1e-6",
        ),
        ("2018-09-20,6493", "2018-09-20,x", "`price_usd` in `price.csv` must be a number", "x", "not a number"),
        (
            "2018-09-20,6493",
            "2018-09-20,NaN",
            "`price_usd` in `price.csv` must be a finite number",
            "NaN",
            "not finite",
        ),
        ("2018-09-20,6493", "2018-09-20,", "`price_usd` in `price.csv` is empty", "", "empty"),
        ("2018-09-20,6493", "2018-09-20", "a row of `price.csv` has 1 cells, not 2", "2018-09-20", "1 cells"),
        (
            "2018-09-20,6493",
            "2018-09-18,6493",
            "`date` in `price.csv` is not in order",
            "2018-09-18",
            "not after 2018-09-19",
        ),
        (
            "2018-09-20,6493",
            "yesterday,6493",
            "`date` in `price.csv` must be a date from 1970 to 2199",
            "yesterday",
            "not a date that can be read",
        ),
        ("price_usd", "level", "`price.csv` has no column `price_usd`", "date,level", "the header"),
        (
            "2019-03-18",
            "2019-03-17",
            "the run goes on until 2019-03-19, after the last date of `price.csv`",
            "2019-03-17",
            "last date",
        ),
        (
            "2018-09-19,6400\n2018-09-20",
            "2018-09-21",
            "the run starts on 2018-09-20, before this file's first date",
            "2018-09-21",
            "first date",
        ),
    ] {
        let problems = with_price(&PRICE.replace(from, to)).expect_err(message);
        let rendered = problems.render(false, 100);
        let problem =
            problems.iter().find(|problem| problem.message == message).unwrap_or_else(|| panic!("{rendered}"));
        assert_eq!(
            (problems.underlined(&problem.labels[0]), problem.labels[0].text.as_str()),
            (underlined, label),
            "{rendered}"
        );
        assert!(rendered.contains("[price.csv:"), "{rendered}");
    }
}

#[test]
fn a_file_that_is_not_there_is_underlined_where_it_is_named() {
    let problems = Shelf::default().read_str(GOOD, &["population.csv=none.csv"]).expect_err("no file");
    assert_eq!(problems.to_string(), "`none.csv` cannot be read: there is no such file");
    assert_eq!(problems.underlined(&problems.iter().next().expect("one").labels[0]), "none.csv");
}

#[test]
fn reads_miners_one_by_one() {
    let resolved = with_miners(MINERS).expect("it is good");
    let PopulationParams::Listed(rows) = &resolved.scenario.population else { panic!("not listed") };
    assert_eq!(rows.iter().map(|row| row.firm.as_str()).collect::<Vec<_>>(), ["a", "a", "b, inc"]);
    assert_eq!(
        (rows[0].coins, rows[0].weight, rows[0].shutdown_margin, rows[0].restart_margin),
        (Sats::from_btc(1.5), 2.0, -0.1, 0.1)
    );
    assert_eq!((rows[2].weight, rows[2].region.as_deref(), rows[2].fixed_cost_usd_per_day), (1.0, None, 0.0));
    let again = Shelf::default().with("m/miners.csv", MINERS).read_str(&resolved.canonical(), &[]).expect("it is good");
    assert_eq!(again.scenario, resolved.scenario);
}

#[test]
fn mistakes_in_a_file_of_miners_are_shown_at_the_cell() {
    for (from, to, message, underlined) in [
        ("a,home,1000", "a,home,0", "`hashrate_th_per_s` in `m/miners.csv` is 0, but must be at least 1e-6", "0"),
        ("a,home,500", "a,public,500", "`class` in `m/miners.csv` differs within a firm", "public"),
        ("0,10,2,,", "0,10,3,,", "`weight` in `m/miners.csv` differs within a firm", "3"),
        (
            "\"b, inc\",public,2000",
            "\"b, inc\",public,2e30",
            "`hashrate_th_per_s` in `m/miners.csv` is 2e30, but must be at most 1e12",
            "2e30",
        ),
        ("-0.1,0.1", "0.1,-0.1", "`restart_margin` in `m/miners.csv` is below the shutdown margin", "-0.1"),
        (",weight,", ",wieght,", "`m/miners.csv` has no column `weight`, but `wieght`", "wieght"),
        (",weight,", ",cash_usd,", "two columns of `m/miners.csv` could be `cash_usd`", "cash_usd"),
        ("a,home,500", ",home,500", "`firm` in `m/miners.csv` is empty", ""),
    ] {
        let problems = with_miners(&MINERS.replace(from, to)).expect_err(message);
        let rendered = problems.render(false, 100);
        let problem =
            problems.iter().find(|problem| problem.message == message).unwrap_or_else(|| panic!("{rendered}"));
        assert_eq!(problems.underlined(&problem.labels[0]), underlined, "{rendered}");
    }
}

#[test]
fn a_thousand_bad_rows_are_counted_not_shown() {
    let mut csv = PRICE.to_owned();
    for _ in 0..1000 {
        writeln!(csv, "x,y").expect("a string takes all");
    }
    let problems = with_price(&csv).expect_err("it is wrong");
    assert_eq!(problems.len(), 21);
    assert_eq!(problems.iter().last().expect("one").message, "`price.csv` has 1980 more problems");
}

#[test]
fn miners_cannot_be_both_listed_and_drawn_in_one_file() {
    let text = changed("[power]", "[population]\ncsv = \"m/miners.csv\"\n[power]");
    let problems = Shelf::default().with("m/miners.csv", MINERS).read_str(&text, &[]).expect_err("both");
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        ["`population.csv` and `[class.NAME]` are both given", "`population.csv` and `[fleet.NAME]` are both given"]
    );
}

#[test]
fn a_path_in_a_base_is_relative_to_the_base() {
    let base = changed("[power]", "[power]\n").replace(
        "[price.knots]\npoints = [[\"2018-09-01\", 7000.0], [\"2018-09-20\", 6493.0], [\"2019-03-20\", 4000.0]]",
        "[price.csv]\nfile = \"price.csv\"",
    );
    let shelf = Shelf::default()
        .with("bases/base.toml", base)
        .with("bases/price.csv", PRICE)
        .with("mine.toml", "extends = \"bases/base.toml\"");
    let resolved = shelf.load("mine.toml", &[], None).expect("it is good");
    assert!(resolved.canonical().contains("file = \"bases/price.csv\""), "{}", resolved.canonical());
    let again = shelf.read_str(&resolved.canonical(), &[]).expect("it is good");
    assert_eq!(again.scenario, resolved.scenario);
}

#[test]
fn a_bootstrap_draws_from_daily_rows_without_gaps() {
    let text = changed(
        "[price.knots]\npoints = [[\"2018-09-01\", 7000.0], [\"2018-09-20\", 6493.0], [\"2019-03-20\", 4000.0]]",
        "[price.bootstrap]\nstart_usd = 100\nfile = \"h.csv\"",
    );
    let history = "date,price_usd\n2013-01-01,100\n2013-01-02,110\n2013-01-03,99\n";
    let resolved = Shelf::default().with("h.csv", history).read_str(&text, &[]).expect("it is good");
    let PriceProcess::Bootstrap { log_returns, block_days, detrend, .. } = resolved.scenario.price.process else {
        panic!("not a bootstrap")
    };
    assert_eq!((log_returns.len(), block_days, detrend), (2, 10.0, true));
    assert!((log_returns[0] - libm::log(1.1)).abs() < 1e-12);
    let problems =
        Shelf::default().with("h.csv", history.replace("01-03", "01-04")).read_str(&text, &[]).expect_err("a gap");
    assert_eq!(problems.to_string(), "`h.csv` is not one row a day");
}
