use super::{Destination, Sweep, SweepEnd};
use crate::{
    declare::Value,
    output::{
        csv::Recorded,
        table::{Kind, Table},
    },
    study::{Design, Failures, Lost, Memory, MemoryTable, Sink, StudyError, Work},
    units::UnixTime,
};
use std::convert::Infallible;

/// Point and replica stand before the values of the factors.
const FIRST: usize = 2;

/// What a sweep gives in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepResults {
    /// What was varied.
    pub design: Design,
    /// How many replicas each point has.
    pub replicas: u64,
    /// A row for each point and replica: the values of the factors, and the headline numbers.
    pub sweep: MemoryTable,
    /// The epochs of every run, where they were asked for.
    pub epochs: Option<MemoryTable>,
    /// The runs that could not be run, each by its point and replica, and why.
    pub failed: Vec<((u64, u64), Lost)>,
}

impl Destination<Sweep> for Memory {
    type Found = SweepResults;

    fn fill(self, study: &Sweep, work: &mut Work<'_>) -> Result<SweepResults, StudyError> {
        let described = study.tables().described(study.design());
        let numeric: Vec<bool> = described.first().map_or_else(Vec::new, |(_, columns)| {
            let factors = columns.iter().skip(FIRST).take(study.design().factors.len());
            factors.map(|column| column.kind == Kind::Number).collect()
        });
        // Tables of a sweep of many starts have instants of their own: seconds since 1970.
        let empty = described.into_iter().map(|described| MemoryTable::described(described, UnixTime::default()));
        let empty: Vec<MemoryTable> = empty.collect();
        let mut kept = Kept { tables: empty.clone(), failed: Vec::new(), fail_fast: work.fail_fast };
        let read = |point: u64, values: &[String], recorded: &Recorded| {
            let mut tables = empty.clone();
            let address = [Value::Count(point), Value::Count(recorded.replica)];
            let mut settings = address.to_vec();
            settings.extend(values.iter().zip(&numeric).map(|(text, &is_numeric)| match text.parse() {
                Ok(number) if is_numeric => Value::Number(number),
                _ => Value::Text(text.as_str()),
            }));
            for (table, columns) in &recorded.tables {
                match (table, tables.as_mut_slice()) {
                    (Table::Replicas, [sweep, ..]) => sweep.columns.extend_behind(&settings, columns),
                    (Table::Epochs, [_, epochs]) => epochs.columns.extend_behind(&address, columns),
                    _ => {}
                }
            }
            tables
        };
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

/// Puts the tables of runs behind one another.
struct Kept {
    tables: Vec<MemoryTable>,
    failed: Vec<(u64, Lost)>,
    fail_fast: bool,
}

impl Sink for Kept {
    type Output = Vec<MemoryTable>;
    type Error = Infallible;

    fn accept(&mut self, _: u64, run: Vec<MemoryTable>) -> Result<(), Infallible> {
        self.tables.iter_mut().zip(run).for_each(|(table, other)| table.columns.append(&other.columns));
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
