//! Threads behind those that take reports in: whoever reads as fast as they can must not make reporters wait.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Ten reports are taken in for each page that is read when there is work for both (`nice` 0 to 19). A page alone takes no longer.
const BEHIND: i32 = 10;

/// One for the process, with nothing but threads for blocking work. `None` if the system gives none.
static THREADS: OnceLock<Option<Runtime>> = OnceLock::new();

/// Runs `work` on a thread of lower priority.
pub(super) fn spawn_blocking_behind<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let threads = THREADS.get_or_init(|| {
        let mut threads = Builder::new_current_thread();
        threads.thread_name("kapea-staff").on_thread_start(|| {
            give_way();
        });
        threads.build().ok()
    });
    match threads {
        Some(threads) => threads.spawn_blocking(work),
        None => tokio::task::spawn_blocking(work),
    }
}

/// On Linux this concerns the calling thread alone. `false` if it runs at usual priority, which harms nobody who reads.
fn give_way() -> bool {
    rustix::process::setpriority_process(None, BEHIND).is_ok()
}
