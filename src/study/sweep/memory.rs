use super::{Destination, Sweep, SweepEnd, SweepTables};
use crate::{
    declare::Columns,
    output::csv::Recorded,
    study::{Design, Failures, Lost, Memory, MemoryTable, Sink, StudyError, Work},
};
use std::convert::Infallible;

/// The result of a sweep in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepResults {
    /// The design of the sweep.
    pub design: Design,
    /// Number of replicas of each point.
    pub replicas: u64,
    /// One row per point and replica: the values of the factors, and the metrics.
    pub sweep: MemoryTable,
    /// The epochs of every run, if requested.
    pub epochs: Option<MemoryTable>,
    /// The runs that could not be simulated, each by its point and replica, with the reason.
    pub failed: Vec<((u64, u64), Lost)>,
}

impl Destination<Sweep> for Memory {
    type Found = SweepResults;

    fn fill(self, study: &Sweep, work: &mut Work<'_>) -> Result<SweepResults, StudyError> {
        let empty = study.tables().empty(study.design());
        let names = study.tables().described(study.design()).into_iter().map(|(name, _)| name);
        let tables = names.zip(empty.clone()).map(|(name, columns)| MemoryTable { name, columns }).collect();
        let mut kept = Kept { tables, failed: Vec::new(), fail_fast: work.fail_fast };
        let read =
            |point: u64, values: &[String], recorded: &Recorded| SweepTables::columns(&empty, point, values, recorded);
        study.simulate_into(study.places(), read, &mut kept, work).map_err(|end| match end {
            SweepEnd::Study(error) => error,
            SweepEnd::Sink(never) => never.into(),
            SweepEnd::Interrupted { .. } => StudyError::Interrupted("interrupted".to_owned()),
        })?;
        let shard = study.shard();
        let failed = kept.failed.into_iter().map(|(place, lost)| (study.experiment.split(shard.run(place)), lost));
        let failed: Vec<_> = failed.collect();
        if failed.len() as u64 == study.places().end {
            let mut failures = Failures::default();
            for ((point, replica), lost) in &failed {
                failures.add(&lost.reason, lost.is_bug, || format!("point {point}, replica {replica}"));
            }
            return Err(StudyError::NoneLeft { failures, what: "runs" });
        }
        let mut tables = kept.tables.into_iter();
        let sweep = tables.next().expect("a sweep has its table");
        let (design, replicas) = (study.design().clone(), study.replicas());
        Ok(SweepResults { design, replicas, sweep, epochs: tables.next(), failed })
    }
}

/// Concatenates the tables of runs.
struct Kept {
    tables: Vec<MemoryTable>,
    failed: Vec<(u64, Lost)>,
    fail_fast: bool,
}

impl Sink for Kept {
    type Output = Vec<Columns>;
    type Error = Infallible;

    fn accept(&mut self, _: u64, run: Vec<Columns>) -> Result<(), Infallible> {
        self.tables.iter_mut().zip(run).for_each(|(table, rows)| table.columns.append(&rows));
        Ok(())
    }

    fn lose(&mut self, place: u64, lost: Lost) -> Result<Option<Lost>, Infallible> {
        if self.fail_fast {
            return Ok(Some(lost));
        }
        self.failed.push((place, lost));
        Ok(None)
    }
}
