//! The lines in pages and manifests that state how to reproduce the bytes.

use super::{but_manifest, in_shell};
use crate::cli::{Desk, SMALL};
use std::fs;

/// The text under "Reproduce" on a page, as displayed.
fn lines(html: &str) -> Vec<String> {
    let part = html.split("id=\"reproduce\">").nth(1).expect("it has the part");
    let shown = |text: &str| {
        let entities =
            [("&#x27;", "'"), ("&#x2f;", "/"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        entities.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
    };
    part.split("<pre>").skip(1).map(|text| shown(text.split("</pre>").next().expect("its end"))).collect()
}

fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("kept here/base")).expect("a folder");
    fs::create_dir_all(desk.path("again/base")).expect("a folder");
    for folder in ["kept here", "again"] {
        desk.write(&format!("{folder}/base/parent.toml"), SMALL);
        let text = "extends = \"base/parent.toml\"\n[variant.dear]\nclass.home.power_price_usd_per_kwh = 0.1\n\
                    [sweep]\ndesign = 'morris'\npoints = 2\n[sweep.vary]\n'power.pue' = '1.0..1.1'\n'class.home.cash_months' = '1..3'\n";
        desk.write(&format!("{folder}/it's new.toml"), text);
    }
    desk
}

/// Runs a command on the scenario, then the line of its page or manifest in a folder with nothing but the scenario.
fn is_reproduced(desk: &Desk, command: &str) {
    let first =
        in_shell(desk, "", &command.replace('%', "'kept here/it'\\''s new.toml'").replace(" --out", " --quiet --out"));
    assert_eq!(first.code, Some(0), "{command}: {first:?}");
    let manifest: serde_json::Value = serde_json::from_str(&desk.read("first/manifest.json")).expect("JSON");
    let line = manifest["command"].as_str().expect("a line").to_owned();
    if desk.path("first/report.html").exists() {
        assert_eq!(
            lines(&desk.read("first/report.html")),
            std::slice::from_ref(&line),
            "page and manifest say the same"
        );
    }
    let again = in_shell(desk, "again", &line);
    assert_eq!(again.code, Some(0), "{line}: {again:?}");
    let mut outputs = fs::read_dir(desk.path("again/output")).expect("it writes there");
    let folder = outputs.next().expect("a result").expect("an entry").file_name();
    let folder = format!("again/output/{}", folder.display());
    assert!(desk.files("first") == desk.files(&folder), "{line} gives other bytes");
    fs::remove_dir_all(desk.path("again/output")).expect("it is there");
    fs::remove_dir_all(desk.path("first")).expect("it is there");
}

#[test]
fn a_run_is_reproduced_from_its_own_line() {
    let desk = desk();
    for flags in [
        "",
        "--seed 7 --replicas 2 --variant cheap",
        "--set 'title=\"It'\\''s $HOME\"' --set run.days=30 --events all --follow public-1",
        "--figure-size 120x80 --no-titles --png --write-population 1 --format both",
        "--tables epochs,replicas --no-report --no-charts",
    ] {
        is_reproduced(&desk, &format!("shakeout run % {flags} --out first"));
    }
}

#[test]
fn a_sweep_of_every_design_is_reproduced_from_its_own_line() {
    let desk = desk();
    for flags in [
        "",
        "--vary power.pue=1,1.1 --vary chain.retarget=bitcoin,asert --design grid --epochs",
        "--design latin-hypercube --points 3 --vary power.pue=1..1.2 --seed 4",
        "--design sobol --points 4 --vary power.pue=1..1.2 --vary class.home.cash_months=1..4 --no-charts",
        "--design morris --points 2 --vary power.pue=1..1.2 --vary class.home.cash_months=1..4 --set run.days=40",
        "--design grid --vary variant=cheap,dear --replicas 2 --figure-size column",
    ] {
        is_reproduced(&desk, &format!("shakeout sweep % {flags} --out first"));
    }
    // A sweep merged from parts is the same sweep.
    let sweep = "shakeout sweep % --vary power.pue=1,1.1 --design grid";
    let parts =
        format!("{sweep} --shard 0/2 --out first && {sweep} --shard 1/2 --out first && shakeout merge first --png");
    is_reproduced(&desk, &parts.replace(" && shakeout merge", " > /dev/null && shakeout merge"));
}

