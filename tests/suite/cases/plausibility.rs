//! Values that are allowed but unlikely: former errors of the program, each as a test with the correct value.

use crate::cli::Desk;
use serde_json::Value as Json;
use shakeout::{
    scenario::{Problem, Problems, Resolved, Severity, load, load_str, schema},
    study::written_design,
};
use std::path::{Path, PathBuf};

/// A file of the project.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn case(name: &str) -> PathBuf {
    file("tests/suite/cases/plausibility").join(name)
}

/// The warnings of a case with some changes.
fn questions(name: &str, sets: &[&str]) -> Problems {
    read(name, sets).unwrap_or_else(|problems| panic!("{name} {sets:?}: {problems}")).questions()
}

fn read(name: &str, sets: &[&str]) -> Result<Resolved, Problems> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    load(&case(name), &sets, None)
}

/// The warnings of a text laid over `base.toml`.
fn over_base(text: &str, sets: &[&str]) -> Problems {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let text = format!("extends = 'base.toml'\n{text}");
    let resolved = load_str("over.toml", &text, &case(""), &sets, None);
    resolved.unwrap_or_else(|problems| panic!("{text}: {problems}")).questions()
}

/// The single warning of a kind, its text, and the first place it underlines.
fn only(questions: &Problems, code: &str) -> (String, String, Severity) {
    let found: Vec<&Problem> = questions.iter().filter(|problem| problem.code == code).collect();
    let [one] = found[..] else { panic!("{} of {code}: {questions}", found.len()) };
    let labels: Vec<&str> = one.labels.iter().map(|label| label.text.as_str()).collect();
    let underlined = one.labels.first().map_or("", |label| questions.underlined(label)).to_owned();
    (format!("{}; {}; {}", one.message, labels.join("; "), one.help), underlined, one.severity)
}

fn warned(questions: &Problems, code: &str, underlined: &str, parts: &[&str]) {
    let (said, under, severity) = only(questions, code);
    assert_eq!((under.as_str(), severity), (underlined, Severity::Warning), "{said}");
    for part in parts {
        assert!(said.contains(part), "`{part}` is missing in: {said}");
    }
}

fn codes(questions: &Problems) -> Vec<&'static str> {
    questions.iter().filter(|problem| problem.severity != Severity::Note).map(|problem| problem.code).collect()
}

/// The frozen cases themselves have no warnings, so those that the tests below find come from their changes.
#[test]
fn a_usual_scenario_is_not_questioned() {
    assert!(codes(&questions("base.toml", &[])).is_empty(), "{}", questions("base.toml", &[]));
    assert!(codes(&questions("downturn.toml", &[])).is_empty(), "{}", questions("downturn.toml", &[]));
}

/// Power in USD/MWh, in cents, and two digits too low: a warning with the range, its source, the remedy and the consequence.
#[test]
fn prices_of_power_in_other_units_are_questioned() {
    for (price, remedy) in [("45", "write 0.045"), ("9", "write 0.09")] {
        let set = format!("class.public.power_price_usd_per_kwh={price}");
        let found = questions("downturn.toml", &[&set]);
        warned(&found, "plausible::unusual", price, &["0.01 to 0.3 USD/kWh", "S4", remedy]);
        warned(&found, "plausible::idle", price, &["100 % of `public`", "idle from the first day"]);
    }
    let found = questions("base.toml", &["class.a.power_price_usd_per_kwh=0.0006"]);
    warned(&found, "plausible::unusual", "0.0006", &["0.01 to 0.3 USD/kWh"]);
    let found = questions("base.toml", &["price.knots.points=[['2024-02-20', 50]]"]);
    warned(&found, "plausible::unusual", "50", &["if 50 is in thousands of USD, write 50000"]);
}

/// A tenth of the hashrate that the difficulty implies.
#[test]
fn hashrate_is_held_against_difficulty() {
    let found = questions("base.toml", &["chain.hashrate_eh_per_s=57.266"]);
    warned(
        &found,
        "plausible::hashrate",
        "57.266",
        &["10 % of what the difficulty says", "every 6000 s", "343.6 to 859"],
    );
    let found = questions("base.toml", &["chain.hashrate_eh_per_s=1718"]);
    warned(&found, "plausible::hashrate", "1718", &["3 times what the difficulty says", "every 200 s"]);
}

