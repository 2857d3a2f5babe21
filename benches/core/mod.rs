//! The speed workload: its population and scenario, and the yardstick, a plain loop over columns that does the same arithmetic
//! for every miner on every day and nothing else.
//!
//! The yardstick is held to two things: with the workload's own chain and price impact it must give the digits that all other
//! implementations give ([`digits`]), and with Bitcoin's chain its hashrate must be the engine's on every day, to the last MH/s.
#![expect(clippy::disallowed_methods, reason = "the workload is defined with the platform's functions")]

use shakeout::{
    chain::{
        Arrivals, ChainParams, CompactTarget, Fees, Retarget, Target,
        retarget::bitcoin,
        subsidy::{next_halving, subsidy},
    },
    market::{PriceParams, PriceProcess},
    mechanism::{
        operate::params::{OperationParams, Thresholds},
        treasury::params::{SettlementParams, TreasuryPolicy},
    },
    power::PowerParams,
    random::{Purpose, stream},
    scenario::{RunParams, Scenario, Step},
    units::{Days, Efficiency, Hashrate, PowerPrice, Sats, Seconds, UnixTime, Usd, UsdPerBtc},
    world::{MinerRow, PopulationParams, population::Population},
};
use std::f64::consts::TAU;

pub const DAY: f64 = 86_400.0;
/// Hashrate at the start, TH/s, and the hashrate whose blocks take 600 s then.
const H0: f64 = 6e8;
const P0: f64 = 90_000.0;
const HEIGHT0: u64 = 945_000;
const FEE: f64 = 0.10;
const MU: f64 = 0.20;
const SIGMA: f64 = 0.60;

