use super::*;
use crate::{
    output::disk::with_ending,
    scenario::{Disk, Remembered, load_with},
    study::calibrate::{Episode, Parameter, Setter, observed_history},
};
use clap::Parser;
use std::{collections::BTreeMap, fs, path::Path, sync::atomic::Ordering, thread};

/// A small world in which the price halves: 160 days, 80 firms.
const SMALL: &str = r#"format = 1
title = "A small crash"

[run]
start = "2018-09-20"
days = 160
replicas = 1
seed = 3

[chain]
height = 542304
nbits = "17275a1f"
[chain.fees.constant]
btc_per_block = 0.1

[price.knots]
points = [["2018-09-20", 6500], ["2018-10-20", 6300], ["2018-11-20", 3400], ["2019-02-20", 3300]]

[class.large]
share = 0.6
firms = 40
power_price_usd_per_kwh = 0.045
cash_months = 6
treasury_days = 30

[class.small]
share = 0.4
firms = 40
power_price_usd_per_kwh = 0.065
cash_months = 6
treasury_days = 5

[fleet.s9]
machine = "Antminer S9 (13.5Th)"
share = 1.0
"#;

/// Two parameters that a chain shows.
const TWO: &str = r#"
[calibrate]
population = 80
generations = 4
predictive = 12
[calibrate.prior.cost]
scales = "class.*.power_price_usd_per_kwh"
uniform = { low = 0.8, high = 1.25 }
[calibrate.prior.response]
key = "operation.response_days"
log_uniform = { low = 1, high = 14 }
"#;

struct World(tempfile::TempDir);

impl World {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("small.toml"), text).expect("it can be written");
        Self(folder)
    }

    fn small(more: &str) -> Self {
        Self::with(&format!("{SMALL}{more}"))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, flags: &[&str]) -> Calibrate {
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            calibrate: Calibrate,
        }
        let scenario = self.at("small.toml").display().to_string();
        let words = ["calibrate", &scenario, "--quiet", "--no-charts"];
        Line::try_parse_from(words.iter().chain(flags)).expect("the flags are sound").calibrate
    }

    /// Runs it into a folder of this name.
    fn run(&self, out: &str, flags: &[&str]) -> Result<PathBuf, Failure> {
        let folder = self.at(out);
        let shown = folder.display().to_string();
        self.command(&[flags, &["--out", &shown]].concat()).run(&Arc::default()).map(|()| folder)
    }

    fn refused(&self, flags: &[&str]) -> String {
        match self.run("refused", flags) {
            Ok(_) => panic!("it is done"),
            Err(Failure::Scenario(problems)) => problems.render(false, 200),
            Err(Failure::Input(text)) => text,
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
    };
    fs::read_dir(folder).expect("a folder").map(entry).collect()
}

fn found(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("calibration.json")).expect("it is there")).expect("it is JSON")
}

/// At three truths, made by the engine: the medians of costs follow them, each truth lies in the posterior's 90 % or not far
/// outside (one in five must not), and the data tell far more of costs than the prior did.
#[test]
fn two_parameters_are_recovered() {
    let world = World::small(TWO);
    let (mut medians, mut shrinkage) = (Vec::new(), 0.0);
    for (name, cost, response) in [("a", 0.88, 2.0), ("b", 1.02, 4.0), ("c", 1.18, 9.0)] {
        let truth = format!("cost={cost},response={response}");
        let folder = world.run(name, &["--synthetic", &truth]).expect("it is fitted");
        let json = found(&folder);
        let number = |place: usize, key: &str| json["parameters"][place][key].as_f64().expect("a number");
        for (place, truth) in [(0, cost), (1, response)] {
            let (low, high) = (number(place, "p05"), number(place, "p95"));
            let margin = high - low;
            assert!(truth > low - margin && truth < high + margin, "{name}: {truth} is not near {low} to {high}");
        }
        medians.push(number(0, "p50"));
        shrinkage += number(0, "shrinkage") / 3.0;
        assert_eq!(json["synthetic"], true);
    }
    // Neighbours are one or two posterior deviations apart, so only the extremes must come in order.
    assert!(medians[0] < medians[2], "{medians:?}");
    assert!(shrinkage > 0.4, "{shrinkage}");
}

