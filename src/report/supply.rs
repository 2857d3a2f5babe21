//! `supply.csv`: how much hashrate there is at each break-even, of the first replica.

use crate::{declare::Columns, simulation::record::SupplyRecord};

/// The supply of hashrate at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Supply {
    /// Seconds since 1970.
    pub time: i64,
    /// USD/PH/day.
    pub hashprice: f64,
    /// In rising order of break-even.
    pub steps: Vec<Step>,
}

/// Machines of like break-even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// In the middle of its bin, USD/PH/day.
    pub break_even: f64,
    /// EH/s.
    pub running: f64,
    /// EH/s.
    pub idle: f64,
}

impl Supply {
    /// EH/s.
    #[must_use]
    pub fn running(&self) -> f64 {
        self.steps.iter().map(|step| step.running).sum()
    }
}

/// The supply at the start of each epoch and at the end, in order of time.
pub(crate) fn of(columns: &Columns) -> Vec<Supply> {
    let mut found: Vec<Supply> = Vec::new();
    for bin in columns.rows::<SupplyRecord>() {
        let time = columns.unix(bin.time);
        if found.last().is_none_or(|supply| supply.time != time) {
            found.push(Supply { time, hashprice: bin.hashprice_usd_per_ph_day, steps: Vec::new() });
        }
        let (from, to) = (bin.from_usd_per_ph_day, bin.to_usd_per_ph_day);
        // Bins are of equal ratio; the lowest begins at nothing.
        let break_even = if from > 0.0 { (from * to).sqrt() } else { 0.5 * to };
        let step = Step { break_even, running: bin.running.eh(), idle: bin.idle.eh() };
        if let Some(supply) = found.last_mut() {
            supply.steps.push(step);
        }
    }
    found
}

/// Those at the instants nearest to `dates`; without dates the first, the one with the least hashrate and the last.
#[must_use]
pub fn chosen<'a>(all: &'a [Supply], dates: &[i64]) -> Vec<&'a Supply> {
    let mut places: Vec<usize> = if dates.is_empty() {
        let lowest = (0..all.len()).min_by(|&one, &other| all[one].running().total_cmp(&all[other].running()));
        [Some(0), lowest, all.len().checked_sub(1)].into_iter().flatten().filter(|&place| place < all.len()).collect()
    } else {
        let nearest = |&date: &i64| (0..all.len()).min_by_key(|&place| (all[place].time - date).abs());
        dates.iter().filter_map(nearest).collect()
    };
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| &all[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(time: i64, running: f64) -> Supply {
        Supply { time, hashprice: 50.0, steps: vec![Step { break_even: 40.0, running, idle: 1.0 }] }
    }

    #[test]
    fn without_dates_start_trough_and_end_are_chosen() {
        let all = [supply(0, 9.0), supply(10, 5.0), supply(20, 7.0), supply(30, 8.0)];
        let times = |dates: &[i64]| chosen(&all, dates).iter().map(|supply| supply.time).collect::<Vec<_>>();
        assert_eq!(times(&[]), [0, 10, 30]);
        assert_eq!(times(&[24, 11, 12]), [10, 20]);
        assert_eq!(chosen(&all[..1], &[]).len(), 1);
        assert!(chosen(&[], &[]).is_empty() && chosen(&[], &[5]).is_empty());
    }
}
