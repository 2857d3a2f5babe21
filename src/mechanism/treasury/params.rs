//! Parameters of the treasury: how coins are sold, when bills are paid, and the terms of the initial debt.

use crate::{
    declare::{ReadKeys, kinds, params},
    mechanism::credit::params::{Collateral, LoanTerms, Repayment},
};

kinds! {
    /// Treasury policy of a class.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum TreasuryPolicy, check {
        /// Sells all coins at every settlement.
        all => All,
        /// Sells a share of production, and gradually sells the coins above the initial treasury.
        share => Share {
            /// Share of production that is sold at settlement.
            share: f64 = 1.0, source("section 7.8, S13"), within(0.0, 1.0);
            /// Share of the coins above the target that is sold per day.
            excess_per_day: f64 as "1/d" = 0.02, source("section 7.8"), within(0.0, 1.0), usual(0.001, 1.0, "A-31: 0.02; 1 is all at once");
        },
        /// Holds a target number of days of full production and sells the excess.
        target => Target {
            /// Target holding, in days of production with all machines of the firm running.
            days: f64 as "d",
                within(0.0, 36_500.0), usual(0.5, 2500.0, "A-29, S13: 7-650; the largest treasury over its production is assumed");
            /// Share of the coins above the target that is sold per day.
            excess_per_day: f64 as "1/d" = 1.0, source("section 7.8"), within(0.0, 1.0), usual(0.001, 1.0, "A-31: 0.02; 1 is all at once");
        },
        /// Sells only when it is short of cash.
        hold => Hold,
        /// Pays its bills by selling coins until none are left, and then from cash.
        cover => Cover,
        /// Sells a share of production that rises as the margin falls, and gradually sells the coins above the initial treasury.
        regime => Regime {
            /// Ratio of potential revenue to running cost of its machines above which a firm counts as rich.
            rich_ratio: f64 = 2.0, source("section 7.8, A"), within(0.0, 1e3), usual(0.2, 10.0, "A-30");
            /// Ratio of potential revenue to running cost up to which a firm counts as poor.
            poor_ratio: f64 = 1.2, source("section 7.8, A"), within(0.0, 1e3), usual(0.2, 10.0, "A-30");
            /// Share of production that a rich firm sells.
            rich_share: f64 = 0.3, source("section 7.8, S13"), within(0.0, 1.0);
            /// Share of production that a poor firm sells.
            poor_share: f64 = 1.0, source("section 7.8, S13"), within(0.0, 1.0);
            /// Share of the coins above the target that is sold per day.
            excess_per_day: f64 as "1/d" = 0.02, source("section 7.8"), within(0.0, 1.0), usual(0.001, 1.0, "A-31: 0.02; 1 is all at once");
        },
    }
}

impl TreasuryPolicy {
    fn check(&self, keys: &impl ReadKeys) {
        if let Self::Regime { rich_ratio, poor_ratio, .. } = *self
            && poor_ratio >= rich_ratio
        {
            keys.refuse(
                "scenario::order",
                format!("`{}` is not below `rich_ratio`", keys.name_of("poor_ratio")),
                ("poor_ratio", format!("must be below {rich_ratio}")),
                "between the two the share sold is joined by a line",
            );
        }
    }
}

params! {
    /// Frequency of settlements, and terms of late payments and initial debt.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SettlementParams {
        /// Days between a firm's settlements.
        every_days: u32 as "d" = 30, source("section 7.8"), within(1.0, 3650.0), usual(1.0, 92.0, "A-33: a month or a quarter");
        /// Days a payment may be late before the firm fails.
        grace_days: f64 as "d" = 30.0,
            source("A: 10-90"), uniform(10.0, 90.0, "assumed"), within(0.0, 3650.0), usual(1.0, 365.0, "A-34: 10-90");
        /// Interest rate on the initial debt.
        debt_rate_per_year: f64 as "1/year" = 0.11, source("S11: 0.08-0.18"), uniform(0.08, 0.18, "S11"), within(0.0, 10.0),
            usual(0.005, 0.3, "A-35, S11: 0.08-0.18; converts 0-0.03");
        /// Additional interest on overdue principal.
        debt_default_margin_per_year: f64 as "1/year" = 0.02,
            source("A: 0-0.05"), uniform(0.0, 0.05, "assumed"), within(0.0, 10.0), usual(0.001, 0.15, "A-54: 0-0.05");
        /// Term of the initial debt in months; it is repaid in equal payments.
        debt_term_months: f64 as "month" = 24.0, source("S11: 12-36"), uniform(12.0, 36.0, "S11"), within(1.0, 1200.0),
            usual(6.0, 120.0, "A-35, S11: 12-36; converts 60");
        /// Interest on bills for power and other costs that were not paid when they fell due.
        late_rate_per_year: f64 as "1/year" = 0.0, source("A: 0-0.24"), uniform(0.0, 0.24, "assumed: up to 2 % a month"), within(0.0, 10.0),
            usual(0.01, 0.4, "A-34: 0-0.24");
        /// Maximum a miner sells per day when it is short of cash, as a share of market volume; only [impact.square_root] defines a volume.
        participation_cap: f64 = 0.10, source("section 7.8, A"), positive(1e6), usual(0.005, 1.0, "A-53");
    }
}

impl SettlementParams {
    /// The loan of classes that specify none.
    #[must_use]
    pub const fn loan(&self) -> LoanTerms {
        LoanTerms {
            share: 1.0,
            repayment: Repayment::Level,
            rate_per_year: self.debt_rate_per_year,
            default_margin_per_year: self.debt_default_margin_per_year,
            term_months: self.debt_term_months,
            collateral: Collateral::None,
            undrawn_usd_per_th: 0.0,
            capped: true,
        }
    }
}
