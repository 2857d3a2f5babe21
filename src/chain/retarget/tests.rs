//! All rules under elastic hash supply, against a published table.

use crate::{
    chain::{Arrivals, Chain, ChainParams, CompactTarget, Fees, PastBlocks, Retarget},
    random::{Purpose, standard_normal, stream},
    units::{Hashrate, Seconds, UnixTime},
};

/// Means over paths of each path's statistics: mean and standard deviation of block times in minutes, and the share of paths with a block time over 120 minutes.
struct BlockTimes {
    mean: f64,
    deviation: f64,
    some_over_120_min: f64,
}

/// Twelve weeks from height 551,443 at `H = 55 / (1 + exp(-3 (R - 1.5)))` EH/s, with `R = 12.5 S W` the expected USD per EH (10^18 hashes), `W` the
/// blocks per EH and `S` a driftless geometric Brownian price on a ten-minute grid: Noda, Okumura, Hashimoto, "An Economic Analysis of
/// Difficulty Adjustment Algorithms in Proof-of-Work Blockchain Systems" (ssrn 3410460). The earlier blocks are not published: 1,074 gaps at
/// 11.19 minutes in the running epoch (implied by chain data) and ten minutes before it reproduce their table.
fn block_times(retarget: Retarget, paths: u32) -> BlockTimes {
    const HASHES_PER_EH: f64 = 1e18 / 4_294_967_296.0;
    let nearest = CompactTarget::nearest(HASHES_PER_EH / 3.499_48e-5).expect("a difficulty of the time");
    let params = ChainParams {
        start: UnixTime::new(1_543_000_000),
        height: 551_442,
        nbits: nearest.get(),
        history: vec![PastBlocks { blocks: 1074, interval: Seconds::new(11.19 * 60.0) }],
        arrivals: Arrivals::Exact,
        retarget,
        fees: Fees { knots: vec![], elasticity: 0.0, spikes: vec![] },
        pow_limit: 0x1d00_ffff,
    };
    let end = Seconds::new(12.0 * 7.0 * 86_400.0);
    let volatility = 0.001_117_728 * libm::sqrt(10.0);
    let mut found = BlockTimes { mean: 0.0, deviation: 0.0, some_over_120_min: 0.0 };
    for path in 0..paths {
        let mut chain = Chain::new(&params, stream(1, u64::from(path), Purpose::BlockArrivals, 0));
        let mut shocks = stream(1, u64::from(path), Purpose::Price, 0);
        let (mut price, mut next) = (3604.59, 600.0);
        while chain.now() < end {
            while next <= chain.now().get() {
                price *= libm::exp(volatility * standard_normal(&mut shocks) - 0.5 * volatility * volatility);
                next += 600.0;
            }
            let reward = 12.5 * price * HASHES_PER_EH / chain.difficulty();
            let hashrate = Hashrate::from_eh(55.0 / (1.0 + libm::exp(-3.0 * (reward - 1.5))));
            chain.advance_block(end - chain.now(), hashrate, &mut |_| {});
        }
        let gaps = chain.gap_statistics().expect("drawn one by one");
        found.mean += gaps.mean().get() / 60.0 / f64::from(paths);
        found.deviation += gaps.deviation().get() / 60.0 / f64::from(paths);
        found.some_over_120_min += f64::from(u8::from(gaps.over_120_min > 0)) / f64::from(paths);
    }
    found
}

/// With 5,000 paths, the number of the paper: 12.805/17.424/.859, 10.033/10.226/.193, 10.055/10.123/.111. Here fewer paths, with four standard errors each.
#[test]
fn block_times_under_elastic_supply_are_those_of_noda_okumura_hashimoto() {
    let epoch = Retarget::FixedWindow { window: 2016, clamp: None, all_gaps: true };
    for (rule, paths, mean, deviation, over, tolerances) in [
        (epoch, 150, 12.797, 17.422, 0.8504, (1.0, 3.0, 0.12)),
        (Retarget::Cw144, 150, 10.035, 10.224, 0.1836, (0.01, 0.05, 0.13)),
        // An e-fold time of 2880 minutes is a half-life of 1996.3.
        (Retarget::Asert { half_life_s: 119_778 }, 150, 10.054, 10.122, 0.1142, (0.012, 0.05, 0.10)),
    ] {
        let found = block_times(rule, paths);
        assert!((found.mean - mean).abs() < tolerances.0, "{rule:?}: mean {} against {mean}", found.mean);
        assert!(
            (found.deviation - deviation).abs() < tolerances.1,
            "{rule:?}: deviation {} against {deviation}",
            found.deviation
        );
        assert!(
            (found.some_over_120_min - over).abs() < tolerances.2,
            "{rule:?}: {} against {over}",
            found.some_over_120_min
        );
    }
}
