//! A result folder, written by the library like `shakeout run`, with its tables read back.

use crate::scenarios::tables_of;
use shakeout::{
    declare::Columns,
    output::{
        manifest::Manifest,
        plan::Plan,
        replay::Replay,
        summary::{RunFacts, Summary},
        table::{Table, Tables},
    },
    scenario::Resolved,
    simulation::metrics::Metrics,
    units::UnixTime,
};
use std::{collections::BTreeMap, fs, path::Path};

/// The tables of a run, in their own folder.
pub struct Folder {
    pub name: String,
    pub pue: f64,
    pub days: f64,
    place: tempfile::TempDir,
    tables: BTreeMap<&'static str, Rows>,
}

struct Rows {
    table: &'static str,
    names: Vec<String>,
    cells: Vec<Vec<String>>,
}

/// Selected rows.
#[derive(Clone)]
pub struct Picked<'a> {
    of: &'a Rows,
    rows: Vec<&'a [String]>,
}

impl Folder {
    /// This number of replicas of a scenario, with all tables, summary and manifest.
    pub fn of(name: &str, resolved: &Resolved, replicas: u64) -> Self {
        let scenario = &resolved.scenario;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tables = Tables::all();
        let texts = tables_of(name, scenario, replicas);
        let mut read = BTreeMap::new();
        for (table, text) in tables.iter().zip(&texts) {
            fs::write(folder.path().join(format!("{}.csv", table.name())), text).expect("it is written");
            read.insert(table.name(), Rows::parse(table.name(), text));
        }
        let plan = Plan::new(&resolved.canonical(), scenario.run.seed, replicas);
        let facts = RunFacts::new(scenario, plan.scenario_sha256.clone());
        let mut metrics = Columns::of::<Metrics>(UnixTime::default());
        let mut replay =
            Replay::open(folder.path(), UnixTime::default(), &[Table::Replicas], &[]).expect("the table is there");
        while let Some(replica) = replay.advance().expect("it is read") {
            metrics.append(replica.table(Table::Replicas).expect("it was asked for"));
        }
        Summary::of_columns(&metrics, 0, facts).write(folder.path()).expect("it is written");
        let manifest = Manifest::new(&plan, &resolved.canonical()).to_json();
        fs::write(folder.path().join("manifest.json"), manifest).expect("it is written");
        let (pue, days) = (scenario.power.pue, scenario.run.days.get());
        Self { name: name.to_owned(), pue, days, place: folder, tables: read }
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    pub fn table(&self, name: &str) -> Picked<'_> {
        let of = &self.tables[name];
        Picked { of, rows: of.cells.iter().map(Vec::as_slice).collect() }
    }

    pub fn replica(&self, name: &str, replica: u64) -> Picked<'_> {
        self.table(name).with("replica", &replica.to_string())
    }

    /// A metric of a replica; NaN if it has none.
    pub fn metric(&self, name: &str, replica: u64) -> f64 {
        self.replica("replicas", replica).numbers(name)[0]
    }
}

impl Rows {
    fn parse(table: &'static str, text: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(text);
        let names = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let row = |row: Result<csv::StringRecord, csv::Error>| {
            row.expect("a row").iter().map(str::to_owned).collect::<Vec<_>>()
        };
        Self { table, names, cells: reader.records().map(row).collect() }
    }

    fn place(&self, name: &str) -> usize {
        let found = self.names.iter().position(|known| known == name);
        found.unwrap_or_else(|| panic!("{}.csv has no column {name}", self.table))
    }
}

impl<'a> Picked<'a> {
    /// Rows whose column has this text.
    pub fn with(&self, name: &str, text: &str) -> Self {
        let place = self.of.place(name);
        Self { of: self.of, rows: self.rows.iter().copied().filter(|row| row[place] == text).collect() }
    }

    /// Rows whose number passes; an empty cell is NaN.
    pub fn that(&self, name: &str, passes: impl Fn(f64) -> bool) -> Self {
        let place = self.of.place(name);
        Self { of: self.of, rows: self.rows.iter().copied().filter(|row| passes(number(&row[place]))).collect() }
    }

    /// Rows of the first or of the last instant. If those of the last instant appear twice, the later ones.
    pub fn at(&self, first: bool) -> Self {
        let times = self.texts("time_utc");
        let wanted = if first { times.first() } else { times.last() };
        wanted.map_or_else(|| self.clone(), |time| self.with("time_utc", time))
    }

    pub fn texts(&self, name: &str) -> Vec<&'a str> {
        let place = self.of.place(name);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.texts(name).into_iter().map(number).collect()
    }

    pub fn sum(&self, name: &str) -> f64 {
        self.numbers(name).iter().sum()
    }

    pub fn last(&self, name: &str) -> f64 {
        *self.numbers(name).last().unwrap_or_else(|| panic!("{}.csv has no rows", self.of.table))
    }

    pub fn least(&self, name: &str) -> f64 {
        self.numbers(name).into_iter().fold(f64::INFINITY, f64::min)
    }

    pub fn most(&self, name: &str) -> f64 {
        self.numbers(name).into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    pub fn count(&self) -> f64 {
        self.rows.len() as f64
    }

    /// Distinct texts of a column, in order of appearance.
    pub fn distinct(&self, name: &str) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        for text in self.texts(name) {
            if !found.contains(&text) {
                found.push(text);
            }
        }
        found
    }
}

fn number(text: &str) -> f64 {
    if text.is_empty() { f64::NAN } else { text.parse().unwrap_or_else(|_| panic!("`{text}` is no number")) }
}
