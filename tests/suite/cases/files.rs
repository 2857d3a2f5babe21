//! Files, signals and interrupted work: former errors of the program, each as a test with the correct value.
//!
//! Tests that kill the program or damage files do so a few times; `SHAKEOUT_KILLS=50 cargo test --test suite cases::files` repeats them more often.

#![expect(clippy::disallowed_methods, reason = "a running program is waited for, and killed at moments that differ")]

mod reproduce;

use crate::{
    cli::{Desk, SMALL, Said, said, signal},
    sweep::{Dice, cramped},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Number of kills or damages.
fn kills() -> u64 {
    std::env::var("SHAKEOUT_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(6)
}

fn start(desk: &Desk, line: &str) -> Child {
    desk.command(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// All files except the manifest.
fn but_manifest(desk: &Desk, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = desk.files(folder);
    files.remove(Path::new("manifest.json"));
    files
}

/// How long a command takes.
fn takes(desk: &Desk, line: &str) -> Duration {
    let begun = Instant::now();
    desk.ends(line, 0);
    begun.elapsed()
}

/// Repeatedly kills one of two commands that make different files in a folder. Each file is always that of one command or of the
/// other, and after the next command that reads the folder, all are of one. Returns how many kills came before and after the change.
fn killed_between(desk: &Desk, folder: &str, commands: [&str; 2], seed: u64) {
    let mut dice = Dice::new(seed);
    let sets = commands.map(|line| {
        desk.ends(line, 0);
        but_manifest(desk, folder)
    });
    assert!(sets[0] != sets[1], "the commands make the same");
    let took = takes(desk, commands[0]).max(takes(desk, commands[1]));
    let most = u64::try_from(took.as_micros()).expect("some seconds") + 1;
    let (mut killed, mut changed, mut mixed) = (0, 0, 0);
    while killed < kills() {
        let before = but_manifest(desk, folder);
        let next = commands[usize::from(before == sets[0])];
        let mut child = start(desk, next);
        // Every second kill comes when all is written and about to be put in place, which takes a moment.
        let wait = if killed % 2 == 0 {
            dice.below(most)
        } else {
            let written = desk.path(&format!("{folder}.redraw/new/manifest.json"));
            while !written.exists() && child.try_wait().expect("it can be asked").is_none() {
                std::hint::spin_loop();
            }
            dice.below(30_000)
        };
        std::thread::sleep(Duration::from_micros(wait));
        if child.try_wait().expect("it can be asked").is_some() {
            continue;
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it is over");
        killed += 1;
        let after = but_manifest(desk, folder);
        for (name, bytes) in &after {
            let known = sets.iter().any(|set| set.get(name) == Some(bytes));
            assert!(known, "{} is neither the old nor the new one", name.display());
        }
        mixed += u64::from(!sets.contains(&after));
        desk.ends(&format!("verify {folder}"), 0);
        let settled = but_manifest(desk, folder);
        assert!(sets.contains(&settled), "some files are old and some new");
        changed += u64::from(settled != before);
    }
    let names: BTreeSet<String> = fs::read_dir(desk.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().display().to_string())
        .filter(|name| name.starts_with(folder))
        .collect();
    eprintln!("{}: {killed} kills, {changed} after the change, {mixed} within it; left: {names:?}", commands[0]);
    desk.ends(commands[0], 0);
    assert!(!desk.path(&format!("{folder}.redraw")).exists(), "the next command clears the remainder");
}

/// `report DIR` killed at any moment leaves the old page and charts, or the new ones.
#[test]
fn a_report_killed_at_any_moment_leaves_old_or_new() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --out r", 0);
    let tables = desk.read("r/days.csv");
    killed_between(&desk, "r", ["report r --figure-size column --png", "report r --no-titles"], 1);
    assert_eq!(desk.read("r/days.csv"), tables);
}

#[test]
fn a_ranking_killed_at_any_moment_is_old_or_new() {
    let desk = Desk::new();
    desk.ends("sweep small.toml --quiet --vary power.pue=1.0..1.2:40 --replicas 4 --out s --no-charts --no-report", 0);
    killed_between(&desk, "s", ["sensitivity s", "sensitivity s --metric hashrate_trough_share"], 2);
}

/// On a full disk the existing files stay, and no others appear.
#[test]
fn a_report_on_a_full_disk_changes_nothing() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --out r", 0);
    desk.ends("sweep small.toml --quiet --vary power.pue=1,1.1 --out s --no-charts --no-report", 0);
    let (run, sweep) = (desk.files("r"), desk.files("s"));
    for (line, blocks) in
        [("report r", 8), ("report r --png", 40), ("report r --out page.html", 8), ("sensitivity s", 1)]
    {
        let full = cramped(&desk, line, blocks);
        assert_eq!(full.code, Some(3), "{line}: {full:?}");
        assert!(desk.files("r") == run && desk.files("s") == sweep, "{line}");
        for left in ["r.redraw", "s.redraw", "page.html"] {
            assert!(!desk.path(left).exists(), "{line}: {left}");
        }
    }
    let left = fs::read_dir(desk.path("")).expect("a folder").count();
    assert_eq!(left, 3, "the scenario and two results");
}

/// No command overwrites an existing file without `--force`, nor a file of a result even with it.
#[test]
fn existing_files_are_overwritten_only_by_force() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --no-charts --no-report --out r", 0);
    desk.ends("run small.toml --quiet --no-charts --no-report --out q --seed 2", 0);
    let sweep = "sweep small.toml --quiet --vary power.pue=1,1.1 --no-charts --no-report";
    desk.ends(&format!("{sweep} --out s"), 0);
    desk.ends(&format!("{sweep} --out t --slurm"), 0);
    desk.write("t.slurm/array.sh", "mine");
    for name in ["mine", "comparison.html", "halving.toml"] {
        desk.write(name, "mine");
    }
    for (line, file) in [
        ("report r --out mine", "mine"),
        ("report s --out mine", "mine"),
        ("report r q --out mine", "mine"),
        ("report r q", "comparison.html"),
        ("sensitivity s --out mine", "mine"),
        ("init halving --out mine", "mine"),
        ("init halving", "halving.toml"),
        (&format!("{sweep} --out t --slurm"), "t.slurm/array.sh"),
    ] {
        let refused = desk.ends(line, 2);
        assert!(refused.err.contains("is there already") && refused.err.contains("--force"), "{line}: {}", refused.err);
        assert_eq!(desk.read(file), "mine", "{line}");
        desk.ends(&format!("{line} --force"), 0);
        assert_ne!(desk.read(file), "mine", "{line}");
        desk.write(file, "mine");
    }
    let before = desk.files("r");
    for line in ["report r --out r/days.csv --force", "init halving --out r/summary.json --force"] {
        let refused = desk.ends(line, 2);
        assert!(refused.err.contains("a file of a result folder"), "{}", refused.err);
        assert!(desk.files("r") == before);
    }
    // Redrawing its own page is its purpose.
    desk.ends("report r", 0);
    desk.ends("report r --out r/report.html", 0);
    desk.ends("verify r s", 0);
}

/// Flips one bit of a file at a place below `end`.
fn flip(path: &Path, dice: &mut Dice, end: u64) {
    let mut bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let place = usize::try_from(dice.below(end.min(bytes.len() as u64))).expect("in memory");
    bytes[place] ^= 1 << dice.below(8);
    fs::write(path, bytes).expect("it can be written");
}

/// Tables with their lengths at the last mark.
fn marked(desk: &Desk, partial: &str, tables: &[&str]) -> Vec<(PathBuf, u64)> {
    let journal = desk.read(&format!("{partial}/journal"));
    let last = journal.lines().last().expect("a mark");
    let lengths = last.split(' ').filter_map(|word| word.split_once(':')?.0.parse().ok());
    let path = |name: &&str| desk.path(&format!("{partial}/result/{name}.csv"));
    tables.iter().map(path).zip(lengths).filter(|&(_, length)| length > 0).collect()
}

/// Interrupts a command a little after its first mark.
fn interrupted(desk: &Desk, line: &str, partial: &str) {
    // On one thread the run is far from its end at the first mark, however fast the machine; its bytes do not depend on the number of threads.
    let mut child = desk.begin(&format!("{line} --threads 1"), &format!("{partial}/journal"), &[]);
    signal(&child, "TERM");
    assert_eq!(child.wait().expect("it is over").code(), Some(130), "{line} was over too early");
}

/// One flipped bit in a table of an interrupted run, sweep, part or calibration is detected, and the damaged part is computed again.
#[test]
fn a_bit_flipped_in_an_unfinished_table_is_noticed_and_made_again() {
    let desk = Desk::new();
    let calibrated = format!(
        "{SMALL}[calibrate]\npopulation = 300\ngenerations = 5\npredictive = 10\n\
         [calibrate.prior.cost]\nscales = \"class.*.power_price_usd_per_kwh\"\nuniform = {{ low = 0.8, high = 1.25 }}\n"
    );
    desk.write("fit.toml", &calibrated);
    let mut dice = Dice::new(3);
    let run = "run small.toml --quiet --tables days,epochs --no-charts --no-report --replicas 8000 --set run.days=100";
    let sweep = "sweep small.toml --quiet --save-every 0 --epochs --no-charts --no-report --replicas 60 --vary power.pue=1.0..1.2:10";
    let fit = "calibrate fit.toml --quiet --no-charts --synthetic cost=1";
    let (run_tables, sweep_tables) = (["epochs", "days", "replicas"], ["sweep", "epochs"]);
    let cases: [(String, &str, &str, &[&str]); 4] = [
        (format!("{run} --out %"), "%.partial", "%", &run_tables),
        (format!("{sweep} --out %"), "%.partial", "%", &sweep_tables),
        (format!("{sweep} --out % --shard 1/2"), "%.parts/1-of-2.partial", "%.parts/1-of-2", &sweep_tables),
        (format!("{fit} --out %"), "%.partial", "%", &["particles", "paths"]),
    ];
    let whole: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(case, (line, _, finished, _))| {
            let name = format!("whole{case}");
            desk.ends(&line.replace('%', &name), 0);
            desk.files(&finished.replace('%', &name))
        })
        .collect();
    let mut flips = [0; 4];
    for number in 0..kills() {
        let case = usize::try_from(number % 4).expect("small");
        let (line, partial, finished, tables) = &cases[case];
        let name = format!("flipped{number}");
        let named = |text: &str| text.replace('%', &name);
        interrupted(&desk, &named(line), &named(partial));
        let marked = marked(&desk, &named(partial), tables);
        let (path, end) = &marked[usize::try_from(dice.below(marked.len() as u64)).expect("small")];
        flip(path, &mut dice, *end);
        let resumed = desk.ends(&format!("{} --resume", named(line)), 0);
        assert!(resumed.err.contains("are damaged after the first"), "{line}: {}", resumed.err);
        assert!(desk.files(&named(finished)) == whole[case], "{line} in {}", path.display());
        flips[case] += 1;
        fs::remove_dir_all(desk.path(&named(finished))).expect("it is there");
    }
    eprintln!("bits flipped in a run, a sweep, a part and a calibration: {flips:?}");
}

/// A finished folder with a table deleted, a digit changed or a file added; every command that reads it reports this.
#[test]
fn damage_of_a_finished_folder_is_noticed() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --out r", 0);
    desk.ends("run small.toml --quiet --no-charts --no-report --out q", 0);
    desk.ends("sweep small.toml --quiet --vary power.pue=1,1.1 --out s", 0);
    for part in [0, 1] {
        desk.ends(&format!("sweep small.toml --quiet --vary power.pue=1,1.1 --out p --shard {part}/2"), 0);
    }
    let fine = desk.ends("verify r q s p.parts/0-of-2 p.parts/1-of-2", 0);
    assert_eq!(fine.out.matches("files are as they were written").count(), 5, "{}", fine.out);
    let spoilt = |file: &str, spoil: &dyn Fn(&Path), lines: &[(&str, i32)], words: &[&str]| {
        let path = desk.path(file);
        let bytes = fs::read(&path).ok();
        spoil(&path);
        for &(line, code) in lines {
            let Said { out, err, .. } = desk.ends(line, code);
            for word in words {
                assert!(out.contains(word) || err.contains(word), "{line}: `{word}` is missing in {out}{err}");
            }
        }
        match bytes {
            Some(bytes) => fs::write(&path, bytes).expect("it can be written"),
            None => fs::remove_file(&path).expect("it is there"),
        }
    };
    let digit = |path: &Path| {
        let text = fs::read_to_string(path).expect("text");
        let place = text.rfind(|c: char| c.is_ascii_digit()).expect("a digit");
        let other = if text.as_bytes()[place] == b'1' { "2" } else { "1" };
        fs::write(path, format!("{}{other}{}", &text[..place], &text[place + 1..])).expect("it can be written");
    };
    let gone = |path: &Path| fs::remove_file(path).expect("it is there");
    let added = |path: &Path| fs::write(path, "x").expect("it can be written");
    let of_run = [
        ("verify r", 3),
        ("report r", 3),
        ("report r --markdown", 3),
        ("report q r", 3),
        ("run small.toml --quiet --out r --resume", 3),
    ];
    for file in ["days.csv", "replicas.csv", "summary.json"] {
        spoilt(&format!("r/{file}"), &digit, &of_run, &[file, "is not as it was written"]);
        spoilt(&format!("r/{file}"), &gone, &of_run, &[file, "is not there"]);
    }
    spoilt(
        "r/manifest.json",
        &|path| {
            let text = fs::read_to_string(path).expect("text").replacen("\"days.csv\": \"", "\"days.csv\": \"0", 1);
            fs::write(path, text).expect("it can be written");
        },
        &of_run,
        &["damaged", "manifest.json", "is not as it was written"],
    );
    // Files that `report` draws are not needed to draw them.
    spoilt("r/report.html", &digit, &[("verify r", 3), ("run small.toml --quiet --out r --resume", 0)], &[]);
    spoilt("r/charts/price.svg", &digit, &[("verify r", 3)], &["charts/price.svg", "is not as it was written"]);
    spoilt("r/notes.txt", &added, &[("verify r", 3)], &["notes.txt", "added"]);
    spoilt("r/notes.txt", &added, &[("report r", 0)], &[]);
    spoilt(
        "s/sweep.csv",
        &digit,
        &[("verify s", 3), ("report s", 3), ("sensitivity s", 3)],
        &["sweep.csv", "not as it was"],
    );
    spoilt(
        "p.parts/1-of-2/sweep.csv",
        &digit,
        &[("merge p", 3), ("verify p.parts/1-of-2", 3)],
        &["sweep.csv", "not as it was"],
    );
    desk.ends("verify r q s p.parts/0-of-2 p.parts/1-of-2", 0);
    desk.ends("merge p", 0);
    desk.ends("verify p", 0);
    desk.ends("verify .", 2);
    desk.ends("verify no-such", 2);
}