/// Difficulty in trillions, as websites print it: that value is underlined, with the remedy, and no other warning appears.
#[test]
fn difficulty_in_trillions_is_recognised() {
    let found = questions("base.toml", &["chain.difficulty=70.34"]);
    warned(&found, "plausible::unusual", "70.34", &["write 70.34e12"]);
    assert!(!codes(&found).contains(&"plausible::hashrate"), "{found}");
    // If hashrate follows from it, the scenario is refused because of this value.
    let text = std::fs::read_to_string(case("base.toml")).expect("text");
    let text = text.replace("80e12", "70.34").replace("hashrate_eh_per_s = 572.66\n", "");
    let problems =
        load_str("trillions.toml", &text, &case(""), &[], None).expect_err("no such network").render(false, 100);
    assert!(problems.contains("70.34e12") && problems.contains("means a hashrate of"), "{problems}");
    let desk = Desk::new();
    desk.write("base.toml", &std::fs::read_to_string(case("base.toml")).expect("text"));
    let said = desk.ends("check base.toml --set chain.difficulty=70.34", 2);
    assert!(
        said.err.contains("70.34e12") && said.err.contains("perhaps because `chain.difficulty` is 70.34"),
        "{said:?}"
    );
}

/// A digit too many or too few in the height, which implies a date.
#[test]
fn height_is_held_against_the_date() {
    for (height, remedy) in
        [("8390000", "perhaps 839000 is meant"), ("83900", "perhaps 839000 is meant"), ("939000", "")]
    {
        let found = questions("base.toml", &[&format!("chain.height={height}")]);
        warned(&found, "plausible::height", height, &["2024-02-20", remedy]);
    }
    // Every epoch of the table is accepted as it was.
    for (date, height) in
        [("2009-01-27", 2016), ("2016-07-09", 420_000), ("2020-05-11", 630_000), ("2025-10-01", 917_280)]
    {
        let found = questions("base.toml", &[&format!("chain.height={height}"), &format!("run.start='{date}'")]);
        assert!(!codes(&found).contains(&"plausible::height"), "{found}");
    }
}

/// Price against hashprice: revenue of a machine per unit of its power.
#[test]
fn price_is_held_against_hashprice() {
    let found = questions("base.toml", &["price.knots.points=[['2024-02-20', 900000]]"]);
    warned(&found, "plausible::hashprice", "[['2024-02-20', 900000]]", &["0.03 to 1.2 USD per kWh", "USD/PH/day"]);
}

/// `inf-sold_of_volume_share.toml` and `audit-I4.toml` ended with exit code 1: their values are now refused by range.
#[test]
fn numbers_that_cannot_be_computed_with_are_refused() {
    for (name, key) in
        [("inf-sold_of_volume_share.toml", "volume_btc_per_day"), ("audit-I4.toml", "eco_hashrate_factor")]
    {
        let problems = read(name, &[]).expect_err("refused");
        let one = problems.iter().next().expect("one");
        assert!(one.code == "scenario::range" && one.message.contains(key), "{problems}");
    }
}

/// A number beyond its allowed range that would fit in another unit: the refusal has the remedy.
#[test]
fn a_share_in_per_cent_is_refused_with_the_remedy() {
    let problems = read("base.toml", &["class.a.share=100"]).expect_err("refused").render(false, 120);
    assert!(problems.contains("if 100 is in per cent, write 1"), "{problems}");
}

/// Answers are given or refused; answers without information cause a warning.
#[test]
fn answers_are_given_or_refused() {
    let lacking = |answer: &str, sets: &[&str]| {
        let answers = format!("answers=['{answer}']");
        only(&questions("base.toml", &[&[answers.as_str()], sets].concat()), "plausible::answer")
    };
    for (answer, why) in [
        ("block_gap_longest_s", "chain.arrivals = \"exact\""),
        ("sold_of_volume_share", "impact.square_root"),
        ("acquisitions", "[consolidation]"),
        ("machines_left_share", "[rigs.reduced]"),
        ("rig_price_elasticity_new", "[rigs.reduced]"),
    ] {
        let (said, _, severity) = lacking(answer, &[]);
        assert!(severity == Severity::Error && said.contains(why), "{answer}: {said}");
    }
    for (answer, sets, why) in [
        ("days_to_95pct", &["run.days=3"][..], "less than a week"),
        ("worst_retarget", &["run.days=3"], "no retarget"),
        ("price_impact_worst", &[], "impact.none"),
        ("delivered_share", &[], "[orders]"),
        ("scrapped_share", &[], "[ageing]"),
        ("converted_mw", &[], "other_use"),
        ("restructured", &[], "[distress.workout]"),
        ("lender_loss_usd", &[], "nobody owes"),
        ("collateral_liquidated_btc", &[], "no loan"),
        ("demand_response_usd", &[], "ppa_resale"),
    ] {
        let (said, _, severity) = lacking(answer, sets);
        assert!(severity == Severity::Warning && said.contains(why), "{answer}: {said}");
    }
    let exact = questions("base.toml", &["answers=['block_gap_longest_s', 'days_to_95pct']", "chain.arrivals=exact"]);
    assert!(codes(&exact).is_empty(), "{exact}");
    let unknown = read("base.toml", &["answers=['days_to_95pc']"]).expect_err("unknown").render(false, 100);
    assert!(unknown.contains("did you mean `days_to_95pct`?"), "{unknown}");
}

