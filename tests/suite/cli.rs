//! The program from a user's point of view: its files, its output streams and its exit codes.

#![expect(clippy::disallowed_methods, reason = "a running program is waited for")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A few firms over some weeks in which the price falls.
pub const SMALL: &str = r#"
format = 1
title = "Small"
question = "What follows?"
[run]
start = "2025-10-01"
days = 60
replicas = 3
[chain]
height = 917280
difficulty = 150.8395e12
[price.knots]
points = [["2025-10-01", 118649], ["2025-10-31", 60000]]
[class.home]
share = 0.3
firms = 5
power_price_usd_per_kwh = 0.08
cash_months = 2
treasury_days = 10
[class.public]
share = 0.7
firms = 3
power_price_usd_per_kwh = 0.045
cash_months = 6
treasury_days = 90
[fleet.old]
machine = "Antminer S19j Pro (100Th)"
share = 0.4
[fleet.new]
machine = "Antminer S21 (200Th)"
share = 0.6
[variant.cheap]
class.home.power_price_usd_per_kwh = 0.02
"#;

/// A folder with `small.toml` in which the program is run.
pub struct Desk(TempDir);

/// Output of a run of the program.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        desk.write("small.toml", SMALL);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it can be written");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shakeout"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "COLUMNS", "SLURM_CPUS_PER_TASK"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program with these arguments, none of which contains a space.
    fn shakeout(&self, line: &str) -> Said {
        said(&mut self.command(line))
    }

    /// Runs the program, which must end with this code.
    pub fn ends(&self, line: &str, code: i32) -> Said {
        let said = self.shakeout(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        said
    }

    /// Starts the program and waits until a file of the partial folder has contents.
    pub fn begin(&self, line: &str, file: &str, environment: &[(&str, &str)]) -> Child {
        let mut command = self.command(line);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let file = self.path(file);
        let begun = Instant::now();
        while fs::metadata(&file).map_or(0, |file| file.len()) == 0 {
            assert!(begun.elapsed() < Duration::from_mins(1), "nothing in {}", file.display());
            assert!(child.try_wait().expect("it can be asked").is_none(), "{line} is over too early");
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// Every file of a result folder by its path, without the timings.
    pub fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.path(folder);
        let mut files = BTreeMap::new();
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
                let path = entry.expect("it can be read").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("it lies below").to_owned();
                    files.insert(name, fs::read(&path).expect("it can be read"));
                }
            }
        }
        let manifest = files.remove(Path::new("manifest.json")).expect("a result folder has a manifest");
        let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("it is JSON");
        manifest.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("timing"));
        files.insert("manifest.json".into(), manifest.to_string().into_bytes());
        files
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.files(folder).keys().map(|path| path.display().to_string()).collect()
    }
}

pub fn said(command: &mut Command) -> Said {
    let output = command.output().expect("it starts");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

pub fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().expect("there is `kill`").success());
}

