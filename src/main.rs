//! The `kapea` program: parses the command line, dispatches, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    kapea::run()
}