/// The workload's stateless random numbers, in (0, 1).
fn uniform(seed: u64, stream: u64, i: u64) -> f64 {
    let mut z = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(stream.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add((i + 1).wrapping_mul(0x8CB9_2BA7_2F3D_8DD7));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

fn normal(seed: u64, streams: (u64, u64), i: u64) -> f64 {
    (-2.0 * (1.0 - uniform(seed, streams.0, i)).ln()).sqrt() * (TAU * uniform(seed, streams.1, i)).cos()
}

/// One miner of the workload. Hashrate in TH/s, the rest in its units.
#[derive(Clone, Copy, Debug)]
pub struct Miner {
    hash: f64,
    j_per_th: f64,
    usd_per_kwh: f64,
    fixed_usd_per_day: f64,
    cash: f64,
    btc: f64,
    off_margin: f64,
    on_margin: f64,
}

pub fn miners(n: usize) -> Vec<Miner> {
    let weights: Vec<f64> = (0..n as u64).map(|i| (1.5 * normal(1, (1, 2), i)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let miner = |(i, weight): (u64, f64)| {
        let hash = H0 * weight / total;
        let off_margin = -0.10 * uniform(1, 9, i);
        Miner {
            hash,
            j_per_th: 15.0 * (100.0_f64 / 15.0).powf(uniform(1, 3, i).powi(2)),
            usd_per_kwh: 0.055 * (0.25 * normal(1, (4, 5), i)).exp(),
            fixed_usd_per_day: 0.010 * uniform(1, 6, i) * hash,
            cash: 3.0 * uniform(1, 7, i) * hash,
            btc: 3.0 * uniform(1, 8, i) * hash / P0,
            off_margin,
            on_margin: off_margin + 0.05 + 0.20 * uniform(1, 10, i),
        }
    };
    (0..n as u64).zip(weights).map(miner).collect()
}

/// The workload as a scenario: one lot a firm, fluid blocks, a random walk for a price, no grace. The engine retargets by
/// height and has no price impact, so its paths are its own.
pub fn scenario(miners: &[Miner], days: u32, settle_every: u32) -> Scenario {
    let start = UnixTime::parse("2026-04-01").expect("a date");
    let row = |(i, miner): (usize, &Miner)| MinerRow {
        firm: format!("miner-{i}"),
        class: "miners".to_owned(),
        hashrate: Hashrate::from_th(miner.hash),
        efficiency: Efficiency::new(miner.j_per_th),
        power_price: PowerPrice::new(miner.usd_per_kwh),
        cash: Usd::new(miner.cash),
        coins: Sats::from_btc(miner.btc),
        debt: Usd::ZERO,
        region: None,
        weight: 1.0,
        shutdown_margin: miner.off_margin,
        restart_margin: miner.on_margin,
        fixed_cost_usd_per_day: miner.fixed_usd_per_day,
        treasury: TreasuryPolicy::Hold,
    };
    Scenario {
        title: "CORE".to_owned(),
        question: "How fast?".to_owned(),
        answers: Vec::new(),
        run: RunParams {
            start,
            days: Days::new(f64::from(days)),
            step: Step::Every(Seconds::new(DAY)),
            replicas: 1,
            seed: 1,
        },
        chain: ChainParams {
            start,
            height: HEIGHT0,
            nbits: CompactTarget::nearest(H0 * 1e12 * 600.0 / 4_294_967_296.0).expect("a difficulty").get(),
            history: vec![],
            arrivals: Arrivals::Fluid,
            retarget: Retarget::Bitcoin,
            fees: Fees { knots: vec![(Seconds::ZERO, FEE)], elasticity: 0.0, spikes: vec![] },
            pow_limit: 0x1d00_ffff,
        },
        price: PriceParams {
            process: PriceProcess::Gbm { start: UsdPerBtc::new(P0), drift_per_year: MU, volatility_per_year: SIGMA },
            grid: Seconds::new(DAY),
            shocks: vec![],
        },
        population: PopulationParams::Listed(miners.iter().enumerate().map(row).collect()),
        operation: OperationParams {
            foresees_halvings: true,
            response: Seconds::ZERO,
            restart_response: None,
            restart_margin: 0.0,
            adaptive_half_life: Seconds::ZERO,
            hashprice_volatility_per_sqrt_day: 0.035,
            switching_cost_median_usd_per_ph: 150.0,
            switching_cost_log_sd: 0.8,
            thresholds: Thresholds::Formula,
            discount_per_year: 0.2,
            drift_per_year: 0.0,
            eco_efficiency_factor: 0.861,
            eco_hashrate_factor: 0.776,
            restart_delays: vec![],
        },
        power: PowerParams {
            pue: 1.0,
            running_cost: PowerPrice::ZERO,
            take_or_pay: 0.0,
            emission_kg_per_kwh: 0.288,
            ..PowerParams::default()
        },
        settlement: SettlementParams {
            every_days: settle_every,
            grace_days: 0.0,
            debt_rate_per_year: 0.11,
            debt_default_margin_per_year: 0.02,
            debt_term_months: 24.0,
            late_rate_per_year: 0.0,
            participation_cap: 0.1,
        },
        impact: shakeout::market::ImpactParams::NONE,
        distress: None,
        freezes: vec![],
        rigs: None,
        consolidation: None,
        curtailments: Vec::new(),
        growth: shakeout::mechanism::growth::params::GrowthParams::default(),
        ageing: None,
        other_uses: Vec::new(),
        bans: Vec::new(),
    }
}

/// The prices of a replica, a day each.
pub fn prices(scenario: &Scenario, replica: u64) -> Vec<f64> {
    let end = Seconds::from(scenario.run.days);
    let path = scenario.price.path(end, stream(scenario.run.seed, replica, Purpose::Price, 0));
    path.values.iter().map(|price| price.get()).collect()
}

/// The plain loop's columns. Coins and dollars owed are summed over the run where nobody settles.
#[derive(Clone, Debug)]
pub struct Columns {
    /// In the workload's TH/s or the engine's MH/s.
    hash: Vec<f64>,
    /// USD a day while running.
    cost: Vec<f64>,
    /// USD a day while alive; 0 for the dead.
    fixed: Vec<f64>,
    low: Vec<f64>,
    /// Infinite for the dead.
    high: Vec<f64>,
    /// 1 running, 0 idle.
    on: Vec<f64>,
    coins: Vec<f64>,
    /// Or what is owed.
    cash: Vec<f64>,
}

impl Columns {
    /// The engine's miners.
    pub fn of(population: &Population, settles: bool) -> Self {
        let (lots, firms) = (&population.lots, &population.firms);
        let money = |usd: f64| if settles { usd } else { 0.0 };
        Self {
            hash: lots.hash_mh.iter().map(|&mh| mh as f64).collect(),
            cost: lots.cost_nusd.iter().map(|&nusd| nusd as f64 * 1e-9).collect(),
            fixed: firms.fixed_nusd.iter().map(|&nusd| nusd as f64 * 1e-9).collect(),
            low: lots.low.iter().map(|low| low.get()).collect(),
            high: lots.high.iter().map(|high| high.get()).collect(),
            on: vec![1.0; lots.len()],
            coins: firms.coins.iter().map(|&sats| money(sats as f64 / 1e8)).collect(),
            cash: firms.cash.iter().map(|&usd| money(usd)).collect(),
        }
    }

    /// The workload's own, per TH/s.
    pub fn core(miners: &[Miner]) -> Self {
        let column = |f: &dyn Fn(&Miner) -> f64| miners.iter().map(f).collect::<Vec<f64>>();
        let k = |miner: &Miner| 0.024 * miner.j_per_th * miner.usd_per_kwh;
        Self {
            hash: column(&|m| m.hash),
            cost: column(&|m| k(m) * m.hash),
            fixed: column(&|m| m.fixed_usd_per_day),
            low: column(&|m| k(m) * (1.0 + m.off_margin)),
            high: column(&|m| k(m) * (1.0 + m.on_margin)),
            on: vec![1.0; miners.len()],
            coins: column(&|m| m.btc),
            cash: column(&|m| m.cash),
        }
    }
}

/// One miner's day, in the order of the columns.
macro_rules! miner {
    ($c:ident, $i:ident) => {
        (
            ($c.hash[$i], $c.cost[$i], $c.low[$i]),
            (&mut $c.fixed[$i], &mut $c.high[$i], &mut $c.on[$i], &mut $c.coins[$i], &mut $c.cash[$i]),
        )
    };
}

/// Gives every column the same length, so that the loops below have no bounds checks.
macro_rules! slices {
    ($columns:ident, $n:ident, $c:ident) => {
        let $n = $columns.hash.len();
        let $c = Slices {
            hash: &$columns.hash[..$n],
            cost: &$columns.cost[..$n],
            low: &$columns.low[..$n],
            fixed: &mut $columns.fixed[..$n],
            high: &mut $columns.high[..$n],
            on: &mut $columns.on[..$n],
            coins: &mut $columns.coins[..$n],
            cash: &mut $columns.cash[..$n],
        };
    };
}

struct Slices<'a> {
    hash: &'a [f64],
    cost: &'a [f64],
    low: &'a [f64],
    fixed: &'a mut [f64],
    high: &'a mut [f64],
    on: &'a mut [f64],
    coins: &'a mut [f64],
    cash: &'a mut [f64],
}

const LANES: usize = 8;

/// Yesterday is booked, today is decided; returns what runs today. Sums are over lanes: hashrates are whole numbers, so that
/// their order does not matter.
#[expect(clippy::inline_always, reason = "the loop is to be compiled anew for each vector width")]
#[inline(always)]
fn accrue_and_decide(columns: &mut Columns, coins_per_hash: f64, hashprice: f64) -> f64 {
    slices!(columns, n, c);
    let mut running = [0.0; LANES];
    let mut i = 0;
    while i + LANES <= n {
        for lane in &mut running {
            *lane += accrue_one(&miner!(c, i).0, miner!(c, i).1, coins_per_hash, hashprice);
            i += 1;
        }
    }
    while i < n {
        running[0] += accrue_one(&miner!(c, i).0, miner!(c, i).1, coins_per_hash, hashprice);
        i += 1;
    }
    running.iter().sum()
}

type Moving<'a> = (&'a mut f64, &'a mut f64, &'a mut f64, &'a mut f64, &'a mut f64);

#[expect(clippy::inline_always, reason = "the loop is to be compiled anew for each vector width")]
#[inline(always)]
fn accrue_one(
    &(hash, cost, low): &(f64, f64, f64),
    (fixed, high, on, coins, owed): Moving<'_>,
    coins_per_hash: f64,
    hashprice: f64,
) -> f64 {
    *coins += *on * hash * coins_per_hash;
    *owed += *on * cost + *fixed;
    let threshold = if *on > 0.0 { low } else { *high };
    *on = if hashprice >= threshold { 1.0 } else { 0.0 };
    *on * hash
}

/// The same with a settlement: bills are paid in cash, then in coins sold; who cannot is wound up.
#[expect(clippy::inline_always, reason = "the loop is to be compiled anew for each vector width")]
#[inline(always)]
fn settle_and_decide(columns: &mut Columns, coins_per_hash: f64, price: f64, hashprice: f64) -> f64 {
    slices!(columns, n, c);
    let mut running = [0.0; LANES];
    let mut i = 0;
    while i + LANES <= n {
        for lane in &mut running {
            *lane += settle_one(&miner!(c, i).0, miner!(c, i).1, coins_per_hash, price, hashprice);
            i += 1;
        }
    }
    while i < n {
        running[0] += settle_one(&miner!(c, i).0, miner!(c, i).1, coins_per_hash, price, hashprice);
        i += 1;
    }
    running.iter().sum()
}

#[expect(clippy::inline_always, reason = "the loop is to be compiled anew for each vector width")]
#[inline(always)]
fn settle_one(
    &(hash, cost, low): &(f64, f64, f64),
    (fixed, high, on, coins, cash): Moving<'_>,
    coins_per_hash: f64,
    price: f64,
    hashprice: f64,
) -> f64 {
    let held = *coins + *on * hash * coins_per_hash;
    let bill = *on * cost + *fixed;
    let needed = ((bill - *cash) / price).max(0.0);
    let fails = needed > held;
    let sold = if fails { held } else { needed };
    *coins = held - sold;
    *cash = if fails { 0.0 } else { *cash + sold * price - bill };
    *fixed = if fails { 0.0 } else { *fixed };
    *high = if fails { f64::INFINITY } else { *high };
    let threshold = if *on > 0.0 && !fails { low } else { *high };
    *on = if hashprice >= threshold { 1.0 } else { 0.0 };
    *on * hash
}

macro_rules! widths {
    ($name:ident, $body:ident, $($argument:ident),*) => {
        /// As the compiler makes it for any x86-64 (`wide` false), or for AVX2 where there is that.
        #[expect(unsafe_code, reason = "to call what is compiled for wider vectors, once the processor has them")]
        fn $name(columns: &mut Columns, $($argument: f64),*, wide: bool) -> f64 {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2(columns: &mut Columns, $($argument: f64),*) -> f64 {
                    $body(columns, $($argument),*)
                }
                if wide && is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has just said that it can.
                    return unsafe { avx2(columns, $($argument),*) };
                }
            }
            let _ = wide;
            $body(columns, $($argument),*)
        }
    };
}
widths!(accrue_pass, accrue_and_decide, coins_per_hash, hashprice);
widths!(settle_pass, settle_and_decide, coins_per_hash, price, hashprice);

