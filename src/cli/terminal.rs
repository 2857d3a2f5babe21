use super::failure::Failure;
use crate::{
    scenario::{Problems, printable},
    study::{Failures, Note, Questions, Watch},
};
use signal_hook::{consts::signal as signals, flag};
use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Line width if there is no terminal.
const WIDTH: usize = 80;

/// Whether stderr shows colours: a terminal, and `NO_COLOR` is not set.
pub fn stderr_has_colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Columns of the terminal.
pub fn width() -> usize {
    let written = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    written.or_else(asked).unwrap_or(WIDTH).clamp(40, 160)
}

/// Writes results to stdout, without control characters. A reader that closes the pipe early (`| head`) is not an error.
pub fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(printable(text).as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Disk(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a message to stderr, without control characters. A closed stderr is not an error.
pub fn talk(text: &str) {
    talk_as_it_is(&printable(text));
}

/// Writes a message to stderr that contains only our colours and printable characters.
pub fn talk_as_it_is(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Warns of the items (histories, or whatever `what` names) that could not be run and were left out of a result, and names the file
/// that lists them.
///
/// # Errors
/// If any of it is a bug: the result stands, and the exit code says so.
pub fn warn_of(failures: &Failures, total: u64, what: &str, file: Option<&str>) -> Result<(), Failure> {
    let Failures { count, bugs, .. } = *failures;
    if count == 0 {
        return Ok(());
    }
    let named = file.map_or_else(String::new, |file| format!("; {file} has the seed and the reason of each"));
    let lines = failures.lines();
    talk(&format!(
        "warning: {count} of {total} {what} could not be run and are left out, so the results are over the others{named}\n{lines}\n"
    ));
    if bugs == 0 {
        return Ok(());
    }
    Err(Failure::Bug(format!(
        "{bugs} of {total} {what} failed because of a bug in shakeout, not because of the scenario; please report it"
    )))
}

/// Says on stderr why a command failed, and gives the exit code.
pub fn tell(failure: &Failure) -> ExitCode {
    let (text, code) = match failure {
        Failure::Bug(text) => (format!("bug: {text}\n"), 1),
        Failure::Input(text) => (format!("error: {text}\n"), 2),
        Failure::Scenario(problems) => {
            talk_as_it_is(&problems.render(stderr_has_colour(), width()));
            return ExitCode::from(2);
        }
        Failure::Disk(text) => (format!("error: {text}\n"), 3),
        Failure::Interrupted(text) => (format!("{text}\n"), 130),
    };
    talk(&text);
    ExitCode::from(code)
}

/// The signals that ask a process to end.
#[cfg(unix)]
const ENDING: [i32; 3] = [signals::SIGINT, signals::SIGTERM, signals::SIGHUP];
#[cfg(not(unix))]
const ENDING: [i32; 2] = [signals::SIGINT, signals::SIGTERM];

/// A flag that Ctrl-C, a termination signal or the end of the terminal raises; a second one ends the process at once. A signal
/// that whoever started the process has it ignore (`nohup`, a job in the background of a script) is left ignored.
pub fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let ignored = ignored_signals();
    for signal in ENDING.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0) {
        // In this order the first signal finds the flag down, and the second finds it raised.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::Bug(format!("cannot listen for signals: {error}")))?;
    }
    let raised = Arc::clone(&stop);
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || end_after(&raised))
        .map_err(|error| Failure::Input(format!("cannot start a thread: {error}")))?;
    Ok(stop)
}

/// Interval at which the flag is checked.
const LOOK: Duration = Duration::from_millis(50);
/// Number of checks during which current work has time to finish by itself.
const LOOKS: u32 = 8;

/// Ends the process where a single piece of its work takes longer than one waits for Ctrl-C: a step of a million firms, a chart
/// of a hundred thousand histories. What was saved is whole at any moment, as after a crash.
fn end_after(raised: &AtomicBool) {
    while !raised.load(Ordering::Relaxed) {
        std::thread::park_timeout(LOOK);
    }
    (0..LOOKS).for_each(|_| std::thread::park_timeout(LOOK));
    talk("interrupted: results saved so far are kept, and --resume continues from there\n");
    std::process::exit(130);
}

/// The signals that this process ignores, the first in the lowest bit, as Linux says. Elsewhere it is not said: none.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// A progress bar over replicas, on a terminal only.
pub fn progress(replicas: u64, done: u64, quiet: bool) -> indicatif::ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} replicas, {eta} left")
        .expect("the template is fixed");
    let bar = indicatif::ProgressBar::new(replicas).with_style(style);
    bar.set_position(done);
    bar
}

/// Shows the progress of a study and its messages on stderr.
#[derive(Debug)]
pub struct Screen {
    quiet: bool,
    /// The number of items, and their progress bar.
    bar: Option<(u64, indicatif::ProgressBar)>,
}

impl Screen {
    /// With `quiet`, only warnings and errors.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet, bar: None }
    }

    fn clear(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Watch for Screen {
    fn progress(&mut self, done: u64, total: u64) {
        match &self.bar {
            Some((of, bar)) if *of == total => bar.set_position(done),
            _ => {
                self.clear();
                self.bar = Some((total, progress(total, done, self.quiet)));
            }
        }
        if done >= total {
            self.clear();
        }
    }

    fn note(&mut self, note: &Note<'_>) {
        self.clear();
        match note {
            Note::Questions { questions, denied } if !self.quiet || *denied => talk(&rendered(questions)),
            Note::Finished(folder) if !self.quiet => {
                talk(&format!("{} is finished: nothing to do\n", folder.display()));
            }
            Note::Damaged { partial, next } => talk(&format!(
                "note: the results in {} are damaged after the first {next} items; the others are run again\n",
                partial.display()
            )),
            Note::Said(text) if !self.quiet => talk(&format!("{text}\n")),
            _ => {}
        }
    }
}

fn rendered(questions: &Questions) -> String {
    let (colour, width) = (stderr_has_colour(), width());
    questions.problems().map(|problems: &Problems| problems.render(colour, width)).collect()
}
