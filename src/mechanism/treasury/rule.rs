//! Voluntary sales of coins by treasury policy.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | q | [`offered`] | sat | sold at a settlement by policy |
//! | m | `Holdings::produced` | sat | mined and paid out since the last settlement |
//! | B | `Holdings::free` | sat | unpledged coins, m included |
//! | `B*` | `Holdings::meant` | sat | treasury at the start: the target |
//! | d | `Holdings::days` | day | since the last settlement |
//! | p | `Holdings::full_day` | sat/day | daily production of all machines of the firm |
//! | b | `Holdings::due` | sat | coins that would pay the bills of the day, debt service aside |
//! | s | `share` | 1 | share of production sold |
//! | rho | `excess_per_day` | 1/day | share of the coins above the target sold per day |
//! | r | `Holdings::earns_over_costs` | 1 | revenue of all machines over their cost |
//!
//! - **all**: q = B.
//! - **share**: `q = s m + (1 - (1 - rho)^d) max(0, B - m - B*)`.
//! - **target**: as share with s = 0 and, in place of `B* + m`, a number of days of full production: `D p`.
//! - **hold**: q = 0. Such a miner sells only when cash is short.
//! - **cover**: q = min(B, b): bills are paid out of coins while the firm has any, and out of cash after that.
//! - **regime**: as share, with s by the margin: `rich_share` from r = `rich_ratio` on, `poor_share` up to `poor_ratio`, linear in between.
//!   Profitable miners can speculate, unprofitable ones have bills to pay.
//!
//! Forced sales come after this and have another cause: see [`super::cover`].
//!
//! **Known error.** The regime's numbers were chosen so that sign and size of the sales of public miners in 2022 are reproduced; a run of 2022 with
//! them is no test of the rule. Policies consider the day of the settlement alone.
//!
//! **Sources.** Sales of public miners in 2022: S13 of the assumptions. The form of the rule is assumed.

use super::params::TreasuryPolicy;
use crate::units::whole::floor;

/// Holdings and circumstances of a miner when it settles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holdings {
    /// m, satoshi.
    pub produced: i64,
    /// B, satoshi.
    pub free: i64,
    /// `B*`, satoshi.
    pub meant: i64,
    /// d.
    pub days: f64,
    /// p, satoshi per day.
    pub full_day: f64,
    /// b, satoshi.
    pub due: i64,
    /// r; infinite if nothing costs anything.
    pub earns_over_costs: f64,
}

/// Satoshi offered by policy: between 0 and the unpledged coins.
#[must_use]
pub fn offered(policy: TreasuryPolicy, held: &Holdings) -> i64 {
    let by_share =
        |s: f64, rho: f64| part(held.produced, s) + bit_by_bit(held.free - held.produced - held.meant, rho, held.days);
    let sats = match policy {
        TreasuryPolicy::All => held.free,
        TreasuryPolicy::Share { share, excess_per_day } => by_share(share, excess_per_day),
        TreasuryPolicy::Target { days, excess_per_day } => {
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates: more than there is of coins is held")]
            let target = (days * held.full_day) as i64;
            bit_by_bit(held.free.saturating_sub(target), excess_per_day, held.days)
        }
        TreasuryPolicy::Hold => 0,
        TreasuryPolicy::Cover => held.due,
        TreasuryPolicy::Regime { rich_share, poor_share, rich_ratio, poor_ratio, excess_per_day } => {
            let rich = ((held.earns_over_costs - poor_ratio) / (rich_ratio - poor_ratio)).clamp(0.0, 1.0);
            by_share(poor_share + (rich_share - poor_share) * rich, excess_per_day)
        }
    };
    sats.clamp(0, held.free.max(0))
}

/// The part of an excess sold in `days` days at the daily share `rho`.
fn bit_by_bit(excess: i64, rho: f64, days: f64) -> i64 {
    if excess > 0 && rho > 0.0 { part(excess, 1.0 - libm::pow(1.0 - rho, days)) } else { 0 }
}

/// A share of coins, in whole satoshi.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
pub fn part(sats: i64, share: f64) -> i64 {
    floor(sats as f64 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Holdings = Holdings {
        produced: 3_000,
        free: 13_000,
        meant: 6_000,
        days: 30.0,
        full_day: 150.0,
        due: 7_000,
        earns_over_costs: 1.5,
    };

    /// 3000 mined in 30 days; 13,000 free, of which 4000 exceed treasury and production. 1 - 0.98^30 = 0.45452.
    #[test]
    fn policies_by_hand() {
        let of = |policy| offered(policy, &HELD);
        assert_eq!(of(TreasuryPolicy::All), 13_000);
        assert_eq!(of(TreasuryPolicy::Share { share: 0.4, excess_per_day: 0.0 }), 1200);
        assert_eq!(of(TreasuryPolicy::Share { share: 0.4, excess_per_day: 0.02 }), 1200 + 1818);
        // 20 days of 150 are 3000; 10,000 exceed them.
        assert_eq!(of(TreasuryPolicy::Target { days: 20.0, excess_per_day: 0.02 }), 4545);
        assert_eq!(of(TreasuryPolicy::Target { days: 20.0, excess_per_day: 1.0 }), 10_000);
        assert_eq!(of(TreasuryPolicy::Target { days: 1e30, excess_per_day: 1.0 }), 0);
        assert_eq!(of(TreasuryPolicy::Hold), 0);
        assert_eq!(of(TreasuryPolicy::Cover), 7000);
        assert_eq!(offered(TreasuryPolicy::Cover, &Holdings { free: 5_000, ..HELD }), 5000);
    }

    /// A share of 0.3 at r of 2 and above, 1 at 1.2 and below; at 1.5, five eighths of the way from 2 down to 1.2, 0.3 + 0.7 · 0.625 = 0.7375.
    #[test]
    fn the_regime_sells_more_as_the_margin_falls() {
        let policy = TreasuryPolicy::Regime {
            rich_share: 0.3,
            poor_share: 1.0,
            rich_ratio: 2.0,
            poor_ratio: 1.2,
            excess_per_day: 0.0,
        };
        let at = |r| offered(policy, &Holdings { earns_over_costs: r, ..HELD });
        assert_eq!([0.0, 1.2, 1.5, 2.0, f64::INFINITY].map(at), [3000, 3000, 2212, 900, 900]);
    }

    /// No miner sells more coins than it has unpledged.
    #[test]
    fn never_more_than_is_free() {
        let poor = Holdings { free: 100, ..HELD };
        let share = TreasuryPolicy::Share { share: 1.0, excess_per_day: 1.0 };
        assert_eq!([TreasuryPolicy::All, share].map(|policy| offered(policy, &poor)), [100, 100]);
        assert_eq!(offered(TreasuryPolicy::All, &Holdings { free: 0, ..HELD }), 0);
    }
}