/// The manifest includes files drawn, ranked or forced later; charts that are not redrawn are removed.
#[test]
fn a_folder_is_whole_after_whatever_the_program_does_to_it() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --png --out r", 0);
    assert!(desk.path("r/charts/price.png").exists());
    desk.ends("report r --figure-size column", 0);
    assert!(!desk.path("r/charts/price.png").exists(), "it is of the charts before");
    desk.ends("verify r", 0);
    desk.ends("run small.toml --quiet --seed 9 --out r --force", 0);
    desk.ends("sweep small.toml --quiet --vary power.pue=1,1.1 --no-report --out s --format both", 0);
    desk.ends("sensitivity s", 0);
    desk.ends("report s", 0);
    desk.ends("verify r s", 0);
}

/// A signal that is inherited as ignored stays ignored; any other ends the run.
#[test]
#[cfg(target_os = "linux")]
fn an_ignored_signal_stays_ignored() {
    let desk = Desk::new();
    for name in ["HUP", "INT", "TERM"] {
        for ignored in [true, false] {
            let out = format!("{name}-{ignored}");
            let line = format!(
                "run small.toml --quiet --no-charts --no-report --tables days --replicas 3000 --set run.days=200 --out {out}"
            );
            let trap = if ignored { format!("trap '' {name}; ") } else { String::new() };
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{trap}exec \"$0\" {line}")]).arg(desk.command("").get_program());
            command.current_dir(desk.path("")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
            let child = command.spawn().expect("there is a shell");
            let journal = desk.path(&format!("{out}.partial/journal"));
            while fs::metadata(&journal).map_or(0, |file| file.len()) == 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
            signal(&child, name);
            let ended = child.wait_with_output().expect("it is over");
            let expected = if ignored { 0 } else { 130 };
            assert_eq!(ended.status.code(), Some(expected), "{out}: {}", String::from_utf8_lossy(&ended.stderr));
            assert_eq!(desk.path(&out).exists(), ignored);
        }
    }
}

