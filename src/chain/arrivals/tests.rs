use super::*;
use crate::{
    chain::{
        ChainParams, PastBlocks, Retarget,
        running::tests::{DAY_S, chain, pace, params, run},
    },
    units::Sats,
};

const ASERT: Retarget = Retarget::Asert { half_life_s: 172_800 };
const RULES: [Retarget; 5] = [
    Retarget::Bitcoin,
    ASERT,
    Retarget::Cw144,
    Retarget::Lwma { window: 45 },
    Retarget::FixedWindow { window: 50, clamp: Some(4.0), all_gaps: true },
];
const ARRIVALS: [Arrivals; 3] = [Arrivals::Fluid, Arrivals::Poisson, Arrivals::Exact];

fn quiet(_: ChainEvent) {}

/// I5: blocks in fluid mode equal the integral of the block rate, here computed from the events alone.
#[test]
fn fluid_blocks_are_the_integral_of_the_block_rate() {
    let mut chain = chain(&params(Retarget::Bitcoin, Arrivals::Fluid));
    let base = pace(&chain, 1.0);
    let (from, mut integral, mut blocks, mut expected) = (chain.real_height(), 0.0, 0.0, 0.0);
    for day in 0..400u32 {
        // A rate that varies by a factor of six, with days of zero hashrate.
        let share = if day % 97 == 13 { 0.0 } else { 0.5 + f64::from(day * 37 % 101) / 40.0 };
        let hashrate = Hashrate::from_th(base.th() * share);
        let (mut at, mut difficulty) = (chain.now().get(), chain.difficulty());
        let rate = |difficulty: f64| hashrate.hashes_per_s() / difficulty / 4_294_967_296.0;
        let until = f64::from(day + 1) * DAY_S;
        let mined = chain.advance(Seconds::new(until), hashrate, &mut |event| {
            if let ChainEvent::Retarget { time, difficulty_after, .. } = event {
                integral += (time.get() - at) * rate(difficulty);
                (at, difficulty) = (time.get(), difficulty_after);
            }
        });
        integral += (until - at) * rate(difficulty);
        blocks += mined.blocks;
        expected += mined.expected_blocks;
    }
    for found in [blocks, expected, chain.real_height() - from] {
        assert!((found / integral - 1.0).abs() < 1e-9, "{found} against {integral}");
    }
}

/// I5: random blocks stay within six standard deviations of the expected number.
#[test]
fn random_blocks_stay_close_to_the_integral_of_the_block_rate() {
    for arrivals in [Arrivals::Poisson, Arrivals::Exact] {
        for rule in RULES {
            let mut chain = chain(&params(rule, arrivals));
            let (mut blocks, mut expected, from) = (0.0, 0.0, chain.height());
            for day in 1..=300u32 {
                let hashrate = pace(&chain, 1.3);
                let mined = chain.advance(Seconds::new(f64::from(day) * DAY_S), hashrate, &mut quiet);
                blocks += mined.blocks;
                expected += mined.expected_blocks;
            }
            assert!(
                (blocks - expected).abs() < 6.0 * expected.sqrt() && blocks != expected,
                "{rule:?}: {blocks} against {expected}"
            );
            assert_eq!(blocks, count(chain.height() - from));
        }
    }
}

#[test]
fn without_hashrate_time_passes_and_nothing_comes() {
    for arrivals in ARRIVALS {
        for rule in RULES {
            let mut chain = chain(&params(rule, arrivals));
            let (height, difficulty) = (chain.height(), chain.difficulty());
            let mined = chain.advance(Seconds::new(DAY_S), Hashrate::ZERO, &mut quiet);
            assert_eq!(mined, Mined { elapsed: Seconds::new(DAY_S), ..Mined::default() });
            let mined = chain.advance_block(Seconds::new(DAY_S), Hashrate::ZERO, &mut quiet);
            assert_eq!(mined, Mined { elapsed: Seconds::new(DAY_S), ..Mined::default() });
            assert_eq!((chain.height(), chain.difficulty(), chain.now().get()), (height, difficulty, 2.0 * DAY_S));
            assert_eq!(chain.expected_spacing(Hashrate::ZERO).get(), f64::INFINITY);
            // Afterwards blocks come again.
            let hashrate = pace(&chain, 1.0);
            assert!(chain.advance(Seconds::new(3.0 * DAY_S), hashrate, &mut quiet).blocks > 50.0);
        }
    }
}

/// Difficulty 1 and the hashrate of 2025: epochs of nearly zero length, which must end.
#[test]
fn a_hashrate_out_of_all_proportion_is_caught_up_with() {
    for arrivals in ARRIVALS {
        for rule in RULES {
            let mut chain = chain(&ChainParams { nbits: 0x1d00_ffff, ..params(rule, arrivals) });
            chain.advance(Seconds::new(DAY_S), Hashrate::from_eh(1e-3), &mut quiet);
            // 1e15 hashes a second for a day, less the blocks found while difficulty rose.
            assert!(
                chain.difficulty() > 1e5 && chain.difficulty().is_finite(),
                "{rule:?} {arrivals:?}: {}",
                chain.difficulty()
            );
        }
    }
}

