//! The tables of a sweep: one tidy table of metrics by point and replica, and optionally the epochs of every run.

use crate::{
    declare::{Column, Columns, Kind, Value},
    output::{
        csv::{Recorded, Rows, write_text},
        dictionary::{POINT, TableDoc},
        failed,
        table::{Described, REPLICA, Table, TableFile, Tables},
    },
    study::{Design, Levels, factor::shown},
    units::UnixTime,
};

/// The name of the table of points and metrics.
pub const NAME: &str = "sweep";

const FACTOR: &str = "Value that the point gives to this key";

/// The columns of `sweep.csv`, to which those of `replicas.csv` are added.
pub fn sheet() -> TableDoc {
    let columns = [vec![POINT, REPLICA], Table::Replicas.columns().split_off(1)].concat();
    TableDoc::new(
        NAME,
        "One row per point of the design and replica: what was varied, and the metrics.",
        &["point", "replica"],
        &columns,
        Some(FACTOR),
    )
}

/// The tables that a sweep writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepTables {
    /// Whether the epochs of every run are included.
    pub epochs: bool,
}

impl SweepTables {
    /// The tables of a run from which the rows of the sweep are taken.
    #[must_use]
    pub fn recorded(self) -> Tables {
        if self.epochs { Tables::of(&[Table::Epochs]) } else { Tables::of(&[]) }
    }

    /// The files: `sweep`, whose rows begin with point, replica and the values of `keys`; `epochs`, whose rows begin with the
    /// point; and `failed`.
    #[must_use]
    pub fn files<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Vec<TableFile> {
        let mut header = b"point,replica".to_vec();
        for key in keys {
            header.push(b',');
            write_text(&mut header, key);
        }
        // The first column of `replicas` is the replica, which is already in the header.
        header.extend_from_slice(&Table::Replicas.header()[b"replica".len()..]);
        let mut files = vec![TableFile { name: "sweep".to_owned(), header }];
        if self.epochs {
            let header = [b"point,", &Table::Epochs.header()[..]].concat();
            files.push(TableFile { name: "epochs".to_owned(), header });
        }
        files.push(failed::file(failed::SWEEP));
        files
    }

    /// The columns of these files; a factor has a numeric column if all its values are numbers.
    #[must_use]
    pub fn described(self, design: &Design) -> Vec<Described> {
        let mut sweep = vec![POINT, REPLICA];
        sweep.extend(design.factors.iter().map(|factor| Column {
            name: factor.key.clone().into(),
            unit: "",
            kind: if is_numeric(&factor.levels) { Kind::Number } else { Kind::Text },
            doc: FACTOR,
        }));
        sweep.extend(Table::Replicas.columns().into_iter().skip(1));
        let mut tables = vec![("sweep", sweep)];
        if self.epochs {
            tables.push(("epochs", [vec![POINT], Table::Epochs.columns()].concat()));
        }
        tables
    }

    /// The rows of a run for these files, from the rows of its recorder.
    ///
    /// # Panics
    /// When the recorder recorded other tables.
    #[must_use]
    pub fn rows(self, point: u64, values: &[String], recorded: &Rows) -> Rows {
        let position = |wanted: Table| {
            self.recorded().iter().position(|table| table == wanted).expect("the sweep's tables are recorded")
        };
        let line = &recorded.0[position(Table::Replicas)];
        let comma = line.iter().position(|&byte| byte == b',').expect("the replica comes first");
        let mut sweep = format!("{point},").into_bytes();
        sweep.extend_from_slice(&line[..comma]);
        for value in values {
            sweep.push(b',');
            write_text(&mut sweep, &shown(value));
        }
        sweep.extend_from_slice(&line[comma..]);
        let mut rows = vec![sweep];
        if self.epochs {
            let mut epochs = Vec::new();
            for line in recorded.0[position(Table::Epochs)].split_inclusive(|&byte| byte == b'\n') {
                epochs.extend_from_slice(format!("{point},").as_bytes());
                epochs.extend_from_slice(line);
            }
            rows.push(epochs);
        }
        Rows(rows)
    }

    /// Tables of a sweep without rows. Points may differ in their start, so instants count from 1970.
    #[must_use]
    pub fn empty(self, design: &Design) -> Vec<Columns> {
        self.described(design).into_iter().map(|(_, columns)| Columns::new(columns, UnixTime::default())).collect()
    }

    /// The rows of a run for these tables, after its point and the values of the point.
    #[must_use]
    pub fn columns(empty: &[Columns], point: u64, values: &[String], recorded: &Recorded) -> Vec<Columns> {
        let mut tables = empty.to_vec();
        let address = [Value::Count(point), Value::Count(recorded.replica)];
        let values: Vec<_> = values.iter().map(|value| shown(value)).collect();
        let mut settings = address.to_vec();
        let factors = tables.first().map_or(&[][..], Columns::declared).iter().skip(address.len());
        settings.extend(values.iter().zip(factors).map(|(text, factor)| match text.parse() {
            Ok(number) if factor.kind == Kind::Number => Value::Number(number),
            _ => Value::Text(text),
        }));
        for (table, rows) in &recorded.tables {
            match (table, tables.as_mut_slice()) {
                (Table::Replicas, [sweep, ..]) => sweep.extend_behind(&settings, rows),
                (Table::Epochs, [_, epochs]) => epochs.extend_behind(&address, rows),
                _ => {}
            }
        }
        tables
    }
}

fn is_numeric(levels: &Levels) -> bool {
    match levels {
        Levels::Range { .. } => true,
        Levels::Choices(choices) => choices.iter().all(|choice| choice.parse().is_ok_and(f64::is_finite)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_sweep_are_rows_of_a_run_after_point_and_values() {
        let tables = SweepTables { epochs: true };
        let files = tables.files(["class.public.share", "chain.retarget"]);
        let header = String::from_utf8(files[0].header.clone()).expect("text");
        assert!(
            header.starts_with("point,replica,class.public.share,chain.retarget,hashrate_trough_share,"),
            "{header}"
        );
        assert!(files[1].header.starts_with(b"point,replica,epoch,"));
        let order: Vec<Table> = tables.recorded().iter().collect();
        assert_eq!(order, [Table::Epochs, Table::Replicas]);
        let recorded = Rows(vec![b"3,0,9\n3,1,8\n".to_vec(), b"3,0.5,7\n".to_vec()]);
        let rows = tables.rows(12, &["0.1".to_owned(), r#""a,b""#.to_owned()], &recorded);
        assert_eq!(rows.0[0], b"12,3,0.1,\"a,b\",0.5,7\n");
        assert_eq!(rows.0[1], b"12,3,0,9\n12,3,1,8\n");
        assert_eq!(SweepTables { epochs: false }.files([]).len(), 2, "metrics and failures");
    }
}
