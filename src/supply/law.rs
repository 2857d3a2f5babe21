//! The aggregate law of hash supply: which machines of the network run, how many are ordered, and when they are delivered.
//!
//! The network is a table of lots: machines of one class (energy per hash) at sites of one quantile of power prices. It is the
//! whole network without firms: no cash, no debt, no treasury. The miners of the simulation do not follow it. It is used where many
//! histories of a whole network are needed quickly: the state of the network at a date ([`crate::supply::history`]) and forecasts from every epoch.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | `x` | `Conditions::hashprice` | USD/PH/day | revenue of a PH/s |
//! | `c` | `Conditions::power_price` | USD/kWh | median avoidable cost of power |
//! | `e`, `e_f` | `Classes`, `Conditions::on_sale` | J/TH | energy per hash of a class; of the best machine on sale |
//! | `z` | `Classes` | 1 | standard normal quantile of a site's power price |
//! | `s` | `spread` | 1 | standard deviation of the logarithm of power prices |
//! | `h`, `u` | `half_band`, `restart_margin` | 1 | half width of the band of hysteresis; additional margin for a restart |
//! | `K`, `a` | `installed`, `allowed` | EH/s, 1 | installed hashrate of a lot; share of it that may run |
//! | `R` | `running` | EH/s | running hashrate, after the response time |
//! | `B` | `queue` | 1 | share of installed hashrate that waits for a place |
//! | `P1`, `P2` | `ordered` | EH/s | machines on order, in the first and the second half of the delivery time |
//! | `m`, `m0`, `w` | [`OrderLaw`] | c/kWh, c/kWh, 1 | revenue per kWh of the best machine on sale; its value at which orders are half of `g_max`; width of the logistic |
//! | `g_max`, `rho` | [`OrderLaw`] | 1/year, 1 | largest growth of orders; exponent by which it falls with the network's power |
//!
//! ```text
//! ln x_e  follows ln x within 2 days                v = ln x_e - ln(24 c e) - s z
//! v < -h: a = 0        v > h + u: a += (1 - a)(1 - exp(-dt/T_up))        else a stays
//! idle machines leave with a half-life; running machines do not leave
//! R follows (1 - B)(1 - season) sum K a within the response time
//! orders a year = g_max K (GW / 5)^-rho / (1 + exp(-(ln m - ln m0) / w)),   m follows 100 x / (24 e_f) within 20 days
//! deliveries: two stages, each of mean lag / 2; machines that wait for a place take places first
//! ```
//!
//! **Source.** Costs, lag, ban and dates are from sources. `g_max`, `m0` and `w` were guessed before any run. The restart's delay and
//! margin, `rho`, the season and the queue were chosen with knowledge of 2016 to 2023 (chapter on rolling forecasts). No value is estimated.
//!
//! **Known error.** Machines of a class are delivered evenly to all power prices. A day has one decision and one order, at the day's
//! first difficulty. There are no firms, so no firm fails and no firm sells coins.

use crate::{
    hardware::{OrderLaw, earned_cents},
    units::{Days, Efficiency, Hashprice, PowerPrice},
};

/// Days per year in rates of growth.
const YEAR: f64 = 365.0;

/// Parameters of the law. [`LawParams::default`] has those of the protocol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LawParams {
    /// Time constant of expected hashprice.
    pub expectation: Days,
    /// Standard deviation of the logarithm of power prices over sites.
    pub spread: f64,
    /// Half width of the band of hysteresis, in logarithms of hashprice.
    pub half_band: f64,
    /// Additional margin for a restart, in logarithms of hashprice.
    pub restart_margin: f64,
    /// Time constant of restarts.
    pub restart: Days,
    /// Time constant of the response of hashrate to decisions.
    pub response: Days,
    /// Half-life of idle machines.
    pub leaving_half_life: Days,
    /// Time constant of the revenue that buyers consider.
    pub ordering: Days,
    /// How orders follow revenue.
    pub orders: OrderLaw,
    pub lag: Days,
    /// Half-life with which machines of closed sites find places; without one they take the places of deliveries first.
    pub queue_half_life: Option<Days>,
}

impl Default for LawParams {
    fn default() -> Self {
        Self {
            expectation: Days::new(2.0),
            spread: 0.45,
            half_band: 0.16,
            restart_margin: 0.15,
            restart: Days::new(20.0),
            response: Days::new(3.0),
            leaving_half_life: Days::new(365.0),
            ordering: Days::new(20.0),
            orders: OrderLaw::default(),
            lag: Days::new(90.0),
            queue_half_life: None,
        }
    }
}

/// Classes of lots: energy per hash by class, power price by quantile.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    efficiency: Vec<f64>,
    quantiles: usize,
    /// `ln(24 e) + s z` of each lot, by class and then by quantile; plus `ln c` it is the logarithm of a lot's cost.
    ln_cost: Vec<f64>,
}

