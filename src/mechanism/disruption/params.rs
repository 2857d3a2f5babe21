//! Parameters of curtailments and bans.

use crate::{
    declare::{Key, Range, ReadKeys, params},
    units::{Days, Seconds},
};

params! {
    /// Machines are forced off at once and held off for a while. The name and the begin of the event have been read before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Curtailment(event: (String, Seconds)) {
        /// Stable name, from `[event.NAME]`: part of the key of its draws.
        name: String => |_, _| event.0;
        /// Begin, from the start.
        at: Seconds => |_, _| event.1;
        /// How long; then the machines come back as from any stop. Without it they stay off.
        until: Option<Seconds> => days as "d", positive(36_500.0), usual(0.25, 3650.0, "assumed")
            => |keys, key| keys.optional_number(key).map(|days| event.1 + Days::new(days).into());
        /// Share of the running hashrate concerned that goes off: whole lots in an order drawn by name, as near as they come.
        share: f64 = 1.0, source("design"), range(Range { low: Some((0.0, true)), high: Some((1.0, false)) });
        /// Regions concerned; without it, or empty, all.
        regions: Vec<String>;
        /// Classes concerned; without it, or empty, all.
        classes: Vec<String>;
    }
}

params! {
    /// A ban on mining in some regions. The name, the begin and the end of the event have been read before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RegionalBan(event: (String, Seconds, Seconds)), check {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.0;
        /// Time at which the first sites close.
        at: Seconds => |_, _| event.1;
        /// Time at which the last sites have closed.
        until: Seconds => |_, _| event.2;
        /// Where mining is banned.
        regions: Vec<String>;
        /// Share of the running hashrate there that is closed down.
        share: f64 = 1.0, source("design"), within(0.0, 1.0);
        /// Share of that which comes back where it was, covertly.
        covert_share: f64 = 0.20, source("section 7.14, S22"), within(0.0, 1.0);
        /// Share of that which leaves the network for good; the rest moves.
        leave_share: f64 = 0.0, source("A"), within(0.0, 1.0);
        /// Bounds of the time in which half of the relocating machines have restarted, days.
        half_life_days: (f64, f64) => |keys, _| half_life_days(keys);
        /// Regions where machines go; without it, or empty, all others.
        to: Vec<String>;
        /// What a moving site's own price of power is multiplied by.
        price_factor: f64 = 1.0, source("A: 1-1.5"), uniform(1.0, 1.5, "assumed"), within(1e-3, 1e3), usual(0.5, 2.0, "A-74: 1-1.5");
    }
}

fn half_life_days(keys: &mut impl ReadKeys) -> (f64, f64) {
    let mut half_life = |name, doc, default| {
        let key = Key::new(name, doc).unit("d").source("section 7.14, D: 45-120").positive(3650.0);
        let key = key.uniform(45.0, 120.0, "section 7.14, D").usual(3.0, 730.0, "A-74: 45-120");
        keys.number_or(key, default)
    };
    let doc = "At least so long until half of the machines on their way are back; drawn by replica.";
    let low = half_life("half_life_low_days", doc, 45.0);
    (low, half_life("half_life_high_days", "At most so long.", 120.0))
}

impl RegionalBan {
    fn check(&self, keys: &impl ReadKeys) {
        if self.covert_share + self.leave_share > 1.0 {
            let sum = self.covert_share + self.leave_share;
            keys.refuse(
                "scenario::shares",
                format!("the shares of `{}` exceed 1", keys.name()),
                ("leave_share", format!("with `covert_share` {} this is {sum}", self.covert_share)),
                "what neither comes back nor leaves moves elsewhere",
            );
        }
        let (low, high) = self.half_life_days;
        if high < low {
            keys.refuse(
                "scenario::order",
                format!("`{}` is below the low one", keys.name_of("half_life_high_days")),
                ("half_life_high_days", format!("below {low}")),
                "a half-life is drawn between the two",
            );
        }
        if let Some(banned) = self.to.iter().find(|region| self.regions.contains(region)) {
            keys.refuse(
                "scenario::both",
                format!("`{banned}` is banned and where machines go"),
                ("to", "one of `regions`".to_owned()),
                "name other regions, or none: then all others",
            );
        }
    }
}
