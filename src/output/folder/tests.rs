#![expect(clippy::disallowed_methods, reason = "marks are made by the clock")]

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, Ordering},
};

use super::*;
use crate::{
    output::{
        csv::{Recorder, Recording},
        manifest::Manifest,
        table::{Table, Tables},
    },
    simulation::{
        metrics::Metrics,
        record::{DayRecord, EpochRecord, EventRecord, Observer},
    },
    study::{Ensemble, EnsembleError, ReplicaError, run_ensemble},
    units::{Hashrate, Seconds, UnixTime},
};

const REPLICAS: u64 = 6;
const SCENARIO: &str = "days = 3\n";

/// A history that depends on its number alone, of uneven length.
fn history(replica: u64) -> Result<Rows, ReplicaError> {
    let mut recorder = Recorder::new(&Recording::new(UnixTime::new(1_537_401_600), tables()), replica);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    for n in 0..=(replica * 7 % 5) {
        let (x, time) = ((replica * 10 + n) as f64, Seconds::new(n as f64 * 86_400.0));
        recorder.on_event(&EventRecord {
            time,
            kind: "shutdown",
            firm: "a, b",
            hashrate: Hashrate::from_th(x),
            amount_usd: x,
            amount_btc: 0.0,
        });
        recorder.on_day(&DayRecord { time, price_usd: x.sqrt(), ..DayRecord::default() });
        recorder.on_epoch(&EpochRecord { epoch: n, active_share: x / 3.0, ..EpochRecord::default() });
    }
    recorder.on_metrics(&Metrics { days_to_trough: 1.5, ..Metrics::default() });
    recorder.finish().map_err(ReplicaError::failed)
}

fn tables() -> Tables {
    Tables::of(&[Table::Days, Table::Epochs, Table::Events])
}

fn plan() -> Plan {
    Plan::new(SCENARIO, 42, REPLICAS)
}

fn manifest(plan: &Plan) -> Manifest {
    Manifest::new(plan, SCENARIO)
}

fn try_open(target: &Path, plan: &Plan, mode: Mode) -> Result<Opened, FolderError> {
    PartialFolder::open(target, plan, mode, &TableFile::of(tables()))
}

fn open(target: &Path, mode: Mode) -> Box<PartialFolder> {
    match try_open(target, &plan(), mode) {
        Ok(Opened::Partial(mut folder)) => {
            folder.mark_every(Duration::ZERO);
            folder
        }
        other => panic!("{other:?}"),
    }
}

fn fill(folder: &mut PartialFolder, until: u64, threads: usize) {
    let threads = NonZeroUsize::new(threads).expect("at least one");
    let ensemble = Ensemble { replicas: folder.next()..until, seed: 42, threads };
    run_ensemble(&ensemble, |replica, _| history(replica), folder, &AtomicBool::new(false), &mut |_| ())
        .expect("no replica fails");
}

/// Every file under a folder, by its path in it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for path in crate::output::disk::entries(folder).expect("it can be listed") {
        if path.is_dir() {
            files.extend(
                contents(&path)
                    .into_iter()
                    .map(|(name, bytes)| (Path::new(path.file_name().expect("a name")).join(name), bytes)),
            );
        } else {
            files.insert(path.file_name().expect("a name").into(), fs::read(&path).expect("it can be read"));
        }
    }
    files
}

/// What a kill leaves behind: all files as they are now, and a lock of a process that has ended.
fn restore(image: &BTreeMap<PathBuf, Vec<u8>>, target: &Path) -> PathBuf {
    let partial = with_ending(target, ".partial");
    for (name, bytes) in image {
        let path = partial.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        let bytes = if name.ends_with("lock") { b"" } else { bytes.as_slice() };
        fs::write(path, bytes).expect("it can be written");
    }
    partial
}

