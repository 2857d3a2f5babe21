//! The state of the network at a date: the law run through history and corrected by observed hashrate, and forecasts from there.
//!
//! The run starts with the first epoch of 2014, with one class of machines that all run, and uses that year to forget this start. Then each
//! epoch (or each day, if blocks are known by day) corrects the installed, ordered and running hashrate by a share of the innovation, which is
//! observed over expected hashrate. The fleet by efficiency, the idle share and the orders are results.

use super::{
    chain::EpochChain,
    events::Events,
    filter::BlockFilter,
    history::History,
    law::{Classes, Conditions, LawParams, Network},
    on_sale::OnSale,
};
use crate::{
    chain::subsidy::subsidy,
    random::{Draw, Purpose},
    units::{Days, Efficiency, Hashprice, PowerPrice, Sats, UsdPerBtc},
};

/// Time from order to delivery, as a share of the mean lag, for the efficiency of delivered machines.
const ORDERED_BEFORE: f64 = 0.8;

/// Days per epoch, which converts an innovation per epoch into one per day.
const EPOCH_DAYS: f64 = 13.5;

/// Mean length of epochs, days, beyond which a forecast stops.
const LONGEST_EPOCH: f64 = 70.0;

/// Share of the logarithm of observed over expected hashrate by which an epoch corrects the state if its blocks are not known by day:
/// the gain of the protocol's row without daily data (chapter on rolling forecasts).
pub const GAIN_WITHOUT_DAYS: f64 = 0.88;

/// How the state is corrected by observed hashrate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Correction {
    /// Per epoch: by this share of the logarithm of observed over expected hashrate.
    Epochs { gain: f64 },
    /// By each day's blocks, with this innovation of the model per epoch; an epoch of which no day's blocks are known corrects the state
    /// as a whole, by [`GAIN_WITHOUT_DAYS`].
    Days {
        /// Standard deviation of the logarithm.
        innovation_sd: f64,
    },
}

/// Prices known to a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prices {
    Known,
    /// Prices of completed epochs, constant after the last.
    Frozen,
    /// Prices of completed epochs; from the origin of a forecast on, this price.
    Held(UsdPerBtc),
}

/// Differences between the members of an ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation of the logarithm of the cost level, one draw per member.
    pub cost_sd: f64,
    pub orders_sd: f64,
    /// Memory of the deviation of orders.
    pub orders_memory: Days,
    /// Standard deviation of the model's unexplained innovation of capital, per epoch.
    pub capital_sd: f64,
    /// Standard deviation of the logarithm of an epoch's inferred hashrate, due to the randomness of blocks.
    pub luck_sd: f64,
}

impl Default for Noise {
    /// The noise of the protocol.
    fn default() -> Self {
        Self { cost_sd: 0.12, orders_sd: 0.35, orders_memory: Days::new(120.0), capital_sd: 0.04, luck_sd: 0.0223 }
    }
}

/// Inputs of a run through history.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub law: LawParams,
    pub events: Events,
    /// Median avoidable cost of power.
    pub power_price: PowerPrice,
    /// Number of quantiles of power prices per class.
    pub quantiles: usize,
    pub correction: Correction,
    pub prices: Prices,
    /// Epochs (by the height of their first block) that do not correct the state.
    pub unlearnt: Vec<u64>,
}

impl Default for Setting {
    /// The setting of the protocol, corrected day by day, with the price known.
    fn default() -> Self {
        Self {
            law: LawParams::default(),
            events: Events::default(),
            power_price: PowerPrice::new(0.05),
            quantiles: 48,
            correction: Correction::Days { innovation_sd: 0.04 },
            prices: Prices::Known,
            unlearnt: Vec::new(),
        }
    }
}

/// One member of an ensemble: the network on its way through history.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    history: &'a History,
    on_sale: &'a OnSale,
    setting: &'a Setting,
    classes: &'a Classes,
    network: Network,
    filter: BlockFilter,
    noise: Option<MemberNoise>,
    /// The next epoch to simulate.
    epoch: usize,
    /// Before this epoch the state is corrected in full.
    settled: usize,
}

/// The noise of one member. Draws are numbered, so those of one member do not affect another.
#[derive(Clone, Copy, Debug)]
struct MemberNoise {
    law: Noise,
    draw: Draw,
    /// Logarithm of the cost level.
    cost: f64,
    /// Logarithm of the factor on orders.
    orders: f64,
}

/// Kinds of draws of a member.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Drawn {
    Cost = 0,
    Orders = 1,
    Capital = 2,
    Luck = 3,
}

/// Upper bound of the draws of one kind: days since 1970 are below it.
const DRAWS: u64 = 1 << 22;

impl MemberNoise {
    fn new(law: Noise, seed: u64, member: u64) -> Self {
        let draw = Draw::new(seed, member, Purpose::Nowcast);
        let mut noise = Self { law, draw, cost: 0.0, orders: 0.0 };
        noise.cost = law.cost_sd * noise.normal(Drawn::Cost, 0, 0);
        noise.orders = law.orders_sd * noise.normal(Drawn::Orders, 0, 0);
        noise
    }