#[test]
fn run_writes_the_folder_and_prints_the_metrics() {
    let desk = Desk::new();
    let said = desk.ends("run small.toml", 0);
    let names = desk.names("output/small");
    for name in ["epochs.csv", "days.csv", "events.csv", "firms.csv", "fleet.csv", "replicas.csv"] {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
    for name in ["summary.json", "manifest.json", "report.html"] {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
    assert!(names.iter().any(|name| name.starts_with("charts/")), "{names:?}");
    assert!(!desk.path("output/small.partial").exists());
    assert_eq!(desk.read("output/small/days.csv").lines().count(), 1 + 3 * 60);
    // The answer is a result, its location a message; neither has an escape sequence without a terminal.
    assert!(said.out.contains("median") && said.out.contains("3 replicas (seed"), "{}", said.out);
    assert_eq!(said.err, "\nresults in output/small\n");
    assert!(!said.out.contains('\u{1b}') && said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
}

#[test]
fn threads_and_repetition_change_no_byte_and_the_seed_does() {
    let desk = Desk::new();
    let run = |name: &str, flags: &str| {
        desk.ends(&format!("run small.toml --quiet --replicas 7 --set run.days=20 --out {name} {flags}"), 0);
        desk.files(name)
    };
    let one = run("one", "--threads 1");
    assert_eq!(one, run("two", "--threads 2"));
    assert_eq!(one, run("three", "--threads 3 --audit"));
    assert_eq!(one, run("three", "--force"));
    let other = run("other", "--seed 2");
    assert_ne!(one[Path::new("days.csv")], other[Path::new("days.csv")]);
}

#[test]
fn a_finished_folder_is_kept_unless_forced() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --set run.days=20", 0);
    let before = desk.files("output/small");
    let said = desk.ends("run small.toml --quiet --set run.days=30", 2);
    assert!(said.err.contains("--force") && said.err.contains("--out"), "{}", said.err);
    assert_eq!(before, desk.files("output/small"));
    let said = desk.ends("run small.toml --set run.days=30 --resume", 2);
    assert!(said.err.contains("another run"), "{}", said.err);
    let said = desk.ends("run small.toml --set run.days=20 --resume", 0);
    assert!(said.err.contains("nothing to do") && said.out.contains("median"), "{said:?}");
    assert_eq!(before, desk.files("output/small"));
    desk.ends("run small.toml --quiet --set run.days=30 --force", 0);
    assert_eq!(desk.read("output/small/days.csv").lines().count(), 1 + 3 * 30);
    desk.ends("run small.toml --quiet --set run.days=20 --resume --out fresh", 0);
    assert_eq!(before, desk.files("fresh"), "--resume starts where there is nothing");
    // Not the program's file: kept even with `--force`.
    fs::create_dir(desk.path("mine")).expect("a folder");
    desk.write("mine/letter.txt", "keep me");
    desk.ends("run small.toml --out mine --force", 2);
    assert_eq!(desk.read("mine/letter.txt"), "keep me");
}

#[test]
fn a_killed_run_is_resumed_to_the_same_bytes() {
    let desk = Desk::new();
    let line = "run small.toml --quiet --tables days --replicas 8000 --set run.days=100 --threads 2";
    // The journal has its first mark after a second, from which the run can be resumed.
    let mut child = desk.begin(&format!("{line} --out killed"), "killed.partial/journal", &[]);
    child.kill().expect("it can be killed");
    child.wait().expect("it is over");
    assert!(!desk.path("killed").exists());
    let said = desk.ends(&format!("{line} --out killed"), 2);
    assert!(said.err.contains("--resume") && said.err.contains("--force"), "{}", said.err);
    desk.ends(&format!("{line} --out killed --resume"), 0);
    desk.ends(&format!("{line} --out whole"), 0);
    assert!(desk.files("killed") == desk.files("whole"), "the resumed run differs");
    assert!(!desk.path("killed.partial").exists());
}

#[test]
fn ctrl_c_stops_within_a_second_and_says_how_to_go_on() {
    let desk = Desk::new();
    let line = "run small.toml --replicas 1000000 --set run.days=3000 --out far";
    let child = desk.begin(line, "far.partial/result/days.csv", &[]);
    let asked = Instant::now();
    signal(&child, "INT");
    let output = child.wait_with_output().expect("it is over");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("--resume") && err.contains("far.partial"), "{err}");
    assert!(!err.contains('\r') && !err.contains('\u{1b}'), "no progress bar where there is no terminal: {err}");
    assert!(!desk.path("far").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn slurm_says_how_many_threads() {
    let desk = Desk::new();
    let threads = |folder: &str, environment: &[(&str, &str)], flags: &str| {
        let line = format!("run small.toml --replicas 1000000 --set run.days=3000 --out {folder} {flags}");
        let mut child = desk.begin(&line, &format!("{folder}.partial/journal"), environment);
        let count = fs::read_dir(format!("/proc/{}/task", child.id())).expect("it runs").count();
        child.kill().expect("it can be killed");
        child.wait().expect("it is over");
        count
    };
    let two = threads("two", &[("SLURM_CPUS_PER_TASK", "2")], "");
    assert_eq!(threads("five", &[("SLURM_CPUS_PER_TASK", "5")], ""), two + 3);
    assert_eq!(threads("flag", &[("SLURM_CPUS_PER_TASK", "5")], "--threads 2"), two);
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let desk = Desk::new();
    let said = desk.ends("run small.toml --json --no-charts --no-report --tables epochs", 0);
    assert_eq!(said.out.lines().count(), 1);
    let object: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(object["metrics"]["hashrate_trough_share"]["n"], 3);
    let names = desk.names("output/small");
    assert_eq!(names, ["columns.json", "epochs.csv", "failed.csv", "manifest.json", "replicas.csv", "summary.json"]);
    let said = desk.ends("run small.toml --quiet --set run.days=20 --no-charts --out bare", 0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    let names = desk.names("bare");
    assert!(
        names.contains(&"report.html".to_owned()) && !names.iter().any(|name| name.contains("charts")),
        "{names:?}"
    );
}

#[test]
#[cfg(feature = "parquet")]
fn parquet_is_written_alone_or_beside() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --set run.days=20 --no-charts --no-report --format parquet --out one", 0);
    desk.ends("run small.toml --quiet --set run.days=20 --no-charts --no-report --format both --out both", 0);
    let (one, both) = (desk.files("one"), desk.files("both"));
    // Failures are recorded as text, whatever the format of the tables.
    let texts: Vec<_> = one.keys().filter(|path| path.extension().is_some_and(|end| end == "csv")).collect();
    assert_eq!(texts, [Path::new("failed.csv")]);
    for name in ["epochs", "days", "events", "firms", "fleet", "replicas"] {
        let twin = PathBuf::from(format!("{name}.parquet"));
        assert!(one[&twin].starts_with(b"PAR1") && one[&twin].ends_with(b"PAR1"), "{name}");
        assert_eq!(one[&twin], both[&twin], "{name}");
        assert!(both.contains_key(Path::new(&format!("{name}.csv"))), "{name}");
    }
}

#[test]
fn check_finds_all_problems_at_once_and_writes_nothing() {
    let desk = Desk::new();
    let bad = SMALL
        .replace("share = 0.7", "share = 0.9")
        .replace("replicas = 3", "replicsa = 3")
        .replace("S21 (200Th)", "S21 (201Th)")
        .replace("days = 60", "days = -60");
    desk.write("bad.toml", &bad);
    let said = desk.ends("check bad.toml", 2);
    for part in ["replicsa", "`replicas`", "201Th", "-60", "1.2", "bad.toml:7", "help:"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    assert_eq!(said.out, "");
    assert!(!said.err.contains('\u{1b}'), "no colours where there is no terminal");
    assert_eq!(desk.ends("run bad.toml", 2).err, said.err);
    let good = desk.ends("check small.toml --seed 3 --set class.home.firms=6", 0);
    assert!(good.out.contains("no problems") && good.out.contains("9 firms") && good.err.is_empty(), "{good:?}");
    let idle = desk.ends("check small.toml --set price.knots.points=[[\"2025-10-01\",1]]", 2);
    assert!(idle.err.contains("no lot runs"), "{}", idle.err);
    desk.ends("run small.toml --set price.knots.points=[[\"2025-10-01\",1]]", 2);
    let left: Vec<_> = fs::read_dir(desk.path("")).expect("a folder").collect();
    assert_eq!(left.len(), 2, "nothing is written: {left:?}");
}

#[test]
fn a_fault_of_the_user_is_2_and_one_of_the_disk_3() {
    let desk = Desk::new();
    desk.write("empty.toml", "");
    desk.write("letters.toml", "\u{feff}this is not TOML");
    fs::create_dir(desk.path("folder.toml")).expect("a folder");
    desk.ends("check small.toml", 0);
    for line in [
        "run small.toml --threads 0",
        "run small.toml --threads 1025",
        "run small.toml --seed -1",
        "run small.toml --replicas 0",
        "run small.toml --replicas 1000000000000000000",
        "run small.toml --set run.days=0",
        "run small.toml --set run.days=nan",
        "run small.toml --set chain.hashrate_eh_per_s=1e6",
        "run small.toml --set chain.hashrate_eh_per_s=1e-9",
        "run small.toml --set class.home.firms=1000000000000000000",
        "run small.toml --set class.home.firms=0",
        "run small.toml --set nonsense",
        "run small.toml --set =",
        "run small.toml --set no.such.key=1",
        "run small.toml --variant dear",
        "run small.toml --tables weeks",
        "run small.toml --format xlsx",
        "run small.toml --figure-size tiny",
        "run small.toml --force --resume",
        "run small.toml --out ..",
        "run empty.toml",
        "run letters.toml",
        "run folder.toml",
        "run missing.toml",
        "explain small.toml no.such.key",
        "hardware Antmine",
        "init no-such",
        "report .",
        "no-such-command",
    ] {
        let said = desk.ends(line, 2);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{line}: {said:?}");
        assert!(!said.err.contains("panicked"), "{line}: {said:?}");
    }
    assert!(!desk.path("output").exists());
    let said = desk.ends("run small.toml --quiet --out /dev/null/x", 3);
    assert!(said.err.contains("/dev/null/x"), "{}", said.err);
    desk.ends("init halving --out no/such/folder.toml", 3);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_3_and_a_broken_pipe_is_nothing() {
    let desk = Desk::new();
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let status = desk.command("hardware").stdout(full).stderr(Stdio::null()).status().expect("it starts");
    assert_eq!(status.code(), Some(3));
    for line in ["schema", "run small.toml --set run.days=20"] {
        let mut command = desk.command(line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().expect("it is over").code(), Some(0), "{line}");
    }
}

#[test]
fn explain_says_where_a_value_comes_from() {
    let desk = Desk::new();
    let key = "class.home.power_price_usd_per_kwh";
    let written = desk.ends(&format!("explain small.toml {key}"), 0).out;
    assert!(written.contains("0.08") && written.contains("small.toml"), "{written}");
    let set = desk.ends(&format!("explain small.toml {key} --set {key}=0.07"), 0).out;
    assert!(set.contains("0.07") && set.contains("--set"), "{set}");
    let variant = desk.ends(&format!("explain small.toml {key} --variant cheap"), 0).out;
    assert!(variant.contains("0.02"), "{variant}");
    let all = desk.ends("explain small.toml", 0).out;
    assert!(all.contains("default") && all.contains("The day, as the engine runs it"), "{all}");
}

#[test]
fn the_commands_that_only_print() {
    let desk = Desk::new();
    let schema: serde_json::Value = serde_json::from_str(&desk.ends("schema", 0).out).expect("JSON");
    assert!(schema["properties"]["class"].is_object() && schema["$schema"].is_string(), "{schema}");
    let hardware = desk.ends("hardware --csv", 0).out;
    assert!(hardware.starts_with("model,manufacturer,release_month,hashrate_th_per_s,power_w,efficiency_j_per_th"));
    assert!(hardware.lines().count() > 60 && hardware.contains("Antminer S9 (13.5Th)"), "{hardware}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(desk.ends(&format!("completions {shell}"), 0).out.contains("shakeout"), "{shell}");
    }
    for (flag, word) in [("--help", "Usage"), ("--version", env!("CARGO_PKG_VERSION")), ("run --help", "--resume")] {
        let said = desk.ends(flag, 0);
        assert!(said.out.contains(word) && said.err.is_empty(), "{said:?}");
    }
}

#[test]
fn init_starts_a_scenario_and_overwrites_none() {
    let desk = Desk::new();
    let list = desk.ends("init", 0).out;
    assert!(list.contains("halving") && list.contains("downturn"), "{list}");
    let said = desk.ends("init halving", 0);
    assert!(said.out.is_empty() && said.err.contains("shakeout run halving.toml"), "{said:?}");
    desk.ends("check halving.toml", 0);
    desk.write("halving.toml", "mine");
    desk.ends("init halving", 2);
    assert_eq!(desk.read("halving.toml"), "mine");
}

#[test]
fn a_drawn_population_can_be_run_again() {
    let desk = Desk::new();
    let flat = SMALL.replace(", [\"2025-10-31\", 60000]", "").replace("replicas = 3", "replicas = 1");
    desk.write("flat.toml", &flat);
    desk.ends("run flat.toml --quiet --write-population --set chain.arrivals=fluid --out drawn", 0);
    let head = flat.split("[class.home]").next().expect("there is a first part");
    desk.write("again.toml", &format!("{head}[population]\ncsv = \"drawn/population.csv\"\n"));
    desk.ends("run again.toml --quiet --set chain.arrivals=fluid --out again", 0);
    let start = |folder: &str| -> f64 {
        let days = desk.read(&format!("{folder}/days.csv"));
        let mut lines = days.lines();
        let header = lines.next().expect("a header");
        let column = header.split(',').position(|name| name == "hashrate_eh_per_s").expect("the column");
        lines.next().expect("a day").split(',').nth(column).expect("a cell").parse().expect("a number")
    };
    assert!((start("drawn") / start("again") - 1.0).abs() < 1e-6, "{} and {}", start("drawn"), start("again"));
    assert!(start("drawn") > 1000.0, "{}", start("drawn"));
}

#[test]
fn files_may_have_any_name_and_either_line_ending() {
    let desk = Desk::new();
    desk.write("ü 💡.toml", &format!("\u{feff}{}", SMALL.replace('\n', "\r\n")));
    let mut command = desk.command("run --quiet --no-report --no-charts");
    let said = said(command.args(["ü 💡.toml", "--set", "title=\"Größe, 大\""]));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(desk.read("output/ü 💡/summary.json").contains("Größe, 大"));
}
