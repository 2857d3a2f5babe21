//! Parameters of the conversion of sites.

use crate::{
    declare::{Key, ReadKeys, params},
    units::{Days, MONTH_DAYS, Seconds},
};

params! {
    /// Another use of sites: tenants who want power, halls and a connection. Its name and its begin have been read before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OtherUse(event: (String, Seconds)) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.0;
        /// Begin.
        at: Seconds => |_, _| event.1;
        /// Power that tenants take in a month; what is not taken waits.
        mw_per_month: f64 as "MW" = 250.0, source("A: 0-800"), within(0.0, 1e9), usual(5.0, 2000.0, USUAL);
        /// What a MW let to a tenant leaves its owner in a year.
        usd_per_mw_year: f64 as "USD/MW/year" = 1.46e6, source("S26, D: 1.0e6-2.0e6"), within(0.0, 1e9), usual(29_200.0, 11.68e6, USUAL);
        /// Sites below are of no use to tenants.
        least_mw: f64 as "MW" = 50.0, source("A: 20-100"), within(0.0, 1e9), usual(1.0, 400.0, USUAL);
        /// Hazard of conversion of a site that earns nothing by mining; in proportion to the gap to what a tenant pays.
        hazard_per_year: f64 as "1/year" = 0.5, source("A: 0.1-2"), within(0.0, 1e9), usual(0.01, 4.0, USUAL);
        /// Minimum and maximum duration of the conversion works; mining continues meanwhile.
        building: (Days, Days) => |keys, _| building(keys);
        /// Regions concerned; without it, or empty, all.
        regions: Vec<String>;
        /// Classes concerned; without it, or empty, all.
        classes: Vec<String>;
    }
}

/// A-65 gives for each about half to three times the default; the usual range is from a fiftieth to eight times.
const USUAL: &str = "A-65, S26, wider by far";

fn building(keys: &mut impl ReadKeys) -> (Days, Days) {
    let key = |name, doc| Key::new(name, doc).unit("month").source("section 7.17, A").within(0.0, 1e9);
    let least = key("building_months_least", "How long the building takes, at least.").usual(0.18, 72.0, USUAL);
    let most = key("building_months_most", "How long the building takes, at most.").usual(0.36, 144.0, USUAL);
    let (least, most) = keys.ordered((least, 9.0), (most, 18.0));
    (Days::new(least * MONTH_DAYS), Days::new(most * MONTH_DAYS))
}
