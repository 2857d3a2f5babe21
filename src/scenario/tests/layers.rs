#![expect(clippy::float_cmp, reason = "the same bits are what is claimed")]

use super::example::{GOOD, Shelf};
use crate::{
    chain::{Arrivals, Retarget},
    market::PriceProcess,
    scenario::{Problems, Resolved},
    units::UsdPerBtc,
    world::PopulationParams,
};

fn over_good(text: &str) -> Result<Resolved, Problems> {
    let shelf = Shelf::default()
        .with("bases/good.toml", GOOD)
        .with("mine.toml", format!("extends = \"bases/good.toml\"\n{text}"));
    shelf.load("mine.toml", &[], None)
}

fn set(sets: &[&str]) -> Result<Resolved, Problems> {
    Shelf::default().read_str(GOOD, sets)
}

#[test]
fn a_base_is_patched_by_name() {
    let resolved = over_good("title = \"Mine\"\n[run]\ndays = 90\n[class.home]\nfirms = 3\n").expect("it is good");
    assert_eq!(
        (resolved.scenario.title.as_str(), resolved.scenario.run.days.get(), resolved.scenario.run.replicas),
        ("Mine", 90.0, 20)
    );
    let PopulationParams::Drawn { classes, .. } = resolved.scenario.population else { panic!("not drawn") };
    assert_eq!(classes.iter().map(|class| class.firms).collect::<Vec<_>>(), [16, 3]);
}

/// A base is a file or, where there is none, the shipped scenario of this name.
#[test]
fn a_base_may_be_a_shipped_scenario() {
    let mine = "extends = \"downturn\"\n[run]\ndays = 90\n";
    let resolved = Shelf::default().with("mine.toml", mine).load("mine.toml", &[], None).expect("it is shipped");
    let shipped = crate::scenario::load_bundled("downturn", &["run.days=90".to_owned()], None).expect("it is shipped");
    assert_eq!(resolved.scenario.run, shipped.scenario.run);
    assert_eq!(resolved.scenario.population, shipped.scenario.population);
    let shelf = Shelf::default().with("downturn", GOOD).with("mine.toml", mine);
    let own = shelf.load("mine.toml", &[], None).expect("a file comes first");
    assert_ne!(own.scenario.title, shipped.scenario.title);
    let wrong = Shelf::default().with("mine.toml", "extends = \"downtrun\"\n").load("mine.toml", &[], None);
    assert!(wrong.is_err(), "there is no such file and no such scenario");
}

#[test]
fn a_kind_takes_the_place_of_the_bases_kind() {
    let resolved = over_good("[price.gbm]\nstart_usd = 100\nvolatility_per_year = 0.5\n[chain.retarget.bitcoin]\n")
        .expect("it is good");
    let wanted = PriceProcess::Gbm { start: UsdPerBtc::new(100.0), drift_per_year: 0.0, volatility_per_year: 0.5 };
    assert_eq!(resolved.scenario.price.process, wanted);
    assert_eq!(resolved.scenario.chain.retarget, Retarget::Bitcoin);
}

#[test]
fn a_chain_of_bases_is_followed_from_each_ones_folder() {
    let shelf = Shelf::default()
        .with("root.toml", GOOD)
        .with(
            "bases/middle.toml",
            "extends = \"../root.toml\"\n[run]\nseed = 8\ndays = 50\n[event.crash]\nenabled = false",
        )
        .with("mine.toml", "extends = \"bases/middle.toml\"\n[run]\ndays = 60\n");
    let run = shelf.load("mine.toml", &[], None).expect("it is good").scenario.run;
    assert_eq!((run.days.get(), run.seed, run.replicas), (60.0, 8, 20));
}

#[test]
fn a_cycle_of_bases_is_refused() {
    let shelf = Shelf::default().with("a.toml", "extends = \"b.toml\"").with("b.toml", "extends = \"./x/../a.toml\"");
    let problems = shelf.load("a.toml", &[], None).expect_err("it has no end");
    let problem = problems.iter().next().expect("one");
    assert_eq!(problem.message, "`a.toml` extends itself");
    assert_eq!(problems.underlined(&problem.labels[0]), "\"./x/../a.toml\"");
    assert_eq!(problem.help, "a.toml → b.toml → a.toml");
}

#[test]
fn a_base_that_is_not_there_is_underlined() {
    let problems =
        Shelf::default().with("a.toml", "extends = \"b.toml\"").load("a.toml", &[], None).expect_err("no base");
    let problem = problems.iter().next().expect("one");
    assert_eq!(problem.message, "`b.toml` cannot be read: there is no such file");
    assert_eq!(problems.underlined(&problem.labels[0]), "\"b.toml\"");
}

#[test]
fn a_scenario_that_is_not_there_is_a_problem() {
    let problems = Shelf::default().load("a.toml", &[], None).expect_err("no file");
    assert_eq!(problems.to_string(), "`a.toml` cannot be read: there is no such file");
}

