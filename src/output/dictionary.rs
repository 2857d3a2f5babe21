//! The data dictionary: what stands in every table that we write. It follows from the declarations of rows and sheets, and is in
//! `columns.json` of each result folder, behind `shakeout columns`, and a chapter of the book.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use serde::Serialize;

use super::{
    disk::{entries, write_whole},
    error::FolderError,
    failed,
    read::Reader,
};
use crate::declare::{Column, Kind, Sheet};

/// Name of the file in a result folder.
pub const FILE: &str = "columns.json";

/// The first column of a sweep's tables.
pub const POINT: Column = Column::new("point", "", Kind::Count, "Number of the design's point, from 0");

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableDoc {
    /// Its name.
    pub table: String,
    /// Its files: csv, Parquet, or both.
    pub files: Vec<String>,
    /// What one row is.
    pub row: String,
    /// The columns that together name a row.
    pub key: Vec<String>,
    /// Its columns, in order.
    pub columns: Vec<ColumnDoc>,
    /// What columns mean that are named by keys or parameters.
    #[serde(skip)]
    pub others: Option<&'static str>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnDoc {
    /// Its header.
    pub name: String,
    /// Empty for a ratio, a count, a text or an instant.
    pub unit: &'static str,
    /// `count`, `number`, `text` or `time`; `value` where it is as the key of the scenario that it is named by.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether a cell may be empty.
    pub may_be_empty: bool,
    /// What it means.
    pub definition: String,
    /// What its words mean, of a text that is one of few words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<WordDoc>,
}

/// A word that a column of texts may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WordDoc {
    /// The word in the table.
    pub word: &'static str,
    /// What it means.
    pub definition: &'static str,
}

impl ColumnDoc {
    /// The definition, and that a cell may be empty where it does not say when.
    fn in_words(&self) -> String {
        let is_told = !self.may_be_empty || self.definition.contains("empty");
        if is_told { self.definition.clone() } else { format!("{}; may be empty", self.definition) }
    }
}

impl From<&Column> for ColumnDoc {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.to_string(),
            unit: column.unit,
            kind: column.kind.name(),
            may_be_empty: column.kind.is_optional(),
            definition: column.doc.to_owned(),
            words: Vec::new(),
        }
    }
}

impl TableDoc {
    /// Of a table whose other columns, if it has any, are described by `others`.
    #[must_use]
    pub fn new(name: &str, doc: &str, key: &[&str], columns: &[Column], others: Option<&'static str>) -> Self {
        Self {
            table: name.to_owned(),
            files: vec![format!("{name}.csv")],
            row: doc.to_owned(),
            key: key.iter().map(|&column| column.to_owned()).collect(),
            columns: columns.iter().map(ColumnDoc::from).collect(),
            others,
        }
    }

    /// Of a sheet.
    #[must_use]
    pub fn of_sheet(sheet: &Sheet) -> Self {
        Self::new(sheet.name, sheet.doc, sheet.key, sheet.columns, sheet.others)
    }

    /// This table with the columns of a header alone, in its order.
    fn under(&self, header: &[String]) -> Self {
        let known = |name: &String| {
            let column = self.columns.iter().find(|column| column.name == *name).cloned();
            // In the folder of a sweep the tables of runs begin with the point.
            let point = || (name == "point").then(|| ColumnDoc::from(&POINT));
            let other = || {
                let definition = self.others?.to_owned();
                Some(ColumnDoc {
                    name: name.clone(),
                    unit: "",
                    kind: "value",
                    may_be_empty: false,
                    definition,
                    words: Vec::new(),
                })
            };
            column.or_else(point).or_else(other)
        };
        let point = header.iter().filter(|name| *name == "point" && !self.key.contains(name));
        let key = point.chain(self.key.iter().filter(|name| header.contains(name))).cloned().collect();
        Self { columns: header.iter().filter_map(known).collect(), key, ..self.clone() }
    }
}

