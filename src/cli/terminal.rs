use super::failure::Failure;
use crate::scenario::printable;
use std::{
    io::{IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Columns to write for where there is no terminal.
const WIDTH: usize = 100;

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

/// Writes data to stdout, without characters that act on a terminal. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(printable(text).as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Disk(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says something to the user on stderr, without characters that act on a terminal. That nobody listens is no error.
pub fn talk(text: &str) {
    talk_as_it_is(&printable(text));
}

/// The same of a text whose colours are ours and whose other parts are printable.
pub fn talk_as_it_is(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A flag that Ctrl-C or a termination signal raises; a second one ends the process at once.
pub fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .map_err(|error| Failure::Bug(format!("cannot listen for signals: {error}")))?;
    Ok(stop)
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
