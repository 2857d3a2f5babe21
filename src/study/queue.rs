//! A queue of numbered items that all threads process, and whose outputs are written in order.
//!
//! Items are started in order, so the item that the writer waits for is always running. A thread does not start an item that lies
//! beyond a window after it. The number of outputs that wait is therefore bounded, even if run times differ widely.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::Range,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{Lost, ReplicaError, Sink, guarded};

/// Number of items per thread that may be running or waiting to be written. It is large enough that threads seldom wait for a
/// slow item, and small enough that waiting outputs take little memory.
pub const WINDOW_PER_THREAD: usize = 4;

/// Interval at which the stop flag is checked while no item finishes.
const STOP_POLL: Duration = Duration::from_millis(50);

/// Statistics of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueReport {
    /// Number of items passed to the sink, including those that could not be run.
    pub written: u64,
    /// Largest number of outputs that waited at one time, at most `WINDOW_PER_THREAD` per thread.
    pub most_waiting: usize,
}

/// The reason why a queue ended early. The sink has received every item before the one at which the queue stopped.
#[derive(Debug)]
pub enum QueueError<E> {
    /// An item could not be run, and the sink does not continue without it. It is the lowest such item.
    Lost {
        /// Number of the item.
        item: u64,
        /// The reason.
        lost: Lost,
    },
    /// The sink refused an output.
    Sink(E),
    /// The stop flag was set.
    Interrupted {
        /// The first item not written.
        next: u64,
    },
    /// The threads could not be started.
    Threads(rayon::ThreadPoolBuildError),
}

/// Runs every item on this number of threads, and passes the outputs to `sink` in order, on the calling thread.
///
/// `run_one` receives the stop flag, so that a long item can end early with [`ReplicaError::Stopped`]. `progress` is called for
/// each item written. If an item fails or panics, the sink is informed in its turn; if the sink does not continue without it, no
/// new item is started and the queue ends.
///
/// # Errors
/// When the sink refuses an output or does not continue without an item, the stop flag is set before the end, or threads cannot
/// be started.
pub fn run_queue<S, F>(
    items: Range<u64>,
    threads: NonZeroUsize,
    run_one: F,
    sink: &mut S,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<QueueReport, QueueError<S::Error>>
where
    S: Sink,
    F: Fn(u64, &AtomicBool) -> Result<S::Output, ReplicaError> + Sync,
{
    // More threads than items would be idle.
    let most = usize::try_from(items.end.saturating_sub(items.start)).unwrap_or(usize::MAX);
    let threads = NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN).min(threads);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|thread| format!("replicas-{thread}"))
        .build()
        .map_err(QueueError::Threads)?;
    let shared = Shared {
        items: items.clone(),
        window: (threads.get() * WINDOW_PER_THREAD) as u64,
        stop,
        state: Mutex::new(State {
            next_to_start: items.start,
            frontier: items.start,
            running: 0,
            halted: false,
            most_waiting: 0,
            waiting: BTreeMap::new(),
        }),
        changed: Condvar::new(),
    };
    pool.in_place_scope(|scope| {
        // Broadcast jobs are never stolen, unlike spawned ones. Otherwise an item that uses the pool itself could wait for a
        // second worker loop above it on its own stack.
        scope.spawn_broadcast(|_, _| shared.work(&run_one));
        // If the sink panics, the workers must not wait for a frontier that no longer moves.
        let _halt = HaltOnDrop(&shared);
        shared.write(sink, progress)
    })
}

/// The state shared by workers and writer.
struct Shared<'a, O> {
    items: Range<u64>,
    window: u64,
    stop: &'a AtomicBool,
    state: Mutex<State<O>>,
    changed: Condvar,
}

struct State<O> {
    /// The next item that a worker takes.
    next_to_start: u64,
    /// The next item to be written.
    frontier: u64,
    /// Number of items that are running.
    running: usize,
    /// Whether new items may no longer be started.
    halted: bool,
    most_waiting: usize,
    /// Finished items that are not yet written: the reorder buffer.
    waiting: BTreeMap<u64, Result<O, ReplicaError>>,
}

impl<O: Send> Shared<'_, O> {
    /// No code that holds this lock can panic, but a poisoned lock must not hide the first panic either.
    fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, run_one: &(impl Fn(u64, &AtomicBool) -> Result<O, ReplicaError> + Sync)) {
        while let Some(item) = self.take() {
            let result = guarded(|| run_one(item, self.stop));
            let mut state = self.lock();
            state.running -= 1;
            state.halted |= matches!(result, Err(ReplicaError::Stopped));
            state.waiting.insert(item, result);
            state.most_waiting = state.most_waiting.max(state.waiting.len());
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next item, when it is within the window; `None` if no more items are to be started.
    fn take(&self) -> Option<u64> {
        let mut state = self.lock();
        loop {
            let item = state.next_to_start;
            if state.halted || self.stop.load(Ordering::Relaxed) || item >= self.items.end {
                return None;
            }
            if item < state.frontier + self.window {
                state.next_to_start += 1;
                state.running += 1;
                return Some(item);
            }
            state = self.wait(state);
        }
    }

    fn write<S: Sink<Output = O>>(
        &self,
        sink: &mut S,
        progress: &mut dyn FnMut(u64),
    ) -> Result<QueueReport, QueueError<S::Error>> {
        for item in self.items.clone() {
            match self.await_item(item) {
                Some(Ok(output)) => sink.accept(item, output).map_err(QueueError::Sink)?,
                Some(Err(ReplicaError::Lost(lost))) => {
                    if let Some(lost) = sink.lose(item, lost).map_err(QueueError::Sink)? {
                        return Err(QueueError::Lost { item, lost });
                    }
                }
                Some(Err(ReplicaError::Stopped)) | None => return Err(QueueError::Interrupted { next: item }),
            }
            self.lock().frontier = item + 1;
            self.changed.notify_all();
            progress(item);
        }
        let state = self.lock();
        Ok(QueueReport { written: self.items.end.saturating_sub(self.items.start), most_waiting: state.most_waiting })
    }

    /// Waits for the result of this item; `None` if the item will never be started.
    fn await_item(&self, item: u64) -> Option<Result<O, ReplicaError>> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.waiting.remove(&item) {
                return Some(result);
            }
            let no_more = state.halted || self.stop.load(Ordering::Relaxed);
            // Items are started in order. If this item was not started and no new items are started, its result will never
            // arrive.
            if no_more && state.next_to_start <= item {
                state.halted = true;
                return None;
            }
            state = self.wait(state);
        }
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<O>>) -> MutexGuard<'s, State<O>> {
        self.changed.wait_timeout(state, STOP_POLL).unwrap_or_else(PoisonError::into_inner).0
    }
}

struct HaltOnDrop<'a, 'b, O: Send>(&'a Shared<'b, O>);

impl<O: Send> Drop for HaltOnDrop<'_, '_, O> {
    fn drop(&mut self) {
        self.0.lock().halted = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
