//! Dated events of hash supply: closures, a season, outages. Each has its dates and size, and is known from its beginning.

use crate::units::{DAY_S, UnixTime};

/// The events of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// Sites that close permanently, whose machines look for new places.
    pub closures: Vec<Closure>,
    /// Hashrate in transit at the end of the wet season, each year.
    pub season: Option<Season>,
    /// Outages that act at once and carry no information about installed hashrate.
    pub outages: Vec<Outage>,
}

/// A share of all installed machines closes, evenly over a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closure {
    /// First day, days since 1970.
    pub from: f64,
    /// First day after it, days since 1970.
    pub until: f64,
    /// Share of installed hashrate.
    pub share: f64,
}

/// At the end of the wet season machines move from hydro power to other power: within ten days they are in transit, and they return over weeks.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    pub share: f64,
    /// First day in transit of each year, days since 1970.
    pub begins: Vec<f64>,
    /// Half-life of the share in transit, days.
    pub half_life: f64,
}

/// A share of all hashrate is off, by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    /// First day, days since 1970.
    pub from: f64,
    pub shares: Vec<f64>,
    /// Half-life of the last share after the last day, days; 0 if the outage ends at once.
    pub half_life: f64,
}

/// Days on which machines leave at the end of the wet season.
const SEASON_LEAVES: f64 = 10.0;
/// Length of a season, days.
const SEASON_ENDS: f64 = 66.0;

impl Default for Events {
    /// Events of the protocol: the ban of 2021, the wet seasons of 2014 to 2020, the blackout of April 2021 and the storm of December 2022.
    fn default() -> Self {
        let day = |date: &str| days_since_1970(UnixTime::parse(date).unwrap_or_default());
        Self {
            closures: vec![Closure { from: day("2021-05-21"), until: day("2021-07-01"), share: 0.46 }],
            season: Some(Season {
                share: 0.08,
                begins: (2014..=2020).map(|year| day(&format!("{year}-10-19"))).collect(),
                half_life: 18.0,
            }),
            outages: vec![
                Outage { from: day("2021-04-16"), shares: vec![0.233; 7], half_life: 2.0 },
                Outage { from: day("2022-12-22"), shares: vec![0.05, 0.20, 0.30, 0.20, 0.10], half_life: 0.0 },
            ],
        }
    }
}

impl Events {
    /// Share of installed hashrate that closes per day, at an instant (days since 1970).
    #[must_use]
    pub fn closing_per_day(&self, day: f64) -> f64 {
        let now = self.closures.iter().filter(|closure| (closure.from..closure.until).contains(&day));
        now.map(|closure| closure.share / (closure.until - closure.from)).sum()
    }

    /// Share of all hashrate in transit, at an instant (days since 1970).
    #[must_use]
    pub fn on_the_road(&self, day: f64) -> f64 {
        let Some(season) = &self.season else { return 0.0 };
        let since =
            season.begins.iter().map(|begin| day.floor() - begin).find(|since| (0.0..SEASON_ENDS).contains(since));
        since.map_or(0.0, |since| {
            let left = since - SEASON_LEAVES;
            season.share * if left < 0.0 { since / SEASON_LEAVES } else { libm::exp2(-left / season.half_life) }
        })
    }

    /// Share of all hashrate that is off at `day`, counting only outages that have begun by `known` (both days since 1970).
    #[must_use]
    pub fn off(&self, day: f64, known: f64) -> f64 {
        let begun = self.outages.iter().filter(|outage| outage.from <= known.min(day));
        begun.map(|outage| outage.share(day)).sum()
    }
}

impl Outage {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few days"
    )]
    fn share(&self, day: f64) -> f64 {
        let since = (day - self.from).floor();
        let last = self.shares.last().copied().unwrap_or(0.0);
        match self.shares.get(since as usize) {
            Some(share) => *share,
            None if self.half_life > 0.0 => {
                last * libm::exp2(-(since + 1.0 - self.shares.len() as f64) / self.half_life)
            }
            None => 0.0,
        }
    }
}

/// Days since 1970 of an instant.
#[must_use]
pub fn days_since_1970(time: UnixTime) -> f64 {
    time.since(UnixTime::new(0)).get() / DAY_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_their_dates_and_sizes() {
        let events = Events::default();
        let day = |date: &str| days_since_1970(UnixTime::parse(date).expect("a date"));
        // 46 % over the 41 days from 21 May to the end of June.
        assert!((events.closing_per_day(day("2021-06-30T12:00:00Z")) - 0.46 / 41.0).abs() < 1e-12);
        assert!(events.closing_per_day(day("2021-07-01")).abs() < 1e-12);
        // In transit within ten days, then half of it back after 18 days; none after the last year.
        assert!((events.on_the_road(day("2018-10-24")) - 0.04).abs() < 1e-12);
        assert!((events.on_the_road(day("2018-10-29")) - 0.08).abs() < 1e-12);
        assert!((events.on_the_road(day("2018-11-16")) - 0.04).abs() < 1e-12);
        assert!(events.on_the_road(day("2021-11-01")).abs() < 1e-12);
        // The storm is known from its beginning.
        let storm = day("2022-12-24");
        assert!((events.off(storm, storm) - 0.30).abs() < 1e-12);
        assert!(events.off(storm, day("2022-12-21")).abs() < 1e-12);
        assert!(events.off(day("2022-12-27"), storm).abs() < 1e-12);
        // The blackout fades with a half-life of two days after its last day, 22 April.
        assert!((events.off(day("2021-04-24"), storm) - 0.233 / 2.0).abs() < 1e-12);
    }
}
