#![expect(clippy::float_cmp, reason = "the same bits are what is claimed")]

use super::example::{GOOD, Shelf, bad, changed, good};
use crate::{
    chain::{Arrivals, Retarget},
    market::PriceProcess,
    mechanism::operate::rule::{Rule, RuleMix},
    scenario::{Step, Value, canonical::value_text, explain, one_line},
    units::{Hashrate, Seconds, UnixTime, UsdPerBtc},
    world::PopulationParams,
};

#[test]
fn reads_the_example() {
    let scenario = good(GOOD).scenario;
    assert_eq!((scenario.title.as_str(), scenario.question.as_str()), ("Two miners", "Who stays?"));
    assert_eq!(scenario.run.start, UnixTime::new(1_537_401_600));
    assert_eq!((scenario.run.days.get(), scenario.run.step), (180.0, Step::Every(Seconds::new(86_400.0))));
    assert_eq!((scenario.run.replicas, scenario.run.seed), (20, 7));
    assert_eq!((scenario.chain.height, scenario.chain.arrivals), (542_304, Arrivals::Poisson));
    assert_eq!(scenario.chain.retarget, Retarget::Asert { half_life_s: 172_800 });
    assert_eq!(scenario.chain.history[0].blocks, 942);
    assert_eq!(scenario.chain.history[0].interval, Seconds::new(600.0));
    assert_eq!(scenario.chain.fees.knots, [(Seconds::ZERO, 0.1), (Seconds::new(72.0 * 86_400.0), 0.2)]);
    let PriceProcess::Path { points } = &scenario.price.process else { panic!("not a path") };
    assert_eq!(points[0], (Seconds::new(-19.0 * 86_400.0), UsdPerBtc::new(7000.0)));
    assert_eq!(scenario.price.grid, Seconds::new(86_400.0));
    assert_eq!((scenario.price.shocks[0].name.as_str(), scenario.price.shocks[0].factor), ("crash", 0.6));
    assert_eq!(scenario.price.shocks[0].half_life, None);
    assert_eq!(scenario.power.pue, 1.05);
    assert_eq!(scenario.operation.restart_delays[2], (Seconds::new(f64::INFINITY), Seconds::new(14.0 * 86_400.0)));
}

#[test]
fn draws_miners_from_classes_and_fleet_in_the_order_written() {
    let PopulationParams::Drawn { classes, fleet, mix_shape, active } = good(GOOD).scenario.population else {
        panic!("not drawn")
    };
    let firms: Vec<(&str, u32)> = classes.iter().map(|class| (class.name.as_str(), class.firms)).collect();
    assert_eq!(firms, [("public", 16), ("home", 10)]);
    assert_eq!(classes[0].rules, RuleMix::from_iter([(Rule::Naive, 0.5), (Rule::Option, 0.5)]));
    assert_eq!(classes[1].rules, RuleMix::usual());
    let models: Vec<(&str, bool)> = fleet.iter().map(|part| (part.machine.model.as_str(), part.eco)).collect();
    assert_eq!(models, [("Antminer S9 (13.5Th)", false), ("own", true)]);
    assert_eq!((mix_shape, fleet[1].machine.release), (2.0, (2019, 4)));
    // 7.1526e12 * 2^32 / 600 hashes a second.
    assert_eq!(active.eh().round(), 51.0);
    assert_eq!(active, Hashrate::from_eh(51.200_305_642_257_16));
}

#[test]
fn a_kind_without_keys_has_its_defaults() {
    let text = changed("[chain.fees.knots]\npoints = [[\"2018-09-20\", 0.1], [\"2018-12-01\", 0.2]]\n", "")
        .replace("[chain.retarget.asert]\nhalf_life_days = 2.0\n", "");
    let scenario = good(&text).scenario;
    assert_eq!(scenario.chain.retarget, Retarget::Bitcoin);
    assert_eq!(scenario.chain.fees.knots, [(Seconds::ZERO, 0.0)]);
    let scenario = good(&changed("[chain.retarget.asert]\nhalf_life_days = 2.0", "retarget = \"lwma\"")).scenario;
    assert_eq!(scenario.chain.retarget, Retarget::Lwma { window: 144 });
}

#[test]
fn switched_off_events_are_left_out_wherever_they_are() {
    let resolved = good(&changed(
        "[event.crash.price_shock]\nat = \"2018-11-14\"",
        "[event.crash]\nenabled = false\n[event.crash.price_shock]\nat = \"2030-01-01\"",
    ));
    assert_eq!(resolved.scenario.price.shocks, []);
}

#[test]
fn the_canonical_text_is_read_back_as_the_same_scenario() {
    let blocks = changed("step = \"1d\"", "step = \"block\"");
    let gbm = changed(
        "[price.knots]\npoints = [[\"2018-09-01\", 7000.0], [\"2018-09-20\", 6493.0], [\"2019-03-20\", 4000.0]]",
        "[price.gbm]\nstart_usd = 6493\nvolatility_per_year = 0.7",
    );
    let nbits = changed("difficulty = 7.1526e12", "nbits = \"0x172819a1\"");
    let strange = changed("title = \"Two miners\"", "title = \"a \\\"b\\\" \\\\ \\n \\u0007 é\"");
    for text in [GOOD, &blocks, &gbm, &nbits, &strange] {
        let resolved = good(text);
        let again = good(&resolved.canonical());
        assert_eq!(again.scenario, resolved.scenario);
        assert_eq!(again.canonical(), resolved.canonical());
    }
}