/// A link in the result's place is written through, whether or not its target exists; an impossible target is refused at once.
#[test]
#[cfg(unix)]
fn a_result_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new();
    let line = "run small.toml --quiet --no-charts --no-report --set run.days=20";
    desk.ends(&format!("{line} --out plain"), 0);
    let plain = desk.files("plain");
    fs::create_dir_all(desk.path("scratch/empty")).expect("a folder");
    for (link, target) in [
        ("to-empty", "scratch/empty"),
        ("dangling", "scratch/new"),
        ("twice", "dangling2"),
        ("dangling2", "scratch/far/new"),
    ] {
        symlink(target, desk.path(link)).expect("a link");
    }
    for (link, target) in [("to-empty", "scratch/empty"), ("dangling", "scratch/new"), ("twice", "scratch/far/new")] {
        // Also with a slash at its end.
        desk.ends(&format!("{line} --out {link}{}", if link == "dangling" { "/" } else { "" }), 0);
        assert!(desk.files(target) == plain, "{link}");
        assert!(fs::symlink_metadata(desk.path(link)).expect("it is there").is_symlink(), "{link} is still a link");
        desk.ends(&format!("{line} --out {link}"), 2);
        desk.ends(&format!("{line} --out {link} --force --seed 5"), 0);
        assert!(desk.files(target) != plain, "{link} is replaced");
        desk.ends(&format!("report {link}"), 0);
        desk.ends(&format!("verify {link} {target}"), 0);
        assert!(fs::symlink_metadata(desk.path(link)).expect("it is there").is_symlink(), "{link} is still a link");
    }
    symlink("circle", desk.path("circle")).expect("a link");
    desk.write("file", "mine");
    symlink("file", desk.path("to-file")).expect("a link");
    // On another disk, if there is one.
    let mut refused = vec![("circle", 3), ("to-file", 2)];
    let shm = Path::new("/dev/shm");
    if shm.is_dir() && disk_of(shm) != disk_of(&desk.path("")) {
        symlink(shm, desk.path("to-disk")).expect("a link");
        refused.push(("to-disk", 2));
    }
    for (link, code) in refused {
        // The simulation would take minutes.
        let begun = Instant::now();
        desk.ends(&format!("run small.toml --quiet --replicas 1000000 --set run.days=3000 --out {link}"), code);
        assert!(begun.elapsed() < Duration::from_secs(20), "{link} was refused late");
        assert!(!desk.path(&format!("{link}.partial")).exists(), "{link}");
    }
    assert_eq!(desk.read("file"), "mine");
}

