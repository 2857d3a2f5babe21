//! Sweeps from a user's point of view: equal bytes however they are split, ordered, interrupted or merged.

#![expect(
    clippy::disallowed_methods,
    reason = "a running program is waited for, and killed at moments that differ from time to time"
)]

use super::cli::{Desk, Said, said, signal};
use shakeout::random::{Purpose, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

/// 12 points of 4 replicas, with their epochs.
const DESIGN: &str = "small.toml --quiet --epochs --replicas 4 \
    --vary class.home.cash_months=1,2 --vary power.pue=1.0..1.2:3 --vary chain.retarget=bitcoin,asert";

/// Fixed pseudo-random numbers that choose moments and orders.
pub struct Dice(shakeout::random::Stream);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(stream(seed, 0, Purpose::Design, 0))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        use rand::Rng as _;
        self.0.next_u64() % bound
    }

    fn shuffled(&mut self, count: u64) -> Vec<u64> {
        let mut rest: Vec<u64> = (0..count).collect();
        (0..count).map(|_| rest.swap_remove(usize::try_from(self.below(rest.len() as u64)).expect("small"))).collect()
    }
}

/// Runs the program with a limit on file sizes in blocks of 512 bytes, like on a full disk.
pub fn cramped(desk: &Desk, line: &str, blocks: u32) -> Said {
    // With its signal ignored, the limit becomes an error of the write.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
    let shell = desk.command("").get_program().to_owned();
    let mut command = Command::new("sh");
    said(command.args(["-c", &script]).arg(shell).current_dir(desk.path("")).stdin(Stdio::null()))
}

/// Names, contents and identity on disk: a file written again has another inode or time.
fn standing(desk: &Desk, folder: &str) -> BTreeMap<String, (u64, SystemTime)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::read_dir(desk.path(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| {
            let entry = entry.expect("it can be read");
            let metadata = entry.metadata().expect("it can be read");
            (entry.file_name().display().to_string(), (metadata.ino(), metadata.modified().expect("a time")))
        })
        .collect()
}

/// Replicas written permanently, according to the journal.
fn saved(desk: &Desk, partial: &str) -> u64 {
    let journal = fs::read_to_string(desk.path(partial).join("journal")).unwrap_or_default();
    let whole = journal.split_inclusive('\n').rfind(|line| line.ends_with('\n'));
    whole.and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// A column of a table, by name.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let at = rows.headers().expect("a header").iter().position(|column| column == name);
    let at = at.unwrap_or_else(|| panic!("there is no {name}"));
    rows.records().map(|row| row.expect("a row")[at].to_owned()).collect()
}

