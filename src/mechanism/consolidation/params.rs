//! Parameters of consolidation.

use crate::declare::{ReadKeys, params};

params! {
    /// Conditions and prices of acquisitions.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ConsolidationParams, check {
        /// A firm whose money lasts for less at the present burn is up for sale.
        runway_months: f64 as "months" = 2.0, source("section 7.19, A"), within(0.0, 1200.0), usual(0.1, 24.0, "A-85");
        /// Probability by which a firm that burns money is up for sale in a month.
        weak_sale_per_month: f64 = 0.01, source("section 7.19, A"), within(0.0, 1.0), usual(0.001, 0.3, "A-85");
        /// A buyer's buffer, in months of running all its machines; a class's own, where that is larger.
        buffer_months: f64 as "months" = 1.0, source("A"), within(0.0, 1200.0), usual(0.1, 24.0, "A-85");
        /// Buffers of cash that a buyer keeps after paying.
        buffers_kept: f64 = 2.0, source("section 7.19, A"), within(0.0, 100.0), usual(0.1, 12.0, "A-85");
        /// Part of a site's net present value that its seller gets, within the bounds.
        site_share_of_npv: f64 = 0.5, source("A"), within(0.0, 1.0);
        /// Least price of a site per power.
        site_low_usd_per_mw: f64 as "USD/MW" = 150_000.0, source("A"), within(0.0, 1e9), usual(10_000.0, 3e6, "A-86, S25");
        /// Highest price of a site per power.
        site_high_usd_per_mw: f64 as "USD/MW" = 500_000.0,
            source("S25"), within(0.0, 1e9), usual(10_000.0, 3e6, "A-86, S25: 430,000-450,000");
        /// Share of the way by which the power price of a bought site comes down to the buyer's mean, where that is lower.
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
