//! One queue of numbered work for all threads, whose outputs are written in order.
//!
//! Items are handed out in order, so the one the writer waits for is always running. A thread does not start an item more
//! than a window ahead of it: outputs that wait for their turn are bounded, however unequal the run times.

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

/// How many items per thread may be running or waiting to be written. Enough that a thread seldom waits for a slow
/// neighbour, few enough that their outputs are a small part of memory.
pub const WINDOW_PER_THREAD: usize = 4;

/// How often the stop flag is looked at while nothing finishes.
const STOP_POLL: Duration = Duration::from_millis(50);

/// What a queue did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueReport {
    /// Items given to the sink, those that could not be run among them.
    pub written: u64,
    /// Most outputs that ever waited for their turn, at most `WINDOW_PER_THREAD` per thread.
    pub most_waiting: usize,
}

/// Why a queue ended early. Every item before the one it stopped at has been given to the sink.
#[derive(Debug)]
pub enum QueueError<E> {
    /// The lowest item that could not be run, of a sink that does not go on without it.
    Lost {
        /// Its number.
        item: u64,
        /// Why.
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

/// Runs every item, on so many threads, and gives the outputs to `sink` in order, on the calling thread.
///
/// `run_one` gets the stop flag too, so that a long item can give up with [`ReplicaError::Stopped`]. `progress` hears of
/// each item written. Of an item that fails or panics the sink hears in its turn; where the sink does not go on without it, no
/// new item is started and the queue ends.
///
/// # Errors
/// When the sink refuses or does not go on without an item, the stop flag is set before the end, or threads cannot be started.
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
    // More threads than items would only be started and idle.
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
        // Broadcast and not spawn: a broadcast job is never stolen, so that an item which itself uses the pool cannot end
        // up waiting for a second worker loop above it on its own stack.
        scope.spawn_broadcast(|_, _| shared.work(&run_one));
        // Should the sink panic, the workers must not wait for ever on a frontier that no longer moves.
        let _halt = HaltOnDrop(&shared);
        shared.write(sink, progress)
    })
}

/// What workers and writer share.
struct Shared<'a, O> {
    items: Range<u64>,
    window: u64,
    stop: &'a AtomicBool,
    state: Mutex<State<O>>,
    changed: Condvar,
}

struct State<O> {
    /// The next item a worker takes.
    next_to_start: u64,
    /// The next item to be written.
    frontier: u64,
    /// Items being run now.
    running: usize,
    /// No new item is to be started.
    halted: bool,
    most_waiting: usize,
    /// Finished, not yet written: the reorder buffer.
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

    /// The next item, once it lies within the window; `None` when no more is to be started.
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

    /// The result of this item, once it is there; `None` when it never will be.
    fn await_item(&self, item: u64) -> Option<Result<O, ReplicaError>> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.waiting.remove(&item) {
                return Some(result);
            }
            let no_more = state.halted || self.stop.load(Ordering::Relaxed);
            // Items are started in order: if this one was not, and none will be, it never comes.
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
