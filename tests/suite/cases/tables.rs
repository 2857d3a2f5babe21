//! Tables, charts and page: former errors of the program, each as a test with the correct value.

use crate::agreement::{Folder, agree};
use shakeout::{
    figure::{FigureSize, FigureStyle, answer_in_markdown, draw, run::figures, run_page},
    report::{PaperRows, PaperRun, Summary, bands::Limits, markdown, series::RunSeries},
    scenario::load,
};
use std::path::{Path, PathBuf};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// This number of replicas of a frozen scenario, whose tables agree.
fn folder(name: &str, sets: &[&str], replicas: u64) -> Folder {
    let file = path(&format!("tests/suite/cases/tables/{name}.toml"));
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let resolved = load(&file, &sets, None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let folder = Folder::of(name, &resolved, replicas);
    agree(&folder, replicas);
    folder
}

fn close(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
}

/// A cohort of a hundred of which some fail: the members that have not failed are the remaining weight over a hundred, on the page, in the chart and in both
/// tables. If the remaining weight were the base, no member would have failed, since the cohort goes on.
#[test]
fn failures_are_counted_by_the_initial_weight() {
    let folder = folder("cohort", &[], 1);
    let cohort = folder.table("firms").with("class", "coh");
    assert_eq!((cohort.texts("exit_time_utc"), cohort.last("weight_start")), (vec![""], 100.0), "it goes on");
    let left = cohort.last("weight");
    assert!(left > 0.0 && left < 99.0, "some of the hundred fail: {left}");
    let series = RunSeries::read(folder.path(), &Limits::default()).expect("the tables are read");
    let shown = series.survival.iter().find(|survival| survival.class == "coh").expect("the class has a line");
    close("in the chart", shown.at_the_end(), left / 100.0);
    let rows = folder.table("survival").with("group", "coh");
    close("surviving", rows.last("surviving_share"), left / 100.0);
    close("failed", rows.last("liquidated_share"), 1.0 - left / 100.0);
}

/// Sites of class `cn` move from one region to the other, where power is a fifth more expensive: firms are listed where their machines are, at the price there.
#[test]
fn firms_stand_where_a_ban_has_moved_them() {
    let folder = folder("R1_ban", &[], 1);
    let (firms, regions) = (folder.table("firms"), folder.table("regions"));
    for region in ["cn", "us"] {
        let by_firm = firms.with("region", region).sum("running_hashrate_th_per_s") / 1e6;
        close(region, by_firm, regions.with("region", region).last("end_hashrate_eh_per_s"));
    }
    let moved = firms.with("class", "cn").with("region", "us").with("exit_time_utc", "");
    assert!(moved.count() > 100.0, "{} firms moved", moved.count());
    assert!(moved.numbers("power_price_usd_per_kwh").iter().all(|price| (price - 0.036).abs() < 1e-12));
    // Firms that a ban drives out of the network have no region, no running machines and no price.
    let stayed = firms.with("class", "cn").with("region", "cn").that("running_hashrate_th_per_s", |hash| hash > 0.0);
    assert!(stayed.numbers("power_price_usd_per_kwh").iter().all(|price| (price - 0.03).abs() < 1e-12));
}

/// Firms buy better machines and others enter: efficiency by firm is that of the end, and empty for firms without machines.
#[test]
fn firms_are_recorded_in_their_final_state() {
    let file = path("scenarios/free-entry.toml");
    let resolved = load(&file, &["run.days=1500".to_owned()], None).expect("the scenario is sound");
    let folder = Folder::of("free-entry", &resolved, 1);
    let firms = folder.table("firms");
    let there = firms.that("installed_hashrate_th_per_s", |hash| hash > 0.0);
    let hash = there.numbers("running_hashrate_th_per_s");
    let weighted: f64 =
        hash.iter().zip(there.numbers("machine_efficiency_j_per_th")).map(|(hash, each)| hash * each).sum();
    let (mean, all) = (weighted / hash.iter().sum::<f64>(), folder.table("days").last("machine_efficiency_j_per_th"));
    let start = folder.table("replicas").last("machine_efficiency_start_j_per_th");
    assert!(all < 0.9 * start, "machines of the start have been replaced: {start}, {all}");
    assert!((mean / all - 1.0).abs() < 1e-3, "by firm {mean}, by day {all}");
    let empty = firms.that("installed_hashrate_th_per_s", |hash| hash == 0.0);
    assert!(empty.count() > 0.0, "some have not entered");
    for column in ["machine_efficiency_j_per_th", "power_price_usd_per_kwh"] {
        assert!(empty.texts(column).iter().all(|text| text.is_empty()), "{column}");
        assert!(there.numbers(column).iter().all(|number| *number > 0.0), "{column}");
    }
}

/// Machines wear, in steps of 30 days at a fifth a year, and power becomes half as expensive again, so 30 J/TH and the initial price no longer hold.
#[test]
fn wear_and_drift_of_prices_are_in_the_table_of_firms() {
    let folder = folder("calm", &[], 1);
    let firms = folder.table("firms");
    let worn = folder.table("days").last("machine_efficiency_j_per_th");
    assert!(worn > 30.5, "two months of wear at 20 % a year: {worn}");
    for (efficiency, hash) in
        firms.numbers("machine_efficiency_j_per_th").iter().zip(firms.numbers("running_hashrate_th_per_s"))
    {
        assert!(hash > 0.0 && (efficiency / worn - 1.0).abs() < 1e-3, "{efficiency}");
    }
    let file = path("tests/suite/cases/tables/calm.toml");
    let resolved = load(&file, &["event.dear.enabled=false".to_owned()], None).expect("the scenario is sound");
    let before = Folder::of("calm", &resolved, 1).table("firms").numbers("power_price_usd_per_kwh");
    for (dear, usual) in firms.numbers("power_price_usd_per_kwh").iter().zip(before) {
        close("power", *dear, 1.5 * usual);
    }
}

/// Two equal owners remain and a third has failed: Gini is 0, and the Lorenz curve is the line of equal shares. At the start there were three.
#[test]
fn the_dead_own_nothing() {
    let folder = folder("gini_dead_owner", &[], 1);
    assert_eq!(folder.table("firms").with("firm", "d").texts("state"), ["liquidated"]);
    close("Gini at the end", folder.metric("gini_end", 0), 0.0);
    close("Gini by epoch", folder.table("epochs").last("gini"), 0.0);
    close("two owners", folder.metric("hhi_end", 0), 0.5);
    let series = RunSeries::read(folder.path(), &Limits::default()).expect("the tables are read");
    close("a quarter", series.lorenz_end.shares[25], 0.25);
    close("the half", series.lorenz_end.shares[50], 0.5);
}

/// Potential entrants own no machines: with or without them, concentration and runway are of the firms that mine.
#[test]
fn a_potential_entrant_is_not_an_owner() {
    // No firm buys machines that must pay back within hours.
    let invest = ["invest.payback.machine='m30'", "invest.payback.payback_months=0.01"];
    let with = folder("calm", &[&invest[..], &["class.big.entrants=7", "class.big.entrant_mw=20"]].concat(), 1);
    let without = folder("calm", &invest, 1);
    assert_eq!(with.table("firms").count(), without.table("firms").count() + 7.0, "seven stand aside");
    for index in ["gini_start", "gini_end", "top1_share_start", "hhi_start", "nakamoto_end"] {
        close(index, with.metric(index, 0), without.metric(index, 0));
    }
    assert_eq!(with.table("epochs").texts("runway_p50_days"), without.table("epochs").texts("runway_p50_days"));
}

/// The course of a number that is first known at the end of an epoch begins with its first value.
#[test]
fn words_have_numbers() {
    let folder = folder("gini_dead_owner", &[], 1);
    let series = RunSeries::read(folder.path(), &Limits::default()).expect("the tables are read");
    let style = FigureStyle { size: FigureSize::Column, titles: true };
    let figures = figures(&series);
    let figure = figures.iter().find(|figure| figure.name == "concentration").expect("a chart of owners");
    let first = folder.table("epochs").numbers("hhi")[0];
    assert!(first > 0.3 && figure.alt.contains("Median index starts at 0."), "{first}: {}", figure.alt);
    for figure in &figures {
        let svg = draw(figure, &style).expect("it is drawn");
        assert!(!svg.contains("NaN") && !figure.alt.contains("NaN"), "{}", figure.name);
    }
}

/// Nothing falls: page, terminal, answer and summary state this, in place of "0 days until it is back".
#[test]
fn where_nothing_falls_it_is_said_in_words() {
    let folder = folder("calm", &["ageing.drift_per_year=0", "event.dear.enabled=false"], 2);
    assert_eq!(folder.table("replicas").numbers("days_to_95pct"), [0.0, 0.0]);
    let summary = Summary::read(folder.path()).expect("a summary");
    let words = "Hashrate never fell below 95 % of its previous peak (2 of 2 replicas).";
    let no_fall = |name: &str| {
        let headline = summary.metrics.iter().find(|headline| headline.name == name).expect("a metric");
        headline.spread.no_fall.as_ref().expect("it measures a fall").n
    };
    for name in ["hashrate_trough_share", "days_to_trough", "days_to_95pct", "days_to_100pct", "worst_retarget"] {
        assert_eq!(no_fall(name), 2, "{name}");
    }
    assert!(answer_in_markdown(&summary).contains(&format!("- {words}")), "{}", answer_in_markdown(&summary));
    assert!(run_page(folder.path()).expect("a page").contains(words));
    let runs = [PaperRun { label: "calm".to_owned(), summary: summary.clone(), version: String::new() }];
    let text = markdown(&runs, &PaperRows::Named(vec!["days_to_95pct".to_owned()]));
    let row = text.lines().find(|line| line.contains("back at 95 %")).expect("a row");
    assert!(row.contains("no fall"), "{row}");
}

/// `--help` names every table that `--tables` accepts.
#[cfg(feature = "cli")]
#[test]
fn help_names_every_table() {
    use shakeout::output::table::Tables;
    let said = crate::cli::Desk::new().ends("run --help", 0).out;
    let list = said.split("--tables <LIST>").nth(1).expect("the option").split("--events").next().expect("its help");
    for table in Tables::all().iter() {
        let mut names = list.split(|letter: char| !letter.is_ascii_alphabetic());
        assert!(names.any(|name| name == table.name()), "{}: {list}", table.name());
    }
}
