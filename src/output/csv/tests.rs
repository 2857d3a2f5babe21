use super::*;
use crate::units::{Hashprice, Hashrate, Power, Sats, Seconds, Usd};

const START: &str = "2018-09-20";

fn recording(tables: Tables) -> Recording {
    Recording::new(UnixTime::parse(START).expect("a date"), tables)
}

fn metrics() -> Metrics {
    Metrics::default()
}

/// The rows of one table, by column name, read by the csv crate and not by our own rules.
fn read(rows: &Rows, tables: Tables, table: Table) -> Vec<Vec<(String, String)>> {
    let place = tables.iter().position(|other| other == table).expect("the table is written");
    let text = [table.header(), rows.0[place].clone()].concat();
    let mut reader = ::csv::Reader::from_reader(text.as_slice());
    let headers = reader.headers().expect("there is a header").clone();
    reader
        .records()
        .map(|record| {
            let record = record.expect("every row has as many values as the header");
            headers.iter().zip(&record).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        })
        .collect()
}

fn pairs(row: &[(String, String)]) -> Vec<(&str, &str)> {
    row.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn day() -> DayRecord {
    DayRecord {
        time: Seconds::new(86_400.0),
        price_usd: 6_400.1,
        base_price_usd: 6_500.0,
        price_impact: -0.0,
        hashrate_eh_per_s: 52.25,
        idle_hashrate_eh_per_s: 3.0,
        delivered_eh_per_s: 0.5,
        on_order_eh_per_s: 12.0,
        ordered_eh_per_s: 1.5,
        scrapped_eh_per_s: 0.25,
        failed_eh_per_s: 0.625,
        broken_eh_per_s: 0.125,
        converted_mw: 250.0,
        efficiency_j_per_th: Some(90.0),
        difficulty: 7_019_199_231_177.173,
        hashprice_usd_per_ph_day: 1e-7,
        blocks: 144.0,
        power_gw: 4.5,
        co2_kt: 31.0,
        underwater_share: 0.1,
        issued: Sats::new(180_000_000_001),
        sold_voluntary: Sats::new(1),
        sold_forced: Sats::new(2),
        sold_liquidation: Sats::new(3),
        cash: Usd::new(-5.5),
        debt: Usd::new(7.0),
        coins_held: Sats::new(2_099_999_997_690_001),
        coins_pledged: Sats::new(5),
        lender_loss: Usd::new(0.25),
        firms_in_arrears: 9,
        ..DayRecord::default()
    }
}

/// These are among the cells of a row, in their order.
fn assert_has(row: &[(String, String)], cells: &[(&str, &str)]) {
    let shown = pairs(row);
    let mut rest = shown.iter();
    for cell in cells {
        assert!(rest.any(|shown| shown == cell), "no {cell:?} in its place in {shown:?}");
    }
}

#[test]
fn each_value_stands_in_its_column() {
    let recording = recording(Tables::of(&[Table::Days]));
    let mut recorder = Recorder::new(&recording, 17);
    recorder.on_day(&day());
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    let read = read(&rows, recording.tables, Table::Days);
    assert_has(
        &read[0],
        &[
            ("replica", "17"),
            ("time_utc", "2018-09-21T00:00:00Z"),
            ("price_usd", "6400.1"),
            ("base_price_usd", "6500.0"),
            ("price_impact_share", "0.0"),
            ("hashrate_eh_per_s", "52.25"),
            ("idle_hashrate_eh_per_s", "3.0"),
            ("delivered_eh_per_s", "0.5"),
            ("on_order_eh_per_s", "12.0"),
            ("ordered_eh_per_s", "1.5"),
            ("scrapped_eh_per_s", "0.25"),
            ("failed_eh_per_s", "0.625"),
            ("broken_eh_per_s", "0.125"),
            ("converted_mw", "250.0"),
            ("machine_efficiency_j_per_th", "90.0"),
            ("revenue_usd_per_kwh", ""),
            ("difficulty", "7019199231177.173"),
            ("hashprice_usd_per_ph_day", "1e-7"),
            ("block_interval_s", ""),
            ("blocks", "144.0"),
            ("power_gw", "4.5"),
            ("co2_kt", "31.0"),
            ("underwater_share", "0.1"),
            ("issued_btc", "1800.00000001"),
            ("sold_voluntary_btc", "1e-8"),
            ("sold_forced_btc", "2e-8"),
            ("sold_liquidation_btc", "3e-8"),
            ("cash_usd", "-5.5"),
            ("debt_usd", "7.0"),
            ("coins_held_btc", "20999999.97690001"),
            ("firms_in_arrears", "9"),
            ("coins_pledged_btc", "5e-8"),
            ("lender_loss_usd", "0.25"),
        ],
    );
}

#[test]
fn an_epoch_that_the_run_cuts_has_empty_cells() {
    let recording = recording(Tables::of(&[Table::Epochs]));
    let mut recorder = Recorder::new(&recording, 0);
    let epoch = EpochRecord {
        epoch: 3,
        start_height: 544_320,
        start: Seconds::new(-3_600.5),
        duration: Some(Seconds::new(1_296_000.0)),
        difficulty: 7e12,
        retarget_ratio: Some(0.85),
        hashrate_eh_per_s: Some(50.0),
        running_hashrate_eh_per_s: 51.0,
        price_usd: 4_000.0,
        hashprice_usd_per_ph_day: 120.0,
        active_share: 0.75,
        sold_voluntary: Sats::new(4_000_000_000),
        sold_forced: Sats::new(1_000_000_000),
        sold_liquidation: Sats::new(500_000_000),
        defaults: 12.5,
        hhi: 0.02,
        runway_p10_days: Some(12.0),
        gini: 0.5,
        nakamoto: 7.0,
        top1_share: 0.1,
        top5_share: 0.25,
        top10_share: 0.375,
        idle_overhang: Some(0.125),
        sold_of_mined: Some(1.5),
        ..EpochRecord::default()
    };
    recorder.on_epoch(&epoch);
    recorder.on_epoch(&EpochRecord {
        duration: None,
        retarget_ratio: None,
        hashrate_eh_per_s: None,
        idle_overhang: None,
        ..epoch
    });
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    let read = read(&rows, recording.tables, Table::Epochs);
    assert_has(
        &read[0],
        &[
            ("replica", "0"),
            ("epoch", "3"),
            ("start_height", "544320"),
            ("start_time_utc", "2018-09-19T22:59:59Z"),
            ("duration_days", "15.0"),
            ("difficulty", "7000000000000.0"),
            ("retarget_ratio", "0.85"),
            ("hashrate_eh_per_s", "50.0"),
            ("running_hashrate_eh_per_s", "51.0"),
            ("price_usd", "4000.0"),
            ("hashprice_usd_per_ph_day", "120.0"),
            ("active_share", "0.75"),
            ("sold_voluntary_btc", "40.0"),
            ("sold_forced_btc", "10.0"),
            ("sold_liquidation_btc", "5.0"),
            ("defaults", "12.5"),
            ("hhi", "0.02"),
            ("runway_p10_days", "12.0"),
            ("runway_p50_days", ""),
            ("runway_p90_days", ""),
            ("gini", "0.5"),
            ("nakamoto", "7.0"),
            ("top1_share", "0.1"),
            ("top5_share", "0.25"),
            ("top10_share", "0.375"),
            ("idle_overhang", "0.125"),
            ("sold_of_mined_share", "1.5"),
        ],
    );
    let empty: Vec<_> =
        pairs(&read[1]).into_iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect();
    let never = ["runway_p50_days", "runway_p90_days", "idle_overhang"];
    assert_eq!(empty, [&["duration_days", "retarget_ratio", "hashrate_eh_per_s"][..], &never].concat());
}

#[test]
fn prices_of_machines_are_written() {
    let recording = recording(Tables::of(&[Table::Rigs]));
    let mut recorder = Recorder::new(&recording, 2);
    recorder.on_rigs(&RigRecord {
        time: Seconds::new(43_200.0),
        model: "s19",
        efficiency_j_per_th: 29.5,
        price_usd_per_th: 12.25,
        value_usd_per_th: 15.0,
        traded: Hashrate::from_th(500.0),
        listed: Hashrate::ZERO,
    });
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    assert_eq!(rows.0[0], b"2,2018-09-20T12:00:00Z,s19,29.5,12.25,15.0,500.0,0.0\n");
}

#[test]
fn survivors_and_the_restart_ladder_are_written() {
    let recording = recording(Tables::of(&[Table::Survival, Table::Restart]));
    let mut recorder = Recorder::new(&recording, 2);
    let time = Seconds::new(43_200.0);
    recorder.on_survival(&SurvivalRecord {
        epoch: Some(2),
        time,
        by: "class",
        group: "home",
        surviving_share: 0.75,
        liquidated_share: 0.0625,
        workout_share: 0.25,
        surrendered_share: 0.5,
        chapter11_share: 0.125,
        surviving_hashrate_share: 0.875,
        running_share: 0.375,
    });
    recorder.on_ladder(&LadderRecord {
        epoch: 5,
        time,
        price_usd: 6e3,
        hashprice_usd_per_ph_day: 35.0,
        restartable: Hashrate::from_eh(0.5),
        restart_10pct: Some(Hashprice::new(40.0)),
        restart_90pct: Some(Hashprice::new(80.0)),
        ..LadderRecord::default()
    });
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    assert_eq!(rows.0[0], b"2,2018-09-20T12:00:00Z,class,home,0.75,0.0625,0.25,0.5,0.125,2,0.875,0.375\n");
    assert_eq!(rows.0[1], b"2,5,2018-09-20T12:00:00Z,6000.0,35.0,0.5,40.0,,,,,,,,80.0\n");
}

#[test]
fn a_bin_of_the_fleet_is_written_in_exahash() {
    let recording = recording(Tables::of(&[Table::Fleet]));
    let mut recorder = Recorder::new(&recording, 2);
    recorder.on_fleet(&FleetRecord {
        epoch: None,
        time: Seconds::new(43_200.0),
        from_j_per_th: 20.0,
        to_j_per_th: Some(25.0),
        running: Hashrate::from_eh(1.5),
        idle: Hashrate::from_eh(0.25),
    });
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    assert_eq!(rows.0[0], b"2,,2018-09-20T12:00:00Z,20.0,25.0,1.5,0.25\n");
}

fn firm(name: &'static str) -> FirmRecord<'static> {
    FirmRecord {
        firm: name,
        class: "public",
        region: "world",
        weight_start: 3.0,
        weight: 2.0,
        state: "liquidated",
        exit: Some(Seconds::new(86_399.9)),
        installed: Hashrate::from_th(3.0),
        running: Hashrate::from_th(1.5),
        cash: Usd::new(4.0),
        coins: Sats::new(500_000_000),
        debt: Usd::new(6.0),
        power: Power::from_mw(1_500_000_000),
        efficiency_j_per_th: Some(70.0),
        power_price_usd_per_kwh: Some(0.08),
        acquired_by: "",
    }
}

#[test]
fn names_survive_whatever_they_contain() {
    let recording = recording(Tables::of(&[Table::Firms]));
    let mut recorder = Recorder::new(&recording, 1);
    let names = ["plain-1", "Bit, Dig & Co", "the \"Quarry\"", "two\nlines", "Ångström"];
    for name in names {
        recorder.on_firm(&firm(name));
    }
    recorder.on_firm(&FirmRecord { exit: None, acquired_by: "a,b", ..firm("last") });
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    let read = read(&rows, recording.tables, Table::Firms);
    assert_eq!(read.iter().map(|row| row[1].1.as_str()).take(5).collect::<Vec<_>>(), names);
    assert_eq!(
        pairs(&read[5]),
        [
            ("replica", "1"),
            ("firm", "last"),
            ("class", "public"),
            ("region", "world"),
            ("weight_start", "3.0"),
            ("weight", "2.0"),
            ("state", "liquidated"),
            ("exit_time_utc", ""),
            ("installed_hashrate_th_per_s", "3.0"),
            ("running_hashrate_th_per_s", "1.5"),
            ("cash_usd", "4.0"),
            ("coins_btc", "5.0"),
            ("debt_usd", "6.0"),
            ("power_mw", "1.5"),
            ("machine_efficiency_j_per_th", "70.0"),
            ("power_price_usd_per_kwh", "0.08"),
            ("acquired_by", "a,b"),
        ]
    );
    assert_eq!(read[0][7].1, "2018-09-20T23:59:59Z");
    assert!(rows.0[0].starts_with(b"1,plain-1,public,world,"), "a plain name is not quoted");
}

fn event(day: f64, kind: &'static str, firm: &'static str, th: f64) -> EventRecord<'static> {
    EventRecord {
        time: Seconds::new(day * 86_400.0),
        kind,
        firm,
        hashrate: Hashrate::from_th(th),
        amount_usd: th * 10.0,
        amount_btc: th / 10.0,
    }
}

#[test]
fn events_add_up_by_firm_kind_and_day() {
    let recording = recording(Tables::of(&[Table::Events]));
    let mut recorder = Recorder::new(&recording, 0);
    for event in [
        event(0.75, "shutdown", "b", 1.0),
        event(0.75, "shutdown", "a", 2.0),
        event(0.75, "shutdown", "b", 4.0),
        event(0.75, "restart", "b", 8.0),
        // Two retargets in a day stay two.
        event(0.80, "retarget", "", 16.0),
        event(0.85, "retarget", "", 32.0),
        // The next day begins at midnight, not after it.
        event(1.0, "shutdown", "b", 64.0),
        // Told late, dated early.
        event(0.5, "shutdown", "a", 128.0),
    ] {
        recorder.on_event(&event);
    }
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    assert_eq!(
        String::from_utf8(rows.0[0].clone()).expect("text"),
        "0,2018-09-20T12:00:00Z,shutdown,a,130.0,1300.0,13.0,0\n\
         0,2018-09-20T18:00:00Z,shutdown,b,5.0,50.0,0.5,1\n\
         0,2018-09-20T18:00:00Z,restart,b,8.0,80.0,0.8,2\n\
         0,2018-09-20T19:12:00Z,retarget,,16.0,160.0,1.6,3\n\
         0,2018-09-20T20:24:00Z,retarget,,32.0,320.0,3.2,4\n\
         0,2018-09-21T00:00:00Z,shutdown,b,64.0,640.0,6.4,5\n"
    );
}

#[test]
fn events_are_written_of_the_first_replicas_or_of_all() {
    let first = recording(Tables::all());
    for (recording, replica, lines) in
        [(first, 19, 1), (first, 20, 0), (first.with_all_events(), 20, 1), (recording(Tables::of(&[])), 0, 0)]
    {
        let mut recorder = Recorder::new(&recording, replica);
        recorder.on_event(&event(0.0, "default", "a", 1.0));
        recorder.on_metrics(&metrics());
        let rows = recorder.finish().expect("all is finite");
        let text = String::from_utf8(rows.0.concat()).expect("text");
        assert_eq!(text.lines().filter(|line| line.contains("default")).count(), lines, "replica {replica}");
    }
}

#[test]
fn only_the_tables_asked_for_are_written() {
    let recording = recording(Tables::of(&[Table::Epochs]));
    let mut recorder = Recorder::new(&recording, 4);
    recorder.on_day(&day());
    recorder.on_firm(&firm("a"));
    recorder.on_fleet(&FleetRecord::default());
    recorder.on_metrics(&metrics());
    let rows = recorder.finish().expect("all is finite");
    let cells: Vec<_> = metrics().values().map(|value| if value.is_some() { ",0.0" } else { "," }).into();
    let replica_row = format!("4{}\n", cells.concat());
    assert_eq!(rows, Rows(vec![Vec::new(), replica_row.into_bytes()]));
}

#[test]
fn a_number_that_is_none_names_its_column() {
    let fault = |spoil: fn(&mut DayRecord)| {
        let mut recorder = Recorder::new(&recording(Tables::all()), 8);
        let mut spoiled = day();
        spoil(&mut spoiled);
        recorder.on_day(&day());
        recorder.on_day(&spoiled);
        recorder.on_metrics(&metrics());
        recorder.finish().expect_err("a number is not finite").to_string()
    };
    let tail = "in replica 8: a bug of shakeout, please report it";
    assert_eq!(
        fault(|day| day.underwater_share = f64::NAN),
        format!("column `underwater_share` of table `days` is NaN {tail}")
    );
    assert_eq!(
        fault(|day| day.block_interval_s = Some(f64::INFINITY)),
        format!("column `block_interval_s` of table `days` is inf {tail}")
    );
    assert_eq!(
        fault(|day| day.time = Seconds::new(f64::NAN)),
        format!("column `time_utc` of table `days` is NaN {tail}")
    );

    let mut recorder = Recorder::new(&recording(Tables::all()), 8);
    let mut metrics = metrics();
    metrics.days_to_trough = f64::NEG_INFINITY;
    recorder.on_metrics(&metrics);
    let error = recorder.finish().expect_err("a metric is not finite").to_string();
    assert_eq!(error, format!("column `{}` of table `replicas` is -inf {tail}", "days_to_trough"));
}

#[test]
fn a_history_without_headline_numbers_is_refused() {
    let recorder = Recorder::new(&recording(Tables::all()), 2);
    assert_eq!(recorder.finish(), Err(RecordError::NoMetrics { replica: 2 }));
}

/// `cargo test --release --lib output::csv::tests::speed -- --ignored --nocapture`
#[test]
#[ignore = "a measurement, not a test"]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn speed() {
    let recording = recording(Tables::of(&[Table::Days]));
    let begun = std::time::Instant::now();
    let mut bytes = 0;
    for replica in 0..200 {
        let mut recorder = Recorder::new(&recording, replica);
        for n in 0..1_100 {
            let x = f64::from(n).sqrt();
            let time = Seconds::new(f64::from(n) * 86_400.0);
            recorder.on_day(&DayRecord {
                time,
                price_usd: x,
                base_price_usd: x * 1.1,
                hashrate_eh_per_s: x * 0.3,
                ..day()
            });
        }
        recorder.on_metrics(&metrics());
        bytes += recorder.finish().expect("all is finite").0[0].len();
    }
    println!("{bytes} bytes in {:?}", begun.elapsed());
}
