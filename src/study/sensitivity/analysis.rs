use super::{
    EstimateError, Runs,
    cells::{factor_cells, independent, is_sampled, is_sobol, pairs},
    hangs_on, is_constant, points_needed, seed_shares,
};
use crate::{
    declare::{Absent, Metric},
    output::{disk::write_whole, redraw::Redraw},
    simulation::metrics::METRICS,
    study::{Design, DesignKind, StudyError, SweepResults, whole},
};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Ranks the factors of a finished sweep, for the metrics with these names, or for all metrics if no name is given. The
/// estimators depend on the design of the sweep.
///
/// ```
/// use shakeout::{sensitivity, study::{Folder, Input, SweepOptions, Work}, sweep};
///
/// let home = tempfile::tempdir()?;
/// let folder = Folder::new(home.path().join("result"));
/// let input = Input::shipped("downturn").set("run.days=5").replicas(2);
/// let options = SweepOptions { vary: vec!["power.pue=1.0,1.2".to_owned()], ..SweepOptions::default() };
/// let found = sweep(&input, &options, folder, &mut Work::new())?;
/// let ranking = sensitivity(&found.path, &["hashrate_trough_share".to_owned()])?;
/// assert_eq!(ranking.analyses[0].rows[0].name, "power.pue");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the folder is not a finished sweep, or there is no metric with one of these names.
pub fn sensitivity(folder: &Path, metrics: &[String]) -> Result<Ranking, StudyError> {
    let runs = Runs::read(folder, metrics)?;
    whole(folder)?;
    if runs.points.is_empty() {
        let left_out = runs.left_out().map_or_else(String::new, |note| format!(": {note}"));
        return Err(StudyError::Input(format!("{}: nothing is left to be analysed{left_out}", folder.display())));
    }
    Ranking::of(&runs)
}

impl SweepResults {
    /// Ranks the factors of a sweep in memory, as [`sensitivity`] does for a folder.
    ///
    /// # Errors
    /// When no point has a complete set of runs, or there is no metric with one of these names.
    pub fn sensitivity(&self, metrics: &[String]) -> Result<Ranking, StudyError> {
        let runs = Runs::of_results(self, metrics)?;
        if runs.points.is_empty() {
            return Err(StudyError::Input("nothing is left to be analysed".to_owned()));
        }
        Ranking::of(&runs)
    }
}

/// The importance of the factors of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Design of the sweep.
    pub design: DesignKind,
    /// Notes for the reader that apply to all metrics.
    pub notes: Vec<String>,
    /// One analysis per metric.
    pub analyses: Vec<Analysis>,
}

/// The results for one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Name of the metric, or of the indicator that a run lacks it.
    pub name: String,
    /// Unit; empty for a pure number.
    pub unit: &'static str,
    /// Notes for the reader.
    pub notes: Vec<String>,
    /// One row per factor, and one for the seed if its share is known.
    pub rows: Vec<Row>,
}

/// A row of the table: a factor or the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Key of the factor, or `seed`.
    pub name: String,
    /// The cells in the order of [`Ranking::columns`]; `None` if undefined.
    pub cells: Vec<Option<f64>>,
}

impl Ranking {
    fn of(runs: &Runs) -> Result<Self, StudyError> {
        let analyses = runs.metrics.iter().map(|(metric, values)| analyse(runs, metric, values));
        let analyses: Vec<Analysis> = analyses.collect::<Result<_, _>>()?;
        let mut notes = notes_on(runs);
        notes.extend(too_small(runs, &analyses));
        Ok(Self { design: runs.design.kind, notes, analyses })
    }

