use crate::{
    declare::{Columns, Value},
    output::{
        csv::Recorded,
        failed::{in_one_line, read_failures},
        format::Twins,
        replay::Replay,
        table::Table,
    },
    simulation::metrics::Metrics,
    study::{
        DrawRun, Failures, Lost, StudyError,
        score::{SeenEpoch, seen_epochs},
    },
    units::UnixTime,
};
use std::path::Path;

/// What is made of a run's replicas beside its csv tables. It is taken from the columns of each as it ends, so that no table is read back.
#[derive(Debug)]
pub(in crate::study) struct Taken {
    metrics: Columns,
    failures: Failures,
    twins: Twins,
    drawn: Option<Box<dyn DrawRun>>,
    /// The epochs of each replica, where they are scored.
    seen: Option<Vec<Vec<SeenEpoch>>>,
}

impl Taken {
    /// Of no replica yet.
    pub(super) fn new(start: UnixTime, twins: Twins, drawn: Option<Box<dyn DrawRun>>, is_scored: bool) -> Self {
        let metrics = Columns::of::<Metrics>(start);
        Self { metrics, failures: Failures::default(), twins, drawn, seen: is_scored.then(Vec::new) }
    }

    /// Takes the replicas that an interrupted run has left in its folder.
    pub(super) fn resume(&mut self, folder: &Path, tables: &[Table]) -> Result<(), StudyError> {
        self.failures = read_failures(folder)?;
        let mut replay = Replay::open(folder, self.metrics.start(), tables, &[])?;
        while let Some(replica) = replay.advance()? {
            self.add(&replica)?;
        }
        Ok(())
    }

    /// Takes the next replica.
    pub(super) fn add(&mut self, replica: &Recorded) -> Result<(), StudyError> {
        for (place, (table, rows)) in replica.tables.iter().enumerate() {
            self.twins.add(place, &[Value::Count(replica.replica)], rows)?;
            match table {
                Table::Replicas => self.metrics.append(rows),
                Table::Epochs => self.seen.iter_mut().for_each(|seen| seen.push(seen_epochs(rows))),
                _ => {}
            }
        }
        if let Some(drawn) = &mut self.drawn {
            drawn.add(replica)?;
        }
        Ok(())
    }

    /// Takes note that a replica could not be run.
    pub(super) fn lose(&mut self, replica: u64, lost: &Lost) {
        self.failures.add(&in_one_line(&lost.reason), lost.is_bug, || format!("replica {replica}"));
    }

    /// The metrics of all replicas.
    pub(super) const fn metrics(&self) -> &Columns {
        &self.metrics
    }

    /// The replicas that could not be run.
    pub(in crate::study) const fn failures(&self) -> &Failures {
        &self.failures
    }

    /// What draws the run, where its charts or its page are asked for and its tables suffice.
    pub(super) fn drawn(&self) -> Option<&dyn DrawRun> {
        self.drawn.as_deref()
    }

    /// The whole epochs of each replica; none unless the run is scored.
    pub(in crate::study) fn seen(&self) -> &[Vec<SeenEpoch>] {
        self.seen.as_deref().unwrap_or_default()
    }

    /// Adds the history that the run is held against to its charts.
    pub(in crate::study) fn set_observed(&mut self, rows: Columns) {
        if let Some(drawn) = &mut self.drawn {
            drawn.observed(rows);
        }
    }

    /// Puts the Parquet twins on the disk.
    pub(super) fn finish_twins(&mut self) -> Result<(), StudyError> {
        Ok(std::mem::take(&mut self.twins).finish()?)
    }
}
