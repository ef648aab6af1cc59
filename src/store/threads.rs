//! Threads behind those that take reports in: whoever reads as fast as they can must not make reporters wait.

use std::num::NonZero;
use std::sync::OnceLock;
use std::time::Duration;

use crate::domain::stack;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// A thread of the staff gets a sixth of what a thread of intake gets, when there is work for both (`nice` 0 to 19). A page alone takes no
/// longer.
const BEHIND: i32 = 8;

/// Of a lane, and of what reads and writes: their turns are fewer.
const MOST: usize = 512;
/// For how long a thread waits for work: longer than from one [`keep`] to the next, so that one of each kind is always there. Where the system
/// gives no further ones, that one does all.
const RESTS: Duration = Duration::from_secs(150);
/// So many threads for pages of the staff at least, so that nobody waits for a single long look.
const LEAST: usize = 2;

/// With nothing but threads for blocking work. `None` if the system gives none.
type Threads = OnceLock<Option<Runtime>>;

/// Of the process, for whatever gives way to nobody.
static STORE: Threads = OnceLock::new();
/// Of the process, for pages.
static PAGES: Threads = OnceLock::new();
/// Of the process, for lanes: those that are full of guesses take no thread of a page.
static LANES: Threads = OnceLock::new();

/// [`stack::cleared`] on a thread for what blocks. It runs to its end even if nobody waits for it.
pub fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    on(&STORE, ("kapea-store", MOST), || {}, work)
}

/// Runs `work` for a page on a thread of lower priority.
pub fn aside_behind<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    // One for each processor: priority divides among threads, so that further ones would take a share each.
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    on(
        &PAGES,
        ("kapea-staff", processors.max(LEAST)),
        give_way,
        work,
    )
}

/// The same for a lane, which has few turns to give.
pub fn aside_in_lane_behind<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    on(&LANES, ("kapea-lane", MOST), give_way, work)
}

/// For every minute, from the start on: a thread of each kind is there, however few the system gives later.
pub fn keep() {
    drop((
        aside(|| {}),
        aside_behind(|| {}),
        aside_in_lane_behind(|| {}),
    ));
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is what is to be used instead"
)]
fn on<T: Send + 'static>(
    threads: &'static Threads,
    (name, most): (&str, usize),
    begin: fn(),
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let make = || {
        let mut threads = Builder::new_current_thread();
        threads
            .thread_name(name)
            .thread_keep_alive(RESTS)
            .max_blocking_threads(most)
            .on_thread_start(begin);
        threads.build().ok()
    };
    let work = move || stack::cleared(work);
    match threads.get_or_init(make) {
        Some(threads) => threads.spawn_blocking(work),
        None => tokio::task::spawn_blocking(work),
    }
}

/// Runs `work`, which may take minutes, on a thread that ends with it and gives way to all others.
pub(super) fn spawn_behind(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let work = || {
        give_way();
        stack::cleared(work);
    };
    thread.spawn(work).map(drop)
}

/// On Linux this concerns the calling thread alone. Where it is refused it runs at usual priority, which harms nobody who reads.
fn give_way() {
    let _harmless = rustix::process::setpriority_process(None, BEHIND);
}
