use std::{collections::BTreeMap, fs};

use super::*;
use crate::{
    output::table::Table,
    report::fixture::{Fixture, START, iso},
};

fn folder(days: u32, replicas: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Fixture { days, replicas }.write(folder.path());
    folder
}

fn read(folder: &Path, limits: Limits) -> RunSeries {
    RunSeries::read(folder, &limits).unwrap()
}

/// A column of a table in its own words, by replica and in the order of time.
fn column(folder: &Path, table: &str, name: &str) -> BTreeMap<u64, Vec<f64>> {
    let text = fs::read_to_string(folder.join(table)).unwrap();
    let mut lines = text.lines();
    let place = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    let mut found = BTreeMap::<u64, Vec<f64>>::new();
    for line in lines {
        let fields: Vec<_> = line.split(',').collect();
        found.entry(fields[0].parse().unwrap()).or_default().push(fields[place].parse().unwrap());
    }
    found
}

/// Quantile from its definition: the value below which, going along the sorted values evenly, `share` of the way lies.
fn brute_force(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let gaps = f64::from(u32::try_from(sorted.len() - 1).unwrap());
    let mut way = share * gaps;
    for pair in sorted.windows(2) {
        if way <= 1.0 {
            return pair[0] * (1.0 - way) + pair[1] * way;
        }
        way -= 1.0;
    }
    sorted[sorted.len() - 1]
}

#[test]
fn fans_are_the_quantiles_over_replicas() {
    let folder = folder(30, 23);
    let series = read(folder.path(), Limits::default());
    let all = column(folder.path(), "days.csv", "hashrate_eh_per_s");
    assert_eq!((series.replicas, series.replicas_run), (23, Some(23)));
    assert_eq!(series.grid.times.len(), 30);
    let fan = &series.hashrate.fan;
    for day in 0..30 {
        let values: Vec<f64> = all.values().map(|history| history[day]).collect();
        let shares = [(0.05, &fan.p05), (0.25, &fan.p25), (0.5, &fan.p50), (0.75, &fan.p75), (0.95, &fan.p95)];
        for (share, quantiles) in shares {
            let expected = brute_force(&values, share);
            assert!((quantiles[day] - expected).abs() < 1e-9, "day {day}: {} {expected}", quantiles[day]);
        }
    }
    assert_eq!(series.hashrate.paths, all.values().take(5).cloned().collect::<Vec<_>>());
}

#[test]
fn long_runs_and_many_replicas_are_thinned() {
    let folder = folder(100, 7);
    let series = read(folder.path(), Limits { points: 30, replicas: 3, paths: 2 });
    // Every fourth day and the last.
    assert_eq!((series.grid.stride, series.grid.times.len()), (4, 25));
    assert_eq!(series.grid.end(), START + 100 * 86_400);
    assert_eq!((series.replicas, series.replicas_run), (3, Some(7)));
    assert_eq!(series.price.paths.len(), 2);
    let first = &column(folder.path(), "days.csv", "price_usd")[&0];
    let fourth: Vec<f64> = first.iter().skip(3).step_by(4).copied().collect();
    assert_eq!(series.price.paths[0], fourth);
}

#[test]
fn sales_are_weekly_means_over_replicas() {
    let folder = folder(17, 4);
    let series = read(folder.path(), Limits::default());
    let all = column(folder.path(), "days.csv", "sold_voluntary_btc");
    let mean = |days: std::ops::Range<usize>| {
        let values: Vec<f64> = all.values().flat_map(|history| history[days.clone()].to_vec()).collect();
        values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
    };
    // The three days that are no week belong to the last one.
    let expected = [mean(0..7), mean(7..17)];
    assert_eq!(series.sales.voluntary.len(), 2);
    for (found, expected) in series.sales.voluntary.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9);
    }
    assert_eq!(series.sales.ends, [7, 17].map(|day| START + day * 86_400));
}

#[test]
fn the_fleet_is_the_mean_of_its_replicas() {
    let folder = folder(30, 5);
    let series = read(folder.path(), Limits::default());
    assert_eq!(series.fleet.bins.len(), 5);
    assert_eq!(series.fleet.bins[4].label(), "150 J/TH and more");
    let running = column(folder.path(), "fleet.csv", "running_hashrate_eh_per_s");
    // All replicas end at the same instant, so that there the mean needs no interpolation.
    for (bin, place) in series.fleet.bins.iter().zip([5_usize, 4, 3, 2, 1]) {
        let last: f64 = running.values().map(|rows| rows[rows.len() - place]).sum::<f64>() / 5.0;
        assert!((bin.running.last().unwrap() - last).abs() < 1e-9);
    }
}

