use std::collections::BTreeMap;

use crate::{declare::Columns, simulation::record::FleetRecord};

/// Hashrate by efficiency over time, mean over replicas, most efficient first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetStack {
    /// Instants, seconds since 1970: those of the grid at which every replica has a state of its fleet.
    pub times: Vec<i64>,
    /// The bins that hold any machine.
    pub bins: Vec<FleetBin>,
}

/// Machines of like efficiency.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetBin {
    /// J/TH, from this one...
    pub from_j_per_th: f64,
    /// ...to below this one; infinite for the last bin.
    pub to_j_per_th: f64,
    /// EH/s running.
    pub running: Vec<f64>,
    /// EH/s installed but off.
    pub idle: Vec<f64>,
}

impl FleetBin {
    /// As a legend says it.
    pub(crate) fn label(&self) -> String {
        // An edge is a round number: 80 needs no 80.0.
        let number = |edge: f64| edge.to_string();
        if !self.to_j_per_th.is_finite() {
            format!("{} J/TH and more", number(self.from_j_per_th))
        } else if self.from_j_per_th <= 0.0 {
            format!("below {} J/TH", number(self.to_j_per_th))
        } else {
            format!("{}–{} J/TH", number(self.from_j_per_th), number(self.to_j_per_th))
        }
    }
}

/// A bin's lower edge in the order of its bits: as the edges are positive, that is their own order.
type BinKey = u64;
/// Running and idle, EH/s.
type Pair = [f64; 2];

const MAX_BINS: usize = 8;

/// The sum of the stacks of replicas: between the ends of two epochs, at which it is known, a bin's hashrate is taken as linear in time.
#[derive(Debug, Default)]
pub(crate) struct FleetSum {
    times: Vec<i64>,
    replicas: usize,
    /// Replicas that have a state at each instant.
    known: Vec<usize>,
    edges: BTreeMap<BinKey, (f64, f64)>,
    bins: BTreeMap<BinKey, Vec<Pair>>,
}

impl FleetSum {
    /// At these instants.
    pub(crate) fn at(times: &[i64]) -> Self {
        Self { times: times.to_vec(), ..Self::default() }
    }

    /// Whether no replica has any state.
    pub(crate) const fn is_empty(&self) -> bool {
        self.replicas == 0
    }

    /// Adds a replica of `fleet.csv`.
    pub(crate) fn add(&mut self, rows: &Columns) {
        let mut replica = BTreeMap::<i64, BTreeMap<BinKey, Pair>>::new();
        for bin in rows.rows::<FleetRecord>() {
            let from = bin.from_j_per_th.max(0.0);
            self.edges.insert(from.to_bits(), (from, bin.to_j_per_th.unwrap_or(f64::INFINITY)));
            let pair = [bin.running.eh(), bin.idle.eh()];
            replica.entry(rows.unix(bin.time)).or_default().insert(from.to_bits(), pair);
        }
        let (Some((&first, _)), Some((&last, _))) = (replica.first_key_value(), replica.last_key_value()) else {
            return;
        };
        self.replicas += 1;
        self.known.resize(self.times.len(), 0);
        for (point, &time) in self.times.iter().enumerate() {
            if time < first || time > last {
                continue;
            }
            self.known[point] += 1;
            let after = replica.range(time..).next();
            let before = replica.range(..=time).next_back();
            let (Some((&t0, from)), Some((&t1, to))) = (before, after) else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "seconds within a run")]
            let share = if t1 > t0 { (time - t0) as f64 / (t1 - t0) as f64 } else { 0.0 };
            for (weight, state) in [(1.0 - share, from), (share, to)] {
                for (&bin, pair) in state {
                    let sums = self.bins.entry(bin).or_insert_with(|| vec![[0.0; 2]; self.times.len()]);
                    sums[point][0] += weight * pair[0];
                    sums[point][1] += weight * pair[1];
                }
            }
        }
    }

    pub(crate) fn stack(&self) -> FleetStack {
        let points: Vec<usize> = (0..self.times.len()).filter(|&point| self.known[point] == self.replicas).collect();
        #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
        let replicas = self.replicas as f64;
        let mut bins: Vec<FleetBin> = Vec::new();
        for (key, sums) in &self.bins {
            let column =
                |which: usize| -> Vec<f64> { points.iter().map(|&point| sums[point][which] / replicas).collect() };
            let (running, idle) = (column(0), column(1));
            // An empty class of machines would only fill the legend.
            if running.iter().chain(&idle).all(|&value| value <= 0.0) {
                continue;
            }
            let (from_j_per_th, to_j_per_th) = self.edges[key];
            bins.push(FleetBin { from_j_per_th, to_j_per_th, running, idle });
        }
        FleetStack { times: points.iter().map(|&point| self.times[point]).collect(), bins: merged(bins) }
    }
}

/// Joins neighbours until there are few enough for a colour each.
fn merged(bins: Vec<FleetBin>) -> Vec<FleetBin> {
    let group = bins.len().div_ceil(MAX_BINS).max(1);
    let mut out: Vec<FleetBin> = Vec::new();
    for (place, bin) in bins.into_iter().enumerate() {
        match out.last_mut() {
            Some(joined) if place % group != 0 => {
                joined.to_j_per_th = bin.to_j_per_th;
                for (sum, value) in joined.running.iter_mut().zip(bin.running) {
                    *sum += value;
                }
                for (sum, value) in joined.idle.iter_mut().zip(bin.idle) {
                    *sum += value;
                }
            }
            _ => out.push(bin),
        }
    }
    out
}
