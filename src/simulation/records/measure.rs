//! Measurements of a history while it runs: sums over the day and the epoch, and the metrics.

use crate::{
    chain::estimate::epoch_hashrate_eh_per_s,
    simulation::record::{DayRecord, EpochRecord},
    units::{Column, RegionId, Sats, Seconds, Usd},
    world::ledger::Sold,
};

/// Epochs at the end of the run that are shorter than this are left out of the search for the trough, s.
const SHORTEST_CUT_EPOCH: f64 = 7.0 * 86_400.0;

/// Relative precision of means over epochs: a smaller fall is the rounding of sums and does not count.
const ROUNDING: f64 = 1e-9;

/// The trough is reached in the first epoch whose mean is within this share of the lowest: the lowest of a long plateau is where chance puts it.
pub const TROUGH_WITHIN: f64 = 0.01;

/// Target time between blocks, s.
const SPACING: f64 = 600.0;

/// Rates that are constant until the next event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Running hashrate, EH/s.
    pub hashrate: f64,
    /// Power at the meter, GW.
    pub power: f64,
    /// Price of a coin, USD/BTC.
    pub price: f64,
    /// Hashprice, USD/PH/day.
    pub hashprice: f64,
}

/// Time integrals of the rates.
#[derive(Clone, Copy, Debug, Default)]
struct Integral {
    span: f64,
    hashrate: f64,
    power: f64,
    price: f64,
    hashprice: f64,
}

impl Integral {
    fn add(&mut self, span: f64, rates: &Rates) {
        self.span += span;
        self.hashrate += span * rates.hashrate;
        self.power += span * rates.power;
        self.price += span * rates.price;
        self.hashprice += span * rates.hashprice;
    }

    fn mean(&self, integral: f64) -> f64 {
        if self.span > 0.0 { integral / self.span } else { 0.0 }
    }
}

/// A least-squares line through the logarithm of a daily quantity.
#[derive(Clone, Copy, Debug, Default)]
struct Trend {
    days: f64,
    years: f64,
    logs: f64,
    years_squared: f64,
    years_logs: f64,
}

impl Trend {
    fn add(&mut self, years: f64, value: f64) {
        if value > 0.0 {
            let log = libm::log(value);
            self.days += 1.0;
            self.years += years;
            self.logs += log;
            self.years_squared += years * years;
            self.years_logs += years * log;
        }
    }

    fn slope(&self) -> Option<f64> {
        let spread = self.days * self.years_squared - self.years * self.years;
        (self.days >= 2.0 && spread > 0.0).then(|| (self.days * self.years_logs - self.years * self.logs) / spread)
    }
}

/// Mean and variance of a daily quantity (Welford's sums).
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    days: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.days += 1.0;
        let before = value - self.mean;
        self.mean += before / self.days;
        self.squares += before * (value - self.mean);
    }

    fn deviation(&self) -> Option<f64> {
        (self.days >= 2.0).then(|| libm::sqrt(self.squares / (self.days - 1.0)))
    }
}

/// An epoch in the search for the trough.
#[derive(Clone, Copy, Debug)]
struct EpochMean {
    middle: f64,
    hashrate: f64,
}

/// The first block of an epoch, which closes the previous one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextEpoch {
    /// Its height.
    pub height: u64,
    /// The difficulty at which it was mined.
    pub difficulty: f64,
    /// Sum of the difficulties of the previous epoch's blocks.
    pub work_before: f64,
}