/// The same bytes in every file, with one thread and with two, at once and after an interruption in the middle.
#[test]
fn results_do_not_depend_on_threads_and_interruptions() {
    let world = World::small(TWO);
    let flags = |threads: &'static str| ["--synthetic", "cost=1,response=3", "--threads", threads];
    let whole = files(&world.run("one", &flags("1")).expect("it is fitted"));
    assert_eq!(whole, files(&world.run("two", &flags("2")).expect("it is fitted")));
    // On a busy machine the flag may come too late; then once more.
    let interrupted = (0..5).map(|attempt| world.at(&format!("three-{attempt}"))).find(|folder| {
        let shown = folder.display().to_string();
        let command = world.command(&[&flags("2")[..], &["--out", &shown]].concat());
        interrupt(&command, &with_ending(folder, ".partial").join("result/particles.csv"))
    });
    let folder = interrupted.expect("one of five is interrupted");
    let shown = folder.display().to_string();
    let command = world.command(&[&flags("2")[..], &["--resume", "--out", &shown]].concat());
    assert!(!folder.exists(), "an unfinished calibration has no name");
    command.run(&Arc::default()).expect("it is completed");
    assert_eq!(whole, files(&folder));
    let refused = world.command(&[&flags("1")[..], &["--out", &shown]].concat()).run(&Arc::default());
    assert!(matches!(refused, Err(Failure::Input(text)) if text.contains("--force")));
}

