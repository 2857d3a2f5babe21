//! Parameters of consolidation.

use crate::declare::{ReadKeys, params};

params! {
    /// Conditions and prices of acquisitions.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ConsolidationParams, check {
        /// A firm is up for sale if its money lasts for a shorter time than this at its present burn rate.
        runway_months: f64 as "months" = 2.0, source("section 7.19, A"), within(0.0, 1200.0), usual(0.1, 24.0, "A-85");
        /// Probability per month that a firm that burns money is up for sale.
        weak_sale_per_month: f64 = 0.01, source("section 7.19, A"), within(0.0, 1.0), usual(0.001, 0.3, "A-85");
        /// Size of a buyer's cash buffer, in months of running all its machines; the buffer of its class applies if that is larger.
        buffer_months: f64 as "months" = 1.0, source("A"), within(0.0, 1200.0), usual(0.1, 24.0, "A-85");
        /// Number of cash buffers that a buyer keeps after paying.
        buffers_kept: f64 = 2.0, source("section 7.19, A"), within(0.0, 100.0), usual(0.1, 12.0, "A-85");
        /// Share of a site's net present value that the seller receives, within the bounds.
        site_share_of_npv: f64 = 0.5, source("A"), within(0.0, 1.0);
        /// Minimum price of a site per unit of power.
        site_low_usd_per_mw: f64 as "USD/MW" = 150_000.0, source("A"), within(0.0, 1e9), usual(10_000.0, 3e6, "A-86, S25");
        /// Maximum price of a site per unit of power.
        site_high_usd_per_mw: f64 as "USD/MW" = 500_000.0,
            source("S25"), within(0.0, 1e9), usual(10_000.0, 3e6, "A-86, S25: 430,000-450,000");
        /// Share of the gap between a bought site's power price and the buyer's mean power price that is closed, if the buyer's mean is lower.
        cost_convergence: f64 = 0.5, source("section 7.19, A"), within(0.0, 1.0);
    }
}

impl ConsolidationParams {
    fn check(&self, keys: &impl ReadKeys) {
        if self.site_low_usd_per_mw > self.site_high_usd_per_mw {
            let (low, high) = (keys.name_of("site_low_usd_per_mw"), keys.name_of("site_high_usd_per_mw"));
            keys.refuse(
                "scenario::order",
                format!("`{low}` is above `{high}`"),
                ("site_low_usd_per_mw", format!("must not be above {}", self.site_high_usd_per_mw)),
                "the price of a site is kept between the two",
            );
        }
    }
}
