use super::*;
use crate::{
    output::{manifest::Manifest, plan::Plan},
    simulation::metrics::METRICS,
    study::{Factor, Fault, Levels},
};
use std::{fs, path::Path};

fn design(kind: DesignKind, size: Option<u32>) -> Design {
    let range = |key: &str| Factor {
        key: key.to_owned(),
        levels: Levels::Range { low: 1.0, high: 2.0, steps: Some(3), log: false },
    };
    Design { kind, factors: vec![range("a"), range("b.c")], size, seed: 7, rows: Vec::new() }
}

/// Writes a sweep folder as a sweep does; `run` gives the text of the first metric by point and replica.
fn sweep(folder: &Path, design: &Design, replicas: u32, run: impl Fn(&[f64], u32) -> String) {
    let metrics = METRICS[..3].iter().map(|metric| metric.name).collect::<Vec<_>>().join(",");
    let mut table = format!("point,replica,a,b.c,{metrics}\n");
    for (point, row) in design.points().expect("it has points").into_iter().enumerate() {
        let x: Vec<f64> = row.iter().map(|text| text.parse().expect("a number")).collect();
        for replica in 0..replicas {
            writeln!(table, "{point},{replica},{},{},,2.5", row.join(","), run(&x, replica))
                .expect("a string takes all");
        }
    }
    fs::create_dir_all(folder).expect("it can be made");
    fs::write(folder.join("sweep.csv"), table).expect("it can be written");
    let plan = Plan::new("days = 3", 7, u64::from(replicas)).with_option("sweep", &design.to_json());
    fs::write(folder.join("manifest.json"), Manifest::new(&plan, "days = 3").to_json()).expect("it can be written");
}

fn found(folder: &Path, metrics: &[&str]) -> Result<Ranking, StudyError> {
    sensitivity(folder, &metrics.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
}

fn table(folder: &Path, metrics: &[&str]) -> Vec<Vec<String>> {
    let ranking = found(folder, metrics).unwrap_or_else(|error| panic!("{error}"));
    let path = ranking.put_into(folder).expect("it can be written");
    let text = fs::read_to_string(path).expect("it is there");
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn failure(folder: &Path, metrics: &[&str]) -> (Fault, String) {
    let error = found(folder, metrics).expect_err("it must fail");
    (error.fault(), error.to_string())
}

fn near(cell: &str, expected: f64) {
    let found: f64 = cell.parse().unwrap_or_else(|_| panic!("`{cell}` is no number"));
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[test]
fn a_grid_gives_ranges_elasticities_and_the_seeds_share() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    sweep(folder.path(), &design(DesignKind::Grid, None), 2, |x, replica| {
        (10.0 * x[0] + f64::from(replica)).to_string()
    });
    let rows = table(folder.path(), &[METRICS[0].name]);
    let name = METRICS[0].name;
    assert_eq!(rows[0], ["metric", "names", "least_mean", "greatest_mean", "range", "elasticity", "S1", "ST"]);
    for (cell, expected) in rows[1][2..6].iter().zip([10.5, 20.5, 10.0, 15.0 / 15.5]) {
        near(cell, expected);
    }
    assert_eq!(
        (&rows[1][..2], &rows[1][6..]),
        (&[name.to_owned(), "a".to_owned()][..], &[String::new(), String::new()][..])
    );
    assert_eq!(rows[2][1..6], ["b.c", "15.5", "15.5", "0.0", "0.0"]);
    // Nine points at 10, 15, 20: the variance of points is 150 / 8, the variance of the seed is 1/2.
    assert_eq!(rows[3][..6], [name, "seed", "", "", "", ""]);
    near(&rows[3][6], 0.5 / (0.5 + 150.0 / 8.0));
    near(&rows[3][7], 0.5 / (0.5 + 150.0 / 8.0));
}

#[test]
fn a_morris_sweep_gives_elementary_effects() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut walk = design(DesignKind::Morris, Some(5));
    walk.factors[1].levels = Levels::Range { low: -1.0, high: 1.0, steps: None, log: false };
    sweep(folder.path(), &walk, 1, |x, _| (7.0 - 4.0 * x[1]).to_string());
    let rows = table(folder.path(), &[METRICS[0].name]);
    assert_eq!(rows[0], ["metric", "names", "mu", "mu_star", "sigma", "mu_star_conf", "S1", "ST"]);
    for (row, mu) in rows[1..].iter().zip([0.0, -8.0]) {
        near(&row[2], mu);
        near(&row[3], mu.abs());
        near(&row[4], 0.0);
    }
    assert_eq!(rows.len(), 3, "one replica tells nothing of the seed");
}

#[test]
fn a_sobol_sweep_gives_shares_of_variance() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut radial = design(DesignKind::Sobol, Some(256));
    for factor in &mut radial.factors {
        factor.levels = Levels::Range { low: 0.0, high: 1.0, steps: None, log: false };
    }
    // The variances of the factors are 4/12 and 1/12, that of the seed is 1/4: replicas are -1/2 and 1/2, whose unbiased variance
    // is 1/2.
    sweep(folder.path(), &radial, 2, |x, replica| (2.0 * x[0] + x[1] + f64::from(replica)).to_string());
    let rows = table(folder.path(), &[METRICS[0].name]);
    assert_eq!(rows[0], ["metric", "names", "S1", "S1_conf", "ST", "ST_conf"]);
    let number = |row: usize, column: usize| rows[row][column].parse::<f64>().expect("a number");
    for (row, share) in [(1, 0.8), (2, 0.2), (3, 0.5 / (0.5 + 5.0 / 12.0))] {
        assert!((number(row, 2) - share).abs() < 0.01 && (number(row, 4) - share).abs() < 0.01, "{rows:?}");
    }
    assert!(number(1, 3) > 0.0 && rows[3][3].is_empty() && rows[3][1] == "seed", "{rows:?}");
}

