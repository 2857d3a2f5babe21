//! When and by how much difficulty relieves the miners that go on: its deepest fall in each replica.

use crate::{declare::Columns, simulation::record::EpochRecord};

/// The deepest fall of difficulty in one replica, from the highest before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relief {
    /// When the epoch of lowest difficulty begins, seconds since 1970.
    pub time: i64,
    /// Difficulty then, as a share of the highest before.
    pub share: f64,
}

/// The deepest fall in the epochs of a replica; `None` where difficulty never falls.
pub(crate) fn relief(epochs: &Columns) -> Option<Relief> {
    let mut highest = 0.0_f64;
    let mut deepest: Option<Relief> = None;
    for epoch in epochs.rows::<EpochRecord>() {
        highest = highest.max(epoch.difficulty);
        let share = epoch.difficulty / highest;
        if share < deepest.map_or(1.0, |relief| relief.share) {
            deepest = Some(Relief { time: epochs.unix(epoch.start), share });
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::fixture::columns, units::Seconds};

    #[test]
    fn the_deepest_fall_counts_from_the_highest_before() {
        let epochs = |difficulties: &[f64]| {
            let row = |(place, &difficulty): (u32, &f64)| EpochRecord {
                start: Seconds::new(100.0 * f64::from(place)),
                difficulty,
                ..EpochRecord::default()
            };
            relief(&columns(&(0..).zip(difficulties).map(row).collect::<Vec<_>>()))
        };
        assert_eq!(epochs(&[10.0, 8.0, 9.0, 20.0, 12.0, 15.0]), Some(Relief { time: 400, share: 0.6 }));
        assert_eq!(epochs(&[10.0, 11.0, 12.0]), None);
    }
}
