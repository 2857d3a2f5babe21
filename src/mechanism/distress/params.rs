//! Parameters of distress.

use crate::declare::params;

params! {
    /// Procedures before a firm is liquidated.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Workout {
        /// Creditors of a failing firm wait if what it owns is worth at least this share of its debts.
        wait_cover: f64 = 1.0, source("section 7.12, A: 0.8-1.5"), uniform(0.8, 1.5, "section 7.12, assumed"), within(0.0, 1e6),
            usual(0.5, 3.0, "A-56: 0.8-1.5");
        /// Largest share of principal that creditors exchange for equity; they exchange what nothing covers, up to this share.
        principal_cut: f64 = 1.0, source("section 7.12, A: 0.5-1"), uniform(0.5, 1.0, "section 7.12, assumed"), within(0.0, 1.0);
        /// Months by which creditors extend the term.
        extension_months: f64 as "month" = 12.0, source("section 7.12, A"), within(0.0, 1200.0), usual(1.0, 60.0, "A-56");
        /// Days until a firm emerges from Chapter 11; with 0 it stays there until the run ends or it is liquidated.
        chapter11_days: Option<f64> as "d", source("section 7.12, A"), within(0.0, 3650.0),
            usual(30.0, 1500.0, "A-56, S31: about 400 days") => |keys, key| Some(keys.number_or(key, 365.0)).filter(|&days| days > 0.0);
        /// Look-back in days: a firm under Chapter 11 is liquidated when its cash and coins, at the current price, are worth less than they were this many days before.
        burn_days: f64 as "d" = 91.0, source("section 7.12, A"), positive(3650.0), usual(7.0, 365.0, "A-56");
        /// Days over which the coins of a liquidated firm are sold.
        liquidation_days: u32 as "d" = 20, source("section 7.12, A"), within(1.0, 3650.0), usual(1.0, 365.0, "A-56");
    }
}