#[test]
fn a_calibration_is_reproduced_from_its_own_line() {
    let desk = desk();
    let more = "[calibrate]\npopulation = 20\ngenerations = 2\npredictive = 5\n[calibrate.prior.cost]\n\
                scales = \"class.*.power_price_usd_per_kwh\"\nuniform = { low = 0.8, high = 1.25 }\n";
    for folder in ["kept here", "again"] {
        let name = format!("{folder}/it's new.toml");
        let text = desk.read(&name);
        desk.write(&name, &format!("{text}{more}"));
    }
    is_reproduced(&desk, "shakeout calibrate % --synthetic cost=1.1 --seed 3 --no-charts --out first");
    is_reproduced(
        &desk,
        "shakeout calibrate % --sbc 8 --set 'calibrate.summaries=[\"difficulty_1\"]' --figure-size column --out first",
    );
}

#[test]
fn a_comparison_is_reproduced_from_its_own_lines() {
    let desk = desk();
    let scenario = "'kept here/it'\\''s new.toml'";
    for (flags, out) in [("", "made/plain"), ("--variant cheap --seed 3", "made/cheap one")] {
        let line = format!("shakeout run {scenario} {flags} --quiet --no-charts --no-report --out '{out}'");
        assert_eq!(in_shell(&desk, "", &line).code, Some(0), "{line}");
    }
    let here = desk.path("made/plain").display().to_string();
    let compared = in_shell(&desk, "", &format!("shakeout report {here} 'made/cheap one' --out page.html"));
    assert_eq!(compared.code, Some(0), "{compared:?}");
    let page = desk.read("page.html");
    assert!(!page.contains(&here.replace('/', "&#x2f;")), "it names no folder of this machine");
    let lines = lines(&page);
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in lines {
        let again = in_shell(&desk, "again", &line);
        assert_eq!(again.code, Some(0), "{line}: {again:?}");
    }
    assert!(desk.read("again/comparison.html") == page, "it gives another page");
    assert!(desk.files("made/plain") == desk.files("again/plain"));
}

/// A result is made again from its manifest alone: of a run with a price file, a base and `--set`, of a sweep and of a calibration. A
/// changed manifest is refused, and so is one without its files.
#[test]
fn a_result_is_made_again_from_its_manifest_alone() {
    let desk = Desk::new();
    desk.write("price.csv", "date,price_usd\n2025-09-01,118649\n2025-10-20,70000\n2026-01-01,60000\n");
    desk.write("base.toml", SMALL);
    desk.write("mine.toml", "extends = \"base.toml\"\ntitle = \"Mine\"\n[price.csv]\nfile = \"price.csv\"\n");
    let elsewhere = Desk::new();
    let again = |line: &str, folder: &str| {
        desk.ends(&format!("{line} --out {folder} --quiet"), 0);
        let manifest = format!("{folder}-manifest/manifest.json");
        fs::create_dir_all(elsewhere.path(&format!("{folder}-manifest"))).expect("a folder");
        fs::copy(desk.path(folder).join("manifest.json"), elsewhere.path(&manifest)).expect("it is copied");
        let said = elsewhere.ends(&format!("rerun {manifest} --out {folder}"), 0);
        assert!(said.err.contains("every table is as the manifest states"), "{}", said.err);
        assert_eq!(but_manifest(&desk, folder), but_manifest(&elsewhere, folder));
    };
    again("run mine.toml --set class.home.cash_months=1 --tables replicas,days --no-charts", "run");
    again("sweep mine.toml --vary class.home.cash_months=1,2 --replicas 2 --no-charts", "sweep");
    desk.ends("init 2018-crash", 0);
    again("score 2018-crash.toml --replicas 2 --no-charts --no-report", "score");
    desk.write("points.csv", "class.home.cash_months,price.csv.file\n1,\"'price.csv'\"\n2,\"'price.csv'\"\n");
    again("sweep mine.toml --design-file points.csv --replicas 1 --no-charts", "points");
    let said = desk.ends(&format!("rerun run --out {}", desk.path("run").display()), 2);
    assert!(said.err.contains("is there already"), "{}", said.err);
    let manifest = elsewhere.read("run-manifest/manifest.json");
    elsewhere.write("run-manifest/manifest.json", &manifest.replace("70000", "71000"));
    assert!(elsewhere.ends("rerun run-manifest --out other", 3).err.contains("damaged"));
    assert!(elsewhere.ends("rerun small.toml --out other", 2).err.contains("neither a result folder nor"));
}
