//! The difficulty rules: each file is a formula on integers; this one holds the memory that a running chain needs for each.

pub mod asert;
pub mod bitcoin;
pub mod cw144;
pub mod fixed_window;
pub mod lwma;

use super::epochs::Epochs;
use super::params::{ChainParams, Retarget};
use super::target::CompactTarget;

/// Target block interval of every rule, in seconds.
pub(super) const SPACING_S: f64 = 600.0;

/// A rule with its memory of the chain.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// Adjusts after every window of blocks.
    Epoch(EpochRule),
    /// Adjusts at every block, by drift from an anchor.
    Asert(asert::Anchor),
    /// Adjusts at every block, by the work of a day.
    Cw144(cw144::WorkWindow),
    /// Adjusts at every block, by a weighted window.
    Lwma(lwma::WeightedWindow),
}

/// Memory of a rule with epochs.
#[derive(Clone, Debug)]
pub(super) struct EpochRule {
    kind: Retarget,
    epochs: Epochs,
    /// Header time from which the running epoch is measured.
    measured_from: i64,
}

/// A block as the rules read it: its header time and its compact target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub height: u64,
    pub time: i64,
    pub bits: CompactTarget,
}

impl Rule {
    /// The rule at the scenario's start; `past(k)` is the header time of the block `k` before the tip.
    pub(super) fn new(params: &ChainParams, past: impl Fn(u64) -> i64, bits: CompactTarget) -> Self {
        match params.retarget {
            kind @ (Retarget::Bitcoin | Retarget::FixedWindow { .. }) => {
                Self::Epoch(EpochRule::new(kind, params.height, past))
            }
            Retarget::Asert { half_life_s } => {
                Self::Asert(asert::Anchor::new(params.height, past(0), bits, half_life_s))
            }
            Retarget::Cw144 => Self::Cw144(cw144::WorkWindow::new(bits, past)),
            Retarget::Lwma { window } => Self::Lwma(lwma::WeightedWindow::new(window, bits, past)),
        }
    }

    /// The heights between adjustments; `None` if every block adjusts difficulty.
    pub(super) fn epochs(&self) -> Option<Epochs> {
        match self {
            Self::Epoch(rule) => Some(rule.epochs),
            Self::Asert(_) | Self::Cw144(_) | Self::Lwma(_) => None,
        }
    }

    /// See [`EpochRule::expected_factor`]; `None` if every block adjusts difficulty.
    pub(super) fn expected_factor(&self, height: u64, now: f64, left: f64, spacing: f64) -> Option<f64> {
        match self {
            Self::Epoch(rule) => Some(rule.expected_factor(height, now, left, spacing)),
            Self::Asert(_) | Self::Cw144(_) | Self::Lwma(_) => None,
        }
    }

    /// Records a block; returns the target of the next one if it changes. A rule with epochs needs only the first
    /// and the last block of each.
    pub(super) fn connect(&mut self, header: Header, limit: CompactTarget) -> Option<CompactTarget> {
        match self {
            Self::Epoch(rule) => rule.connect(header, limit),
            Self::Asert(anchor) => Some(anchor.next(header.height, header.time, limit)),
            Self::Cw144(window) => Some(window.next(header.time, header.bits, limit)),
            Self::Lwma(window) => Some(window.next(header.time, header.bits, limit)),
        }
    }
}

impl EpochRule {
    /// The factor by which the adjustment would change difficulty if the `left` gaps to the epoch's last block take `spacing` seconds each, from header
    /// time `now` on. The limit of targets is not applied.
    #[expect(clippy::cast_precision_loss, reason = "spans of seconds are far below 2^53")]
    fn expected_factor(&self, height: u64, now: f64, left: f64, spacing: f64) -> f64 {
        let (clamp, all_gaps) = match self.kind {
            Retarget::FixedWindow { clamp, all_gaps, .. } => (clamp.unwrap_or(f64::INFINITY), all_gaps),
            _ => (4.0, false),
        };
        // Until its first block is found, an epoch measured from it has no past, and one gap less to come.
        let length = self.epochs.length() as f64;
        let timespan = if self.epochs.closes(height) && !all_gaps {
            (length - 1.0) * spacing
        } else {
            now - self.measured_from as f64 + left * spacing
        };
        (length * SPACING_S / timespan).clamp(1.0 / clamp, clamp)
    }

    fn new(kind: Retarget, height: u64, past: impl Fn(u64) -> i64) -> Self {
        let (epochs, all_gaps) = match kind {
            Retarget::FixedWindow { window, all_gaps, .. } => (Epochs::of(u64::from(window)), all_gaps),
            _ => (Epochs::BITCOIN, false),
        };
        assert!(epochs.length() > u64::from(!all_gaps), "a window needs a gap to measure");
        // If the tip closes an epoch, no block of the epoch being mined is found.
        let found = epochs.found(height);
        let back = if all_gaps { found } else { found.saturating_sub(1) };
        Self { kind, epochs, measured_from: past(back) }
    }

    fn connect(&mut self, header: Header, limit: CompactTarget) -> Option<CompactTarget> {
        let target = |bits: CompactTarget| bits.target().expect("rules return targets between 1 and the limit");
        let timespan = header.time - self.measured_from;
        let (opens, closes) = (self.epochs.opens(header.height), self.epochs.closes(header.height));
        match self.kind {
            Retarget::FixedWindow { window, clamp, all_gaps } => {
                if closes {
                    self.measured_from = header.time;
                    return Some(fixed_window::next_target(
                        target(header.bits),
                        timespan,
                        window,
                        clamp,
                        target(limit),
                    ));
                }
                if opens && !all_gaps {
                    self.measured_from = header.time;
                }
            }
            _ if closes => return Some(bitcoin::next_target(target(header.bits), timespan, target(limit))),
            _ if opens => self.measured_from = header.time,
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests;
