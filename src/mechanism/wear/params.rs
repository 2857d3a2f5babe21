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
        /// Growth of energy per hash in a year.
        drift_per_year: f64 as "1/year" = 0.01, source("A: 0-0.03"), uniform(0.0, 0.03, "assumed"), within(0.0, 1.0),
            usual(0.001, 0.06, "A-50: 0-0.03");
        /// It is applied in steps this long.
        drift_step: Seconds => drift_step_days as DAYS = 182.0, source("design"), within(0.01, 36_500.0), usual(7.0, 730.0, "A-50");
        /// Machines older are scrapped.
        life: Seconds => life_years as YEARS = 7.0, source("S3: 5; A"), positive(100.0), usual(1.0, 15.0, "A-52, A-50; S3: 5");
        /// Hazard of breaking.
        failures_per_year: f64 as "1/year" = 0.05, source("S24: 0.03-0.10"), uniform(0.03, 0.1, "S24"), within(0.0, 50.0),
            usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17");
        /// Models of the fleet with a hazard of their own, by name.
        failures_by_model: BTreeMap<String, f64>
            => |keys, key| keys.each("model", key.doc, &of_model).into_iter().collect();
        /// Cost of repairing a machine.
        repair_usd_per_th: f64 as "USD/(TH/s)" = 2.0, source("A: 1-5"), uniform(1.0, 5.0, "assumed"), within(0.0, 1e6),
            usual(0.1, 20.0, "A-51: 1-5");
        /// How long a repair takes.
        repair_time: Seconds => repair_days as DAYS = 30.0, source("A: 14-90"), uniform(14.0, 90.0, "assumed"), within(0.0, 3650.0),
            usual(1.0, 180.0, "A-51: 14-90");
        /// A repair is made where it costs less than this share of what the machine is worth as it runs.
        repair_worth: f64 = 0.5, source("A: 0.2-1"), uniform(0.2, 1.0, "assumed"), within(0.0, 100.0), usual(0.02, 2.0, "A-51: 0.2-1");
    }
}

fn of_model<K: ReadKeys>(keys: &mut K) -> (String, f64) {
    let key = Key::new("failures_per_year", "Hazard of breaking of this model.").unit("1/year").within(0.0, 50.0);
    let hazard = keys.number(key.usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17"));
    (keys.last_name().to_owned(), hazard)
}
