//! The limit cases T1 to T3 and T9 and the invariants I1 and I6 of the specification, for the chain alone.

use super::*;
use crate::{
    chain::{Fees, Retarget},
    random::{Purpose, stream},
};
use proptest::prelude::*;

pub(in crate::chain) const DAY_S: f64 = 86_400.0;

/// Difficulty 7.15e12 of September 2018, and a start on the first block of an epoch.
pub(in crate::chain) fn params(retarget: Retarget, arrivals: Arrivals) -> ChainParams {
    ChainParams {
        start: UnixTime::new(1_537_400_000),
        height: 270 * 2016,
        nbits: 0x1727_5a1f,
        history: vec![],
        arrivals,
        retarget,
        fees: Fees { knots: vec![(Seconds::ZERO, 0.137)], elasticity: 0.0, spikes: vec![] },
        pow_limit: 0x1d00_ffff,
    }
}

pub(in crate::chain) fn chain(params: &ChainParams) -> Chain {
    Chain::new(params, stream(7, 0, Purpose::BlockArrivals, 0))
}

impl Chain {
    /// Heights from genesis as a real number: in fluid mode including the accrued share of the next block.
    pub(in crate::chain) fn real_height(&self) -> f64 {
        count(self.height) + self.fraction
    }

    /// Compact target of the next block.
    pub(in crate::chain) fn compact_target(&self) -> CompactTarget {
        self.bits
    }
}

/// The hashrate at which blocks of this chain's difficulty come every 600 s, times `factor`.
pub(in crate::chain) fn pace(chain: &Chain, factor: f64) -> Hashrate {
    Hashrate::from_th(chain.difficulty() * 4_294_967_296.0 / 600.0 / 1e12 * factor)
}

/// Runs for `days` in steps of a day, and returns the recorded events.
pub(in crate::chain) fn run(chain: &mut Chain, days: u32, hashrate: Hashrate) -> Vec<ChainEvent> {
    let (from, mut log) = (chain.now, vec![]);
    for day in 1..=days {
        chain.advance(Seconds::new(from + f64::from(day) * DAY_S), hashrate, &mut |event| log.push(event));
    }
    log
}

/// Ratios by which adjustments changed difficulty.
fn ratios(log: &[ChainEvent]) -> Vec<f64> {
    let ratio = |event: &ChainEvent| match *event {
        ChainEvent::Retarget { difficulty_before, difficulty_after, .. } => Some(difficulty_after / difficulty_before),
        _ => None,
    };
    log.iter().filter_map(ratio).collect()
}

/// Beginnings of epochs, in days.
fn epoch_starts(log: &[ChainEvent]) -> Vec<f64> {
    let start = |event: &ChainEvent| match *event {
        ChainEvent::EpochStart { time, .. } => Some(time.get() / DAY_S),
        _ => None,
    };
    log.iter().filter_map(start).collect()
}

fn close(found: f64, wanted: f64, tolerance: f64) -> bool {
    (found / wanted - 1.0).abs() < tolerance
}

#[test]
fn t1_fluid_difficulty_settles_at_2016_to_2015() {
    let mut chain = chain(&params(Retarget::Bitcoin, Arrivals::Fluid));
    let (start, hashrate) = (chain.difficulty(), pace(&chain, 1.0));
    let log = run(&mut chain, 300, hashrate);
    assert!(close(chain.difficulty() / start, 2016.0 / 2015.0, 5e-5), "{}", chain.difficulty() / start);
    let starts = epoch_starts(&log);
    let epoch = starts[starts.len() - 1] - starts[starts.len() - 2];
    assert!(close(epoch * DAY_S / 2016.0, 600.298, 5e-5), "mean interval {}", epoch * DAY_S / 2016.0);
}

/// Difficulty over its noiseless value after each of many epochs of constant hashrate.
fn noisy_difficulties(arrivals: Arrivals, days: u32) -> Vec<f64> {
    let mut chain = chain(&params(Retarget::Bitcoin, arrivals));
    let (start, hashrate) = (chain.difficulty(), pace(&chain, 1.0));
    let log = run(&mut chain, days, hashrate);
    let after = |event: &ChainEvent| match *event {
        ChainEvent::Retarget { difficulty_after, .. } => Some(difficulty_after / start),
        _ => None,
    };
    log.iter().filter_map(after).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len() as u64)
}

fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|value| (value - centre) * (value - centre)).collect::<Vec<_>>()).sqrt()
}