/// A day as the plain loop writes it down.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "written, since the engine writes them too; read by nobody")]
pub struct PlainDay {
    pub running_mh: f64,
    pub price: f64,
    pub hashprice: f64,
    pub difficulty: f64,
    pub mined_btc: f64,
}

/// Runs the plain loop over a price path.
pub fn plain(
    mut columns: Columns,
    chain: &ChainParams,
    prices: &[f64],
    days: u32,
    settles: bool,
    wide: bool,
) -> Vec<PlainDay> {
    let mut record = Vec::with_capacity(days as usize);
    let mut chain = PlainChain::new(chain);
    let mut coins_per_hash = 0.0;
    // The first pass has no yesterday: nothing is owed.
    let (fixed, cost) = (columns.fixed.clone(), columns.cost.clone());
    columns.fixed.fill(0.0);
    columns.cost.fill(0.0);
    for day in 0..days {
        let price = prices[day as usize];
        let hashprice = chain.hashprice(price);
        let running_mh = if settles {
            let yesterday = prices[day.saturating_sub(1) as usize];
            settle_pass(&mut columns, coins_per_hash, yesterday, hashprice, wide)
        } else {
            accrue_pass(&mut columns, coins_per_hash, hashprice, wide)
        };
        if day == 0 {
            columns.fixed.copy_from_slice(&fixed);
            columns.cost.copy_from_slice(&cost);
        }
        let mined_btc = chain.day(running_mh, f64::from(day + 1) * DAY);
        coins_per_hash = if running_mh > 0.0 { mined_btc / running_mh } else { 0.0 };
        record.push(PlainDay { running_mh, price, hashprice, difficulty: chain.difficulty, mined_btc });
    }
    record
}