/// Sums of one history.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    day: Integral,
    epoch: Integral,
    run_power: f64,
    /// Integral of power by region, mW s.
    region_power: Column<RegionId, f64>,
    /// The same times CO2 per energy, mW s kg/kWh.
    region_co2: Column<RegionId, f64>,
    /// Energy before the last daily record, TWh.
    pub day_energy_twh: f64,
    /// Coins sold before the last daily record.
    pub day_sold: Sold,
    /// Coins issued before the last daily record.
    pub day_issued: Sats,
    /// Blocks found since the last daily record.
    pub day_blocks: f64,
    /// Expected number of blocks from hashrate and difficulty, up to the last daily record.
    pub day_expected: f64,
    /// Coins sold before the epoch.
    pub epoch_sold: Sold,
    /// Coins issued before the epoch.
    pub epoch_issued: Sats,
    /// Largest idle overhang at the end of an epoch.
    pub highest_overhang: Option<f64>,
    /// The day of the lowest price.
    pub lowest_price: Option<LowestPrice>,
    /// Avoidable cost of hashrate below break-even less its revenue, USD.
    pub underwater_loss_usd: f64,
    /// Firms that had defaulted before the epoch, by weight.
    pub epoch_defaults: f64,
    /// CO2 up to the last daily record, Mt.
    pub day_co2_mt: f64,
    /// Losses of lenders up to the last daily record, USD.
    pub day_lost: Usd,
    /// Shortest runway of the median miner at the end of an epoch, days.
    shortest_runway: Option<f64>,
    /// Index of the epoch, from the start of the run.
    pub epoch_index: u64,
    /// First block of the epoch.
    pub epoch_height: u64,
    /// Start of the epoch, s.
    pub epoch_start: f64,
    /// Difficulty in force at its start.
    pub epoch_difficulty: f64,
    means: Vec<EpochMean>,
    longest_epoch: f64,
    worst_ratio: f64,
    lowest_day: f64,
    lowest_hashprice: f64,
    last_hashprice: f64,
    highest_underwater: f64,
    lowest_revenue: Option<f64>,
    hashprice_trend: Trend,
    revenue_trend: Trend,
    /// Mean hashrate of the previous day, EH/s, if any ran.
    yesterday: Option<f64>,
    hashrate_moves: Spread,
    pace: Spread,
}

impl Measure {
    /// The state at the start of a history.
    #[must_use]
    pub fn new(epoch_height: u64, epoch_start: f64, difficulty: f64) -> Self {
        Self {
            epoch_height,
            epoch_start,
            epoch_difficulty: difficulty,
            worst_ratio: 1.0,
            lowest_day: f64::INFINITY,
            lowest_hashprice: f64::INFINITY,
            last_hashprice: 0.0,
            ..Self::default()
        }
    }

    /// Integrates these rates over a span of time.
    pub fn pass(&mut self, span: f64, rates: &Rates) {
        self.day.add(span, rates);
        self.epoch.add(span, rates);
        self.run_power += span * rates.power;
    }

    /// Integrates these loads by region, mW at the meter, over a span of time, and their CO2 at these kg/kWh.
    #[expect(clippy::cast_precision_loss, reason = "a network's milliwatts are known to 53 bits")]
    pub fn pass_regions(
        &mut self,
        span: f64,
        running: &Column<RegionId, (u64, u64)>,
        emission: impl Fn(RegionId) -> f64,
    ) {
        self.region_power.reach(running.len(), 0.0);
        self.region_co2.reach(running.len(), 0.0);
        for (region, &(_, power)) in running.entries() {
            let energy = span * power as f64;
            self.region_power[region] += energy;
            self.region_co2[region] += energy * emission(region);
        }
    }

    /// Energy so far in a region, TWh.
    #[must_use]
    pub fn region_energy_twh(&self, region: RegionId) -> f64 {
        self.region_power.get(region).map_or(0.0, |energy| energy / 3.6e18)
    }

    /// CO2 of that energy, Mt: kg/kWh is Mt/TWh.
    #[must_use]
    pub fn region_co2_mt(&self, region: RegionId) -> f64 {
        self.region_co2.get(region).map_or(0.0, |co2| co2 / 3.6e18)
    }

    /// Energy so far, TWh: a GW for an hour is a GWh.
    #[must_use]
    pub fn energy_twh(&self) -> f64 {
        self.run_power / 3600.0 / 1000.0
    }