#[test]
fn bytes_that_are_not_text_are_a_problem() {
    let problems = Shelf::default()
        .with("a.toml", b"title = \"\xff\"".as_slice())
        .load("a.toml", &[], None)
        .expect_err("not text");
    assert_eq!(problems.to_string(), "`a.toml` cannot be read: byte 9 is not UTF-8 text");
}

#[test]
fn a_mistake_in_a_base_is_shown_in_the_base() {
    let shelf = Shelf::default()
        .with("good.toml", GOOD.replace("pue = 1.05", "pue = 0.05"))
        .with("mine.toml", "extends = \"good.toml\"");
    let rendered = shelf.load("mine.toml", &[], None).expect_err("it is wrong").render(false, 80);
    assert!(rendered.contains("[good.toml:61:7]"), "{rendered}");
}

#[test]
fn a_set_is_a_patch_on_top() {
    let scenario = set(&["run.days=30", "chain.arrivals=exact", "event.crash.enabled=false", "class.home.region=US"])
        .expect("it is good")
        .scenario;
    assert_eq!((scenario.run.days.get(), scenario.chain.arrivals), (30.0, Arrivals::Exact));
    let PopulationParams::Drawn { classes, .. } = scenario.population else { panic!("not drawn") };
    assert_eq!(classes[1].region, "US");
}

#[test]
fn a_set_chooses_a_kind_with_its_written_or_default_keys() {
    let retarget = |sets: &[&str]| set(sets).expect("it is good").scenario.chain.retarget;
    assert_eq!(retarget(&["chain.retarget=bitcoin"]), Retarget::Bitcoin);
    assert_eq!(retarget(&["chain.retarget=asert"]), Retarget::Asert { half_life_s: 172_800 });
    assert_eq!(retarget(&["chain.retarget.asert.half_life_days=1"]), Retarget::Asert { half_life_s: 86_400 });
    assert_eq!(retarget(&["chain.retarget.lwma.window=60"]), Retarget::Lwma { window: 60 });
    // What was written for a kind is still there when it is chosen again.
    let sets = ["chain.retarget.asert.half_life_days=1", "chain.retarget=bitcoin", "chain.retarget=asert"];
    assert_eq!(retarget(&sets), Retarget::Asert { half_life_s: 86_400 });
}

#[test]
fn a_mistaken_set_is_shown_as_it_was_typed() {
    for (given, message, underlined) in [
        ("run.days=-3", "`run.days` is -3, but must be above 0", "-3"),
        ("run.dyas=3", "`run.dyas` is not a known key", "run.dyas"),
        ("run.days", "`run.days` sets nothing", "run.days"),
        ("run.days=", "`` is not a value", "run.days="),
        ("=3", "`` is not a key", "=3"),
        ("run..days=3", "`run..days` is not a key", "run..days"),
        ("run.days=[1", "`[1` is not a value", "[1"),
        ("run=3", "`run` must be a table, not a whole number", "3"),
        ("chain.retarget=asret", "`chain.retarget.asret` is not a known kind", "asret"),
        ("run.start=2018-13-01", "`run.start` must be a date such as 2018-09-20 or 2018-09-20T12:00:00Z", "2018-13-01"),
    ] {
        let problems = set(&[given]).expect_err(given);
        let problem = problems.iter().next().expect("one");
        assert_eq!(problem.message, message);
        assert_eq!(problems.underlined(&problem.labels[0]), underlined);
        assert!(problems.render(false, 80).contains("[<--set>:1:"), "{}", problems.render(false, 80));
        assert_eq!(problems.len(), 1, "{}", problems.render(false, 80));
    }
}

#[test]
fn a_variant_is_a_patch_by_name() {
    let text = format!(
        "{GOOD}\n[variant.short.run]\ndays = 60\n[variant.fast.chain]\nretarget = \"cw144\"\n[sweep]\nanything = [1]\n"
    );
    let shelf = Shelf::default().with("a.toml", text);
    let short = shelf.load("a.toml", &[], Some("short")).expect("it is good");
    assert_eq!(short.scenario.run.days.get(), 60.0);
    assert_eq!(short.variants(), ["short", "fast"]);
    assert!(short.reserved("sweep").is_some());
    assert_eq!(shelf.load("a.toml", &[], Some("fast")).expect("it is good").scenario.chain.retarget, Retarget::Cw144);
    assert_eq!(
        shelf.load("a.toml", &["run.days=61"], Some("short")).expect("it is good").scenario.run.days.get(),
        61.0
    );
    let problems = shelf.load("a.toml", &[], Some("shrot")).expect_err("no such variant");
    assert_eq!(problems.iter().next().expect("one").labels[0].text, "did you mean `short`?");
}