    /// `origin` separates the draws of one forecast from those of another and from those of the run through history (0).
    fn normal(&self, kind: Drawn, origin: u64, at: u64) -> f64 {
        self.draw.standard_normal(origin * 8 + kind as u64, at % DRAWS)
    }

    fn pass(&mut self, length: f64, origin: u64, at: u64) {
        let keeps = libm::exp(-length / self.law.orders_memory.get());
        let fresh = self.law.orders_sd * libm::sqrt(1.0 - keeps * keeps);
        self.orders = keeps * self.orders + fresh * self.normal(Drawn::Orders, origin, at);
    }

    fn capital(&self, length: f64, origin: u64, at: u64) -> f64 {
        self.law.capital_sd * libm::sqrt(length / EPOCH_DAYS) * self.normal(Drawn::Capital, origin, at)
    }
}

/// Standard normal quantiles at the middles of equal shares of sites.
#[must_use]
pub fn quantiles(count: usize) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
    (0..count).map(|index| normal_quantile((index as f64 + 0.5) / count as f64)).collect()
}

/// Standard normal quantile of a probability, by bisection of the distribution function.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

impl<'a> Member<'a> {
    /// The network at the start of an epoch, with all of its hashrate in the class on sale. The state is corrected in full until the
    /// epoch `settled`.
    #[must_use]
    pub fn new(
        (history, on_sale, setting, classes): (&'a History, &'a OnSale, &'a Setting, &'a Classes),
        first: usize,
        settled: usize,
    ) -> Self {
        let day = history.begins(first);
        let hashrate = history.hashrate_eh(first);
        let epoch = &history.epochs()[first];
        let best = on_sale.at(day);
        let hashprice =
            Hashprice::earned(epoch.nbits.difficulty(), subsidy(epoch.start_height), history.price(day, first + 1));
        let class = on_sale.step_at(day);
        let mut installed = vec![0.0; classes.lots()];
        #[expect(clippy::cast_precision_loss, reason = "a few dozen quantiles")]
        let each = hashrate / classes.quantiles() as f64;
        installed[class * classes.quantiles()..(class + 1) * classes.quantiles()].fill(each);
        // Each of the two stages holds the orders of half the lag at the law's largest rate.
        let on_its_way = hashrate * setting.law.orders.growth_max_per_year * setting.law.lag.get() / 2.0 / 365.0;
        Self {
            network: Network::new(installed, hashrate, [on_its_way; 2], hashprice, best),
            filter: BlockFilter::new(match setting.correction {
                Correction::Days { innovation_sd } => innovation_sd,
                Correction::Epochs { .. } => 0.0,
            }),
            noise: None,
            epoch: first,
            history,
            on_sale,
            setting,
            classes,
            settled,
        }
    }

    /// Adds the noise of a member of an ensemble.
    #[must_use]
    pub fn with_noise(mut self, noise: Noise, seed: u64, member: u64) -> Self {
        self.noise = Some(MemberNoise::new(noise, seed, member));
        self
    }

    /// The next epoch to simulate.
    #[must_use]
    pub const fn epoch(&self) -> usize {
        self.epoch
    }

    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Logarithm of the member's cost level relative to that of the setting.
    #[must_use]
    pub fn ln_cost_level(&self) -> f64 {
        self.noise.map_or(0.0, |noise| noise.cost)
    }

    /// The member with its orders held at what they are at this revenue per kWh (logarithm, c/kWh) of the best machine on sale, whatever hashprice is.
    /// `setting` is that of the member with orders that follow no revenue: `law.ordering` is infinite.
    #[must_use]
    pub fn with_orders_held(mut self, setting: &'a Setting, ln_earned_cents: f64) -> Self {
        self.setting = setting;
        self.network.ln_earned_cents = ln_earned_cents;
        self
    }