/// 20,000 epochs, seed fixed; tolerances are four standard errors.
#[test]
fn t1_constant_hashrate_gives_the_noise_of_2015_gaps() {
    let found = noisy_difficulties(Arrivals::Poisson, 280_000);
    assert!(found.len() > 19_900, "{} epochs", found.len());
    assert!((mean(&found) - 2016.0 / 2014.0).abs() < 6.4e-4, "mean {}", mean(&found));
    assert!((deviation(&found) - 0.0223).abs() < 5e-4, "deviation {}", deviation(&found));
    let steps: Vec<f64> = found.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect();
    let products: Vec<f64> = steps.windows(2).map(|pair| pair[0] * pair[1]).collect();
    let autocorrelation = mean(&products) / (deviation(&steps) * deviation(&steps));
    assert!((autocorrelation + 0.5).abs() < 0.025, "lag-1 autocorrelation {autocorrelation}");
}

/// Two-sample Kolmogorov-Smirnov: the largest distance between the empirical distributions.
fn distance(a: &mut [f64], b: &mut [f64]) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let below =
        |sample: &[f64], x: f64| count(sample.partition_point(|&value| value <= x) as u64) / count(sample.len() as u64);
    a.iter().chain(b.iter()).map(|&x| (below(a, x) - below(b, x)).abs()).fold(0.0, f64::max)
}

#[test]
fn poisson_and_exact_arrivals_agree_in_the_length_of_epochs() {
    let mut poisson = noisy_difficulties(Arrivals::Poisson, 84_000);
    let mut exact = noisy_difficulties(Arrivals::Exact, 28_000);
    assert!((deviation(&exact) - 0.0223).abs() < 1.5e-3, "{}", deviation(&exact));
    let (n, m) = (count(poisson.len() as u64), count(exact.len() as u64));
    // Exceeded once in a thousand seeds if they agree.
    let bound = 1.95 * ((n + m) / (n * m)).sqrt();
    let found = distance(&mut poisson, &mut exact);
    assert!(found < bound, "{found} against {bound}");
}

/// Reduces hashrate to `factor` at `days` into an epoch; returns the lengths of the epochs in days and the ratios of the adjustments.
fn step(days: f64, factor: f64) -> (Vec<f64>, Vec<f64>) {
    let mut chain = chain(&params(Retarget::Bitcoin, Arrivals::Fluid));
    let (before, after) = (pace(&chain, 1.0), pace(&chain, factor));
    let mut log = vec![];
    chain.advance(Seconds::new(days * DAY_S), before, &mut |event| log.push(event));
    log.extend(run(&mut chain, 120, after));
    let mut starts = epoch_starts(&log);
    starts.insert(0, 0.0);
    (starts.windows(2).map(|pair| pair[1] - pair[0]).collect(), ratios(&log))
}

#[test]
fn t2_step_drop_lengthens_the_epoch_and_lowers_difficulty() {
    for (drop, fraction, days, factor) in [
        (0.2, 0.0, 17.5, 0.8),
        (0.2, 0.5, 15.75, 0.8889),
        (0.5, 0.0, 28.0, 0.5),
        (0.5, 0.5, 21.0, 0.6667),
        (0.8, 0.0, 70.0, 0.25),
    ] {
        let (lengths, ratios) = step(14.0 * fraction, 1.0 - drop);
        assert!(close(lengths[0], days, 1e-3), "drop {drop} at {fraction}: {} d against {days} d", lengths[0]);
        assert!(close(ratios[0], factor, 1e-3), "drop {drop} at {fraction}: x {} against {factor}", ratios[0]);
        if drop == 0.8 {
            assert!(close(ratios[0], 0.25, 3.1e-5), "the clamp leaves compact rounding alone: {}", ratios[0]);
            assert!(
                close(lengths[1], 17.5, 1e-3) && close(ratios[1], 0.8, 1e-3),
                "what the clamp withheld follows: {lengths:?} {ratios:?}"
            );
        }
    }
}

#[test]
fn the_retarget_expected_is_the_one_that_comes() {
    let window = |clamp, all_gaps| Retarget::FixedWindow { window: 500, clamp, all_gaps };
    for rule in [Retarget::Bitcoin, window(None, true), window(None, false), window(Some(1.2), true)] {
        for past in [0, 3, 300, 498] {
            let start = params(rule, Arrivals::Fluid);
            let length = chain(&start).epochs().length();
            let mut chain = chain(&ChainParams { height: length * 1000 - 1 + past, ..start });
            let hashrate = pace(&chain, 0.6);
            run(&mut chain, 2, hashrate);
            let expected = chain.expected_retarget(hashrate).expect("a rule of epochs");
            let found = ratios(&run(&mut chain, 40, hashrate))[0];
            assert!(close(found, expected, 1e-4), "{rule:?}, {past} blocks in: {found} against {expected}");
        }
    }
    let params = params(Retarget::Bitcoin, Arrivals::Fluid);
    let closed = chain(&ChainParams { height: params.height - 1, ..params.clone() });
    assert!(close(closed.expected_retarget(pace(&closed, 1.0)).expect("epochs"), 2016.0 / 2015.0, 1e-9));
    assert_eq!(
        closed.expected_retarget(Hashrate::ZERO),
        Some(0.25),
        "no block ever comes: as easy as the clamp lets it become"
    );
    assert_eq!(chain(&ChainParams { retarget: Retarget::Cw144, ..params }).expected_retarget(Hashrate::ZERO), None);
}

