//! Instants as places along an axis, and as captions write them.

use jiff::{Timestamp, tz::TimeZone};

/// An instant on an axis of time.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a double holds the seconds of any year exactly")]
pub const fn seconds(time: i64) -> f64 {
    time as f64
}

/// The instant at a place of an axis of time.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "instants are whole seconds")]
pub(super) const fn whole(place: f64) -> i64 {
    place as i64
}

/// A day as captions write it: 3 Dec 2018.
pub(crate) fn day(time: i64) -> String {
    Timestamp::from_second(time).map_or_else(
        |_| time.to_string(),
        |instant| instant.to_zoned(TimeZone::UTC).date().strftime("%-d %b %Y").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_without_a_leading_zero() {
        let third: Timestamp = "2018-12-03T00:00:00Z".parse().unwrap();
        assert_eq!(day(third.as_second()), "3 Dec 2018");
    }
}
