//! The best machine on sale at a date, from the catalogue.
//!
//! The frontier has each air-cooled machine (which fits any site) that needs at least 3 % less energy per hash than all earlier ones. From 2015 on
//! only the two manufacturers of the mass market count, since others announced figures that were not delivered in number. A machine is on sale
//! from 30 days after the middle of its month of release.

use crate::{
    hardware::{Cooling, Machine},
    units::{Days, Efficiency, UnixTime},
};

/// From this year on only the manufacturers of the mass market count.
const MASS_MARKET_FROM: i16 = 2015;
const MASS_MARKET: [&str; 2] = ["Bitmain", "MicroBT"];

/// A machine is a step of the frontier if it needs at most this share of the energy per hash of the best earlier machine.
const STEP: f64 = 0.97;

/// Time from the middle of the month of release to the first deliveries.
const UNTIL_SALE: Days = Days::new(30.0);

/// The steps of the frontier: date of sale, days since 1970, and the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct OnSale {
    steps: Vec<(f64, Machine)>,
}

impl OnSale {
    /// The frontier of a catalogue. `None` if the catalogue has no machine that counts.
    #[must_use]
    pub fn of(machines: &[Machine]) -> Option<Self> {
        let counts = |machine: &&Machine| {
            machine.cooling == Cooling::Air
                && (machine.release.0 < MASS_MARKET_FROM || MASS_MARKET.contains(&machine.manufacturer.as_str()))
        };
        let mut released: Vec<(f64, &Machine)> = machines
            .iter()
            .filter(counts)
            .map(|machine| (middle_of(machine.release) + UNTIL_SALE.get(), machine))
            .collect();
        released.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps: Vec<(f64, Machine)> = Vec::new();
        for (from, machine) in released {
            if steps.last().is_none_or(|(_, best)| machine.efficiency.get() < STEP * best.efficiency.get()) {
                steps.push((from, machine.clone()));
            }
        }
        (!steps.is_empty()).then_some(Self { steps })
    }

    /// Energy per hash of each step, in order: the classes of a fleet.
    #[must_use]
    pub fn efficiencies(&self) -> Vec<Efficiency> {
        self.steps.iter().map(|(_, machine)| machine.efficiency).collect()
    }

    /// The step on sale at an instant (days since 1970); before all steps, the first.
    #[must_use]
    pub fn step_at(&self, day: f64) -> usize {
        self.steps.partition_point(|(from, _)| *from <= day).saturating_sub(1)
    }

    /// Energy per hash of the best machine on sale at an instant (days since 1970).
    #[must_use]
    pub fn at(&self, day: f64) -> Efficiency {
        self.steps[self.step_at(day)].1.efficiency
    }

    /// The machines on sale from one day to another (days since 1970), each with the day from which it is on sale: first the one on
    /// sale on the first day.
    pub fn between(&self, from: f64, to: f64) -> impl Iterator<Item = (f64, &Machine)> {
        let steps = self.steps[self.step_at(from)..].iter();
        steps.take_while(move |(day, _)| *day < to).map(|(day, machine)| (*day, machine))
    }

    /// Date of sale of the last step, days since 1970.
    #[must_use]
    pub fn last_step(&self) -> f64 {
        self.steps[self.steps.len() - 1].0
    }
}

/// Days since 1970 of the 15th of a month.
fn middle_of((year, month): (i16, i8)) -> f64 {
    let date = UnixTime::parse(&format!("{year:04}-{month:02}-15")).unwrap_or_default();
    Days::from(date.since(UnixTime::new(0))).get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::catalogue;

    #[test]
    fn the_frontier_of_the_shipped_catalogue_falls_step_by_step() {
        let on_sale = OnSale::of(&catalogue()).expect("machines that count");
        let at = |date: &str| {
            let date = UnixTime::parse(date).expect("a date");
            on_sale.at(Days::from(date.since(UnixTime::new(0))).get()).get()
        };
        assert!((at("2014-01-01") - 1500.0).abs() < 1e-9);
        assert!((at("2016-07-14") - 273.36).abs() < 0.01, "the S9 of June 2016 is on sale from mid July on");
        assert!((at("2016-07-16") - 98.0).abs() < 1e-9);
        assert!((at("2020-06-15") - 29.55).abs() < 0.01);
        // The water-cooled S19 Pro+ Hyd of May 2022 is not a step; the air-cooled XP of July is.
        assert!((at("2022-08-01") - 29.55).abs() < 0.01);
        assert!((at("2022-09-01") - 21.5).abs() < 1e-9);
    }
}
