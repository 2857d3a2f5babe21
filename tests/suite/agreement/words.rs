//! Charts, page, summary and terminal compared with the tables of a run.

use super::folder::Folder;
use shakeout::figure::{FigureSize, FigureStyle, answer_in_markdown, draw, run::figures, run_page};
use shakeout::report::{
    Extent, PaperRows, PaperRun, Summary, bands::Limits, latex, markdown, plain, series::RunSeries,
};

/// Words and numbers agree with the tables, and no sentence lacks its number.
pub fn check(folder: &Folder) {
    let name = &folder.name;
    let series = RunSeries::read(folder.path(), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let style = FigureStyle { size: FigureSize::Page, titles: true };
    let figures = figures(&series);
    for figure in &figures {
        for text in [&figure.title, &figure.caption(), &figure.alt] {
            is_sound(name, text);
        }
        let svg = draw(figure, &style).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!svg.contains("NaN"), "{name}: {}", figure.name);
    }
    let alt = |wanted: &str| {
        figures.iter().find(|figure| figure.name == wanted).map_or_else(String::new, |figure| figure.alt.clone())
    };
    let median_of_last = |table: &str, column: &str| {
        let replicas = folder.table(table).distinct("replica");
        median(replicas.iter().map(|replica| folder.table(table).with("replica", replica).last(column)).collect())
    };
    for (chart, table, column, place) in [
        ("recovery", "days", "hashrate_eh_per_s", 0),
        ("concentration", "epochs", "hhi", 0),
        ("power", "days", "power_gw", 0),
        ("power", "days", "machine_efficiency_j_per_th", 1),
        ("power", "days", "co2_kt", 2),
        ("coins", "days", "coins_held_btc", 0),
        ("difficulty-and-hashprice", "days", "hashprice_usd_per_ph_day", 1),
        ("price", "days", "price_usd", 0),
    ] {
        let text = alt(chart);
        let said = text.split("ends at ").nth(place + 1).map(leading_number);
        is_near(name, &format!("{chart}: {text}"), said, median_of_last(table, column));
    }
    let html = run_page(folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
    for part in html.split("<script").map(|part| part.split("</script>").last().unwrap_or_default()) {
        assert!(!part.contains("NaN"), "{name}: the page says NaN");
    }
    by_class(folder, &alt("survival"), &html);
    summary(folder);
}

/// By class, the share that has not failed: in words, in the table of the page, and in `survival.csv`.
fn by_class(folder: &Folder, alt: &str, html: &str) {
    let ends = folder.table("survival").with("by", "class");
    let replicas = ends.distinct("replica");
    for class in ends.distinct("group") {
        let of_class = ends.with("group", class);
        let failed: f64 =
            replicas.iter().map(|replica| of_class.with("replica", replica).last("liquidated_share")).sum();
        let kept = 100.0 * (1.0 - failed / replicas.len() as f64);
        let word = class.replace('_', " ");
        // If there are more classes than colours, the chart omits those that fail least.
        if let Some((_, rest)) = alt.rsplit_once(": ").and_then(|(_, list)| list.split_once(&format!("{word} "))) {
            is_near(&folder.name, alt, Some(leading_number(rest)), kept);
        }
        let row = html.split("<tr>").find(|row| row.contains(&format!(">{word}</th>")) && row.contains("<td"));
        let row = row.unwrap_or_else(|| panic!("{}: the page has no row of {class}", folder.name));
        let cell = row.split("<td").last().and_then(|cell| cell.split_once('>')).map_or("", |(_, cell)| cell);
        is_near(&folder.name, &format!("{class}: {cell}"), Some(leading_number(cell)), kept);
    }
}

/// Medians of the summary are those of `replicas.csv`; printed text has no empty places; a run without a fall is described in words.
fn summary(folder: &Folder) {
    let summary = Summary::read(folder.path()).expect("a summary");
    for headline in &summary.metrics {
        let values = folder.table("replicas").numbers(&headline.name);
        if values.iter().all(|value| value.is_finite()) {
            let expected = median(values.clone());
            let found = headline.spread.p50.unwrap_or(f64::NAN);
            assert!((found - expected).abs() <= 1e-9 * expected.abs() + 1e-12, "{}: {}", folder.name, headline.name);
        }
        let no_fall = match headline.name.as_str() {
            "hashrate_trough_share" => values.iter().filter(|&&value| (value - 1.0).abs() < 1e-7).count(),
            "days_to_trough" | "days_to_95pct" | "days_to_100pct" | "worst_retarget" | "price_impact_worst" => {
                values.iter().filter(|value| value.abs() < 1e-7).count()
            }
            _ => 0,
        };
        let sentence = headline.sentence();
        is_sound(&folder.name, &sentence);
        let counted = headline.spread.no_fall.as_ref().map_or(0, |none| none.n);
        assert_eq!(counted, no_fall as u64, "{}: {sentence}", folder.name);
        let of = format!("({no_fall} of {} replicas)", values.len());
        let says_why = headline.spread.idle.is_some();
        assert!(
            no_fall == 0 || values.len() == 1 || says_why || sentence.contains(&of),
            "{}: {of}: {sentence}",
            folder.name
        );
    }
    let runs = [PaperRun { label: folder.name.clone(), summary: summary.clone(), version: String::new() }];
    let all = PaperRows::Of(Extent::All);
    for text in
        [answer_in_markdown(&summary), markdown(&runs, &all), latex(&runs, &all), plain(&summary, 80, Extent::All)]
    {
        assert!(!text.contains("NaN") && !text.contains("inf "), "{}: {text}", folder.name);
    }
}

/// No sentence lacks its number.
fn is_sound(name: &str, text: &str) {
    let holes = ["NaN", "no value", "  ", " ,", " .", " ;", "at ,", "{", "()"];
    assert!(holes.iter().all(|hole| !text.contains(hole)), "{name}: {text}");
    assert!(text.split(|letter: char| !letter.is_alphanumeric()).all(|word| word != "inf"), "{name}: {text}");
}

/// Compares a number printed with three digits.
fn is_near(name: &str, what: &str, said: Option<f64>, expected: f64) {
    let said = said.unwrap_or_else(|| panic!("{name}: {what}: no number, {expected} expected"));
    assert!((said - expected).abs() <= 5.1e-3 * expected.abs() + 1e-9, "{name}: {what}: {expected}");
}

/// The number at the beginning of a text.
fn leading_number(text: &str) -> f64 {
    let plain = text.replace(',', "").replace('−', "-");
    let end = plain.find(|letter: char| !"0123456789.-e".contains(letter)).unwrap_or(plain.len());
    plain[..end].trim_end_matches('.').parse().unwrap_or(f64::NAN)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    f64::midpoint(values[last / 2], values[last.div_ceil(2)])
}

/// The descriptions of the figures on the page of scenarios.
#[test]
fn no_number_is_missing_from_the_gallery() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/README.md");
    let text = std::fs::read_to_string(path).expect("the page is there");
    let images = text.split("![").skip(1).filter_map(|rest| rest.split_once("](")).map(|(alt, _)| alt);
    assert!(images.inspect(|alt| is_sound("scenarios/README.md", alt)).count() > 10, "a figure for each scenario");
}
