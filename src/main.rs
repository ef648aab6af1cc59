//! The `kapea` program: parses the command line, dispatches, sets the exit code.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// What is given back is wiped first: what somebody typed, pages, answers and keys stay in memory no longer than whoever works with them.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    kapea::run()
}
