//! What the service manager hears: that the service listens, and again and again that it works. Without a manager nobody is told anything.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::service::readiness::Readiness;

/// Says that every port is listened on.
pub(super) fn tell_ready() {
    tell(NotifyState::Ready);
}

/// Says that the service ends, so that the manager waits for it.
pub(super) fn tell_stopping() {
    tell(NotifyState::Stopping);
}

/// Says that the service works, for as long as a dry run of what a report needs comes to an end. Whether a report could be taken does not
/// matter here: a full disk is not helped by a new start, a lane or a lock that hangs is.
pub(super) async fn tell_alive(readiness: Readiness) {
    let Some(within) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut again = tokio::time::interval((within / 3).max(Duration::from_millis(100)));
    loop {
        again.tick().await;
        readiness.is_ready().await;
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(event = "manager-deaf", %error, "the service manager could not be told");
    }
}
