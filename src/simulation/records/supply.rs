//! The supply of hashrate by break-even.
//!
//! A lot's break-even is its avoidable cost λ, the hashprice at which running just pays (section 7.1 of the model). Bins of it
//! grow by 2^(1/16), so that a break-even is known within 4.5 %.

use crate::{
    simulation::{
        Simulation,
        record::{Observer, SupplyRecord},
    },
    units::{Hashprice, Hashrate, Seconds},
};

/// Bins in a doubling of break-even.
const BINS_PER_OCTAVE: usize = 16;

/// Bins of break-even, USD/PH/day: the 0th holds all below 1, and the others have equal widths in the logarithm.
struct Bins {
    /// Lower edges of the bins from 1 to 2.
    parts: [f64; BINS_PER_OCTAVE],
    /// Running and idle hashrate of each bin, MH/s.
    hashrate: Vec<(u64, u64)>,
}

impl Bins {
    fn new() -> Self {
        Self { parts: std::array::from_fn(|part| edges(part + 1).0), hashrate: Vec::new() }
    }

    /// The bin of a break-even: the exponent of the number counts the octaves, and its mantissa is compared with the parts of one.
    fn of(&self, break_even: f64) -> usize {
        const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
        const ONE: u64 = 1.0_f64.to_bits();
        if break_even < 1.0 {
            return 0;
        }
        let bits = break_even.to_bits() - ONE;
        let mantissa = f64::from_bits((bits & ((1 << MANTISSA_BITS) - 1)) + ONE);
        let octaves = usize::try_from(bits >> MANTISSA_BITS).expect("an exponent has 11 bits");
        octaves * BINS_PER_OCTAVE + self.parts.partition_point(|&part| part <= mantissa)
    }

    /// Running and idle hashrate of the bin of a break-even.
    fn at(&mut self, break_even: f64) -> &mut (u64, u64) {
        let bin = self.of(break_even);
        if self.hashrate.len() <= bin {
            self.hashrate.resize(bin + 1, (0, 0));
        }
        &mut self.hashrate[bin]
    }
}

/// The lower and the upper edge of a bin, USD/PH/day.
#[expect(clippy::cast_precision_loss, reason = "there are few bins")]
fn edges(bin: usize) -> (f64, f64) {
    let edge = |bin: usize| libm::exp2(bin as f64 / BINS_PER_OCTAVE as f64);
    if bin == 0 { (0.0, 1.0) } else { (edge(bin - 1), edge(bin)) }
}

/// Running and idle hashrate by break-even. It visits every lot, so it is called only if wanted.
pub(super) fn by_break_even(simulation: &Simulation<'_>, epoch: Option<u64>, now: f64, observer: &mut impl Observer) {
    if !observer.wants_supply() {
        return;
    }
    let lots = &simulation.world.population.lots;
    let mut bins = Bins::new();
    for lot in lots.ids().filter(|&lot| !simulation.world.fleet.is_gone(lot) && lots.full_mh[lot] > 0) {
        let (running, idle) = bins.at(lots.lambda[lot].get());
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
    for (bin, (running, idle)) in bins.hashrate.into_iter().enumerate().filter(|(_, hashrate)| *hashrate != (0, 0)) {
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
            let (from, to) = edges(Bins::new().of(break_even));
            assert!((from..to * (1.0 + 1e-12)).contains(&break_even), "{break_even} is not in {from}..{to}");
            assert!(from < 1.0 || to / from < 1.0443);
        }
        assert_eq!(edges(17).0.to_bits(), 2.0_f64.to_bits());
    }
}