fn undisturbed(home: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let target = home.join("undisturbed");
    let mut folder = open(&target, Mode::New);
    fill(&mut folder, REPLICAS, 1);
    folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
    assert!(!with_ending(&target, ".partial").exists(), "nothing is left behind");
    contents(&target)
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn threads_do_not_show() {
    let home = home();
    let expected = undisturbed(home.path());
    let names: Vec<_> = expected.keys().map(|name| name.display().to_string()).collect();
    assert_eq!(names, ["columns.json", "days.csv", "epochs.csv", "events.csv", "manifest.json", "replicas.csv"]);
    let days = String::from_utf8(expected[Path::new("days.csv")].clone()).expect("text");
    assert_eq!(days.lines().count(), 1 + (1 + 3 + 5 + 2 + 4 + 1), "a header and each replica's days");
    for threads in [2, 3, 8] {
        let target = home.path().join(threads.to_string());
        let mut folder = open(&target, Mode::New);
        fill(&mut folder, REPLICAS, threads);
        folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
        assert_eq!(contents(&target), expected, "{threads} threads");
    }
}

/// What a crash may do to the files of a partial folder.
type Damage = fn(&Path);

const DAMAGES: &[(&str, Damage)] = &[
    ("none", |_| ()),
    ("rows after the last mark", |partial| {
        for table in tables().iter() {
            append(&partial.join(format!("result/{}.csv", table.name())), b"3,2018-09-20T00:0");
        }
    }),
    ("half a mark", |partial| append(&partial.join("journal"), b"7 100 20")),
    ("garbage in the journal", |partial| append(&partial.join("journal"), &[0; 4096])),
    ("a cut journal", |partial| cut(&partial.join("journal"), 9)),
    ("no journal", |partial| cut(&partial.join("journal"), u64::MAX)),
    ("a table shorter than its mark", |partial| cut(&partial.join("result/days.csv"), 70)),
    ("a table gone", |partial| fs::remove_file(partial.join("result/epochs.csv")).expect("it was there")),
    ("a bit flipped early in a table", |partial| flip(&partial.join("result/days.csv"), 0.1)),
    ("a bit flipped late in a table", |partial| flip(&partial.join("result/epochs.csv"), 0.9)),
    ("a bit flipped in the journal", |partial| flip(&partial.join("journal"), 0.5)),
    ("charts begun", |partial| {
        fs::create_dir_all(partial.join("result/charts")).expect("it can be made");
        fs::write(partial.join("result/charts/old.svg"), "<svg").expect("it can be written");
    }),
    ("a finish cut short", |partial| {
        fs::write(partial.join("result/manifest.json"), "{}").expect("it can be written");
        fs::rename(partial.join("result/days.csv"), partial.join("days.csv")).expect("it can be moved");
    }),
];

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(bytes)).expect("it can be written");
}

/// Flips a bit at this share of a file's length.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small file"
)]
fn flip(path: &Path, share: f64) {
    let mut bytes = fs::read(path).expect("it is there");
    let place = (bytes.len() as f64 * share) as usize;
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1;
    }
    fs::write(path, bytes).expect("it can be written");
}

fn cut(path: &Path, bytes: u64) {
    let file = OpenOptions::new().write(true).open(path).expect("it is there");
    let length = file.metadata().expect("it is there").len();
    file.set_len(length.saturating_sub(bytes)).expect("it can be cut");
}

#[test]
fn a_killed_run_is_completed_to_the_same_bytes() {
    let home = home();
    let expected = undisturbed(home.path());
    let mut original = open(&home.path().join("original"), Mode::New);
    for done in 0..=REPLICAS {
        fill(&mut original, done, 2);
        let image = contents(original.partial());
        for (name, damage) in DAMAGES {
            let target = home.path().join(format!("{done} {name}"));
            let partial = restore(&image, &target);
            damage(&partial);
            let mut folder = open(&target, Mode::Resume);
            // Its own marks are not what is looked at, and each costs time.
            folder.mark_every(Duration::from_hours(1));
            assert!(folder.next() <= done, "{name}");
            if ["none", "rows after the last mark", "half a mark", "charts begun", "a finish cut short"].contains(name)
            {
                assert_eq!(folder.next(), done, "{name}: no finished replica is run again");
            }
            fill(&mut folder, REPLICAS, 2);
            folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
            assert_eq!(contents(&target), expected, "killed after {done} replicas, {name}");
        }
    }
}

