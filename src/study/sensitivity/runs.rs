//! Reads the results of a sweep.

use crate::{
    declare::Metric,
    output::{
        disk::{read_if_there, with_ending},
        failed::read_failures,
        folder::MANIFEST,
        manifest::{Manifest, PROGRAM},
        plan::Plan,
        read::{ReadError, Reader},
    },
    simulation::metrics::METRICS,
    study::{Design, DesignKind, StudyError, SweepResults},
};
use std::{fmt::Display, path::Path};

/// The option of the plan that holds the design, as [`Design::to_json`] writes it.
pub const OPTION: &str = "sweep";

/// The table of metrics by point and replica.
pub const TABLE: &str = "sweep.csv";

/// A finished sweep.
pub struct Runs {
    pub design: Design,
    pub replicas: usize,
    /// The analysed points, in order: a point is included if all of its runs, and all runs of the points that an index compares
    /// it with, could be simulated.
    pub points: Vec<usize>,
    /// Number of points in the design.
    pub points_run: usize,
    /// Each metric requested, with its values by point and then by replica.
    pub metrics: Vec<(&'static Metric, Vec<Option<f64>>)>,
}

impl Runs {
    /// Reads the metrics with these names from a sweep's folder, or all metrics if no name is given.
    pub fn read(folder: &Path, names: &[String]) -> Result<Self, StudyError> {
        let plan = plan(folder)?;
        let text = plan.options.get(OPTION).ok_or_else(|| {
            StudyError::Input(format!("{} is the result of a run; sensitivity needs that of a sweep", folder.display()))
        })?;
        let design = Design::from_json(text)
            .map_err(|error| StudyError::NotWhole(format!("{}: {error}", folder.join(MANIFEST).display())))?;
        Self::of(folder, design, plan.replicas, names)
    }

    /// Like [`Self::read`], for a sweep whose design is known.
    pub fn of(folder: &Path, design: Design, replicas: u64, names: &[String]) -> Result<Self, StudyError> {
        let bad = |_| StudyError::Input(format!("{} has more runs than fit into memory", folder.display()));
        let points = design.count().map_err(|error| StudyError::Bug(error.to_string()))?;
        let runs = usize::try_from(points.saturating_mul(replicas)).map_err(bad)?;
        let replicas = usize::try_from(replicas).map_err(bad)?;
        let (metrics, seen) = read_table(folder, names, replicas, runs)?;
        Ok(Self::of_runs(design, replicas, metrics, &seen))
    }

    /// The metrics of a sweep in memory.
    pub fn of_results(results: &SweepResults, names: &[String]) -> Result<Self, StudyError> {
        let bad = |_| StudyError::Input("the sweep has more runs than fit into memory".to_owned());
        let replicas = usize::try_from(results.replicas).map_err(bad)?;
        let points = results.design.count().map_err(|error| StudyError::Bug(error.to_string()))?;
        let runs = usize::try_from(points.saturating_mul(results.replicas)).map_err(bad)?;
        let mut seen = vec![true; runs];
        for ((point, replica), _) in &results.failed {
            let run = point.saturating_mul(results.replicas).saturating_add(*replica);
            if let Some(seen) = usize::try_from(run).ok().and_then(|run| seen.get_mut(run)) {
                *seen = false;
            }
        }
        let mut metrics = Columns::new();
        for metric in asked_for(names)? {
            let mut found = results.sweep.numbers(metric.name).unwrap_or_default().iter().copied();
            metrics.push((
                metric,
                seen.iter()
                    .map(|&seen| if seen { found.next().filter(|value| !value.is_nan()) } else { None })
                    .collect(),
            ));
        }
        Ok(Self::of_runs(results.design.clone(), replicas, metrics, &seen))
    }

    /// Keeps the points that can be analysed.
    fn of_runs(design: Design, replicas: usize, mut metrics: Columns, seen: &[bool]) -> Self {
        let points_run = seen.len() / replicas.max(1);
        let points = complete(&design, seen, replicas);
        if points.len() < points_run {
            for (_, values) in &mut metrics {
                let of_point = |&point: &usize| values[point * replicas..(point + 1) * replicas].iter().copied();
                *values = points.iter().flat_map(of_point).collect();
            }
        }
        Self { design, replicas, points, points_run, metrics }
    }

    /// Whether a grid of several factors lacks points.
    pub fn is_broken_grid(&self) -> bool {
        self.design.kind == DesignKind::Grid && self.design.factors.len() > 1 && self.points.len() < self.points_run
    }

