use crate::{
    declare::Columns,
    simulation::record::{DayRecord, EpochRecord, Observer},
    units::{Hashprice, Seconds},
};

/// A complete difficulty epoch, observed or simulated, as an observer of the chain sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenEpoch {
    /// Height of its first block.
    pub height: u64,
    /// Time of its first block, relative to the start of the scenario.
    pub start: Seconds,
    /// Time from its first block to the first block of the next epoch.
    pub duration: Seconds,
    /// Difficulty at its first block.
    pub difficulty: f64,
    /// Mean hashrate, inferred from the work of its blocks and the duration, EH/s.
    pub hashrate_eh_per_s: f64,
    /// Difficulty of the next epoch over this one.
    pub retarget: f64,
    /// Mean hashprice over the epoch.
    pub hashprice: Hashprice,
}

impl SeenEpoch {
    /// Natural logarithm of hashrate in EH/s.
    #[must_use]
    pub fn ln_hashrate(&self) -> f64 {
        libm::log(self.hashrate_eh_per_s)
    }

    /// Days from the scenario's start to its first block.
    #[must_use]
    pub fn start_days(&self) -> f64 {
        self.start.get() / 86_400.0
    }

    /// Days from its first block to the first block of the next epoch.
    #[must_use]
    pub fn duration_days(&self) -> f64 {
        self.duration.get() / 86_400.0
    }
}

/// An observer that keeps the complete epochs that begin within a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EpochWatch {
    /// The epochs in order.
    pub epochs: Vec<SeenEpoch>,
}

impl Observer for EpochWatch {
    fn on_day(&mut self, _: &DayRecord) {}

    fn on_epoch(&mut self, epoch: &EpochRecord) {
        let (Some(duration), Some(retarget), Some(hashrate_eh_per_s)) =
            (epoch.duration, epoch.retarget_ratio, epoch.hashrate_eh_per_s)
        else {
            return;
        };
        // An epoch that began before the start is partly assumed instead of simulated.
        if epoch.start >= Seconds::ZERO {
            self.epochs.push(SeenEpoch {
                height: epoch.start_height,
                start: epoch.start,
                duration,
                difficulty: epoch.difficulty,
                hashrate_eh_per_s,
                retarget,
                hashprice: Hashprice::new(epoch.hashprice_usd_per_ph_day),
            });
        }
    }
}

/// The complete epochs of a replica that begin at or after the run's start, rounded to the second as in `epochs.csv`.
#[must_use]
pub fn seen_epochs(rows: &Columns) -> Vec<SeenEpoch> {
    let whole = |epoch: EpochRecord| {
        Some(SeenEpoch {
            height: epoch.start_height,
            start: rows.start().after(epoch.start).since(rows.start()),
            duration: epoch.duration?,
            difficulty: epoch.difficulty,
            retarget: epoch.retarget_ratio?,
            hashprice: Hashprice::new(epoch.hashprice_usd_per_ph_day),
            hashrate_eh_per_s: epoch.hashrate_eh_per_s?,
        })
    };
    rows.rows().filter_map(whole).filter(|epoch| epoch.start >= Seconds::ZERO).collect()
}
