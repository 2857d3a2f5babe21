//! Parameters of wear.

use crate::{
    declare::{DAYS, Key, ReadKeys, YEARS, params},
    units::Seconds,
};
use std::collections::BTreeMap;

params! {
    /// Wear of machines.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Ageing {
        /// Annual growth of energy per hash.
        drift_per_year: f64 as "1/year" = 0.01, source("A: 0-0.03"), uniform(0.0, 0.03, "assumed"), within(0.0, 1.0),
            usual(0.001, 0.06, "A-50: 0-0.03");
        /// Interval at which the growth of energy per hash is applied.
        drift_step: Seconds => drift_step_days as DAYS = 182.0, source("design"), within(0.01, 36_500.0), usual(7.0, 730.0, "A-50");
        /// Age above which machines are scrapped.
        life: Seconds => life_years as YEARS = 7.0, source("S3: 5; A"), positive(100.0), usual(1.0, 15.0, "A-52, A-50; S3: 5");
        /// Failure hazard of a machine.
        failures_per_year: f64 as "1/year" = 0.05, source("S24: 0.03-0.10"), uniform(0.03, 0.1, "S24"), within(0.0, 50.0),
            usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17");
        /// Failure hazards of single models of the fleet, by name.
        failures_by_model: BTreeMap<String, f64>
            => |keys, key| keys.each("model", key.doc, &of_model).into_iter().collect();
        /// Cost of repairing a machine.
        repair_usd_per_th: f64 as "USD/(TH/s)" = 2.0, source("A: 1-5"), uniform(1.0, 5.0, "assumed"), within(0.0, 1e6),
            usual(0.1, 20.0, "A-51: 1-5");
        /// Duration of a repair.
        repair_time: Seconds => repair_days as DAYS = 30.0, source("A: 14-90"), uniform(14.0, 90.0, "assumed"), within(0.0, 3650.0),
            usual(1.0, 180.0, "A-51: 14-90");
        /// A machine is repaired if the repair costs less than this share of the value of the running machine.
        repair_worth: f64 = 0.5, source("A: 0.2-1"), uniform(0.2, 1.0, "assumed"), within(0.0, 100.0), usual(0.02, 2.0, "A-51: 0.2-1");
    }
}

fn of_model<K: ReadKeys>(keys: &mut K) -> (String, f64) {
    let key = Key::new("failures_per_year", "Failure hazard of this model.").unit("1/year").within(0.0, 50.0);
    let hazard = keys.number(key.usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17"));
    (keys.last_name().to_owned(), hazard)
}
