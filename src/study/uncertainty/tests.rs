use super::*;
use crate::{
    declare::Values,
    output::{
        folder::Mode,
        summary::{RunFacts, Summary},
        table::Table,
    },
    scenario::{BUNDLED, load_bundled},
    simulation::metrics::METRICS,
    study::{Destination as _, Folder, Input, Memory, Run, RunOptions, Watch, Work, check, prcc::points_needed, run},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

const ON: &str = "uncertainty.enabled=true";

fn input(replicas: u64) -> Input {
    Input::shipped("downturn-simple").set("run.days=30").replicas(replicas)
}

fn assumptions(input: &Input) -> Assumptions {
    let load: Arc<Loader<'static>> = input.loader().into();
    let resolved = load(&[], None).expect("it can be read");
    Assumptions::of(&resolved, load).expect("it is sound").expect("it is enabled")
}

/// The csv tables and the summary of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("an entry").path());
    let kept =
        entries.filter(|path| path.extension().is_some_and(|end| end == "csv") || path.ends_with("summary.json"));
    kept.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

#[test]
fn what_nobody_has_written_is_drawn_from_the_prior_of_its_key() {
    let simple = input(1).set(ON);
    let found = assumptions(&simple);
    let keys: Vec<String> = found.described().into_iter().map(|one| one.key).collect();
    let has = |key: &str| keys.iter().any(|known| known == key);
    assert!(has("operation.response_days") && has("class.*.power_price_log_sd"), "{keys:?}");
    assert!(!has("power.pue"), "the scenario writes it");
    assert!(!has("class.public.fixed_cost_usd_per_ph_day"), "zero switches it off");
    let fixed = assumptions(&simple.set("operation.response_days=3"));
    assert_eq!(fixed.described().len() + 1, keys.len(), "what is set is not drawn");
    for one in found.described() {
        assert!(!one.prior.is_empty() && !one.source.is_empty(), "{one:?}");
    }
    let names: BTreeSet<String> = found.described().into_iter().map(|one| one.name).collect();
    assert_eq!(names.len(), keys.len(), "names are unique: {names:?}");
    for replica in 0..50 {
        for (parameter, value) in found.parameters.iter().zip(found.values(replica)) {
            assert!((parameter.prior.low..=parameter.prior.high).contains(&value), "{}: {value}", parameter.name);
        }
    }
    assert_ne!(found.values(0), found.values(1));
}

#[test]
fn one_assumption_more_shifts_no_other() {
    let one = input(1).set("uncertainty.prior.pue.key='power.pue'");
    let two = one.clone().set("uncertainty.prior.cash.scales='class.*.cash_months'");
    let two = two.set("uncertainty.prior.cash.uniform={low=0.5,high=2}");
    let (one, two) = (assumptions(&one), assumptions(&two));
    for replica in 0..5 {
        let (one, two) = (one.values(replica), two.values(replica));
        assert_eq!((one.len(), two.len()), (1, 2));
        assert!(two.contains(&one[0]));
    }
}

#[test]
fn histories_as_written_keep_their_bytes_and_drawn_ones_are_those_of_the_drawn_values() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let to = |name: &str, input: &Input, threads: usize| {
        let mut work = Work::new();
        work.threads = threads.try_into().expect("above zero");
        let folder = Folder::new(home.path().join(name));
        files(&run(input, &RunOptions::default(), folder, &mut work).expect("it runs").path)
    };
    let drawing = input(3).set(ON);
    let (plain, drawn) = (to("plain", &input(3), 2), to("drawn", &drawing, 2));
    for (name, bytes) in plain.iter().filter(|(name, _)| name.ends_with("csv")) {
        assert!(&drawn[name] == bytes, "{name}");
    }
    assert_eq!(drawn.len(), plain.len() + 3);
    assert!(drawn == to("alone", &drawing, 1), "threads");

    let found = assumptions(&drawing);
    let sets = found.setter.sets(&found.values(2));
    let alone = to("set", &sets.into_iter().fold(input(3), Input::set), 2);
    let line = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().nth(3).expect("replica 2").to_owned();
    assert_eq!(line(&drawn["uncertain.csv"]), line(&alone["replicas.csv"]));
    assert_ne!(line(&drawn["uncertain.csv"]), line(&drawn["replicas.csv"]));
}

