//! What the machine's clock is compared with at the start.

use crate::config::Config;
use crate::domain::clock::{Clock, Timestamp};
use crate::service::audit_log::AuditLog;
use crate::store::Store;

/// Tells the clock when the installation was last: by its witness, and by the newest entry of the log that the server has written, if that
/// can be read.
pub(super) fn found(clock: &Clock, config: &Config, store: &Store, audit_log: &AuditLog) {
    let leap = i64::from(config.limits.clock_leap_minutes).saturating_mul(60);
    let time = audit_log.witness().record().time;
    let witnessed = (time.seconds() > 0).then(|| (time.start(), time.next().start()));
    let newest = store.blocking(|conn| audit_log.newest_day(conn));
    let written = match newest {
        Ok(newest) => newest.map(|day| (day.start(), day.plus(1).start().plus(-1))),
        Err(error) => {
            tracing::error!(event = "database-damaged", %error, "the day of the newest entry in the audit log is not known");
            // What was there before and cannot be read confirms no time: nothing agrees with the year 1970.
            Some((Timestamp::from_seconds(0), Timestamp::from_seconds(0)))
        }
    };
    // A day is long: the quarter hour of the same day says more.
    let known = [witnessed, written].into_iter().flatten();
    clock.found(leap, known.max_by_key(|(from, _)| *from));
}