/// Writes what `known` says of the tables of a result folder into it. Of a table kept as Parquet alone its csv is still there; `has_csv`
/// says whether it will be.
///
/// # Errors
/// When the header of a table cannot be read, or the disk refuses.
///
/// # Panics
/// In tests, when the folder has a table or a column that is not declared.
pub fn write_dictionary(folder: &Path, has_csv: bool, known: &[TableDoc]) -> Result<(), FolderError> {
    let mut written = BTreeSet::new();
    for path in entries(folder)? {
        if path.extension().is_some_and(|ending| ending == "csv") {
            written.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    let mut found = Vec::new();
    for table in known.iter().filter(|table| written.remove(&table.table)) {
        let rows = Reader::open_all(folder, &table.table)?;
        let header: Vec<String> = rows.names().map(str::to_owned).collect();
        let twin = format!("{}.parquet", table.table);
        let stays = has_csv || table.table == failed::NAME;
        let mut files: Vec<String> = table.files.iter().filter(|_| stays).cloned().collect();
        files.extend(folder.join(&twin).is_file().then_some(twin));
        let told = TableDoc { files, ..table.under(&header) };
        debug_assert_eq!(told.columns.len(), header.len(), "a column of {}.csv is not declared", table.table);
        found.push(told);
    }
    debug_assert!(written.is_empty() || known.is_empty(), "tables that are not declared: {written:?}");
    Ok(write_whole(&folder.join(FILE), to_json(&found).as_bytes())?)
}

/// The text of `columns.json`.
///
/// # Panics
/// Never: such a value can be written.
#[must_use]
pub fn to_json(tables: &[TableDoc]) -> String {
    #[derive(Serialize)]
    struct Dictionary<'a> {
        tables: &'a [TableDoc],
    }
    serde_json::to_string_pretty(&Dictionary { tables }).expect("a JSON value can be written") + "\n"
}

/// One table, in Markdown under a heading of the third level.
#[must_use]
pub fn to_markdown(table: &TableDoc) -> String {
    let mut text = format!("### `{}.csv`\n\n{}\n", table.table, table.row);
    if !table.key.is_empty() {
        text += "Key: `";
        text += &table.key.join("`, `");
        text += "`.\n";
    }
    text += "\n| column | unit | type | meaning |\n|---|---|---|---|\n";
    for column in &table.columns {
        let unit = if column.unit.is_empty() { "–" } else { column.unit };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| `{}` | {unit} | {} | {} |", column.name, column.kind, column.in_words());
    }
    if let Some(others) = table.others {
        let _ = writeln!(text, "| others | – | value | {others} |");
    }
    for column in table.columns.iter().filter(|column| !column.words.is_empty()) {
        let _ = writeln!(text, "\n| `{}` | meaning |\n|---|---|", column.name);
        for WordDoc { word, definition } in &column.words {
            let _ = writeln!(text, "| `{word}` | {definition} |");
        }
    }
    text
}

/// One table for a terminal.
#[must_use]
pub fn to_text(table: &TableDoc) -> String {
    let width = table.columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
    let unit_width = table.columns.iter().map(|column| column.unit.len()).max().unwrap_or(0);
    let mut text = format!("{}.csv: {}\nKey: {}\n\n", table.table, table.row, table.key.join(", "));
    for column in &table.columns {
        let (name, unit, kind) = (&column.name, column.unit, column.kind);
        let _ = writeln!(text, "{name:width$}  {unit:unit_width$}  {kind:6}  {}", column.in_words());
    }
    if let Some(others) = table.others {
        let _ = writeln!(text, "{:width$}  {:unit_width$}  {:6}  {others}", "others", "", "value");
    }
    for column in &table.columns {
        for (place, WordDoc { word, definition }) in column.words.iter().enumerate() {
            let head = if place == 0 { format!("\n{}:\n", column.name) } else { String::new() };
            let _ = writeln!(text, "{head}{word:width$}  {definition}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_is_told_what_its_tables_hold() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("sweep.csv"), "point,replica,chain.retarget,days_to_trough\n").expect("written");
        fs::write(folder.path().join("epochs.csv"), "point,replica,epoch,hhi\n").expect("written");
        fs::write(folder.path().join("sweep.parquet"), "").expect("written");
        write_dictionary(folder.path(), true, &crate::study::dictionary::every_table()).expect("it is written");
        let text = fs::read_to_string(folder.path().join(FILE)).expect("it is there");
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let tables = value["tables"].as_array().expect("a list");
        assert_eq!(tables.len(), 2);
        assert_eq!(tables[0]["key"], serde_json::json!(["point", "replica", "epoch"]));
        assert_eq!(tables[1]["files"], serde_json::json!(["sweep.csv", "sweep.parquet"]));
        let kinds: Vec<_> = tables[1]["columns"].as_array().expect("a list").iter().map(|c| &c["type"]).collect();
        assert_eq!(kinds, ["count", "count", "value", "number"]);
    }

    #[test]
    #[should_panic(expected = "tables that are not declared: {\"mine\"}")]
    fn a_table_that_is_not_declared_is_our_mistake() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("mine.csv"), "a,b\n").expect("written");
        let _ = write_dictionary(folder.path(), true, &crate::study::dictionary::every_table());
    }

    #[test]
    #[should_panic(expected = "a column of epochs.csv is not declared")]
    fn a_column_that_is_not_declared_is_our_mistake() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("epochs.csv"), "replica,epoch,age\n").expect("written");
        let _ = write_dictionary(folder.path(), true, &crate::study::dictionary::every_table());
    }
}
