#![expect(clippy::disallowed_methods, reason = "slow items, and how long they take, are what is tested")]

use std::{
    convert::Infallible,
    fmt::Write as _,
    sync::atomic::{AtomicU64, AtomicUsize},
    thread::sleep,
    time::Instant,
};

use super::*;
use crate::study::sink::message_of;
use std::panic::catch_unwind;

/// Stores the outputs as one text, as a file would.
#[derive(Default)]
struct Text(String);

impl Sink for Text {
    type Output = String;
    type Error = Infallible;
    fn accept(&mut self, item: u64, output: String) -> Result<(), Infallible> {
        writeln!(self.0, "{item}:{output}").expect("writing to a string cannot fail");
        Ok(())
    }
}

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("tests ask for at least one thread")
}

/// A deterministic pseudo-random duration per item, so that run times differ.
fn jitter(item: u64) -> Duration {
    Duration::from_micros(item.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 53)
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_run_times() {
    let lines: Vec<_> = (5..200).map(|item| format!("{item}:history {}", item * item)).collect();
    let expected = lines.join("\n") + "\n";
    for n in [1, 2, 3, 8] {
        let mut sink = Text::default();
        let mut seen = Vec::new();
        let report = run_queue(
            5..200,
            threads(n),
            |item, _| {
                sleep(jitter(item));
                Ok(format!("history {}", item * item))
            },
            &mut sink,
            &AtomicBool::new(false),
            &mut |item| seen.push(item),
        )
        .expect("no item fails");
        assert_eq!(sink.0, expected, "{n} threads");
        assert_eq!(seen, (5..200).collect::<Vec<_>>());
        assert_eq!(report.written, 195);
    }
}

#[test]
fn all_threads_work_in_parallel() {
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    run_queue(
        0..12,
        threads(3),
        |_, _| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(20));
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(String::new())
        },
        &mut Text::default(),
        &AtomicBool::new(false),
        &mut |_| (),
    )
    .expect("no item fails");
    assert_eq!(most.into_inner(), 3);
}

#[test]
fn outputs_that_wait_for_a_slow_item_are_bounded() {
    let furthest = AtomicU64::new(0);
    let report = run_queue(
        0..1_000,
        threads(3),
        |item, _| {
            if item == 10 {
                sleep(Duration::from_millis(200));
                assert!(furthest.load(Ordering::SeqCst) < 10 + 12, "a window of 12 items was started past");
            }
            furthest.fetch_max(item, Ordering::SeqCst);
            Ok(String::new())
        },
        &mut Text::default(),
        &AtomicBool::new(false),
        &mut |_| (),
    )
    .expect("no item fails");
    // Item 10 is slow enough for the other two threads to fill the window behind it.
    assert!((10..=12).contains(&report.most_waiting), "{} outputs waited", report.most_waiting);
}

#[test]
fn the_lowest_failed_item_is_named_and_earlier_outputs_are_kept() {
    for n in [1, 2, 8] {
        let mut sink = Text::default();
        let outcome = run_queue(
            0..100,
            threads(n),
            |item, _| match item {
                // The later item fails first.
                20 => {
                    sleep(Duration::from_millis(50));
                    Err(ReplicaError::failed("early"))
                }
                21 => panic!("late"),
                _ => Ok(String::new()),
            },
            &mut sink,
            &AtomicBool::new(false),
            &mut |_| (),
        );
        assert!(matches!(outcome, Err(QueueError::Lost { item: 20, .. })), "{n} threads: {outcome:?}");
        assert_eq!(sink.0.lines().count(), 20);
    }
}

/// A sink that continues when an item is lost, and records the loss in order.
#[derive(Default)]
struct Patient(String);

impl Sink for Patient {
    type Output = String;
    type Error = Infallible;
    fn accept(&mut self, item: u64, output: String) -> Result<(), Infallible> {
        write!(self.0, "{item}{output} ").expect("writing to a string cannot fail");
        Ok(())
    }
    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, Infallible> {
        write!(self.0, "({item}: {lost}) ").expect("writing to a string cannot fail");
        Ok(None)
    }
}

/// For a sink that continues, an item that fails and one that panics lose no other item, for any number of threads.
#[test]
fn other_items_are_run_if_the_sink_continues_after_a_failure() {
    for n in [1, 2, 8] {
        let mut sink = Patient::default();
        let report = run_queue(
            0..6,
            threads(n),
            |item, _| match item {
                1 => Err(ReplicaError::failed("no price")),
                4 => panic!("no site"),
                _ => Ok("!".to_owned()),
            },
            &mut sink,
            &AtomicBool::new(false),
            &mut |_| (),
        );
        assert!(matches!(report, Ok(QueueReport { written: 6, .. })), "{report:?}");
        assert_eq!(sink.0, "0! (1: no price) 2! 3! (4: panicked: no site) 5! ");
    }
}

#[test]
fn the_message_of_a_panic_is_reported() {
    let outcome = run_queue(
        0..3,
        threads(2),
        |item, _| if item == 1 { panic!("lot {item} has no site") } else { Ok(String::new()) },
        &mut Text::default(),
        &AtomicBool::new(false),
        &mut |_| (),
    );
    assert!(
        matches!(&outcome, Err(QueueError::Lost { item: 1, lost }) if lost.is_bug && lost.reason == "panicked: lot 1 has no site"),
        "{outcome:?}"
    );
}

#[test]
fn the_stop_flag_ends_long_items_within_a_second() {
    let stop = AtomicBool::new(false);
    let mut sink = Text::default();
    let begun = Instant::now();
    let outcome = run_queue(
        0..1_000,
        threads(2),
        |item, stop| {
            for _ in 0..if item < 5 { 0 } else { 3_000 } {
                if stop.load(Ordering::Relaxed) {
                    return Err(ReplicaError::Stopped);
                }
                sleep(Duration::from_millis(10));
            }
            Ok(String::new())
        },
        &mut sink,
        &stop,
        &mut |item| stop.store(item == 4, Ordering::Relaxed),
    );
    assert!(matches!(outcome, Err(QueueError::Interrupted { next: 5 })), "{outcome:?}");
    assert_eq!(sink.0.lines().count(), 5);
    assert!(begun.elapsed() < Duration::from_secs(1), "it took {:?}", begun.elapsed());
}

#[test]
fn a_stop_before_the_start_runs_nothing() {
    let outcome = run_queue(
        3..9,
        threads(2),
        |_, _| panic!("it was not to be started"),
        &mut Text::default(),
        &AtomicBool::new(true),
        &mut |_| (),
    );
    assert!(matches!(outcome, Err(QueueError::Interrupted { next: 3 })), "{outcome:?}");
}

#[test]
fn an_empty_range_of_items_succeeds() {
    let outcome = run_queue(
        4..4,
        threads(2),
        |_, _| panic!("there is nothing to run"),
        &mut Text::default(),
        &AtomicBool::new(false),
        &mut |_| (),
    );
    assert!(matches!(outcome, Ok(QueueReport { written: 0, most_waiting: 0 })), "{outcome:?}");
}

#[test]
fn a_panicking_sink_does_not_hang_the_workers() {
    struct Broken;
    impl Sink for Broken {
        type Output = String;
        type Error = Infallible;
        fn accept(&mut self, _: u64, _: String) -> Result<(), Infallible> {
            panic!("broken")
        }
    }
    let outcome = catch_unwind(|| {
        let _ =
            run_queue(0..100, threads(2), |_, _| Ok(String::new()), &mut Broken, &AtomicBool::new(false), &mut |_| ());
    });
    assert_eq!(message_of(outcome.expect_err("the sink panics").as_ref()), "broken");
}