/// Bitcoin's chain with fluid blocks, the least that gives the engine's difficulties.
struct PlainChain {
    height: u64,
    fraction: f64,
    now: f64,
    start: i64,
    epoch_first: i64,
    target: Target,
    limit: Target,
    difficulty: f64,
    subsidy: f64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "blocks of an epoch, and seconds of this century"
)]
impl PlainChain {
    fn new(params: &ChainParams) -> Self {
        let bits = CompactTarget::new(params.nbits);
        let target = |bits: CompactTarget| bits.target().expect("a target");
        let into_epoch = (params.height % bitcoin::EPOCH) as i64;
        Self {
            height: params.height,
            fraction: 0.0,
            now: 0.0,
            start: params.start.get(),
            epoch_first: params.start.get() - 600 * into_epoch,
            target: target(bits),
            limit: target(CompactTarget::new(params.pow_limit)),
            difficulty: bits.difficulty(),
            subsidy: subsidy(params.height + 1).btc(),
        }
    }

    fn hashprice(&self, price: f64) -> f64 {
        8.64e19 / (self.difficulty * 4_294_967_296.0) * (self.subsidy + FEE) * price
    }

    /// Blocks until `until` at a constant hashrate; returns the coins.
    fn day(&mut self, running_mh: f64, until: f64) -> f64 {
        let mut coins = 0.0;
        while self.now < until && running_mh > 0.0 {
            let rate = running_mh * 1e6 / (self.difficulty * 4_294_967_296.0);
            let left = until - self.now;
            let into = (self.height + 1) % bitcoin::EPOCH;
            let to_epoch = if into == 0 { 1 } else { bitcoin::EPOCH - into };
            let stop = to_epoch.min(next_halving(self.height + 1) - 1 - self.height).max(1);
            let needed = stop as f64 - self.fraction;
            if needed > rate * left {
                let reached = self.fraction + rate * left;
                coins += rate * left * (self.subsidy + FEE);
                self.height += reached as u64;
                self.fraction = reached.fract();
                break;
            }
            coins += needed * (self.subsidy + FEE);
            self.height += stop;
            self.fraction = 0.0;
            self.now += needed / rate;
            let header = (self.start as f64 + self.now).floor() as i64;
            match self.height % bitcoin::EPOCH {
                0 => self.epoch_first = header,
                last if last == bitcoin::EPOCH - 1 => {
                    let bits = bitcoin::next_target(self.target, header - self.epoch_first, self.limit);
                    self.target = bits.target().expect("a target");
                    self.difficulty = bits.difficulty();
                }
                _ => {}
            }
            self.subsidy = subsidy(self.height + 1).btc();
        }
        self.now = until;
        coins
    }
}