#[cfg(unix)]
fn disk_of(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).expect("it is there").dev()
}

/// Resumption depends on the resolved scenario, not on its path or comments.
#[test]
fn a_run_is_resumed_by_its_resolved_scenario() {
    let desk = Desk::new();
    fs::create_dir(desk.path("base")).expect("a folder");
    desk.write("base/parent.toml", SMALL);
    desk.write("child.toml", "extends = \"base/parent.toml\"\n[run]\ndays = 100\n");
    let flags = "--quiet --no-charts --no-report --tables days";
    let run = |scenario: &str, replicas: u32| format!("run {scenario} {flags} --replicas {replicas} --out r");
    interrupted(&desk, &run("child.toml", 8000), "r.partial");
    // Another value is another scenario; another number of replicas is another plan.
    let other = desk.read("base/parent.toml").replace("firms = 5", "firms = 6");
    desk.write("base/parent.toml", &other);
    let refused = desk.ends(&format!("{} --resume", run("child.toml", 8000)), 2);
    assert!(refused.err.contains("another run") && refused.err.contains("scenario"), "{}", refused.err);
    desk.write(
        "base/parent.toml",
        &format!("# A comment.\n{}", SMALL.replace("share = 0.3", "share  =  0.30 # a third")),
    );
    desk.write("child.toml", "# Another.\nextends = \"./base/../base/parent.toml\"\nrun.days = 100\n");
    let resumed = format!("{} --resume", run(&desk.path("child.toml").display().to_string(), 8000));
    desk.ends(&resumed, 0);
    desk.ends(&format!("run child.toml {flags} --replicas 8000 --out whole"), 0);
    assert!(desk.files("r") == desk.files("whole"), "it differs from the run that was not interrupted");
    desk.ends(&format!("{} --resume", run("base/../child.toml", 8000)), 0);

    // A sweep over variants, whose patches are not part of the scenario before it is varied.
    desk.write("small.toml", &format!("{SMALL}[variant.dear]\nclass.home.power_price_usd_per_kwh = 0.1\n"));
    let sweep = "--quiet --save-every 0 --no-charts --no-report --replicas 300 --vary variant=cheap,dear --out s";
    interrupted(&desk, &format!("sweep small.toml {sweep}"), "s.partial");
    let text = desk.read("small.toml");
    desk.write("small.toml", &text.replace("usd_per_kwh = 0.1\n", "usd_per_kwh = 0.11\n"));
    let refused = desk.ends(&format!("sweep small.toml {sweep} --resume"), 2);
    assert!(refused.err.contains("differs in scenario"), "{}", refused.err);
    desk.write("small.toml", &format!("# A comment.\n{text}"));
    desk.ends(&format!("sweep ./small.toml {sweep} --resume"), 0);
}