/// In a run, a sweep and a check.
#[test]
fn an_answer_that_cannot_be_given_is_refused_by_every_command() {
    let desk = Desk::new();
    desk.write("base.toml", &std::fs::read_to_string(case("base.toml")).expect("text"));
    let sets = "--set answers=[\"block_gap_longest_s\"] --set run.days=3";
    for command in ["check base.toml", "run base.toml --out r", "sweep base.toml --vary power.pue=1.0,1.1 --out s"] {
        let said = desk.ends(&format!("{command} {sets}"), 2);
        assert!(said.err.contains("chain.arrivals"), "{command}: {said:?}");
    }
    assert!(!desk.path("r").exists() && !desk.path("s").exists());
}

/// Settings without effect, each at the place where it is written.
#[test]
fn settings_without_effect_are_questioned() {
    let generation =
        "[event.new.new_generation]\nat = '2024-03-01'\nhashrate_th_per_s = 300\nefficiency_j_per_th = 12\n";
    let cases: &[(&str, &[&str], &str)] = &[
        (generation, &[], "[invest.payback]"),
        ("", &["class.a.entrants=5"], "[invest.payback]"),
        ("", &["class.a.spare_capacity_share=0.2"], "[rigs]"),
        ("", &["class.a.largest_share=0.1"], "overruled"),
        ("", &["class.a.size_tail_index=1.1"], "a single firm"),
        ("", &["population.mix_shape=3"], "a single model"),
        ("", &["operation.eco_hashrate_factor=0.8"], "eco = true"),
        ("", &["settlement.participation_cap=0.2"], "impact.square_root"),
        ("", &["settlement.debt_rate_per_year=0.2"], "no class has a debt"),
        ("", &["expectations.discount_per_year=0.3"], "[invest.payback]"),
        ("", &["consolidation.runway_months=3"], "enabled = true"),
        ("", &["class.a.rules.naive=1", "operation.switching_cost_usd_per_ph=100"], "`option` or `aware`"),
        ("", &["class.a.rules.naive=1", "operation.adaptive_half_life_days=5"], "`adaptive`"),
        ("", &["price.knots.points=[['2025-01-01', 50000], ['2025-06-01', 40000]]"], "after the run's end"),
        ("[region.texas]\nemission_kg_per_kwh = 0.4\n", &[], "no site is in the region"),
        (
            "[region.world.peak_charge]\nusd_per_kw_year = 90\n[region.world.contract.hosting]\n",
            &[],
            "a host's rate is for everything",
        ),
        ("[region.world.spot.texas]\nmean_usd_per_kwh = 0.03\n", &[], "no site there has a contract at spot"),
        ("[event.e.price_shock]\nat = '2024-03-01'\nfactor = 1\n", &[], "a factor of 1"),
        ("[event.e.tariff]\nat = '2024-03-01'\n", &[], "neither multiplies"),
        ("[event.e.credit_freeze]\nat = '2024-03-01'\ndays = 10\n", &[], "pay out nothing"),
        ("[ageing]\nfailures_per_year = 0\nrepair_days = 20\n", &[], "no machine breaks"),
        ("[rigs.auction]\ncohort_exit_days = 60\n", &[], "`weight` above 1"),
        ("[class.a.loan.bank.unsecured]\nshare = 1\n", &[], "`debt_usd_per_th` of the class is 0"),
        ("[distress.workout]\nprincipal_cut = 0.3\n", &[], "nobody owes"),
    ];
    for (text, sets, why) in cases {
        let (said, underlined, severity) = only(&over_base(text, sets), "plausible::no_effect");
        assert!(
            severity == Severity::Warning && said.contains(why) && !underlined.is_empty(),
            "{text}{sets:?}: {said}"
        );
    }
    // Settings that are switched off, or written by an extended scenario, cause no warning.
    let off = over_base(
        &generation.replace("[event.new.new", "[event.new]\nenabled = false\n[event.new.new"),
        &["class.a.entrants=0"],
    );
    assert!(codes(&off).is_empty(), "{off}");
}

