//! Whether a series from a file has holes: dates that are missing within the run, between which a number is interpolated.

use super::{Seen, warning};
use crate::{market::PriceProcess, scenario::problem::Problem, units::Seconds};

/// A gap of more rows than these at the series' usual distance is a hole. Prices of exchanges that close leave out four days at most.
const MOST_LEFT_OUT: f64 = 7.0;

/// A warning for each series from a file that has holes.
pub fn questions(seen: &Seen<'_>) -> Vec<Problem> {
    let scenario = &seen.resolved.scenario;
    let prices: Vec<Seconds> = match &scenario.price.process {
        PriceProcess::File { points } => points.iter().map(|(at, _)| *at).collect(),
        _ => Vec::new(),
    };
    let fees: Vec<Seconds> = scenario.chain.fees.knots.iter().map(|(at, _)| *at).collect();
    let series = [
        ("price.csv.file", prices, "the price is log-linear in between"),
        ("chain.fees.csv.file", fees, "the fees are linear in between"),
    ];
    series.iter().filter_map(|(key, dates, between)| hole(seen, key, dates, between)).collect()
}

fn hole(seen: &Seen<'_>, key: &str, dates: &[Seconds], between: &str) -> Option<Problem> {
    let file = seen.value(key)?;
    let run = &seen.resolved.scenario.run;
    let end = Seconds::from(run.days);
    let mut steps: Vec<f64> = dates.windows(2).map(|pair| (pair[1] - pair[0]).get()).collect();
    steps.sort_by(f64::total_cmp);
    let usual = *steps.get(steps.len() / 2)?;
    // A hole counts where the run would read across it.
    let is_hole = |pair: &&[Seconds]| {
        let within = pair[1] > Seconds::ZERO && pair[0] < end;
        within && (pair[1] - pair[0]).get() > MOST_LEFT_OUT * usual
    };
    let holes: Vec<&[Seconds]> = dates.windows(2).filter(is_hole).collect();
    let longest = holes.iter().max_by(|a, b| (a[1] - a[0]).get().total_cmp(&(b[1] - b[0]).get()))?;
    let days = |seconds: f64| (seconds / 8640.0).round() / 10.0;
    let name = file.value.as_text().unwrap_or_default();
    let others = if holes.len() > 1 { format!(", the longest of {} holes", holes.len()) } else { String::new() };
    let message = format!(
        "`{name}` has no rows between {} and {}, {} days{others}; its rows are usually {} d apart",
        run.start.after(longest[0]).short(),
        run.start.after(longest[1]).short(),
        days((longest[1] - longest[0]).get()),
        days(usual),
    );
    let help = format!("{between}; add the missing rows if that is not what is meant");
    Some(warning("scenario::hole", message).at(file.place, "this file").help(help))
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Disk, Remembered, load_bundled_with};
    use std::{path::PathBuf, sync::Arc};

    /// Days of a price file, counted from the start of `downturn`, without some of them.
    fn told(left_out: impl Fn(i64) -> bool) -> Vec<String> {
        let start = crate::units::UnixTime::parse("2025-10-02").expect("a date");
        let day =
            |day: i64| start.after(crate::units::Seconds::new(86_400.0 * f64::from(i32::try_from(day).expect("few"))));
        let rows = (-30..140).filter(|&number| !left_out(number)).map(|number| format!("{},50000\n", day(number)));
        let text = format!("date,price_usd\n{}", rows.collect::<String>());
        let files = Remembered::with(Disk::default(), [(PathBuf::from("p.csv"), Arc::from(text.as_bytes()))].into());
        let sets = ["run.start=2025-10-02", "run.days=100", "price.csv.file=p.csv"].map(str::to_owned);
        let resolved = load_bundled_with(&files, "downturn", &sets, None).expect("it is sound");
        let questions = resolved.questions();
        let holes = questions.iter().filter(|problem| problem.code == "scenario::hole");
        holes.map(|problem| problem.message.clone()).collect()
    }

    #[test]
    fn holes_within_the_run_are_said_with_their_dates() {
        assert_eq!(told(|_| false), Vec::<String>::new());
        let weekends = told(|day| day.rem_euclid(7) > 4);
        assert_eq!(weekends, Vec::<String>::new(), "exchanges that close at weekends");
        assert_eq!(
            told(|day| (20..58).contains(&day)),
            ["`p.csv` has no rows between 2025-10-21 and 2025-11-29, 39 days; its rows are usually 1 d apart"]
        );
        let two = told(|day| (20..58).contains(&day) || (70..80).contains(&day));
        assert!(two[0].contains("39 days, the longest of 2 holes"), "{two:?}");
        assert_eq!(
            told(|day| (-29..-5).contains(&day) || (105..130).contains(&day)),
            Vec::<String>::new(),
            "outside of the run"
        );
    }
}