impl Classes {
    /// Classes with these energies per hash, each at these standard normal quantiles of power prices.
    #[must_use]
    pub fn new(efficiency: &[Efficiency], quantiles: &[f64], spread: f64) -> Self {
        let efficiency: Vec<f64> = efficiency.iter().map(|e| e.get()).collect();
        let ln_cost =
            efficiency.iter().flat_map(|e| quantiles.iter().map(move |z| libm::log(24.0 * e) + spread * z)).collect();
        Self { efficiency, quantiles: quantiles.len(), ln_cost }
    }

    /// Number of lots.
    #[must_use]
    pub fn lots(&self) -> usize {
        self.ln_cost.len()
    }

    /// Number of quantiles of power prices per class.
    #[must_use]
    pub const fn quantiles(&self) -> usize {
        self.quantiles
    }

    pub fn efficiencies(&self) -> impl Iterator<Item = Efficiency> + '_ {
        self.efficiency.iter().map(|e| Efficiency::new(*e))
    }

    /// The logarithm of the break-even hashprice, USD/PH/day, of each lot at a power price of one USD/kWh.
    #[must_use]
    pub fn ln_costs(&self) -> &[f64] {
        &self.ln_cost
    }
}

/// Inputs of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    pub length: Days,
    pub hashprice: Hashprice,
    /// Median avoidable cost of power.
    pub power_price: PowerPrice,
    pub on_sale: Efficiency,
    /// Class of the machines delivered now: the best on sale when they were ordered.
    pub delivered: usize,
    /// Share of installed hashrate that closes, per day.
    pub closing_per_day: f64,
    /// Share of all hashrate in transit.
    pub on_the_road: f64,
    /// Factor on orders; differs from 1 only through the noise of an ensemble.
    pub orders_factor: f64,
}

/// Results of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// Mean running hashrate over the step, EH/s, before outages.
    pub responded_eh: f64,
    pub orders_eh_per_year: f64,
    pub delivered_eh: f64,
    /// Part of the deliveries that took places of its own, EH/s; the other places went to machines that had waited.
    pub added_eh: f64,
    /// Power of all installed machines, GW.
    pub installed_gw: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub installed: Vec<f64>,
    pub allowed: Vec<f64>,
    pub running: f64,
    pub ln_expected: f64,
    /// Smoothed logarithm of the revenue per kWh of the best machine on sale, in c/kWh.
    pub ln_earned_cents: f64,
    /// Share of installed hashrate that waits for a place.
    pub queue: f64,
    /// Machines on order, in the first and the second half of the delivery time, EH/s.
    pub ordered: [f64; 2],
}

impl Network {
    /// A network in which all of `installed` may run, after a long time at constant hashprice.
    #[must_use]
    pub fn new(
        installed: Vec<f64>,
        running: f64,
        ordered: [f64; 2],
        hashprice: Hashprice,
        on_sale: Efficiency,
    ) -> Self {
        Self {
            allowed: vec![1.0; installed.len()],
            installed,
            running,
            ln_expected: libm::log(hashprice.get()),
            ln_earned_cents: libm::log(earned_cents(hashprice, on_sale)),
            queue: 0.0,
            ordered,
        }
    }

    /// Installed hashrate, EH/s.
    #[must_use]
    pub fn installed_eh(&self) -> f64 {
        self.installed.iter().sum()
    }

    /// Installed hashrate that may run, EH/s.
    #[must_use]
    pub fn allowed_eh(&self) -> f64 {
        self.installed.iter().zip(&self.allowed).map(|(installed, allowed)| installed * allowed).sum()
    }

    /// Machines on order, EH/s.
    #[must_use]
    pub fn ordered_eh(&self) -> f64 {
        self.ordered.iter().sum()
    }

    /// Multiplies the installed, ordered and running hashrate: the correction by an observation of hashrate.
    pub fn scale(&mut self, factor: f64) {
        for installed in &mut self.installed {
            *installed *= factor;
        }
        self.ordered = self.ordered.map(|ordered| ordered * factor);
        self.running *= factor;
    }

    /// Advances one step. The order of these lines is part of the model.
    pub fn step(&mut self, params: &LawParams, classes: &Classes, conditions: &Conditions) -> Step {
        let dt = conditions.length.get();
        self.ln_expected += (libm::log(conditions.hashprice.get()) - self.ln_expected) * within(dt, params.expectation);
        let (allowed, installed, installed_gw) = self.decide(params, classes, conditions);
        self.queue += conditions.closing_per_day * dt;
        let responded_eh = self.respond(params, allowed * (1.0 - conditions.on_the_road), dt);
        let earned = libm::log(earned_cents(conditions.hashprice, conditions.on_sale));
        self.ln_earned_cents += (earned - self.ln_earned_cents) * within(dt, params.ordering);
        let orders_eh_per_year = self.orders(params, installed, installed_gw) * conditions.orders_factor;
        let delivered_eh = self.ship(params, orders_eh_per_year, dt);
        let added_eh = self.place(params, delivered_eh, installed, dt);
        self.install(classes, conditions.delivered, added_eh);
        Step { responded_eh, orders_eh_per_year, delivered_eh, added_eh, installed_gw }
    }

