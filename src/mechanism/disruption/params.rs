//! Parameters of curtailments and bans.

use crate::{
    declare::{Key, Range, ReadKeys, Scheduled, params},
    units::{Days, Seconds},
};

params! {
    /// Machines are forced off at once and held off for a while.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Curtailment(event: Scheduled) {
        /// Stable name, from `[event.NAME]`: part of the key of its draws.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Duration; after it the machines restart as after any stop. If absent, they stay off.
        until: Option<Seconds> => days as "d", positive(36_500.0), usual(0.25, 3650.0, "assumed")
            => |keys, key| keys.optional_number(key).map(|days| at + Days::new(days).into());
        /// Share of the affected running hashrate that is switched off. Whole lots are switched off, in a random order that depends on their names, so the share is met approximately.
        share: f64 = 1.0, source("design"), range(Range { low: Some((0.0, true)), high: Some((1.0, false)) });
        /// Affected regions; all regions if absent or empty.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Affected classes; all classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

params! {
    /// A ban on mining in some regions.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RegionalBan(event: Scheduled), check {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Time at which the event has its full effect.
        until: Seconds => |keys, key| if keys.is_written("until") || keys.is_description() { keys.later(key, at) } else { at };
        /// Regions in which mining is banned.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Share of the running hashrate in these regions that is closed down.
        share: f64 = 1.0, source("design"), within(0.0, 1.0);
        /// Share of the closed hashrate that restarts covertly at its old site.
        covert_share: f64 = 0.20, source("section 7.14, S22"), within(0.0, 1.0);
        /// Share of the closed hashrate that leaves the network permanently; the rest relocates.
        leave_share: f64 = 0.0, source("A"), within(0.0, 1.0);
        /// Bounds of the time in which half of the relocating machines have restarted, days.
        half_life_days: (f64, f64) => |keys, _| half_life_days(keys);
        /// Whether relocating machines wait for the places of deliveries, in the order in which their sites closed, instead of restarting after a random time.
        queues: bool = false, source("A-96");
        /// Destination regions of relocating machines; all other regions if absent or empty.
        to: Vec<String> => |keys, key| keys.regions(key);
        /// Factor on the own power price of a site that relocates.
        price_factor: f64 = 1.0, source("A: 1-1.5"), uniform(1.0, 1.5, "assumed"), within(1e-3, 1e3), usual(0.5, 2.0, "A-74: 1-1.5");
        /// Whether it is a ban, or sites move of their owners' will.
        is_ban: bool => |_, _| true;
    }
}

params! {
    /// Sites move from some regions to others, as hydro sites do at the end of the wet season.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Migration(event: Scheduled), check {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Time at which the event has its full effect.
        until: Seconds => |keys, key| if keys.is_written("until") || keys.is_description() { keys.later(key, at) } else { at };
        /// Regions that sites leave.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Share of the running hashrate in these regions that moves.
        share: f64, within(0.0, 1.0);
        /// Bounds of the time in which half of the moving machines have restarted, days.
        half_life_days: (f64, f64) => |keys, _| half_life_days(keys);
        /// Regions to which sites move; all other regions if absent or empty.
        to: Vec<String> => |keys, key| keys.regions(key);
        /// Factor on the own power price of a site that moves.
        price_factor: f64 = 1.0, source("A: 1-1.5"), uniform(1.0, 1.5, "assumed"), within(1e-3, 1e3), usual(0.5, 2.0, "A-74: 1-1.5");
    }
}

impl Migration {
    fn check(&self, keys: &impl ReadKeys) {
        RegionalBan::from(self.clone()).check(keys);
    }
}

impl From<Migration> for RegionalBan {
    fn from(Migration { name, at, until, regions, share, half_life_days, to, price_factor }: Migration) -> Self {
        let (covert_share, leave_share, queues, is_ban) = (0.0, 0.0, false, false);
        Self {
            name,
            at,
            until,
            regions,
            share,
            covert_share,
            leave_share,
            half_life_days,
            queues,
            to,
            price_factor,
            is_ban,
        }
    }
}

fn half_life_days(keys: &mut impl ReadKeys) -> (f64, f64) {
    // The priors are the halves of the range, so that drawn bounds are in order.
    let mut half_life = |name, doc, default, (low, high)| {
        let key = Key::new(name, doc).unit("d").source("section 7.14, D: 45-120").positive(3650.0);
        let key = key.uniform(low, high, "section 7.14, D").usual(3.0, 730.0, "A-74: 45-120");
        keys.number_or(key, default)
    };
    let doc = "Lower bound of the time until half of the relocating machines have restarted; the time is drawn once per replica.";
    let low = half_life("half_life_low_days", doc, 45.0, (45.0, 82.5));
    (low, half_life("half_life_high_days", "Upper bound of that time.", 120.0, (82.5, 120.0)))
}

impl RegionalBan {
    fn check(&self, keys: &impl ReadKeys) {
        if self.regions.is_empty() {
            keys.refuse(
                "scenario::missing",
                format!("`{}` is missing", keys.name_of("regions")),
                ("regions", "no region".to_owned()),
                "name the regions that machines leave",
            );
        }
        if self.covert_share + self.leave_share > 1.0 {
            let sum = self.covert_share + self.leave_share;
            keys.refuse(
                "scenario::shares",
                format!("the shares of `{}` exceed 1", keys.name()),
                ("leave_share", format!("with `covert_share` {} this is {sum}", self.covert_share)),
                "the machines that neither restart covertly nor leave move to other regions",
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
                format!("machines leave `{banned}` and go there"),
                ("to", "one of `regions`".to_owned()),
                "name other regions; an empty list means all regions that are not left",
            );
        }
    }
}
