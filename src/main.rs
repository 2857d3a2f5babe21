//! The program `shakeout`: see the library for everything it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    shakeout::cli::main()
}
