//! Formats one replica's records into csv text as they arise, in the thread that simulates it.
//!
//! Floats are written in the fewest digits that read back to the same bits, nothing for `None`, instants in ISO 8601.

use std::io::Write as _;

use super::{
    events::EventLedger,
    fields::{self, Field, Read},
    table::{Table, Tables},
};
use crate::{
    simulation::{
        metrics::{METRICS, Metrics},
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
        column: &'static str,
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
                self.write(Table::Events, fields::events(), &row);
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

    fn write<R>(&mut self, table: Table, fields: &[Field<R>], record: &R) {
        if !self.recording.tables.contains(table) || self.fault.is_some() {
            return;
        }
        let row = &mut self.rows[table as usize];
        write_count(row, self.replica);
        for field in fields {
            row.push(b',');
            if let Err(NotFinite(value)) = write_value(row, field.read(), record, self.recording.start) {
                let (table, column, replica) = (table.name(), field.name(), self.replica);
                self.fault = Some(RecordError::NotFinite { table, column, value, replica });
                return;
            }
        }
        row.push(b'\n');
    }
}

impl Observer for Recorder {
    fn on_day(&mut self, day: &DayRecord) {
        self.write(Table::Days, fields::DAYS, day);
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        self.write(Table::Epochs, fields::EPOCHS, epoch);
    }

    fn wants_states(&self) -> bool {
        const OF_STATES: [Table; 6] =
            [Table::Epochs, Table::Fleet, Table::Supply, Table::Survival, Table::Restart, Table::Classes];
        OF_STATES.into_iter().any(|table| self.recording.tables.contains(table))
    }

    fn on_class(&mut self, class: &ClassRecord<'_>) {
        self.write(Table::Classes, fields::classes(), class);
    }

    fn on_ledger(&mut self, entry: &LedgerRecord) {
        let row = self.movements;
        self.movements += 1;
        self.write(Table::Ledger, fields::LEDGER, &fields::LedgerRow { row, moved: *entry });
    }

    fn on_fleet(&mut self, bin: &FleetRecord) {
        self.write(Table::Fleet, fields::FLEET, bin);
    }

    fn on_survival(&mut self, group: &SurvivalRecord<'_>) {
        self.write(Table::Survival, fields::survival(), group);
    }

    fn on_ladder(&mut self, ladder: &LadderRecord) {
        self.write(Table::Restart, fields::RESTART, ladder);
    }

    fn wants_supply(&self) -> bool {
        self.recording.tables.contains(Table::Supply) && self.replica < self.recording.event_replicas
    }

    fn on_supply(&mut self, bin: &SupplyRecord) {
        self.write(Table::Supply, fields::SUPPLY, bin);
    }

    fn on_rigs(&mut self, model: &RigRecord<'_>) {
        self.write(Table::Rigs, fields::rigs(), model);
    }

    fn on_event(&mut self, event: &EventRecord<'_>) {
        if let Some(ledger) = &mut self.events {
            ledger.add(event);
        }
    }

    fn on_firm(&mut self, firm: &FirmRecord<'_>) {
        self.write(Table::Firms, fields::firms(), firm);
    }

    fn on_region(&mut self, region: &RegionRecord<'_>) {
        self.write(Table::Regions, fields::regions(), region);
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        let row = &mut self.rows[Table::Replicas as usize];
        assert!(row.is_empty(), "metrics come once, at the end");
        write_count(row, self.replica);
        for (metric, value) in METRICS.iter().zip(metrics.values()) {
            row.push(b',');
            if let Some(value) = value
                && let Err(NotFinite(value)) = write_number(row, value)
            {
                let (table, column) = (Table::Replicas.name(), metric.name);
                self.fault.get_or_insert(RecordError::NotFinite { table, column, value, replica: self.replica });
            }
        }
        row.push(b'\n');
    }
}

struct NotFinite(f64);

fn write_value<R>(row: &mut Vec<u8>, read: &Read<R>, record: &R, start: UnixTime) -> Result<(), NotFinite> {
    match read {
        Read::Count(read) => write_count(row, read(record)),
        Read::OptionalCount(read) => {
            if let Some(value) = read(record) {
                write_count(row, value);
            }
        }
        Read::Number(read) => write_number(row, read(record))?,
        Read::OptionalNumber(read) => read(record).map_or(Ok(()), |value| write_number(row, value))?,
        Read::Text(read) => write_text(row, read(record)),
        Read::Time(read) => write_time(row, start, read(record))?,
        Read::OptionalTime(read) => read(record).map_or(Ok(()), |time| write_time(row, start, time))?,
    }
    Ok(())
}

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
