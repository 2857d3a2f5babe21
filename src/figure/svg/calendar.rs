//! The axis of time: ticks at the starts of months, quarters and years.

use crate::figure::instant::{seconds, whole};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// A tick at an instant, seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// Labelled ticks and the finer ones between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Calendar {
    pub(super) labelled: Vec<Tick>,
    pub(super) between: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Days(i64),
    Months(i16),
}

const STEPS: [Step; 14] = [
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
];

const DAY_S: i64 = 86_400;

impl Calendar {
    /// Ticks from `start` to `end`: the finest step whose labels stand apart, each label being
    /// `label_share(text)` of the axis wide; finer ticks stand at least `least_share` of it apart.
    pub(super) fn over((start, end): (f64, f64), label_share: impl Fn(&str) -> f64, least_share: f64) -> Self {
        let (start, end) = (whole(start), whole(end));
        let mut calendar = Self::default();
        for (place, step) in STEPS.into_iter().enumerate() {
            let widest = label_share(step.widest());
            if step.share_of(end - start) < 1.35 * widest && place + 1 < STEPS.len() {
                continue;
            }
            calendar.labelled = step
                .dates(start, end)
                .into_iter()
                .filter_map(|date| Some(Tick { at: seconds(second(date)?), label: step.label(date) }))
                .collect();
            // Weeks and months do not divide each other, so a finer step is one of the same kind.
            let finer =
                STEPS[..place].iter().find(|finer| finer.divides(step) && finer.share_of(end - start) >= least_share);
            if let Some(finer) = finer {
                calendar.between = finer.dates(start, end).into_iter().filter_map(second).map(seconds).collect();
            }
            break;
        }
        calendar
    }
}

impl Step {
    fn days(self) -> i64 {
        match self {
            Self::Days(days) => days,
            Self::Months(months) => i64::from(months) * 365 / 12,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "days of a run")]
    fn share_of(self, span: i64) -> f64 {
        (self.days() * DAY_S) as f64 / span.max(1) as f64
    }

    fn divides(self, coarser: Self) -> bool {
        match (self, coarser) {
            (Self::Days(fine), Self::Days(coarse)) => coarse % fine == 0,
            (Self::Months(fine), Self::Months(coarse)) => coarse % fine == 0,
            _ => false,
        }
    }

    fn widest(self) -> &'static str {
        match self {
            Self::Days(_) => "28 May 2028",
            Self::Months(months) if months < 12 => "May 2028",
            Self::Months(_) => "2028",
        }
    }

    fn label(self, date: Date) -> String {
        match self {
            Self::Days(_) => date.strftime("%-d %b %Y").to_string(),
            Self::Months(months) if months < 12 => date.strftime("%b %Y").to_string(),
            Self::Months(_) => date.strftime("%Y").to_string(),
        }
    }

    /// Its dates from `start` to `end`, both included.
    fn dates(self, start: i64, end: i64) -> Vec<Date> {
        let Some(mut date) = self.first(start) else {
            return Vec::new();
        };
        let mut dates = Vec::new();
        while second(date).is_some_and(|time| time <= end) {
            if second(date).is_some_and(|time| time >= start) {
                dates.push(date);
            }
            let next = match self {
                Self::Days(days) => date.checked_add(days.days()),
                Self::Months(months) => date.checked_add(i64::from(months).months()),
            };
            // Past the last year that can be written there is nothing to mark.
            let Ok(next) = next else { break };
            date = next;
        }
        dates
    }

    /// The last of its dates not after `start`: whole steps from a Monday, or from January of the year 0.
    fn first(self, start: i64) -> Option<Date> {
        // 1970 began on a Thursday; three days earlier was a Monday.
        const MONDAY: i64 = -3;
        let date = Timestamp::from_second(start).ok()?.to_zoned(TimeZone::UTC).date();
        match self {
            Self::Days(days) => {
                let back = (start.div_euclid(DAY_S) - MONDAY).rem_euclid(days);
                date.checked_sub(back.days()).ok()
            }
            Self::Months(months) => {
                let since_year_0 = date.year() * 12 + i16::from(date.month()) - 1;
                let back = since_year_0.rem_euclid(months);
                date.first_of_month().checked_sub(i64::from(back).months()).ok()
            }
        }
    }
}

fn second(date: Date) -> Option<i64> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str) -> i64 {
        second(date.parse().unwrap()).unwrap()
    }

    fn labels(start: &str, end: &str, room_for: f64) -> Vec<String> {
        let share = |text: &str| f64::from(u32::try_from(text.len()).unwrap()) / 8.0 / room_for;
        let calendar = Calendar::over((seconds(at(start)), seconds(at(end))), share, 0.01);
        calendar.labelled.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_months_quarters_and_years() {
        assert_eq!(labels("2018-09-20", "2019-05-31", 5.0), ["Oct 2018", "Jan 2019", "Apr 2019"]);
        assert_eq!(labels("2018-09-20", "2019-05-31", 6.0), ["Nov 2018", "Jan 2019", "Mar 2019", "May 2019"]);
        assert_eq!(
            labels("2025-10-01", "2028-10-01", 9.0),
            ["Jan 2026", "Jul 2026", "Jan 2027", "Jul 2027", "Jan 2028", "Jul 2028"]
        );
        assert_eq!(labels("2020-03-01", "2031-01-01", 5.0).join(" "), "2022 2024 2026 2028 2030");
        assert_eq!(labels("2018-12-30", "2019-01-03", 4.0), ["30 Dec 2018", "1 Jan 2019", "3 Jan 2019"]);
    }

    #[test]
    fn finer_ticks_are_months_between_quarters() {
        let calendar = Calendar::over((seconds(at("2018-09-20")), seconds(at("2019-05-31"))), |_| 0.2, 0.05);
        assert_eq!(calendar.between.len(), 8);
        assert_eq!(whole(calendar.between[0]), at("2018-10-01"));
    }
}
