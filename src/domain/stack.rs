//! The stack below whoever calls. What is moved by value leaves copies there, and nothing else would ever write over them: the copies stay
//! for as long as the thread lives.

use std::hint::black_box;

/// How deep is wiped, in bytes: deeper than what is sealed and opened goes in a build without optimisation.
const DEPTH: usize = 384 << 10;

/// Overwrites what calls have left below the caller. The caller's own frame, and those above it, are as they were.
#[inline(never)]
pub fn wipe() {
    let mut below = [0_u8; DEPTH];
    black_box(&mut below);
}

/// Does the work in a frame of its own, and wipes that and everything below it.
pub fn cleared<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    wipe();
    done
}

#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}
