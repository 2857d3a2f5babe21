use super::*;
use crate::{declare::usual, random::Purpose};

/// The warnings of the days of a month, the likeliest first.
fn month(charge: &PeakCharge, year: i64, month: u32) -> Vec<Warning> {
    let draw = Draw::new(7, 0, Purpose::PeakDay);
    let day = |day: u32| UnixTime::parse(&format!("{year}-{month:02}-{day:02}")).expect("a date");
    let mut warnings: Vec<Warning> = (1..=30).filter_map(|date| charge.warning(draw, 3, day(date))).collect();
    warnings.sort_by(|a, b| b.saves.get().total_cmp(&a.saves.get()));
    warnings
}

/// 100 USD/kW-year are 25 USD at each peak. On the likeliest of 30 days a kWh unused saves 25 * 0.35/3 / (1 - 0.65^30) = 2.92 USD, on the next 0.65 of it.
/// Outside of the summer there is no peak, and in each of its months just one.
#[test]
fn by_hand() {
    let charge = usual::<PeakCharge>();
    assert!((charge.due_per_kw() - 25.0).abs() < 1e-12);
    let june = month(&charge, 2025, 6);
    let first = 25.0 * 0.35 / 3.0 / (1.0 - libm::pow(0.65, 30.0));
    for (k, warning) in (0..30).map(f64::from).zip(&june) {
        assert!((warning.saves.get() - first * libm::pow(0.65, k)).abs() < 1e-12, "day {k}");
    }
    for (number, peaks) in [(5, 0), (6, 1), (9, 1), (10, 0)] {
        assert_eq!(month(&charge, 2025, number).iter().filter(|warning| warning.is_peak).count(), peaks);
    }
}

/// Who is off on the two likeliest days misses 0.65^2 = 42 % of peaks: of 400 Septembers and Junes, 169 with a standard deviation of 10.
#[test]
fn what_is_missed() {
    let charge = usual::<PeakCharge>();
    let missed = (1800..2000).flat_map(|year| [month(&charge, 170 + year, 6), month(&charge, 170 + year, 9)]);
    let missed = missed.filter(|days| !days[..2].iter().any(|day| day.is_peak)).count();
    assert!((139..=199).contains(&missed), "{missed}");
}

/// 21:15 UTC is 16:15 in the summer time of Texas, in the second of three hours.
#[test]
fn the_window_has_the_peak() {
    let at = instant(UnixTime::parse("2025-07-04T03:00:00Z").expect("a date"));
    assert_eq!(at, UnixTime::parse("2025-07-04T21:15:00Z").expect("a date"));
    let hours = (0..24).map(|hour| UnixTime::new(at.get() - at.get().rem_euclid(86_400) + hour * 3600));
    assert_eq!(hours.filter(|&hour| is_in_window(hour)).count(), 3);
}