#[test]
fn no_hashrate_worth_the_name_leads_to_the_limit_and_no_further() {
    let mut chain = chain(&ChainParams { nbits: 0x1c7f_ffff, ..params(ASERT, Arrivals::Fluid) });
    let hashrate = Hashrate::from_mh(1);
    run(&mut chain, 400, hashrate);
    assert_eq!(chain.compact_target().get(), 0x1d00_ffff);
}

#[test]
fn draws_of_one_tick_do_not_shift_those_of_the_next() {
    for arrivals in [Arrivals::Poisson, Arrivals::Exact] {
        let start = params(Retarget::Bitcoin, arrivals);
        let (mut busy, mut idle) = (chain(&start), chain(&start));
        let hashrate = pace(&busy, 1.0);
        busy.advance(Seconds::new(DAY_S), hashrate, &mut quiet);
        idle.advance(Seconds::new(DAY_S), Hashrate::ZERO, &mut quiet);
        assert!(busy.height() > idle.height());
        let [a, b] = [busy, idle].map(|mut chain| chain.advance(Seconds::new(2.0 * DAY_S), hashrate, &mut quiet));
        assert_eq!(a, b);
    }
}

#[test]
fn the_same_seed_gives_the_same_chain() {
    let [a, b] = [(); 2].map(|()| {
        let mut chain = chain(&params(Retarget::Cw144, Arrivals::Poisson));
        let hashrate = pace(&chain, 1.1);
        (run(&mut chain, 50, hashrate), chain.height(), chain.difficulty(), chain.gap_statistics())
    });
    assert_eq!(a, b);
}

/// 200,000 gaps at constant difficulty: mean and deviation 600 s, `e^-12` of them over two hours, `e^-18` over three.
#[test]
fn gaps_drawn_one_by_one_are_exponential() {
    for arrivals in [Arrivals::Poisson, Arrivals::Exact] {
        // A window that never ends keeps difficulty constant.
        let window = Retarget::FixedWindow { window: 2_000_000, clamp: None, all_gaps: true };
        let mut chain = chain(&params(window, arrivals));
        let hashrate = pace(&chain, 1.0);
        while chain.gap_statistics().is_some_and(|gaps| gaps.count < 200_000) {
            // Most blocks do not come within 100 s, so the wait continues from call to call.
            let reward = chain.reward();
            let mined = chain.advance_block(Seconds::new(100.0), hashrate, &mut quiet);
            let in_time = mined.elapsed.get() < 100.0 - 1e-6;
            assert!(mined.blocks == 1.0 || mined.blocks == 0.0 && !in_time, "{mined:?}");
            assert!(mined.elapsed.get() < 100.0 + 1e-6);
            assert_eq!(mined.reward(), if mined.blocks == 0.0 { Sats::ZERO } else { reward });
        }
        let gaps = chain.gap_statistics().expect("drawn one by one");
        assert!((gaps.mean().get() / 600.0 - 1.0).abs() < 0.01, "{}", gaps.mean());
        assert!((gaps.deviation().get() / 600.0 - 1.0).abs() < 0.015, "{}", gaps.deviation());
        assert!((gaps.sum.get() - chain.now().get()).abs() < 1e-3, "the gaps are all the time there was");
        assert!(gaps.longest.get() > 5_400.0 && gaps.longest.get() < 12_000.0, "{}", gaps.longest);
        assert!(gaps.over_120_min <= 8 && gaps.over_180_min <= 1 && gaps.over_120_min >= gaps.over_180_min, "{gaps:?}");
    }
}

#[test]
fn gap_statistics_exist_only_for_drawn_gaps() {
    for (arrivals, rule, told) in [
        (Arrivals::Fluid, ASERT, false),
        (Arrivals::Fluid, Retarget::Bitcoin, false),
        (Arrivals::Poisson, Retarget::Bitcoin, false),
        (Arrivals::Poisson, ASERT, true),
        (Arrivals::Exact, Retarget::Bitcoin, true),
    ] {
        let mut chain = chain(&params(rule, arrivals));
        let hashrate = pace(&chain, 1.0);
        run(&mut chain, 3, hashrate);
        assert_eq!(chain.gap_statistics().is_some_and(|gaps| gaps.count > 300), told, "{arrivals:?} {rule:?}");
    }
}

#[test]
fn fluid_blocks_one_by_one_are_the_fluid_day() {
    let start = params(Retarget::Bitcoin, Arrivals::Fluid);
    let (mut by_day, mut by_block) = (chain(&start), chain(&start));
    let hashrate = pace(&by_day, 0.7);
    run(&mut by_day, 40, hashrate);
    let mut subsidy = Sats::ZERO;
    while by_block.now() < by_day.now() {
        subsidy += by_block.advance_block(by_day.now() - by_block.now(), hashrate, &mut quiet).subsidy;
    }
    assert!((by_block.real_height() - by_day.real_height()).abs() < 1e-6);
    assert_eq!((by_block.height(), by_block.compact_target()), (by_day.height(), by_day.compact_target()));
    assert!((subsidy.btc() - (by_day.real_height() - count(start.height)) * 12.5).abs() < 1e-5);
}

