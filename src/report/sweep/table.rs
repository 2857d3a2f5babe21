//! `sweep.csv`, read in passes: first what varies and how far, then a few metrics at a time.

use std::{collections::BTreeMap, path::Path};

use super::{
    factor::SweptFactor,
    outcome::{Outcome, asked, varying},
};
use crate::{
    declare::{Absent, Metric},
    output::read::Reader,
    report::{ReportError, number::grouped},
    simulation::metrics::METRICS,
};

/// How many values are held in memory at once: settings of factors, and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepLimits {
    /// Numbers of eight bytes; drawing takes about as many again.
    pub values: usize,
}

impl Default for SweepLimits {
    fn default() -> Self {
        Self { values: 2_000_000 }
    }
}

/// What a sweep varied, and which rows of its table are used.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// In the order of the table.
    pub factors: Vec<SweptFactor>,
    /// Points used.
    pub points: usize,
    /// Points in the table: those of which a run could be run.
    pub points_run: usize,
    /// The design's number of each point used.
    pub numbers: Vec<usize>,
    /// Replicas used of each point.
    pub replicas: usize,
    /// Replicas in the table of each point.
    pub replicas_run: usize,
    /// The metrics that are not equal in all runs, those that answer the question first.
    pub outcomes: Vec<Outcome>,
    /// The point of each row that is used, as a place in [`Self::numbers`].
    pub rows: Vec<u32>,
    limits: SweepLimits,
}

/// The values of one metric, in the unit in which they are shown, one for each of [`Sweep::rows`]: `+∞` is never, NaN not measured.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which.
    pub outcome: Outcome,
    /// By row.
    pub values: Vec<f64>,
}

