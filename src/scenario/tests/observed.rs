use super::example::{GOOD, Shelf, good};
use crate::{
    scenario::{Observed, PlacingError, Problems, Resolved, load_str},
    units::{Seconds, UnixTime, UsdPerBtc},
};

/// Three epochs; the scenario starts with the second.
const TABLE: &str = "
[observed]
source = \"consensus data\"
epochs = [
  { height = 540288, start = \"2018-09-07T03:14:39Z\", difficulty = 7.0192e12, price_usd = 6372.6 },
  { height = 542304, start = \"2018-09-20\", difficulty = 7.152633e12, price_usd = 6585.24 },
  { height = 544320, start = \"2018-10-04T07:49:22Z\", difficulty = 7.45497e12 },
]
";
const FILE: &str = "epoch,start_time_utc,difficulty\n268,2018-09-07T03:14:39Z,7.0192e12\n269,2018-09-20,7.152633e12\n270,2018-10-04T07:49:22Z,7.45497e12\n";

fn table(from: &str, to: &str) -> String {
    assert_eq!(TABLE.matches(from).count(), 1, "`{from}` must occur once");
    format!("{GOOD}{}", TABLE.replace(from, to))
}

fn from_file(csv: &str) -> Result<Resolved, Problems> {
    Shelf::default().with("seen.csv", csv).read_str(&format!("{GOOD}\n[observed]\ncsv = \"seen.csv\"\n"), &[])
}

fn history(resolved: &Resolved) -> &Observed {
    resolved.observed.as_ref().expect("it is written")
}

#[test]
fn a_history_is_read_from_a_table() {
    let resolved = good(&format!("{GOOD}{TABLE}"));
    let epochs = &history(&resolved).epochs;
    assert_eq!(epochs.len(), 3);
    assert_eq!(epochs[1].start_height, Some(542_304));
    assert_eq!(epochs[1].price, Some(UsdPerBtc::new(6585.24)));
    assert_eq!(epochs[2].price, None);
    assert_eq!(good(GOOD).observed, None);
}

/// The engine takes a [`crate::scenario::Scenario`], and what is observed is not in it.
#[test]
fn a_history_changes_nothing_of_the_scenario() {
    let [without, with, other] =
        [GOOD.to_owned(), format!("{GOOD}{TABLE}"), table("7.45497e12", "9e12")].map(|text| good(&text));
    assert_eq!(without.scenario, with.scenario);
    assert_eq!(with.scenario, other.scenario);
    assert_ne!(with.observed, other.observed);
}

/// Read again, the written-out scenario has the same history.
#[test]
fn a_history_is_kept_in_the_scenario_as_resolved() {
    let first = good(&format!("{GOOD}{TABLE}"));
    let again = load_str("again.toml", &first.canonical(), std::path::Path::new(""), &[], None).expect("it is sound");
    assert_eq!(first.observed, again.observed);
    let first = from_file(FILE).expect("it is sound");
    let again = Shelf::default().with("seen.csv", FILE).read_str(&first.canonical(), &[]).expect("it is sound");
    assert_eq!(first.observed, again.observed);
}

/// Columns of no use are passed over; heights follow from the row that has the difficulty of the start.
#[test]
fn a_history_is_read_from_a_file() {
    let resolved = from_file(FILE).expect("it is sound");
    assert_eq!(history(&resolved).epochs[1].start_height, None);
    let with_table = good(&format!("{GOOD}{TABLE}"));
    let place = |resolved: &Resolved| history(resolved).placed(&resolved.scenario).expect("it is the same chain");
    let (by_file, by_table) = (place(&resolved), place(&with_table));
    for (a, b) in by_file.iter().zip(&by_table) {
        assert_eq!((a.height, a.start, a.duration, a.difficulty), (b.height, b.start, b.duration, b.difficulty));
    }
    assert_eq!(by_file[0].height, 540_288);
    assert_eq!(by_file[1].start, Seconds::ZERO);
    assert_eq!(by_file[1].duration, Some(Seconds::new(14.0 * 86_400.0 + 28_162.0)));
    assert_eq!(by_file[2].duration, None);
}

/// Of two rows with the difficulty of the start it is the nearer one.
#[test]
fn a_difficulty_that_comes_twice_is_placed_by_its_date() {
    let resolved = from_file(&FILE.replace("7.0192e12", "7.1526e12")).expect("it is sound");
    assert_eq!(history(&resolved).placed(&resolved.scenario).expect("placed")[1].height, 542_304);
}

#[test]
fn a_history_of_another_chain_is_refused() {
    let placing = |text: String| {
        let resolved = good(&text);
        history(&resolved).placed(&resolved.scenario).expect_err("it is another chain")
    };
    assert!(matches!(placing(table("7.152633e12", "7.2e12")), PlacingError::OtherChain { height: 542_304, .. }));
    let others = GOOD
        .replace("height = 542304", "height = 640000")
        .replace("start = \"2018-09-20\"\ndays", "start = \"2020-08-01\"\ndays");
    let others = others
        .replace("[event.crash.price_shock]\nat = \"2018-11-14\"", "[event.crash.price_shock]\nat = \"2020-11-14\"");
    let error = placing(format!("{others}{TABLE}"));
    assert!(matches!(error, PlacingError::NoStart { height: 639_072, .. }), "{error}");
    let short = table("  { height = 544320, start = \"2018-10-04T07:49:22Z\", difficulty = 7.45497e12 },\n", "");
    assert_eq!(placing(short), PlacingError::NothingToScore);
}

#[test]
fn mistakes_of_a_history_are_named() {
    for (from, to, message, label) in [
        (
            "start = \"2018-10-04T07:49:22Z\"",
            "start = \"2018-09-04\"",
            "the epochs of `[observed]` are not in order",
            "2018-09-04 is not after 2018-09-20",
        ),
        ("height = 544320", "height = 546336", "an epoch of `[observed]` is missing", "546336 does not follow 542304"),
        (
            "difficulty = 7.45497e12",
            "difficulty = -1",
            "`observed.epochs[2].difficulty` is -1, but must be above 0",
            "must be above 0",
        ),
        (
            "source = \"consensus data\"",
            "csv = \"seen.csv\"",
            "`[observed]` needs either `epochs` or `csv`",
            "both are given",
        ),
        (
            "price_usd = 6372.6",
            "prise_usd = 6372.6",
            "`observed.epochs[0].prise_usd` is not a known key",
            "did you mean `price_usd`?",
        ),
    ] {
        let shelf = Shelf::default().with("seen.csv", FILE);
        let problems = shelf.read_str(&table(from, to), &[]).expect_err(message);
        let problem = problems.iter().next().expect("one");
        assert_eq!(problem.message, message);
        assert_eq!(problem.labels[0].text, label);
    }
    let problems = from_file("start_time_utc,difficulty\n2018-09-20,0\n").expect_err("no difficulty is zero");
    assert_eq!(problems.iter().next().expect("one").message, "`difficulty` in `seen.csv` is 0, but must be above 0");
    let problems = from_file("start_time_utc\n2018-09-20\n").expect_err("a column is missing");
    assert_eq!(problems.iter().next().expect("one").message, "`seen.csv` has no column `difficulty`");
}

#[test]
fn the_date_of_the_trend_is_read() {
    let resolved = good(&table("source = ", "trend_at = \"2018-09-10\"\nsource = "));
    assert_eq!(history(&resolved).trend_at, Some(UnixTime::parse("2018-09-10").expect("a date")));
}
