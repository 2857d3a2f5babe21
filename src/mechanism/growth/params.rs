//! Parameters of changes of the machine stock.

use super::instalments::Instalments;
use crate::{
    declare::{Key, Params, ReadKeys, SPAN_DAYS, SPAN_MONTHS, SPAN_YEARS, Scheduled, Usual, kinds, params, usual},
    hardware::{Lag, Machine, Manufacturers, OrderLaw},
    market::outlook::Hurdle,
    mechanism::credit::params::{Borrowing, LoanTerms},
    units::{Days, Id, MONTH_DAYS, ModelId, Seconds},
};

/// How machines are added and removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrowthParams {
    /// Models that are not in the initial fleet.
    pub models: Vec<ComingModel>,
    /// Orders outstanding at the start, or orders that follow from revenue.
    pub orders: Option<Orders>,
    /// Miners' expectations.
    pub expectations: Expectations,
    /// The investment rule.
    pub invest: Invest,
}

impl GrowthParams {
    /// Valuation parameters for machines that must pay back within a given time.
    #[must_use]
    pub const fn hurdle(&self, payback: Days) -> Hurdle {
        Hurdle { payback, life: self.expectations.life }
    }
}

params! {
    /// A machine model that is not in the initial fleet.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ComingModel(given: String), check {
        /// Stable name.
        name: String => |_, _| given;
        /// The machine.
        machine: Machine => |keys, _| Machine::read(keys, &name);
        /// Whether it can run in eco mode; only machines released from 2019 on can.
        eco: bool = false, source("section 7.3, S48");
    }
}

impl ComingModel {
    fn check(&self, keys: &impl ReadKeys) {
        self.machine.check_eco(self.eco, keys);
    }
}

params! {
    /// Machines that an event puts on sale.
    #[derive(Clone, Debug, PartialEq)]
    pub struct NewGeneration(event: Scheduled) {
        /// Time at which the event takes place.
        from: Seconds => at => |keys, key| event.at(keys, key);
        /// The machine; a machine that is not in the catalogue has the name of its event.
        model: ComingModel => |keys, _| ComingModel::read_with(keys, event.name);
        /// Price of the machine while it is on sale; if absent, the manufacturers' price.
        price_usd_per_th: Option<f64> as "USD/(TH/s)", within(0.0, 1e9), usually(NEW_MACHINES);
    }
}

/// Reference to a model in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// A model of the initial fleet.
    Fleet(usize),
    /// One of [`GrowthParams::models`].
    Coming(usize),
}

impl ModelRef {
    /// The model in the list of a population, whose last `coming` models are not in the initial fleet.
    #[must_use]
    pub fn id(self, models: usize, coming: usize) -> ModelId {
        ModelId::of(match self {
            Self::Fleet(part) => part,
            Self::Coming(model) => models - coming + model,
        })
    }
}

/// How orders that do not ask for payback come about.
#[derive(Clone, Debug, PartialEq)]
pub enum Orders {
    /// Machines on order at the start, and no others.
    Outstanding(OrdersParams),
    /// Orders that follow from revenue.
    Rule(OrderRule),
}

params! {
    /// Orders that follow from revenue.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OrderRule {
        /// Machines on sale, in order of time; the scenario gives them once the whole of it has been read.
        offers: Vec<Offer> => |_, _| Vec::new();
        /// How orders follow revenue.
        law: OrderLaw => |keys, _| OrderLaw::read(keys);
        /// Time constant of the revenue that buyers remember.
        memory: Days => memory_days as SPAN_DAYS = 20.0, source("A-94"), positive(3650.0), usual(1.0, 365.0, "A-94");
        /// Mean time from order to delivery, in two stages of equal mean.
        lag: Days => lag_days as SPAN_DAYS = 90.0, source("A-94, A-47: 60-150"), uniform(60.0, 150.0, "A-94"), positive(3650.0),
            usual(10.0, 365.0, "A-47: 30-270");
        /// Hashrate on order at the start; if absent, what the rule would have ordered in one delivery time at the first hashprice.
        on_order_eh: Option<f64> => on_order_eh_per_s as "EH/s", within(0.0, 1e4), usual(0.01, 500.0, "A-48: at most 153 in four epochs of 2025");
        /// Price of a machine, which firms pay when they order, as far as their cash goes; if absent, outside capital pays for all orders.
        price_usd_per_th: Option<f64> as "USD/(TH/s)", positive(1e9), usual(1.0, 200.0, "A-48, S10: 15-119");
        /// Cash that a buyer keeps, as a number of buffers. A buffer is `cash_buffer_months`, but at least one month, of running all machines.
        reserve_buffers: f64 = 1.5, source("section 7.15, A"), within(0.0, 1000.0), usual(0.1, 12.0, "A-64");
    }
}

