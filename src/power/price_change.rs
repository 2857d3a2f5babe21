//! Changes of power prices: drifts and shocks of a market, taxes and tariffs.
//!
//! ```text
//! weight(t) = 0 before `from`, rising evenly to 1 over `ramp`, 1 until `until`, then 0
//! market: the price before levies is multiplied by 1 + (factor - 1) weight
//! levy:   the price is multiplied by 1 + (factor - 1) weight, and addition * weight is added to it
//! ```
//!
//! Simultaneous changes multiply, and their additions add up. Source: the model's sections 5.5 and 3.4.

use super::Moves;
use crate::{
    declare::{DAYS, Range, Scheduled, USD_PER_KWH, Usual, params},
    units::{PowerPrice, Seconds},
};

/// Allowed factors on a price.
const FACTOR: Range = Range::within(1e-3, 1e3);
/// Usual factors of a market.
const USUAL_FACTOR: Usual =
    Usual { low: 0.1, high: 300.0, source: "assumed; a storm of 2021 took spot prices to the market's cap" };
/// Usual durations.
const USUAL_DAYS: Usual = Usual { low: 0.05, high: 3650.0, source: "assumed: hours to years" };

params! {
    /// A gradual and permanent change of the market.
    #[derive(Clone, Debug)]
    pub struct PowerDrift(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Time at which the event has its full effect.
        until: Seconds => |keys, key| keys.later(key, at);
        /// Factor on the price of power at full effect.
        factor: f64, range(FACTOR), usually(USUAL_FACTOR);
        /// Affected regions; all regions if absent or empty.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Affected classes; all classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

params! {
    /// A sudden change of the market.
    #[derive(Clone, Debug)]
    pub struct PowerShock(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Duration; permanent if absent.
        days: Option<Seconds> as DAYS, positive(36_500.0), usually(USUAL_DAYS);
        /// Factor on the price of power.
        factor: f64, range(FACTOR), usually(USUAL_FACTOR);
        /// Affected regions; all regions if absent or empty.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Affected classes; all classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

params! {
    /// A tax or a tariff on delivered power.
    #[derive(Clone, Debug)]
    pub struct Tariff(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Time until the full effect; if absent, the full effect is immediate.
        ramp: Option<Seconds> => ramp_days as DAYS, positive(36_500.0), usually(USUAL_DAYS);
        /// Duration; permanent if absent.
        days: Option<Seconds> as DAYS, positive(36_500.0), usually(USUAL_DAYS);
        /// Factor on the price of power.
        factor: f64 = 1.0, source("design"), range(FACTOR), usual(0.1, 10.0, "assumed");
        /// Addition to the price of power.
        addition: PowerPrice => usd_per_kwh as USD_PER_KWH = 0.0, source("design"), within(0.0, 100.0),
            usual(0.0005, 0.1, "assumed: at most a usual price of power");
        /// Affected regions; all regions if absent or empty.
        regions: Vec<String> => |keys, key| keys.regions(key);
        /// Affected classes; all classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

/// A kind of change of power prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The market drifts.
    Drift,
    /// The market jumps.
    Shock,
    /// A tax or a tariff on delivered power.
    Tariff,
}

/// A change of power prices for some sites.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceChange {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// Its kind in the scenario.
    pub kind: ChangeKind,
    /// Beginning.
    pub from: Seconds,
    /// Duration of the rise to full effect.
    pub ramp: Seconds,
    /// End; `None`: permanent.
    pub until: Option<Seconds>,
    /// Factor on prices at full effect.
    pub factor: f64,
    /// Addition at full effect; only levies add.
    pub addition: PowerPrice,
    /// Whether it is a levy on delivered power, or a change of the market.
    pub levy: bool,
    /// Affected regions; empty for all.
    pub regions: Vec<String>,
    /// Affected classes; empty for all.
    pub classes: Vec<String>,
}

impl From<PowerDrift> for PriceChange {
    fn from(PowerDrift { name, at, until, factor, regions, classes }: PowerDrift) -> Self {
        let (kind, ramp) = (ChangeKind::Drift, until - at);
        let (until, addition, levy) = (None, PowerPrice::ZERO, false);
        Self { name, kind, from: at, ramp, until, factor, addition, levy, regions, classes }
    }
}

impl From<PowerShock> for PriceChange {
    fn from(PowerShock { name, at, days, factor, regions, classes }: PowerShock) -> Self {
        let (kind, ramp, until) = (ChangeKind::Shock, Seconds::ZERO, days.map(|days| at + days));
        let (addition, levy) = (PowerPrice::ZERO, false);
        Self { name, kind, from: at, ramp, until, factor, addition, levy, regions, classes }
    }
}

impl From<Tariff> for PriceChange {
    fn from(Tariff { name, at, ramp, days, factor, addition, regions, classes }: Tariff) -> Self {
        let (kind, ramp, until) = (ChangeKind::Tariff, ramp.unwrap_or(Seconds::ZERO), days.map(|days| at + days));
        let levy = true;
        Self { name, kind, from: at, ramp, until, factor, addition, levy, regions, classes }
    }
}

impl PriceChange {
    /// The share of its full effect at an instant, 0 to 1.
    #[must_use]
    pub fn weight(&self, now: Seconds) -> f64 {
        let age = now.get() - self.from.get();
        if age < 0.0 || self.until.is_some_and(|until| now >= until) {
            0.0
        } else if age < self.ramp.get() {
            age / self.ramp.get()
        } else {
            1.0
        }
    }

    /// Whether its effect is changing at an instant.
    #[must_use]
    pub fn is_moving(&self, now: Seconds) -> bool {
        let age = now.get() - self.from.get();
        age >= 0.0 && age <= self.ramp.get() && self.ramp.get() > 0.0
    }

    /// Whether it affects the sites of a class in a region.
    #[must_use]
    pub fn concerns(&self, region: &str, class: &str) -> bool {
        let among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        among(&self.regions, region) && among(&self.classes, class)
    }

    /// Adds its present effect to those on a price.
    pub fn apply(&self, now: Seconds, moves: &mut Moves) {
        let weight = self.weight(now);
        if weight == 0.0 {
            return;
        }
        let factor = 1.0 + (self.factor - 1.0) * weight;
        if self.levy {
            moves.levy_factor *= factor;
            moves.levy += self.addition * weight;
        } else {
            moves.market *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(levy: bool) -> PriceChange {
        PriceChange {
            name: "c".to_owned(),
            kind: ChangeKind::Tariff,
            from: Seconds::new(100.0),
            ramp: Seconds::new(50.0),
            until: Some(Seconds::new(300.0)),
            factor: 1.2,
            addition: PowerPrice::new(0.01),
            levy,
            regions: vec!["north".to_owned()],
            classes: vec![],
        }
    }

    #[test]
    fn a_change_ramps_holds_and_ends() {
        let change = change(true);
        for (at, weight) in [(99.0, 0.0), (100.0, 0.0), (125.0, 0.5), (150.0, 1.0), (299.0, 1.0), (300.0, 0.0)] {
            assert!((change.weight(Seconds::new(at)) - weight).abs() < 1e-15, "at {at}");
        }
        assert!(change.concerns("north", "any") && !change.concerns("south", "any"));
    }

    /// Half-way up, twice: a levy of 1.1 and 0.5 c each.
    #[test]
    fn changes_multiply_and_add() {
        let now = Seconds::new(125.0);
        let mut moves = Moves::NONE;
        change(true).apply(now, &mut moves);
        change(true).apply(now, &mut moves);
        change(false).apply(now, &mut moves);
        assert!((moves.levy_factor - 1.21).abs() < 1e-12 && (moves.levy.get() - 0.01).abs() < 1e-12);
        assert!((moves.market - 1.1).abs() < 1e-12);
    }
}
