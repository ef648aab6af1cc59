//! The `kapea` program: parses the command line, dispatches, sets the exit code.

fn main() {}