/// Places of columns in the table.
struct Layout {
    point: usize,
    replica: usize,
    factors: std::ops::Range<usize>,
    metrics: Vec<(&'static Metric, usize)>,
}

impl Layout {
    fn of(rows: &Reader, metrics: impl Iterator<Item = &'static Metric>) -> Result<Self, ReportError> {
        let place = |column: &str| rows.names().position(|name| name == column);
        let point = place("point").ok_or_else(|| rows.no_column("point"))?;
        let replica = place("replica").ok_or_else(|| rows.no_column("replica"))?;
        let is_metric = |name: &str| METRICS.iter().any(|metric| metric.name == name);
        let end = rows.names().position(is_metric).unwrap_or_else(|| rows.names().count());
        let metrics = metrics.filter_map(|metric| Some((metric, place(metric.name)?))).collect();
        Ok(Self { point, replica, factors: replica + 1..end.max(replica + 1), metrics })
    }
}

/// Which of the table's points a row is of, from 0: a point of which no run could be run has no row, so the design's numbers have gaps.
#[derive(Default)]
struct Slots {
    /// The number of the last point.
    last: Option<usize>,
    /// Points so far.
    points: usize,
}

impl Slots {
    /// The place and the number of the current row's point.
    fn of(&mut self, rows: &Reader, layout: &Layout) -> Result<(usize, usize), ReportError> {
        let number = place(rows, layout.point)?;
        match self.last {
            Some(last) if last > number => {
                return Err(rows.bad_row(format!("point {number} comes after point {last}")).into());
            }
            Some(last) if last == number => {}
            _ => self.points += 1,
        }
        self.last = Some(number);
        Ok((self.points - 1, number))
    }
}

/// The first pass: sizes, kinds and ranges.
#[derive(Default)]
struct Survey {
    rows: usize,
    points: usize,
    replicas: usize,
    is_numeric: Vec<bool>,
    /// Least and greatest value, never being the greatest.
    ranges: Vec<Option<(f64, f64)>>,
}

impl Survey {
    fn read(rows: &mut Reader, layout: &Layout) -> Result<Self, ReportError> {
        let mut survey = Self {
            is_numeric: vec![true; layout.factors.len()],
            ranges: vec![None; layout.metrics.len()],
            ..Self::default()
        };
        let mut slots = Slots::default();
        while rows.advance()? {
            survey.rows += 1;
            survey.points = slots.of(rows, layout)?.0 + 1;
            survey.replicas = survey.replicas.max(place(rows, layout.replica)? + 1);
            for (is_numeric, column) in survey.is_numeric.iter_mut().zip(layout.factors.clone()) {
                *is_numeric = *is_numeric && number(rows.text(column)).is_some();
            }
            for (range, (metric, column)) in survey.ranges.iter_mut().zip(&layout.metrics) {
                let value = value(rows, metric, *column)?;
                if !value.is_nan() {
                    let (low, high) = range.unwrap_or((value, value));
                    *range = Some((low.min(value), high.max(value)));
                }
            }
        }
        Ok(survey)
    }
}

fn place(rows: &Reader, column: usize) -> Result<usize, ReportError> {
    let number = rows.whole(column)?;
    match u32::try_from(number) {
        Ok(number) if number < u32::MAX => Ok(number as usize),
        _ => Err(rows.bad_row(format!("{number} is too large a number of a point or replica")).into()),
    }
}

fn value(rows: &Reader, metric: &Metric, column: usize) -> Result<f64, ReportError> {
    let absent = match metric.absent {
        Absent::Never => f64::INFINITY,
        Absent::Unmeasured => f64::NAN,
    };
    Ok(rows.number(column)?.unwrap_or(absent))
}

/// A TOML number.
fn number(text: &str) -> Option<f64> {
    let value = text.trim().replace('_', "").parse::<f64>().ok()?;
    value.is_finite().then_some(value)
}

impl Sweep {
    /// Reads what was varied, and which metrics vary: those named in `answers` and the other main ones. Their values are read by
    /// [`Self::columns`].
    ///
    /// # Errors
    /// If there is no `sweep.csv` in `folder`, or it cannot be understood.
    pub fn read(folder: &Path, answers: &[String], limits: SweepLimits) -> Result<Self, ReportError> {
        let mut rows = Reader::open_all(folder, "sweep")?;
        let layout = Layout::of(&rows, asked(answers).into_iter())?;
        let survey = Survey::read(&mut rows, &layout)?;
        if survey.rows == 0 {
            return Err(rows.empty_table().into());
        }
        let factors = layout.factors.len();
        // Half for the settings, half for at least one metric.
        let points = survey.points.min((limits.values / (2 * factors.max(1))).max(1));
        let replicas = survey.replicas.min((limits.values / 2 / points).max(1));
        let ranges: Vec<_> = layout.metrics.iter().map(|(metric, _)| *metric).zip(survey.ranges).collect();
        let mut sweep = Self {
            factors: rows_names(&rows, &layout).map(|key| SweptFactor::new(key, points)).collect(),
            points,
            points_run: survey.points,
            numbers: Vec::with_capacity(points),
            replicas,
            replicas_run: survey.replicas,
            outcomes: varying(&ranges, answers),
            rows: Vec::new(),
            limits,
        };
        sweep.read_settings(folder, &layout, &survey.is_numeric)?;
        Ok(sweep)
    }

    fn read_settings(&mut self, folder: &Path, layout: &Layout, is_numeric: &[bool]) -> Result<(), ReportError> {
        let mut rows = Reader::open_all(folder, "sweep")?;
        let mut places = vec![BTreeMap::new(); self.factors.len()];
        let mut slots = Slots::default();
        while rows.advance()? {
            let (slot, point) = slots.of(&rows, layout)?;
            if slot < self.points && slot == self.numbers.len() {
                self.numbers.push(point);
            }
            if !self.is_used(slot, &rows, layout)? {
                continue;
            }
            self.rows.push(u32::try_from(slot).unwrap_or(u32::MAX));
            let columns = layout.factors.clone().zip(is_numeric).zip(&mut places);
            for (((column, is_numeric), places), factor) in columns.zip(&mut self.factors) {
                let text = rows.text(column);
                let setting = if *is_numeric {
                    number(text).unwrap_or(f64::NAN)
                } else {
                    let next = factor.choices.len();
                    let place = *places.entry(text.to_owned()).or_insert(next);
                    if place == next {
                        factor.choices.push(text.to_owned());
                    }
                    // Choices are counted within the points, which are fewer than 2^32.
                    f64::from(u32::try_from(place).unwrap_or(u32::MAX))
                };
                let known = factor.settings[slot];
                if !known.is_nan() && known.total_cmp(&setting).is_ne() {
                    return Err(rows.bad_row(format!("point {point} has two values of `{}`", factor.key)).into());
                }
                factor.settings[slot] = setting;
            }
        }
        Ok(())
    }

