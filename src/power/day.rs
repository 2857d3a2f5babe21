//! The hours of one day: their price-duration curve, and apart from it the hours in which a peak of the grid's load may fall.

use super::Duration;
use crate::units::{PowerPrice, Seconds};

/// Hours in which a load may be charged for the grid's peak, beside the price of its energy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// What a kWh that is not used in these hours saves on average.
    pub saves: PowerPrice,
    /// The hours.
    pub hours: Duration,
}

/// An interval whose load is charged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The instant, from the start of the run.
    pub at: Seconds,
    /// Spot price of its hour; zero where there is none.
    pub price: PowerPrice,
    /// What a kWh that is not used in the hours around it was expected to save.
    pub saves: PowerPrice,
}

/// The hours of a day, or of all days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayPrices {
    /// Hours without a warning of a peak.
    pub usual: Duration,
    /// Hours with one. A day of the run may have parts of the windows of two calendar days.
    pub windows: [Window; 2],
    /// The peak that falls into the day, if one does.
    pub peak: Option<Peak>,
}

impl DayPrices {
    /// S(b) and A(b) of the day, with all prices multiplied by `factor`: an hour in a window is left already at a price lower by what that saves.
    #[must_use]
    pub fn beyond(&self, b: PowerPrice, factor: f64) -> (f64, PowerPrice) {
        let (mut share, mut cost) = self.usual.beyond(b / factor);
        for window in &self.windows {
            let (more, dearer) = window.hours.beyond((b - window.saves) / factor);
            share += more;
            cost += dearer;
        }
        (share, cost * factor)
    }

    /// Share of the day in windows that save more than `b`.
    #[must_use]
    pub fn warned(&self, b: PowerPrice) -> f64 {
        let above = self.windows.iter().filter(|window| window.saves > b);
        above.map(|window| window.hours.beyond(PowerPrice::new(f64::NEG_INFINITY)).0).sum()
    }

    /// Mean price.
    #[must_use]
    pub fn mean(&self) -> PowerPrice {
        self.windows.iter().fold(self.usual.mean(), |sum, window| sum + window.hours.mean())
    }
}
