//! Rows of a future that did not come: written while the clock was ahead, and further ahead of a confirmed time than this program ever
//! writes. What would wait for that time waits no longer.
//!
//! Not here: claims, which [`super::claims_idle`] gives back; events, leases and letters, which [`super::events_due`] and
//! [`super::deliveries_lease`] take; heartbeats and anchors, which are due again; attempts, which count for nothing until then; keys of forms,
//! which [`super::ticket_keys_expire`] deletes; mailboxes, retention and the ages of keys, which end later and destroy nothing.

use super::prelude::*;
use super::schema::{attempts, exports, invitations, sessions, totp_uses};
use crate::domain::clock::Confirmed;
use crate::domain::staff::CODE_SECONDS;

const HOUR: i64 = 3_600;
/// Seconds by which a clock that was corrected may have been ahead.
const AHEAD: i64 = HOUR;
/// The longest that a session may last.
const SESSION: i64 = 24 * HOUR;
/// The longest that an invitation may hold.
const INVITATION: i64 = 336 * HOUR;
/// As long as an export waits for whoever asked for it.
const EXPORT: i64 = 24 * HOUR;

/// Pulls back what waits for a time that has not come, and forgets codes and sessions of that time. Says how many rows.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn pull_back(conn: &mut WriteTxn<'_>, now: Confirmed) -> StoreResult<usize> {
    let now = now.now();
    let limit = |seconds: i64| now.plus(seconds.saturating_add(AHEAD));
    // Whoever used a code of that time is not locked out until then.
    let step = limit(0).seconds().div_euclid(CODE_SECONDS);
    let used = totp_uses::table.filter(totp_uses::step.gt(step));
    let mut changed = used.delete(conn)?;
    // Whoever guessed then has guessed now.
    let guessed = attempts::table.filter(attempts::at.gt(limit(0)));
    changed += diesel::update(guessed)
        .set(attempts::at.eq(now))
        .execute(&mut **conn)?;

    // A session's end is sealed into it.
    let lasting = sessions::expires_at.gt(limit(SESSION));
    let unused = sessions::idle_expires_at.gt(limit(SESSION));
    let sessions = sessions::table.filter(lasting.or(unused));
    changed += sessions.delete(conn)?;
    let invited = invitations::table.filter(invitations::expires_at.gt(limit(INVITATION)));
    changed += diesel::update(invited)
        .set(invitations::expires_at.eq(now.plus(INVITATION)))
        .execute(&mut **conn)?;
    let agreed = exports::table.filter(exports::expires_at.gt(limit(EXPORT)));
    changed += diesel::update(agreed)
        .set(exports::expires_at.eq(now.plus(EXPORT).quarter()))
        .execute(&mut **conn)?;
    Ok(changed)
}
