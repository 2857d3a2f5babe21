//! Keeps one replica's records as columns, in the thread that simulates it, and makes csv text of them.
//!
//! Floats are written in the fewest digits that read back to the same bits, nothing for `None`, instants in ISO 8601.

use std::io::Write as _;

use super::{
    events::EventLedger,
    table::{Table, Tables},
};
use crate::{
    declare::{Columns, NotFinite, Put, Row, Value},
    simulation::{
        metrics::Metrics,
        record::{
            ClassRecord, DayRecord, EpochRecord, EventRecord, FirmRecord, FleetRecord, LadderRecord, LedgerRecord,
            Observer, RegionRecord, RigRecord, SupplyRecord, SurvivalRecord,
        },
    },
    units::UnixTime,
};

/// How many replicas have their events written, unless all are asked for.
pub const DEFAULT_EVENT_REPLICAS: u64 = 20;

/// What is recorded of each replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The scenario's first instant, from which records count.
    pub start: UnixTime,
    /// Tables to write.
    pub tables: Tables,
    /// Replicas below this number have their events and the supply of hashrate written.
    pub event_replicas: u64,
}

impl Recording {
    /// These tables, with events of the first [`DEFAULT_EVENT_REPLICAS`].
    #[must_use]
    pub const fn new(start: UnixTime, tables: Tables) -> Self {
        Self { start, tables, event_replicas: DEFAULT_EVENT_REPLICAS }
    }

    /// With events of all replicas.
    #[must_use]
    pub const fn with_all_events(self) -> Self {
        Self { event_replicas: u64::MAX, ..self }
    }
}

/// A replica's rows: one piece of csv text per table written, without headers, in the order of [`Tables::iter`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(pub Vec<Vec<u8>>);

/// A record that cannot be written: always a bug of the engine, never the user's fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordError {
    /// A number is NaN or infinite.
    #[error(
        "column `{column}` of table `{table}` is {value} in replica {replica}: a bug of shakeout, please report it"
    )]
    NotFinite {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// The number.
        value: f64,
        /// The replica.
        replica: u64,
    },
    /// The history ended without its metrics.
    #[error("replica {replica} ended without its headline numbers: a bug of shakeout, please report it")]
    NoMetrics {
        /// The replica.
        replica: u64,
    },
}

/// What was recorded of one replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its number.
    pub replica: u64,
    /// The tables, in the order of [`Tables::iter`].
    pub tables: Vec<(Table, Columns)>,
}

impl Recorded {
    /// The rows of a table; none where it was not recorded.
    #[must_use]
    pub fn table(&self, table: Table) -> Option<&Columns> {
        self.tables.iter().find(|(known, _)| *known == table).map(|(_, columns)| columns)
    }

    /// Its rows as csv text.
    #[must_use]
    pub fn csv(&self) -> Rows {
        let text = |columns: &Columns| {
            let mut text = Vec::new();
            for row in 0..columns.len() {
                write_count(&mut text, self.replica);
                columns.put(row, &mut Cells { text: &mut text, start: columns.start(), is_first: false });
                text.push(b'\n');
            }
            text
        };
        Rows(self.tables.iter().map(|(_, columns)| text(columns)).collect())
    }
}

/// Records one replica.
#[derive(Debug)]
pub struct Recorder {
    recording: Recording,
    replica: u64,
    tables: [Option<Columns>; Table::ALL.len()],
    events: Option<EventLedger>,
    /// Rows of the ledger so far.
    movements: u64,
    /// The first record that could not be kept. Observers return nothing, so it is returned at the end.
    fault: Option<RecordError>,
}

impl Recorder {
    /// Starts with no rows.
    #[must_use]
    pub fn new(recording: &Recording, replica: u64) -> Self {
        let with_events = recording.tables.contains(Table::Events) && replica < recording.event_replicas;
        let columns = |table: Table| {
            recording.tables.contains(table).then(|| Columns::new(table.columns().split_off(1), recording.start))
        };
        Self {
            recording: *recording,
            replica,
            tables: Table::ALL.map(columns),
            events: with_events.then(EventLedger::default),
            movements: 0,
            fault: None,
        }
    }

    /// The rows of the whole history as csv text.
    ///
    /// # Errors
    /// When a record could not be kept.
    pub fn finish(self) -> Result<Rows, RecordError> {
        self.recorded().map(|recorded| recorded.csv())
    }