/// A region of a class whose name nearly matches a region with a table.
#[test]
fn a_misspelt_region_is_questioned() {
    let text = "[region.texas]\nshare = 0.2\nseason_amplitude = 0.1\n[class.a]\nregion = 'texsa'\n";
    let found = over_base(text, &[]);
    warned(&found, "plausible::region", "'texsa'", &["is `texas` meant?"]);
    let found = over_base(&text.replace("texsa", "texas"), &[]);
    assert!(!codes(&found).contains(&"plausible::region"), "{found}");
}

/// Every command shows warnings once, the folder and the page keep them, and on request they are errors.
#[test]
fn warnings_are_shown_kept_and_denied() {
    let desk = Desk::new();
    desk.write("base.toml", &std::fs::read_to_string(case("base.toml")).expect("text"));
    let set = "--set class.a.power_price_usd_per_kwh=0.0006 --set run.days=20";
    let times = |text: &str| text.matches("outside the usual").count();
    let said = desk.ends(&format!("check base.toml {set}"), 0);
    assert!(times(&said.err) == 1 && said.out.contains("no problems, 1 warning"), "{said:?}");
    let said = desk.ends(&format!("run base.toml {set} --out r"), 0);
    assert_eq!(times(&said.err), 1, "{said:?}");
    let said = desk.ends(&format!("sweep base.toml {set} --vary class.a.cash_months=2,3,4 --out s"), 0);
    assert_eq!(times(&said.err), 1, "{said:?}");
    for folder in ["r", "s"] {
        let manifest: Json = serde_json::from_str(&desk.read(&format!("{folder}/manifest.json"))).expect("JSON");
        let codes: Vec<&str> =
            manifest["questioned"].as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
        assert!(codes.contains(&"plausible::unusual"), "{codes:?}");
        let page = desk.read(&format!("{folder}/report.html"));
        assert!(page.contains("What was questioned") && page.contains("outside the usual"), "{folder}");
    }
    let said = desk.ends(&format!("run base.toml {set} --out quiet --quiet"), 0);
    assert_eq!(said.err, "");
    for command in ["check base.toml", "run base.toml --out d", "sweep base.toml --vary power.pue=1.0,1.1 --out d"] {
        let said = desk.ends(&format!("{command} {set} --deny-warnings"), 2);
        assert!(said.err.contains("--deny-warnings"), "{said:?}");
    }
    assert!(!desk.path("d").exists());
    // A halving is a note, which `--deny-warnings` does not affect.
    let said = desk.ends("check base.toml --deny-warnings", 0);
    assert!(said.err.contains("the subsidy halves within the run, at block 840000"), "{said:?}");
}

/// A level of a sweep that is unusual, and a factor that changes nothing.
#[test]
fn the_levels_of_a_sweep_are_questioned() {
    let desk = Desk::new();
    desk.write("base.toml", &std::fs::read_to_string(case("base.toml")).expect("text"));
    let said = desk.ends("sweep base.toml --set run.days=3 --vary class.a.cash_months=2,500 --out a", 0);
    assert!(said.err.contains("`class.a.cash_months` is 500 months, outside the usual"), "{said:?}");
    let said = desk.ends("sweep base.toml --set run.days=3 --vary class.a.entrants=1,2 --out b", 0);
    assert!(said.err.contains("`class.a.entrants` has no effect"), "{said:?}");
    let said = desk.ends("sweep base.toml --set run.days=3 --vary power.pue=1.0,1.00 --out c", 0);
    assert!(said.err.contains("`power.pue` is varied and changes nothing"), "{said:?}");
}

