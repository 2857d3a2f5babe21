use super::{quantity::quantity, whole::floor};

/// Seconds in a day.
pub const DAY_S: f64 = 86_400.0;

/// Days in a year, for every rate per year: leap days are not counted.
pub const YEAR_DAYS: f64 = 365.0;

/// Days in a month, for every rate, term and buffer in months: 30.4375. Twelve of them are 365.25 days, a quarter of a day longer than
/// [`YEAR_DAYS`]; section 2 of the model's chapter says so too.
pub const MONTH_DAYS: f64 = 365.25 / 12.0;

quantity!(
    /// A span of time, or an instant from the scenario's start.
    Seconds,
    "s"
);
quantity!(
    /// A span of time in days of 86,400 s.
    Days,
    "d"
);

impl From<Days> for Seconds {
    fn from(days: Days) -> Self {
        Self::new(days.get() * DAY_S)
    }
}

impl From<Seconds> for Days {
    fn from(seconds: Seconds) -> Self {
        Self::new(seconds.get() / DAY_S)
    }
}

/// An instant as stored in a block header: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(i64);

impl UnixTime {
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads `2018-09-20` (midnight UTC) or `2018-09-20T12:00:00Z`.
    ///
    /// # Errors
    /// Describes the expected form if `text` is not a date.
    pub fn parse(text: &str) -> Result<Self, String> {
        let stamp = if text.contains('T') {
            text.parse::<jiff::Timestamp>()
        } else {
            format!("{text}T00:00:00Z").parse::<jiff::Timestamp>()
        };
        stamp
            .map(|stamp| Self(stamp.as_second()))
            .map_err(|_| format!("`{text}` is not a date such as 2018-09-20 or 2018-09-20T12:00:00Z"))
    }

    /// Itself as a message shows it: only the day if it is midnight.
    #[must_use]
    pub fn short(self) -> String {
        let text = self.to_string();
        text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
    }

    /// The instant `offset` later, cut to whole seconds.
    #[must_use]
    pub fn after(self, offset: Seconds) -> Self {
        Self(self.0 + floor(offset.get()))
    }

    /// The day of the year in UTC with its fraction: 1.0 is the first instant of 1 January.
    #[must_use]
    pub fn day_of_year(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
        let of_day = self.0.rem_euclid(86_400) as f64 / 86_400.0;
        let day = jiff::Timestamp::from_second(self.0)
            .map_or(1, |stamp| jiff::tz::TimeZone::UTC.to_datetime(stamp).day_of_year());
        f64::from(day) + of_day
    }

    /// The hour of the day and the date, in UTC.
    ///
    /// # Panics
    /// Never: the parts of a date are not negative.
    #[must_use]
    pub fn calendar(self) -> Calendar {
        let date = jiff::Timestamp::from_second(self.0)
            .map_or_else(|_| jiff::civil::Date::default(), |stamp| jiff::tz::TimeZone::UTC.to_datetime(stamp).date());
        let count = |number: i64| usize::try_from(number).expect("parts of a date are not negative");
        Calendar {
            month: count(i64::from(date.year()) * 12 + i64::from(date.month()) - 1),
            of_year: count(i64::from(date.month()) - 1),
            day: count(date.day().into()),
            month_days: count(date.days_in_month().into()),
            hour: count(self.0.rem_euclid(86_400) / 3600),
        }
    }

    /// The time from `earlier` to this instant.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "spans of seconds are far below 2^53")]
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds::new((self.0 - earlier.0) as f64)
    }
}

/// An hour of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Months since the year 0.
    pub month: usize,
    /// The month of the year, from 0.
    pub of_year: usize,
    /// The day of the month, from 1.
    pub day: usize,
    /// Days of the month.
    pub month_days: usize,
    /// The hour of the day.
    pub hour: usize,
}

impl std::fmt::Display for UnixTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} s after 1970", self.0),
        }
    }
}
