//! The epochs of a run as one who watches the chain sees them, read back from `epochs.csv`.

use std::path::Path;

use super::summary::ReadError;
use crate::{
    study::score::SeenEpoch,
    units::{Days, Hashprice, Seconds, UnixTime},
};

const FILE: &str = "epochs.csv";
const COLUMNS: [&str; 8] = [
    "replica",
    "start_height",
    "start_time_utc",
    "duration_days",
    "difficulty",
    "retarget_ratio",
    "hashprice_usd_per_ph_day",
    "hashrate_eh_per_s",
];

/// The whole epochs of each replica that begin at the run's start or later.
///
/// # Errors
/// When the table is missing or not as it was written.
pub fn seen_epochs(folder: &Path, start: UnixTime) -> Result<Vec<Vec<SeenEpoch>>, ReadError> {
    let path = folder.join(FILE);
    let failed = |source| ReadError::Csv { path: path.clone(), source };
    let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?.clone();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name == column);
        *place = found.ok_or_else(|| ReadError::NoColumn { path: path.clone(), column: column.to_owned() })?;
    }
    let mut replicas: Vec<Vec<SeenEpoch>> = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut last = None;
    while reader.read_record(&mut record).map_err(failed)? {
        let wrong = |column: usize, expected| ReadError::Value {
            path: path.clone(),
            line: record.position().map_or(0, csv::Position::line),
            column: COLUMNS[column].to_owned(),
            value: record[places[column]].to_owned(),
            expected,
        };
        let number = |column: usize| record[places[column]].parse::<f64>().map_err(|_| wrong(column, "a number"));
        let whole = |column: usize| record[places[column]].parse::<u64>().map_err(|_| wrong(column, "a whole number"));
        let replica = whole(0)?;
        // Rows of a replica stand together.
        if last.replace(replica) != Some(replica) {
            replicas.push(Vec::new());
        }
        if record[places[3]].is_empty() {
            continue;
        }
        let first_block = UnixTime::parse(&record[places[2]]).map_err(|_| wrong(2, "a date"))?.since(start);
        let epoch = SeenEpoch {
            height: whole(1)?,
            start: first_block,
            duration: Seconds::from(Days::new(number(3)?)),
            difficulty: number(4)?,
            retarget: number(5)?,
            hashprice: Hashprice::new(number(6)?),
            hashrate_eh_per_s: number(7)?,
        };
        if let Some(replica) = replicas.last_mut().filter(|_| first_block >= Seconds::ZERO) {
            replica.push(epoch);
        }
    }
    Ok(replicas)
}