/// What the workload must give at N = 1000 and one replica: H/H0, share of bankrupt, price, D/H0.
pub const DIGITS: [f64; 4] = [0.168_341_519_7, 0.139, 28_459.904_898, 0.542_957_975_2];

/// The workload as it is given, to the digit, on the price path that belongs to it.
pub fn digits(n: usize, days: u32) -> [f64; 4] {
    let mut price = P0;
    let path: Vec<f64> = (0..days)
        .map(|day| {
            let today = price;
            let z = normal(1000, (20, 21), u64::from(day));
            price *= ((MU - SIGMA * SIGMA / 2.0) / 365.0 + SIGMA * (1.0_f64 / 365.0).sqrt() * z).exp();
            today
        })
        .chain([0.0])
        .collect();
    let mut path = path;
    path[days as usize] = price;
    workload(Columns::core(&miners(n)), &path)
}

/// The workload over a base price path, one price a day and one for the end: its own chain, coins sold to cover costs, linear price
/// impact. H/H0, share of bankrupt, price and D/H0 at the end.
#[expect(clippy::needless_range_loop, reason = "one index into all columns")]
pub fn workload(mut c: Columns, path: &[f64]) -> [f64; 4] {
    let n = c.hash.len();
    let mut alive = vec![true; n];
    let (mut impact, mut difficulty, mut height) = (1.0, H0, HEIGHT0 as f64);
    let (mut blocks_in_epoch, mut elapsed) = (0.0, 0.0);
    let mut running = 0.0;
    for base in &path[..path.len() - 1] {
        let price = base * impact;
        let reward = 50.0 / 2.0_f64.powf((height / 210_000.0).floor()) + FEE;
        let hashprice = 144.0 * reward / difficulty * price;
        running = 0.0;
        for i in (0..n).filter(|&i| alive[i]) {
            let threshold = if c.on[i] > 0.0 { c.low[i] } else { c.high[i] };
            c.on[i] = if c.on[i] > 0.0 && hashprice >= threshold || hashprice > threshold { 1.0 } else { 0.0 };
            running += c.on[i] * c.hash[i];
        }
        let blocks = 144.0 * running / difficulty;
        height += blocks;
        let mut sold_today = 0.0;
        for i in 0..n {
            if !alive[i] {
                continue;
            }
            let cost = c.on[i] * c.cost[i] + c.fixed[i];
            c.coins[i] += c.on[i] * (144.0 * reward / difficulty) * c.hash[i];
            let sold = c.coins[i].min(cost / price);
            c.coins[i] -= sold;
            c.cash[i] += sold * price - cost;
            sold_today += sold;
            if c.cash[i] + c.coins[i] * price < 0.0 {
                sold_today += c.coins[i];
                (c.coins[i], c.on[i], alive[i]) = (0.0, 0.0, false);
            }
        }
        blocks_in_epoch += blocks;
        elapsed += 1.0;
        if blocks_in_epoch >= 2016.0 {
            let over = blocks_in_epoch - 2016.0;
            difficulty *= (14.0 / (elapsed - over / blocks)).clamp(0.25, 4.0);
            (blocks_in_epoch, elapsed) = (over, over / blocks);
        }
        impact *= 1.0 - 2e-7 * sold_today;
    }
    let bankrupt = alive.iter().filter(|alive| !**alive).count() as f64 / n as f64;
    [running / H0, bankrupt, path[path.len() - 1] * impact, difficulty / H0]
}
