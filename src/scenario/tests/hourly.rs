//! Files of hourly prices: their columns, clocks and intervals, and what is said of rows that are wrong.

use std::io::Write;

use super::example::{GOOD, Shelf};
use crate::{
    power::{SpotPrices, spot::Hours},
    scenario::{Problems, Resolved},
    units::UnixTime,
};

fn with(file: impl Into<Vec<u8>>, keys: &str) -> Result<Resolved, Problems> {
    let text = format!(
        "{GOOD}\n[region.texas]\nshare = 0.2\n[region.texas.contract.indexed]\n[region.texas.spot.csv]\nfile = \"hours.csv\"\n{keys}\n"
    );
    Shelf::default().with("hours.csv", file).read_str(&text, &[])
}

#[track_caller]
fn hours(file: impl Into<Vec<u8>>, keys: &str) -> Hours {
    let resolved = with(file, keys).expect("it is good");
    let spot = resolved.scenario.power.regions[0].spot.clone().expect("it has prices");
    let SpotPrices::File(hours) = spot.prices() else { panic!("from a file") };
    hours.clone()
}

/// What is said of a file: message and label of each problem.
fn said(file: &str, keys: &str) -> Vec<(String, String)> {
    let problems = with(file, keys).expect_err("it is wrong");
    problems
        .list
        .iter()
        .map(|p| (p.message.clone(), p.labels.first().map_or(String::new(), |l| l.text.clone())))
        .collect()
}

const DAY: &str = "2018-09-20T";

fn utc(text: &str) -> UnixTime {
    UnixTime::parse(text).expect("a date")
}

#[test]
fn columns_have_the_names_of_markets_and_prices_may_be_negative() {
    for header in
        ["time,price_usd_per_mwh", "Interval Start,SPP", "interval_start_utc,LMP", "timestamp,Settlement Point Price"]
    {
        let found = hours(format!("{header}\n{DAY}00:00Z,20\n{DAY}01:00Z,-7.5\n{DAY}02:00Z,31\n"), "repeats = true");
        assert_eq!((found.rows.step, found.rows.values), (3600, vec![20.0, -7.5, 31.0]), "{header}");
    }
}

/// Quarters of an hour, the newest first, five hours behind UTC.
#[test]
fn any_interval_and_any_offset() {
    let rows = [("00:30", 3), ("00:15", 2), ("00:00", 1)];
    let text = rows.map(|(time, price)| format!("{DAY}{time}-05:00,{price}")).join("\n");
    let found = hours(format!("time,price\n{text}\n"), "repeats = true");
    assert_eq!((found.rows.from, found.rows.step), (utc("2018-09-20T05:00:00Z"), 900));
    assert_eq!(found.rows.values, vec![1.0, 2.0, 3.0]);
    // The same clock, written as a key.
    let found = hours("time,price\n2018-09-20 00:00,1\n2018-09-20 00:15,2\n", "repeats = true\nutc_offset_hours = -5");
    assert_eq!(found.rows.from, utc("2018-09-20T05:00:00Z"));
}

/// 2018-03-11 in Texas: from 1:00 to 3:00; 2018-11-04: 1:00 twice. Every row lasts an hour.
#[test]
fn summer_time_loses_an_hour_and_gives_it_back() {
    let spring = "time,price\n2018-03-11 00:00,1\n2018-03-11 01:00,2\n2018-03-11 03:00,3\n2018-03-11 04:00,4\n";
    let autumn = "time,price\n2018-11-04 00:00,1\n2018-11-04 01:00,2\n2018-11-04 01:00,3\n2018-11-04 02:00,4\n2018-11-04 03:00,5\n";
    for (text, offset, rows) in [(spring, -6, 4), (autumn, -5, 5)] {
        let keys = format!("repeats = true\ndaylight_saving = true\nutc_offset_hours = {offset}");
        assert_eq!(hours(text, &keys).rows.values.len(), rows);
        let keys = format!("repeats = true\nutc_offset_hours = {offset}");
        let said = said(text, &keys);
        assert!(said[0].0.contains("does not follow the one before it"), "{said:?}");
    }
    let said = said(spring, "repeats = true");
    assert_eq!(said[0].1, "2018-03-11T03:00:00Z, where 2018-03-11T02:00:00Z is due");
    // A second hour that is missing is no change of clocks.
    let twice = format!("{spring}2018-03-11 06:00,5\n2018-03-11 07:00,6\n");
    assert_eq!(self::said(&twice, "repeats = true\ndaylight_saving = true").len(), 1);
}

#[test]
fn a_file_must_cover_the_run_unless_it_is_repeated() {
    let text = format!("time,price\n{DAY}01:00Z,20\n{DAY}02:00Z,21\n");
    let said = said(&text, "");
    assert!(said[0].0.contains("starts on 2018-09-20, before this file's first row"), "{said:?}");
    assert!(said[1].0.contains("goes on until 2019-03-19, and this file ends on 2018-09-20T03:00:00Z"), "{said:?}");
    assert!(with(text, "repeats = true").is_ok());
}

#[test]
fn faults_are_shown_at_their_cells() {
    for (file, message) in [
        ("time,price\n2018-09-20,x\n2018-09-21,2\n", "must be a number"),
        ("time,price\nyesterday,3\n2018-09-21,2\n", "must be a date"),
        ("time,price\n2018-09-20,1e9\n2018-09-21,2\n", "must be at most 100000"),
        ("time,cost\n2018-09-20,3\n", "has no column `price_usd_per_mwh`"),
        ("time,price\n2018-09-20,3\n", "has no interval of its own"),
        ("time,price\n", "has no rows"),
    ] {
        let said = said(file, "repeats = true");
        assert!(said[0].0.contains(message), "{said:?}");
    }
}

#[test]
fn a_packed_file_is_read() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"time,price\n2018-09-20,3\n2018-09-21,2\n").expect("into memory");
    let found = hours(packed.finish().expect("into memory"), "repeats = true");
    assert_eq!(found.rows.step, 86_400);
}