#[test]
fn t3_step_rise_beyond_four_is_clamped() {
    let (lengths, ratios) = step(0.0, 6.0);
    assert!(close(ratios[0], 4.0, 1.3e-4), "{}", ratios[0]);
    assert!(close(lengths[1], 14.0 * 4.0 / 6.0, 1e-3), "and the next epoch runs at 6/4 of the pace: {lengths:?}");
    assert!(close(ratios[1], 1.5, 1e-3), "{}", ratios[1]);
}

#[test]
fn t9_bitcoin_never_catches_up() {
    for drop in [0.2, 0.5] {
        let (lengths, _) = step(0.0, 1.0 - drop);
        let mut delay_d = 0.0;
        for (epoch, length) in lengths.iter().enumerate() {
            delay_d += length - 14.0;
            let expected = 14.0 * drop / (1.0 - drop) + 600.0 * count(epoch as u64) / DAY_S;
            assert!(close(delay_d, expected, 1e-3), "drop {drop}, epoch {epoch}: {delay_d} d against {expected} d");
        }
        assert!(lengths.len() > 4);
    }
}

#[test]
fn t9_asert_settles_a_fixed_time_behind_its_schedule() {
    for drop in [0.2, 0.5, 0.8] {
        let params = params(Retarget::Asert { half_life_s: 172_800 }, Arrivals::Fluid);
        let mut chain = chain(&params);
        let hashrate = pace(&chain, 1.0 - drop);
        run(&mut chain, 90, hashrate);
        let behind = chain.now - SPACING_S * (chain.real_height() - count(params.height));
        let expected = 172_800.0 * libm::log2(1.0 / (1.0 - drop));
        assert!(close(behind, expected, 1e-3), "drop {drop}: {behind} s against {expected} s");
    }
}

#[test]
fn every_rule_holds_its_own_mean_interval() {
    let window = |all_gaps| Retarget::FixedWindow { window: 100, clamp: None, all_gaps };
    for (rule, interval) in [
        (Retarget::Asert { half_life_s: 172_800 }, 600.0),
        (Retarget::Cw144, 600.0),
        (Retarget::Lwma { window: 45 }, 598.8),
        (window(true), 600.0),
        (window(false), 600.0 * 100.0 / 99.0),
    ] {
        let mut chain = chain(&params(rule, Arrivals::Fluid));
        let hashrate = pace(&chain, 1.5);
        run(&mut chain, 60, hashrate);
        let from = chain.real_height();
        run(&mut chain, 60, hashrate);
        let found = 60.0 * DAY_S / (chain.real_height() - from);
        assert!(close(found, interval, 2e-4), "{rule:?}: {found} s against {interval} s");
    }
}

/// I1 for the chain: the mined coins equal the increase of the schedule, to the satoshi.
fn issues_by_the_schedule(params: &ChainParams, factors: &[f64]) -> Vec<ChainEvent> {
    let mut chain = chain(params);
    let (mut mined, mut log, mut fees) = (Sats::ZERO, vec![], Sats::ZERO);
    for (day, &factor) in factors.iter().enumerate() {
        let hashrate = pace(&chain, factor);
        let got = chain.advance(Seconds::new(count(day as u64 + 1) * DAY_S), hashrate, &mut |event| log.push(event));
        mined += got.subsidy;
        fees += got.fees;
        assert_eq!(got.elapsed, Seconds::new(DAY_S));
        let next = subsidy(chain.height + 1);
        assert_eq!(chain.subsidy(), next);
        let part = (chain.fraction * next.get() as f64).floor();
        assert_eq!(
            mined.get() as f64,
            (issued_through(chain.height) - issued_through(params.height)).get() as f64 + part
        );
        assert_eq!(chain.issued(), issued_through(params.height) + mined);
        let blocks = chain.real_height() - count(params.height);
        assert!((fees.get() as f64 - blocks * 13_700_000.0).abs() < 2.0, "{fees:?} for {blocks} blocks");
    }
    log
}

