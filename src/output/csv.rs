//! Formats one replica's records into csv text as they arise, in the thread that simulates it.
//!
//! Floats are written in the fewest digits that read back to the same bits, nothing for `None`, instants in ISO 8601.

use std::{borrow::Cow, io::Write as _};

use super::{
    events::EventLedger,
    table::{Table, Tables},
};
use crate::{
    declare::{Put, Row, Value},
    simulation::{
        metrics::Metrics,
        record::{
            ClassRecord, DayRecord, EpochRecord, EventRecord, FirmRecord, FleetRecord, LadderRecord, LedgerRecord,
            Observer, RegionRecord, RigRecord, SupplyRecord, SurvivalRecord,
        },
    },
    units::{Seconds, UnixTime},
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
        column: Cow<'static, str>,
        /// The number.
        value: f64,
        /// The replica.
        replica: u64,
    },
    /// The history ended without its headline numbers.
    #[error("replica {replica} ended without its headline numbers: a bug of shakeout, please report it")]
    NoMetrics {
        /// The replica.
        replica: u64,
    },
}

/// Records one replica.
#[derive(Debug)]
pub struct Recorder {
    recording: Recording,
    replica: u64,
    rows: [Vec<u8>; Table::ALL.len()],
    events: Option<EventLedger>,
    /// Rows of the ledger so far.
    movements: u64,
    /// The first record that could not be written. Observers return nothing, so it is told at the end.
    fault: Option<RecordError>,
}

impl Recorder {
    /// Starts with no rows.
    #[must_use]
    pub fn new(recording: &Recording, replica: u64) -> Self {
        let with_events = recording.tables.contains(Table::Events) && replica < recording.event_replicas;
        Self {
            recording: *recording,
            replica,
            rows: Default::default(),
            events: with_events.then(EventLedger::default),
            movements: 0,
            fault: None,
        }
    }

    /// The rows of the whole history.
    ///
    /// # Errors
    /// When a record could not be written.
    pub fn finish(mut self) -> Result<Rows, RecordError> {
        if let Some(ledger) = self.events.take() {
            for row in ledger.rows() {
                self.write(Table::Events, &row);
            }
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.rows[Table::Replicas as usize].is_empty() {
            return Err(RecordError::NoMetrics { replica: self.replica });
        }
        let Self { recording, mut rows, .. } = self;
        Ok(Rows(recording.tables.iter().map(|table| std::mem::take(&mut rows[table as usize])).collect()))
    }

    fn write<'a, R: Row<'a>>(&mut self, table: Table, record: &R) {
        if !self.recording.tables.contains(table) || self.fault.is_some() {
            return;
        }
        let text = &mut self.rows[table as usize];
        write_count(text, self.replica);
        let mut cells = Cells { text, start: self.recording.start, count: 0, fault: None };
        record.put(&mut cells);
        if let Some((place, value)) = cells.fault {
            // The first column is the replica.
            let (table, column) = (table.name(), table.columns().swap_remove(place + 1).name);
            self.fault = Some(RecordError::NotFinite { table, column, value, replica: self.replica });
        }
        self.rows[table as usize].push(b'\n');
    }
}

impl Observer for Recorder {
    fn on_day(&mut self, day: &DayRecord) {
        self.write(Table::Days, day);
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.write(Table::Epochs, epoch);
    }

    fn wants_states(&self) -> bool {
        const OF_STATES: [Table; 6] =
            [Table::Epochs, Table::Fleet, Table::Supply, Table::Survival, Table::Restart, Table::Classes];
        OF_STATES.into_iter().any(|table| self.recording.tables.contains(table))
    }

    fn on_class(&mut self, class: &ClassRecord<'_>) {
        self.write(Table::Classes, class);
    }

    fn on_ledger(&mut self, entry: &LedgerRecord<'static>) {
        let row = self.movements;
        self.movements += 1;
        self.write(Table::Ledger, &LedgerRecord { row, ..*entry });
    }

    fn on_fleet(&mut self, bin: &FleetRecord) {
        self.write(Table::Fleet, bin);
    }

    fn on_survival(&mut self, group: &SurvivalRecord<'_>) {
        self.write(Table::Survival, group);
    }

    fn on_ladder(&mut self, ladder: &LadderRecord) {
        self.write(Table::Restart, ladder);
    }

    fn wants_supply(&self) -> bool {
        self.recording.tables.contains(Table::Supply) && self.replica < self.recording.event_replicas
    }

    fn on_supply(&mut self, bin: &SupplyRecord) {
        self.write(Table::Supply, bin);
    }

    fn on_rigs(&mut self, model: &RigRecord<'_>) {
        self.write(Table::Rigs, model);
    }

    fn on_event(&mut self, event: &EventRecord<'_>) {
        if let Some(ledger) = &mut self.events {
            ledger.add(event);
        }
    }

    fn on_firm(&mut self, firm: &FirmRecord<'_>) {
        self.write(Table::Firms, firm);
    }

    fn on_region(&mut self, region: &RegionRecord<'_>) {
        self.write(Table::Regions, region);
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        assert!(self.rows[Table::Replicas as usize].is_empty(), "metrics come once, at the end");
        self.write(Table::Replicas, metrics);
    }
}

/// Writes the cells of a row, each after a comma.
struct Cells<'t> {
    text: &'t mut Vec<u8>,
    start: UnixTime,
    count: usize,
    /// The first number that is none, and its place.
    fault: Option<(usize, f64)>,
}

impl Put for Cells<'_> {
    fn put(&mut self, value: Value<'_>) {
        self.text.push(b',');
        let written = match value {
            Value::Empty => Ok(()),
            Value::Count(count) => {
                write_count(self.text, count);
                Ok(())
            }
            Value::Number(number) => write_number(self.text, number),
            Value::Text(text) => {
                write_text(self.text, text);
                Ok(())
            }
            Value::Time(time) => write_time(self.text, self.start, time),
        };
        if let Err(NotFinite(value)) = written {
            self.fault.get_or_insert((self.count, value));
        }
        self.count += 1;
    }
}

struct NotFinite(f64);

fn write_count(row: &mut Vec<u8>, value: u64) {
    row.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn write_number(row: &mut Vec<u8>, value: f64) -> Result<(), NotFinite> {
    if !value.is_finite() {
        return Err(NotFinite(value));
    }
    // Adding zero turns -0.0, a meaningless trace of how a sum was formed, into 0.0.
    row.extend_from_slice(ryu::Buffer::new().format_finite(value + 0.0).as_bytes());
    Ok(())
}

fn write_time(row: &mut Vec<u8>, start: UnixTime, offset: Seconds) -> Result<(), NotFinite> {
    if !offset.get().is_finite() {
        return Err(NotFinite(offset.get()));
    }
    write!(row, "{}", start.after(offset)).expect("writing to memory cannot fail");
    Ok(())
}

/// Quoted as RFC 4180 has it, where it must be.
pub(super) fn write_text(row: &mut Vec<u8>, text: &str) {
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

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
