use super::*;
use crate::{
    output::{
        folder::Mode,
        summary::{RunFacts, Summary},
        table::Kind,
    },
    simulation::record::{DayRecord, Observer},
    study::{Fault, Watch},
};
use std::{collections::BTreeMap, fs, path::Path, sync::atomic::Ordering};

fn input(replicas: u64) -> Input {
    Input::shipped("downturn-simple").set("run.days=40").replicas(replicas)
}

fn never() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

/// The rows of a csv table, with its header.
fn rows(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let path = folder.join(format!("{table}.csv"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("the table is there");
    reader.records().map(|row| row.expect("it is csv").iter().map(str::to_owned).collect()).collect()
}

fn rows_in_memory(table: &MemoryTable) -> Vec<Vec<String>> {
    let text = crate::output::csv::whole_table(&table.columns);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
    reader.records().map(|row| row.expect("it is csv").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn memory_folder_and_single_replicas_have_identical_cells() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (input, options) = (input(3), RunOptions::default());
    let in_memory = run(&input, &options, Memory, &mut Work::new()).expect("it runs");
    let folder = Folder::new(home.path().join("result"));
    let found = run(&input, &options, folder, &mut Work::new()).expect("it runs");
    let scenario = input.load().expect("it can be read").scenario;
    let alone = simulate(&scenario, 1).expect("it runs");
    assert_eq!(in_memory.tables.len(), Tables::all().iter().count());
    let mut cells = BTreeMap::new();
    for table in &in_memory.tables {
        let in_folder = rows(&found.path, table.name);
        assert_eq!(rows_in_memory(table), in_folder, "{}", table.name);
        cells.insert(table.name, in_folder.iter().map(Vec::len).sum::<usize>());
        let of_one: Vec<_> = in_folder.into_iter().filter(|row| row[0] == "1" || row[0] == "replica").collect();
        assert_eq!(rows_in_memory(alone.table(table.name).expect("all tables")), of_one, "{}", table.name);
    }
    assert!(cells["days"] > 3000 && cells["replicas"] > 100 && cells["events"] > 100, "{cells:?}");
    assert_eq!((in_memory.failed.len(), found.failures.count, found.total), (0, 0, 3));
    let text = fs::read_to_string(found.path.join("summary.json")).expect("it is there");
    let of_folder = Summary::from_json(&text).expect("it is ours");
    let facts = RunFacts::new(&scenario, of_folder.scenario_sha256.clone());
    assert_eq!(in_memory.summary(facts), of_folder);
}

#[test]
fn columns_have_types_and_units() {
    let results = simulate(&input(1).load().expect("it can be read").scenario, 0).expect("it runs");
    let days = results.table("days").expect("a table");
    let price = days.columns.declared().iter().find(|column| column.name == "price_usd").expect("a column");
    assert_eq!((price.unit, price.kind), ("USD/BTC", Kind::Number));
    assert!(days.numbers("price_usd").is_some() && days.numbers("time_utc").is_none());
    assert!(days.column("no_such").is_none() && results.table("weeks").is_none());
}

/// Stops the work when this number of replicas is finished.
struct StopAfter<'a>(u64, &'a AtomicBool);

impl Watch for StopAfter<'_> {
    fn progress(&mut self, done: u64, _: u64) {
        if done >= self.0 {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_stopped_run_can_be_resumed() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (input, options) = (input(12), RunOptions::default());
    let folder = |name: &str| Folder::new(home.path().join(name));
    let whole = run(&input, &options, folder("whole"), &mut Work::new()).expect("it runs");
    for stops_after in [0, 2] {
        let stop = never();
        let mut watch = StopAfter(stops_after, &stop);
        let mut work = Work::new().stopped_by(&stop).watched_by(&mut watch);
        work.threads = std::num::NonZeroUsize::MIN;
        let error = run(&input, &options, folder("stopped").mode(Mode::Resume), &mut work).expect_err("it is stopped");
        assert_eq!(error.fault(), Fault::Interrupted, "{error}");
        // A replica may end between the report of progress and the stop.
        let said = error.to_string();
        let written = said.strip_prefix("interrupted: ").and_then(|rest| rest.split_once(" replicas are written in "));
        let written: u64 = written.unwrap_or_else(|| panic!("{said}")).0.parse().expect("a number");
        assert!((stops_after..12).contains(&written), "{said}");
        assert!(!home.path().join("stopped").exists() && home.path().join("stopped.partial").is_dir());
    }
    let mode = Mode::Resume;
    let resumed = run(&input, &options, folder("stopped").mode(mode), &mut Work::new()).expect("it goes on");
    for table in Tables::all().iter().map(Table::name) {
        assert_eq!(rows(&whole.path, table), rows(&resumed.path, table), "{table}");
    }
}

#[test]
fn a_stopped_replica_ends_after_the_current_step() {
    struct Days<'a>(u64, &'a AtomicBool);
    impl Observer for Days<'_> {
        fn on_day(&mut self, _: &DayRecord) {
            self.0 += 1;
            if self.0 == 3 {
                self.1.store(true, Ordering::Relaxed);
            }
        }
    }
    let scenario = input(1).load().expect("it can be read").scenario;
    let stop = never();
    let mut days = Days(0, &stop);
    let engine = Engine::new(&scenario, false).expect("its miners can be made");
    let outcome = engine.run(0, &mut days, &stop);
    assert_eq!((outcome, days.0), (Err(SimulationError::Interrupted), 3));
}

#[test]
fn an_error_contains_the_problems_of_the_scenario() {
    let wrong = input(1).set("run.dayz=3").set("power.pue=0");
    let error = run(&wrong, &RunOptions::default(), Memory, &mut Work::new()).expect_err("it is wrong");
    let StudyError::Scenario(problems) = &error else { panic!("{error}") };
    assert_eq!((problems.len(), error.fault()), (2, Fault::Input));
    let mut work = Work::new().deny_warnings();
    let error = run(&input(1).set("power.pue=1.9"), &RunOptions::default(), Memory, &mut work).expect_err("denied");
    assert!(matches!(error, StudyError::Denied(_)), "{error}");
}

/// Charts, page, summary and Parquet files do not change if the rows of the csv tables are deleted before they are made.
#[test]
#[cfg(all(feature = "charts", feature = "parquet"))]
fn charts_and_summary_do_not_read_csv_tables_back() {
    use crate::figure::Drawing;
    use crate::output::format::Format;

    let home = tempfile::tempdir().expect("a temporary folder");
    let run = Run::new(&input(3), &RunOptions::default()).expect("it is sound");
    let drawing = Drawing::usual();
    let made = |name: &str, is_spoilt: bool| {
        let folder = Folder { format: Format::Both, ..Folder::new(home.path().join(name)).drawn_by(&drawing) };
        let mut work = Work::new();
        let mut open = OpenRun::open(&run, &folder, &mut work).expect("it is opened").expect("nothing is there yet");
        open.run(&mut work).expect("it runs");
        if is_spoilt {
            let result = home.path().join(format!("{name}.partial/result"));
            for entry in fs::read_dir(&result).expect("it is there") {
                let path = entry.expect("it can be read").path();
                if path.extension().is_some_and(|ending| ending == "csv") {
                    let text = fs::read_to_string(&path).expect("text");
                    fs::write(&path, text.lines().next().expect("a header")).expect("it can be written");
                }
            }
        }
        open.finish(&mut work).expect("it is finished");
        let read = |file: &str| fs::read(folder.path.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        ["summary.json", "report.html", "charts/price.svg", "charts/recovery.svg", "days.parquet", "replicas.parquet"]
            .map(read)
    };
    assert!(made("whole", false) == made("spoilt", true));
}

/// Results in memory are written with the bytes that simulating into the folder gives, charts' data and failures among them.
#[test]
fn a_run_in_memory_is_saved() {
    let home = tempfile::tempdir().expect("a folder");
    for options in [RunOptions::default(), RunOptions { replica: Some(2), ..RunOptions::default() }] {
        let input = Input::shipped("downturn-simple").set("run.days=30").replicas(3);
        let run = Run::new(&input, &options).expect("it can be read");
        let results = Memory.fill(&run, &mut Work::new()).expect("it runs");
        let name = |what: &str| home.path().join(format!("{what}-{}", options.replica.is_some()));
        let simulated = Folder::new(name("simulated")).fill(&run, &mut Work::new()).expect("it runs");
        let saved = results.save(&run, &Folder::new(name("saved")), &mut Work::new()).expect("it is written");
        for table in &results.tables {
            let read = |folder: &std::path::Path| {
                std::fs::read(folder.join(format!("{}.csv", table.name))).expect("it is there")
            };
            assert!(read(&saved.path) == read(&simulated.path), "{}", table.name);
        }
        let summary = |folder: &std::path::Path| std::fs::read(folder.join("summary.json")).expect("it is there");
        assert!(summary(&saved.path) == summary(&simulated.path), "summary");
    }
}