#[test]
fn a_halving_inside_a_day_splits_it_by_heights() {
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson, Arrivals::Exact] {
        let start = ChainParams { height: 839_990, ..params(Retarget::Bitcoin, arrivals) };
        let log = issues_by_the_schedule(&start, &[1.0, 1.0]);
        let [ChainEvent::Halving { height: 840_000, time, subsidy_after }] = log[..] else { panic!("{log:?}") };
        assert_eq!(subsidy_after, Sats::new(312_500_000));
        assert!(time.get() > 0.0 && time.get() < DAY_S);
        if arrivals == Arrivals::Fluid {
            assert!(close(time.get(), 9.0 * 600.0, 1e-4), "from the last block at the old subsidy: {time}");
        }
    }
}

#[test]
fn a_halving_on_a_retarget_is_recorded_after_it() {
    let start = ChainParams { height: 1_259_990, ..params(Retarget::Bitcoin, Arrivals::Poisson) };
    let log = issues_by_the_schedule(&start, &[1.0]);
    assert!(matches!(
        log[..],
        [
            ChainEvent::Retarget { height: 1_260_000, .. },
            ChainEvent::Halving { height: 1_260_000, .. },
            ChainEvent::EpochStart { height: 1_260_000, .. }
        ]
    ));
}

#[test]
fn an_epoch_begun_before_the_start_counts_its_past() {
    let past = [(16, 9_000.0), (1000, 700.0)]
        .map(|(blocks, interval)| PastBlocks { blocks, interval: Seconds::new(interval) });
    // Tip at position 1010: ten gaps more than the 1000 of 700 s, of 9000 s each.
    let start =
        ChainParams { height: 270 * 2016 + 1010, history: past.to_vec(), ..params(Retarget::Bitcoin, Arrivals::Fluid) };
    let mut chain = chain(&start);
    assert_eq!(chain.epoch_elapsed().get(), 790_000.0);
    assert_eq!((chain.blocks_to_retarget(), chain.blocks_into_epoch()), (Some(1005), 1011.0));
    let hashrate = pace(&chain, 1.0);
    let log = run(&mut chain, 10, hashrate);
    let timespan = 790_000.0 + 1005.0 * 600.0;
    assert!(close(ratios(&log)[0], 1_209_600.0 / timespan, 5e-5), "{:?}", ratios(&log));
}

#[test]
fn blocks_nothing_is_said_of_came_every_600_s() {
    let start = ChainParams { height: 270 * 2016 + 2015, ..params(Retarget::Bitcoin, Arrivals::Fluid) };
    let closed = chain(&start);
    assert_eq!(
        (closed.blocks_to_retarget(), closed.blocks_into_epoch(), closed.epoch_elapsed()),
        (Some(2016), 0.0, Seconds::ZERO)
    );
    let start = ChainParams {
        height: 270 * 2016 + 100,
        history: vec![PastBlocks { blocks: 40, interval: Seconds::new(50.0) }],
        ..start
    };
    assert_eq!(chain(&start).epoch_elapsed().get(), 40.0 * 50.0 + 60.0 * 600.0);
    let per_block = ChainParams { retarget: Retarget::Cw144, ..start };
    assert_eq!(chain(&per_block).blocks_to_retarget(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// I1 and I6 under any hashrate, including zero: issuance by the schedule, epochs of 2016 blocks, difficulty changed only by adjustments.
    #[test]
    fn issuance_and_epochs_hold_under_any_hashrate(
        factors in proptest::collection::vec(prop_oneof![Just(0.0), 0.01f64..8.0], 60),
        height in 209_000u64..210_500,
        arrivals in prop_oneof![Just(Arrivals::Fluid), Just(Arrivals::Poisson), Just(Arrivals::Exact)],
        rule in prop_oneof![Just(Retarget::Bitcoin), Just(Retarget::Asert { half_life_s: 172_800 }), Just(Retarget::Lwma { window: 45 })],
    ) {
        let start = ChainParams { height, ..params(rule, arrivals) };
        let log = issues_by_the_schedule(&start, &factors);
        let (mut next, mut last, mut difficulty) = ((height / 2016 + 1) * 2016, 0.0, None);
        for event in log {
            let time = match event {
                ChainEvent::EpochStart { height, time, difficulty: mined_at, .. } => {
                    prop_assert_eq!(height, next);
                    prop_assert!(rule != Retarget::Bitcoin || difficulty.is_none() || difficulty == Some(mined_at));
                    next += 2016;
                    time
                }
                ChainEvent::Retarget { height, time, difficulty_before, difficulty_after, .. } => {
                    prop_assert_eq!(height, next);
                    prop_assert!(difficulty.is_none() || difficulty == Some(difficulty_before));
                    difficulty = Some(difficulty_after);
                    time
                }
                ChainEvent::Halving { height, time, .. } => {
                    prop_assert_eq!(height, 210_000);
                    time
                }
            };
            prop_assert!(time.get() >= last && time.get() <= 60.0 * DAY_S);
            last = time.get();
        }
    }
}