/// Ten blocks before an epoch closes: the instant of the tenth has the mean and deviation of Gamma(10), 6,000 s and 1,897 s, although steps of three hours
/// draw only numbers of blocks.
#[test]
fn the_retarget_comes_when_the_last_block_of_the_epoch_would() {
    let start = ChainParams { height: 270 * 2016 + 2005, ..params(Retarget::Bitcoin, Arrivals::Poisson) };
    let (mut sum, mut squares, seeds) = (0.0, 0.0, 6_000);
    for seed in 0..seeds {
        let mut chain = Chain::new(&start, crate::random::stream(seed, 0, crate::random::Purpose::BlockArrivals, 0));
        let (hashrate, mut closed) = (pace(&chain, 1.0), None);
        while closed.is_none() {
            chain.advance(chain.now() + Seconds::new(10_800.0), hashrate, &mut |event| {
                if let ChainEvent::Retarget { time, .. } = event {
                    closed = Some(time.get());
                }
            });
        }
        let closed = closed.expect("the loop's end");
        sum += closed;
        squares += closed * closed;
    }
    let mean = sum / count(seeds);
    let deviation = (squares / count(seeds) - mean * mean).sqrt();
    // Four standard errors.
    assert!((mean - 6_000.0).abs() < 98.0, "mean {mean} s");
    assert!((deviation - 1_897.4).abs() < 85.0, "deviation {deviation} s");
}

/// Two thousand blocks at 2400 s reduce difficulty to a quarter: the next epoch's first block takes 600 s on average, not 2400.
#[test]
fn the_block_that_opens_an_epoch_comes_at_the_new_difficulty() {
    for arrivals in [Arrivals::Poisson, Arrivals::Exact] {
        let slow = PastBlocks { blocks: 2000, interval: Seconds::new(2_410.0) };
        let start =
            ChainParams { height: 270 * 2016 + 2005, history: vec![slow], ..params(Retarget::Bitcoin, arrivals) };
        let mut sum = 0.0;
        for seed in 0..2_000 {
            let mut chain =
                Chain::new(&start, crate::random::stream(seed, 0, crate::random::Purpose::BlockArrivals, 0));
            let hashrate = pace(&chain, 0.25);
            let log = run(&mut chain, 2, hashrate);
            let [ChainEvent::Retarget { time: closed, .. }, ChainEvent::EpochStart { time: opened, .. }] = log[..]
            else {
                panic!("{log:?}")
            };
            sum += (opened - closed).get();
        }
        // The standard error is 13 s.
        assert!((sum / 2_000.0 - 600.0).abs() < 60.0, "{arrivals:?}: {} s", sum / 2_000.0);
    }
}

#[test]
fn ticks_of_any_length_see_the_same_epochs_in_the_mean() {
    let length = |tick_s: f64, seed: u64| {
        let start = params(Retarget::Bitcoin, Arrivals::Poisson);
        let mut chain = Chain::new(&start, crate::random::stream(seed, 0, crate::random::Purpose::BlockArrivals, 0));
        let (hashrate, mut starts, mut at) = (pace(&chain, 1.0), vec![], 0.0);
        while starts.len() < 400 {
            at += tick_s;
            chain.advance(Seconds::new(at), hashrate, &mut |event| {
                if let ChainEvent::EpochStart { time, .. } = event {
                    starts.push(time.get());
                }
            });
        }
        (starts[399] - starts[0]) / 399.0
    };
    // Difficulty depends on one epoch only, whose noise of 2.2 % cancels in the next: the mean of 399 is accurate to 0.2 %.
    for (tick_s, seed) in [(3_600.0, 1), (86_400.0, 2), (30.0 * 86_400.0, 3)] {
        let found = length(tick_s, seed);
        assert!((found / (2016.0 * 600.0) - 1.000_993).abs() < 4e-3, "ticks of {tick_s} s: {found} s");
    }
}

/// Half the pace and an elasticity of 1.5 give 2^1.5 times the fees, in every arrival mode; random arrivals give slightly more, since their rate varies.
#[test]
fn slow_blocks_pay_more_however_they_are_drawn() {
    for (arrivals, excess) in [(Arrivals::Fluid, 0.0), (Arrivals::Poisson, 0.013), (Arrivals::Exact, 0.013)] {
        let window = Retarget::FixedWindow { window: 2_000_000, clamp: None, all_gaps: true };
        let mut start = params(window, arrivals);
        start.fees.elasticity = 1.5;
        let mut chain = chain(&start);
        let hashrate = pace(&chain, 0.5);
        // The smoothed pace needs the first fortnight.
        run(&mut chain, 14, hashrate);
        let (mut fees, mut blocks) = (0.0, 0.0);
        for day in 15..=2_000u32 {
            let mined = chain.advance(Seconds::new(f64::from(day) * DAY_S), hashrate, &mut quiet);
            fees += mined.fees.btc();
            blocks += mined.blocks;
        }
        let factor = fees / blocks / 0.137 / libm::exp2(1.5);
        assert!((factor - 1.0 - excess).abs() < 0.012, "{arrivals:?}: {factor}");
    }
}
