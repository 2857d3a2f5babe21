//! The restart ladder: hashprices at which idle machines restart.
//!
//! It makes the hysteresis of the fleet visible. Idle machines that hashprice alone keeps off are an overhang on a recovery: each restarts when
//! hashprice passes the threshold of its rule. Rung i is the hashprice at which i tenths of that hashrate want to run:
//!
//! ```text
//! x_i = min { x : Σ over idle lots with x_H ≤ x of hashrate ≥ i/10 · Σ over idle lots of hashrate },  i = 1..9
//! ```
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | `x_H` | `Lots::high` | USD/PH/day | hashprice from which a lot restarts; of a boost, not below its eco mode's |
//! | `x_i` | [`Ladder::rungs`] | USD/PH/day | a rung |
//!
//! **Known error.** The adaptive rule uses smoothed hashprice and the aware rule the next retarget, so such machines may restart some days later or
//! earlier. A rung assumes today's difficulty; restarting machines raise it.

use crate::{
    units::{Hashprice, Hashrate, LotId},
    world::{
        fleet::Fleet,
        front::{BUCKETS, bucket},
        lots::LotKind,
        population::Population,
    },
};

/// Rungs of the ladder.
pub const RUNGS: usize = 9;

/// Buckets for counting are wider than those of the fronts.
const WIDER_LOG2: usize = 4;
const WIDE: usize = BUCKETS >> WIDER_LOG2;
const NO_RUNG: u64 = u64::MAX;

fn wide(threshold: f64) -> usize {
    bucket(threshold) >> WIDER_LOG2
}

/// Hashprices at which idle machines restart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ladder {
    /// Hashrate that hashprice alone keeps off.
    pub restartable: Hashrate,
    /// The hashprice at which 10, 20 … 90 % of it restarts; `None` if nothing is idle.
    pub rungs: [Option<Hashprice>; RUNGS],
}

/// Idle lots that hashprice alone keeps off.
fn waiting(population: &Population, fleet: &Fleet) -> impl Iterator<Item = LotId> {
    population.lots.ids().filter(|&lot| fleet.waits(lot) && population.lots.hash_mh[lot] > 0)
}

/// Hashrate that hashprice alone keeps off.
#[must_use]
pub fn restartable(population: &Population, fleet: &Fleet) -> Hashrate {
    returning(population, fleet, Hashprice::new(f64::INFINITY))
}

/// Idle hashrate that would restart at this hashprice.
#[must_use]
pub fn returning(population: &Population, fleet: &Fleet, hashprice: Hashprice) -> Hashrate {
    Hashrate::from_mh(fleet.restarting_mh(&population.lots, hashprice))
}

impl Ladder {
    /// The present ladder. `scratch` is a buffer for the idle lots.
    #[must_use]
    pub fn of(population: &Population, fleet: &Fleet, scratch: &mut Vec<(u64, u64)>) -> Self {
        let lots = &population.lots;
        scratch.clear();
        let (mut total, mut by_bucket) = (0u64, [0u64; WIDE]);
        for lot in waiting(population, fleet) {
            let hash = lots.hash_mh[lot];
            let high = match lots.kind[lot] {
                LotKind::Boost => lots.high[lot].max(lots.high[lot.eco()]).get(),
                LotKind::Plain | LotKind::Eco => lots.high[lot].get(),
            };
            // Thresholds are not negative, so that the bits of these floats sort in their order.
            scratch.push((high.to_bits(), hash));
            total += hash;
            by_bucket[wide(high)] += hash;
        }
        let mut ladder = Self { restartable: Hashrate::from_mh(total), ..Self::default() };
        let reached =
            |below: u64, rung: usize| rung < RUNGS && u128::from(below) * 10 >= u128::from(total) * (rung as u128 + 1);
        // Only the lots of buckets that contain a rung have to be sorted; they are preceded by all hashrate of the buckets before.
        let (mut rung, mut below, mut before) = (0, 0, [NO_RUNG; WIDE]);
        for (before, hash) in before.iter_mut().zip(by_bucket) {
            let with_bucket = below + hash;
            if reached(with_bucket, rung) {
                *before = below;
            }
            while reached(with_bucket, rung) {
                rung += 1;
            }
            below = with_bucket;
        }
        let bucket = |high: u64| wide(f64::from_bits(high));
        scratch.retain(|&(high, _)| before[bucket(high)] != NO_RUNG);
        scratch.sort_unstable();
        let mut rung = 0;
        for lots in scratch.chunk_by(|a, b| bucket(a.0) == bucket(b.0)) {
            let mut below = before[bucket(lots[0].0)];
            for &(high, hash) in lots {
                below += hash;
                while reached(below, rung) {
                    ladder.rungs[rung] = Some(Hashprice::new(f64::from_bits(high)));
                    rung += 1;
                }
            }
        }
        ladder
    }
}