/// Stops the work when one replica is finished.
struct StopAfterOne<'a>(&'a AtomicBool);

impl Watch for StopAfterOne<'_> {
    fn progress(&mut self, done: u64, _: u64) {
        self.0.store(done >= 1, Ordering::Relaxed);
    }
}

#[test]
fn memory_and_a_resumed_folder_give_the_same() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let run = Run::new(&input(4).set(ON), &RunOptions::default()).expect("it is sound");
    let folder = |name: &str| Folder::new(home.path().join(name));
    let mut work = Work::new();
    let whole = folder("whole").fill(&run, &mut work).expect("it runs");
    let memory = Memory.fill(&run, &mut work).expect("it runs");
    let saved = memory.save(&run, &folder("saved"), &mut work).expect("it is written");
    assert!(files(&whole.path) == files(&saved.path));
    assert_eq!(memory.table("drawn").expect("a table").len(), 4 * run.facts().drawn.len());

    let stop = Arc::new(AtomicBool::new(false));
    let mut watch = StopAfterOne(&stop);
    let mut work = Work::new().stopped_by(&stop).watched_by(&mut watch);
    work.threads = std::num::NonZeroUsize::MIN;
    folder("cut").fill(&run, &mut work).expect_err("it is stopped");
    let resumed = folder("cut").mode(Mode::Resume).fill(&run, &mut Work::new()).expect("it goes on");
    assert!(files(&whole.path) == files(&resumed.path));
}

/// The page and the charts show the second band, and are the same when they are drawn from the finished folder.
#[test]
#[cfg(feature = "charts")]
fn the_page_shows_both_bands() {
    use crate::figure::{Drawing, Finished};
    let home = tempfile::tempdir().expect("a temporary folder");
    let drawing = Drawing::usual();
    let folder = Folder::new(home.path().join("result")).drawn_by(&drawing);
    let found = run(&input(3).set(ON), &RunOptions::default(), folder, &mut Work::new()).expect("it runs");
    let page = fs::read_to_string(found.path.join("report.html")).expect("it is there");
    let again = Finished::open(&found.path).and_then(|finished| finished.page()).expect("it is whole");
    assert!(page == again);
    assert!(
        page.contains("assumptions drawn in each replica") && page.contains("priors, which are themselves assumed")
    );
    let chart = fs::read_to_string(found.path.join("charts/recovery.svg")).expect("it is there");
    assert!(chart.contains("with drawn assumptions"));
}

/// Metrics of replicas of which the first has this value, and all others are 1.
fn metrics(of_first: &[f64]) -> Columns {
    let mut columns = Columns::of::<crate::simulation::metrics::Metrics>(UnixTime::default());
    for value in of_first {
        let others = std::iter::repeat_n("1.0", METRICS.len() - 1);
        columns.push_texts([value.to_string().as_str()].into_iter().chain(others)).expect("numbers");
    }
    columns
}

fn facts(drawn: &[&str]) -> RunFacts {
    let drawn = drawn.iter().map(|name| DrawnAssumption { name: (*name).to_owned(), ..DrawnAssumption::default() });
    RunFacts {
        title: String::new(),
        question: String::new(),
        answers: vec![METRICS[0].name.to_owned()],
        scenario_sha256: String::new(),
        seed: 1,
        idle: Vec::new(),
        assumed: Vec::new(),
        drawn: drawn.collect(),
    }
}

