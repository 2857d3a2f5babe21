//! Numbers and dates in the formats of users' files.

use crate::units::UnixTime;

/// How numbers are written.
pub const NUMBERS: &str = "write numbers plainly, such as 50500.5; a dollar sign is ignored, and so are thousands separators if they \
    are unambiguous";

/// How dates are written.
pub const DATES: &str = "write dates as 2024-02-19, 2024-02-19 13:00, 2024-02-19T13:00:00Z, with an offset such as +01:00, as Feb 19, 2024, or as \
    seconds or milliseconds since 1970; a time without an offset is UTC; 02/03/2024 is read where another row of the file \
    shows whether the day or the month comes first";

/// Which of two numbers comes first in dates such as 02/19/2024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    Day,
    Month,
}

/// What comes first in the dates of a column that are written with slashes, the year last: shown by a date whose other reading is
/// none. `None` where no date shows it, or where two show different things.
pub fn what_comes_first(dates: impl Iterator<Item = impl AsRef<str>>) -> Option<First> {
    let mut first = None;
    for date in dates {
        let Some((one, two)) = slashed(date.as_ref()) else { continue };
        let shown = match (one > 12, two > 12) {
            (true, false) => First::Day,
            (false, true) => First::Month,
            _ => continue,
        };
        if first.is_some_and(|first| first != shown) {
            return None;
        }
        first = Some(shown);
    }
    first
}

/// The first two numbers of a date such as 02/19/2024.
fn slashed(date: &str) -> Option<(u8, u8)> {
    let day = date.split([' ', 'T']).next()?;
    let mut parts = day.split('/');
    let (one, two, year) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse().ok()).flatten();
    (year.len() == 4 && parts.next().is_none()).then_some((short(one)?, short(two)?))
}

/// The last instant a file can name, the first of 2200; the first is that of 1970.
const END: i64 = 7_258_118_400;

/// A number. Where cells are not separated by commas, a comma in it is a decimal point. Separators of thousands are ignored
/// where they can be nothing else, as in `50,500.5` and `1,234,567`.
///
/// # Errors
/// The description of the problem of the cell.
pub fn number(text: &str, comma_is_point: bool) -> Result<f64, &'static str> {
    let text = text.strip_prefix('$').unwrap_or(text);
    if let Ok(value) = text.parse() {
        return Ok(value);
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.') || !unsigned.contains(',') {
        return Err("not a number");
    }
    let plain = match (in_thousands(unsigned, ',', '.'), in_thousands(unsigned, '.', ',')) {
        (true, _) => text.replace(',', ""),
        (false, true) if comma_is_point => text.replace('.', "").replace(',', "."),
        _ => {
            let (whole, rest) = unsigned.split_once(',').unwrap_or((unsigned, ""));
            let as_thousands = rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
            match (comma_is_point, as_thousands) {
                _ if rest.contains([',', '.']) || whole.contains('.') => return Err("not a number"),
                (true, false) => text.replacen(',', ".", 1),
                (true, true) => return Err("a comma before thousands or before decimals?"),
                (false, _) => return Err("a comma within a number"),
            }
        }
    };
    plain.parse().map_err(|_| "not a number")
}

/// Whether digits stand in groups of three between separators of thousands, of which there are two or a decimal point follows.
fn in_thousands(digits: &str, separator: char, point: char) -> bool {
    let (whole, decimals) = digits.split_once(point).map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or("");
    let others: Vec<&str> = groups.collect();
    (1..=3).contains(&first.len())
        && others.iter().all(|group| group.len() == 3)
        && match decimals {
            Some(decimals) => !others.is_empty() && decimals.bytes().all(|byte| byte.is_ascii_digit()),
            None => others.len() >= 2,
        }
}

