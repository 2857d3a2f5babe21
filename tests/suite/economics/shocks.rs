//! Exogenous shocks: how hashrate answered to what did not come from the price, beside what the law of hash supply says.
//!
//! **Formula.** Local projection (Jordà, AER 95, 2005) of y = ln hashrate on a single dated shock at day t, with h in a window W of days:
//!
//! ```text
//! response(W) = mean over h in W of y(t + h) - mean over 28 days before t of y - mean of the same over all days within two years of t
//! ```
//!
//! The days within 90 of any of the shocks, and the closures of May to July 2021, are left out of the last mean; the band is the 5 and 95 % quantile of the same
//! difference over those days, so a response outside it is larger than nine tenths of what happens anyway. Hashrate of a day is its blocks times the work of its difficulty.
//!
//! **Model.** Halvings: the state that the law of hash supply has at the last start of an epoch before, and its forecast with the price held (100 members, 5 to 95 %), beside the hashrate
//! of the same epochs. Outages: the share of hashrate that was published for the region is off. Nothing is estimated.
//!
//! **Where the model is wrong.** After the halving of 2020 hashrate was back within two epochs, the law expects it to stay down. The published share of Kazakhstan did not go off.
//! The test holds the values that are: 0.05 in the outages, and the number of epochs within the law's band.
//!
//! **Sources.** Blocks by day and difficulty: the shipped history. Share of Xinjiang 0.233 (chapter on rolling forecasts), of Kazakhstan 0.1322 (Cambridge, January 2022). The halvings are those
//! of blocks 420,000 and 630,000. That the internet of Kazakhstan was off for five days from 5 January 2022 is recalled, not checked.

use shakeout::{
    hardware::catalogue,
    nowcast,
    scenario::shipped_history,
    study::{NowcastOptions, Work},
    supply::{events::days_since_1970, history::History, on_sale::OnSale},
    units::UnixTime,
};

const DATES: [(&str, &str); 4] = [
    ("halving of 2016", "2016-07-09"),
    ("halving of 2020", "2020-05-12"),
    ("Xinjiang", "2021-04-16"),
    ("Kazakhstan", "2022-01-05"),
];
const WINDOWS: [(i64, i64); 4] = [(0, 7), (7, 14), (14, 28), (28, 56)];

#[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
fn day(date: &str) -> i64 {
    days_since_1970(UnixTime::parse(date).expect("a date")) as i64
}

/// ln hashrate of a day, up to a constant.
fn ln_hashrate(history: &History, day: i64) -> f64 {
    let epoch = history.epochs().partition_point(|epoch| days_since_1970(epoch.start) <= day as f64 + 0.5).max(1) - 1;
    libm::log(history.blocks(day).expect("blocks of the day").max(1.0) * history.epochs()[epoch].nbits.difficulty())
}

/// Mean over a window from a day on, less the mean of the 28 days before.
fn change(history: &History, from: i64, (first, last): (i64, i64)) -> f64 {
    let mean = |days: std::ops::Range<i64>| {
        let count = days.clone().count() as f64;
        days.map(|day| ln_hashrate(history, day)).sum::<f64>() / count
    };
    mean(from + first..from + last) - mean(from - 28..from)
}

/// Response, and the 5 and 95 % quantiles of what happens anyway.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among some thousand days")]
fn response(history: &History, from: i64, window: (i64, i64)) -> (f64, f64, f64, f64) {
    let shocks: Vec<i64> = DATES.iter().map(|(_, date)| day(date)).collect();
    let ban = day("2021-05-21") - 60..day("2021-07-01") + 60;
    let quiet = |other: &i64| shocks.iter().all(|shock| (other - shock).abs() > 90) && !ban.contains(other);
    let mut usual: Vec<f64> = (from - 730..=from + 730)
        .filter(|other| quiet(other) && *other > day("2014-01-01") && *other < day("2023-10-01"))
        .map(|other| change(history, other, window))
        .collect();
    usual.sort_by(f64::total_cmp);
    let mean = usual.iter().sum::<f64>() / usual.len() as f64;
    let at = |share: f64| usual[(share * (usual.len() - 1) as f64) as usize] - mean;
    (change(history, from, window) - mean, at(0.05), at(0.95), mean)
}

#[test]
fn outages_take_off_the_share_of_their_region_in_one_case_of_two() {
    let history = shipped_history();
    let mut weeks = Vec::new();
    for (name, date) in DATES {
        for window in WINDOWS {
            let (found, low, high, mean) = response(&history, day(date), window);
            let (first, last) = (window.0, window.1 - 1);
            println!("{name}, days {first} to {last}: {found:+.3}, usual {low:+.3} to {high:+.3}, growth {mean:+.3}");
            if first == 0 {
                weeks.push((found, low));
            }
        }
    }
    let [old, new, xinjiang, kazakhstan] = weeks[..] else { panic!("four shocks") };
    assert!(old.0 > old.1 && new.0 < new.1 - 0.05, "halvings: {old:?}, {new:?}");
    assert!(xinjiang.0 < xinjiang.1 && (xinjiang.0 - libm::log(1.0 - 0.233)).abs() < 0.05, "{xinjiang:?}");
    assert!(kazakhstan.0 > kazakhstan.1 && kazakhstan.0 > libm::log(1.0 - 0.1322) + 0.1, "{kazakhstan:?}");
}

#[test]
fn the_law_of_hash_supply_foresees_one_halving_and_the_depth_of_the_other() {
    let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines are on sale"));
    for ((name, date), held) in DATES[..2].iter().zip([4, 2]) {
        let at = UnixTime::parse(date).ok();
        let options = NowcastOptions { at, epochs: 5, members: 100, ..NowcastOptions::default() };
        let told = nowcast(&history, &on_sale, &options, &mut Work::new()).unwrap_or_else(|error| panic!("{error}"));
        let before = history.hashrate_eh(told.state.origin - 1);
        let mut within = 0;
        for (step, band) in told.state.forecast_eh.iter().enumerate() {
            let seen = libm::log(history.hashrate_eh(told.state.origin + step) / before);
            let [low, mid, high] = [band.p05, band.p50, band.p95].map(|eh| libm::log(eh / before));
            println!("{name}, epoch {step}: seen {seen:+.3}, law {mid:+.3} ({low:+.3} to {high:+.3})");
            within += usize::from((low..high).contains(&seen));
        }
        assert_eq!(within, held, "{name}: epochs within the band");
    }
}