    /// The names of the cells of a row.
    #[must_use]
    pub const fn columns(&self) -> &'static [&'static str] {
        columns(self.design)
    }

    /// Writes the table `sensitivity.csv` into the folder of the sweep, and returns its path.
    ///
    /// # Errors
    /// When the folder is damaged, or a disk operation fails.
    pub fn put_into(&self, folder: &Path) -> Result<PathBuf, StudyError> {
        let manifest = whole(folder)?;
        let redraw = Redraw::begin(folder)?;
        write_whole(&redraw.place().join(RANKING), &self.to_csv()?)?;
        redraw.put_in_place(manifest, |_| false)?;
        Ok(folder.join(RANKING))
    }

    /// The text of `sensitivity.csv`.
    ///
    /// # Errors
    /// Only if the program has a bug.
    pub fn to_csv(&self) -> Result<Vec<u8>, StudyError> {
        let Self { design, analyses, .. } = self;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let bug = |error: csv::Error| StudyError::Bug(format!("a table in memory cannot be written: {error}"));
        writer.write_record([&["metric", "names"], columns(*design)].concat()).map_err(bug)?;
        for analysis in analyses {
            for row in &analysis.rows {
                let cells = row
                    .cells
                    .iter()
                    .map(|cell| cell.map_or(String::new(), |v| ryu::Buffer::new().format(v).to_owned()));
                let names = [analysis.name.clone(), row.name.clone()];
                writer.write_record(names.into_iter().chain(cells)).map_err(bug)?;
            }
        }
        writer.into_inner().map_err(|error| StudyError::Bug(format!("a table in memory cannot be written: {error}")))
    }

    /// The tables as text, one per metric that has any index.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { design, analyses, .. } = self;
        let mut text = String::new();
        for analysis in
            analyses.iter().filter(|analysis| analysis.rows.iter().any(|row| row.cells.iter().any(Option::is_some)))
        {
            let unit = if analysis.unit.is_empty() { String::new() } else { format!(" ({})", analysis.unit) };
            let names = analysis.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
            if !text.is_empty() {
                text.push('\n');
            }
            // Writing into a string cannot fail.
            let _ = write!(text, "{}{unit}\n  {:names$}", analysis.name, "");
            for column in columns(*design) {
                let _ = write!(text, "  {column:>13}");
            }
            text.push('\n');
            let most = analysis.rows.iter().filter_map(|row| Some((row, row.cells[0]?)));
            let most = most.max_by(|one, other| one.1.abs().total_cmp(&other.1.abs())).map(|(row, _)| row);
            if let Some(Row { name, cells }) = most.filter(|_| is_sampled(*design))
                && let [Some(value), Some(low), Some(high), ..] = cells[..]
            {
                let _ = writeln!(text, "  {}", hangs_on("It", name, [value, low, high]));
            }
            for row in &analysis.rows {
                let _ = write!(text, "  {:names$}", row.name);
                for cell in &row.cells {
                    let _ = write!(text, "  {:>13}", shown(*cell));
                }
                text.truncate(text.trim_end().len());
                text.push('\n');
            }
        }
        text
    }
}

/// The table of the ranking of factors on the page of a finished sweep.
pub const RANKING: &str = "sensitivity.csv";

/// Sweeps with more values of metrics than this are not ranked automatically, because reading them takes 16 bytes per value.
const MOST_VALUES: u64 = 4_000_000;

/// Writes the ranking of a sweep that is being finished, if its design identifies single factors and its size allows.
pub(in crate::study) fn write_ranking(folder: &Path, design: &Design, replicas: u64) -> Result<(), StudyError> {
    let metrics = u64::try_from(METRICS.len()).unwrap_or(u64::MAX);
    let points = design.count().map_err(|error| StudyError::Bug(error.to_string()))?;
    let values = points.saturating_mul(replicas).saturating_mul(metrics);
    if values > MOST_VALUES {
        return Ok(());
    }
    let runs = Runs::of(folder, design.clone(), replicas, &[])?;
    if runs.points.is_empty() || is_sampled(design.kind) && runs.points.len() < points_needed(design.factors.len()) {
        return Ok(());
    }
    Ok(write_whole(&folder.join(RANKING), &Ranking::of(&runs)?.to_csv()?)?)
}

/// The columns after the name, with the names of `SALib` where it has them. In designs other than sobol, S1 and ST are given for
/// the seed only.
const fn columns(kind: DesignKind) -> &'static [&'static str] {
    match kind {
        DesignKind::Sobol => &["S1", "S1_conf", "ST", "ST_conf"],
        DesignKind::SobolSecondOrder => &["S1", "S1_conf", "ST", "ST_conf", "S2", "S2_conf"],
        DesignKind::Morris => &["mu", "mu_star", "sigma", "mu_star_conf", "S1", "ST"],
        DesignKind::Grid => &["least_mean", "greatest_mean", "range", "elasticity", "S1", "ST"],
        DesignKind::LatinHypercube | DesignKind::List => &["PRCC", "PRCC_low", "PRCC_high", "S1", "ST"],
    }
}

/// Indices of the columns S1 and ST of the seed.
const fn seed_columns(kind: DesignKind) -> [usize; 2] {
    match kind {
        DesignKind::Sobol | DesignKind::SobolSecondOrder => [0, 2],
        DesignKind::Morris | DesignKind::Grid => [4, 5],
        DesignKind::LatinHypercube | DesignKind::List => [3, 4],
    }
}

/// Whether the design varies the seed. If so, replicas at different points do not share their random numbers.
fn varies_seed(design: &Design) -> bool {
    design.factors.iter().any(|factor| factor.key == "run.seed")
}

/// The notes that apply to all metrics.
fn notes_on(runs: &Runs) -> Vec<String> {
    let mut notes: Vec<String> = runs.left_out().into_iter().collect();
    if runs.is_broken_grid() {
        notes.push(
            "means over the levels of a factor would be over different levels of the others, so none are given"
                .to_owned(),
        );
    }
    let (points, needed) = (runs.points.len(), points_needed(runs.design.factors.len()));
    if is_sampled(runs.design.kind) && points < needed {
        notes.push(format!(
            "{points} points are too few to rank {} factors by their rank correlation: it takes {needed}",
            runs.design.factors.len()
        ));
    }
    if varies_seed(&runs.design) {
        notes.push(
            "`run.seed` is a factor itself, so no share of variance is given for the seed of replicas".to_owned(),
        );
    } else if runs.replicas < 2 {
        notes.push(
            "the seed's share cannot be estimated from one replica per point; run the sweep with --replicas 2 or more"
                .to_owned(),
        );
    }
    notes
}

