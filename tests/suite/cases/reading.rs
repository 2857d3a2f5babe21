//! Scenario files and data files of users: former errors of the program, each as a test with the correct value.

#![expect(clippy::disallowed_methods, reason = "a refusal must come at once")]

mod data;

use crate::cli::{Desk, Said};
use shakeout::scenario::{BUNDLED, load};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/reading")
}

fn frozen(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs the program with these arguments, which may contain spaces, and a secret in its environment.
fn with_words(desk: &Desk, words: &[&str]) -> Said {
    let output =
        desk.command("").args(words).env("A_SECRET", "swordfish").stdin(Stdio::null()).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// `csv_class_ignored.toml`: a class beside a file of miners had no effect if another layer had named the file.
#[test]
fn classes_beside_a_file_of_miners_are_refused_whatever_the_layer() {
    let desk = Desk::new();
    for name in ["listed.toml", "gini.csv"] {
        desk.write(name, &frozen(name));
    }
    let class = "[class.nonsense]\nshare = 1\ncash_months = 1\ntreasury_days = 1\npower_price_usd_per_kwh = 1\n";
    let base = "extends = 'listed.toml'\n";
    desk.write("above.toml", &format!("{base}{class}"));
    desk.write("loan.toml", &format!("{base}[class.c.loan.bank.coins]\nshare = 1\n"));
    desk.write("fleet.toml", &format!("{base}[fleet.x]\nshare = 1\n"));
    desk.write("variant.toml", &format!("{base}[variant.v.class.c]\nshare = 1\n"));
    desk.write("same.toml", &format!("{}{class}", frozen("listed.toml")));
    let refused = |name: &str, sets: &[&str], variant: Option<&str>| {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let problems = load(&desk.path(name), &sets, variant).expect_err(name).render(false, 100);
        assert!(
            problems.contains("`population.csv` and `[") && problems.contains(".NAME]` are both given"),
            "{problems}"
        );
    };
    for name in ["above.toml", "loan.toml", "fleet.toml", "same.toml"] {
        refused(name, &[], None);
    }
    refused("listed.toml", &["class.c.cash_months=3"], None);
    refused("variant.toml", &[], Some("v"));
    let shape =
        load(&desk.path("listed.toml"), &["population.mix_shape=3".to_owned()], None).expect_err("for drawn miners");
    assert!(shape.to_string().contains("`population.mix_shape` is for drawn miners"), "{shape}");
    // A file named in a higher layer replaces the classes below, as `--vary population.csv=a.csv,b.csv` needs.
    desk.write(
        "instead.toml",
        "extends = 'small.toml'\n[population]\ncsv = 'gini.csv'\n[price.knots]\npoints = [['2025-10-01', 60000]]\n",
    );
    let scenario = load(&desk.path("instead.toml"), &[], None).unwrap_or_else(|problems| panic!("{problems}")).scenario;
    assert!(matches!(scenario.population, shakeout::world::PopulationParams::Listed(_)));
}

/// `bad-calibrate.toml`: `check` reports everything that other commands would refuse, all at once.
#[test]
fn check_shows_what_calibrate_sweep_and_score_refuse() {
    let desk = Desk::new();
    let bad = "
[calibrate]
summaries = ['nope']
[calibrate.prior.a]
key = 'power.pue'
uniform = { low = 0.1, high = 0.5 }
[calibrate.prior.b]
key = 'power.nothing'
uniform = { low = 0.1, high = 0.5 }
[sweep.vary]
'class.nobody.cash_months' = [1, 2]
[observed]
epochs = [
  { height = 2016, start = '2025-10-01', difficulty = 1e12 },
  { height = 4032, start = '2025-10-15', difficulty = 1e12 },
]
[variant.wrong.run]
days = -1
";
    desk.write("bad.toml", &(desk.read("small.toml") + bad));
    let said = desk.ends("check bad.toml", 2);
    for part in [
        "there is no summary `nope`",
        "the prior of `a` reaches 0.1",
        "power.nothing",
        "class.nobody",
        "no row of `[observed]` is the epoch in which the scenario starts",
        "`run.days` is -1",
    ] {
        assert!(said.err.contains(part), "{part} is missing in\n{}", said.err);
    }
    for (sweep, part) in [
        (
            "[sweep]\npoints = 100000000\ndesign = 'latin-hypercube'\n[sweep.vary]\n'power.pue' = '1.0..1.2'\n",
            "more than",
        ),
        ("[sweep]\ndesign = 'sobol'\npoints = 7\n[sweep.vary]\n'power.pue' = '1.0..1.2'\n", "power of two"),
        ("[sweep]\ndesign = 'cube'\n", "none of the designs"),
        ("[sweep.vary]\n'run.replicas' = [1, 2]\n", "cannot be varied"),
        ("[sweep.vary]\n'power.pue' = [1.1, 0.2]\n", "`power.pue` is 0.2"),
    ] {
        desk.write("swept.toml", &(desk.read("small.toml") + sweep));
        let said = desk.ends("check swept.toml", 2);
        assert!(said.err.contains(part), "{part} is missing in\n{}", said.err);
    }
    let fine = "[sweep.vary]\n'power.pue' = [1.1, 1.2]\n[calibrate.prior.a]\nkey = 'power.pue'\nuniform = { low = 1.0, high = 1.5 }\n";
    desk.write("fine.toml", &(desk.read("small.toml") + fine));
    desk.ends("check fine.toml", 0);
}

/// `extends` or `price.csv.file` = `/proc/self/environ`, `../../x`, a link that leads outside, a pipe.
#[test]
fn a_scenario_reads_regular_files_where_it_may() {
    let desk = Desk::new();
    let outside = tempfile::tempdir().expect("a folder");
    let other = outside.path().join("base.toml");
    fs::write(&other, desk.read("small.toml")).expect("written");
    fs::write(outside.path().join("secret.txt"), "swordfish = swordfish = 1\n").expect("written");
    symlink(&other, desk.path("link.toml")).expect("linked");
    symlink(outside.path(), desk.path("away")).expect("linked");
    fs::create_dir(desk.path("sub")).expect("made");
    symlink(desk.path("small.toml"), desk.path("sub/inside.toml")).expect("linked");
    let pipe = desk.path("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("it starts").success());
    let base = other.display().to_string();
    let secret = outside.path().join("secret.txt").display().to_string();
    let why = ["outside the folders", "part of the system", "no regular file", "no such file"];
    for named in [
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        "pipe.toml",
        "link.toml",
        "away/base.toml",
        "../../x",
        &base,
        &secret,
    ] {
        desk.write("s.toml", &format!("extends = '{named}'\n"));
        desk.write(
            "p.toml",
            &(desk.read("small.toml").replace("[price.knots]\npoints = ", "[price.csv]\nfile = ") + "\n"),
        );
        let text =
            desk.read("p.toml").replace("[[\"2025-10-01\", 118649], [\"2025-10-31\", 60000]]", &format!("'{named}'"));
        desk.write("p.toml", &text);
        for line in
            ["check s.toml", "check p.toml", "run s.toml --quiet", "sweep s.toml --vary run.seed=1,2", "explain p.toml"]
        {
            let begun = Instant::now();
            let said = with_words(&desk, &line.split(' ').collect::<Vec<_>>());
            assert_eq!(said.code, Some(2), "{named}: {said:?}");
            assert!(why.iter().any(|why| said.err.contains(why)), "{named}: {}", said.err);
            assert!(!said.err.contains("swordfish"), "{named}: {}", said.err);
            assert!(begun.elapsed() < Duration::from_secs(5), "{named}");
        }
    }
    // Files outside must be allowed by name. The scenario itself is allowed by being named, and a link within the folder is not a link outside.
    let allowed = outside.path().display().to_string();
    desk.write("s.toml", &format!("extends = '{base}'\n"));
    for words in [
        vec!["check", "s.toml", "--allow", &allowed],
        vec!["check", &base],
        vec!["check", "sub/inside.toml"],
        vec!["explain", "s.toml", "--allow", &allowed],
        vec!["sweep", "s.toml", "--allow", &allowed, "--vary", "run.seed=1,2", "--quiet", "--no-charts", "--no-report"],
    ] {
        let said = with_words(&desk, &words);
        assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
    }
    let said = with_words(&desk, &["check", "s.toml", "--allow", "nowhere"]);
    assert!(said.code == Some(2) && said.err.contains("no such folder"), "{said:?}");
    // Kernel files are never read, even if everything is allowed.
    desk.write("s.toml", "extends = '/proc/self/environ'\n");
    let said = with_words(&desk, &["check", "s.toml", "--allow", "/"]);
    assert!(said.code == Some(2) && said.err.contains("part of the system"), "{said:?}");
}

/// Whether a character controls the program that displays it.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `terminal-escape.toml`: control characters in titles, answers and names reached the terminal, the page and the tables.
#[test]
fn control_characters_are_shown_as_text() {
    let desk = Desk::new();
    desk.write("escape.toml", &frozen("terminal-escape.toml"));
    let said = desk.ends("check escape.toml", 2);
    assert!(said.err.contains("\\u001B]0;PWNED\\u0007"), "{}", said.err);
    let evil = "\\u001b[2J\\u202eevil\\u0007\\u009b";
    let miners =
        "firm,class,hashrate_th_per_s,efficiency_j_per_th,power_price_usd_per_kwh,cash_usd,coins_btc,debt_usd\n";
    let row = ",home,1e9,20,0.03,1e9,0,0\n";
    desk.write("miners.csv", &format!("{miners}a\u{1b}[2J\u{202e}{row}"));
    let small = desk
        .read("small.toml")
        .replace("\"Small\"", &format!("\"{evil}\""))
        .replace("\"What follows?\"", &format!("\"{evil}?\""));
    desk.write("evil.toml", &small);
    let clean = |what: &str, text: &str| {
        let found = text.chars().find(|&c| acts(c));
        assert!(found.is_none(), "{what} has {found:?}");
    };
    let words = [
        "run",
        "evil.toml",
        "--set",
        "population.csv=miners.csv",
        "--set",
        "run.replicas=1",
        "--out",
        "out",
        "--set",
        "sources=['\u{1b}[31m']",
    ];
    let said = with_words(&desk, &words);
    assert_eq!(said.code, Some(0), "{said:?}");
    clean("stdout", &said.out);
    clean("stderr", &said.err);
    for name in desk.files("out").into_keys() {
        if let Ok(text) = std::fs::read_to_string(desk.path("out").join(&name)) {
            clean(&name.display().to_string(), &text);
        }
    }
    assert!(desk.read("out/report.html").contains("\\u001B[2J"), "the page shows it as text");
    assert!(desk.read("out/firms.csv").contains("a\\u001B[2J\\u202E"), "{}", desk.read("out/firms.csv"));
    for words in [
        vec!["explain", "evil.toml"],
        vec!["report", "out", "--markdown"],
        vec!["check", "evil.toml", "--set", "run.d\u{1b}ays=3"],
        vec!["check", "evil.toml", "--variant", "\u{1b}[2J"],
        vec!["check", "no\u{1b}[2Jfile.toml"],
        vec!["init", "\u{1b}[2J"],
        vec!["sweep", "evil.toml", "--design", "\u{1b}[2J"],
        vec!["sweep", "evil.toml", "--vary", "run.d\u{1b}ays=1,2"],
    ] {
        let said = with_words(&desk, &words);
        clean(&format!("stdout of {words:?}"), &said.out);
        clean(&format!("stderr of {words:?}"), &said.err);
    }
    // A text that is not TOML is underlined at its first error.
    desk.write("broken.toml", "title = \u{1b}[2J\u{202e}\n");
    clean("stderr", &desk.ends("check broken.toml", 2).err);
}

/// A chain of 9,000 `extends` ended in a stack overflow, 16 MB took 811 MB, 10^8 points never began.
#[test]
fn oversized_input_is_refused_at_once() {
    let desk = Desk::new();
    for number in 0..9000 {
        desk.write(&format!("c{number}.toml"), &format!("extends = 'c{}.toml'\n", number + 1));
    }
    desk.write("large.toml", &format!("title = '{}'\n", "x".repeat(16 << 20)));
    desk.write("deep.toml", &format!("title = {}1{}\n", "[".repeat(500_000), "]".repeat(500_000)));
    desk.write("dotted.toml", &format!("{}a = 1\n", "a.".repeat(500_000)));
    desk.write("inline.toml", &format!("x = {}1{}\n", "{a=".repeat(300_000), "}".repeat(300_000)));
    desk.write("tables.toml", &format!("[{}a]\n", "a.".repeat(500_000)));
    desk.write("key.toml", &format!("{} = 1\n", "k".repeat(1_000_000)));
    desk.write(
        "wide.toml",
        &desk.read("small.toml").replace(
            "[price.knots]\npoints = [[\"2025-10-01\", 118649], [\"2025-10-31\", 60000]]",
            "[price.csv]\nfile = 'wide.csv'",
        ),
    );
    desk.write("wide.csv", &"x,".repeat(3_000_000));
    for (line, part) in [
        ("check c0.toml", "more than 32 files extend one another"),
        ("check large.toml", "more than the"),
        ("check deep.toml", ""),
        ("check dotted.toml", ""),
        ("check inline.toml", ""),
        ("check tables.toml", ""),
        ("check key.toml", ""),
        ("check wide.toml", "columns, more than 1000"),
        ("sweep small.toml --vary power.pue=1.0..1.2 --design latin-hypercube --points 100000000", "more than 1000000"),
        ("sweep small.toml --vary run.seed=1..100000000:100000000", "more than 1000000"),
    ] {
        let begun = Instant::now();
        let said = desk.ends(line, 2);
        let took = begun.elapsed();
        // A debug build on a busy machine is many times slower than the shipped program.
        assert!(took < Duration::from_secs(30), "{line}: {took:?}");
        assert!(said.err.contains(part), "{line}: {}", &said.err[..said.err.len().min(2000)]);
        assert!(said.err.len() < 200_000, "{line}: {} bytes", said.err.len());
    }
}

/// For 8 of 17 names `init` wrote a file that could not be run, and `run downturn` did not tell the user which command to type.
#[test]
fn init_writes_a_scenario_that_checks_and_runs_by_itself() {
    let desk = Desk::new();
    for (name, _) in BUNDLED {
        let said = desk.ends(&format!("init {name}"), 0);
        assert!(said.err.contains(&format!("shakeout run {name}.toml")), "{}", said.err);
        load(&desk.path(&format!("{name}.toml")), &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    }
    let empty = Desk::new();
    empty.ends("init 2022-leverage --out mine.toml", 0);
    empty.ends("run mine.toml --quiet --no-charts --no-report --replicas 1", 0);
    for (line, part) in [
        ("check downturn.toml", "`shakeout init downturn` writes downturn.toml here"),
        ("run downturm", "did you mean `downturn`"),
        ("run downtrun.toml", "did you mean `downturn`"),
        ("init downtrun", "Did you mean `downturn`"),
        ("run elsewhere.toml", "`shakeout init` lists those that are shipped"),
    ] {
        let said = empty.ends(line, 2);
        assert!(said.err.replace("\n        ", " ").contains(part), "{line}: {}", said.err);
    }
}

/// A shipped scenario runs by its name wherever the user is, with a price file of the user's; a file of that name goes before it.
#[test]
fn a_shipped_scenario_runs_by_its_name() {
    let desk = Desk::new();
    desk.ends("run halving --quiet --no-charts --no-report --replicas 1 --set run.days=20 --out first", 0);
    desk.ends("init halving", 0);
    desk.ends("run halving.toml --quiet --no-charts --no-report --replicas 1 --set run.days=20 --out second", 0);
    let table = |folder: &str| std::fs::read(desk.path(folder).join("days.csv")).expect("the table is there");
    assert!(table("first") == table("second"), "the name and the file give other results");
    desk.write("price.csv", "date,price\n2020-01-01,9000\n2040-01-01,9000\n");
    desk.ends("check halving --set price.csv.file=price.csv", 0);
    desk.write("halving", "nonsense");
    desk.ends("check halving", 2);
}

/// Every problem comes with its place; a sound scenario comes with an estimate.
#[test]
fn problems_and_keys_are_read_by_programs() {
    let desk = Desk::new();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("it is JSON");
    let sound = json(&desk.ends("check downturn --json", 0).out);
    assert_eq!(sound["ok"], true);
    assert!(sound["estimate"]["lots"].as_f64() > Some(1000.0), "{sound}");
    desk.write("mine.toml", "extends = \"downturn.toml\"\n[run]\n dayz = 3\n");
    desk.ends("init downturn", 0);
    let wrong = json(&desk.ends("check mine.toml --json --set run.seed=-1", 2).out);
    assert_eq!(wrong["ok"], false);
    let codes: Vec<_> = wrong["problems"].as_array().expect("a list").iter().map(|found| &found["code"]).collect();
    assert_eq!(codes.len(), 2, "{wrong}");
    let unknown = &wrong["problems"].as_array().expect("a list")
        [codes.iter().position(|code| *code == "scenario::unknown_key").expect("it is found")];
    let label = &unknown["labels"][0];
    assert_eq!(
        (&label["file"], &label["line"], &label["column"], &label["written"]),
        (&"mine.toml".into(), &3.into(), &2.into(), &"dayz".into())
    );
    let keys = json(&desk.ends("explain downturn run.days --json --set run.days=99", 0).out);
    assert_eq!((&keys[0]["key"], &keys[0]["value"], &keys[0]["unit"]), (&"run.days".into(), &99.0.into(), &"d".into()));
    assert_eq!(keys[0]["origin"]["kind"], "set");
    assert!(json(&desk.ends("explain downturn --json", 0).out).as_array().expect("a list").len() > 150);
}
