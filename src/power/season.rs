//! The season of hydro power: cheap in the wet months, expensive in the dry.
//!
//! `factor = 1 - a cos(2 pi (doy - low) / 365)`
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `a` | amplitude: share by which power is cheaper on the cheapest day | - |
//! | `doy`, `low` | day of the year, the cheapest day of it | d |
//!
//! Its mean over a year is 1. Known error: rain is the same every year. Source: the model's section 5.5; wet-season prices in Sichuan (S20).

use crate::{
    declare::{Range, params},
    units::{Seconds, UnixTime},
};

params! {
    /// A season of prices.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Season {
        /// Seasonal amplitude of hydro power: share by which power is cheaper on the cheapest day, and more expensive half a year later.
        amplitude: f64 => season_amplitude = 0.0, source("section 7.13, S20: 0-0.25"), uniform(0.0, 0.25, "section 7.13, S20"),
            range(Range { low: Some((0.0, false)), high: Some((1.0, true)) }), usual(0.01, 0.5, "A-72, S20: 0-0.25");
        /// Day of the year on which power is cheapest; 227 is 15 August. It has an effect only if the amplitude is above 0.
        cheapest_day: f64 => season_cheapest_day as "d", source("section 7.13"), within(1.0, 366.0)
            => |keys, key| if amplitude > 0.0 || keys.is_description() { keys.number_or(key, 227.0) } else { 227.0 };
    }
}
impl Season {
    /// Factor on the power price at `since` after `start`.
    #[must_use]
    pub fn factor(&self, start: UnixTime, since: Seconds) -> f64 {
        if self.amplitude == 0.0 {
            return 1.0;
        }
        let phase = (start.after(since).day_of_year() - self.cheapest_day) / 365.0;
        1.0 - self.amplitude * libm::cos(std::f64::consts::TAU * phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheapest_in_mid_august_dearest_in_mid_february() {
        let season = Season { amplitude: 0.1, cheapest_day: 227.0 };
        let start = UnixTime::parse("2021-01-01").expect("a date");
        let at = |day: f64| season.factor(start, Seconds::new((day - 1.0) * 86_400.0));
        assert!((at(227.0) - 0.9).abs() < 1e-12, "15 August");
        assert!((at(227.0 - 182.5) - 1.1).abs() < 1e-12, "13 February");
        assert!((at(227.0 + 91.25) - 1.0).abs() < 1e-12);
        let mean: f64 = (1..=365).map(|day| at(f64::from(day))).sum::<f64>() / 365.0;
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
        // A year later the factor is the same.
        assert!((at(365.0 + 227.0) - 0.9).abs() < 1e-12);
    }
}
