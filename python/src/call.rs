//! A study in a thread of its own, so that Python goes on: other threads run, progress is shown, and Ctrl-C stops it.

use crate::{
    failure::{error_of, rendered},
    words::in_python,
};
use pyo3::{exceptions::PyKeyboardInterrupt, prelude::*};
use shakeout::{
    scenario::Severity,
    study::{Note, StudyError, Watch, Work},
};
use std::{
    num::NonZeroUsize,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How often Python is asked whether someone has pressed Ctrl-C, and told of the progress.
const RHYTHM: Duration = Duration::from_millis(20);

/// How a study is carried out.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Manner {
    threads: Option<usize>,
    audit: bool,
    fail_fast: bool,
    deny_warnings: bool,
    progress: Option<Py<PyAny>>,
}

/// What is heard of a study while it is carried out.
enum Heard {
    Progress(u64, u64),
    Note(Said),
}

struct Teller(Sender<Heard>);

impl Watch for Teller {
    fn progress(&mut self, done: u64, total: u64) {
        // Nobody listens any more when the study is being stopped.
        let _ = self.0.send(Heard::Progress(done, total));
    }

    fn note(&mut self, note: &Note<'_>) {
        let text = match note {
            Note::Questions { questions, .. } => {
                for severity in [Severity::Warning, Severity::Note] {
                    for mut problems in questions.problems().cloned() {
                        problems.retain(|problem| problem.severity == severity);
                        self.say(severity == Severity::Warning, rendered(&problems).trim());
                    }
                }
                return;
            }
            Note::Finished(path) => format!("{} is finished already", path.display()),
            Note::Damaged { partial, next } => {
                format!("{} was damaged after its first {next} items, which are made again", partial.display())
            }
            Note::Said(text) => in_python(text),
            _ => return,
        };
        self.say(text.starts_with("warning:"), &text);
    }
}

impl Teller {
    fn say(&self, is_warning: bool, text: &str) {
        if !text.is_empty() {
            let _ = self.0.send(Heard::Note((is_warning, text.to_owned())));
        }
    }
}

/// Whether it is a warning, and the text.
pub type Said = (bool, String);

/// The result of a study, and its messages.
pub type Found<T> = (T, Vec<Said>);

/// Carries a study out.
pub fn carry_out<T: Send>(
    py: Python<'_>,
    manner: &Manner,
    study: impl FnOnce(&mut Work<'_>) -> Result<T, StudyError> + Send,
) -> PyResult<Found<T>> {
    let stop = Arc::new(AtomicBool::new(false));
    let (teller, heard) = channel();
    let run = || {
        let mut teller = Teller(teller);
        let mut work = Work::new().stopped_by(&stop).watched_by(&mut teller);
        if let Some(threads) = manner.threads.and_then(NonZeroUsize::new) {
            work.threads = threads;
        }
        (work.audit, work.fail_fast, work.deny_warnings) = (manner.audit, manner.fail_fast, manner.deny_warnings);
        study(&mut work)
    };
    let mut notes = Vec::new();
    let (found, interrupted) = py.detach(|| {
        let heard = heard;
        thread::scope(|scope| {
            let worker = scope.spawn(run);
            let interrupted = listen(&heard, manner.progress.as_ref(), &mut notes).err();
            if interrupted.is_some() {
                stop.store(true, Ordering::Relaxed);
            }
            (worker.join().unwrap_or_else(|panic| resume_unwind(panic)), interrupted)
        })
    });
    match (interrupted, found) {
        (Some(error), _) => Err(error),
        (None, Ok(found)) => Ok((found, notes)),
        (None, Err(StudyError::Interrupted(text))) => Err(PyKeyboardInterrupt::new_err(in_python(&text))),
        (None, Err(error)) => Err(error_of(py, &error)),
    }
}

/// Hears of the study until it ends, or Python has a reason to stop it.
fn listen(heard: &Receiver<Heard>, progress: Option<&Py<PyAny>>, notes: &mut Vec<Said>) -> PyResult<()> {
    let mut last = now();
    let (mut latest, mut told) = (None, None);
    loop {
        let is_over = match heard.recv_timeout(RHYTHM) {
            Ok(Heard::Progress(done, total)) => {
                latest = Some((done, total));
                false
            }
            Ok(Heard::Note(note)) => {
                notes.push(note);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if is_over || last.elapsed() >= RHYTHM {
            Python::attach(|py| {
                py.check_signals()?;
                if let Some(progress) = progress.filter(|_| latest != told) {
                    progress.call1(py, latest.unwrap_or_default())?;
                }
                PyResult::Ok(())
            })?;
            (last, told) = (now(), latest);
        }
        if is_over {
            return Ok(());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the rhythm in which Python is asked; no result depends on it")]
fn now() -> Instant {
    Instant::now()
}
