//! Parquet twins of the csv tables, made at the end from the csv itself: one source, read in pieces of bounded size.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use ::parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use super::{
    disk::{At as _, DiskError},
    summary::ReadError,
    table::{Column, Kind},
};

/// Rows held in memory at a time, and so in a row group: some 10 MB of a table of twenty columns.
const ROWS_PER_GROUP: usize = 65_536;

/// Why a twin was not made.
#[derive(Debug, thiserror::Error)]
pub enum ParquetTwinError {
    /// The csv could not be read back.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The Parquet file.
        path: PathBuf,
        /// What is wrong.
        source: ParquetError,
    },
}

/// Writes the twin of a csv table beside it and returns its path. `metadata` is kept in the file, with each column's unit
/// and meaning.
///
/// # Errors
/// When the csv cannot be read as these columns, or the disk refuses.
pub fn write_twin(csv: &Path, columns: &[Column], metadata: &[(&str, &str)]) -> Result<PathBuf, ParquetTwinError> {
    let path = csv.with_extension("parquet");
    let file = File::create(&path).at("create", &path)?;
    let mut source = Source::open(csv, columns)?;
    let written = |source| ParquetTwinError::Write { path: path.clone(), source };
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema(columns)), Arc::new(properties(columns, metadata)))
            .map_err(written)?;
    loop {
        let batches = source.read(ROWS_PER_GROUP)?;
        if batches.iter().all(Batch::is_empty) {
            break;
        }
        let mut group = writer.next_row_group().map_err(written)?;
        for batch in &batches {
            batch.write(&mut group).map_err(written)?;
        }
        group.close().map_err(written)?;
    }
    writer.into_inner().map_err(written)?.sync_all().at("write", &path)?;
    Ok(path)
}

fn schema(columns: &[Column]) -> Type {
    let fields = columns
        .iter()
        .map(|column| {
            let (physical, logical) = match column.kind {
                Kind::Count | Kind::OptionalCount => (PhysicalType::INT64, None),
                Kind::Number | Kind::OptionalNumber => (PhysicalType::DOUBLE, None),
                Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
                Kind::Time | Kind::OptionalTime => {
                    (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS)))
                }
            };
            let repetition = if column.kind.is_optional() { Repetition::OPTIONAL } else { Repetition::REQUIRED };
            Type::primitive_type_builder(&column.name, physical)
                .with_logical_type(logical)
                .with_repetition(repetition)
                .build()
                .map(Arc::new)
                .expect("each kind has a physical type that its logical type allows")
        })
        .collect();
    Type::group_type_builder("shakeout").with_fields(fields).build().expect("a group of columns is a schema")
}

fn properties(columns: &[Column], metadata: &[(&str, &str)]) -> WriterProperties {
    let mut pairs: Vec<_> =
        metadata.iter().map(|&(key, value)| KeyValue::new(key.to_owned(), value.to_owned())).collect();
    for column in columns {
        pairs.push(KeyValue::new(format!("unit.{}", column.name), column.unit.to_owned()));
        pairs.push(KeyValue::new(format!("doc.{}", column.name), column.doc.to_owned()));
    }
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("shakeout ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs));
    for column in columns.iter().filter(|column| matches!(column.kind, Kind::Number | Kind::OptionalNumber)) {
        // Floats seldom repeat: trying a dictionary first only costs time.
        builder = builder.set_column_dictionary_enabled(column.name.as_ref().into(), false);
    }
    builder.build()
}

/// A csv table, read in pieces.
struct Source<'a> {
    path: &'a Path,
    columns: &'a [Column],
    reader: csv::Reader<File>,
}

impl<'a> Source<'a> {
    fn open(path: &'a Path, columns: &'a [Column]) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Csv { path: path.to_owned(), source };
        let mut reader = csv::Reader::from_path(path).map_err(failed)?;
        let header = reader.headers().map_err(failed)?;
        for (place, column) in columns.iter().enumerate() {
            if header.get(place) != Some(column.name.as_ref()) {
                return Err(ReadError::NoColumn { path: path.to_owned(), column: column.name.to_string() });
            }
        }
        Ok(Self { path, columns, reader })
    }

    /// At most so many rows, by column; empty at the end.
    fn read(&mut self, rows: usize) -> Result<Vec<Batch>, ReadError> {
        let mut batches: Vec<_> = self.columns.iter().map(|column| Batch::new(column.kind)).collect();
        let mut record = csv::StringRecord::new();
        for _ in 0..rows {
            let more = self.reader.read_record(&mut record);
            if !more.map_err(|source| ReadError::Csv { path: self.path.to_owned(), source })? {
                break;
            }
            for ((batch, column), text) in batches.iter_mut().zip(self.columns).zip(&record) {
                batch.push(column.kind, text).map_err(|expected| ReadError::Value {
                    path: self.path.to_owned(),
                    line: record.position().map_or(0, csv::Position::line),
                    column: column.name.to_string(),
                    value: text.to_owned(),
                    expected,
                })?;
            }
        }
        Ok(batches)
    }
}

/// Some rows of one column: the values that are there, and for an optional column, which are.
struct Batch {
    values: Values,
    /// 1 where there is a value, 0 where there is none; `None` for a column without gaps.
    presence: Option<Vec<i16>>,
}

enum Values {
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Texts(Vec<ByteArray>),
}

impl Batch {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Count | Kind::OptionalCount | Kind::Time | Kind::OptionalTime => Values::Integers(Vec::new()),
            Kind::Number | Kind::OptionalNumber => Values::Numbers(Vec::new()),
            Kind::Text => Values::Texts(Vec::new()),
        };
        Self { values, presence: kind.is_optional().then(Vec::new) }
    }

    fn is_empty(&self) -> bool {
        let no_values = match &self.values {
            Values::Integers(values) => values.is_empty(),
            Values::Numbers(values) => values.is_empty(),
            Values::Texts(values) => values.is_empty(),
        };
        // A column of nothing but gaps has rows too.
        no_values && self.presence.as_ref().is_none_or(Vec::is_empty)
    }

    /// Adds a value, or says what it should have been.
    fn push(&mut self, kind: Kind, text: &str) -> Result<(), &'static str> {
        if let Some(presence) = &mut self.presence {
            presence.push(i16::from(!text.is_empty()));
            if text.is_empty() {
                return Ok(());
            }
        }
        match (&mut self.values, kind) {
            (Values::Integers(values), Kind::Count | Kind::OptionalCount) => {
                values.push(text.parse::<u64>().ok().and_then(|n| n.try_into().ok()).ok_or("a whole number from 0")?);
            }
            (Values::Integers(values), _) => {
                let time: jiff::Timestamp = text.parse().map_err(|_| "an instant such as 2018-09-20T00:00:00Z")?;
                values.push(time.as_millisecond());
            }
            (Values::Numbers(values), _) => values.push(text.parse().map_err(|_| "a number")?),
            (Values::Texts(values), _) => values.push(text.into()),
        }
        Ok(())
    }

    fn write(&self, group: &mut SerializedRowGroupWriter<'_, File>) -> Result<(), ParquetError> {
        let mut column = group.next_column()?.expect("the schema has a column for each batch");
        let presence = self.presence.as_deref();
        match &self.values {
            Values::Integers(values) => column.typed::<Int64Type>().write_batch(values, presence, None)?,
            Values::Numbers(values) => column.typed::<DoubleType>().write_batch(values, presence, None)?,
            Values::Texts(values) => column.typed::<ByteArrayType>().write_batch(values, presence, None)?,
        };
        column.close()
    }
}

#[cfg(test)]
#[path = "parquet_tests.rs"]
mod tests;
