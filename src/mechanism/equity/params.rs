//! Parameters of a class's programme for selling stock.

use crate::declare::params;

params! {
    /// A programme by which firms of a class sell stock to the market for a shortfall of cash.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct EquityParams {
        /// Market value of a firm at the start, over what its installed machines would earn in four years at the hashprice of the start.
        value_ratio: f64 = 1.9, source("S27"), uniform(1.0, 3.0, "assumed around S27"), positive(1e3), usual(0.3, 6.0, "A-99, S27: 1.9");
        /// Elasticity of market value per installed hashrate to hashprice.
        beta: f64 = 1.0, source("A: 1-2"), uniform(1.0, 2.0, "assumed"), within(0.0, 10.0), usual(0.3, 3.0, "A-99: 1-2");
        /// Stock that can be sold in a month, as a share of market value.
        share_per_month: f64 = 0.04, source("A: 0-0.1"), uniform(0.0, 0.1, "assumed"), within(0.0, 1.0), usual(0.002, 0.2, "A-99: 0-0.1");
        /// Share of the start's market value per installed hashrate below which the market buys no stock.
        shuts_below: f64 = 0.5, source("A: 0.2-0.8"), uniform(0.2, 0.8, "assumed"), within(0.0, 100.0), usual(0.05, 1.0, "A-99: 0.2-0.8");
    }
}
