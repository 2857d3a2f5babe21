//! Prices of machines, week by week, where they are traded.

use std::path::Path;

use super::{ReportError, bands::Fan};
use crate::{output::read::Replicas, simulation::record::RigRecord, units::UnixTime};

/// From `rigs.csv`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rigs {
    /// Days of clearing, seconds since 1970: those of the first replica.
    pub times: Vec<i64>,
    /// The most efficient first.
    pub models: Vec<RigModel>,
    /// TH/s traded at each clearing, all models together, mean over replicas.
    pub traded_th: Vec<f64>,
}

/// A model of machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RigModel {
    /// Its name in the scenario.
    pub name: String,
    /// J/TH at full power.
    pub efficiency: f64,
    /// USD/(TH/s) at each clearing, over replicas.
    pub price: Fan,
}

/// A model while it is read: prices by replica and clearing.
struct Reading {
    name: String,
    efficiency: f64,
    prices: Vec<Vec<f64>>,
}

impl Rigs {
    /// Reads the first `limit` replicas; a folder without the table, or whose machines are not traded, has nothing.
    pub(crate) fn read(folder: &Path, limit: usize) -> Result<Self, ReportError> {
        let Some(mut table) = Replicas::open_if_written::<RigRecord<'_>>(folder, UnixTime::default())? else {
            return Ok(Self::default());
        };
        let mut found = Self::default();
        let mut models: Vec<Reading> = Vec::new();
        let mut replicas = 0_usize;
        while replicas < limit
            && let Some(replica) = table.advance()?
        {
            replicas += 1;
            for (row, rig) in replica.columns.rows::<RigRecord<'_>>().enumerate() {
                let time = replica.columns.unix(rig.time);
                if replicas == 1 && found.times.last() != Some(&time) {
                    found.times.push(time);
                    found.traded_th.push(0.0);
                }
                // Clearings are on the same days in all replicas.
                let Ok(week) = found.times.binary_search(&time) else {
                    return Err(replica
                        .bad_row(row, "column `time_utc`: the first replica has no clearing then")
                        .into());
                };
                found.traded_th[week] += rig.traded.th();
                let place = models.iter().position(|model| model.name == rig.model).unwrap_or(models.len());
                if place == models.len() {
                    models.push(Reading {
                        name: rig.model.to_owned(),
                        efficiency: rig.efficiency_j_per_th,
                        prices: Vec::new(),
                    });
                }
                let prices = &mut models[place].prices;
                prices.resize(replicas, Vec::new());
                prices[replicas - 1].resize(week, f64::NAN);
                prices[replicas - 1].push(rig.price_usd_per_th);
            }
        }
        let weeks = found.times.len();
        models.sort_by(|one, other| one.efficiency.total_cmp(&other.efficiency));
        found.models = models
            .into_iter()
            .map(|Reading { name, efficiency, mut prices }| {
                for history in &mut prices {
                    history.resize(weeks, f64::NAN);
                }
                RigModel { name, efficiency, price: Fan::over(&prices, weeks) }
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
        let count = replicas as f64;
        for traded in &mut found.traded_th {
            *traded /= count;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::fixture::write_rows,
        units::{Hashrate, Seconds},
    };

    /// Two replicas, two models, of which one comes a week later.
    #[test]
    fn prices_are_of_each_model_and_trades_of_all() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Rigs::read(folder.path(), 9).unwrap(), Rigs::default());
        let row = |week: u32, model: &'static str, price_usd_per_th: f64, traded: f64| RigRecord {
            time: Seconds::new(f64::from(7 * week) * 86_400.0),
            model,
            efficiency_j_per_th: if model == "old" { 90.0 } else { 20.0 },
            price_usd_per_th,
            traded: Hashrate::from_th(traded),
            ..RigRecord::default()
        };
        write_rows(
            folder.path(),
            &[
                (0, vec![row(0, "old", 10.0, 5.0), row(1, "old", 8.0, 0.0), row(1, "new", 50.0, 1.0)]),
                (1, vec![row(0, "old", 20.0, 7.0), row(1, "old", 18.0, 2.0), row(1, "new", 60.0, 3.0)]),
                (2, vec![row(0, "old", 999.0, 99.0)]),
            ],
        );
        let rigs = Rigs::read(folder.path(), 2).unwrap();
        assert_eq!(rigs.times, [0, 7 * 86_400]);
        assert_eq!(rigs.traded_th, [6.0, 3.0]);
        let names: Vec<_> = rigs.models.iter().map(|model| (&*model.name, model.price.p50[1])).collect();
        assert_eq!(names, [("new", 55.0), ("old", 13.0)]);
        assert!(rigs.models[0].price.p50[0].is_nan());
    }
}
