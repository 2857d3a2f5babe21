//! Points of a design that are given one by one, as a table with a column for each key.

use crate::scenario::{Problems, TableCell, cell_at, plain_reader};

/// Points of a design that are given one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The file that has them, as a command line names it.
    pub file: String,
    /// The keys that are varied.
    pub keys: Vec<String>,
    /// Of each point a TOML value for each key.
    pub points: Vec<Vec<String>>,
    /// The file's text.
    text: String,
}

impl Listed {
    /// Points with a value for each key, which messages show as a csv of this name.
    #[must_use]
    pub fn new(file: impl Into<String>, keys: Vec<String>, points: Vec<Vec<String>>) -> Self {
        let mut listed = Self { file: file.into(), keys, points, text: String::new() };
        listed.text = listed.to_csv();
        listed
    }

    /// Reads a csv whose header names the keys.
    ///
    /// ```
    /// use shakeout::study::Listed;
    ///
    /// let listed = Listed::parse("points.csv", "power.pue,run.seed\n1.05,1\n1.1,2\n")?;
    /// assert_eq!((listed.keys.len(), listed.points.len()), (2, 2));
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// When a line has not as many cells as the header.
    pub fn parse(file: impl Into<String>, text: &str) -> Result<Self, String> {
        let mut reader = plain_reader(text).1.from_reader(text.as_bytes());
        let file = file.into();
        let told = |error: csv::Error| format!("{file}: {error}");
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let keys = cells(reader.headers().map_err(told)?);
        let points = reader.records().map(|record| record.map(|record| cells(&record)).map_err(told));
        let points = points.collect::<Result<_, _>>()?;
        Ok(Self { file, keys, points, text: text.to_owned() })
    }

    /// As the text of a csv that [`Self::parse`] reads.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "memory takes any text")]
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for cells in std::iter::once(&self.keys).chain(&self.points) {
            writer.write_record(cells).expect("memory takes it");
        }
        String::from_utf8(writer.into_inner().expect("memory takes it")).expect("cells are text")
    }

    /// The problems of a point, shown at its cells in the table.
    pub(super) fn locate(&self, point: u64, problems: Problems) -> Problems {
        let text = self.text.as_str();
        let (delimiter, mut builder) = plain_reader(text);
        let mut reader = builder.has_headers(false).from_reader(text.as_bytes());
        let begins = |record: csv::StringRecord| {
            let byte = usize::try_from(record.position()?.byte()).ok()?;
            Some(byte + text[byte..].len() - text[byte..].trim_start_matches(['\r', '\n']).len())
        };
        let mut starts = reader.records().map(|record| begins(record.ok()?));
        let header = starts.next().flatten();
        let row = usize::try_from(point).ok().and_then(|point| starts.nth(point)).flatten();
        let (Some(header), Some(row)) = (header, row) else { return problems };
        let cells = self.keys.iter().enumerate().map(|(index, key)| TableCell {
            key: key.clone(),
            header: cell_at(text, delimiter, header, index),
            value: cell_at(text, delimiter, row, index),
        });
        problems.in_table(&self.file, text.into(), &format!("point {point}"), &cells.collect::<Vec<_>>())
    }
}
