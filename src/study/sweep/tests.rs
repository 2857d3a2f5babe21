use super::*;
use crate::{
    output::folder::Mode,
    study::{Memory, MemoryTable, Shard},
};
use std::{fs, path::Path};

fn options() -> (Input, SweepOptions) {
    let input = Input::shipped("downturn-simple").set("run.days=20").replicas(2);
    let vary = vec!["power.pue=1.0,1.2".to_owned(), "class.public.cash_months=2.5..9.5:2".to_owned()];
    (input, SweepOptions { vary, epochs: true, ..SweepOptions::default() })
}

/// The cells of a table in memory, as csv text.
fn text(table: &MemoryTable) -> String {
    String::from_utf8(crate::output::csv::whole_table(&table.columns)).expect("it is text")
}

fn read(folder: &Path, table: &str) -> String {
    fs::read_to_string(folder.join(table)).expect("it is there")
}

#[test]
fn memory_folder_and_merged_shards_have_the_same_cells_and_ranking() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (input, options) = options();
    let in_memory = sweep(&input, &options, Memory, &mut Work::new()).expect("it runs");
    let folder = |name: &str| Folder::new(home.path().join(name)).mode(Mode::Resume);
    let whole = sweep(&input, &options, folder("whole"), &mut Work::new()).expect("it runs");
    assert_eq!((whole.total, in_memory.sweep.len()), (8, 8));
    for part in 0..3 {
        let options = SweepOptions { shard: Some(Shard { part, parts: 3 }), ..options.clone() };
        sweep(&input, &options, folder("merged"), &mut Work::new()).expect("it runs");
    }
    let merged = merge(&folder("merged"), &mut Work::new()).expect("all shards are there");
    let epochs = in_memory.epochs.as_ref().expect("they were asked for");
    for (name, table) in [("sweep.csv", &in_memory.sweep), ("epochs.csv", epochs)] {
        assert_eq!(text(table), read(&whole.path, name), "{name}");
        assert_eq!(read(&merged.path, name), read(&whole.path, name), "{name}");
    }
    let of_memory = in_memory.sensitivity(&[]).expect("it can be ranked");
    let of_folder = crate::study::sensitivity::sensitivity(&whole.path, &[]).expect("it can be ranked");
    assert_eq!(of_memory, of_folder);
}

#[test]
fn listed_points_give_the_same_rows_as_a_grid() {
    let (input, options) = options();
    let grid = sweep(&input, &options, Memory, &mut Work::new()).expect("it runs");
    let table = "power.pue,class.public.cash_months\n1.0,2.5\n1.0,9.5\n1.2,2.5\n1.2,9.5\n";
    let of = |table: &str| SweepOptions {
        listed: Some(Listed::parse("points.csv", table).expect("a table")),
        epochs: true,
        ..SweepOptions::default()
    };
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = Folder::new(home.path().join("listed"));
    let listed = sweep(&input, &of(table), folder, &mut Work::new()).expect("it runs");
    assert_eq!(read(&listed.path, "sweep.csv"), text(&grid.sweep));
    assert!(read(&listed.path, "manifest.json").contains("--design-file points.csv"));
    let ranking = crate::study::sensitivity::sensitivity(&listed.path, &[]).expect("its design is in the manifest");
    assert!(ranking.notes[0].starts_with("4 points are too few to rank 2 factors"), "{:?}", ranking.notes);
    for (table, said) in [
        ("power.pue\n", "the list of points is empty"),
        ("power.pue\nfast\n", "`power.pue`"),
        ("power.pue,power.pue\n1,1\n", "varied twice"),
        ("power.pue,run.seed\n1,\"\"\n", "empty value"),
    ] {
        let error = Sweep::new(&input, &of(table), &mut Work::new()).expect_err(table).to_string();
        assert!(error.contains(said), "{table}: {error}");
    }
    assert!(Listed::parse("points.csv", "a,b\n1\n").is_err_and(|error| error.starts_with("points.csv: ")));
}

/// A wrong value or key is shown in the table of points, by line and column, whatever separates its cells.
#[test]
fn a_wrong_point_is_shown_where_its_table_has_it() {
    let (input, _) = options();
    for (table, point, line, column, written) in [
        ("power.pue,run.days\n1.0,20\n1.1,-20\n", "point 1: ", 3, 5, "-20"),
        ("# mine\npower.pue;run.days\n1.0;20\n-3;20\n", "point 1: ", 4, 1, "-3"),
        ("power.pue,run.dayz\n1.0,20\n", "point 0: ", 1, 11, "run.dayz"),
        ("variant,power.pue\n\"none\",1.1\n", "point 0: ", 2, 1, "\"none\""),
    ] {
        let listed = Some(Listed::parse("points.csv", table).expect("a table"));
        let options = SweepOptions { listed, ..SweepOptions::default() };
        let error = Sweep::new(&input.clone().set("run.seed=3"), &options, &mut Work::new()).expect_err(table);
        let found = &error.findings()[0];
        let label = &found.labels[0];
        assert_eq!((label.file.as_str(), label.line, label.column), ("points.csv", line, column), "{table}");
        assert_eq!(label.written, written);
        assert!(found.message.starts_with(point), "{}", found.message);
    }
}

/// Results in memory are written with the bytes that simulating into the folder gives.
#[test]
fn a_sweep_in_memory_is_saved() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (input, options) = options();
    let sweep = Sweep::new(&input, &options, &mut Work::new()).expect("it can be run");
    let results = Memory.fill(&sweep, &mut Work::new()).expect("it runs");
    let folder = |name: &str| Folder::new(home.path().join(name));
    let simulated = folder("simulated").fill(&sweep, &mut Work::new()).expect("it runs");
    let saved = results.save(&sweep, &folder("saved"), &mut Work::new()).expect("it is written");
    for table in ["sweep.csv", "epochs.csv", "failed.csv"] {
        assert_eq!(read(&saved.path, table), read(&simulated.path, table), "{table}");
    }
    assert_eq!(saved.total, simulated.total);
}

#[test]
fn a_key_without_values_is_varied_over_its_prior_or_refused() {
    let (input, _) = options();
    let design = DesignKind::LatinHypercube;
    let of = |key: &str| SweepOptions {
        vary: vec![key.to_owned()],
        design: Some(design),
        points: Some(3),
        ..SweepOptions::default()
    };
    let sweep = Sweep::new(&input, &of("power.take_or_pay"), &mut Work::new()).expect("it has a prior");
    let levels = &sweep.design().factors[0].levels;
    assert_eq!(*levels, Levels::Range { low: 0.0, high: 0.8, steps: None, log: false });
    let error = Sweep::new(&input, &of("run.days"), &mut Work::new()).expect_err("it has none").to_string();
    assert!(error.contains("`run.days` is declared without a prior"), "{error}");
    assert!(error.contains("write --vary run.days=LOW..HIGH"), "{error}");
}