/// Four thousand wrong classes: the output is bounded, and takes linear time.
#[test]
fn many_problems_are_capped() {
    use std::fmt::Write as _;
    let many = |count: usize, line: &str| {
        let mut text = std::fs::read_to_string(case("base.toml")).expect("text");
        for number in 0..count {
            let _ = write!(text, "[class.c{number}]\n{line}\n");
        }
        text
    };
    let desk = Desk::new();
    desk.write("bad.toml", &many(4000, "shar = 1\nfirms = 'x'"));
    let said = desk.ends("check bad.toml", 2);
    assert!(said.err.len() < 100_000, "{} bytes", said.err.len());
    assert!(said.err.contains("more problems of this scenario, not shown"), "{}", &said.err[said.err.len() - 300..]);
    // Warnings are capped too.
    desk.write(
        "odd.toml",
        &many(200, "share = 0\nfirms = 1\npower_price_usd_per_kwh = 45\ncash_months = 1\ntreasury_days = 1"),
    );
    let said = desk.ends("check odd.toml", 0);
    assert!(said.err.len() < 200_000 && said.err.contains("more problems"), "{} bytes", said.err.len());
}

/// Every number of money, energy, hashrate or time has a usual range with a source, except those named here.
#[test]
fn every_number_with_a_unit_has_a_usual_range() {
    const WITHOUT: [&str; 4] = [
        // The length of the run and its steps are the user's choice.
        "run.days",
        "grid_minutes",
        // Power can be cheapest on any day of the year.
        "season_cheapest_day",
        // Chains before the start, and observed histories, are facts.
        "history",
    ];
    fn visit(node: &Json, path: &str, found: &mut Vec<(String, bool)>) {
        let node = node.get("anyOf").map_or(node, |choices| &choices[0]);
        if node.get("x-unit").is_some() && node.get("type").and_then(Json::as_str) != Some("integer") {
            let source = node["x-usual"]["source"].as_str().unwrap_or("");
            found.push((path.to_owned(), !source.is_empty()));
        }
        for of in ["properties", "patternProperties"] {
            for (name, child) in node.get(of).and_then(Json::as_object).into_iter().flatten() {
                visit(child, &format!("{path}.{name}"), found);
            }
        }
    }
    let mut found = Vec::new();
    visit(&schema(), "", &mut found);
    let without: Vec<&str> = found
        .iter()
        .filter(|(path, has)| !has && !WITHOUT.iter().any(|known| path.contains(known)))
        .map(|(path, _)| path.as_str())
        .collect();
    assert!(found.len() > 120 && without.is_empty(), "{} numbers; without a usual range: {without:#?}", found.len());
}

fn shipped() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(file("scenarios")).expect("the folder is there");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.extend([file("scenarios/core/scenario.toml"), file("scenarios/noda-2020/scenario.toml")]);
    paths.sort();
    paths
}

/// The scenario, its variants, and the scenario at each level of its own sweep.
fn all_forms(path: &Path) -> Vec<(String, Resolved)> {
    let base = load(path, &[], None).unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
    let mut forms = Vec::new();
    for variant in base.variants() {
        forms.push((format!("--variant {variant}"), load(path, &[], Some(variant)).expect("the variant is sound")));
    }
    for factor in written_design(&base).expect("the design is sound").factors.iter().filter(|f| f.key != "variant") {
        for quantile in [0.0, 0.5, 0.999] {
            let set = format!("{}={}", factor.key, factor.at(quantile));
            if let Ok(resolved) = load(path, std::slice::from_ref(&set), None) {
                forms.push((set, resolved));
            }
        }
    }
    forms.push((String::new(), base));
    forms
}

/// No shipped scenario has warnings, nor do its variants and the levels of its sweep; the halvings in them are notes. Settings without effect
/// in a variant or a level are its purpose.
#[test]
fn shipped_scenarios_are_not_questioned() {
    let mut questioned = Vec::new();
    for path in shipped() {
        for (form, resolved) in all_forms(&path) {
            let mut questions = resolved.questions();
            questions.retain(|problem| {
                form.is_empty() || !matches!(problem.code, "plausible::no_effect" | "plausible::answer")
            });
            let is_halving =
                |problem: &Problem| problem.code == "plausible::halving" && problem.severity == Severity::Note;
            for problem in questions.iter().filter(|problem| !is_halving(problem)) {
                questioned.push(format!("{} {form}: {} ({})", path.display(), problem.message, problem.help));
            }
        }
    }
    assert!(questioned.is_empty(), "{questioned:#?}");
}