proptest::proptest! {
    #[test]
    fn any_good_scenario_survives_its_canonical_text(
        title in "\\PC*",
        days in 60.0..36_000.0_f64,
        seed in 0..u64::MAX / 2,
        public in 0.0..1.0_f64,
        price in 1e-6..1e9_f64,
        half_life in 0.001..1e4_f64,
        off in 0.0..7.0_f64,
        exact in proptest::bool::ANY,
    ) {
        let home = 1.0 - public;
        let text = changed("title = \"Two miners\"", &format!("title = {}", value_text(&Value::Text(title.clone()))))
            .replace("days = 180", &format!("days = {days}"))
            .replace("seed = 7", &format!("seed = {seed}"))
            .replace("share = 0.7", &format!("share = {public:e}"))
            .replace("share = 0.3", &format!("share = {home:e}"))
            .replace("6493.0", &format!("{price:e}"))
            .replace("half_life_days = 2.0", &format!("half_life_days = {half_life:?}"))
            .replace("[[7, 0.25]", &format!("[[{off:e}, 0.25]"))
            .replace("[power]", if exact { "thresholds = \"exact\"\n[power]" } else { "[power]" });
        let resolved = good(&text);
        proptest::prop_assert_eq!(&resolved.scenario.title, &one_line(&title));
        proptest::prop_assert_eq!(resolved.scenario.run.days.get().to_bits(), days.to_bits());
        let again = good(&resolved.canonical());
        proptest::prop_assert_eq!(again.canonical(), resolved.canonical());
        proptest::prop_assert_eq!(again.scenario, resolved.scenario);
    }
}

#[test]
fn the_canonical_text_does_not_depend_on_how_it_was_written() {
    let other = changed("cash_months = 4", "cash_months = 4.0")
        .replace("[[7, 0.25]", "[[7.0, 0.25]")
        .replace("start = \"2018-09-20\"", "start = 2018-09-20T00:00:00Z")
        .replace("[\"2018-09-01\"", "[2018-09-01");
    assert_eq!(good(&other).canonical(), good(GOOD).canonical());
    assert_ne!(good(&changed("cash_months = 4", "cash_months = 5")).canonical(), good(GOOD).canonical());
}

#[test]
fn explains_where_each_value_comes_from() {
    let shelf =
        Shelf::default().with("base.toml", GOOD).with("mine.toml", "extends = \"base.toml\"\ntitle = \"Mine\"\n");
    let resolved = shelf.load("mine.toml", &["run.days=90"], None).expect("it is good");
    let list = explain(&resolved, None).expect("no key was asked for");
    assert!(list.contains("title = \"Mine\" — written at mine.toml:2 — Title on charts"), "{list}");
    assert!(list.contains("run.replicas = 20 — inherited from base.toml:10 —"), "{list}");
    assert!(list.contains("run.days = 90.0 d — --set run.days=90 — Length of the run."), "{list}");
    assert!(list.contains("operation.response_days = 3.0 d — default — Mean of"), "{list}");
    assert!(list.contains("chain.retarget = asert — inherited from base.toml:18 —"), "{list}");
}

#[test]
fn explains_one_key_or_one_table() {
    let resolved = good(GOOD);
    let one = explain(&resolved, Some("class.home.firms")).expect("a key");
    assert_eq!(one, "class.home.firms = 10 — written at test.toml:41 — Number of agents. [section 5]\n");
    assert_eq!(explain(&resolved, Some("power")).expect("a table").lines().count(), 5);
    let unused = explain(&resolved, Some("chain.retarget.lwma.window")).expect("a key of another kind");
    assert!(unused.contains("not used by this scenario"), "{unused}");
    let problems = explain(&resolved, Some("run.repilcas")).expect_err("no such key");
    assert_eq!(problems.iter().next().expect("one").labels[0].text, "did you mean `run.replicas`?");
    assert!(explain(&resolved, Some("class.nobody.firms")).is_err());
}

#[test]
fn shows_a_problem_at_its_bytes() {
    let problems = bad(&changed("[class.home]\nshare = 0.3", "[class.home]\nshare = 0.6"));
    let wanted = "scenario::shares

  × class shares add up to 1.3, not 1
    ╭─[test.toml:40:9]
 40 │ share = 0.6
    ·         ─┬─
    ·          ╰── 0.7 so far, this adds 0.6
    ╰────
  help: shares are fractions of the network's hashrate
";
    assert_eq!(problems.render(false, 100).trim_end(), wanted.trim_end());
    assert!(problems.render(true, 100).contains('\u{1b}'));
    assert!(!problems.render(false, 100).contains('\u{1b}'));
}
