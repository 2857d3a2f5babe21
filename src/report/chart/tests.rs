use std::fs;

use super::*;
use crate::report::fixture::Fixture;

fn run(days: u32, replicas: u32) -> RunSeries {
    let folder = tempfile::tempdir().unwrap();
    Fixture { days, replicas }.write(folder.path());
    RunSeries::read(folder.path(), &Limits::default()).unwrap()
}

/// For a look at the figures: `SHAKEOUT_LOOK=/tmp/look cargo test --lib report::chart -- --ignored`.
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
            let paths = draw_all(&folder, &folder.join(name), &style).unwrap();
            assert_eq!(paths.len(), 4);
        }
    }
}
