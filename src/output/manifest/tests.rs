use super::*;

fn manifest() -> Manifest {
    let mut plan = Plan::new("title = \"Crash\"\n", 42, 200).with_option("tables", "days");
    plan.inputs.insert("price.csv".to_owned(), "aa".to_owned());
    Manifest::new(&plan, "title = \"Crash\"\n")
        .with_command("shakeout run crash.toml")
        .with_command("--png")
        .with_tables(["days.csv".to_owned(), "days.parquet".to_owned()])
        .with_source("crash.toml", Role::Scenario, "bb")
        .with_origins([("title".to_owned(), "default".to_owned())])
        .with_timing("simulate", Duration::from_millis(1_500))
        .with_timing("charts", Duration::from_millis(250))
}

#[test]
fn a_manifest_says_what_was_run() {
    let manifest = manifest();
    let plan = &manifest.plan;
    let text = String::from_utf8(manifest.to_json()).expect("text");
    let expected = format!(
        r#"{{
  "program": "shakeout",
  "plan_sha256": "{}",
  "plan": {{
    "version": "{}",
    "scenario_sha256": "{}",
    "seed": 42,
    "replicas": 200,
    "inputs": {{
      "price.csv": "aa"
    }},
    "options": {{
      "tables": "days"
    }}
  }},
  "command": "shakeout run crash.toml --png",
  "tables": [
    "days.csv",
    "days.parquet"
  ],
  "scenario": "title = \"Crash\"\n",
  "sources": {{
    "crash.toml": "3b64db95cb55c763391c707108489ae18b4112d783300de38e033b4c98c3deaf"
  }},
  "build": "{}",
  "inputs": {{
    "crash.toml": "bb"
  }},
  "origins": {{
    "title": "default"
  }},
  "files": {{}},
  "drawn": {{}},
  "manifest_sha256": "{}",
  "timings_s": {{
    "charts": 0.25,
    "simulate": 1.5
  }}
}}
"#,
        plan.sha256(),
        env!("CARGO_PKG_VERSION"),
        plan.scenario_sha256,
        crate::BUILD,
        manifest.own_hash(),
    );
    assert_eq!(text, expected);
}

/// Marks of writing direction within and beyond the first plane come back as they were.
#[test]
fn files_are_held_without_characters_that_act_on_a_terminal() {
    let text = "a\u{202e}\u{e0001}é\u{1b}[2J";
    let json = manifest().with_source("odd.toml", Role::Base, text).to_json();
    let json = String::from_utf8(json).expect("text");
    assert_eq!(printable(&json), json);
    let back: Manifest = serde_json::from_str(&json).expect("JSON");
    assert_eq!(back.inputs["odd.toml"], text);
}

#[test]
fn every_fault_of_a_folder_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    for name in ["days.csv", "summary.json", "days.parquet", "charts/price.svg", "report.html"] {
        write(name, name);
    }
    let manifest = manifest().with_files(folder.path(), &BTreeMap::new()).expect("it can be read");
    write(MANIFEST, &String::from_utf8(manifest.to_json()).expect("text"));
    let faults = |looked| {
        let found = Manifest::read(folder.path()).expect("it is whole").faults(folder.path(), looked);
        found.expect("it can be read").into_iter().map(|(name, fault)| format!("{name} {fault:?}")).collect::<Vec<_>>()
    };
    assert_eq!((faults(Looked::All), faults(Looked::Tables)), (vec![], vec![]));
    write("days.csv", "days.csw");
    write("charts/price.svg", "");
    fs::remove_file(folder.path().join("summary.json")).expect("it was there");
    fs::remove_file(folder.path().join("report.html")).expect("it was there");
    write("charts/notes.txt", "mine");
    write("e.csv", "");
    let tables = ["days.csv Changed", "summary.json Missing"];
    assert_eq!(faults(Looked::Tables), tables);
    assert_eq!(
        faults(Looked::All),
        [
            "charts/notes.txt Added",
            "charts/price.svg Changed",
            "days.csv Changed",
            "e.csv Added",
            "report.html Missing",
            "summary.json Missing"
        ]
    );
}

#[test]
fn a_digit_changed_in_a_manifest_is_noticed_and_a_timing_is_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = String::from_utf8(manifest().to_json()).expect("text");
    let read = |text: &str| {
        fs::write(folder.path().join(MANIFEST), text).expect("it can be written");
        Manifest::read(folder.path())
    };
    assert!(read(&text.replace("1.5", "1.7")).is_ok());
    for (from, to) in [("200", "201"), ("3b64", "3b65"), ("Crash", "Crush"), ("\"days\"", "\"day\"")] {
        assert!(text.contains(from), "{from}");
        let error = read(&text.replace(from, to)).expect_err("it was changed").to_string();
        assert!(error.contains("manifest.json is damaged"), "{error}");
    }
}

#[test]
#[should_panic(expected = "the plan is made from this scenario")]
fn a_manifest_of_another_scenario_is_a_bug() {
    let _ = Manifest::new(&Plan::new("days = 3", 1, 1), "days = 4");
}