#[test]
fn retargets_and_shocks_are_those_of_the_first_replica() {
    let folder = folder(60, 3);
    let marks = read(folder.path(), Limits::default()).marks;
    let difficulties = &column(folder.path(), "epochs.csv", "difficulty")[&0];
    assert_eq!(marks.retargets.len(), difficulties.len() - 1);
    for (retarget, pair) in marks.retargets.iter().zip(difficulties.windows(2)) {
        assert!((retarget.ratio - pair[1] / pair[0]).abs() < 1e-12);
    }
    let labels: Vec<_> = marks.shocks.iter().map(|shock| (iso(shock.time), shock.label.as_str())).collect();
    let expected = [("2018-10-09T00:00:00Z", "price shock"), ("2018-11-05T00:00:00Z", "halving")];
    assert_eq!(labels, expected.map(|(time, label)| (time.to_owned(), label)));
}

/// `text` of a table, changed by `change`, and what is said of it.
fn complaint(table: &str, change: impl FnOnce(String) -> String) -> String {
    let folder = folder(10, 2);
    let path = folder.path().join(table);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change(text)).unwrap();
    let error = RunSeries::read(folder.path(), &Limits::default()).unwrap_err().to_string();
    let place = error.find(table).unwrap_or_else(|| panic!("{error} does not name {table}"));
    error[place..].to_owned()
}

/// Changes the first `from` of line `line`, counted from 1.
fn change_line(line: usize, from: &'static str, to: &'static str) -> impl FnOnce(String) -> String {
    move |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert!(lines[line - 1].contains(from), "{}", lines[line - 1]);
        lines[line - 1] = lines[line - 1].replacen(from, to, 1);
        lines.join("\n") + "\n"
    }
}

#[test]
fn garbled_tables_are_named_with_their_line() {
    let fields = Table::Days.columns().len();
    assert_eq!(
        complaint("days.csv", change_line(5, ",600,", ",600,600,")),
        format!("days.csv:5: expected {fields} fields as in the header, found {}", fields + 1)
    );
    assert_eq!(
        complaint("days.csv", change_line(7, "2018-09-26T", "26.9.2018 ")),
        "days.csv:7: column `time_utc`: expected a time like 2018-09-20T00:00:00Z, found `26.9.2018 00:00:00Z`"
    );
    assert_eq!(
        complaint("days.csv", change_line(1, "hashprice_usd_per_ph_day", "hashprice")),
        "days.csv:1: there is no column `hashprice_usd_per_ph_day`"
    );
    assert_eq!(
        complaint("days.csv", change_line(14, ",7150000000000,", ",NaN,")),
        "days.csv:14: column `difficulty`: expected a finite number, found `NaN`"
    );
    assert_eq!(
        complaint("days.csv", change_line(21, "2018-09-30T", "2019-09-30T")),
        "days.csv:21: column `time_utc`: outside the days of the first replica"
    );
    assert_eq!(
        complaint("fleet.csv", change_line(3, "0,", "zero,")),
        "fleet.csv:3: column `replica`: expected a whole number, found `zero`"
    );
    assert_eq!(
        complaint("epochs.csv", |text| text.lines().next().unwrap().replace("difficulty", "d")),
        "epochs.csv:1: there is no column `difficulty`"
    );
    assert_eq!(
        complaint("days.csv", |text| text.lines().next().unwrap().to_owned()),
        "days.csv: the table has no rows"
    );
}

#[test]
fn observed_epochs_must_follow_each_other() {
    let folder = folder(30, 2);
    assert_eq!(read(folder.path(), Limits::default()).observed.len(), 3);
    assert_eq!(
        complaint("observed.csv", change_line(3, "2018-09-27T", "2018-09-26T")),
        "observed.csv:3: an epoch must end after it starts and start after the one before has ended"
    );
    fs::remove_file(folder.path().join("observed.csv")).unwrap();
    assert!(read(folder.path(), Limits::default()).observed.is_empty());
}

#[test]
fn a_missing_table_is_named() {
    for table in ["days", "epochs", "fleet"] {
        let folder = folder(10, 2);
        fs::remove_file(folder.path().join(format!("{table}.csv"))).unwrap();
        let read = || RunSeries::read(folder.path(), &Limits::default()).unwrap_err().to_string();
        assert!(read().ends_with(&format!("{table}.csv: no such table")), "{}", read());
        fs::write(folder.path().join(format!("{table}.parquet")), "PAR1").unwrap();
        assert!(read().contains(&format!("{table}.csv: there is only its Parquet twin")), "{}", read());
    }
}
