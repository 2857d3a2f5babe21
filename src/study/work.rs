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

/// How a study is carried out: with how many threads, who hears of its progress, and who may stop it. Its results do not depend on any
/// of these.
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
    /// How many replicas run at once.
    pub threads: NonZeroUsize,
    /// Check every invariant of the model on every tick, which is slower.
    pub audit: bool,
    /// End at the first replica that cannot be run. Otherwise it is noted among the failures and the others are run.
    pub fail_fast: bool,
    /// Take warnings on the scenario for errors.
    pub deny_warnings: bool,
    stop: Arc<AtomicBool>,
    watch: Option<&'a mut dyn Watch>,
}

impl<'a> Work<'a> {
    /// With all cores.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a flag that stops it. When it is set, the study ends within about a step of the model with
    /// [`StudyError::Interrupted`](super::StudyError::Interrupted); what a result folder has by then can be resumed.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Arc<AtomicBool>) -> Self {
        self.stop = Arc::clone(stop);
        self
    }

    /// With this number of threads.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// With somebody who hears of its progress.
    #[must_use]
    pub fn watched_by(mut self, watch: &'a mut dyn Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Taking warnings on the scenario for errors.
    #[must_use]
    pub fn deny_warnings(mut self) -> Self {
        self.deny_warnings = true;
        self
    }

    /// The flag that stops it.
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
    /// Says them to whoever watches. An answer that cannot be given is an error, and so are warnings where they are to be taken for
    /// errors.
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

/// Hears of a study while it is carried out.
pub trait Watch {
    /// `done` of `total` replicas, runs or particles are finished. The first call of a stage says how many were finished before.
    fn progress(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Something its user should know.
    fn note(&mut self, note: &Note<'_>) {
        let _ = note;
    }
}

/// Something that the user of a study should know.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Note<'a> {
    /// Warnings and notes on the scenario, before anything is run; `denied` when the study ends because of them.
    Questions {
        /// All of them.
        questions: &'a Questions,
        /// Whether they end the study.
        denied: bool,
    },
    /// The result folder is finished already, so that nothing was done.
    Finished(&'a Path),
    /// What was found in an unfinished folder was damaged after its first `next` items; the rest is made again.
    Damaged {
        /// The unfinished folder.
        partial: &'a Path,
        /// The first item that is made again.
        next: u64,
    },
    /// In words.
    Said(&'a str),
}
