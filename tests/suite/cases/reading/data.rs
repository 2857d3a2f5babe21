//! Files of prices and fees as exported by other programs, and series that end before the run.

use super::{folder, frozen};
use crate::cli::Desk;
use shakeout::{
    market::PriceProcess,
    scenario::{Problems, Resolved, load},
};

fn read(name: &str, sets: &[&str]) -> Result<Resolved, Problems> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    load(&folder().join(name), &sets, None)
}

/// The points of a price path.
fn path(resolved: &Resolved) -> Vec<(i64, f64)> {
    let PriceProcess::File { points } = &resolved.scenario.price.process else { panic!("not a path") };
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
    points.iter().map(|(at, price)| (at.get() as i64, price.get())).collect()
}

/// `pcsv.toml` with `extra`, `pandas`, `space`, `semicolon`; `leap` was accepted, and `dst_local` is refused correctly.
#[test]
fn price_files_are_read_as_people_have_them() {
    let of = |file: &str| read("pcsv.toml", &[&format!("price.csv.file=\"csvs/{file}.csv\"")]);
    let plain = path(&of("plain").unwrap_or_else(|problems| panic!("{}", problems.render(false, 100))));
    for file in ["extra", "pandas", "space", "semicolon"] {
        let read = of(file).unwrap_or_else(|problems| panic!("{file}: {}", problems.render(false, 100)));
        assert_eq!(path(&read), plain, "{file}");
    }
    of("leap").unwrap_or_else(|problems| panic!("{}", problems.render(false, 100)));
    let refused = of("dst_local").expect_err("an hour stands twice").render(false, 100);
    assert!(
        refused.contains("is not in order") && refused.contains("summer time") && refused.contains("UTC"),
        "{refused}"
    );
}

/// Variations of these forms, with the remedy if a form is refused.
#[test]
fn other_forms_of_price_files_are_read_or_refused_with_the_remedy() {
    let desk = Desk::new();
    desk.write("s.toml", &frozen("pcsv.toml").replace("csvs/plain.csv", "p.csv").replace("days = 30", "days = 3"));
    let of = |csv: &str| {
        desk.write("p.csv", csv);
        load(&desk.path("s.toml"), &[], None)
    };
    let wanted = [(0, 50_000.0), (86_400, 50_500.5), (172_800, 51_000.0)];
    for csv in [
        "\u{feff}Date,Price\r\n2024-02-20,50000\r\n2024-02-21,50500.5\r\n2024-02-22,51000\r\n",
        "time,PriceUSD,other\n2024-02-20T00:00:00.000Z,50000,\n2024-02-21T00:00:00.000Z,50500.5,x\n2024-02-22T00:00:00.000Z,51000,\n",
        "timestamp;Close;Volume\n1708387200;50000;1\n1708473600;50500,5;1\n1708560000;51000;1\n",
        "snapped_at,price,market_cap\n2024-02-20 00:00:00 UTC,50000,\n2024-02-21 00:00:00 UTC,50500.5,\n2024-02-22 00:00:00 UTC,51000,\n",
        "unix,date,symbol,open,high,low,close\n1,2024-02-20 00:00:00,X,1,1,1,50000\n1,2024-02-21 00:00:00,X,1,1,1,50500.5\n1,2024-02-22 00:00:00,X,1,1,1,51000\n",
        "open_time\tclose\n1708387200000\t50000\n1708473600000\t50500,5\n1708560000000\t51000\n",
        "datetime,price (usd)\n2024-02-20T01:00:00+01:00,5e4\n2024-02-20T19:00:00-05:00,50500.5\n2024/02/22,51000\n",
        "Datum,Date,\"Close\"\nx,20.02.2024,\"50000\"\nx,21.02.2024,50500.5\nx,22.02.2024,51000\n",
        "\"Date\",\"Price\",\"Open\"\n\"Feb 22, 2024\",\"51,000.0\",\"1\"\n\"Feb 21, 2024\",\"50,500.5\",\"1\"\n\"Feb 20, 2024\",\"50,000.0\",\"1\"\n",
        "date,close\n02/20/2024,$50000\n02/21/2024,$50500.5\n02/22/2024,$51000\n",
    ] {
        let read = of(csv).unwrap_or_else(|problems| panic!("{csv}{}", problems.render(false, 100)));
        assert_eq!(path(&read), wanted, "{csv}");
    }
    for (csv, remedy) in [
        ("date,price\n02/03/2024,50000\n", "whether the day or the month comes first"),
        ("date,price\n2024-02-20,\"50,000\"\n", "so are thousands separators if they"),
        ("date,price\n2024-02-20,50000 USD\n", "write numbers plainly"),
        ("date;price\n2024-02-20;50,000\n", "a comma before thousands or before decimals?"),
        ("date,price,close\n2024-02-20,50000,50000\n", "call the one that is meant `price_usd`"),
        ("date,pirce_usd\n2024-02-20,50000\n", "did you mean `price_usd`?"),
        ("date,opening\n2024-02-20,50000\n", "has no column `price_usd`"),
        ("date,price\n2024-02-20,1\n2024-02-22,1\n2024-02-21,1\n", "the oldest or the newest first"),
        ("date,price\n2024-02-22,1\n2024-02-20,1\n2024-02-21,1\n", "the oldest or the newest first"),
        ("date,price\n2024-02-22,1\n2024-02-21,1\n2024-02-21,1\n", "each date once"),
        ("date,price\n2024-02-20,1\n2024-02-21,1\n2024-02-21,1\n", "each date once"),
        ("date,price\n2024-02-20,50000\n", "price.csv.hold_last = true"),
        ("", "has no column `date`"),
    ] {
        let refused = of(csv).expect_err(csv).render(false, 200);
        assert!(refused.contains(remedy), "{csv}{refused}");
    }
}

/// Data that end before the run are refused with the remedy, or their last value holds: one key for knots and files of prices and fees.
#[test]
fn a_series_that_ends_before_the_run_is_refused_or_holds() {
    let desk = Desk::new();
    desk.write("p.csv", "date,price_usd\n2024-02-20,50000\n2024-02-25,40000\n");
    desk.write("f.csv", "date,btc_per_block\n2024-02-20,0.1\n2024-02-25,0.2\n");
    let fees = "[chain.fees.constant]\nbtc_per_block = 0.25";
    let price = "[price.csv]\nfile = \"csvs/plain.csv\"";
    let points = "points = [['2024-02-20', 0.1], ['2024-02-25', 0.2]]";
    for (from, table, usual) in [
        (price, "[price.csv]\nfile = 'p.csv'".to_owned(), false),
        (fees, "[chain.fees.csv]\nfile = 'f.csv'".to_owned(), false),
        (price, format!("[price.knots]\n{points}"), true),
        (fees, format!("[chain.fees.knots]\n{points}"), true),
        (fees, format!("[chain.fees.elastic]\n{points}"), true),
    ] {
        let other = if from == fees { (price, "[price.knots]\npoints = [['2024-02-20', 1e4]]") } else { (fees, fees) };
        for (hold, accepted) in [("", usual), ("hold_last = true", true), ("hold_last = false", false)] {
            desk.write(
                "s.toml",
                &frozen("pcsv.toml").replace(other.0, other.1).replace(from, &format!("{table}\n{hold}")),
            );
            match load(&desk.path("s.toml"), &[], None) {
                Ok(_) => assert!(accepted, "{table} {hold}"),
                Err(problems) => {
                    let shown = problems.render(false, 200);
                    assert!(!accepted && shown.contains("hold_last = true"), "{table} {hold}: {shown}");
                }
            }
        }
    }
}