/// Width of the 95 % interval of an index above which the sample counts as too small (Sarrazin, Pianosi, Wagener 2016, Environ. Model.
/// Softw. 79, 135).
pub const WIDEST: f64 = 0.05;

/// A warning if intervals of S1 and ST are too wide.
fn too_small(runs: &Runs, analyses: &[Analysis]) -> Option<String> {
    if !is_sobol(runs.design.kind) {
        return None;
    }
    let widest = |analysis: &Analysis| {
        let half_widths = analysis.rows.iter().flat_map(|row| [row.cells[1], row.cells[3]]).flatten();
        half_widths.reduce(f64::max).map(|half| 2.0 * half)
    };
    let widths: Vec<f64> = analyses.iter().filter_map(widest).collect();
    let wide = widths.iter().filter(|width| **width > WIDEST).count();
    let most = widths.iter().copied().reduce(f64::max)?;
    (wide > 0).then(|| {
        format!(
            "the sample is too small for the indices of {wide} of {} metrics: an interval of S1 or ST is wider than {WIDEST} (the widest: {most:.2}); \
             four times as many --points halve it",
            widths.len()
        )
    })
}

fn analyse(runs: &Runs, metric: &Metric, values: &[Option<f64>]) -> Result<Analysis, StudyError> {
    let Runs { ref design, replicas, .. } = *runs;
    let missing = values.iter().filter(|value| value.is_none()).count();
    let mut analysis =
        Analysis { name: metric.name.to_owned(), unit: metric.unit, notes: Vec::new(), rows: Vec::new() };
    let numbers: Vec<f64> = if missing == 0 || missing == values.len() {
        values.iter().map(|value| value.unwrap_or_default()).collect()
    } else {
        // The runs that have a value are selected by their result, so indices over these runs alone would answer a different
        // question.
        let (ending, meaning) = match metric.absent {
            Absent::Never => ("never", "never get there"),
            Absent::Unmeasured => ("unmeasured", "could not measure it"),
        };
        analysis.notes.push(format!(
            "{missing} of {} runs {meaning}; analysed is whether a run does (1) or not (0)",
            values.len()
        ));
        analysis.name = format!("{}.{ending}", metric.name);
        analysis.unit = "";
        values.iter().map(|value| f64::from(u8::from(value.is_none()))).collect()
    };
    let width = columns(design.kind).len();
    let names = design.factors.iter().map(|factor| factor.key.clone()).chain(pairs(design));
    analysis.rows = names.map(|name| Row { name, cells: vec![None; width] }).collect();
    let has_seed = replicas > 1 && !varies_seed(design);
    if has_seed {
        analysis.rows.push(Row { name: "seed".to_owned(), cells: vec![None; width] });
    }
    if missing == values.len() {
        analysis.notes.push("no run has it, so there is nothing to analyse".to_owned());
        return Ok(analysis);
    }
    if is_constant(&numbers) {
        analysis.notes.push(format!("every run has {}, so its indices are undefined", shown(numbers.first().copied())));
        return Ok(analysis);
    }
    let means: Vec<f64> = numbers.chunks(replicas).map(|runs| runs.iter().sum::<f64>() / count(runs.len())).collect();
    match factor_cells(runs, &means, &analysis.name) {
        Ok(found) => {
            for (row, cells) in analysis.rows.iter_mut().zip(found) {
                let kept = cells.len();
                row.cells[..kept].copy_from_slice(&cells);
            }
        }
        Err(EstimateError::Constant) => {
            analysis
                .notes
                .push("its mean is the same at every point, so the factors' indices are undefined".to_owned());
        }
        Err(error) => return Err(StudyError::Bug(error.to_string())),
    }
    if let Some(row) = analysis.rows.last_mut().filter(|_| has_seed) {
        match seed_shares(&independent(design, &numbers, replicas), replicas) {
            Ok(shares) => {
                let [s1, st] = seed_columns(design.kind);
                row.cells[s1] = Some(shares.s1());
                row.cells[st] = Some(shares.st());
            }
            Err(error) => analysis.notes.push(format!("the seed's share is undefined: {error}")),
        }
    }
    Ok(analysis)
}

fn shown(cell: Option<f64>) -> String {
    match cell {
        None => String::new(),
        Some(value) if value == 0.0 || (1e-3..1e6).contains(&value.abs()) => format!("{value:.4}"),
        Some(value) => format!("{value:.3e}"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of replicas")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