    /// Fills in the day's means and begins the next day. `expected` is the expected number of blocks since the start.
    pub fn close_day(&mut self, record: &mut DayRecord, sold: Sold, issued: Sats, expected: f64) {
        record.hashrate_eh_per_s = self.day.mean(self.day.hashrate);
        record.power_gw = self.day.mean(self.day.power);
        record.blocks = self.day_blocks;
        record.block_interval_s = (self.day_blocks > 0.0).then(|| self.day.span / self.day_blocks);
        if self.lowest_price.is_none_or(|lowest| record.price_usd < lowest.price_usd) {
            self.lowest_price = Some(LowestPrice {
                price_usd: record.price_usd,
                impact: libm::log(record.price_usd / record.base_price_usd),
                paired_price_usd: record.paired_price_usd,
            });
        }
        self.lowest_day = self.lowest_day.min(record.hashrate_eh_per_s);
        let ran = Some(record.hashrate_eh_per_s).filter(|&hashrate| hashrate > 0.0);
        if let (Some(before), Some(now)) = (self.yesterday, ran) {
            self.hashrate_moves.add(libm::log(now / before));
        }
        self.yesterday = ran;
        if self.day.span > 0.0 {
            self.pace.add((expected - self.day_expected) * SPACING / self.day.span);
        }
        self.last_hashprice = record.hashprice_usd_per_ph_day;
        self.lowest_hashprice = self.lowest_hashprice.min(self.last_hashprice);
        self.highest_underwater = self.highest_underwater.max(record.underwater_share);
        let years = record.time.get() / 86_400.0 / 365.0;
        self.hashprice_trend.add(years, record.hashprice_usd_per_ph_day);
        if let Some(revenue) = record.revenue_usd_per_kwh {
            self.revenue_trend.add(years, revenue);
            self.lowest_revenue = Some(self.lowest_revenue.map_or(revenue, |lowest| lowest.min(revenue)));
        }
        self.day = Integral::default();
        self.day_sold = sold;
        self.day_issued = issued;
        self.day_blocks = 0.0;
        self.day_expected = expected;
    }

    /// Closes the epoch at the first block of the next, or at the end of the run.
    pub fn close_epoch(&mut self, now: f64, next: Option<NextEpoch>, sold: Sold, issued: Sats) -> EpochRecord {
        let duration = now - self.epoch_start;
        self.longest_epoch = self.longest_epoch.max(duration);
        let ratio = next.map(|next| next.difficulty / self.epoch_difficulty);
        self.worst_ratio = self.worst_ratio.min(ratio.unwrap_or(1.0));
        let hashrate = self.epoch.mean(self.epoch.hashrate);
        if self.epoch.span > 0.0 && (next.is_some() || self.epoch.span >= SHORTEST_CUT_EPOCH) {
            self.means.push(EpochMean { middle: now - self.epoch.span / 2.0, hashrate });
        }
        let flow = sold.since(self.epoch_sold);
        let mined = (issued - self.epoch_issued).btc();
        let record = EpochRecord {
            epoch: self.epoch_index,
            start_height: self.epoch_height,
            start: Seconds::new(self.epoch_start),
            duration: next.map(|_| Seconds::new(duration)),
            difficulty: self.epoch_difficulty,
            retarget_ratio: ratio,
            hashrate_eh_per_s: next.map(|next| epoch_hashrate_eh_per_s(next.work_before, Seconds::new(duration))),
            running_hashrate_eh_per_s: hashrate,
            price_usd: self.epoch.mean(self.epoch.price),
            hashprice_usd_per_ph_day: self.epoch.mean(self.epoch.hashprice),
            sold_voluntary: flow.voluntary,
            sold_forced: flow.forced,
            sold_liquidation: flow.liquidation,
            sold_of_mined: (mined > 0.0).then(|| flow.total().btc() / mined),
            ..EpochRecord::default()
        };
        if let Some(NextEpoch { height, difficulty, .. }) = next {
            self.epoch_index += 1;
            self.epoch_height = height;
            self.epoch_start = now;
            self.epoch_difficulty = difficulty;
        }
        self.epoch = Integral::default();
        self.epoch_sold = sold;
        self.epoch_issued = issued;
        record
    }