#[test]
fn missing_or_constant_metrics_have_a_note_and_no_nan() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grid = design(DesignKind::Grid, None);
    sweep(folder.path(), &grid, 2, |x, _| if x[0] > 1.9 { String::new() } else { "5".to_owned() });
    let runs = Runs::read(folder.path(), &[]).expect("it can be read");
    let found: Vec<Analysis> = runs
        .metrics
        .iter()
        .map(|(metric, values)| analyse(&runs, metric, values).expect("it can be analysed"))
        .collect();
    assert_eq!(found[0].name, format!("{}.never", METRICS[0].name));
    assert_eq!(found[0].notes, ["6 of 18 runs never get there; analysed is whether a run does (1) or not (0)"]);
    assert_eq!(found[0].rows[0].cells[..3], [Some(0.0), Some(1.0), Some(1.0)]);
    assert_eq!(found[1].notes, ["no run has it, so there is nothing to analyse"]);
    assert_eq!(found[2].notes, ["every run has 2.5000, so its indices are undefined"]);
    assert!(found[1..].iter().all(|analysis| analysis.rows.iter().all(|row| row.cells == [None; 6])));
    let text = Ranking { design: DesignKind::Grid, notes: Vec::new(), analyses: found }.to_text();
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(!text.contains("NaN"), "{text}");
    assert_eq!(table(folder.path(), &[]).len(), 1 + 3 * 3);
}

#[test]
fn a_sweep_that_varies_the_seed_has_no_share_of_the_seed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut grid = design(DesignKind::Grid, None);
    grid.factors[0].key = "run.seed".to_owned();
    sweep(folder.path(), &grid, 2, |x, replica| (x[0] + f64::from(replica)).to_string());
    assert!(table(folder.path(), &[METRICS[0].name]).iter().all(|row| row[1] != "seed"));
    let runs = Runs::read(folder.path(), &[]).expect("it can be read");
    assert_eq!(
        notes_on(&runs),
        ["`run.seed` is a factor itself, so no share of variance is given for the seed of replicas"]
    );
}

#[test]
fn a_folder_without_a_finished_sweep_is_refused() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = temporary.path().join("crash");
    let says = |expected: (Fault, &str), metrics: &[&str]| {
        let (code, text) = failure(&folder, metrics);
        assert_eq!(code, expected.0, "{text}");
        assert!(text.contains(expected.1), "{text}");
    };
    says((Fault::Input, "is not the result of a sweep: it has no manifest.json"), &[]);
    fs::create_dir_all(temporary.path().join("crash.partial")).expect("it can be made");
    says((Fault::Disk, "is unfinished; complete it with `shakeout sweep ... --resume`"), &[]);
    let grid = design(DesignKind::Grid, None);
    sweep(&folder, &grid, 2, |_, _| "1".to_owned());
    says((Fault::Input, "there is no metric `age`; there are hashrate_trough_share, "), &["age"]);
    says((Fault::Disk, &format!("there is no column `{}`", METRICS[5].name)), &[METRICS[5].name]);
    let path = folder.join("sweep.csv");
    let whole = fs::read_to_string(&path).expect("it is there");
    let broken = |text: &str| fs::write(&path, text).expect("it can be written");
    broken(&whole[..=whole.trim_end().rfind('\n').expect("it has lines")]);
    says((Fault::Disk, "is not whole: 17 of 18 runs are in it"), &[]);
    broken(&whole.replace("\n8,1,", "\n8,2,"));
    says((Fault::Disk, "sweep.csv:19: the row is of a run that is not in the design"), &[]);
    broken(&whole.replace("\n8,1,", "\n8,0,"));
    says((Fault::Disk, "sweep.csv:19: the row is of a run that is not in the design, or is there twice"), &[]);
    broken(&whole.replace("\n8,1,2,2,1,", "\n8,1,2,2,NaN,"));
    says(
        (
            Fault::Disk,
            &format!("sweep.csv:19: column `{}`: expected a finite number or nothing, found `NaN`", METRICS[0].name),
        ),
        &[],
    );
    fs::rename(&path, folder.join("sweep.parquet")).expect("it can be moved");
    says((Fault::Input, "repeat the sweep with --format both"), &[]);
    fs::remove_file(folder.join("sweep.parquet")).expect("it can be removed");
    says((Fault::Disk, "sweep.csv: no such table"), &[]);
    let plan = Plan::new("days = 3", 7, 2);
    fs::write(folder.join("manifest.json"), Manifest::new(&plan, "days = 3").to_json()).expect("it can be written");
    says((Fault::Input, "is the result of a run; sensitivity needs that of a sweep"), &[]);
    fs::write(folder.join("manifest.json"), "{\"program\": \"sh").expect("it can be written");
    says((Fault::Disk, "is damaged"), &[]);
}
