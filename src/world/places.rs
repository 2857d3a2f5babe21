//! Places that moved machines wait for.
//!
//! A network has a place for every machine that is delivered, because its buyer prepared one. While machines of closed sites wait, they take these places, in the order in
//! which their sites closed, and the delivered machines wait behind them.

use crate::units::Hashrate;

/// Machines that wait, and places that were given to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    waiting: Hashrate,
    given: Hashrate,
}

impl Places {
    /// Machines of a closed site begin to wait.
    pub fn wait(&mut self, machines: Hashrate) {
        self.waiting += machines;
    }

    /// Gives the place of a delivery to the machines that wait, if some have none yet. Returns whether it is given.
    pub fn give(&mut self, place: Hashrate) -> bool {
        let is_wanted = self.given < self.waiting;
        if is_wanted {
            self.given += place;
        }
        is_wanted
    }

    /// The next machines take their places, if enough were given. Returns whether they do.
    pub fn take(&mut self, machines: Hashrate) -> bool {
        let is_there = self.given >= machines;
        if is_there {
            self.given -= machines;
            self.waiting -= machines;
            if self.waiting == Hashrate::ZERO {
                self.given = Hashrate::ZERO;
            }
        }
        is_there
    }

    /// Hashrate of the machines that wait.
    #[must_use]
    pub const fn waiting(&self) -> Hashrate {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty wait. Three deliveries of fifteen give their places; the fourth keeps its own. The first thirty leave after the second delivery.
    #[test]
    fn places_are_given_until_all_have_one() {
        let [ten, fifteen, thirty, forty] = [10, 15, 30, 40].map(Hashrate::from_mh);
        let mut places = Places::default();
        assert!(!places.give(fifteen), "nobody waits");
        places.wait(forty);
        assert!(places.give(fifteen) && !places.take(thirty));
        assert!(places.give(fifteen) && places.take(thirty));
        assert_eq!(places.waiting(), ten);
        assert!(places.give(fifteen) && !places.give(fifteen));
        assert!(places.take(ten) && !places.give(fifteen));
        assert_eq!(places, Places::default());
    }
}