fn start(desk: &Desk, line: &str) -> Child {
    desk.command(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// Waits until this number of replicas is saved, or the program has ended.
fn await_saved(desk: &Desk, child: &mut Child, partial: &str, runs: u64) -> bool {
    let begun = Instant::now();
    while saved(desk, partial) < runs {
        assert!(begun.elapsed() < Duration::from_mins(1), "{partial} does not grow");
        if child.try_wait().expect("it can be asked").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

#[test]
fn any_split_order_and_thread_count_give_the_bytes_of_the_whole() {
    let desk = Desk::new();
    desk.ends(&format!("sweep {DESIGN} --threads 1 --out whole"), 0);
    let whole = desk.files("whole");
    let rows = desk.read("whole/sweep.csv");
    assert_eq!(rows.lines().count(), 1 + 12 * 4);
    assert_eq!(column(&rows, "power.pue")[..9], ["1", "1", "1", "1", "1", "1", "1", "1", "1.1"]);
    assert!(desk.read("whole/epochs.csv").starts_with("point,replica,epoch,"));
    desk.ends(&format!("sweep {DESIGN} --threads 3 --out threads"), 0);
    assert!(desk.files("threads") == whole, "three threads differ");

    let mut dice = Dice::new(1);
    for parts in [1, 2, 3, 7] {
        let out = format!("split{parts}");
        for part in dice.shuffled(parts) {
            let threads = 1 + dice.below(3);
            let line = format!("sweep {DESIGN} --threads {threads} --out {out} --shard {part}/{parts}");
            if part % 2 == 0 {
                let full = cramped(&desk, &line, 4);
                assert_eq!(full.code, Some(3), "{full:?}");
            }
            desk.ends(&format!("{line} --resume"), 0);
        }
        desk.ends(&format!("merge {out}"), 0);
        assert!(desk.files(&out) == whole, "{parts} parts differ");
        desk.ends(&format!("merge {out}"), 2);
        let again = desk.ends(&format!("merge {out} --resume"), 0);
        assert!(again.err.contains("nothing to do"), "{}", again.err);
    }
    // More tables than files that may be open at once.
    let script = "ulimit -n 12; exec \"$0\" merge split7 --force";
    let program = desk.command("").get_program().to_owned();
    let few = said(Command::new("sh").args(["-c", script]).arg(program).current_dir(desk.path("")));
    assert_eq!(few.code, Some(0), "{few:?}");
    assert!(desk.files("split7") == whole, "few open files differ");
}

/// At least 30 times, at moments spread over the whole run.
#[test]
fn killed_at_any_moment_it_is_resumed_to_the_same_bytes() {
    const KILLS: u32 = 30;
    const PARTS: u64 = 3;
    let desk = Desk::new();
    let design = "small.toml --quiet --epochs --replicas 150 --set run.days=400 \
        --vary class.home.cash_months=1,2,3 --vary power.pue=1,1.1";
    desk.ends(&format!("sweep {design} --out whole"), 0);
    let whole = desk.files("whole");
    let mut dice = Dice::new(2);
    let (mut kills, mut in_the_middle, mut sweeps) = (0, 0, 0);
    while kills < KILLS {
        let out = format!("killed{sweeps}");
        for part in 0..PARTS {
            let line =
                format!("sweep {design} --save-every 0.005 --threads 2 --out {out} --shard {part}/{PARTS} --resume");
            let partial = format!("{out}.parts/{part}-of-{PARTS}.partial");
            let finished = format!("{out}.parts/{part}-of-{PARTS}");
            loop {
                let before = saved(&desk, &partial);
                let mut child = start(&desk, &line);
                // Every third time before the program has done anything, otherwise after some more replicas.
                let alive = match dice.below(3) {
                    0 => true,
                    _ => await_saved(&desk, &mut child, &partial, before + 1 + dice.below(20)),
                };
                std::thread::sleep(Duration::from_micros(dice.below(8_000)));
                if !alive || kills == KILLS || child.try_wait().expect("it can be asked").is_some() {
                    assert!(child.wait().expect("it ends").success(), "{line}");
                    break;
                }
                child.kill().expect("it can be killed");
                child.wait().expect("it is over");
                kills += 1;
                if desk.path(&finished).exists() {
                    continue;
                }
                let after = saved(&desk, &partial);
                assert!(after >= before, "saved replicas are kept: {after}, before {before}");
                in_the_middle += u32::from(after > 0);
                // An unfinished sweep is not merged.
                let refused = desk.ends(&format!("merge {out}"), 3);
                let none_begun = refused.err.contains("no shards");
                assert!(none_begun || refused.err.contains(" shards are missing"), "{}", refused.err);
            }
            assert!(desk.path(&finished).exists() && !desk.path(&partial).exists());
            let stands = standing(&desk, &finished);
            // The state after a kill when everything except the lock was cleared away.
            fs::create_dir(desk.path(&partial)).expect("it can be made");
            desk.write(&format!("{partial}/lock"), "");
            desk.ends(&line, 0);
            assert_eq!(standing(&desk, &finished), stands, "a finished part is not written again");
            assert!(!desk.path(&partial).exists());
        }
        desk.ends(&format!("merge {out}"), 0);
        assert!(desk.files(&out) == whole, "{out} differs from the undisturbed sweep");
        sweeps += 1;
    }
    assert!(in_the_middle >= KILLS / 3, "only {in_the_middle} of {kills} kills came after the first runs");
}

#[test]
fn a_merge_killed_at_any_moment_is_resumed() {
    let desk = Desk::new();
    for part in 0..3 {
        desk.ends(&format!("sweep {DESIGN} --out m --shard {part}/3"), 0);
    }
    desk.ends("merge m", 0);
    let whole = desk.files("m");
    let mut dice = Dice::new(3);
    for _ in 0..5 {
        fs::remove_dir_all(desk.path("m")).expect("it is there");
        let mut child = start(&desk, "merge m --resume");
        std::thread::sleep(Duration::from_micros(dice.below(20_000)));
        child.kill().expect("it can be killed");
        child.wait().expect("it is over");
        desk.ends("merge m --resume", 0);
        assert!(desk.files("m") == whole);
        assert!(!desk.path("m.partial").exists());
    }
}

#[test]
fn a_merge_names_what_is_missing_and_refuses_what_does_not_belong() {
    let desk = Desk::new();
    let shard = |flags: &str| desk.ends(&format!("sweep {DESIGN} --out m {flags}"), 0);
    let refused = |code: i32, words: &[&str]| {
        let error = desk.ends("merge m", code).err;
        for word in words {
            assert!(error.contains(word), "`{word}` is missing in: {error}");
        }
        assert!(!desk.path("m").exists() && !desk.path("m.partial").exists(), "nothing is begun");
    };
    refused(3, &["no shards", "m.parts", "--shard"]);
    shard("--shard 1/4");
    shard("--shard 3/4");
    refused(3, &["2 of 4 shards", "0, 2", "--shard I/4"]);
    shard("--shard 0/4");
    for (other, words) in [
        ("--seed 9", &["it differs in seed (9, not 1);"][..]),
        ("--set run.days=50", &["scenario"]),
        ("--vary chain.height=917280,917281", &["the design"]),
    ] {
        shard(&format!("--shard 2/4 {other}"));
        refused(2, &[&["2-of-4", "another sweep"], words].concat());
        fs::remove_dir_all(desk.path("m.parts/2-of-4")).expect("it is there");
    }
    // A sweep that differs only by an additional table.
    let without = DESIGN.replace("--epochs ", "");
    desk.ends(&format!("sweep {without} --out m --shard 2/4"), 0);
    refused(2, &["--epochs (false, not true)"]);
    fs::remove_dir_all(desk.path("m.parts/2-of-4")).expect("it is there");
    shard("--shard 0/3");
    refused(2, &["number of shards"]);
    fs::remove_dir_all(desk.path("m.parts/0-of-3")).expect("it is there");
    shard("--shard 2/4");

    let manifest = "m.parts/1-of-4/manifest.json";
    let good = desk.read(manifest);
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(good.contains(&version));
    desk.write(manifest, &good.replace(&version, "\"version\": \"0.0.0\""));
    refused(2, &["1-of-4", "version (0.0.0, not"]);
    desk.write(manifest, &good[..good.len() / 2]);
    refused(3, &["1-of-4", "damaged", "run that shard again"]);
    desk.write(manifest, &good);

    let table = "m.parts/2-of-4/sweep.csv";
    let good = desk.read(table);
    let digit = good.rfind("60").expect("some number");
    for bad in [
        format!("{good}0,0,1\n"),
        good[..good.len() - 40].to_owned(),
        good.replacen("point", "joint", 1),
        format!("{}61{}", &good[..digit], &good[digit + 2..]),
        String::new(),
    ] {
        desk.write(table, &bad);
        refused(3, &["2-of-4", "sweep.csv is damaged", "run that shard again"]);
    }
    fs::remove_file(desk.path(table)).expect("it is there");
    refused(3, &["2-of-4", "sweep.csv is damaged", "it is not there"]);
    desk.write(table, &good);
    desk.ends("merge m", 0);
}

#[test]
fn a_sweep_is_resumed_only_as_the_same_sweep() {
    let desk = Desk::new();
    let line = format!("sweep {DESIGN} --out s");
    let begun = cramped(&desk, &line, 16);
    assert_eq!(begun.code, Some(3), "{begun:?}");
    assert!(begun.err.contains("cannot write") && begun.err.contains("--resume"), "{}", begun.err);
    assert!(desk.path("s.partial").exists() && !desk.path("s").exists());
    let refused = |line: &str, words: &[&str]| {
        let error = desk.ends(line, 2).err;
        for word in words {
            assert!(error.contains(word), "`{word}` is missing in: {error}");
        }
    };
    refused(&line, &["unfinished", "--resume", "--force"]);
    for (flags, difference) in [
        ("--seed 9", "seed (9, not 1)"),
        ("--replicas 5", "number of replicas (5, not 4)"),
        ("--set run.days=50", "scenario"),
        ("--vary power.pue=1.0..1.2:4", "the design"),
        ("--design latin-hypercube --points 8", "the design"),
    ] {
        // The last --replicas counts; every --vary counts, so these are given again.
        let line = match flags {
            "--replicas 5" => line.replace("--replicas 4", flags),
            _ if flags.starts_with("--vary") => {
                format!("sweep small.toml --quiet --epochs --replicas 4 --out s {flags}")
            }
            _ => format!("{line} {flags}"),
        };
        refused(&format!("{line} --resume"), &["another run", difference]);
    }
    let scenario = desk.read("small.toml");
    desk.write("small.toml", &scenario.replace("firms = 5", "firms = 6"));
    refused(&format!("{line} --resume"), &["another run", "scenario"]);
    desk.write("small.toml", &scenario);
    desk.ends(&format!("{line} --resume"), 0);
    desk.ends(&line.replace("--out s", "--out undisturbed"), 0);
    assert!(desk.files("s") == desk.files("undisturbed"));
    // When finished it refuses a repetition; a sweep named by another path counts as a repetition.
    refused(&format!("{line} --seed 9 --resume"), &["seed (9, not 1)"]);
    let stands = standing(&desk, "s");
    desk.ends(&format!("{} --resume", line.replace("small.toml", "./small.toml")), 0);
    assert_eq!(standing(&desk, "s"), stands);
}

#[test]
fn a_point_that_cannot_be_run_is_found_before_anything_is() {
    let desk = Desk::new();
    desk.write("bad.csv", "firm,class\n");
    for (flags, words) in [
        ("--vary power.pue=1.1,0.2", &["power.pue=0.2"][..]),
        ("--vary class.home.cash_moths=1,2", &["cash_moths", "cash_months"]),
        ("--vary class.home.cash_months=1,many", &["class.home.cash_months=many"]),
        ("--vary run.replicas=1,2", &["run.replicas", "--replicas"]),
        ("--vary variant=cheap,chaep", &["chaep", "cheap"]),
        ("--vary chain.retarget=bitcoin,doge", &["doge"]),
        ("--vary power.pue=1.0..1.2", &["power.pue", "number of values"]),
        ("--vary power.pue=1.2..1.0:3", &["--vary", "is empty"]),
        ("--vary power.pue=1,1.1 --vary power.pue=1,1.2", &["`power.pue` is varied twice"]),
        ("--vary power.pue", &["--vary power.pue=LO..HI:N", "--vary power.pue=V1,V2"]),
        ("", &["nothing is varied", "--vary", "[sweep]"]),
        ("--vary power.pue=1,1.1 --shard 2/2", &["2/2"]),
        ("--vary power.pue=1,1.1 --shard 0/2 --slurm", &["--shard", "--slurm"]),
        ("--vary power.pue=1,1.1 --save-every=-1", &["--save-every", "number of seconds"]),
        ("--vary power.pue=1,1.1 --slurm --partition a;b", &["--partition", "a;b"]),
    ] {
        let said = desk.ends(&format!("sweep small.toml --out s {flags}"), 2);
        for word in words {
            assert!(said.err.contains(word), "{flags}: `{word}` is missing in: {}", said.err);
        }
        for left in ["s", "s.partial", "s.parts", "s.slurm"] {
            assert!(!desk.path(left).exists(), "{flags}: {left}");
        }
    }
}

#[test]
fn a_table_in_the_scenario_is_the_same_as_flags() {
    let desk = Desk::new();
    let scenario = desk.read("small.toml");
    let table = "\n[variant.dear]\nclass.home.power_price_usd_per_kwh = 0.1\n[sweep]\ndesign = 'grid'\n[sweep.vary]\n\
        variant = ['cheap', \"dear\"]\n'chain.retarget' = ['asert', 'bitcoin']\n'power.pue' = '1.0..1.1:2'\n";
    desk.write("small.toml", &format!("{scenario}{table}"));
    desk.ends("sweep small.toml --quiet --out table", 0);
    let flags = "--vary variant=cheap,dear --vary chain.retarget=asert,bitcoin --vary power.pue=1.0..1.1:2";
    desk.ends(&format!("sweep small.toml --quiet --out flags {flags}"), 0);
    assert_eq!(desk.read("table/sweep.csv"), desk.read("flags/sweep.csv"));
    let rows = desk.read("table/sweep.csv");
    assert_eq!(rows.lines().count(), 1 + 8 * 3);
    let variants: BTreeSet<String> = column(&rows, "variant").into_iter().collect();
    assert_eq!(variants, BTreeSet::from(["cheap".to_owned(), "dear".to_owned()]));
    // Flags replace the factors of the table.
    desk.ends("sweep small.toml --quiet --out other --vary power.pue=1,1.1", 0);
    assert!(!desk.read("other/sweep.csv").contains("variant"));
    // A design that samples, through shards.
    let sample = "sweep small.toml --quiet --design latin-hypercube --points 5 --vary power.pue=1..1.2 --vary variant=cheap,dear";
    desk.ends(&format!("{sample} --out whole"), 0);
    for part in [1, 0] {
        desk.ends(&format!("{sample} --out parts --shard {part}/2"), 0);
    }
    desk.ends("merge parts", 0);
    assert!(desk.files("whole") == desk.files("parts"));
    let pue: BTreeSet<String> = column(&desk.read("whole/sweep.csv"), "power.pue").into_iter().collect();
    assert_eq!(pue.len(), 5);
}

/// Replica r is one history at every point: equal miners, equal draws.
#[test]
fn points_share_their_random_numbers() {
    let desk = Desk::new();
    let scenario = desk.read("small.toml");
    let (before, after) = scenario.split_once("[price.knots]").expect("it has one");
    let (_, after) = after.split_once("[class.home]").expect("it has one");
    let gbm = "[price.gbm]\nstart_usd = 100000\ndrift_per_year = 0\nvolatility_per_year = 0.8\n";
    desk.write("small.toml", &format!("{before}{gbm}[class.home]{after}"));
    desk.ends("sweep small.toml --quiet --epochs --out s --vary chain.retarget=bitcoin,asert --vary run.seed=1,2", 0);
    let rows = desk.read("s/sweep.csv");
    let hhi = column(&rows, "hhi_start");
    // Points 0 and 1 are bitcoin with seeds 1 and 2, points 2 and 3 asert.
    assert_eq!(hhi[..6], hhi[6..], "the same miners under both rules");
    assert_eq!(hhi.iter().collect::<BTreeSet<_>>().len(), 6, "others in every replica and for every seed");
    let worst = column(&rows, "worst_retarget");
    assert_ne!(worst[..6], worst[6..], "the rule has an effect");

    // They equal the histories of `run`, and those have equal prices under both rules.
    let epochs = desk.read("s/epochs.csv");
    let prices = [(1, "bitcoin"), (3, "asert")].map(|(point, rule)| {
        let out = format!("--set chain.retarget={rule} --out {rule}");
        desk.ends(&format!("run small.toml --quiet --no-report --no-charts --seed 2 {out}"), 0);
        let run = desk.read(&format!("{rule}/epochs.csv"));
        let own: String =
            epochs.split_inclusive('\n').filter_map(|line| line.strip_prefix(&format!("{point},"))).collect();
        assert_eq!(run.split_once('\n').expect("a header").1, own, "{rule}");
        column(&desk.read(&format!("{rule}/days.csv")), "price_usd")
    });
    assert_eq!(prices[0], prices[1]);
    assert_eq!(prices[0].len(), 3 * 60);
    assert_ne!(prices[0][59], prices[0][119], "others in every replica");
}

#[test]
fn a_sweep_over_input_files_knows_them() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --no-report --no-charts --write-population --out drawn", 0);
    let miners = desk.read("drawn/population.csv");
    desk.write("a.csv", &miners);
    let (header, rows) = miners.split_once('\n').expect("a header");
    let without_last = rows.trim_end().rsplit_once('\n').expect("several rows").0;
    desk.write("b.csv", &format!("{header}\n{without_last}\n"));
    let scenario = desk.read("small.toml");
    let (before, _) = scenario.split_once("[class.home]").expect("it has one");
    desk.write("listed.toml", &format!("{before}[population]\ncsv = 'a.csv'\n"));
    let line = "sweep listed.toml --quiet --vary population.csv=a.csv,b.csv --vary power.pue=1,1.1";
    desk.ends(&format!("{line} --out whole"), 0);
    let firms = column(&desk.read("whole/sweep.csv"), "hhi_start");
    assert_eq!(firms.len(), 12);
    assert_eq!(firms[..3].iter().collect::<BTreeSet<_>>().len(), 1, "the same miners in every replica");
    assert_ne!(firms[0], firms[6]);
    for part in [0, 1] {
        desk.ends(&format!("{line} --out parts --shard {part}/2"), 0);
    }
    desk.ends("merge parts", 0);
    assert!(desk.files("whole") == desk.files("parts"));
    // The hash covers these files, including the one that at most half of the points read.
    desk.write("b.csv", &miners.replace(",0.", ",0.0"));
    let refused = desk.ends(&format!("{line} --out whole --resume"), 2);
    assert!(refused.err.contains("input file b.csv"), "{}", refused.err);
}

#[test]
fn a_scenario_edited_meanwhile_changes_nothing() {
    let desk = Desk::new();
    let line = "sweep small.toml --quiet --replicas 40 --save-every 0 --threads 1 --vary power.pue=1.0..1.2:20";
    desk.ends(&format!("{line} --out whole"), 0);
    let mut child = start(&desk, &format!("{line} --out edited"));
    assert!(await_saved(&desk, &mut child, "edited.partial", 1), "it is over too early");
    let scenario = desk.read("small.toml");
    desk.write("small.toml", &scenario.replace("firms = 5", "firms = 9"));
    assert!(saved(&desk, "edited.partial") < 700, "it was not edited in time");
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    desk.write("small.toml", &scenario);
    assert!(desk.files("edited") == desk.files("whole"));
}

#[test]
fn interrupted_it_stops_within_a_second_and_says_how_to_go_on() {
    let desk = Desk::new();
    let line = "sweep small.toml --replicas 100000 --save-every 0 --vary power.pue=1,1.1";
    for (name, shard, partial) in [("INT", "", "far.partial"), ("TERM", "--shard 1/2", "far.parts/1-of-2.partial")] {
        let mut child = start(&desk, &format!("{line} --out far {shard}"));
        assert!(await_saved(&desk, &mut child, partial, 3), "it is over too early");
        let asked = Instant::now();
        signal(&child, name);
        let output = child.wait_with_output().expect("it is over");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(err.contains("--resume") && err.contains(partial), "{err}");
        assert!(!desk.path("far").exists() && !desk.path("far.parts/1-of-2").exists());
        assert!(!desk.path(partial).join("lock").exists(), "another may go on");
    }
    // Also while points are still being read.
    let mut child = start(&desk, "sweep small.toml --out many --vary power.pue=1.0..1.2:500000");
    // The signal handler exists before the threads do.
    let tasks = format!("/proc/{}/task", child.id());
    while fs::read_dir(&tasks).is_ok_and(|tasks| tasks.count() < 2) {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it is over too early");
        std::thread::sleep(Duration::from_millis(1));
    }
    let asked = Instant::now();
    signal(&child, "TERM");
    let output = child.wait_with_output().expect("it is over");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert!(!desk.path("many.partial").exists());
}

#[test]
fn slurm_scripts_hold_the_sweep_and_nothing_is_run() {
    let desk = Desk::new();
    let flags = "--slurm --shards 5 --time 02:00:00 --partition long --cpus 4 --memory 2G";
    desk.ends(&format!("sweep {DESIGN} --seed 3 --out s --format both {flags}"), 0);
    assert!(!desk.path("s").exists() && !desk.path("s.parts").exists());
    let array = desk.read("s.slurm/array.sh");
    for line in [
        "#SBATCH --array=0-4\n",
        "#SBATCH --time=02:00:00\n",
        "#SBATCH --partition=long\n",
        "#SBATCH --cpus-per-task=4\n",
        "#SBATCH --mem=2G\n",
        "#SBATCH --requeue\n",
        "#SBATCH --signal=B:TERM@60\n",
        " --shard \"$SLURM_ARRAY_TASK_ID\"/5 --resume",
    ] {
        assert!(array.contains(line), "{line} is missing in {array}");
    }
    assert!(desk.read("s.slurm/merge.sh").contains("--format both --resume\n"));
    // Its tasks and its merge, in a shell as Slurm would run them, one with the lock of a job that has ended.
    desk.write("squeue", "#!/bin/sh\nprintf '41\\n43\\n'\n");
    assert!(Command::new("chmod").args(["+x"]).arg(desk.path("squeue")).status().expect("there is chmod").success());
    let path = format!("{}:{}", desk.path("").display(), std::env::var("PATH").expect("there is one"));
    let task = |shard: u32, job: &str| {
        let mut task = Command::new("bash");
        task.arg(desk.path("s.slurm/array.sh")).env("PATH", &path);
        said(
            task.env("SLURM_ARRAY_TASK_ID", shard.to_string()).env("SLURM_JOB_ID", job).env("SLURM_CPUS_PER_TASK", "1"),
        )
    };
    let locked = |shard: u32, by: &str| {
        let partial = format!("s.parts/{shard}-of-5.partial");
        fs::create_dir_all(desk.path(&partial)).expect("it can be made");
        desk.write(&format!("{partial}/lock"), by);
    };
    for shard in [3, 0] {
        assert_eq!(task(shard, "43").code, Some(0), "shard {shard}");
    }
    // Locks of the restarted job itself, and of one that has ended.
    locked(1, "4242 elsewhere 77 43\n");
    assert_eq!(task(1, "43").code, Some(0));
    locked(2, "4242 elsewhere 77 42\n");
    assert_eq!(task(2, "43").code, Some(0));
    // Locks of a running job, and of a process outside Slurm.
    for holder in ["4242 elsewhere 77 41\n", "4242 elsewhere 77 \n"] {
        locked(4, holder);
        let held = task(4, "43");
        assert_eq!(held.code, Some(2), "{holder}: {held:?}");
        assert!(held.err.contains("process 4242 on elsewhere"), "{}", held.err);
    }
    fs::remove_dir_all(desk.path("s.parts/4-of-5.partial")).expect("it is there");
    let merge = || said(Command::new("bash").arg(desk.path("s.slurm/merge.sh")));
    let missing = merge();
    assert_eq!(missing.code, Some(3));
    assert!(missing.err.contains("1 of 5 shards") && missing.err.contains(": 4;"), "{}", missing.err);
    assert_eq!(task(4, "43").code, Some(0));
    assert_eq!(merge().code, Some(0));
    desk.ends(&format!("sweep {DESIGN} --seed 3 --out here --format both"), 0);
    assert!(desk.files("s") == desk.files("here"));
}