/// Orders outstanding at the start, known then.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdersParams {
    /// The machines.
    pub model: ModelRef,
    /// Hashrate and time of deliveries.
    pub pace: Pace,
    /// Classes that ordered; empty is all.
    pub classes: Vec<String>,
    /// What is still to be paid; `None` if all is paid.
    pub instalments: Option<Instalments>,
}

/// Deliveries of the outstanding orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// Deliveries continue the growth of hashrate in the epochs before the start, for the length of the delivery lag.
    Trend {
        /// Growth of hashrate per epoch of 14 days, as a share of initial hashrate.
        growth_per_epoch: f64,
        /// Its standard error.
        standard_error: f64,
        /// Time from order to delivery.
        lag: Lag,
    },
    /// EH/s delivered in each month, beginning at the start.
    Schedule(Vec<f64>),
}

kinds! {
    /// Outstanding orders as a scenario gives them. The machine is the name of a part of the fleet, or of a machine in the catalogue.
    #[derive(Clone, Debug, PartialEq)]
    pub enum WrittenOrders, check {
        /// Nothing is on order.
        none => None,
        /// Outstanding orders continue the growth of hashrate in the epochs before the start, for the length of the delivery lag.
        trend => Trend {
            /// The machine: the name of a part of the fleet (its share may be 0), or of a machine in the catalogue.
            machine: String;
            /// Growth of hashrate per epoch of 14 days before the start, as a share of initial hashrate. It must be known at the start, such as the mean of three epochs.
            growth_per_epoch: f64, within(0.0, 1.0), usual(0.0005, 0.3, "S1: at most 0.15 on the mean of four epochs, 2016 to 2023");
            /// Standard error of that growth: each replica draws its growth from the normal distribution, and a negative draw counts as 0.
            standard_error: f64 => growth_standard_error = 0.0, source("design"), within(0.0, 1.0), usual(0.0, 0.3, "A-77; S1");
            /// Time from order to delivery.
            lag: Lag => |keys, _| Lag::read(keys);
            /// Classes that ordered; all classes if absent or empty.
            classes: Vec<String> => |keys, key| keys.classes(key);
            /// What is still to be paid for these machines, if this table is written: instalments, and machines are cancelled if one is missed. Without it they are paid.
            instalments: Option<Instalments> => |keys, key| keys.table_if_written(key.name, key.doc, Instalments::read);
        },
        /// Orders follow from the revenue per kWh of the best machine on sale, which is that of the catalogue at each date; firms order in proportion to their size.
        rule => Rule(OrderRule),
        /// Deliveries are given month by month.
        schedule => Schedule {
            /// The machine: the name of a part of the fleet (its share may be 0), or of a machine in the catalogue.
            machine: String;
            /// Hashrate delivered in each month, beginning at the start.
            months: Option<Vec<f64>> => eh_per_s_per_month as "EH/s", within(0.0, 1e4), usual(0.001, 300.0, "A-48: at most 153 in four epochs of 2025");
            /// Classes that ordered; all classes if absent or empty.
            classes: Vec<String> => |keys, key| keys.classes(key);
            /// What is still to be paid for these machines, if this table is written: instalments, and machines are cancelled if one is missed. Without it they are paid.
            instalments: Option<Instalments> => |keys, key| keys.table_if_written(key.name, key.doc, Instalments::read);
        },
    }
}

impl WrittenOrders {
    fn check(&self, keys: &impl ReadKeys) {
        if matches!(self, Self::Schedule { months: None, .. }) {
            keys.refuse(
                "scenario::missing",
                format!("`{}` is missing", keys.name_of("eh_per_s_per_month")),
                ("eh_per_s_per_month", "in this table".to_owned()),
                "a list such as [12.0, 12.0, 8.0], in EH/s",
            );
        }
    }
}