/// Two users' results of one scenario are equal bytes, wherever they keep it and whatever its name.
#[test]
fn no_path_of_the_machine_is_in_a_result() {
    let (one, two) = (Desk::new(), Desk::new());
    for (desk, folder) in [(&one, "a"), (&two, "work/deep")] {
        fs::create_dir_all(desk.path(&format!("{folder}/base"))).expect("a folder");
        desk.write(&format!("{folder}/base/parent.toml"), SMALL);
        desk.write(&format!("{folder}/base/price.csv"), "date,price_usd\n2025-10-01,118649\n2026-01-01,60000\n");
        desk.write(
            &format!("{folder}/child.toml"),
            "extends = \"base/parent.toml\"\n[price.csv]\nfile = \"base/price.csv\"\n[calibrate]\npopulation = 20\n\
             generations = 2\npredictive = 5\n[calibrate.prior.cost]\nscales = \"class.*.power_price_usd_per_kwh\"\n\
             uniform = { low = 0.8, high = 1.25 }\n",
        );
    }
    let second = two.path("work/deep/child.toml").display().to_string();
    for (line, out) in [
        ("run % --png --format both --write-population", "r"),
        ("sweep % --vary power.pue=1,1.1", "s"),
        ("sweep % --vary power.pue=1,1.1 --shard 0/2", "p"),
        ("calibrate % --synthetic cost=1", "c"),
    ] {
        one.ends(&format!("{} --quiet --out {out}", line.replace('%', "./a/../a/child.toml")), 0);
        two.ends(&format!("{} --quiet --out {out}", line.replace('%', &second)), 0);
        let folder = if out == "p" { "p.parts/0-of-2" } else { out };
        let (ours, theirs) = (one.files(folder), two.files(folder));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, bytes) in &theirs {
            assert!(ours[name] == *bytes, "{line}: {} differs", name.display());
            for path in [two.path(""), PathBuf::from("work/deep")] {
                let path = path.display().to_string();
                let holds = bytes.windows(path.len()).any(|part| part == path.as_bytes());
                assert!(!holds, "{line}: {path} is in {}", name.display());
            }
        }
    }
}

