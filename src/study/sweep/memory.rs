use super::{Destination, Sweep, SweepEnd, SweepTables};
use crate::{
    declare::{Columns, Values},
    output::{
        csv::Recorded,
        table::{Described, Table},
    },
    study::{Design, Failures, Lost, Memory, MemoryTable, Sink, StudyError, Work, run::OTHER_TABLES},
    units::UnixTime,
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

impl SweepResults {
    /// The results of a sweep from the values of their tables, such as a caller keeps them in a form of its own.
    ///
    /// # Errors
    /// When the tables are not those that a sweep of this design records.
    pub fn of_values(
        design: Design,
        replicas: u64,
        tables: Vec<Vec<Values>>,
        failed: Vec<((u64, u64), Lost)>,
    ) -> Result<Self, StudyError> {
        let described = SweepTables { epochs: tables.len() > 1 }.described(&design);
        let table = |((name, columns), values): (Described, Vec<Values>)| {
            let columns = Columns::with_values(columns, UnixTime::default(), values)?;
            Some(MemoryTable { name, columns })
        };
        let tables: Option<Vec<_>> = described.into_iter().zip(tables).map(table).collect();
        let mut tables = tables.unwrap_or_default().into_iter();
        let sweep = tables.next().ok_or_else(|| StudyError::Input(OTHER_TABLES.to_owned()))?;
        Ok(Self { design, replicas, sweep, epochs: tables.next(), failed })
    }

    /// What was recorded of a run, taken out of the tables.
    pub(super) fn recorded(&self, point: u64, replica: u64) -> Recorded {
        let part = |table: &MemoryTable, first: usize| table.part(table.rows_of(&[point, replica]), first);
        let metrics = (Table::Replicas, part(&self.sweep, 2 + self.design.factors.len()));
        let epochs = self.epochs.iter().map(|epochs| (Table::Epochs, part(epochs, 2)));
        Recorded { replica, tables: epochs.chain([metrics]).collect() }
    }
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
