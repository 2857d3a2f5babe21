//! Wear of machines: they need more energy per hash, break, are repaired or not, and are scrapped at the end of their life.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | d | `drift_per_year` | 1/year | growth of energy per hash |
//! | step | `drift_step` | s | interval at which it is applied |
//! | h | `failures_per_year` | 1/year | hazard of breaking; some models have their own |
//! | c | `repair_usd_per_th` | USD/TH | cost of a repair |
//! | w | `repair_worth` | 1 | a repair is made iff `c < w V` |
//! | V | – | USD/TH | value of the machine in operation |
//! | L | `life` | s | older machines are scrapped |
//!
//! Within a span t a machine breaks with probability `1 - e^(-h t)`. After n steps energy per hash is `(1 + d)^(n step)` times the
//! data sheet's. A repaired machine returns after `repair_time`, as good as before.
//!
//! **Known error.** The hazard does not depend on age. Drift at a site counts from the mean day on which its machines of a model arrived,
//! and machines that join them take over their wear.
//!
//! **Sources.** Hazards: about 5 % a year as a norm, 20-30 % for the S17 family. Life: five years in Cambridge's index, seven here.
//! Drift and repair are assumptions.

use super::params::Ageing;
use crate::units::{Days, YEAR_DAYS};

impl Ageing {
    /// Energy per hash after `steps` of drift, relative to the data sheet.
    #[must_use]
    pub fn wear(&self, steps: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "steps of a run")]
        let years = steps as f64 * (Days::from(self.drift_step).get() / YEAR_DAYS);
        libm::pow(1.0 + self.drift_per_year, years)
    }

    /// Probability that a machine of a model breaks within a span.
    #[must_use]
    pub fn failure(&self, model: &str, span: Days) -> f64 {
        let hazard = self.failures_by_model.get(model).copied().unwrap_or(self.failures_per_year);
        -libm::expm1(-hazard * span.get() / YEAR_DAYS)
    }

    /// Whether a broken machine of this value is repaired.
    #[must_use]
    pub fn is_repaired(&self, value_usd_per_th: f64) -> bool {
        self.repair_usd_per_th < self.repair_worth * value_usd_per_th
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn ageing() -> Ageing {
        Ageing {
            drift_per_year: 0.01,
            drift_step: Days::new(182.5).into(),
            life: Days::new(2555.0).into(),
            failures_per_year: 0.05,
            failures_by_model: BTreeMap::from([("s17".to_owned(), 0.25)]),
            repair_usd_per_th: 2.0,
            repair_time: Days::new(30.0).into(),
            repair_worth: 0.5,
        }
    }

    #[test]
    fn drift_compounds_by_the_year_whatever_the_step() {
        let ageing = ageing();
        assert!((ageing.wear(0) - 1.0).abs() < 1e-15);
        assert!((ageing.wear(2) - 1.01).abs() < 1e-12 && (ageing.wear(14) - libm::pow(1.01, 7.0)).abs() < 1e-12);
    }

    /// Twelve months of survival equal one year of survival, and each model has its own hazard.
    #[test]
    fn failures_do_not_depend_on_how_time_is_cut() {
        let ageing = ageing();
        for (model, hazard) in [("s19", 0.05), ("s17", 0.25)] {
            let month = 1.0 - ageing.failure(model, Days::new(365.0 / 12.0));
            assert!((libm::pow(month, 12.0) - libm::exp(-hazard)).abs() < 1e-12, "{model}");
        }
    }

    #[test]
    fn a_machine_is_repaired_while_that_pays() {
        assert!(ageing().is_repaired(4.01) && !ageing().is_repaired(4.0));
    }
}