#[test]
fn what_was_accepted_since_the_last_mark_is_kept_by_an_orderly_stop() {
    let home = home();
    let target = home.path().join("out");
    let mut folder = open(&target, Mode::Resume);
    folder.mark_every(Duration::from_hours(1));
    let stop = AtomicBool::new(false);
    let ensemble = Ensemble { replicas: 0..REPLICAS, seed: 42, threads: NonZeroUsize::MIN };
    let run_one = |replica, _: &AtomicBool| if replica == 4 { Err(ReplicaError::Stopped) } else { history(replica) };
    let outcome = run_ensemble(&ensemble, run_one, &mut *folder, &stop, &mut |replica| {
        stop.store(replica == 3, Ordering::Relaxed);
    });
    assert!(matches!(outcome, Err(EnsembleError::Interrupted { next: 4 })), "{outcome:?}");
    drop(folder);
    assert!(!target.exists());

    let mut folder = open(&target, Mode::Resume);
    assert_eq!(folder.next(), 4);
    fill(&mut folder, REPLICAS, 3);
    folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
    assert_eq!(contents(&target), undisturbed(home.path()));
    assert!(matches!(try_open(&target, &plan(), Mode::Resume), Ok(Opened::Finished)));
}

#[test]
fn a_finished_folder_is_kept_unless_forced() {
    let home = home();
    let target = home.path().join("undisturbed");
    let expected = undisturbed(home.path());
    let other = Plan { seed: 43, ..plan() };
    let error = try_open(&target, &plan(), Mode::New).expect_err("it is there").to_string();
    assert!(
        error.ends_with("undisturbed is there already; --force replaces it, --out DIR writes elsewhere"),
        "{error}"
    );
    let error = try_open(&target, &other, Mode::Resume).expect_err("it is another").to_string();
    assert!(error.contains("which differs in seed (43, not 42); --force starts over"), "{error}");

    // Forced, interrupted, resumed: the old one stays until the new one is whole.
    let Ok(Opened::Partial(mut folder)) = try_open(&target, &other, Mode::Replace) else { panic!("it is forced") };
    fill(&mut folder, 3, 1);
    drop(folder);
    assert_eq!(contents(&target), expected);
    let Ok(Opened::Partial(mut folder)) = try_open(&target, &other, Mode::Resume) else { panic!("it was begun") };
    assert_eq!(folder.next(), 3);
    fill(&mut folder, REPLICAS, 1);
    folder.finish(manifest(&other), true, &[]).expect("it is finished");
    assert_eq!(finished_plan(&target).expect("it has one"), other);
    assert!(!with_ending(&target, ".partial").exists());
}

/// Killed when the result has its name and the partial folder is nearly gone.
#[test]
fn what_a_finished_run_left_behind_is_cleared_away() {
    let home = home();
    let target = home.path().join("undisturbed");
    let expected = undisturbed(home.path());
    let partial = with_ending(&target, ".partial");
    for left in [&[][..], &["lock"], &["lock", "someone's notes"]] {
        fs::create_dir(&partial).expect("it can be made");
        for name in left {
            fs::write(partial.join(name), b"").expect("it can be written");
        }
        let opened = try_open(&target, &plan(), Mode::Resume).expect("it is finished");
        assert!(matches!(opened, Opened::Finished));
        assert_eq!(partial.exists(), left.len() > 1, "{left:?}");
        assert_eq!(contents(&target), expected);
        let _ = fs::remove_dir_all(&partial);
    }
}

