//! Prices of machines, week by week, where they are traded.

use super::bands::Fan;
use crate::{
    declare::Columns,
    output::{replay::BadRow, table::Table},
    simulation::record::RigRecord,
};

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

/// A model while replicas come in: prices by replica and clearing.
#[derive(Debug)]
struct Course {
    name: String,
    efficiency: f64,
    prices: Vec<Vec<f64>>,
}

/// The prices and trades of replicas.
#[derive(Debug, Default)]
pub(crate) struct RigSum {
    replicas: usize,
    times: Vec<i64>,
    traded_th: Vec<f64>,
    models: Vec<Course>,
}

impl RigSum {
    /// Adds a replica of `rigs.csv`.
    pub(crate) fn add(&mut self, replica: u64, rows: &Columns) -> Result<(), BadRow> {
        self.replicas += 1;
        for (row, rig) in rows.rows::<RigRecord<'_>>().enumerate() {
            let time = rows.unix(rig.time);
            if self.replicas == 1 && self.times.last() != Some(&time) {
                self.times.push(time);
                self.traded_th.push(0.0);
            }
            // Clearings are on the same days in all replicas.
            let Ok(week) = self.times.binary_search(&time) else {
                let problem = "column `time_utc`: the first replica has no clearing then";
                return Err(BadRow { replica, table: Table::Rigs, row, problem });
            };
            self.traded_th[week] += rig.traded.th();
            let place = self.models.iter().position(|model| model.name == rig.model).unwrap_or(self.models.len());
            if place == self.models.len() {
                let efficiency = rig.efficiency_j_per_th;
                self.models.push(Course { name: rig.model.to_owned(), efficiency, prices: Vec::new() });
            }
            let prices = &mut self.models[place].prices;
            prices.resize(self.replicas, Vec::new());
            prices[self.replicas - 1].resize(week, f64::NAN);
            prices[self.replicas - 1].push(rig.price_usd_per_th);
        }
        Ok(())
    }

    /// The most efficient model first.
    pub(crate) fn rigs(&self) -> Rigs {
        let weeks = self.times.len();
        let mut models: Vec<RigModel> = self.models.iter().map(|model| model.over(weeks)).collect();
        models.sort_by(|one, other| one.efficiency.total_cmp(&other.efficiency));
        #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
        let count = self.replicas as f64;
        let traded_th = self.traded_th.iter().map(|traded| traded / count).collect();
        Rigs { times: self.times.clone(), models, traded_th }
    }
}

impl Course {
    fn over(&self, weeks: usize) -> RigModel {
        let mut prices = self.prices.clone();
        for history in &mut prices {
            history.resize(weeks, f64::NAN);
        }
        RigModel { name: self.name.clone(), efficiency: self.efficiency, price: Fan::over(&prices, weeks) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::fixture::columns,
        units::{Hashrate, Seconds},
    };

    /// Two replicas, two models, of which one comes a week later.
    #[test]
    fn prices_are_of_each_model_and_trades_of_all() {
        assert_eq!(RigSum::default().rigs(), Rigs::default());
        let row = |week: u32, model: &'static str, price_usd_per_th: f64, traded: f64| RigRecord {
            time: Seconds::new(f64::from(7 * week) * 86_400.0),
            model,
            efficiency_j_per_th: if model == "old" { 90.0 } else { 20.0 },
            price_usd_per_th,
            traded: Hashrate::from_th(traded),
            ..RigRecord::default()
        };
        let mut sum = RigSum::default();
        let replicas = [
            vec![row(0, "old", 10.0, 5.0), row(1, "old", 8.0, 0.0), row(1, "new", 50.0, 1.0)],
            vec![row(0, "old", 20.0, 7.0), row(1, "old", 18.0, 2.0), row(1, "new", 60.0, 3.0)],
        ];
        for (replica, rows) in (0..).zip(&replicas) {
            sum.add(replica, &columns(rows)).unwrap();
        }
        let rigs = sum.rigs();
        assert_eq!(rigs.times, [0, 7 * 86_400]);
        assert_eq!(rigs.traded_th, [6.0, 3.0]);
        let names: Vec<_> = rigs.models.iter().map(|model| (&*model.name, model.price.p50[1])).collect();
        assert_eq!(names, [("new", 55.0), ("old", 13.0)]);
        assert!(rigs.models[0].price.p50[0].is_nan());
    }
}
