//! Lots in the order of their thresholds: when hashprice moves, only the lots whose threshold it crosses need be asked.

use super::{decide::run_rigs::Rule, population::Lots};

/// Lots sorted by one threshold.
#[derive(Clone, Debug, Default)]
pub struct Order {
    threshold: Vec<f64>,
    lot: Vec<u32>,
}

impl Order {
    fn new(lots: &[u32], threshold: &[f64]) -> Self {
        let mut order: Vec<(f64, u32)> = lots.iter().map(|&lot| (threshold[lot as usize], lot)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (threshold, lot) = order.into_iter().unzip();
        Self { threshold, lot }
    }

    /// How many thresholds are at or below `signal`.
    #[must_use]
    pub fn position(&self, signal: f64) -> usize {
        self.threshold.partition_point(|&threshold| threshold <= signal)
    }

    /// Moves `position` to where `signal` is now and visits every lot whose threshold lies in between.
    pub fn cross(&self, position: &mut usize, signal: f64, mut visit: impl FnMut(usize)) {
        while *position < self.threshold.len() && self.threshold[*position] <= signal {
            visit(self.lot[*position] as usize);
            *position += 1;
        }
        while *position > 0 && self.threshold[*position - 1] > signal {
            *position -= 1;
            visit(self.lot[*position] as usize);
        }
    }
}

impl Order {
    /// The same lots where `threshold` has changed, and `more`, in order again: fast where few have moved.
    fn refresh(&mut self, more: &[u32], threshold: &[f64]) {
        self.lot.extend_from_slice(more);
        self.lot.sort_by(|&a, &b| threshold[a as usize].total_cmp(&threshold[b as usize]).then(a.cmp(&b)));
        self.threshold.clear();
        self.threshold.extend(self.lot.iter().map(|&lot| threshold[lot as usize]));
    }
}

/// The orders a moving market needs. Immutable: where a history stands in them is its own ([`Positions`]).
#[derive(Clone, Debug, Default)]
pub struct Fronts {
    /// Lots that watch spot hashprice, by the threshold at which they stop.
    pub spot_low: Order,
    /// The same lots, by the threshold at which they restart.
    pub spot_high: Order,
    /// Lots that watch smoothed hashprice, by their only threshold.
    pub smooth: Order,
    /// Lots that weigh the next retarget, by the threshold at which they restart: they watch the higher of hashprice and of what
    /// it is expected to be after the retarget.
    pub aware_high: Order,
    /// All lots by avoidable cost: which of them are under water.
    pub water: Order,
}

/// Where a history stands in the orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Positions {
    /// In `spot_low`.
    pub spot_low: usize,
    /// In `spot_high`.
    pub spot_high: usize,
    /// In `smooth`.
    pub smooth: usize,
    /// In `aware_high`.
    pub aware_high: usize,
    /// In `water`.
    pub water: usize,
}

impl Fronts {
    /// Sorts the lots.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "lots are counted in u32")]
    pub fn new(lots: &Lots) -> Self {
        let of = |wanted: &[Rule]| -> Vec<u32> {
            (0..lots.len() as u32).filter(|&lot| wanted.contains(&lots.rule[lot as usize])).collect()
        };
        let spot = of(&[Rule::Naive, Rule::Option]);
        let all: Vec<u32> = (0..lots.len() as u32).collect();
        Self {
            spot_low: Order::new(&spot, &lots.low),
            spot_high: Order::new(&spot, &lots.high),
            smooth: Order::new(&of(&[Rule::Adaptive]), &lots.low),
            aware_high: Order::new(&of(&[Rule::Aware]), &lots.high),
            water: Order::new(&all, &lots.lambda),
        }
    }

    /// Sorts anew after thresholds have changed or lots have been added.
    #[expect(clippy::cast_possible_truncation, reason = "lots are counted in u32")]
    pub fn refresh(&mut self, lots: &Lots) {
        let new: Vec<u32> = (self.water.lot.len() as u32..lots.len() as u32).collect();
        let of = |wanted: &[Rule]| -> Vec<u32> {
            new.iter().copied().filter(|&lot| wanted.contains(&lots.rule[lot as usize])).collect()
        };
        let spot = of(&[Rule::Naive, Rule::Option]);
        self.spot_low.refresh(&spot, &lots.low);
        self.spot_high.refresh(&spot, &lots.high);
        self.smooth.refresh(&of(&[Rule::Adaptive]), &lots.low);
        self.aware_high.refresh(&of(&[Rule::Aware]), &lots.high);
        self.water.refresh(&new, &lots.lambda);
    }

    /// Where a market stands that has this hashprice, this moving average, and this best of hashprice and what it is expected to be.
    #[must_use]
    pub fn positions(&self, spot: f64, smooth: f64, best: f64) -> Positions {
        Positions {
            spot_low: self.spot_low.position(spot),
            spot_high: self.spot_high.position(spot),
            smooth: self.smooth.position(smooth),
            aware_high: self.aware_high.position(best),
            water: self.water.position(spot),
        }
    }
}