#[test]
fn an_unfinished_folder_is_kept_unless_resumed_or_forced() {
    let home = home();
    let target = home.path().join("out");
    let mut folder = open(&target, Mode::New);
    fill(&mut folder, 2, 1);
    drop(folder);
    let error = try_open(&target, &plan(), Mode::New).expect_err("it is unfinished").to_string();
    assert!(error.ends_with("out.partial; --resume completes it, --force starts over"), "{error}");
    let other = Plan { version: "9.9.9".to_owned(), ..plan() };
    let error = try_open(&target, &other, Mode::Resume).expect_err("it is another").to_string();
    assert!(error.contains("is of another run") && error.contains("version (9.9.9, not 0.1.0)"), "{error}");
    assert_eq!(open(&target, Mode::Resume).next(), 2, "the refused have changed nothing");
    fs::write(with_ending(&target, ".partial").join("plan.json"), "{").expect("it can be written");
    let error = try_open(&target, &plan(), Mode::Resume).expect_err("its plan is spoilt").to_string();
    assert!(error.contains("plan.json is damaged"), "{error}");
    assert_eq!(open(&target, Mode::Replace).next(), 0);
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let home = home();
    for name in ["thesis", "thesis2.partial"] {
        fs::create_dir(home.path().join(name)).expect("it can be made");
        fs::write(home.path().join(name).join("chapter-1.tex"), "years of work").expect("it can be written");
        // Names that we use too.
        fs::write(home.path().join(name).join("manifest.json"), r#"{"program": "web"}"#).expect("it can be written");
        fs::write(home.path().join(name).join("plan.json"), r#"{"chapters": 9}"#).expect("it can be written");
    }
    for mode in [Mode::New, Mode::Replace, Mode::Resume] {
        for name in ["thesis", "thesis2"] {
            let error = try_open(&home.path().join(name), &plan(), mode).expect_err("it is not ours");
            assert!(
                matches!(error, FolderError::NotAResult { .. } | FolderError::Damaged { .. }) && !error.is_disk(),
                "{mode:?}: {error}"
            );
        }
    }
    assert_eq!(contents(home.path()).len(), 6, "and nothing is added");
    let error = try_open(Path::new("/"), &plan(), Mode::New).expect_err("it has no name");
    assert!(matches!(error, FolderError::BadName { .. }), "{error}");
}

#[test]
fn two_processes_do_not_write_one_folder() {
    let home = home();
    let target = home.path().join("out");
    let folder = open(&target, Mode::New);
    for mode in [Mode::New, Mode::Resume, Mode::Replace] {
        let error = try_open(&target, &plan(), mode).expect_err("it is being written");
        assert!(matches!(error, FolderError::Locked(_)) && !error.is_disk(), "{error}");
    }
    drop(folder);
    assert_eq!(open(&target, Mode::Resume).next(), 0);
}

#[test]
fn without_csv_the_tables_are_left_out() {
    let home = home();
    let target = home.path().join("out");
    let mut folder = open(&target, Mode::New);
    fill(&mut folder, REPLICAS, 1);
    fs::write(folder.result().join("summary.json"), "{}").expect("it can be written");
    folder.finish(manifest(&plan()), false, &[]).expect("it is finished");
    let names: Vec<_> = contents(&target).into_keys().collect();
    assert_eq!(names, ["columns.json", "manifest.json", "summary.json"].map(PathBuf::from));
    assert!(!with_ending(&target, ".partial").exists());
}

#[test]
fn what_a_kill_after_the_rename_leaves_is_swept() {
    let home = home();
    let target = home.path().join("undisturbed");
    let mut folder = open(&home.path().join("other"), Mode::New);
    fill(&mut folder, 2, 1);
    let image = contents(folder.partial()).into_iter().filter(|(name, _)| !name.starts_with("result")).collect();
    undisturbed(home.path());
    let partial = restore(&image, &target);
    assert!(matches!(try_open(&target, &plan(), Mode::Resume), Ok(Opened::Finished)));
    assert!(!partial.exists());
}

#[test]
fn a_full_disk_names_the_file_and_what_to_do() {
    let home = home();
    let target = home.path().join("out");
    let mut folder = open(&target, Mode::New);
    fill(&mut folder, 2, 1);
    // The one device that is always full.
    let full = OpenOptions::new().write(true).open("/dev/full").expect("every Linux has it");
    let whole = std::mem::replace(&mut folder.tables[1].file, full);
    let rows = history(2).expect("it does not fail");
    let error = folder.accept(2, rows).expect_err("the disk is full").to_string();
    assert!(
        error.contains("days.csv: No space left") && error.contains("free some space, then go on with --resume"),
        "{error}"
    );
    folder.tables[1].file = whole;
    drop(folder);
    let mut folder = open(&target, Mode::Resume);
    assert_eq!(folder.next(), 2, "the replica half written is run again");
    fill(&mut folder, REPLICAS, 2);
    folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
    assert_eq!(contents(&target), undisturbed(home.path()));
}

#[test]
fn a_folder_that_cannot_be_made_is_the_disks_fault() {
    let home = home();
    fs::write(home.path().join("file"), "").expect("it can be written");
    let error = try_open(&home.path().join("file/out"), &plan(), Mode::New).expect_err("a file is no folder");
    assert!(error.is_disk() && error.to_string().contains("a part of the path is a file"), "{error}");
}

/// The names by which the test below finds the one after it, in a process of its own.
const WRITER: &str = "output::folder::tests::writes_a_folder_to_be_killed";
const WRITER_TARGET: &str = "SHAKEOUT_TEST_WRITER_TARGET";

#[test]
#[cfg(target_os = "linux")]
fn a_process_killed_at_any_moment_loses_nothing() {
    let home = home();
    let expected = undisturbed(home.path());
    let (mut kills, mut finished) = (0_u64, 0);
    while kills < 30 {
        let target = home.path().join(finished.to_string());
        let mut writer = std::process::Command::new(std::env::current_exe().expect("this program has a file"))
            .args(["--exact", WRITER, "--ignored", "--quiet"])
            .env(WRITER_TARGET, &target)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("this program can be started");
        // Scattered over a writer's life of some 60 ms, without luck.
        std::thread::sleep(Duration::from_millis(kills * 37 % 71));
        let had_ended = writer.try_wait().expect("it is ours").is_some();
        writer.kill().expect("it can be killed");
        let status = writer.wait().expect("it is ours");
        if had_ended {
            assert!(status.success(), "the writer fails by itself");
        }
        kills += 1;
        if target.exists() {
            assert_eq!(contents(&target), expected, "after {kills} kills");
            finished += 1;
        }
    }
    let target = home.path().join(finished.to_string());
    let mut folder = open(&target, Mode::Resume);
    fill(&mut folder, REPLICAS, 2);
    folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
    assert_eq!(contents(&target), expected);
}

#[test]
#[ignore = "run by the test above, as a process of its own"]
fn writes_a_folder_to_be_killed() {
    let target = std::env::var_os(WRITER_TARGET).expect("the test above says where to write");
    let mut folder = open(Path::new(&target), Mode::Resume);
    let ensemble =
        Ensemble { replicas: folder.next()..REPLICAS, seed: 42, threads: NonZeroUsize::new(2).expect("two") };
    let slowly = |replica, _: &AtomicBool| {
        std::thread::sleep(Duration::from_millis(10));
        history(replica)
    };
    run_ensemble(&ensemble, slowly, &mut *folder, &AtomicBool::new(false), &mut |_| ()).expect("no replica fails");
    folder.finish(manifest(&plan()), true, &[]).expect("it is finished");
}
