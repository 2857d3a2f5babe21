//! The hours of the present day in every region: spot prices, warnings of peaks, and peaks.

use crate::{
    power::{DayPrices, Hour, Peak, RegionParams, Weather, peak},
    random::{Draw, Purpose, name_hash},
    units::{Column, DAY_S, Id, PowerPrice, RegionId, Seconds, UnixTime},
    world::{Scenario, World},
};

/// The day's hours of every region that has spot prices or charges for peaks.
#[derive(Clone, Debug)]
pub struct Prices {
    spot: Draw,
    peaks: Draw,
    weather: Vec<Weather>,
    /// The present day; without hours in other regions.
    pub today: Column<RegionId, DayPrices>,
    /// The present day of the run, once there is one.
    day: Option<f64>,
    /// Buffer for the hours of a day.
    hours: Vec<Hour>,
}

impl Prices {
    /// Before the first day.
    #[must_use]
    pub fn new(scenario: &Scenario, replica: u64) -> Self {
        let regions = &scenario.power.regions;
        let draw = |purpose| Draw::new(scenario.run.seed, replica, purpose);
        Self {
            spot: draw(Purpose::SpotPrice),
            peaks: draw(Purpose::PeakDay),
            weather: regions.iter().map(|region| Weather::new(name_hash(&region.name))).collect(),
            today: Column::filled(DayPrices::default(), regions.len()),
            day: None,
            hours: Vec::new(),
        }
    }

    /// Moves on to the day of the present instant, and returns whether it is a new one.
    pub fn reach(&mut self, world: &World<'_>) -> bool {
        let day = libm::floor(world.clock.now / DAY_S);
        if self.day == Some(day) {
            return false;
        }
        self.day = Some(day);
        let since = Seconds::new(day * DAY_S);
        let from = world.scenario.run.start.after(since);
        for (row, region) in world.scenario.power.regions.iter().enumerate() {
            match &region.spot {
                Some(spot) => spot.day(&mut self.weather[row], self.spot, from, &mut self.hours),
                None if region.peak_charge.is_some() => free_hours(from, &mut self.hours),
                None => continue,
            }
            let day = &mut self.today[RegionId::of(row)];
            sort(region, self.peaks, (since, from), &self.hours, day);
        }
        true
    }
}

/// The hours of a day without a price of their own.
fn free_hours(from: UnixTime, hours: &mut Vec<Hour>) {
    hours.clear();
    let begin = from.get();
    for hour in begin.div_euclid(3600)..=(begin + 86_399).div_euclid(3600) {
        let (starts, ends) = (hour * 3600, (hour + 1) * 3600);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
        let share = (ends.min(begin + 86_400) - starts.max(begin)) as f64 / DAY_S;
        hours.push(Hour { starts: UnixTime::new(starts), price: PowerPrice::ZERO, share });
    }
}

/// Sorts the hours of a day into those with a warning of a peak and the others, and notes the peak if it falls into the day.
fn sort(region: &RegionParams, draw: Draw, (since, from): (Seconds, UnixTime), hours: &[Hour], day: &mut DayPrices) {
    let plain = |hour: &Hour| (hour.price, hour.share);
    day.peak = None;
    let Some(charge) = region.peak_charge else {
        day.usual.refill(hours.iter().map(plain));
        return;
    };
    let agent = name_hash(&region.name);
    // A day of the run reaches into two dates.
    let dates = [from, UnixTime::new(from.get() + 86_399)];
    let warnings = dates.map(|date| charge.warning(draw, agent, date));
    let is_of = |hour: &Hour, which: usize| {
        let date = |time: UnixTime| time.get().div_euclid(86_400);
        let first = date(hour.starts) == date(dates[0]);
        warnings[which].is_some() && first == (which == 0) && peak::is_in_window(hour.starts)
    };
    day.usual.refill(hours.iter().filter(|hour| !is_of(hour, 0) && !is_of(hour, 1)).map(plain));
    for which in 0..2 {
        day.windows[which].hours.refill(hours.iter().filter(|hour| is_of(hour, which)).map(plain));
        let Some(warning) = warnings[which] else { continue };
        day.windows[which].saves = warning.saves;
        let instant = peak::instant(dates[which]);
        let is_today = (from.get()..from.get() + 86_400).contains(&instant.get());
        let its_hour = hours.iter().rfind(|hour| hour.starts <= instant);
        if let Some(hour) = its_hour.filter(|_| warning.is_peak && is_today) {
            let at = since + instant.since(from);
            day.peak = Some(Peak { at, price: hour.price, saves: warning.saves });
        }
    }
}
