//! Position of a height in its epoch. No other code divides heights into epochs.
//!
//! Heights from `n L` to `n L + L - 1` are epoch n. Two epochs differ while the tip is the last block of one:
//! the epoch *of the tip*, which is measured from its first block to the first block of the next, and the epoch *being mined*, that of
//! the next block, whose blocks count towards the next difficulty adjustment.
//!
//! | symbol | code | meaning | unit |
//! |---|---|---|---|
//! | L | `length` | blocks of an epoch: the rule's, or 2016 if every block adjusts difficulty | blocks |

use super::retarget::bitcoin;

/// Heights divided into epochs of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epochs {
    length: u64,
}

impl Epochs {
    /// Epochs of Bitcoin's rule.
    pub const BITCOIN: Self = Self::of(bitcoin::EPOCH);

    /// Epochs of `length` blocks.
    ///
    /// # Panics
    /// For a length of zero.
    #[must_use]
    pub const fn of(length: u64) -> Self {
        assert!(length > 0, "an epoch has blocks");
        Self { length }
    }

    /// Blocks per epoch.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.length
    }

    /// The first block of the epoch that contains `height`.
    #[must_use]
    pub const fn first(self, height: u64) -> u64 {
        height - self.before(height)
    }

    /// Number of blocks of the same epoch before `height`: 0 for the first, L - 1 for the last.
    #[must_use]
    pub const fn before(self, height: u64) -> u64 {
        height % self.length
    }

    /// Whether `height` is the first of an epoch.
    #[must_use]
    pub const fn opens(self, height: u64) -> bool {
        self.before(height) == 0
    }

    /// Whether `height` is the last of an epoch: the next block is mined at another target.
    #[must_use]
    pub const fn closes(self, height: u64) -> bool {
        self.before(height) + 1 == self.length
    }

    /// Blocks of the epoch being mined that are found when the tip is `tip`.
    #[must_use]
    pub const fn found(self, tip: u64) -> u64 {
        self.before(tip + 1)
    }

    /// Blocks of the epoch being mined that are not yet found, from 1 to L.
    #[must_use]
    pub const fn left(self, tip: u64) -> u64 {
        self.length - self.found(tip)
    }

    /// Number of epochs whose last block is found.
    #[must_use]
    pub const fn closed(self, tip: u64) -> u64 {
        (tip + 1) / self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Around the end of an epoch of 2016 blocks: the epoch of the tip, and the epoch being mined.
    #[test]
    fn around_the_end_of_an_epoch() {
        let epochs = Epochs::BITCOIN;
        for (tip, first, before, found, left, closed) in [
            (4030, 2016, 2014, 2015, 1, 1),
            (4031, 2016, 2015, 0, 2016, 2),
            (4032, 4032, 0, 1, 2015, 2),
            (4033, 4032, 1, 2, 2014, 2),
        ] {
            assert_eq!((epochs.first(tip), epochs.before(tip)), (first, before), "{tip}");
            assert_eq!((epochs.found(tip), epochs.left(tip), epochs.closed(tip)), (found, left, closed), "{tip}");
            assert_eq!((epochs.opens(tip), epochs.closes(tip)), (before == 0, before == 2015), "{tip}");
        }
    }
}
