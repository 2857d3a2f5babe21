//! Periods in which lenders make no new loans.

use crate::{
    declare::{Scheduled, params},
    units::{Days, Seconds},
};

params! {
    /// A period without new loans.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CreditFreeze(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Duration.
        until: Seconds => days as "d", positive(36_500.0), usual(0.25, 3650.0, "assumed") => |keys, key| at + Days::new(keys.number(key)).into();
    }
}

impl CreditFreeze {
    /// Whether it lasts at an instant, s.
    #[must_use]
    pub fn lasts(&self, now: f64) -> bool {
        self.at.get() <= now && now < self.until.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_ends_with_its_last_day() {
        let freeze = CreditFreeze { name: String::new(), at: Seconds::new(390.0), until: Seconds::new(400.0) };
        assert_eq!([389.9, 390.0, 399.9, 400.0].map(|now| freeze.lasts(now)), [false, true, true, false]);
    }
}
