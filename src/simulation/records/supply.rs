//! The supply of hashrate by break-even.
//!
//! A lot's break-even is its avoidable cost λ, the hashprice at which running just pays (section 7.1 of the model). Bins of it
//! grow by 2^(1/16), so that a break-even is known within 4.5 %.

use std::collections::BTreeMap;

use crate::{
    simulation::{
        Simulation,
        record::{Observer, SupplyRecord},
    },
    units::{Hashprice, Hashrate, Seconds},
};

/// Bins in a doubling of break-even.
const BINS_PER_OCTAVE: f64 = 16.0;

/// The bin of a break-even, USD/PH/day; all below 1 are one, the 0th.
fn bin_of(break_even: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and costs are far below 2^31 octaves")]
    let bin = (libm::log2(break_even) * BINS_PER_OCTAVE).floor() as i32;
    if break_even < 1.0 { 0 } else { bin + 1 }
}

/// The lower and the upper edge of a bin, USD/PH/day.
fn edges(bin: i32) -> (f64, f64) {
    let upper = libm::exp2(f64::from(bin) / BINS_PER_OCTAVE);
    if bin == 0 { (0.0, 1.0) } else { (libm::exp2(f64::from(bin - 1) / BINS_PER_OCTAVE), upper) }
}

/// Running and idle hashrate by break-even. It visits every lot, so it is called only if wanted.
pub(super) fn by_break_even(simulation: &Simulation<'_>, epoch: Option<u64>, now: f64, observer: &mut impl Observer) {
    if !observer.wants_supply() {
        return;
    }
    let lots = &simulation.world.population.lots;
    let mut bins: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    for lot in lots.ids().filter(|&lot| !simulation.world.fleet.is_gone(lot) && lots.full_mh[lot] > 0) {
        let (running, idle) = bins.entry(bin_of(lots.lambda[lot].get())).or_default();
        // A lot that resells power in peak-price hours counts as idle in these hours.
        let runs = if simulation.world.fleet.runs(lot) { lots.hash_mh[lot] } else { 0 };
        *running += runs;
        *idle += lots.full_mh[lot] - runs;
    }
    let hashprice = Hashprice::earned(
        simulation.world.chain.difficulty(),
        simulation.world.chain.reward(),
        simulation.world.quote(),
    )
    .get();
    for (bin, (running, idle)) in bins {
        let (from, to) = edges(bin);
        observer.on_supply(&SupplyRecord {
            epoch,
            time: Seconds::new(now),
            hashprice_usd_per_ph_day: hashprice,
            from_usd_per_ph_day: from,
            to_usd_per_ph_day: to,
            running: Hashrate::from_mh(running),
            idle: Hashrate::from_mh(idle),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_even_lies_in_its_bin() {
        for break_even in [0.0, 0.5, 0.999, 1.0, 1.04, 1.05, 35.0, 64.0, 90.1, 1e4] {
            let (from, to) = edges(bin_of(break_even));
            assert!((from..to * (1.0 + 1e-12)).contains(&break_even), "{break_even} is not in {from}..{to}");
            assert!(from < 1.0 || to / from < 1.0443);
        }
        assert_eq!(edges(17).0.to_bits(), 2.0_f64.to_bits());
    }
}
