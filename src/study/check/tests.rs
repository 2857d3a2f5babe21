use super::*;
use crate::{
    run,
    study::{Folder, RunOptions},
};

/// The estimate of csv is within a factor of three of what is written.
#[test]
fn the_estimate_of_csv_is_that_of_real_runs() {
    let home = tempfile::tempdir().expect("a folder");
    for (name, days) in
        [("downturn-simple", "run.days=200"), ("2022-leverage", "run.days=345"), ("free-entry", "run.days=500")]
    {
        let input = Input::shipped(name).set(days).replicas(1);
        let estimate = check(&input, &mut Work::new()).expect("it can be run").estimate;
        let folder = Folder::new(home.path().join(name));
        let found = run(&input, &RunOptions::default(), folder, &mut Work::new()).expect("it runs");
        let files = std::fs::read_dir(&found.path).expect("it is there").map(|file| file.expect("a file"));
        let tables = files.filter(|file| file.path().extension().is_some_and(|end| end == "csv"));
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let written = tables.map(|file| file.metadata().expect("it has a size").len() as f64).sum::<f64>();
        let ratio = estimate.disk / written;
        assert!((0.33..=3.0).contains(&ratio), "{name}: {} estimated, {written} written", estimate.disk);
    }
}
