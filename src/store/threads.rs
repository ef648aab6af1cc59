//! Threads behind those that take reports in: whoever reads as fast as they can must not make reporters wait.

use std::num::NonZero;
use std::sync::OnceLock;

use crate::domain::stack;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// A thread of the staff gets a sixth of what a thread of intake gets, when there is work for both (`nice` 0 to 19). A page alone takes no
/// longer.
const BEHIND: i32 = 8;

/// One for the process, with nothing but threads for blocking work. `None` if the system gives none.
static THREADS: OnceLock<Option<Runtime>> = OnceLock::new();

/// [`stack::cleared`] on a thread for what blocks. It runs to its end even if nobody waits for it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is what is to be used instead"
)]
pub fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(move || stack::cleared(work))
}

/// Runs `work` on a thread of lower priority.
pub fn aside_behind<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let threads = THREADS.get_or_init(|| {
        // One for each processor: priority divides among threads, so that further ones would take a share each. Two at least, so that nobody
        // waits for a single long look; and as many as the lanes that stand behind may have turns, which else would be in the way of pages.
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut threads = Builder::new_current_thread();
        threads
            .thread_name("kapea-staff")
            .max_blocking_threads(processors.max(2) + processors / 2 + 1)
            .on_thread_start(|| {
                give_way();
            });
        threads.build().ok()
    });
    match threads {
        Some(threads) => threads.spawn_blocking(move || stack::cleared(work)),
        None => aside(work),
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

/// On Linux this concerns the calling thread alone. `false` if it runs at usual priority, which harms nobody who reads.
fn give_way() -> bool {
    rustix::process::setpriority_process(None, BEHIND).is_ok()
}