/// Runs it, and stops it somewhere in the second generation; whether it was stopped.
fn interrupt(command: &Calibrate, written: &Path) -> bool {
    let stop = Arc::default();
    let is_there = || fs::read_to_string(written).is_ok_and(|text| text.lines().count() > 110);
    thread::scope(|scope| {
        let running = scope.spawn(|| command.run(&stop));
        while !is_there() && !running.is_finished() {
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        matches!(running.join().expect("it does not panic"), Err(Failure::Interrupted(_)))
    })
}

/// Truths drawn from the prior, a posterior for each, on the small world: their ranks are even, as far as 24 can tell.
#[test]
fn ranks_on_a_small_world_are_even() {
    let world = World::small(TWO);
    let flags = ["--sbc", "24", "--set", "calibrate.population=50", "--set", "calibrate.generations=3"];
    let folder = world.run("ranks", &flags).expect("they are ranked");
    let json = found(&folder);
    assert_eq!((json["truths"].as_u64(), json["parameters"].as_array().map(Vec::len)), (Some(24), Some(2)));
    for parameter in json["parameters"].as_array().expect("a list") {
        assert!(parameter["p_value"].as_f64().expect("a number") > 0.002, "{json:#}");
    }
    let table = fs::read_to_string(folder.join("ranks.csv")).expect("it is there");
    assert_eq!(
        table.lines().next(),
        Some("truth,generations,tolerance,histories,failed,cost,response,cost_rank,response_rank")
    );
    assert_eq!(table.lines().count(), 25);
}

/// A history that the engine made, written into `[observed]` as an observer would write it, is summarised as the engine's own.
#[test]
fn an_observed_history_is_read_as_a_simulated_one() {
    let world = World::small(TWO);
    let path = world.at("small.toml");
    let load =
        |sets: &[String], variant: Option<&str>| load_with(&Remembered::of(Disk::beside(&path)), &path, sets, variant);
    let resolved = load(&[], None).expect("it is sound");
    let parameters = Parameter::declared(resolved.calibration.as_ref().expect("it is declared"));
    let setter = Setter::new(&parameters, &resolved, &load, &resolved).expect("they set something");
    let episode = Episode::new("small".to_owned(), &resolved, setter, &load, false);
    let simulated = episode.simulate(&[1.0, 3.0], 5, &AtomicBool::new(false)).expect("it runs");
    let start = resolved.scenario.run.start;
    let day = |days: f64| start.after(crate::units::Days::new(days).into()).to_string();
    let mut rows: Vec<String> = simulated
        .epochs
        .iter()
        .zip(0..)
        .map(|(epoch, number)| {
            let height = 542_304 + 2016 * number;
            format!("{{ height = {height}, start = {}, difficulty = {:e} }}", day(epoch.start_days()), epoch.difficulty)
        })
        .collect();
    let last = simulated.epochs.last().expect("there are some");
    let next = 542_304 + 2016 * simulated.epochs.len();
    let end = day(last.start_days() + last.duration_days());
    rows.push(format!("{{ height = {next}, start = {end}, difficulty = 1e12 }}"));
    let world = World::small(&format!("{TWO}\n[observed]\nepochs = [{}]\n", rows.join(", ")));
    let observed = observed_history(&crate::scenario::load(&world.at("small.toml"), &[], None).expect("it is sound"))
        .expect("it is placed")
        .expect("it is there");
    assert_eq!(observed.epochs.len(), simulated.epochs.len());
    for (seen, run) in observed.epochs.iter().zip(&simulated.epochs) {
        // Header times are whole seconds.
        assert!(
            (seen.start_days() - run.start_days()).abs() < 1e-4
                && (seen.duration_days() - run.duration_days()).abs() < 1e-4
        );
        assert!((seen.hashrate_eh_per_s / run.hashrate_eh_per_s - 1.0).abs() < 1e-4);
        let gap = seen.hashprice / run.hashprice - 1.0;
        assert!(gap.abs() < 0.01, "{gap}");
    }
    let folder = world.run("observed", &["--set", "calibrate.generations=2"]).expect("it is fitted");
    assert_eq!(found(&folder)["synthetic"], false);
}

#[test]
fn a_users_mistakes_are_shown_where_they_are() {
    let told = |more: &str, flags: &[&str], parts: &[&str]| {
        let shown = World::small(more).refused(flags);
        for part in parts {
            assert!(shown.contains(part), "`{part}` is missing in\n{shown}");
        }
    };
    let prior = |body: &str| format!("[calibrate.prior.x]\n{body}\n");
    let synthetic = ["--synthetic", "x=1"];
    told("", &[], &["has no `[observed]`", "--synthetic"]);
    told(
        &prior("key = 'operation.respons_days'\nuniform = { low = 1, high = 2 }"),
        &synthetic,
        &["`operation.respons_days` is not a known key", "small.toml", "did you mean `response_days`?"],
    );
    told(
        &prior("key = 'power.take_or_pay'\nuniform = { low = 0.1, high = 1.5 }"),
        &synthetic,
        &["the prior of `x` reaches 1.5", "must be at most 1", "narrow the prior"],
    );
    told(
        &prior("scales = 'class.*.cash'\nuniform = { low = 1, high = 2 }"),
        &synthetic,
        &["of the form `class.*.cash`", "sets nothing"],
    );
    told(&prior("uniform = { low = 1, high = 2 }"), &synthetic, &["needs either `key` or `scales`"]);
    told(&prior("key = 'power.pue'\nuniform = { low = 2, high = 1 }"), &synthetic, &["is empty", "not above 2"]);
    told(
        &prior("key = 'run.days'"),
        &synthetic,
        &["`run.days` is declared without a prior", "uniform, log_uniform, normal"],
    );
    told(&prior("scales = 'class.*.cash_months'"), &synthetic, &["is a factor, so its range must be given"]);
    told(
        "[calibrate]\nsummaries = ['trough', 'crest']\n",
        &synthetic,
        &["there is no summary `crest`", "unknown", "recovery_days"],
    );
    told("[calibrate]\npopulaton = 3\n", &synthetic, &["did you mean `population`?"]);
    told(TWO, &["--synthetic", "cost=1"], &["--synthetic", "missing: response"]);
    told(TWO, &["--synthetic", "cost=1,response=20"], &["20 is outside the prior of `response`, 1 to 14"]);
    told(TWO, &["--synthetic", "cost=1,delay=2"], &["there is no parameter `delay`; there are cost, response"]);
    let one = |n: usize| format!("[calibrate.prior.p{n}]\nkey = 'power.pue'\nuniform = {{ low = 1.0, high = 1.2 }}\n");
    told(&(0..9).map(one).collect::<Vec<_>>().concat(), &synthetic, &["9 parameters are to be fitted, more than 8"]);
}

/// No setting is without effect.
#[test]
fn every_setting_changes_the_result() {
    let world = World::small(TWO);
    let flags =
        ["--synthetic", "cost=1,response=3", "--set", "calibrate.population=30", "--set", "calibrate.generations=3"];
    let whole = files(&world.run("base", &flags).expect("it is fitted"));
    for (name, set, table) in [
        ("a", "calibrate.population=31", "particles.csv"),
        ("b", "calibrate.generations=1", "generations.csv"),
        ("c", "calibrate.quantile=0.8", "generations.csv"),
        ("d", "calibrate.predictive=3", "paths.csv"),
        ("e", "calibrate.summaries=['trough']", "posterior.csv"),
        ("f", "run.seed=4", "posterior.csv"),
        ("g", "calibrate.prior.cost.uniform.high=1.2", "posterior.csv"),
        ("h", "calibrate.prior.cost.log_uniform={low=0.8,high=1.25}", "posterior.csv"),
        ("i", "calibrate.prior.cost.normal={mean=1,sd=0.1,low=0.8,high=1.25}", "posterior.csv"),
        ("j", "calibrate.least_acceptance=0.9", "calibration.json"),
    ] {
        let other = files(&world.run(name, &[&flags[..], &["--set", set]].concat()).expect("it is fitted"));
        assert!(whole[table] != other[table], "{set} changes nothing in {table}");
    }
}

/// Two episodes are fitted by the same values; together they tell of costs at least about what the one did.
#[test]
fn episodes_are_fitted_together() {
    let world = World::small(TWO);
    let other = "extends = 'small.toml'\n[price.knots]\npoints = [['2018-09-20', 6500], ['2018-10-10', 4800], ['2019-02-20', 4100]]\n";
    fs::write(world.at("other.toml"), other).expect("it can be written");
    let second = world.at("other.toml").display().to_string();
    let truth = ["--synthetic", "cost=1.02,response=4"];
    let one = found(&world.run("one", &truth).expect("it is fitted"));
    let folder = world.run("both", &[&[second.as_str()][..], &truth].concat()).expect("they are fitted");
    let both = found(&folder);
    assert_eq!(both["episodes"], serde_json::json!(["small", "other"]));
    let particles = fs::read_to_string(folder.join("particles.csv")).expect("it is there");
    let header = particles.lines().next().unwrap_or_default();
    assert!(header.contains("small.trough") && header.contains("other.trough"), "{header}");
    let predictive = fs::read_to_string(folder.join("predictive.csv")).expect("it is there");
    assert!(predictive.contains("\nsmall,0,12,") && predictive.contains("\nother,0,12,"), "{predictive}");
    let shrinkage = |json: &serde_json::Value| json["parameters"][0]["shrinkage"].as_f64().expect("a number");
    assert!(shrinkage(&both) > shrinkage(&one) - 0.2, "{} and {}", shrinkage(&both), shrinkage(&one));
    let same = world.at("small.toml").display().to_string();
    assert!(world.refused(&[&[same.as_str()][..], &truth].concat()).contains("two scenarios are called `small`"));
}