    /// The deepest fall of epoch-mean hashrate from its previous maximum, the start included, and the recovery.
    #[must_use]
    pub fn recovery(&self, start_hashrate: f64) -> Recovery {
        let mut peak = EpochMean { middle: 0.0, hashrate: start_hashrate };
        let mut deepest = (peak, EpochMean { middle: 0.0, hashrate: start_hashrate }, 0);
        for (index, &mean) in self.means.iter().enumerate() {
            if mean.hashrate * deepest.0.hashrate < (1.0 - ROUNDING) * deepest.1.hashrate * peak.hashrate {
                deepest = (peak, mean, index);
            }
            if mean.hashrate > peak.hashrate {
                peak = mean;
            }
        }
        let (peak, trough, index) = deepest;
        let reached = self
            .means
            .iter()
            .find(|mean| mean.middle > peak.middle && mean.hashrate <= (1.0 + TROUGH_WITHIN) * trough.hashrate);
        let reached = reached.filter(|_| trough.middle > peak.middle).map_or(peak.middle, |mean| mean.middle);
        let back_at = |share: f64| {
            let level = (1.0 - ROUNDING) * share * peak.hashrate;
            if trough.hashrate >= level {
                return Some(0.0);
            }
            self.means[index..]
                .iter()
                .find(|mean| mean.hashrate >= level)
                .map(|mean| (mean.middle - peak.middle) / 86_400.0)
        };
        Recovery {
            trough_share: trough.hashrate / peak.hashrate,
            days_to_trough: (reached - peak.middle) / 86_400.0,
            days_to_95: back_at(0.95),
            days_to_100: back_at(1.0),
        }
    }

    /// Records the median miner's runway at the end of an epoch.
    pub fn see_runway(&mut self, days: Option<f64>) {
        self.shortest_runway = match (self.shortest_runway, days) {
            (Some(known), Some(days)) => Some(known.min(days)),
            (known, days) => known.or(days),
        };
    }

    /// The shortest of these; `None` if all are infinite.
    #[must_use]
    pub const fn shortest_runway(&self) -> Option<f64> {
        self.shortest_runway
    }

    /// Longest epoch, s.
    #[must_use]
    pub const fn longest_epoch(&self) -> f64 {
        self.longest_epoch
    }

    /// Smallest ratio of difficulties of successive epochs, at most 1.
    #[must_use]
    pub const fn worst_ratio(&self) -> f64 {
        self.worst_ratio
    }

    /// Hashrate of the lowest day, EH/s.
    #[must_use]
    pub const fn lowest_day(&self) -> f64 {
        self.lowest_day
    }

    /// Lowest daily hashprice, USD/PH/day.
    #[must_use]
    pub const fn lowest_hashprice(&self) -> f64 {
        self.lowest_hashprice
    }

    /// Hashprice of the last day, USD/PH/day.
    #[must_use]
    pub const fn last_hashprice(&self) -> f64 {
        self.last_hashprice
    }

    /// Largest daily share below break-even.
    #[must_use]
    pub const fn highest_underwater(&self) -> f64 {
        self.highest_underwater
    }

    /// Growth rate of daily hashprice, 1/year, if there are two days.
    #[must_use]
    pub fn hashprice_trend(&self) -> Option<f64> {
        self.hashprice_trend.slope()
    }

    /// Growth rate of daily revenue per energy, 1/year, if there are two days.
    #[must_use]
    pub fn revenue_trend(&self) -> Option<f64> {
        self.revenue_trend.slope()
    }

    /// Standard deviation of daily changes of ln hashrate, 1/sqrt(day), if there are two.
    #[must_use]
    pub fn hashrate_volatility(&self) -> Option<f64> {
        self.hashrate_moves.deviation()
    }

    /// Standard deviation of the expected daily block rate, relative to target, if there are two days.
    #[must_use]
    pub fn pace_deviation(&self) -> Option<f64> {
        self.pace.deviation()
    }

    /// Lowest daily revenue per energy, USD/kWh, if anything ever ran.
    #[must_use]
    pub const fn lowest_revenue(&self) -> Option<f64> {
        self.lowest_revenue
    }
}

/// The price on the day on which it is lowest.
#[derive(Clone, Copy, Debug)]
pub struct LowestPrice {
    /// The price, USD/BTC.
    pub price_usd: f64,
    /// ln of price over base price.
    pub impact: f64,
    /// The price on that day without the shock, USD/BTC, if the history is paired.
    pub paired_price_usd: Option<f64>,
}

