//! Parameters of the conversion of sites.

use crate::{
    declare::{Key, ReadKeys, Scheduled, params},
    units::{Days, MONTH_DAYS, Seconds},
};

params! {
    /// Another use of sites: tenants want power, halls and a grid connection.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OtherUse(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Power that tenants can take per month; unused capacity is carried over.
        mw_per_month: f64 as "MW" = 250.0, source("A: 0-800"), uniform(0.0, 800.0, "assumed"),
            within(0.0, 1e9), usual(5.0, 2000.0, USUAL);
        /// Annual net income of the owner per MW let to a tenant.
        usd_per_mw_year: f64 as "USD/MW/year" = 1.46e6, source("S26, D: 1.0e6-2.0e6"),
            uniform(1.0e6, 2.0e6, "S26, D"), within(0.0, 1e9), usual(29_200.0, 11.68e6, USUAL);
        /// Minimum size of a site that tenants can use.
        least_mw: f64 as "MW" = 50.0, source("A: 20-100"), uniform(20.0, 100.0, "assumed"), within(0.0, 1e9), usual(1.0, 400.0, USUAL);
        /// Conversion hazard of a site that earns nothing by mining; for other sites it is proportional to the gap between mining income and the tenant's payment.
        hazard_per_year: f64 as "1/year" = 0.5, source("A: 0.1-2"), log_uniform(0.1, 2.0, "assumed"),
            within(0.0, 1e9), usual(0.01, 4.0, USUAL);
        /// Minimum and maximum duration of the conversion works; mining continues meanwhile.
        building: (Days, Days) => |keys, _| building(keys);
        /// Affected regions; all regions if absent or empty.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Affected classes; all classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

/// A-65 gives about half to three times the default for each key; the usual range is from a fiftieth to eight times the default.
const USUAL: &str = "A-65, S26, wider by far";

fn building(keys: &mut impl ReadKeys) -> (Days, Days) {
    let key = |name, doc| Key::new(name, doc).unit("month").source("section 7.17, A").within(0.0, 1e9);
    let least = key("building_months_least", "Minimum duration of the conversion works.").usual(0.18, 72.0, USUAL);
    let most = key("building_months_most", "Maximum duration of the conversion works.").usual(0.36, 144.0, USUAL);
    let (least, most) = keys.ordered((least, 9.0), (most, 18.0));
    (Days::new(least * MONTH_DAYS), Days::new(most * MONTH_DAYS))
}
