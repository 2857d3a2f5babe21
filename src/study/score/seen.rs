use crate::{
    declare::Columns,
    simulation::record::{DayRecord, EpochRecord, Observer},
    units::{Hashprice, Seconds},
};

/// A whole difficulty epoch as one who watches the chain sees it, be it real or simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenEpoch {
    /// Height of its first block.
    pub height: u64,
    /// Its first block, from the scenario's start.
    pub start: Seconds,
    /// First block to first block of the next epoch.
    pub duration: Seconds,
    /// In force at its first block.
    pub difficulty: f64,
    /// Mean hashrate as inferred from the work of its blocks and the duration, EH/s.
    pub hashrate_eh_per_s: f64,
    /// Difficulty of the next epoch over this one.
    pub retarget: f64,
    /// Mean over the epoch.
    pub hashprice: Hashprice,
}

impl SeenEpoch {
    /// ln of hashrate over 1 EH/s.
    #[must_use]
    pub fn ln_hashrate(&self) -> f64 {
        libm::log(self.hashrate_eh_per_s)
    }

    /// Days from the scenario's start to its first block.
    #[must_use]
    pub fn start_days(&self) -> f64 {
        self.start.get() / 86_400.0
    }

    /// Days from its first block to that of the next epoch.
    #[must_use]
    pub fn duration_days(&self) -> f64 {
        self.duration.get() / 86_400.0
    }
}

/// Keeps the whole epochs that begin within a history, and nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EpochWatch {
    /// In order.
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
        // Of one that began before the start a part is assumed, not simulated.
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

/// The whole epochs of a replica that begin at the run's start or later, to the second as `epochs.csv` has them.
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