    /// Simulates the next epoch at its own difficulty and corrects the state by its hashrate. Returns the hashrate that the law expected
    /// before the correction, EH/s.
    pub fn live(&mut self) -> f64 {
        let epoch = self.epoch;
        let begin = &self.history.epochs()[epoch];
        let difficulty = begin.nbits.difficulty();
        let (start, end) = (self.history.begins(epoch), self.history.begins(epoch + 1));
        let known = match self.setting.prices {
            Prices::Known => self.history.closed(),
            Prices::Frozen | Prices::Held(_) => epoch + 1,
        };
        let learns = !self.setting.unlearnt.contains(&begin.start_height);
        #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
        let has_days = (start.floor() as i64..end.ceil() as i64).any(|day| self.history.blocks(day).is_some());
        let by_day = matches!(self.setting.correction, Correction::Days { .. }) && has_days && epoch >= self.settled;
        let (mut done, mut now) = (0.0, start);
        while now < end - 1e-9 {
            let length = ((now + 1e-9).floor() + 1.0 - now).min(end - now);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "blocks of one epoch")]
            let height = begin.start_height + (2016.0 * (now - start) / (end - start)) as u64;
            let reward = subsidy(height) + self.history.fees(now, known);
            let hashprice = Hashprice::earned(difficulty, reward, self.history.price(now, known));
            let hashrate = self.step(now, length, hashprice, 0);
            let hashrate = hashrate * (1.0 - self.setting.events.off(now, f64::INFINITY));
            done += hashrate * length;
            #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
            let found = self.history.blocks((now + 1e-9).floor() as i64);
            if by_day {
                match found.filter(|_| learns) {
                    Some(found) => {
                        let expected = hashrate * 1e18 * 86_400.0 / (difficulty * 4_294_967_296.0) * length;
                        let correction = self.filter.observe(Days::new(length), expected, found * length);
                        self.network.scale(libm::exp(correction.ln()));
                    }
                    None => self.filter.pass(Days::new(length)),
                }
            }
            now += length;
        }
        let expected = done / (end - start);
        let innovation = libm::log(self.history.hashrate_eh(epoch) / expected);
        let gain = match self.setting.correction {
            _ if epoch < self.settled => 1.0,
            Correction::Epochs { gain } => gain,
            Correction::Days { .. } if !has_days => GAIN_WITHOUT_DAYS,
            Correction::Days { .. } => 0.0,
        };
        if learns && gain > 0.0 {
            self.network.scale(libm::exp(gain * innovation));
        }
        self.epoch += 1;
        expected
    }

    /// Forecasts the logarithm of hashrate, EH/s, of the next epochs from the member's present state, one by one into `ln_hashrate`. An epoch that is not
    /// reached, because almost no machine runs, keeps its value.
    pub fn forecast(&self, ln_hashrate: &mut [f64]) {
        let origin = self.epoch;
        let mut ahead = self.clone();
        let begin = &self.history.epochs()[origin];
        let Some(mut chain) = EpochChain::new(begin.start_height, begin.nbits) else { return };
        let start = self.history.begins(origin);
        let known = match self.setting.prices {
            Prices::Known => self.history.closed(),
            Prices::Frozen | Prices::Held(_) => origin,
        };
        let (mut filled, mut now) = (0, start);
        // If almost no machine runs, no epoch ends: epochs not reached by then keep their values.
        #[expect(clippy::cast_precision_loss, reason = "a few dozen epochs")]
        let latest = start + LONGEST_EPOCH * ln_hashrate.len() as f64;
        while filled < ln_hashrate.len() && now < latest {
            let length = (now + 1e-9).floor() + 1.0 - now;
            let reward = chain.subsidy() + self.history.fees(now, known);
            let price = match self.setting.prices {
                Prices::Held(price) => price,
                Prices::Known | Prices::Frozen => self.history.price(now, known),
            };
            let hashprice = Hashprice::earned(chain.difficulty(), reward, price);
            let hashrate = ahead.step(now, length, hashprice, 1 + origin as u64);
            let hashrate = hashrate * (1.0 - self.setting.events.off(now, start));
            chain.advance(hashrate, Days::new(length), |closed| {
                if let Some(place) = ln_hashrate.get_mut(filled) {
                    let luck = self.noise.map_or(0.0, |noise| {
                        noise.law.luck_sd * noise.normal(Drawn::Luck, 1 + origin as u64, filled as u64)
                    });
                    *place = libm::log(closed.hashrate_eh) + luck;
                }
                filled += 1;
            });
            now += length;
        }
    }

    /// A step of at most a day. Returns mean running hashrate before outages, EH/s.
    fn step(&mut self, now: f64, length: f64, hashprice: Hashprice, origin: u64) -> f64 {
        let lag = ORDERED_BEFORE * self.setting.law.lag.get();
        let (mut orders_factor, mut power_price) = (1.0, self.setting.power_price);
        if let Some(noise) = &mut self.noise {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "sixty-fourths of days since 1970"
            )]
            let at = (now * 64.0).floor() as u64;
            noise.pass(length, origin, at);
            orders_factor = libm::exp(noise.orders);
            power_price *= libm::exp(noise.cost);
            let capital = noise.capital(length, origin, at);
            self.network.scale(libm::exp(capital));
        }
        let step = self.network.step(
            &self.setting.law,
            self.classes,
            &Conditions {
                length: Days::new(length),
                hashprice,
                power_price,
                on_sale: self.on_sale.at(now.floor()),
                delivered: self.on_sale.step_at((now - lag).floor()),
                closing_per_day: self.setting.events.closing_per_day(now.floor()),
                on_the_road: self.setting.events.on_the_road(now.floor()),
                orders_factor,
            },
        );
        step.responded_eh
    }
}

/// The lots of a frontier under a setting.
#[must_use]
pub fn classes(on_sale: &OnSale, setting: &Setting) -> Classes {
    let efficiencies: Vec<Efficiency> = on_sale.efficiencies();
    Classes::new(&efficiencies, &quantiles(setting.quantiles), setting.law.spread)
}

/// Revenue per block, USD: a regressor of the baselines.
#[must_use]
pub fn revenue_usd(price: UsdPerBtc, reward: Sats) -> f64 {
    price.get() * reward.btc()
}