params! {
    /// Miners' expectations of hashprice, and their valuation parameters.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Expectations {
        /// Rate at which miners expect the hashprice to fall at which a new machine pays: machines improve, so that the barrier falls which entry sets to
        /// hashprice.
        decline_per_year: f64 as "1/year" = 0.23, source("D: 0.10-0.45"), uniform(0.1, 0.45, "D"), within(0.0, 5.0),
            usual(0.01, 0.8, "A-52: 0.10-0.45");
        /// Drift of hashprice while no machine is added; 0 if the coin's price is expected to stay.
        drift_per_year: f64 as "1/year" = 0.0, source("section 7.4, A"), within(-10.0, 10.0), usual(-0.6, 0.3, "A-52");
        /// Discount rate for the future income of a machine.
        discount_per_year: f64 as "1/year" = 0.20, source("A: 0.10-0.40"), uniform(0.1, 0.4, "assumed"), within(0.0, 10.0),
            usual(0.03, 0.6, "A-52: 0.10-0.40");
        /// Share of the logarithmic fall of the block reward at a halving by which hashprice is expected to stay lower.
        halving_share: f64 = 0.69, source("D from S2: 1/(1 + 0.45)"), within(0.0, 1.0);
        /// Assumed life of a machine.
        life: Days => life_years as SPAN_YEARS = 3.0, source("A: 2-5"), uniform(2.0, 5.0, "assumed"), positive(100.0),
            usual(1.0, 15.0, "A-52, A-50; S3: 5");
    }
}

impl Default for Expectations {
    fn default() -> Self {
        usual()
    }
}
/// Investment rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Invest {
    /// There is no investment.
    #[default]
    None,
    /// Miners and entrants buy if payback and value justify it.
    Payback(PaybackParams),
    /// Outsiders enter until hashprice is down to a falling barrier.
    Barrier(BarrierParams),
}

impl Invest {
    /// The machines on sale, in order of time.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        match self {
            Self::None => &[],
            Self::Payback(payback) => &payback.offers,
            Self::Barrier(barrier) => &barrier.offers,
        }
    }
}

/// A machine on sale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// Its model.
    pub model: ModelRef,
    /// Beginning of sale.
    pub from: Seconds,
    /// End of sale, when the next generation takes its place; infinite if none does.
    pub until: Seconds,
    /// Price, USD per TH/s; `None` is the manufacturers' price.
    pub price_usd_per_th: Option<f64>,
}

impl Offer {
    /// Whether it is on sale at an instant, s.
    #[must_use]
    pub fn is_on_sale(&self, now: f64) -> bool {
        self.from.get() <= now && now < self.until.get()
    }
}

/// Why prices of new machines are usual.
const NEW_MACHINES: Usual = Usual { low: 1.0, high: 200.0, source: "A-48, S10: 15-119" };

params! {
    /// The machine on sale at the start, and those that follow it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OnSale {
        /// Annual reduction of energy per hash of the machines on sale, as a share; with 0 only events bring new generations.
        fall_per_year: f64 => frontier_fall_per_year as "1/year" = 0.20, source("D: 0.10-0.30"), uniform(0.1, 0.3, "D"), within(0.0, 0.9),
            usual(0.02, 0.45, "A-64: 0.10-0.30");
        /// Time between generations of machines.
        step: Days => frontier_step_months as SPAN_MONTHS = 21.0, source("D: 18-24"), uniform(18.0, 24.0, "D"), within(0.1, 1200.0),
            usual(3.0, 60.0, "A-64: 18-24");
        /// Price of the machine on sale at the start, while it is on sale; if absent, the manufacturers' price.
        price_usd_per_th: Option<f64> as "USD/(TH/s)", within(0.0, 1e9), usually(NEW_MACHINES);
        /// The machine: the name of a part of the fleet (its share may be 0), or of a machine in the catalogue.
        machine: String;
    }
}

params! {
    /// The machine on sale at the start where entry is at a barrier, which sets how those that follow it improve.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OnSaleAtBarrier {
        /// Time between generations of machines.
        step: Days => frontier_step_months as SPAN_MONTHS = 21.0, source("D: 18-24"), uniform(18.0, 24.0, "D"), within(0.1, 1200.0),
            usual(3.0, 60.0, "A-64: 18-24");
        /// The machine: the name of a part of the fleet (its share may be 0), or of a machine in the catalogue.
        machine: String;
    }
}