/// Drawing a million firms is interrupted within a second.
#[test]
#[cfg(target_os = "linux")]
fn drawing_a_million_firms_is_interrupted_within_a_second() {
    let desk = Desk::new();
    for (number, wait) in [100, 700, 1500].into_iter().enumerate() {
        let line = format!("run small.toml --set class.home.firms=990000 --out far{number}");
        let mut child = start(&desk, &line);
        // The handler is set when the system reports that the signal is caught.
        let status = format!("/proc/{}/status", child.id());
        let caught = || {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let mask =
                text.lines().find_map(|line| line.strip_prefix("SigCgt:")?.trim().get(8..).map(ToOwned::to_owned));
            mask.and_then(|mask| u64::from_str_radix(&mask, 16).ok()).unwrap_or(0) >> 1 & 1 == 1
        };
        while !caught() {
            assert!(child.try_wait().expect("it can be asked").is_none(), "it is over too early");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(wait));
        let asked = Instant::now();
        signal(&child, "INT");
        let output = child.wait_with_output().expect("it is over");
        let took = asked.elapsed();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "after {wait} ms: {err}");
        eprintln!("asked after {wait} ms, it took {took:?}");
        assert!(took < Duration::from_secs(1), "asked after {wait} ms, it took {took:?}");
    }
}

/// Runs a shell command in a folder of a desk, where `shakeout` is the program.
fn in_shell(desk: &Desk, folder: &str, line: &str) -> Said {
    let program = PathBuf::from(desk.command("").get_program());
    let path = format!(
        "{}:{}",
        program.parent().expect("it lies in a folder").display(),
        std::env::var("PATH").expect("there is one")
    );
    said(Command::new("sh").args(["-c", line]).env("PATH", path).current_dir(desk.path(folder)).stdin(Stdio::null()))
}
