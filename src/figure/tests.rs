use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{charts::draw_run, run::figures, svg::canvas::width_in_em, *};
use crate::{
    output::uncertain::{Correlation, HangsOn},
    report::{ReportError, bands::Limits, fixture::Fixture, series::RunSeries},
};

/// Draws every chart of the run in `folder`.
pub(super) fn drawn(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    draw_run(&RunSeries::read(folder, &Limits::default())?, out, style)
}

fn of_run(days: u32, replicas: u32) -> RunSeries {
    let folder = tempfile::tempdir().unwrap();
    Fixture { days, replicas }.write(folder.path());
    RunSeries::read(folder.path(), &Limits::default()).unwrap()
}

const COLUMN: FigureStyle = FigureStyle { size: FigureSize::Column, titles: true };

/// The pictures of a small run, to the byte. After an intended change, inspect them, then run `INSTA_UPDATE=always cargo test`.
#[test]
fn charts_match_their_snapshots() {
    for figure in figures(&of_run(28, 6)) {
        insta::assert_snapshot!(figure.name.as_str(), draw(&figure, &COLUMN).unwrap());
    }
}

#[test]
fn the_same_tables_give_the_same_bytes_in_files() {
    let folder = tempfile::tempdir().unwrap();
    Fixture { days: 28, replicas: 6 }.write(folder.path());
    let once = drawn(folder.path(), &folder.path().join("charts"), &COLUMN).unwrap();
    assert!(once.len() > 10 && once[0].ends_with("recovery.svg"), "{once:?}");
    let again = drawn(folder.path(), &folder.path().join("again"), &COLUMN).unwrap();
    for (one, other) in once.iter().zip(&again) {
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap());
    }
}

#[test]
fn titles_can_be_left_to_the_caption() {
    let series = of_run(28, 2);
    let bare = FigureStyle { titles: false, ..COLUMN };
    for figure in figures(&series) {
        let has_title = |style| draw(&figure, style).unwrap().contains(&format!("\n{}\n</text>", figure.title));
        assert!(has_title(&COLUMN) && !has_title(&bare), "{}", figure.name);
    }
}

#[test]
fn nothing_is_cut_at_any_size() {
    let series = of_run(120, 6);
    let exact = |width_mm, height_mm| FigureSize::Exact { width_mm, height_mm };
    for size in [FigureSize::Column, FigureSize::Page, exact(60.0, 75.0), exact(300.0, 90.0)] {
        for figure in figures(&series) {
            assert_nothing_is_cut(&figure.name, &draw(&figure, &FigureStyle { size, titles: true }).unwrap());
        }
    }
}

/// Checks that every text, by its estimated width, and every stroke lies within the sheet.
pub(super) fn assert_nothing_is_cut(name: &str, svg: &str) {
    let view = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split('"').next().unwrap();
    let (width, height) = view.split_once(' ').unwrap();
    let (width, height): (f64, f64) = (width.parse().unwrap(), height.parse().unwrap());
    for text in svg.split("<text ").skip(1) {
        let (left, right, y) = reach(text);
        assert!(left >= 0.0 && right <= width, "{name} is cut: {text}");
        assert!(y > 100.0 && y < height - 50.0, "{name} is cut: {text}");
    }
    for points in svg.split("points=\"").skip(1).chain(svg.split(" d=\"M").skip(1)) {
        for point in points.split('"').next().unwrap().split([' ', 'M']).filter(|point| !point.is_empty()) {
            let (x, y) = point.split_once(',').unwrap();
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{name}: {point}");
        }
    }
}

/// How far a text reaches to the left and to the right, and where it stands.
fn reach(text: &str) -> (f64, f64, f64) {
    let attribute = |name: &str| text.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
    let number = |name: &str| attribute(name).parse::<f64>().unwrap();
    let (x, y, size) = (number("x"), number("y"), number("font-size"));
    if text.contains("rotate(") {
        return (x - 0.8 * size, x + 0.8 * size, y);
    }
    let words = text.split('\n').nth(1).unwrap().replace("&apos;", "'");
    let width = width_in_em(&words) * size;
    match attribute("text-anchor") {
        "start" => (x, x + width, y),
        "end" => (x - width, x, y),
        _ => (x - 0.5 * width, x + 0.5 * width, y),
    }
}

#[test]
fn too_small_a_figure_is_refused_rather_than_garbled() {
    let size = FigureSize::Exact { width_mm: 50.0, height_mm: 40.0 };
    let error = draw(&of(&of_run(28, 2), "power"), &FigureStyle { size, titles: true }).unwrap_err();
    assert!(error.to_string().contains("too small"), "{error}");
}

#[test]
fn captions_say_what_is_left_out() {
    let mut series = of_run(28, 6);
    let caption = |series: &RunSeries| of(series, "power").caption();
    assert!(caption(&series).contains("bands at each instant over 6 replicas."));
    series.replicas_run = Some(5_000);
    series.grid.stride = 4;
    assert!(caption(&series).contains("over the first 6 of 5,000 replicas, every 4th day."));
    series.replicas = 1;
    series.replicas_run = Some(1);
    assert!(caption(&series).contains("One replica."));
}

