//! Work that a history may take, counted instead of timed, so that it can be tested on any machine: allocations of memory in the frozen speed workloads.
//! A loop that begins to allocate for each firm, lot or day shows here.

#![expect(unsafe_code, reason = "an allocator is unsafe by its nature; this one only counts")]

use shakeout::{
    scenario::load,
    simulation::{Engine, record::Observer},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    path::Path,
};

thread_local! {
    // Other tests run in other threads at the same time.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Deaf;

impl Observer for Deaf {}

/// Allocations of a history of a workload: to make it, and to run it.
fn allocations(workload: &str) -> (u64, u64) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{workload}.toml"));
    let scenario = load(&file, &[], None).expect("the workload is sound").scenario;
    let engine = Engine::new(&scenario, false).expect("the miners can start");
    let before = ALLOCATIONS.get();
    let mut simulation = engine.begin(0).expect("a history");
    let begun = ALLOCATIONS.get();
    while !simulation.is_over() {
        simulation.step(&mut Deaf);
    }
    (begun - before, ALLOCATIONS.get() - begun)
}

/// Each bound is a quarter above the count at the time when it was set. When a count falls, its bound follows. A history with price impact begins
/// with the history of its pair, whose allocations count as those to begin.
#[test]
fn histories_allocate_no_more_than_they_did() {
    for (workload, to_begin, to_run) in [
        ("downturn-simple", 2_700, 1_800),
        ("economy", 5_900, 4_700),
        ("everything", 73_500, 66_600),
        ("last-halvings", 2_700, 94_000),
        ("new-generation", 2_700, 49_000),
    ] {
        let found = allocations(workload);
        println!("{workload}: {found:?} allocations to begin and to run");
        assert!(found.0 <= to_begin && found.1 <= to_run, "{workload}: {found:?} allocations to begin and to run");
    }
}
