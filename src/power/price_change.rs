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
use crate::units::{PowerPrice, Seconds};

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