    /// The columns of the whole history.
    ///
    /// # Errors
    /// When a record could not be kept.
    pub fn recorded(mut self) -> Result<Recorded, RecordError> {
        if let Some(ledger) = self.events.take() {
            for row in ledger.rows() {
                self.push(Table::Events, &row);
            }
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let Self { replica, tables, .. } = self;
        let tables: Vec<_> =
            Table::ALL.into_iter().zip(tables).filter_map(|(table, columns)| Some((table, columns?))).collect();
        match tables.iter().find(|(table, _)| *table == Table::Replicas) {
            Some((_, metrics)) if !metrics.is_empty() => Ok(Recorded { replica, tables }),
            _ => Err(RecordError::NoMetrics { replica }),
        }
    }

    fn push<'a, R: Row<'a>>(&mut self, table: Table, record: &R) {
        if let Some(columns) = &mut self.tables[table as usize]
            && let Err(NotFinite { column, value }) = columns.push(record)
        {
            let (table, replica) = (table.name(), self.replica);
            self.fault.get_or_insert(RecordError::NotFinite { table, column, value, replica });
        }
    }
}

impl Observer for Recorder {
    fn on_day(&mut self, day: &DayRecord) {
        self.push(Table::Days, day);
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.push(Table::Epochs, epoch);
    }

    fn wants_states(&self) -> bool {
        const OF_STATES: [Table; 6] =
            [Table::Epochs, Table::Fleet, Table::Supply, Table::Survival, Table::Restart, Table::Classes];
        OF_STATES.into_iter().any(|table| self.recording.tables.contains(table))
    }

    fn on_class(&mut self, class: &ClassRecord<'_>) {
        self.push(Table::Classes, class);
    }

    fn on_ledger(&mut self, entry: &LedgerRecord<'static>) {
        let row = self.movements;
        self.movements += 1;
        self.push(Table::Ledger, &LedgerRecord { row, ..*entry });
    }

    fn on_fleet(&mut self, bin: &FleetRecord) {
        self.push(Table::Fleet, bin);
    }

    fn on_survival(&mut self, group: &SurvivalRecord<'_>) {
        self.push(Table::Survival, group);
    }

    fn on_ladder(&mut self, ladder: &LadderRecord) {
        self.push(Table::Restart, ladder);
    }

    fn wants_supply(&self) -> bool {
        self.recording.tables.contains(Table::Supply) && self.replica < self.recording.event_replicas
    }

    fn on_supply(&mut self, bin: &SupplyRecord) {
        self.push(Table::Supply, bin);
    }

    fn on_rigs(&mut self, model: &RigRecord<'_>) {
        self.push(Table::Rigs, model);
    }

    fn on_event(&mut self, event: &EventRecord<'_>) {
        if let Some(ledger) = &mut self.events {
            ledger.add(event);
        }
    }

    fn on_firm(&mut self, firm: &FirmRecord<'_>) {
        self.push(Table::Firms, firm);
    }

    fn on_region(&mut self, region: &RegionRecord<'_>) {
        self.push(Table::Regions, region);
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        self.push(Table::Replicas, metrics);
    }
}

/// A table that is no table of replicas, with its header.
#[must_use]
pub fn whole_table(columns: &Columns) -> Vec<u8> {
    let names: Vec<_> = columns.declared().iter().map(|column| &*column.name).collect();
    let mut text = names.join(",").into_bytes();
    text.push(b'\n');
    for row in 0..columns.len() {
        columns.put(row, &mut Cells { text: &mut text, start: columns.start(), is_first: true });
        text.push(b'\n');
    }
    text
}

/// Writes the cells of a row, with commas between them; before the first too, unless it begins the line.
struct Cells<'t> {
    text: &'t mut Vec<u8>,
    start: UnixTime,
    is_first: bool,
}

impl Put for Cells<'_> {
    fn put(&mut self, value: Value<'_>) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(b',');
        }
        match value {
            Value::Empty => {}
            Value::Count(count) => write_count(self.text, count),
            Value::Number(number) => write_number(self.text, number),
            Value::Text(text) => write_text(self.text, text),
            Value::Time(time) => {
                write!(self.text, "{}", self.start.after(time)).expect("writing to memory cannot fail");
            }
        }
    }
}

fn write_count(row: &mut Vec<u8>, value: u64) {
    row.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn write_number(row: &mut Vec<u8>, value: f64) {
    row.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
}

/// Quoted as RFC 4180 has it, where it must be.
pub(crate) fn write_text(row: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        row.extend_from_slice(text.as_bytes());
        return;
    }
    row.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            row.push(b'"');
        }
        row.push(byte);
    }
    row.push(b'"');
}

/// A value in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A whole number.
    Count(u64),
    /// A number; nothing where it is not finite.
    Number(f64),
    /// Text.
    Text(&'a str),
}

/// Puts a row at the end of a csv text.
pub fn write_row<'a>(text: &mut Vec<u8>, cells: impl IntoIterator<Item = Cell<'a>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        match cell {
            Cell::Count(count) => write_count(text, count),
            Cell::Number(number) if number.is_finite() => write_number(text, number),
            Cell::Number(_) => {}
            Cell::Text(word) => write_text(text, word),
        }
    }
    text.push(b'\n');
}

/// A table's first line.
#[must_use]
pub fn header<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut text = Vec::new();
    write_row(&mut text, names.into_iter().map(Cell::Text));
    text
}

#[cfg(test)]
mod tests;
