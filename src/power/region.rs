//! Regions: prices and emissions of their power.

use super::{Contract, Moves, PeakCharge, PowerParams, Season, Spot};
use crate::{
    declare::{Key, Kinds, ReadKeys, params},
    units::{Id, RegionId, Seconds, UnixTime},
};

/// Interval of price updates while prices change continuously.
const WEEK: Seconds = Seconds::new(7.0 * 86_400.0);

params! {
    /// A region.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RegionParams {
        /// Stable name, from `[region.NAME]`.
        name: String => |keys, _| keys.last_name().to_owned();
        /// Share of the hashrate of each class that does not specify its own regions; the remaining hashrate is in `world`.
        share: f64 = 0.0, source("A"), within(0.0, 1.0);
        /// CO2 per energy at the meter in this region; if absent, the value of `[power]`.
        emission_kg_per_kwh: Option<f64> as "kg/kWh", within(0.0, 10.0), usual(0.01, 1.0, "A-17; grids 0.02-0.98");
        /// The same for each of the twelve calendar months, January first, where they differ, as with hydro power: in place of `emission_kg_per_kwh`.
        emission_by_month: Option<Vec<f64>> => emission_by_month_kg_per_kwh as "kg/kWh", within(0.0, 10.0), usual(0.01, 1.0, "A-17; grids 0.02-0.98")
            => |keys, key| months(keys, key);
        /// The season of its power prices.
        season: Season => |keys, _| Season::read(keys);
        /// Hourly spot prices in this region: one table, named by their source; if it is empty, that of Texas.
        spot: Option<Spot>
            => |keys, key| keys.table_if_written(key.name, key.doc, Spot::read);
        /// A charge for the load in the four coincident peaks of the summer, on all sites but hosted ones.
        peak_charge: Option<PeakCharge>
            => |keys, key| keys.table_if_written(key.name, key.doc, PeakCharge::read);
        /// The power contract of all sites in this region, which replaces the contracts of their classes: one table, named by its kind.
        contract: Option<Contract>
            => |keys, key| keys.table_if_written(key.name, key.doc, |keys| Contract::read_kind(keys, None)).flatten();
    }
}
/// One number for each calendar month, if they are written.
fn months(keys: &mut impl ReadKeys, key: Key) -> Option<Vec<f64>> {
    let before = keys.problems();
    let months = keys.optional_numbers(key)?;
    if months.len() != 12 && keys.problems() == before {
        keys.refuse(
            "scenario::months",
            format!("`{}` has {} numbers, not 12", keys.name_of(key.name), months.len()),
            (key.name, format!("{} numbers", months.len())),
            "write one number for each calendar month, January first",
        );
        return None;
    }
    Some(months)
}

impl PowerParams {
    /// The contract of a site: that of its region, otherwise that of its class.
    #[must_use]
    pub fn contract(&self, region: RegionId, of_class: Contract) -> Contract {
        self.regions.get(region.row()).and_then(|region| region.contract).unwrap_or(of_class)
    }

    /// CO2 per energy in a region at an instant, kg/kWh.
    #[must_use]
    pub fn emission(&self, region: RegionId, time: UnixTime) -> f64 {
        let region = self.regions.get(region.row());
        let of_month = region.and_then(|region| region.emission_by_month.as_ref());
        let of_month = of_month.and_then(|months| months.get(time.calendar().of_year).copied());
        let of_region = || region.and_then(|region| region.emission_kg_per_kwh);
        of_month.or_else(of_region).unwrap_or(self.emission_kg_per_kwh)
    }

    /// Whether all energy has the same emission at all times.
    #[must_use]
    pub fn has_one_emission(&self) -> bool {
        self.regions.iter().all(|region| {
            let own = region.emission_kg_per_kwh.unwrap_or(self.emission_kg_per_kwh);
            region.emission_by_month.is_none() && own.to_bits() == self.emission_kg_per_kwh.to_bits()
        })
    }

    /// Present factors and additions on the power price at the sites of a class in a region.
    #[must_use]
    pub fn moves(&self, (region, region_name): (RegionId, &str), class: &str, now: Seconds) -> Moves {
        let season = self.regions.get(region.row()).map_or(1.0, |region| region.season.factor(self.start, now));
        let mut moves = Moves { season, ..Moves::NONE };
        for change in self.changes.iter().filter(|change| change.concerns(region_name, class)) {
            change.apply(now, &mut moves);
        }
        moves
    }

    /// Whether prices are constant.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.changes.is_empty() && self.regions.iter().all(|region| region.season.amplitude == 0.0)
    }

    /// The next instant after `now` at which prices must be updated: in a week if a season or a ramp changes them, or when a change begins, reaches
    /// full effect, or ends. Infinite if prices no longer change.
    #[must_use]
    pub fn next_renewal(&self, now: Seconds) -> Seconds {
        let moving = self.regions.iter().any(|region| region.season.amplitude != 0.0)
            || self.changes.iter().any(|change| change.is_moving(now));
        let week = (libm::floor(now.get() / WEEK.get()) + 1.0) * WEEK.get();
        let mut next = if moving { week } else { f64::INFINITY };
        for change in &self.changes {
            let whole = change.from + change.ramp;
            for at in [Some(change.from), Some(whole), change.until].into_iter().flatten() {
                if at > now && at.get() < next {
                    next = at.get();
                }
            }
        }
        Seconds::new(next)
    }
}
