//! What several tests need: a running service, and people who use it.

pub mod adversary;
pub mod app;
pub mod binary;
pub mod canary;
pub mod client;
pub mod decisions;
pub mod dice;
pub mod faketime;
mod folder;
pub mod html;
pub mod ledger;
pub mod log;
pub mod oracle;
mod owed;
pub mod plans;
pub mod reporter;
pub mod sender;
pub mod settings;
pub mod smtp;
pub mod sql;
pub mod staff;
pub mod strace;

pub use app::TestApp;

use std::time::{Duration, Instant};

/// Looks again and again until something is the case; fails loudly if it never is.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came about: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
