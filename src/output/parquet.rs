//! Parquet twins of the csv tables, written from the recorded columns as they come in, in pieces of bounded size.

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
    read::{ReadError, Reader},
    table::Described,
};
use crate::{
    declare::{Column, Columns, Kind, Value},
    units::UnixTime,
};

/// Rows held in memory at a time, and so in a row group: some 10 MB of a table of twenty columns.
const ROWS_PER_GROUP: usize = 65_536;

/// Why a twin was not made.
#[derive(Debug, thiserror::Error)]
pub enum ParquetTwinError {
    /// A csv table could not be read back.
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

/// The twin of a csv table, open for rows.
pub struct Twin {
    path: PathBuf,
    /// Rows that are not written yet.
    piece: Columns,
    writer: SerializedFileWriter<File>,
}

impl std::fmt::Debug for Twin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Twin").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Twin {
    /// Begins the twin of the table of this name. `metadata` is kept in the file, with each column's unit and meaning. Instants count from
    /// `start`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(
        folder: &Path,
        (name, columns): Described,
        start: UnixTime,
        metadata: &[(&str, &str)],
    ) -> Result<Self, ParquetTwinError> {
        let path = folder.join(format!("{name}.parquet"));
        let file = File::create(&path).at("create", &path)?;
        let (schema, properties) = (Arc::new(schema(&columns)), Arc::new(properties(&columns, metadata)));
        let writer = SerializedFileWriter::new(file, schema, properties)
            .map_err(|source| ParquetTwinError::Write { path: path.clone(), source })?;
        Ok(Self { path, piece: Columns::new(columns, start), writer })
    }

    /// Adds rows, each behind the same first cells.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(&mut self, first: &[Value<'_>], rows: &Columns) -> Result<(), ParquetTwinError> {
        let mut done = 0;
        while done < rows.len() {
            let end = rows.len().min(done + ROWS_PER_GROUP - self.piece.len());
            self.piece.extend_with_some(first, rows, done..end);
            done = end;
            if self.piece.len() == ROWS_PER_GROUP {
                self.write_piece()?;
            }
        }
        Ok(())
    }

    /// Adds the rows of its csv table, which others have written.
    ///
    /// # Errors
    /// When the csv cannot be read as these columns, or the disk refuses.
    pub fn add_csv(&mut self) -> Result<(), ParquetTwinError> {
        let (folder, name) = (self.path.parent().unwrap_or(Path::new("")), self.path.file_stem().unwrap_or_default());
        let names = self.piece.declared().iter().map(|column| &*column.name);
        let mut rows = Reader::open(folder, &name.to_string_lossy(), names)?;
        while rows.advance()? {
            rows.push_to(&mut self.piece, 0)?;
            if self.piece.len() == ROWS_PER_GROUP {
                self.write_piece()?;
            }
        }
        Ok(())
    }

    /// Puts it on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> Result<(), ParquetTwinError> {
        if !self.piece.is_empty() {
            self.write_piece()?;
        }
        let Self { path, writer, .. } = self;
        let file = writer.into_inner().map_err(|source| ParquetTwinError::Write { path: path.clone(), source })?;
        Ok(file.sync_all().at("write", &path)?)
    }

    fn write_piece(&mut self) -> Result<(), ParquetTwinError> {
        let Self { path, piece, writer } = self;
        let mut write = || {
            let mut group = writer.next_row_group()?;
            for column in piece.declared() {
                write_column(&mut group, column, piece)?;
            }
            group.close().map(drop)
        };
        write().map_err(|source| ParquetTwinError::Write { path: path.clone(), source })?;
        piece.clear();
        Ok(())
    }
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

/// Writes one column of a row group: its values, and for an optional column, where there are any.
fn write_column(
    group: &mut SerializedRowGroupWriter<'_, File>,
    column: &Column,
    columns: &Columns,
) -> Result<(), ParquetError> {
    let mut writer = group.next_column()?.expect("the schema has each of the columns");
    let cells = (0..columns.len()).map(|row| columns.get(&column.name).map_or(Value::Empty, |values| values.get(row)));
    let presence: Option<Vec<i16>> =
        column.kind.is_optional().then(|| cells.clone().map(|cell| i16::from(cell != Value::Empty)).collect());
    let presence = presence.as_deref();
    match column.kind {
        Kind::Count | Kind::OptionalCount | Kind::Time | Kind::OptionalTime => {
            let values: Vec<i64> = cells.filter_map(|cell| whole(cell, columns)).collect();
            writer.typed::<Int64Type>().write_batch(&values, presence, None)?
        }
        Kind::Number | Kind::OptionalNumber => {
            let number = |cell| if let Value::Number(number) = cell { Some(number) } else { None };
            let values: Vec<f64> = cells.filter_map(number).collect();
            writer.typed::<DoubleType>().write_batch(&values, presence, None)?
        }
        Kind::Text => {
            let text = |cell| if let Value::Text(text) = cell { Some(ByteArray::from(text)) } else { None };
            let values: Vec<ByteArray> = cells.filter_map(text).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, presence, None)?
        }
    };
    writer.close()
}

/// A count, or the milliseconds of an instant.
fn whole(cell: Value<'_>, columns: &Columns) -> Option<i64> {
    match cell {
        Value::Count(count) => i64::try_from(count).ok(),
        Value::Time(time) => Some(1_000 * columns.unix(time)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
