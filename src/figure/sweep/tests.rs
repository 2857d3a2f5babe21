use std::path::Path;

use super::{words::NEVER_NOTE, *};
use crate::figure::{FigureSize, draw, tests::assert_nothing_is_cut};
use crate::{
    report::sweep::{fixture::SweepFixture, table::SweepLimits},
    simulation::metrics::METRICS,
};

const COLUMN: FigureStyle = FigureStyle { size: FigureSize::Column, titles: true };

fn designs() -> [(&'static str, SweepFixture); 5] {
    [
        ("number", SweepFixture::number(9, 12)),
        ("choice", SweepFixture::choice(12)),
        ("pairs", SweepFixture::pairs(6, 5, 8)),
        ("triples", SweepFixture::triples(5, 3, 2, 6)),
        ("many", SweepFixture::many(120, 3)),
    ]
}

/// A chart and its picture.
struct Drawn {
    name: String,
    caption: String,
    alt: String,
    svg: String,
}

fn drawn(fixture: &SweepFixture, style: FigureStyle) -> Vec<Drawn> {
    let folder = tempfile::tempdir().unwrap();
    fixture.write(folder.path());
    let sweep = Sweep::read(folder.path(), &[], SweepLimits::default()).unwrap();
    let mut figures = Vec::new();
    sweep
        .for_each(folder.path(), |column| {
            let figure = sweep_figure(&sweep, column);
            let svg = draw(&figure, &style)?;
            figures.push(Drawn { name: figure.name.clone(), caption: figure.caption(), alt: figure.alt, svg });
            Ok(())
        })
        .unwrap();
    figures
}

fn of<'a>(figures: &'a [Drawn], metric: &str) -> &'a Drawn {
    figures.iter().find(|figure| figure.name == format!("sweep-{metric}")).unwrap()
}

/// The pictures of small sweeps, to the byte. After an intended change, inspect them, then run `INSTA_UPDATE=always cargo test`.
#[test]
fn charts_match_their_snapshots() {
    for (name, fixture) in designs() {
        let figures = drawn(&fixture, COLUMN);
        let figure = of(&figures, "days_to_95pct");
        insta::assert_snapshot!(name, format!("{}\n{}\n{}", figure.caption, figure.alt, figure.svg));
    }
}

#[test]
fn every_metric_that_varies_is_drawn_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    SweepFixture::number(4, 3).write(folder.path());
    let once = draw_sweep(folder.path(), &folder.path().join("charts"), &COLUMN).unwrap();
    let names: Vec<_> = once.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let main = METRICS.iter().filter(|metric| metric.is_main && metric.name != "hhi_end");
    let expected: Vec<_> = main.map(|metric| format!("sweep-{}.svg", metric.name)).collect();
    assert_eq!(names, expected, "hhi_end is the same everywhere");
    let again = draw_sweep(folder.path(), &folder.path().join("again"), &COLUMN).unwrap();
    for (one, other) in once.iter().zip(&again) {
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    }
}

#[test]
fn nothing_is_cut_at_any_size() {
    for size in [FigureSize::Column, FigureSize::Page, FigureSize::Exact { width_mm: 120.0, height_mm: 160.0 }] {
        for (_, fixture) in designs() {
            for figure in drawn(&fixture, FigureStyle { size, titles: true }) {
                assert_nothing_is_cut(&figure.name, &figure.svg);
            }
        }
    }
}

#[test]
fn too_small_a_figure_is_refused_rather_than_garbled() {
    let size = FigureSize::Exact { width_mm: 50.0, height_mm: 40.0 };
    let folder = tempfile::tempdir().unwrap();
    SweepFixture::many(30, 1).write(folder.path());
    let error = draw_sweep(folder.path(), folder.path(), &FigureStyle { size, titles: true }).unwrap_err();
    assert!(error.to_string().contains("too small"), "{error}");
}

#[test]
fn only_quantiles_that_are_never_reached_are_marked() {
    for (name, fixture) in designs() {
        let figures = drawn(&fixture, COLUMN);
        let (with, without) = (of(&figures, "days_to_95pct"), of(&figures, "hashrate_trough_share"));
        assert!(with.svg.contains("\nnever\n</text>"), "{name}");
        assert!(with.caption.contains(NEVER_NOTE), "{name}");
        assert!(!without.svg.contains("\nnever\n</text>") && !without.caption.contains(NEVER_NOTE), "{name}");
    }
}

#[test]
fn factors_are_ranked_by_the_change_of_the_median() {
    let figures = drawn(&SweepFixture::many(400, 2), COLUMN);
    let figure = of(&figures, "hashrate_trough_share");
    let places: Vec<_> = ["Price factor (crash)", "Median of the lognormal power price", "The difficulty rule"]
        .map(|key| figure.alt.find(key).unwrap_or_else(|| panic!("{key} is not in {}", figure.alt)))
        .into();
    assert!(places.is_sorted(), "{}", figure.alt);
}

/// To inspect the figures: `SHAKEOUT_LOOK=/tmp/look cargo test --lib figure::sweep -- --ignored`.
#[test]
#[ignore = "writes figures for the eye into $SHAKEOUT_LOOK"]
fn figures_to_look_at() {
    let out = std::env::var("SHAKEOUT_LOOK").expect("SHAKEOUT_LOOK names a folder");
    let more = [
        ("number-many", SweepFixture::number(300, 4)),
        ("number-one-replica", SweepFixture::number(6, 1)),
        ("pairs-large", SweepFixture::pairs(20, 24, 5)),
    ];
    for (name, fixture) in designs().into_iter().chain(more) {
        let folder = Path::new(&out).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        fixture.write(&folder);
        for (name, size) in [("column", FigureSize::Column), ("page", FigureSize::Page)] {
            let style = FigureStyle { size, titles: name == "page" };
            assert!(draw_sweep(&folder, &folder.join(name), &style).unwrap().len() > 5);
        }
    }
}
