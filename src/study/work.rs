use super::{Questions, StudyError};
use crate::scenario::Severity;
use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Settings for carrying out a study: number of threads, progress reports, and a flag to stop. The results of a study do not
/// depend on them.
///
/// ```
/// use shakeout::study::{Watch, Work};
/// use std::sync::{Arc, atomic::AtomicBool};
///
/// struct Log(Vec<String>);
/// impl Watch for Log {
///     fn progress(&mut self, done: u64, total: u64) {
///         self.0.push(format!("{done} of {total}"));
///     }
/// }
/// // Another thread, or a signal, may set `stop`.
/// let (stop, mut log) = (Arc::new(AtomicBool::new(false)), Log(Vec::new()));
/// let work = Work::new().stopped_by(&stop).watched_by(&mut log);
/// # let _ = work;
/// ```
#[expect(missing_debug_implementations, reason = "whoever watches need not have one")]
pub struct Work<'a> {
    /// Number of replicas that run at once.
    pub threads: NonZeroUsize,
    /// Whether every invariant of the model is checked on every tick, which is slower.
    pub audit: bool,
    /// Whether the study ends at the first replica that cannot be simulated. Otherwise the replica is recorded as a failure and
    /// the others are simulated.
    pub fail_fast: bool,
    /// Whether warnings on the scenario are treated as errors.
    pub deny_warnings: bool,
    stop: Arc<AtomicBool>,
    watch: Option<&'a mut dyn Watch>,
}

impl<'a> Work<'a> {
    /// Work on all cores.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a flag that stops the work. When the flag is raised, the study ends within about one step of the model with
    /// [`StudyError::Interrupted`](super::StudyError::Interrupted); a result folder can then be resumed.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Arc<AtomicBool>) -> Self {
        self.stop = Arc::clone(stop);
        self
    }

    /// Sets the number of threads.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets the object that receives progress reports and notes.
    #[must_use]
    pub fn watched_by(mut self, watch: &'a mut dyn Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Treats warnings on the scenario as errors.
    #[must_use]
    pub fn deny_warnings(mut self) -> Self {
        self.deny_warnings = true;
        self
    }

    /// The flag that stops the work.
    #[must_use]
    pub const fn stop(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn progress(&mut self, done: u64, total: u64) {
        if let Some(watch) = &mut self.watch {
            watch.progress(done, total);
        }
    }

    pub(super) fn note(&mut self, note: &Note<'_>) {
        if let Some(watch) = &mut self.watch {
            watch.note(note);
        }
    }

    pub(super) fn say(&mut self, text: &str) {
        self.note(&Note::Said(text));
    }
}

impl Default for Work<'_> {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let stop = Arc::new(AtomicBool::new(false));
        Self { threads, audit: false, fail_fast: false, deny_warnings: false, stop, watch: None }
    }
}

impl Questions {
    /// Reports the problems to the watcher. An answer that cannot be given is an error, and so are warnings if they are denied.
    pub(crate) fn tell(&self, work: &mut Work<'_>) -> Result<(), StudyError> {
        let denied = work.deny_warnings && self.count().0 > 0;
        let refused = self.iter().any(|problem| problem.severity == Severity::Error);
        work.note(&Note::Questions { questions: self, denied: denied || refused });
        if refused {
            return Err(StudyError::NoAnswer(Box::new(self.clone())));
        }
        if denied {
            return Err(StudyError::Denied(Box::new(self.clone())));
        }
        Ok(())
    }
}

/// Receives reports while a study is carried out.
pub trait Watch {
    /// `done` of `total` replicas, runs or particles are finished. The first call of a stage reports how many were finished
    /// before.
    fn progress(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Receives a note for the user.
    fn note(&mut self, note: &Note<'_>) {
        let _ = note;
    }
}

/// A note for the user of a study.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Note<'a> {
    /// Warnings and notes on the scenario, before anything is simulated; `denied` is true if the study ends because of them.
    Questions {
        /// The warnings and notes.
        questions: &'a Questions,
        /// Whether they end the study.
        denied: bool,
    },
    /// The result folder is already finished, so nothing was done.
    Finished(&'a Path),
    /// The contents of an unfinished folder were damaged after the first `next` items; the remaining items are simulated again.
    Damaged {
        /// The unfinished folder.
        partial: &'a Path,
        /// The first item that is simulated again.
        next: u64,
    },
    /// A message in words.
    Said(&'a str),
}