/// An instant, fractions of a second cut off: a day (its midnight), a day with a time, or a count since 1970 in seconds, or in milli-,
/// micro- or nanoseconds, which are told apart by their digits. UTC, unless an offset is written. `first` says how dates with slashes are read.
pub fn date(text: &str, first: Option<First>) -> Option<UnixTime> {
    let seconds = count_since_1970(text).or_else(|| calendar(text, first))?;
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

fn calendar(text: &str, first: Option<First>) -> Option<i64> {
    let (day, time) = if let Some(day) = with_month_name(text) {
        (day, "")
    } else {
        let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
        (civil_day(day, first)?, time)
    };
    let (clock, offset) = zone(time.trim())?;
    let clock = if clock.is_empty() { jiff::civil::Time::midnight() } else { civil_time(clock)? };
    let stamp = jiff::tz::TimeZone::UTC.to_timestamp(day.to_datetime(clock)).ok()?;
    Some(stamp.as_second() - offset)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `Feb 19, 2024`, `19 Feb 2024` or `19-February-2024`, in English.
fn with_month_name(text: &str) -> Option<jiff::civil::Date> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let [one, two, year] = words[..] else { return None };
    let month = |word: &str| {
        let letters = word.to_ascii_lowercase();
        let at = MONTHS.iter().position(|month| letters.get(..3) == Some(*month))?;
        letters.bytes().all(|byte| byte.is_ascii_lowercase()).then(|| i8::try_from(at + 1).ok()).flatten()
    };
    let (day, month) = month(one).map(|month| (two, month)).or_else(|| month(two).map(|month| (one, month)))?;
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    jiff::civil::Date::new(year, month, day.parse().ok()?).ok()
}

/// `2024-02-19`, `2024/2/19` or `20240219`; `19.02.2024`, which nobody writes with the month first; and `02/19/2024` where it is
/// known what comes first.
fn civil_day(text: &str, first: Option<First>) -> Option<jiff::civil::Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let only = |separator: u8| text.bytes().filter(|&byte| byte == separator).count() == 2;
    let (year, month, day) = match parts[..] {
        [year, month, day] if year.len() == 4 && !text.contains('.') => (year, month, day),
        [day, month, year] if year.len() == 4 && only(b'.') => (year, month, day),
        [one, two, year] if year.len() == 4 && only(b'/') => match first? {
            First::Day => (year, two, one),
            First::Month => (year, one, two),
        },
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
            "Feb 19, 2024",
            "19 Feb 2024",
            "19-February-2024",
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
            assert_eq!(date(text, None), Some(UnixTime::new(1_708_300_800)), "{text}");
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
            "Feb 30, 2024",
            "Feb 19",
            "Foo 19, 2024",
            "2024-02-19T10:00:00:00",
            "é2024-02",
        ] {
            assert_eq!(date(text, None), None, "{text}");
        }
    }

    #[test]
    fn dates_with_slashes_are_read_if_a_row_shows_the_order() {
        let american = ["02/03/2024", "02/19/2024 13:00", "x"];
        let european = ["02/03/2024", "19/02/2024"];
        assert_eq!(what_comes_first(american.into_iter()), Some(First::Month));
        assert_eq!(what_comes_first(european.into_iter()), Some(First::Day));
        assert_eq!(what_comes_first(["02/03/2024"].into_iter()), None);
        assert_eq!(what_comes_first(american.into_iter().chain(european)), None);
        let february = Some(UnixTime::new(1_708_300_800));
        assert_eq!(date("02/19/2024", Some(First::Month)), february);
        assert_eq!(date("19/2/2024", Some(First::Day)), february);
        assert_eq!(date("02/19/2024", Some(First::Day)), None);
    }

    #[test]
    fn a_comma_is_a_decimal_point_only_if_unambiguous() {
        assert_eq!(number("50500,5", true), Ok(50_500.5));
        assert_eq!(number("-0,045", true), Ok(-0.045));
        assert_eq!(number("50500,125", true), Ok(50_500.125));
        assert_eq!(number("1e3", false), Ok(1000.0));
        assert_eq!(number("$50,500.5", false), Ok(50_500.5));
        assert_eq!(number("-1,234,567", false), Ok(-1_234_567.0));
        assert_eq!(number("1.234,5", true), Ok(1234.5));
        for (text, comma_is_point) in [
            ("50,500", true),
            ("50,500", false),
            ("50500,5", false),
            ("1.234,5", false),
            ("5,0500.5", false),
            ("50,500,5", true),
            ("$", false),
            ("", true),
        ] {
            assert!(number(text, comma_is_point).is_err(), "{text}");
        }
    }
}