params! {
    /// Buying by payback and value; the machines on sale have been read before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PaybackParams(on_sale: Vec<Offer>) {
        /// Machines on sale, in order of time.
        offers: Vec<Offer> => |_, _| on_sale;
        /// Required payback time of a machine.
        payback: Days => payback_months as SPAN_MONTHS = 24.0, source("S10, S5: 12-36"), uniform(12.0, 36.0, "S10, S5"), positive(1200.0),
            usual(3.0, 84.0, "A-52, S5, S10: 12-36");
        /// Freight and installation, as a share of a machine's price.
        freight_share: f64 = 0.03, source("section 7.15, A"), within(0.0, 10.0), usual(0.001, 0.2, "A-64");
        /// Cash that a buyer keeps, as a number of buffers. A buffer is `cash_buffer_months`, but at least one month, of running all machines.
        reserve_buffers: f64 = 1.5, source("section 7.15, A"), within(0.0, 1000.0), usual(0.1, 12.0, "A-64");
        /// Delivery lag.
        lag: Lag => |keys, _| Lag::read(keys);
        /// Cost of building a site.
        site_usd_per_mw: f64 as "USD/MW" = 450_000.0, source("S25: 0.3e6-0.8e6"), uniform(300_000.0, 800_000.0, "S25"), within(0.0, 1e9),
            usual(50_000.0, 3e6, "A-64, S25: 0.3e6-0.8e6");
        /// Minimum and maximum time to build a site.
        site_lead: (Days, Days) => |keys, _| site_lead(keys);
        /// The manufacturers.
        manufacturers: Manufacturers => |keys, _| Manufacturers::read(keys);
        /// Machine loans, if this table is written: lenders pay the share loan_to_value of the cost of machines and take the buyer's assets as collateral.
        loan: Option<LoanTerms>
            => |keys, key| keys.table_if_written(key.name, key.doc, |keys| LoanTerms::read_with(keys, Borrowing::Purchase));
    }
}

fn site_lead(keys: &mut impl ReadKeys) -> (Days, Days) {
    let key = |name, doc| Key::new(name, doc).unit("month").source("A").within(0.0, 1200.0).usual(0.5, 48.0, "A-64");
    let least = key("site_months_least", "Minimum time to build a site.");
    let most = key("site_months_most", "Maximum time to build a site.");
    let (least, most) = keys.ordered((least, 9.0), (most, 12.0));
    (Days::new(least * MONTH_DAYS), Days::new(most * MONTH_DAYS))
}
/// Entry at a barrier.
#[derive(Clone, Debug, PartialEq)]
pub struct BarrierParams {
    /// Parameters of the entrants' decision.
    pub barrier: Barrier,
    /// Machines on sale, in order of time.
    pub offers: Vec<Offer>,
}

params! {
    /// Parameters of the entrants' decision.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Barrier, check {
        /// Rate at which machines become more efficient, and at which the entry barrier falls.
        decline_per_year: f64 as "1/year", within(0.0, 5.0), usual(-1.0, 1.0, "A-52: 0.10-0.45; assumed beyond");
        /// Discount rate.
        discount_per_year: f64 as "1/year", positive(10.0), usual(-1.0, 1.0, "A-52: 0.10-0.45; assumed beyond");
        /// Drift of the reward in USD; below the discount rate.
        growth_per_year: f64 as "1/year", within(-10.0, 10.0), usual(-1.0, 1.0, "A-52: 0.10-0.45; assumed beyond");
        /// Volatility of the reward.
        volatility_per_year: f64 as "1/sqrt(year)", within(0.0, 10.0), usual(0.1, 1.5, "A-44: 0.46-0.96 a year");
        /// Cost of a machine including its place at a site, at the start.
        cost_usd_per_ph: f64 as "USD/(PH/s)", within(1e3, 1e12), usual(2_000.0, 1e6, "S10, S25: 15-119 USD/TH and the site");
        /// Running cost of a machine bought at the start, constant over its life; machines bought later have a lower one.
        running_usd_per_ph_year: f64 as "USD/(PH/s)/year" = 0.0, source("A"), within(0.0, 1e12),
            usual(100.0, 3e5, "A-64; assumed: power of 2 to 600 kW");
    }
}
impl Barrier {
    fn check(&self, keys: &impl ReadKeys) {
        if self.growth_per_year >= self.discount_per_year {
            keys.refuse(
                "scenario::range",
                format!("`{}` is not below the discount rate", keys.name_of("growth_per_year")),
                ("growth_per_year", format!("must be below {}", self.discount_per_year)),
                "a reward that outgrows its discount rate has no finite value, and there is no barrier",
            );
        }
    }
}
