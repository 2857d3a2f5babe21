use super::*;

fn read(epochs: &str, days: Option<&str>) -> Result<History, String> {
    let mut held = vec![(PathBuf::from("e.csv"), Arc::from(epochs.as_bytes()))];
    held.extend(days.map(|days| (PathBuf::from("d.csv"), Arc::from(days.as_bytes()))));
    let files = Remembered::with(Disk::default(), held.into_iter().collect());
    let days = days.map(|_| Path::new("d.csv"));
    read_history(&files, Some(Path::new("e.csv")), days).map_err(|problems| problems.render(false, 200))
}

/// Difficulty 67,957,790,298,897.88 and 606.588 s a block: 481.178 EH/s, the value of the shared table of epochs for 26 November 2023.
#[test]
fn the_shipped_history_is_whole() {
    let history = shipped_history();
    assert_eq!(history.epochs()[0].start_height, 215_712);
    assert_eq!(history.closed(), 301);
    let last = history.closed() - 2;
    assert_eq!(history.epochs()[last].start_height, 818_496);
    assert!((history.hashrate_eh(last) - 481.178).abs() < 1e-3, "{}", history.hashrate_eh(last));
    // The blocks of an epoch's days are its 2016, except on the two days that it shares with its neighbours.
    #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
    let days = history.begins(last).ceil() as i64..history.begins(last + 1).floor() as i64;
    let found: f64 = days.clone().filter_map(|day| history.blocks(day)).sum();
    assert!((found - 2016.0).abs() < 300.0 && found < 2016.0, "{found} blocks in {days:?}");
}

/// The same epochs under other names, in other forms, with a difficulty in place of the target and an open end.
#[test]
fn user_histories_are_read_in_their_usual_formats() {
    let plain = "# from a node\nstart_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n\
        2016,2020-01-01,1d00ffff,100,0.5\n4032,2020-01-15,1d00ffff,400,1\n";
    let history = read(plain, None).expect("it is read");
    let exported = "index;Height;Date;Difficulty;Close;Fees BTC per block;Pool\n\
        0;2016;01/01/2020;1;$100;0,5;x\n1;4032;01/15/2020;1;;;x\n";
    let other = read(exported, None).expect("it is read");
    assert_eq!(history.epochs()[0], other.epochs()[0]);
    assert_eq!(history.epochs()[1].start, other.epochs()[1].start);
    let days = "time,PriceUSD\n2020-01-02,90\n2020-01-03,95\n";
    let with_days = read(plain, Some(days)).expect("it is read");
    assert!((with_days.price(with_days.begins(0) + 1.5, 2).get() - 90.0).abs() < 1e-12);
    assert_eq!(with_days.blocks(18_263), None);
}

/// Each mistake is reported with its remedy.
#[test]
fn mistakes_in_a_history_are_reported_at_their_cells() {
    let head = "start_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n";
    let good = "2016,2020-01-01,1703e8b3,100,0.5\n";
    for (rows, said) in [
        (good.to_owned(), "has fewer than two epochs"),
        (format!("{good}6048,2020-01-15,1703e8b3,1,1\n"), "give every epoch once, in order"),
        (format!("{good}4032,2020-01-15,zz,1,1\n"), "a compact target of eight hexadecimal digits"),
        (format!("{good}4032,yesterday,1703e8b3,1,1\n"), "write dates as"),
        (format!("{good}4033,2020-01-15,1703e8b3,1,1\n"), "not a multiple of 2016"),
        (format!("{good}4032,2020-01-15,1703e8b3,-1,1\n"), "`price_usd` in `e.csv`"),
        (format!("{good}4032,2020-01-15,1703e8b3,,1\n6048,2020-01-29,1703e8b3,1,1\n"), "only the last epoch"),
    ] {
        let told = read(&format!("{head}{rows}"), None).expect_err(&rows);
        assert!(told.contains(said), "{rows}{told}");
    }
    let told = read("height,date,price,btc_per_block\n2016,2020-01-01,1,1\n", None).expect_err("no difficulty");
    assert!(told.contains("neither a column `nbits` nor `difficulty`"), "{told}");
    let days = format!("{head}{good}4032,2020-01-15,1703e8b3,1,1\n");
    let told = read(&days, Some("date,blocks\n2020-01-01,\n")).expect_err("nothing is known of the day");
    assert!(told.contains("has neither blocks nor a price"), "{told}");
}

/// A row that cannot be read is one problem, not one of each row after it.
#[test]
fn one_bad_row_is_one_problem() {
    let rows = |bad: &str| {
        let good = |epoch: u32| format!("{},2020-{:02}-01,1703e8b3,100,0.5\n", 2016 * epoch, epoch);
        let all: String = (1..=8).map(|epoch| if epoch == 3 { bad.to_owned() } else { good(epoch) }).collect();
        format!("start_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n{all}")
    };
    for bad in
        ["6048,yesterday,1703e8b3,100,0.5\n", "6048,2020-03-01,zz,100,0.5\n", "6048,2020-03-01,1703e8b3,-1,0.5\n"]
    {
        let told = read(&rows(bad), None).expect_err(bad);
        assert_eq!(told.matches("scenario::csv").count(), 1, "{told}");
    }
    // A row that is left out is one, at the row that follows.
    let told = read(&rows(""), None).expect_err("the third epoch is missing");
    assert_eq!(told.matches("scenario::csv").count(), 1, "{told}");
    assert!(told.contains("is not the next epoch"), "{told}");
}

#[test]
fn the_newest_epoch_may_come_first() {
    let head = "start_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n";
    let rows =
        ["2016,2020-01-01,1d00ffff,100,0.5\n", "4032,2020-01-15,1d00ffff,400,1\n", "6048,2020-01-29,1d00ffff,,\n"];
    let forwards = read(&format!("{head}{}", rows.concat()), None).expect("it is read");
    let backwards = read(&format!("{head}{}{}{}", rows[2], rows[1], rows[0]), None).expect("it is read");
    assert_eq!(forwards, backwards);
}

/// What is printed is read as the same history, and epochs after its end are appended to it.
#[test]
fn the_shipped_history_is_printed_and_continued() {
    let shipped = shipped_history();
    let printed = read(&shipped_history_csv(false), Some(&shipped_history_csv(true))).expect("it is read");
    assert_eq!(printed, shipped);
    let head = "start_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n";
    let next = "824544,2024-01-05,1703e8b3,44000,2\n826560,2024-01-19,1703e8b3,,\n";
    let more = read(&format!("{head}{next}"), None).expect("it follows");
    assert_eq!(more.closed(), shipped.closed() + 2);
    assert_eq!(more.epochs()[..shipped.epochs().len()], *shipped.epochs());
    assert_eq!(more.blocks(18_263), shipped.blocks(18_263), "the shipped days stay");
    let again = format!("{head}822528,2023-12-23T06:04:24Z,1703e8b3,43100,1.4\n{next}");
    let again = read(&again, Some("date,blocks\n2024-01-06,150\n")).expect("the open epoch may be given again");
    assert_eq!(again.closed(), shipped.closed() + 2);
    assert_eq!(again.epochs()[shipped.closed()].price, UsdPerBtc::new(43_100.0));
    assert_eq!((again.blocks(18_263), again.blocks(19_728)), (shipped.blocks(18_263), Some(150.0)));
    for (first, said) in [("820512,2023-12-10", "overlaps"), ("826560,2024-01-19", "leaves a gap")] {
        let told = read(&format!("{head}{first},1703e8b3,44000,2\n"), None).expect_err(said);
        assert!(told.contains(said) && told.contains("begin with height 822528 or 824544"), "{told}");
    }
}
