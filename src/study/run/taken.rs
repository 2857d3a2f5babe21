use crate::{
    declare::{Columns, Value},
    output::{
        csv::Recorded,
        drawn::DrawnRow,
        failed::{in_one_line, read_failures},
        format::Twins,
        replay::Replay,
        summary::{RunFacts, Summary},
        table::Table,
    },
    simulation::metrics::Metrics,
    study::{
        DrawRun, Failures, Lost, StudyError,
        score::{SeenEpoch, seen_epochs},
        uncertainty::summary_of,
    },
    units::UnixTime,
};
use std::path::Path;

/// Collects the data for the charts, the page, the summary and the Parquet files from the columns of each replica as it ends, so
/// that no csv table is read back.
#[derive(Debug)]
pub(in crate::study) struct Taken {
    metrics: Columns,
    /// The metrics with drawn assumptions, and what was drawn; empty where nothing is.
    uncertain: Columns,
    drawn_values: Columns,
    failures: Failures,
    twins: Twins,
    drawn: Option<Box<dyn DrawRun>>,
    /// The epochs of each replica, if the run is scored.
    seen: Option<Vec<Vec<SeenEpoch>>>,
}

impl Taken {
    /// A collection without replicas.
    pub(super) fn new(start: UnixTime, twins: Twins, drawn: Option<Box<dyn DrawRun>>, is_scored: bool) -> Self {
        let metrics = Columns::of::<Metrics>(start);
        let (uncertain, drawn_values) = (metrics.clone(), Columns::of::<DrawnRow<'_>>(start));
        let failures = Failures::default();
        Self { metrics, uncertain, drawn_values, failures, twins, drawn, seen: is_scored.then(Vec::new) }
    }

    /// Adds the replicas that an interrupted run has left in its folder.
    pub(super) fn resume(&mut self, folder: &Path, tables: &[Table]) -> Result<(), StudyError> {
        self.failures = read_failures(folder)?;
        let mut replay = Replay::open(folder, self.metrics.start(), tables, &[])?;
        while let Some(replica) = replay.advance()? {
            self.add(&replica)?;
        }
        Ok(())
    }

    /// Adds the next replica.
    pub(super) fn add(&mut self, replica: &Recorded) -> Result<(), StudyError> {
        for (place, (table, rows)) in replica.tables.iter().enumerate() {
            self.twins.add(place, &[Value::Count(replica.replica)], rows)?;
            match table {
                Table::Replicas => self.metrics.append(rows),
                Table::Uncertain => self.uncertain.append(rows),
                Table::Drawn => self.drawn_values.append(rows),
                Table::Epochs => self.seen.iter_mut().for_each(|seen| seen.push(seen_epochs(rows))),
                _ => {}
            }
        }
        if let Some(drawn) = &mut self.drawn {
            drawn.add(replica)?;
        }
        Ok(())
    }

    /// Records that a replica could not be simulated.
    pub(super) fn lose(&mut self, replica: u64, lost: &Lost) {
        self.failures.add(&in_one_line(&lost.reason), lost.is_bug, || format!("replica {replica}"));
    }

    /// The summary of all replicas.
    pub(super) fn summary(&self, facts: RunFacts) -> Summary {
        summary_of(&self.metrics, Some((&self.uncertain, &self.drawn_values)), self.failures.count, facts)
    }

    /// The replicas that could not be simulated.
    pub(in crate::study) const fn failures(&self) -> &Failures {
        &self.failures
    }

    /// The object that draws the run; `None` if no chart and no page is requested or its tables do not suffice.
    pub(super) fn drawn(&self) -> Option<&dyn DrawRun> {
        self.drawn.as_deref()
    }

    /// The complete epochs of each replica; empty unless the run is scored.
    pub(in crate::study) fn seen(&self) -> &[Vec<SeenEpoch>] {
        self.seen.as_deref().unwrap_or_default()
    }

    /// Adds the observed history to the charts of the run.
    pub(in crate::study) fn set_observed(&mut self, rows: Columns) {
        if let Some(drawn) = &mut self.drawn {
            drawn.observed(rows);
        }
    }

    /// Writes the Parquet files to the disk.
    pub(super) fn finish_twins(&mut self) -> Result<(), StudyError> {
        Ok(std::mem::take(&mut self.twins).finish()?)
    }
}
