//! Points of a design that are given one by one, as a table with a column for each key.

/// Points of a design that are given one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The file that has them, as a command line names it.
    pub file: String,
    /// The keys that are varied.
    pub keys: Vec<String>,
    /// Of each point a TOML value for each key.
    pub points: Vec<Vec<String>>,
}

impl Listed {
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
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let file = file.into();
        let told = |error: csv::Error| format!("{file}: {error}");
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let keys = cells(reader.headers().map_err(told)?);
        let points = reader.records().map(|record| record.map(|record| cells(&record)).map_err(told));
        let points = points.collect::<Result<_, _>>()?;
        Ok(Self { file, keys, points })
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
}
