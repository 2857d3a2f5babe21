//! The tables that studies write, for the data dictionary.

use crate::{
    declare::Row as _,
    hardware,
    output::{
        dictionary::{TableDoc, WordDoc, to_markdown},
        failed, population,
        table::Table,
    },
    study::{
        calibrate::sheets,
        rolling::ForecastRow,
        score::ObservedRow,
        sensitivity::sheet::SHEET as SENSITIVITY,
        sweep::tables::{NAME as SWEEP, sheet as sweep},
    },
    world::EventKind,
};

/// Every table that studies write; the tables of a run come first.
#[must_use]
pub fn every_table() -> Vec<TableDoc> {
    let runs = Table::ALL
        .into_iter()
        .map(|table| TableDoc::new(table.name(), table.doc(), &table.key(), &table.columns(), None));
    let observed = TableDoc::new(ObservedRow::TABLE, ObservedRow::DOC, ObservedRow::KEY, &ObservedRow::columns(), None);
    let forecasts =
        TableDoc::new(ForecastRow::TABLE, ForecastRow::DOC, ForecastRow::KEY, &ForecastRow::columns(), None);
    let sheets =
        [&failed::SHEET, &population::SHEET, &SENSITIVITY].into_iter().chain(sheets::ALL).chain([&hardware::SHEET]);
    let mut tables: Vec<TableDoc> =
        runs.chain([observed, forecasts, sweep()]).chain(sheets.map(TableDoc::of_sheet)).collect();
    let events = tables.iter_mut().filter(|table| table.table == Table::Events.name());
    for kind in events.flat_map(|table| &mut table.columns).filter(|column| column.name == "kind") {
        kind.words =
            EventKind::ALL.iter().map(|kind| WordDoc { word: kind.name(), definition: kind.doc().trim() }).collect();
    }
    tables
}

/// The chapter of the book that describes the columns.
#[must_use]
pub fn chapter() -> String {
    let mut text = String::from(CHAPTER_HEAD);
    for mut table in every_table() {
        if [SWEEP, Table::Uncertain.name()].contains(&table.table.as_str()) {
            // The metrics are described with `replicas.csv`.
            table.columns.truncate(table.key.len());
            table.row += " The columns of `replicas.csv` follow after these.";
        }
        text.push('\n');
        text += &to_markdown(&table);
    }
    text
}

const CHAPTER_HEAD: &str = "# Columns\n\n\
    What stands in every table. `shakeout columns` prints this list, `--json` as JSON, and each result folder has the part of it that its own\n\
    tables need in `columns.json`. This chapter follows from the declarations in the code; a test holds it to them.\n\n\
    Numbers are written in the fewest digits that read back to the same bits, instants in UTC to the second. A cell that may be empty is empty where\n\
    there is no value. In the folder of a sweep `epochs.csv` begins with the column `point`.\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{dictionary::ColumnDoc, table::REPLICA};

    #[test]
    fn table_names_are_unique_and_keys_name_columns() {
        let tables = every_table();
        for (place, table) in tables.iter().enumerate() {
            assert!(tables[..place].iter().all(|other| other.table != table.table), "{} is there twice", table.table);
            assert!(table.row.ends_with('.'), "{}: {}", table.table, table.row);
            for key in &table.key {
                assert!(table.columns.iter().any(|column| column.name == *key), "{}: {key}", table.table);
            }
            for column in &table.columns {
                let ColumnDoc { name, definition, .. } = column;
                assert!(
                    !definition.starts_with(char::is_lowercase) && !definition.ends_with('.'),
                    "{name}: {definition}"
                );
                assert!(!definition.contains('|'), "{name}: {definition}");
            }
        }
        let replica = tables[0].columns.iter().find(|column| column.name == REPLICA.name);
        assert_eq!(replica, Some(&ColumnDoc::from(&REPLICA)));
    }
}
