//! Numbers and dates as people's files have them.

use crate::units::UnixTime;

/// How numbers are written.
pub const NUMBERS: &str =
    "write numbers plainly, such as 50500.5: without separators of thousands, signs of currency or of percent";

/// How dates are written.
pub const DATES: &str = "write dates as 2024-02-19, 2024-02-19 13:00, 2024-02-19T13:00:00Z, with an offset such as +01:00, or as seconds or \
    milliseconds since 1970; a time without an offset is UTC";

/// The last instant a file can name, the first of 2200; the first is that of 1970.
const END: i64 = 7_258_118_400;

/// A number; where cells are not parted by commas, a comma in it is a point.
///
/// # Errors
/// What is to be said of the cell.
pub fn number(text: &str, comma_is_point: bool) -> Result<f64, &'static str> {
    if let Ok(value) = text.parse() {
        return Ok(value);
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.trim_start_matches(['-', '+']);
    match unsigned.split_once(',') {
        Some((whole, rest)) if digits(whole) && digits(rest) => {
            let as_thousands = rest.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
            match (comma_is_point, as_thousands) {
                (true, false) => text.replacen(',', ".", 1).parse().map_err(|_| "not a number"),
                (true, true) => Err("a comma before thousands or before decimals?"),
                (false, _) => Err("a comma within a number"),
            }
        }
        _ => Err("not a number"),
    }
}

/// An instant, fractions of a second cut off: a day (its midnight), a day with a time, or a count since 1970 in seconds, or in milli-,
/// micro- or nanoseconds, which are told apart by their digits. UTC, unless an offset is written.
pub fn date(text: &str) -> Option<UnixTime> {
    let seconds = count_since_1970(text).or_else(|| calendar(text))?;
    (0..END).contains(&seconds).then_some(UnixTime::new(seconds))
}

fn count_since_1970(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.bytes().any(|byte| !byte.is_ascii_digit()) || whole.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let count: i64 = whole.parse().ok()?;
    match whole.len() {
        9..=11 => Some(count),
        12..=14 => Some(count / 1000),
        15..=17 => Some(count / 1_000_000),
        18..=19 => Some(count / 1_000_000_000),
        _ => None,
    }
}

fn calendar(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let day = civil_day(day)?;
    let (clock, offset) = zone(time.trim())?;
    let clock = if clock.is_empty() { jiff::civil::Time::midnight() } else { civil_time(clock)? };
    let stamp = jiff::tz::TimeZone::UTC.to_timestamp(day.to_datetime(clock)).ok()?;
    Some(stamp.as_second() - offset)
}

/// `2024-02-19`, `2024/2/19` or `20240219`; and `19.02.2024`, which nobody writes with the month first.
fn civil_day(text: &str) -> Option<jiff::civil::Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] if year.len() == 4 && !text.contains('.') => (year, month, day),
        [day, month, year] if year.len() == 4 && text.bytes().filter(|&byte| byte == b'.').count() == 2 => {
            (year, month, day)
        }
        [all] if all.len() == 8 && all.is_ascii() => (&all[..4], &all[4..6], &all[6..]),
        _ => return None,
    };
    let whole = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i16>().ok()).flatten();
    let short = |part: &str| whole(part).and_then(|number| i8::try_from(number).ok());
    jiff::civil::Date::new(whole(year)?, short(month)?, short(day)?).ok()
}

/// `13:00`, `13:00:00` or `13:00:00.000`.
fn civil_time(text: &str) -> Option<jiff::civil::Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut next = |needed: bool| match parts.next() {
        Some(part) if part.len() == 2 => part.parse::<i8>().ok(),
        None if !needed => Some(0),
        _ => None,
    };
    let (hour, minute, second) = (next(true)?, next(true)?, next(false)?);
    let ended = parts.next().is_none() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if ended { jiff::civil::Time::new(hour, minute, second, 0).ok() } else { None }
}

/// A time of day without its zone, and how many seconds that is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    for name in ["Z", "z", "UTC", "GMT"] {
        if let Some(clock) = time.strip_suffix(name) {
            return Some((clock.trim_end(), 0));
        }
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let sign = if time[at..].starts_with('-') { -1 } else { 1 };
    let digits = time[at + 1..].replace(':', "");
    if ![2, 4].contains(&digits.len()) || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), |part| part.parse::<i64>().ok());
    let (hours, minutes) = (part(0..2)?, part(2..4)?);
    (hours <= 18 && minutes < 60).then_some((time[..at].trim_end(), sign * (hours * 3600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_dates_are_read() {
        // 19 February 2024, 00:00 UTC.
        for text in [
            "2024-02-19",
            "2024/02/19",
            "2024/2/19",
            "20240219",
            "19.02.2024",
            "2024-02-19 00:00",
            "2024-02-19 00:00:00",
            "2024-02-19T00:00:00",
            "2024-02-19T00:00:00Z",
            "2024-02-19T00:00:00.000Z",
            "2024-02-19 00:00:00 UTC",
            "2024-02-19T01:00:00+01:00",
            "2024-02-18 19:00:00-0500",
            "2024-02-19T05:30+05:30",
            "2024-02-19 00:00:00+00",
            "1708300800",
            "1708300800.0",
            "1708300800000",
            "1708300800999",
            "1708300800000000",
            "1708300800000000000",
        ] {
            assert_eq!(date(text), Some(UnixTime::new(1_708_300_800)), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "02/19/2024",
            "19/02/2024",
            "19-02-2024",
            "2024-02-30",
            "2024-13-01",
            "24-02-19",
            "2024-02-19 25:00",
            "2024-02-19 10",
            "2024-02-19 10:00 CET",
            "2024-02-19T10:00:00+1",
            "1708300",
            "-1708300800",
            "1900-01-01",
            "2300-01-01",
            "2024-02-19 10:00:00.x",
            "Feb 19, 2024",
            "2024-02-19T10:00:00:00",
            "é2024-02",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_comma_is_a_point_only_where_it_can_be_nothing_else() {
        assert_eq!(number("50500,5", true), Ok(50_500.5));
        assert_eq!(number("-0,045", true), Ok(-0.045));
        assert_eq!(number("50500,125", true), Ok(50_500.125));
        assert_eq!(number("1e3", false), Ok(1000.0));
        for (text, comma_is_point) in [
            ("50,500", true),
            ("50,500", false),
            ("50500,5", false),
            ("1.234,5", true),
            ("50,500.5", false),
            ("$5", false),
            ("", true),
        ] {
            assert!(number(text, comma_is_point).is_err(), "{text}");
        }
    }
}
