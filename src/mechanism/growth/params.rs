//! Parameters of changes of the machine stock.

use crate::{
    hardware::{Ageing, Lag, Machine, Manufacturers},
    market::outlook::Hurdle,
    mechanism::{credit::loan::LoanTerms, growth::rule::Barrier},
    units::{Days, Id, ModelId, Seconds},
};

/// How machines are added and removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrowthParams {
    /// Models that are not in the initial fleet.
    pub models: Vec<ComingModel>,
    /// Orders outstanding at the start.
    pub orders: Option<OrdersParams>,
    /// Miners' expectations.
    pub expectations: Expectations,
    /// The investment rule.
    pub invest: Invest,
    /// How machines wear; `None` disables wear.
    pub ageing: Option<Ageing>,
    /// Other uses of sites, in order of time.
    pub other_uses: Vec<OtherUse>,
}

impl GrowthParams {
    /// Valuation parameters for machines that must pay back within a given time.
    #[must_use]
    pub const fn hurdle(&self, payback: Days) -> Hurdle {
        let Expectations { discount_per_year, life, .. } = self.expectations;
        Hurdle { payback, discount_per_year, life }
    }

    /// Whether all of it is disabled.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.orders.is_none() && self.invest == Invest::None && self.ageing.is_none() && self.other_uses.is_empty()
    }
}

/// A machine model that is not in the initial fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingModel {
    /// Stable name.
    pub name: String,
    /// The machine.
    pub machine: Machine,
    /// Whether it can run in eco mode.
    pub eco: bool,
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
    /// The model among those of a population, the last `coming` of which are those to come.
    #[must_use]
    pub fn id(self, models: usize, coming: usize) -> ModelId {
        ModelId::of(match self {
            Self::Fleet(part) => part,
            Self::Coming(model) => models - coming + model,
        })
    }
}

/// Orders outstanding at the start: known then, and paid.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdersParams {
    /// The machines.
    pub model: ModelRef,
    /// Hashrate and time of deliveries.
    pub pace: Pace,
    /// Classes that ordered; empty is all.
    pub classes: Vec<String>,
}

/// Deliveries of the outstanding orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// Deliveries equal the growth of hashrate in the epochs before the start, for as long as the delivery lag.
    Trend {
        /// Growth of hashrate in an epoch of 14 days, as a share of initial hashrate.
        growth_per_epoch: f64,
        /// Its standard error.
        standard_error: f64,
        /// From order to delivery.
        lag: Lag,
    },
    /// EH/s in each month, beginning at the start.
    Schedule(Vec<f64>),
}

/// Miners' expectations of hashprice, and their valuation parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectations {
    /// Rate at which hashprice falls between halvings, 1/year.
    pub decline_per_year: f64,
    /// Whether they use the growth of difficulty over the last six epochs instead, once six have passed.
    pub adaptive: bool,
    /// Discount rate, 1/year.
    pub discount_per_year: f64,
    /// Share of a halving's reduction, in logarithms, that remains in hashprice.
    pub halving_share: f64,
    /// Assumed life of a machine.
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

/// Investment rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Invest {
    /// No one invests.
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
    /// Begin of sale.
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

/// Buying by payback and value.
#[derive(Clone, Debug, PartialEq)]
pub struct PaybackParams {
    /// Required payback time.
    pub payback: Days,
    /// Freight and installation, as a share of the price.
    pub freight_share: f64,
    /// Cash buffers that are kept; a buffer is at least a month of the cost of running all machines.
    pub reserve_buffers: f64,
    /// Delivery lag.
    pub lag: Lag,
    /// Cost of a site, USD per MW.
    pub site_usd_per_mw: f64,
    /// Minimum and maximum time to build a site.
    pub site_lead: (Days, Days),
    /// The manufacturers.
    pub makers: Manufacturers,
    /// Machines on sale, in order of time.
    pub offers: Vec<Offer>,
    /// Terms on which lenders finance a part of a machine's price; `None` disables this.
    pub loan: Option<LoanTerms>,
}

/// Entry at a barrier.
#[derive(Clone, Debug, PartialEq)]
pub struct BarrierParams {
    /// Parameters of the entrants' decision.
    pub barrier: Barrier,
    /// Machines on sale, in order of time.
    pub offers: Vec<Offer>,
}

/// Another use of sites: tenants who want power, halls and a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherUse {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// Begin.
    pub at: Seconds,
    /// Power that tenants take in a month, MW.
    pub mw_per_month: f64,
    /// Annual rent of a MW, USD.
    pub usd_per_mw_year: f64,
    /// Minimum power of a usable site, MW.
    pub least_mw: f64,
    /// Hazard of conversion of a site whose mining earns nothing, 1/year.
    pub hazard_per_year: f64,
    /// Minimum and maximum duration of the conversion works; mining continues meanwhile.
    pub building: (Days, Days),
    /// Regions concerned; empty is all.
    pub regions: Vec<String>,
    /// Classes concerned; empty is all.
    pub classes: Vec<String>,
}
