//! In which form tables are kept: csv, Parquet, or both.

use std::path::Path;

use super::table::Described;

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
        /// As asked for.
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

    /// As [`Format::parse`] reads it.
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

    /// Makes the twins of csv tables in a folder, where they are asked for.
    ///
    /// # Errors
    /// When a table cannot be read back, or the disk refuses.
    #[cfg(feature = "parquet")]
    pub fn write_twins(
        self,
        folder: &Path,
        tables: &[Described],
        metadata: &[(&str, &str)],
    ) -> Result<(), super::parquet::ParquetTwinError> {
        for (name, columns) in tables.iter().filter(|_| self.has_parquet()) {
            super::parquet::write_twin(&folder.join(format!("{name}.csv")), columns, metadata)?;
        }
        Ok(())
    }

    /// Makes nothing: this program was built without Parquet, and [`Format::parse`] has said so.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "parquet"))]
    pub fn write_twins(self, _: &Path, _: &[Described], _: &[(&str, &str)]) -> Result<(), FormatError> {
        if self.has_parquet() { Err(FormatError::NotBuilt) } else { Ok(()) }
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
            for table in tables.iter() {
                let path = folder.path().join(format!("{}.csv", table.name()));
                std::fs::write(path, table.header()).expect("it can be written");
            }
            format.write_twins(folder.path(), &tables.described(), &[]).expect("they are made");
            for file in files {
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