/// The deepest fall of hashrate and the recovery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// The minimum over the previous maximum.
    pub trough_share: f64,
    /// Days from the peak to the first epoch within [`TROUGH_WITHIN`] of the trough.
    pub days_to_trough: f64,
    /// Days from the peak to 95 % of it; `None`: never.
    pub days_to_95: Option<f64>,
    /// Days from the peak to all of it; `None`: never.
    pub days_to_100: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(hashrates: &[f64]) -> Measure {
        let mut measure = Measure::new(0, 0.0, 1.0);
        for (index, &hashrate) in hashrates.iter().enumerate() {
            let rates = Rates { hashrate, ..Rates::default() };
            measure.pass(14.0 * 86_400.0, &rates);
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let now = (index + 1) as f64 * 14.0 * 86_400.0;
            let next = NextEpoch { height: 0, difficulty: 1.0, work_before: 2016.0 };
            measure.close_epoch(now, Some(next), Sold::default(), Sats::ZERO);
        }
        measure
    }

    /// Peak 120 in the third epoch (middle day 35), trough 60 in the fifth (day 63), 115 on day 91, 121 on day 105.
    #[test]
    fn recovery_by_hand() {
        let recovery = measure(&[100.0, 110.0, 120.0, 90.0, 60.0, 80.0, 115.0, 121.0]).recovery(100.0);
        let expected =
            Recovery { trough_share: 0.5, days_to_trough: 28.0, days_to_95: Some(56.0), days_to_100: Some(70.0) };
        assert_eq!(recovery, expected);
    }

    /// A plateau: the lowest epoch is the last, the trough is reached in the second (day 21).
    #[test]
    fn the_trough_is_reached_where_hashrate_is_first_within_one_percent_of_it() {
        let plateau = measure(&[100.0, 90.8, 90.5, 91.5, 90.2, 90.0]).recovery(100.0);
        assert_eq!((plateau.trough_share, plateau.days_to_trough), (0.9, 21.0));
        let steps = measure(&[100.0, 91.0, 90.0]).recovery(100.0);
        assert_eq!((steps.trough_share, steps.days_to_trough), (0.9, 35.0));
    }

    #[test]
    fn never_is_none_and_no_fall_is_zero() {
        let fallen = measure(&[80.0, 90.0, 96.0]).recovery(100.0);
        assert_eq!((fallen.days_to_95, fallen.days_to_100), (Some(35.0), None));
        let risen = measure(&[101.0, 102.0]).recovery(100.0);
        assert_eq!((risen.trough_share, risen.days_to_trough, risen.days_to_100), (1.0, 0.0, Some(0.0)));
        // The rounding of a mean does not count as a fall.
        let steady = measure(&[100.0, 100.0 * (1.0 + 4e-16), 100.0]).recovery(100.0);
        assert_eq!((steady.trough_share, steady.days_to_trough, steady.days_to_100), (1.0, 0.0, Some(0.0)));
    }

    /// Days of 100, 110, 99 and 99 EH/s: changes of ln 1.1, ln 0.9 and 0, about a mean of ln 0.99 / 3; 144, 180 and 108 expected blocks are rates of
    /// 1, 1.25 and 0.75 relative to target, with a standard deviation of 0.25. A day on which nothing runs is not counted as a change.
    #[test]
    fn volatility_by_hand() {
        let mut measure = Measure::new(0, 0.0, 1.0);
        let mut expected = 0.0;
        for (hashrate, blocks) in [(100.0, 144.0), (110.0, 180.0), (99.0, 108.0)] {
            expected += blocks;
            measure.pass(86_400.0, &Rates { hashrate, ..Rates::default() });
            measure.close_day(
                &mut DayRecord { price_usd: 1.0, ..DayRecord::default() },
                Sold::default(),
                Sats::ZERO,
                expected,
            );
        }
        assert!((measure.pace_deviation().expect("three days") - 0.25).abs() < 1e-12);
        for (hashrate, blocks) in [(99.0, 144.0), (0.0, 0.0), (50.0, 144.0)] {
            expected += blocks;
            measure.pass(86_400.0, &Rates { hashrate, ..Rates::default() });
            measure.close_day(
                &mut DayRecord { price_usd: 1.0, ..DayRecord::default() },
                Sold::default(),
                Sats::ZERO,
                expected,
            );
        }
        let (up, down) = (libm::log(1.1), libm::log(0.9));
        let mean = (up + down) / 3.0;
        let squares = (up - mean) * (up - mean) + (down - mean) * (down - mean) + mean * mean;
        let found = measure.hashrate_volatility().expect("three changes");
        assert!((found - libm::sqrt(squares / 2.0)).abs() < 1e-12, "{found}");
    }
}