/// A summary of so many replicas, whose metric follows from two drawn values, and these values with the metric.
fn synthetic(replicas: u32) -> (Summary, [Vec<f64>; 3]) {
    let hash =
        |replica: u32, salt: u32| f64::from(replica.wrapping_mul(2_654_435_761).wrapping_add(salt) % 997) / 997.0;
    let one: Vec<f64> = (0..replicas).map(|replica| hash(replica, 17)).collect();
    let other: Vec<f64> = (0..replicas).map(|replica| 0.3 * hash(replica, 17) + hash(replica * replica, 5)).collect();
    let metric: Vec<f64> = one.iter().zip(&other).map(|(a, b)| libm::exp(*a) - 0.4 * b).collect();
    let mut drawn = Columns::of::<DrawnRow<'_>>(UnixTime::default());
    for (&a, &b) in one.iter().zip(&other) {
        drawn.push(&DrawnRow { assumption: "a", value: a }).expect("a number");
        drawn.push(&DrawnRow { assumption: "b", value: b }).expect("a number");
    }
    let uncertain = metrics(&metric);
    (summary_of(&metrics(&metric), Some((&uncertain, &drawn)), 0, facts(&["a", "b"])), [one, other, metric])
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("few"))
}

/// With two factors, the partial correlation is that of the textbook: (r_ay − r_ab r_by) / √((1 − r_ab²)(1 − r_by²)), of ranks.
#[test]
fn the_answer_hangs_on_the_assumption_with_the_strongest_rank_correlation() {
    let (summary, columns) = synthetic(60);
    let ranks = columns.each_ref().map(|values| {
        let rank = |value: &f64| count(values.iter().filter(|other| *other <= value).count());
        values.iter().map(rank).collect::<Vec<f64>>()
    });
    let r = |one: &[f64], other: &[f64]| {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / count(values.len());
        let (a, b) = (mean(one), mean(other));
        let sum = |f: &dyn Fn(f64, f64) -> f64| one.iter().zip(other).map(|(x, y)| f(x - a, y - b)).sum::<f64>();
        sum(&|x, y| x * y) / libm::sqrt(sum(&|x, _| x * x) * sum(&|_, y| y * y))
    };
    let [a, b, y] = &ranks;
    let partial = |own: f64, between: f64, other: f64| {
        (own - between * other) / libm::sqrt((1.0 - between * between) * (1.0 - other * other))
    };
    let expected = [partial(r(a, y), r(a, b), r(b, y)), partial(r(b, y), r(a, b), r(a, y))];
    let found = &summary.uncertain.as_ref().expect("assumptions are drawn").hangs_on[0];
    assert_eq!(found.correlations.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    for (found, expected) in found.correlations.iter().zip(expected) {
        assert!((found.value - expected).abs() < 1e-9 && found.low < found.value && found.value < found.high);
    }
    let [text] = &summary.hangs_on()[..] else { panic!("one metric answers") };
    let most = &found.correlations[0];
    assert!(
        text.contains(&format!("depends most on a: rank correlation {:+.2} ({:+.2} to", most.value, most.low)),
        "{text}"
    );
    assert!(summary.to_json().contains(&serde_json::to_string(text).expect("text")));
}

#[test]
fn with_too_few_replicas_nothing_is_ranked() {
    let (summary, _) = synthetic(u32::try_from(points_needed(2)).expect("few") - 1);
    let found = summary.uncertain.as_ref().expect("assumptions are drawn");
    assert_eq!((found.needed, found.hangs_on.len()), (Some(45), 0));
    assert_eq!(
        summary.hangs_on(),
        ["44 replicas are too few to rank 2 drawn assumptions by their rank correlation: it takes 45."]
    );
}

/// A replica that never gets there ranks above all others; one that could not measure the metric is left out.
#[test]
fn never_ranks_above_every_day() {
    let never = METRICS.iter().find(|metric| metric.absent == crate::declare::Absent::Never).expect("one can be never");
    let place = METRICS.iter().position(|metric| metric.name == never.name).expect("it is one of them");
    let mut uncertain = Columns::of::<crate::simulation::metrics::Metrics>(UnixTime::default());
    let mut drawn = Columns::of::<DrawnRow<'_>>(UnixTime::default());
    for replica in 0..50 {
        let value = if replica < 40 { format!("{replica}.0") } else { String::new() };
        let cells = (0..METRICS.len()).map(|at| if at == place { value.as_str() } else { "1.0" });
        uncertain.push_texts(cells).expect("numbers");
        drawn.push(&DrawnRow { assumption: "a", value: f64::from(replica) }).expect("a number");
    }
    let facts = RunFacts { answers: vec![never.name.to_owned()], ..facts(&["a"]) };
    let summary = summary_of(&uncertain, Some((&uncertain, &drawn)), 0, facts);
    let found = &summary.uncertain.as_ref().expect("assumptions are drawn").hangs_on[0].correlations[0];
    assert!(found.value > 0.98, "{found:?}");
    let spread = summary.metric(never.name).and_then(|one| one.spread.uncertain.clone()).expect("it has a second band");
    assert_eq!((spread.n, spread.n_censored, spread.p95), (50, 10, None));
}

#[test]
fn priors_that_set_nothing_are_refused_before_anything_is_simulated() {
    let wrong = input(1).set("uncertainty.prior.a.key='power.pew'").set("uncertainty.prior.a.uniform={low=1,high=2}");
    let error = check(&wrong, &mut Work::new()).expect_err("there is no such key");
    assert!(error.to_string().contains("power.pew"), "{error}");
    assert!(Run::new(&wrong, &RunOptions::default()).is_err());
    let prior = |input: Input, name: &str| {
        let key = format!("uncertainty.prior.{name}.key='power.pue'");
        input.set(&key).set(format!("uncertainty.prior.{name}.uniform={{low=1.01,high=1.1}}"))
    };
    let error = check(&prior(prior(input(1), "a"), "b"), &mut Work::new()).expect_err("it is drawn twice");
    assert!(error.to_string().contains("`power.pue` has two priors"), "{error}");
    let off = wrong.set("uncertainty.enabled=false");
    assert!(Run::new(&off, &RunOptions::default()).expect("nothing is drawn").facts().drawn.is_empty());
}

/// A score, and registered forecasts, hold no ignorance.
#[test]
fn only_a_run_draws_assumptions() {
    let run = Run::new(&input(1).set(ON), &RunOptions::default()).expect("it is sound");
    assert!(run.tables().contains(Table::Drawn));
    assert!(!run.part_of("score").tables().contains(Table::Drawn));
    let registered = || BUNDLED.iter().filter(|(name, _)| name.starts_with("registered/"));
    assert!(registered().count() > 0);
    for (name, _) in registered() {
        assert!(load_bundled(name, &[], None).expect("it is shipped").uncertainty.is_none(), "{name}");
    }
}

/// The numbers of a sentence are those of the summary, rounded alike.
#[test]
fn the_second_band_of_a_sentence_is_that_of_the_summary() {
    let results = run(&input(6).set(ON), &RunOptions::default(), Memory, &mut Work::new()).expect("it runs");
    let facts = Run::new(&input(6).set(ON), &RunOptions::default()).expect("it is sound").facts();
    let summary = results.summary(facts);
    let uncertain = &results.table("uncertain").expect("a table").columns;
    for one in summary.answering().filter(|one| one.spread.idle.is_none()) {
        let spread = one.spread.uncertain.as_ref().expect("it has a second band");
        let mut values: Vec<f64> = uncertain.get(&one.name).into_iter().flat_map(Values::numbers).collect();
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let [Some(low), Some(high)] = [spread.p05, spread.p95] else { continue };
        assert!(values[0] <= low && low <= high && high <= values[values.len() - 1], "{}", one.name);
        let (measure, sentence) = (one.measure(), one.sentence());
        for end in [low, high] {
            assert!(sentence.contains(&measure.number(end)), "{sentence}");
        }
        assert!(sentence.contains("with drawn assumptions"), "{sentence}");
    }
}
