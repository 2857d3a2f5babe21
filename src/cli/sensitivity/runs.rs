//! Reads back what a sweep found.

use crate::{
    cli::failure::Failure,
    experiment::Design,
    output::{
        disk::{read_if_there, with_ending},
        folder::MANIFEST,
        manifest::PROGRAM,
        plan::Plan,
    },
    simulation::record::{METRICS, Metric},
};
use serde::Deserialize;
use std::path::Path;

/// The plan's option that holds the design, as [`Design::to_json`] writes it.
pub const OPTION: &str = "sweep";

/// The table of headline numbers per point and replica.
pub const TABLE: &str = "sweep.csv";

/// A finished sweep.
pub struct Runs {
    pub design: Design,
    pub replicas: usize,
    /// Of each metric asked for: its values, by point and then by replica.
    pub metrics: Vec<(&'static Metric, Vec<Option<f64>>)>,
}

#[derive(Deserialize)]
struct Manifest {
    program: String,
    plan: Plan,
}

impl Runs {
    /// Reads the metrics of these names from a sweep's folder; of no names, all that it has.
    pub fn read(folder: &Path, names: &[String]) -> Result<Self, Failure> {
        let plan = plan(folder)?;
        let text = plan.options.get(OPTION).ok_or_else(|| {
            Failure::Input(format!("{} is the result of a run; sensitivity needs that of a sweep", folder.display()))
        })?;
        let design = Design::from_json(text)
            .map_err(|error| Failure::Disk(format!("{}: {error}", folder.join(MANIFEST).display())))?;
        Self::of(folder, design, plan.replicas, names)
    }

    /// As [`Self::read`], of a sweep whose design is known.
    pub fn of(folder: &Path, design: Design, replicas: u64, names: &[String]) -> Result<Self, Failure> {
        let bad = |_| Failure::Input(format!("{} has more runs than fit into memory", folder.display()));
        let points = design.count().map_err(|error| Failure::Bug(error.to_string()))?;
        let runs = usize::try_from(points.saturating_mul(replicas)).map_err(bad)?;
        let replicas = usize::try_from(replicas).map_err(bad)?;
        let metrics = read_table(folder, names, replicas, runs)?;
        Ok(Self { design, replicas, metrics })
    }
}

fn plan(folder: &Path) -> Result<Plan, Failure> {
    let path = folder.join(MANIFEST);
    let shown = folder.display();
    let Some(bytes) = read_if_there(&path)? else {
        let partial = with_ending(folder, ".partial");
        return Err(if partial.is_dir() || folder.join("plan.json").is_file() {
            Failure::Disk(format!(
                "{shown} is unfinished; complete it with `shakeout sweep ... --resume`, or its shards with `shakeout merge`"
            ))
        } else {
            Failure::Input(format!("{shown} is not the result of a sweep: it has no {MANIFEST}"))
        });
    };
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Disk(format!("{} is damaged: {error}; run the sweep again", path.display())))?;
    if manifest.program != PROGRAM {
        return Err(Failure::Input(format!("{shown} is a result of {}, not of {PROGRAM}", manifest.program)));
    }
    Ok(manifest.plan)
}

type Columns = Vec<(&'static Metric, Vec<Option<f64>>)>;

fn read_table(folder: &Path, names: &[String], replicas: usize, runs: usize) -> Result<Columns, Failure> {
    let path = folder.join(TABLE);
    if !path.is_file() {
        let parquet = path.with_extension("parquet");
        return Err(if parquet.is_file() {
            Failure::Input(format!(
                "{} has its table as Parquet alone, and sensitivity reads {TABLE}; repeat the sweep with --format both",
                folder.display()
            ))
        } else {
            Failure::Disk(format!("{} is not whole: it has no {TABLE}; run the sweep again", folder.display()))
        });
    }
    let failed = |error: csv::Error| Failure::Disk(format!("cannot read {}: {error}", path.display()));
    let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let damaged = |what: &str| Failure::Disk(format!("{} is damaged: {what}; run the sweep again", path.display()));
    let no_column = |name: &str| damaged(&format!("it has no column `{name}`"));
    let point = place("point").ok_or_else(|| no_column("point"))?;
    let replica = place("replica").ok_or_else(|| no_column("replica"))?;
    let mut places = Vec::new();
    let mut columns = Columns::new();
    for metric in asked_for(names)? {
        match place(metric.name) {
            Some(place) => {
                places.push(place);
                columns.push((metric, vec![None; runs]));
            }
            None if names.is_empty() => {}
            None => return Err(no_column(metric.name)),
        }
    }
    if columns.is_empty() {
        return Err(damaged("it has no column of a headline number"));
    }
    let mut seen = vec![false; runs];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        let line = record.position().map_or(0, csv::Position::line);
        let run = match (record[point].parse::<usize>(), record[replica].parse::<usize>()) {
            (Ok(point), Ok(replica)) if replica < replicas => point.checked_mul(replicas).map(|start| start + replica),
            _ => None,
        };
        let Some(run) = run.filter(|&run| run < runs && !seen[run]) else {
            return Err(damaged(&format!("line {line} is of a run that is not in the design, or is there twice")));
        };
        seen[run] = true;
        for (&place, (metric, values)) in places.iter().zip(&mut columns) {
            values[run] = match &record[place] {
                "" => None,
                text => Some(text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| {
                    damaged(&format!("line {line}: `{text}` in column `{}` is not a number", metric.name))
                })?),
            };
        }
    }
    let found = seen.iter().filter(|&&seen| seen).count();
    if found < runs {
        return Err(Failure::Disk(format!(
            "{} is not whole: {found} of {runs} runs are in it; complete the sweep with --resume",
            path.display()
        )));
    }
    Ok(columns)
}

/// The metrics of these names, in the order asked for; of no names all of them.
fn asked_for(names: &[String]) -> Result<Vec<&'static Metric>, Failure> {
    if names.is_empty() {
        return Ok(METRICS.iter().collect());
    }
    let find = |name: &String| {
        METRICS.iter().find(|metric| metric.name == name).ok_or_else(|| {
            let all: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
            Failure::Input(format!("there is no headline number `{name}`; there are {}", all.join(", ")))
        })
    };
    names.iter().map(find).collect()
}
