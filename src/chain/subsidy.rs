//! Subsidy, by the integer arithmetic of Bitcoin Core's `GetBlockSubsidy`.

use crate::units::Sats;

/// Blocks between halvings.
pub const HALVING_INTERVAL: u64 = 210_000;

/// The first subsidy, 50 BTC, in satoshi.
const FIRST: i64 = 50 * Sats::PER_BTC;

/// Subsidy of the block at `height`: 50 BTC, halved every 210,000 blocks by a shift, so fractions of a satoshi are dropped.
#[must_use]
pub const fn subsidy(height: u64) -> Sats {
    let halvings = height / HALVING_INTERVAL;
    if halvings >= 64 { Sats::ZERO } else { Sats::new(FIRST >> halvings) }
}

/// Coins that the schedule allows for blocks 0 to `height`, including the unspendable 50 BTC of the genesis block.
#[must_use]
#[expect(clippy::cast_possible_wrap, reason = "at most 210,000")]
pub const fn issued_through(height: u64) -> Sats {
    let (eras, rest) = ((height + 1) / HALVING_INTERVAL, (height + 1) % HALVING_INTERVAL);
    let mut total = 0;
    let mut era = 0;
    while era < eras && era < 33 {
        total += HALVING_INTERVAL as i64 * (FIRST >> era);
        era += 1;
    }
    Sats::new(total + rest as i64 * subsidy(height).get())
}

/// The first height above `height` at which the subsidy changes; after the last halving the subsidy stays 0, but multiples of 210,000 are still returned.
#[must_use]
pub const fn next_halving(height: u64) -> u64 {
    (height / HALVING_INTERVAL + 1) * HALVING_INTERVAL
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn subsidies_are_those_of_the_network() {
        for (height, sats) in [
            (0, 5_000_000_000),
            (209_999, 5_000_000_000),
            (210_000, 2_500_000_000),
            (630_000, 625_000_000),
            (839_999, 625_000_000),
            (840_000, 312_500_000),
            (6_929_999, 1),
            (6_930_000, 0),
            (u64::MAX - 1, 0),
        ] {
            assert_eq!(subsidy(height), Sats::new(sats), "{height}");
        }
    }

    /// Bitcoin Core, `src/test/validation_tests.cpp`: the total of all coins is 2,099,999,997,690,000 satoshi.
    #[test]
    fn all_coins_are_those_of_bitcoin_core() {
        assert_eq!(issued_through(20_000_000), Sats::new(2_099_999_997_690_000));
        assert_eq!(issued_through(6_929_999), Sats::new(2_099_999_997_690_000));
        assert_eq!(issued_through(0), subsidy(0));
    }

    proptest! {
        #[test]
        fn issuance_grows_by_the_subsidy(height in 0u64..7_000_000) {
            prop_assert_eq!(issued_through(height + 1) - issued_through(height), subsidy(height + 1));
            prop_assert!(next_halving(height) > height && subsidy(next_halving(height) - 1) == subsidy(height));
        }

        #[test]
        fn issuance_grows_by_the_subsidy_across_halvings(era in 1u64..40, past in 0u64..3) {
            let height = era * HALVING_INTERVAL + past - 2;
            prop_assert_eq!(issued_through(height + 1) - issued_through(height), subsidy(height + 1));
        }
    }
}