    /// Whether the current row, of the point at this place, is used.
    fn is_used(&self, slot: usize, rows: &Reader, layout: &Layout) -> Result<bool, ReportError> {
        Ok(slot < self.points && place(rows, layout.replica)? < self.replicas)
    }

    /// Hands over the metrics one by one, in the order of [`Self::outcomes`], holding as few at a time as memory asks.
    ///
    /// # Errors
    /// If the table cannot be read, or `visit` fails.
    pub fn for_each(
        &self,
        folder: &Path,
        mut visit: impl FnMut(&Column) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        for batch in self.batches() {
            for column in self.columns(folder, batch)? {
                visit(&column)?;
            }
        }
        Ok(())
    }

    /// The metrics in groups, each of which fits into memory.
    fn batches(&self) -> impl Iterator<Item = &[Outcome]> {
        let each = (self.limits.values / 2 / self.rows.len().max(1)).max(1);
        self.outcomes.chunks(each)
    }

    /// The values of some metrics, in one pass over the table.
    fn columns(&self, folder: &Path, outcomes: &[Outcome]) -> Result<Vec<Column>, ReportError> {
        let mut rows = Reader::open_all(folder, "sweep")?;
        let layout = Layout::of(&rows, outcomes.iter().map(|outcome| outcome.metric))?;
        let empty =
            |outcome: &Outcome| Column { outcome: outcome.clone(), values: Vec::with_capacity(self.rows.len()) };
        let mut columns: Vec<Column> = outcomes.iter().map(empty).collect();
        let mut slots = Slots::default();
        while rows.advance()? {
            let (slot, _) = slots.of(&rows, &layout)?;
            if !self.is_used(slot, &rows, &layout)? {
                continue;
            }
            for (column, (metric, place)) in columns.iter_mut().zip(&layout.metrics) {
                column.values.push(column.outcome.factor * value(&rows, metric, *place)?);
            }
        }
        Ok(columns)
    }

    /// The values of `column` by group; `group` says to which of `count` groups a point belongs, if to any.
    #[must_use]
    pub fn grouped(&self, column: &Column, count: usize, group: impl Fn(usize) -> Option<usize>) -> Vec<Vec<f64>> {
        let mut groups = vec![Vec::new(); count];
        for (&point, &value) in self.rows.iter().zip(&column.values) {
            if let Some(group) = group(point as usize).and_then(|place| groups.get_mut(place)) {
                group.push(value);
            }
        }
        groups
    }

    /// What a caption says of the rows that are used.
    #[must_use]
    pub fn size_in_words(&self) -> String {
        let count = |used: usize, run: usize, one: &str| {
            let text = |number: usize| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
            let name = if run == 1 { one.to_owned() } else { format!("{one}s") };
            if used < run {
                format!("the first {} of {} {name}", text(used), text(run))
            } else {
                format!("{} {name}", text(run))
            }
        };
        format!(
            "{}, {} each",
            count(self.points, self.points_run, "point"),
            count(self.replicas, self.replicas_run, "replica")
        )
    }
}

fn rows_names(rows: &Reader, layout: &Layout) -> impl Iterator<Item = String> {
    rows.names().skip(layout.factors.start).take(layout.factors.len()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