    /// Decides which machines may run; then idle machines leave. Returns the hashrate that may run and the remaining installed hashrate, EH/s, and its power, GW.
    fn decide(&mut self, params: &LawParams, classes: &Classes, conditions: &Conditions) -> (f64, f64, f64) {
        let dt = conditions.length.get();
        let back = within(dt, params.restart);
        let stays = libm::exp2(-dt / params.leaving_half_life.get());
        let margin = self.ln_expected - libm::log(conditions.power_price.get());
        let (stop, restart) = (margin + params.half_band, margin - params.half_band - params.restart_margin);
        let (mut running, mut left, mut power) = (0.0, 0.0, 0.0);
        let lots =
            self.installed.chunks_exact_mut(classes.quantiles).zip(self.allowed.chunks_exact_mut(classes.quantiles));
        for ((installed, allowed), (ln_cost, efficiency)) in
            lots.zip(classes.ln_cost.chunks_exact(classes.quantiles).zip(&classes.efficiency))
        {
            let mut of_class = 0.0;
            for ((installed, allowed), ln_cost) in installed.iter_mut().zip(allowed).zip(ln_cost) {
                if *ln_cost > stop {
                    *allowed = 0.0;
                } else if *ln_cost < restart {
                    *allowed += (1.0 - *allowed) * back;
                }
                let runs = *installed * *allowed;
                running += runs;
                *installed = runs + (*installed - runs) * stays;
                if *installed > 0.0 {
                    *allowed = runs / *installed;
                }
                of_class += *installed;
            }
            left += of_class;
            power += of_class * efficiency;
        }
        // EH/s times J/TH gives MW.
        (running, left, power / 1000.0)
    }

    /// Mean running hashrate over the step while it follows `wanted`, EH/s.
    fn respond(&mut self, params: &LawParams, wanted: f64, dt: f64) -> f64 {
        let wanted = wanted * (1.0 - self.queue);
        let tau = params.response.get();
        let reached = within(dt, params.response);
        let mean = wanted + (self.running - wanted) * reached * tau / dt;
        self.running = wanted + (self.running - wanted) * (1.0 - reached);
        mean
    }

    /// Orders, EH/s a year.
    fn orders(&self, params: &LawParams, installed: f64, installed_gw: f64) -> f64 {
        params.orders.growth_per_year(self.ln_earned_cents, installed_gw) * installed
    }

    /// Moves orders along the delivery time; returns the deliveries, EH/s.
    fn ship(&mut self, params: &LawParams, orders_eh_per_year: f64, dt: f64) -> f64 {
        let moves = (2.0 * dt / params.lag.get()).min(1.0);
        let [first, second] = self.ordered.map(|ordered| ordered * moves);
        self.ordered[1] += first - second;
        self.ordered[0] += orders_eh_per_year * dt / YEAR - first;
        second
    }

    /// Machines that wait take the places of deliveries; returns the deliveries that remain, EH/s.
    fn place(&mut self, params: &LawParams, delivered: f64, installed: f64, dt: f64) -> f64 {
        if let Some(half_life) = params.queue_half_life {
            self.queue *= libm::exp2(-dt / half_life.get());
            return delivered;
        }
        if self.queue <= 0.0 {
            return delivered;
        }
        let placed = delivered.min(self.queue * installed);
        self.queue -= placed / installed;
        delivered - placed
    }

    /// New machines join a class, evenly over power prices. They run in proportion to the others of their lot.
    fn install(&mut self, classes: &Classes, class: usize, added: f64) {
        let lots = class * classes.quantiles..(class + 1) * classes.quantiles;
        #[expect(clippy::cast_precision_loss, reason = "a few dozen quantiles")]
        let each = added / classes.quantiles as f64;
        for (installed, allowed) in self.installed[lots.clone()].iter_mut().zip(&mut self.allowed[lots]) {
            let together = *installed + each;
            if together > 0.0 {
                let new_runs = if *allowed > 0.0 || *installed <= 0.0 { each } else { 0.0 };
                *allowed = (*allowed * *installed + new_runs) / together;
            }
            *installed = together;
        }
    }
}

/// Share of a gap that closes in `dt` days with a time constant; 1 if the time constant is 0.
fn within(dt: f64, time: Days) -> f64 {
    if time.get() > 0.0 { 1.0 - libm::exp(-dt / time.get()) } else { 1.0 }
}
