use std::fs;

use super::*;

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sweep.csv"), text).unwrap();
    folder
}

fn read(text: &str, values: usize) -> Result<(Sweep, Vec<Column>), ReportError> {
    let folder = folder(text);
    let sweep = Sweep::read(folder.path(), &[], SweepLimits { values })?;
    let mut columns = Vec::new();
    sweep.for_each(folder.path(), |column| {
        columns.push(column.clone());
        Ok(())
    })?;
    Ok((sweep, columns))
}

const SMALL: &str = "\
point,replica,a.x,b.kind,hashrate_trough_share,days_to_95pct,hhi_end,later
0,0,1_000,bitcoin,0.5,10,0.1,z
0,1,1_000,bitcoin,0.6,,0.1,z
1,0,-2.5e3,asert,0.7,30,0.1,z
1,1,-2.5e3,asert,0.8,40,0.1,z
";

#[test]
fn factors_stand_between_replica_and_the_first_metric() {
    let (sweep, columns) = read(SMALL, 1_000).unwrap();
    assert_eq!((sweep.points, sweep.points_run, sweep.replicas, sweep.replicas_run), (2, 2, 2, 2));
    let [number, choice] = sweep.factors.as_slice() else { panic!("{:?}", sweep.factors) };
    assert_eq!((number.key.as_str(), number.is_numeric()), ("a.x", true));
    assert_eq!(number.settings, [1000.0, -2500.0]);
    assert_eq!(number.levels(), [-2500.0, 1000.0]);
    assert_eq!(number.label(-2500.0), "−2500");
    assert_eq!((choice.key.as_str(), choice.is_numeric()), ("b.kind", false));
    assert_eq!(choice.choices, ["bitcoin", "asert"]);
    assert_eq!(choice.settings, [0.0, 1.0]);
    let names: Vec<_> = columns.iter().map(|column| column.outcome.metric.name).collect();
    assert_eq!(names, ["hashrate_trough_share", "days_to_95pct"], "hhi_end is the same everywhere");
    assert_eq!(columns[1].values, [10.0, f64::INFINITY, 30.0, 40.0]);
    assert_eq!(sweep.grouped(&columns[0], 2, |point| Some(1 - point)), [[70.0, 80.0], [50.0, 60.0]]);
}

/// Points 1 and 2 could not be run, nor replica 0 of point 3.
#[test]
fn points_and_replicas_that_could_not_be_run_have_no_rows() {
    let text = "point,replica,a.x,hashprice_low_usd_per_ph_day\n0,0,5,0.1\n0,1,5,0.2\n3,1,9,0.3\n";
    let (sweep, columns) = read(text, 1_000).unwrap();
    assert_eq!((sweep.points, sweep.numbers.as_slice()), (2, &[0, 3][..]));
    assert_eq!(sweep.factors[0].settings, [5.0, 9.0]);
    assert_eq!(sweep.grouped(&columns[0], 2, Some), [vec![0.1, 0.2], vec![0.3]]);
}

#[test]
fn memory_is_bounded_and_the_caption_says_so() {
    let (whole, _) = read(SMALL, 1_000).unwrap();
    assert_eq!(whole.size_in_words(), "2 points, 2 replicas each");
    let (fewer, columns) = read(SMALL, 8).unwrap();
    assert_eq!(fewer.batches().count(), 2, "a metric at a time");
    assert_eq!(columns[0].values.len(), 4);
    let (fewest, columns) = read(SMALL, 4).unwrap();
    assert_eq!(fewest.size_in_words(), "the first 1 of 2 points, 2 replicas each");
    assert_eq!(columns[0].values, [50.0, 60.0]);
    let many = (0..6).fold("point,replica,a.x,hashprice_low_usd_per_ph_day\n".to_owned(), |text, n| {
        format!("{text}{},{},{},{n}\n", n / 3, n % 3, n / 3)
    });
    let (first, columns) = read(&many, 8).unwrap();
    assert_eq!(first.size_in_words(), "2 points, the first 2 of 3 replicas each");
    assert_eq!(columns[0].values, [0.0, 1.0, 3.0, 4.0]);
}

#[test]
fn a_broken_table_is_named_with_its_line() {
    let complaint = |text: &str| read(text, 1_000).unwrap_err().to_string();
    let broken = SMALL.replace("0.7", "much");
    assert!(
        complaint(&broken).ends_with(
            "sweep.csv:4: column `hashrate_trough_share`: expected a finite number or nothing, found `much`"
        )
    );
    let contradictory = SMALL.replace("1,1,-2.5e3", "1,1,7");
    assert!(complaint(&contradictory).ends_with("sweep.csv:5: point 1 has two values of `a.x`"));
    assert!(complaint("point,a\n").ends_with("there is no column `replica`"));
    assert!(complaint("point,replica,a.x,hhi_end\n").ends_with("the table has no rows"));
    assert!(
        complaint("point,replica,a.x,hhi_end\n1,0,1,2\n0,0,1,2\n")
            .ends_with("sweep.csv:3: point 0 comes after point 1")
    );
}

#[test]
fn without_a_table_it_says_where_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let error = Sweep::read(folder.path(), &[], SweepLimits::default()).unwrap_err().to_string();
    assert!(error.ends_with("sweep.csv: no such table"), "{error}");
}

/// Time and memory of a large table: `cargo test --lib report::sweep -- --ignored --nocapture`.
#[test]
#[ignore = "takes seconds and 150 MB of disk"]
#[expect(clippy::disallowed_methods, reason = "it is timed")]
fn a_million_rows_are_drawn_in_bounded_memory() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::io::BufWriter::new(fs::File::create(folder.path().join("sweep.csv")).unwrap());
    let names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
    writeln!(file, "point,replica,a.a,a.b,a.c,a.d,{}", names.join(",")).unwrap();
    for row in 0..1_000_000_u32 {
        let (point, replica) = (row / 20, row % 20);
        write!(file, "{point},{replica},{},{},{},{}", point % 101, point % 103, point % 107, point % 109).unwrap();
        for place in 0..METRICS.len() {
            write!(file, ",{}", (row.wrapping_mul(2_654_435_761) >> 20) as usize + place).unwrap();
        }
        writeln!(file).unwrap();
    }
    drop(file);
    let start = std::time::Instant::now();
    let paths =
        crate::figure::sweep::draw_sweep(folder.path(), folder.path(), &crate::figure::FigureStyle::default()).unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!("{} figures of 1,000,000 rows in {:.1} s, {peak}", paths.len(), start.elapsed().as_secs_f64());
    let peak: f64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(peak < 150_000.0, "{peak} kB");
}
