//! In which form tables are kept: csv, Parquet, or both.

use std::path::Path;

use super::table::Described;
use crate::{
    declare::{Columns, Value},
    units::UnixTime,
};

/// In which form tables are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// Text.
    #[default]
    Csv,
    /// Parquet alone.
    Parquet,
    /// Each table twice.
    Both,
}

/// A form was asked for that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// No such form.
    #[error("there is no format `{name}`; there are csv, parquet and both")]
    Unknown {
        /// The word that was given.
        name: String,
    },
    /// Left out of this program.
    #[error("this shakeout was built without Parquet (feature `parquet`); use --format csv")]
    NotBuilt,
}

impl Format {
    /// Reads `csv`, `parquet` or `both`.
    ///
    /// # Errors
    /// When it is none of these, or this program was built without Parquet.
    pub fn parse(name: &str) -> Result<Self, FormatError> {
        let format = match name {
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            "both" => Self::Both,
            _ => return Err(FormatError::Unknown { name: name.to_owned() }),
        };
        if format.has_parquet() && cfg!(not(feature = "parquet")) {
            return Err(FormatError::NotBuilt);
        }
        Ok(format)
    }

    /// The word that [`Format::parse`] reads.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Both => "both",
        }
    }

    /// Whether the csv tables stay: the second argument of [`PartialFolder::finish`](super::folder::PartialFolder::finish).
    #[must_use]
    pub const fn has_csv(self) -> bool {
        matches!(self, Self::Csv | Self::Both)
    }

    /// Whether Parquet twins are made.
    #[must_use]
    pub const fn has_parquet(self) -> bool {
        matches!(self, Self::Parquet | Self::Both)
    }

    /// The names of the files in which these tables are kept, for the manifest.
    #[must_use]
    pub fn files(self, tables: &[Described]) -> Vec<String> {
        let endings = [self.has_csv().then_some("csv"), self.has_parquet().then_some("parquet")];
        tables
            .iter()
            .flat_map(|(name, _)| endings.into_iter().flatten().map(move |ending| format!("{name}.{ending}")))
            .collect()
    }
}

/// The Parquet twins of the csv tables of a folder, open for rows; none where none are asked for.
#[derive(Debug, Default)]
pub struct Twins {
    #[cfg(feature = "parquet")]
    open: Vec<super::parquet::Twin>,
}

#[cfg(feature = "parquet")]
impl Twins {
    /// Begins the twins of these tables, where the format has them. Instants will count from `start`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(
        format: Format,
        folder: &Path,
        tables: Vec<Described>,
        start: UnixTime,
        metadata: &[(&str, &str)],
    ) -> Result<Self, super::parquet::ParquetTwinError> {
        let tables = tables.into_iter().filter(|_| format.has_parquet());
        let open = tables.map(|table| super::parquet::Twin::create(folder, table, start, metadata));
        Ok(Self { open: open.collect::<Result<_, _>>()? })
    }

    /// Adds rows to the table at a place, each behind the same first cells.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(
        &mut self,
        place: usize,
        first: &[Value<'_>],
        rows: &Columns,
    ) -> Result<(), super::parquet::ParquetTwinError> {
        self.open.get_mut(place).map_or(Ok(()), |twin| twin.add(first, rows))
    }

    /// Adds the rows of the csv tables, which others have written.
    ///
    /// # Errors
    /// When a csv cannot be read, or the disk refuses.
    pub fn add_csv(&mut self) -> Result<(), super::parquet::ParquetTwinError> {
        self.open.iter_mut().try_for_each(super::parquet::Twin::add_csv)
    }

    /// Puts them on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> Result<(), super::parquet::ParquetTwinError> {
        self.open.into_iter().try_for_each(super::parquet::Twin::finish)
    }
}

/// This program was built without Parquet, and [`Format::parse`] has said so.
#[cfg(not(feature = "parquet"))]
impl Twins {
    /// Begins nothing.
    ///
    /// # Errors
    /// When twins are asked for.
    pub fn create(
        format: Format,
        _: &Path,
        _: Vec<Described>,
        _: UnixTime,
        _: &[(&str, &str)],
    ) -> Result<Self, FormatError> {
        if format.has_parquet() { Err(FormatError::NotBuilt) } else { Ok(Self::default()) }
    }

    /// Adds nothing.
    ///
    /// # Errors
    /// None.
    pub fn add(&mut self, _: usize, _: &[Value<'_>], _: &Columns) -> Result<(), FormatError> {
        Ok(())
    }

    /// Adds nothing.
    ///
    /// # Errors
    /// None.
    pub fn add_csv(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    /// Puts nothing on the disk.
    ///
    /// # Errors
    /// None.
    pub fn finish(self) -> Result<(), FormatError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::table::{Table, Tables};

    #[test]
    #[cfg(feature = "parquet")]
    fn a_format_makes_the_files_it_names() {
        let tables = Tables::of(&[Table::Days]);
        for (name, files) in [
            ("csv", vec!["days.csv", "replicas.csv"]),
            ("parquet", vec!["days.parquet", "replicas.parquet"]),
            ("both", vec!["days.csv", "days.parquet", "replicas.csv", "replicas.parquet"]),
        ] {
            let format = Format::parse(name).expect("it is one");
            assert_eq!(format.files(&tables.described()), files);
            let folder = tempfile::tempdir().expect("a temporary folder");
            let twins = Twins::create(format, folder.path(), tables.described(), UnixTime::default(), &[]);
            twins.and_then(Twins::finish).expect("they are made");
            for file in files.iter().filter(|file| file.ends_with("parquet")) {
                assert!(folder.path().join(file).exists(), "{name}: {file}");
            }
            assert_eq!(folder.path().join("days.parquet").exists(), format.has_parquet());
        }
        assert_eq!(
            Format::parse("xlsx").expect_err("it is none").to_string(),
            "there is no format `xlsx`; there are csv, parquet and both"
        );
    }
}
