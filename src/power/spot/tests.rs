use super::*;
use crate::{declare::usual, random::Purpose};

fn file(step: i64, values: Vec<f64>) -> Spot {
    let rows = Regular { from: UnixTime::new(1_000_000 * 86_400 / 100), step, values };
    Spot::new(SpotPrices::File(Hours { utc_offset: 0.0, daylight_saving: false, repeats: true, rows }))
}

fn day(spot: &Spot, from: UnixTime) -> Vec<Hour> {
    let mut hours = Vec::new();
    spot.day(&mut Weather::new(1), Draw::new(1, 0, Purpose::SpotPrice), from, &mut hours);
    hours
}

/// A day that begins 20 minutes after an hour has 25 hours: 40 minutes of the first, 20 of the last.
#[test]
fn an_hour_counts_with_the_part_that_lies_in_the_day() {
    let spot = file(3600, (0..24).map(f64::from).collect());
    let hours = day(&spot, UnixTime::new(864_000_000 + 1200));
    assert_eq!(hours.len(), 25);
    assert!((hours[0].share - 40.0 / 1440.0).abs() < 1e-15 && (hours[24].share - 20.0 / 1440.0).abs() < 1e-15);
    let sum: f64 = hours.iter().map(|hour| hour.share).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    // Prices are in USD/MWh in the file; the file begins again after a day.
    assert!((hours[3].price.get() - 0.003).abs() < 1e-15 && hours[24].price == hours[0].price);
}

#[test]
fn a_file_is_repeated_in_both_directions() {
    let spot = file(900, (0..960).map(f64::from).collect());
    let (early, late) =
        (day(&spot, UnixTime::new(864_000_000 - 86_400)), day(&spot, UnixTime::new(864_000_000 + 9 * 86_400)));
    assert_eq!(early.len(), 96);
    assert!(early.iter().zip(&late).all(|(a, b)| a.price == b.price));
}

/// Prices of every hour are proportional to the stated mean.
#[test]
fn the_mean_scales_every_hour() {
    let with = |mean: f64| Spot::new(SpotPrices::Texas(TexasParams { mean: PowerPrice::new(mean) }));
    let from = UnixTime::parse("2024-05-03").expect("a date");
    let (usual_hours, twice) = (day(&with(usual::<TexasParams>().mean.get()), from), day(&with(2.0 * 0.029_03), from));
    assert_eq!(usual_hours.len(), 24);
    for (a, b) in usual_hours.iter().zip(&twice) {
        assert!((b.price.get() - 2.0 * a.price.get()).abs() < 1e-15);
    }
    assert!((with(0.05).mean().get() / 0.05 - 1.0).abs() < 5e-4);
}
