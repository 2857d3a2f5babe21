//! What changes the machines there are: parameters.

use crate::{
    hardware::{Ageing, Lag, Machine, Manufacturers},
    market::outlook::Hurdle,
    mechanism::{credit::loan::LoanTerms, growth::rule::Barrier},
    units::{Days, Seconds},
};

/// How machines come and go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrowthParams {
    /// Models that the fleet of the start does not have.
    pub models: Vec<ComingModel>,
    /// What is on order at the start.
    pub orders: Option<OrdersParams>,
    /// What miners expect.
    pub expectations: Expectations,
    /// Who buys machines.
    pub invest: Invest,
    /// How machines wear; `None` is not at all.
    pub ageing: Option<Ageing>,
    /// Other uses of sites, in order of time.
    pub other_uses: Vec<OtherUse>,
}

impl GrowthParams {
    /// How machines are valued that must pay for themselves within a time.
    #[must_use]
    pub const fn hurdle(&self, payback: Days) -> Hurdle {
        let Expectations { discount_per_year, life, .. } = self.expectations;
        Hurdle { payback, discount_per_year, life }
    }

    /// Whether nothing of it is used.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.orders.is_none() && self.invest == Invest::None && self.ageing.is_none() && self.other_uses.is_empty()
    }
}

/// A machine model that the fleet of the start does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingModel {
    /// Stable name.
    pub name: String,
    /// The machine.
    pub machine: Machine,
    /// Whether it can run in eco mode.
    pub eco: bool,
}

/// A model by where it stands in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// A part of the fleet of the start.
    Fleet(usize),
    /// One of [`GrowthParams::models`].
    Coming(usize),
}

impl ModelRef {
    /// Its index among the models of a population, the last `coming` of which are those to come.
    ///
    /// # Panics
    /// With more models than a `u16` counts, which no scenario has.
    #[must_use]
    pub fn index(self, models: usize, coming: usize) -> u16 {
        let index = match self {
            Self::Fleet(part) => part,
            Self::Coming(model) => models - coming + model,
        };
        u16::try_from(index).expect("models are few")
    }
}

/// What is on order at the start: known then, and paid.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdersParams {
    /// The machines.
    pub model: ModelRef,
    /// How many come, and when.
    pub pace: Pace,
    /// Classes that ordered; empty is all.
    pub classes: Vec<String>,
}

/// How many machines come of what is on order.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// As many as hashrate grew by in the epochs before the start, for as long as it takes orders to come.
    Trend {
        /// Growth of hashrate in an epoch of 14 days, as a share of that of the start.
        growth_per_epoch: f64,
        /// Standard error with which that is known.
        standard_error: f64,
        /// From order to delivery.
        lag: Lag,
    },
    /// EH/s in each month from the start on.
    Schedule(Vec<f64>),
}

/// What miners expect of hashprice, and how they reckon with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectations {
    /// Rate at which hashprice falls between halvings, 1/year.
    pub decline_per_year: f64,
    /// Whether they take the growth of difficulty over the last six epochs instead, once six have passed.
    pub adaptive: bool,
    /// Discount rate, 1/year.
    pub discount_per_year: f64,
    /// Share of a halving's fall, in logarithms, that hashprice keeps.
    pub halving_share: f64,
    /// How long a machine is reckoned with.
    pub life: Days,
}

impl Default for Expectations {
    fn default() -> Self {
        Self {
            decline_per_year: 0.23,
            adaptive: false,
            discount_per_year: 0.2,
            halving_share: 0.69,
            life: Days::new(1095.0),
        }
    }
}

/// Who buys machines.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Invest {
    /// Nobody.
    #[default]
    None,
    /// Miners and entrants whom it pays.
    Payback(PaybackParams),
    /// Outsiders, as many as bring hashprice down to a falling barrier.
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
    /// Which.
    pub model: ModelRef,
    /// From when on.
    pub from: Seconds,
    /// Until when: the next generation takes its place. Infinite where none does.
    pub until: Seconds,
    /// USD per TH/s; `None` is the makers' price.
    pub price_usd_per_th: Option<f64>,
}

impl Offer {
    /// Whether it is on sale at an instant, s.
    #[must_use]
    pub fn is_on_sale(&self, now: f64) -> bool {
        self.from.get() <= now && now < self.until.get()
    }
}

/// Buying by payback and value.
#[derive(Clone, Debug, PartialEq)]
pub struct PaybackParams {
    /// Time within which a machine must have paid for itself.
    pub payback: Days,
    /// Freight and installation, as a share of the price.
    pub freight_share: f64,
    /// Buffers of cash that are not spent; a buffer is at least a month of running all machines.
    pub reserve_buffers: f64,
    /// From order to delivery.
    pub lag: Lag,
    /// Cost of a site, USD per MW.
    pub site_usd_per_mw: f64,
    /// How long a site takes to build, at least and at most.
    pub site_lead: (Days, Days),
    /// Who builds machines.
    pub makers: Manufacturers,
    /// What is on sale, in order of time.
    pub offers: Vec<Offer>,
    /// On what terms lenders pay a part of a machine's price; `None` is not at all.
    pub loan: Option<LoanTerms>,
}

/// Entry at a barrier.
#[derive(Clone, Debug, PartialEq)]
pub struct BarrierParams {
    /// What entrants reckon with.
    pub barrier: Barrier,
    /// What is on sale, in order of time.
    pub offers: Vec<Offer>,
}

/// Another use of sites: tenants who want power, halls and a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherUse {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// From when on.
    pub at: Seconds,
    /// Power that tenants take in a month, MW.
    pub mw_per_month: f64,
    /// What a MW earns its owner in a year, USD.
    pub usd_per_mw_year: f64,
    /// Sites below are of no use, MW.
    pub least_mw: f64,
    /// Hazard of conversion of a site that earns nothing by mining, 1/year.
    pub hazard_per_year: f64,
    /// How long the building takes, at least and at most; mining goes on meanwhile.
    pub building: (Days, Days),
    /// Regions concerned; empty is all.
    pub regions: Vec<String>,
    /// Classes concerned; empty is all.
    pub classes: Vec<String>,
}
