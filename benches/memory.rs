//! Memory per miner: `cargo bench --bench memory`. A counting allocator, beside the bytes of the columns themselves.

#![expect(unsafe_code, reason = "an allocator is unsafe by its nature; this one only counts")]
#![expect(clippy::cast_precision_loss, reason = "a benchmark: small numbers, told to a reader")]

#[expect(dead_code, reason = "another benchmark uses the rest")]
mod core;

use core::{miners, scenario};
use shakeout::{
    output::{
        csv::{Recorder, Recording},
        table::Tables,
    },
    simulation::Engine,
    world::lots::Lots,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const N: usize = 100_000;

/// Bytes of the columns of a one-lot firm that are the same in every history: its lot; name, region and 15 numbers of the firm;
/// threshold and neighbours in three orders. (The text of the name is not counted.)
const SHARED: usize = Lots::BYTES_PER_LOT + 2 * size_of::<String>() + 4 + 4 + 13 * 8 + 3 * (8 + 4 + 4);
/// And those that each history has: state, due, idle since, crossings; eleven numbers of the account and its standing; the calendar.
const OWN: usize = (1 + 8 + 8 + 4) + (11 * 8 + 1) + 4;

fn line(what: &str, bytes: usize, columns: usize) {
    let per_miner = bytes as f64 / N as f64;
    println!(
        "{what:<46} {per_miner:>7.1} bytes a miner, {columns:>3} of columns, ratio {:.2}",
        per_miner / columns as f64
    );
}

fn main() {
    let scenario = scenario(&miners(N), 60, 30);
    let recording = Recording { event_replicas: 0, ..Recording::new(scenario.run.start, Tables::all()) };
    let before = LIVE.load(Relaxed);
    let engine = Engine::new(&scenario, false).expect("an engine");
    let shared = LIVE.load(Relaxed) - before;
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let mut recorder = Recorder::new(&recording, 0);
    let mut simulation = engine.begin(0).expect("miners");
    while !simulation.is_over() {
        simulation.step(&mut recorder);
    }
    let own = LIVE.load(Relaxed) - before - shared;
    let peak = PEAK.load(Relaxed) - before - shared;
    line("miners, once for all histories", shared, SHARED);
    line("a history after 60 days", own, OWN);
    line("  at its peak, rows not yet written included", peak, OWN);
    line("both, one history", shared + own, SHARED + OWN);
    println!("the plain loop's columns: {} bytes a miner", 8 * size_of::<f64>());
}