fn of<'a>(series: &'a RunSeries, name: &str) -> Figure<'a> {
    figures(series).into_iter().find(|figure| figure.name == name).unwrap()
}

/// To inspect the figures: `SHAKEOUT_LOOK=/tmp/look cargo test --lib figure -- --ignored`.
#[test]
#[ignore = "writes figures for the eye into $SHAKEOUT_LOOK"]
fn figures_to_look_at() {
    let out = std::env::var("SHAKEOUT_LOOK").expect("SHAKEOUT_LOOK names a folder");
    for (days, replicas) in [(270, 40), (1096, 20), (45, 1)] {
        let folder = Path::new(&out).join(format!("{days}"));
        fs::create_dir_all(&folder).unwrap();
        Fixture { days, replicas }.write(&folder);
        for (name, size) in [("column", FigureSize::Column), ("page", FigureSize::Page)] {
            let style = FigureStyle { size, titles: name == "page" };
            let paths = drawn(&folder, &folder.join(name), &style).unwrap();
            assert!(paths.len() > 9);
        }
    }
}

/// The middles of the observed epochs of the made-up run are counted by hand: rings inside the palest band.
#[test]
fn observed_epochs_are_counted_inside_the_band() {
    let mut series = of_run(60, 6);
    let band = &mut series.hashrate.fan;
    band.p05.fill(50.0);
    band.p95.fill(52.0);
    let caption = of(&series, "observed").caption();
    // Epochs of 13 days from day −6: middles at 0.5, 13.5, 26.5, 39.5, 52.5; the third of three is low.
    assert!(caption.contains("in 4 of 5 epochs"), "{caption}");
    series.observed.clear();
    assert!(figures(&series).iter().all(|figure| figure.name != "observed"));
}

#[test]
fn without_impact_the_price_is_one_panel() {
    let mut series = of_run(28, 2);
    let price = |series: &RunSeries| draw(&of(series, "price"), &COLUMN).unwrap();
    assert!(price(&series).contains("Impact (%)"));
    for quantile in [&mut series.impact.fan.p05, &mut series.impact.fan.p95] {
        quantile.fill(0.0);
    }
    assert!(!price(&series).contains("Impact") && of(&series, "price").caption().contains("do not move it"));
}

/// Every event has its line in every panel, also where its name has no room.
#[test]
fn every_event_is_marked() {
    let mut series = of_run(60, 2);
    let (start, day) = (series.grid.start, 86_400);
    let shock =
        |place: i64| crate::report::marks::Shock { time: start + (20 + place) * day, label: format!("event {place}") };
    series.marks.shocks = (0..9).map(shock).collect();
    let svg = draw(&of(&series, "difficulty-and-hashprice"), &COLUMN).unwrap();
    assert_nothing_is_cut("difficulty-and-hashprice", &svg);
    let named = (0..9).filter(|place| svg.contains(&format!("event {place}"))).count();
    assert!((3..9).contains(&named), "{named}");
    let caption = of(&series, "recovery").caption();
    assert!((0..9).all(|place| caption.contains(&format!("event {place}, "))), "{caption}");
    let empty = Figure { marks: Vec::new(), ..of(&series, "difficulty-and-hashprice") };
    let wipes = |svg: &str| svg.matches("stroke=\"#FFFFFF\"").count();
    assert_eq!(wipes(&svg) - wipes(&draw(&empty, &COLUMN).unwrap()), 2 * 9);
}

#[test]
fn causes_of_default_and_what_the_answer_hangs_on_are_drawn_where_there_are_any() {
    let mut series = of_run(28, 3);
    let is_new = |figure: &parts::Figure<'_>| figure.name == "causes" || figure.name.starts_with("hangs-on");
    assert!(!figures(&series).iter().any(is_new));
    series.causes = vec![vec![8.0, 1.0, 3.0]; 3];
    let correlation = |name: &str, value: f64| Correlation {
        name: name.into(),
        value,
        low: value - 0.2,
        high: value + 0.2,
        ..Correlation::default()
    };
    let correlations = vec![correlation("the spread of power prices", -0.71), correlation("cash at the start", 0.1)];
    series.hangs_on =
        vec![HangsOn { metric: "hhi_end".into(), name: "Owners".into(), correlations, ..HangsOn::default() }];
    let all = figures(&series);
    let drawn: Vec<_> = all.iter().filter(|figure| is_new(figure)).collect();
    assert_eq!(drawn.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["causes", "hangs-on-hhi-end"]);
    assert!(drawn[0].alt.contains("interest 1"), "{}", drawn[0].alt);
    assert!(drawn[1].alt.contains("the spread of power prices: -0.71"), "{}", drawn[1].alt);
    for figure in drawn {
        assert_nothing_is_cut(&figure.name, &draw(figure, &COLUMN).unwrap());
    }
}