    /// A note on the number of points left out, in units of what is compared: points, base samples or trajectories.
    pub fn left_out(&self) -> Option<String> {
        let missing = self.points_run - self.points.len();
        let what = match self.design.kind {
            DesignKind::Morris => "trajectories",
            DesignKind::Sobol | DesignKind::SobolSecondOrder => "base samples",
            DesignKind::Grid | DesignKind::LatinHypercube | DesignKind::List => "points",
        };
        let block = self.design.block();
        (missing > 0).then(|| {
            format!(
                "{} of {} {what} have a run that could not be run (failed.csv), and are left out",
                missing / block,
                self.points_run / block
            )
        })
    }
}

/// The points of the blocks whose runs are all present.
fn complete(design: &Design, seen: &[bool], replicas: usize) -> Vec<usize> {
    let block = design.block();
    let blocks = seen.chunks(block * replicas.max(1)).enumerate().filter(|(_, runs)| runs.iter().all(|&seen| seen));
    blocks.flat_map(|(place, _)| place * block..(place + 1) * block).collect()
}

fn plan(folder: &Path) -> Result<Plan, StudyError> {
    let path = folder.join(MANIFEST);
    let shown = folder.display();
    let Some(bytes) = read_if_there(&path)? else {
        let partial = with_ending(folder, ".partial");
        return Err(if partial.is_dir() || folder.join("plan.json").is_file() {
            StudyError::NotWhole(format!(
                "{shown} is unfinished; complete it with `shakeout sweep ... --resume`, or its shards with `shakeout merge`"
            ))
        } else {
            StudyError::Input(format!("{shown} is not the result of a sweep: it has no {MANIFEST}"))
        });
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
        StudyError::NotWhole(format!("{} is damaged: {error}; run the sweep again", path.display()))
    })?;
    if manifest.program != PROGRAM {
        return Err(StudyError::Input(format!("{shown} is a result of {}, not of {PROGRAM}", manifest.program)));
    }
    Ok(manifest.plan)
}

type Columns = Vec<(&'static Metric, Vec<Option<f64>>)>;

/// The metrics of all runs, and which of the runs are in the table.
fn read_table(
    folder: &Path,
    names: &[String],
    replicas: usize,
    runs: usize,
) -> Result<(Columns, Vec<bool>), StudyError> {
    let path = folder.join(TABLE);
    let damaged = |what: &dyn Display| StudyError::NotWhole(format!("{what}; run the sweep again"));
    let mut rows = Reader::open_all(folder, "sweep").map_err(|error| match error {
        ReadError::OnlyParquet { .. } => StudyError::Input(format!(
            "{} has its table as Parquet alone, and sensitivity reads {TABLE}; repeat the sweep with --format both",
            folder.display()
        )),
        other => damaged(&other),
    })?;
    let no_column = |name: &str| damaged(&rows.no_column(name));
    let place = |name: &str| rows.names().position(|column| column == name);
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
        return Err(damaged(&format!("{} has no column of a metric", path.display())));
    }
    let mut seen = vec![false; runs];
    while rows.advance().map_err(|error| damaged(&error))? {
        let whole = |column| rows.whole(column).ok().and_then(|number| usize::try_from(number).ok());
        let run = match (whole(point), whole(replica)) {
            (Some(point), Some(replica)) if replica < replicas => {
                point.checked_mul(replicas).and_then(|start| start.checked_add(replica))
            }
            _ => None,
        };
        let Some(run) = run.filter(|&run| run < runs && !seen[run]) else {
            return Err(damaged(&rows.bad_row("the row is of a run that is not in the design, or is there twice")));
        };
        seen[run] = true;
        for (&place, (_, values)) in places.iter().zip(&mut columns) {
            values[run] = rows.number(place).map_err(|error| damaged(&error))?;
        }
    }
    let found = seen.iter().filter(|&&seen| seen).count();
    let failed = usize::try_from(read_failures(folder)?.count).unwrap_or(usize::MAX);
    if found.saturating_add(failed) < runs {
        return Err(StudyError::NotWhole(format!(
            "{} is not whole: {found} of {runs} runs are in it; complete the sweep with --resume",
            path.display()
        )));
    }
    Ok((columns, seen))
}

/// The metrics with these names, in the order requested; all metrics if no name is given.
fn asked_for(names: &[String]) -> Result<Vec<&'static Metric>, StudyError> {
    if names.is_empty() {
        return Ok(METRICS.iter().collect());
    }
    let find = |name: &String| {
        METRICS.iter().find(|metric| metric.name == name).ok_or_else(|| {
            let all: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
            StudyError::Input(format!("there is no metric `{name}`; there are {}", all.join(", ")))
        })
    };
    names.iter().map(find).collect()
}
