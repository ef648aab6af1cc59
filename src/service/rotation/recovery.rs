//! The recovery key's part in a team's keys: a wrap of every live generation, by the hand of a member who holds it, and of no recovery
//! key that the custodians did not sign.

use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};
use crate::domain::keys::KeyState;
use crate::ledger::office::RecoveryKey;
use crate::seal::opening::{self, TeamSecrets};
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, OpenGeneration, TeamKeyring};
use crate::service::recovery::standing::{RecoveryStatus, standing};
use crate::service::recovery::{activate_in_txn, destroy_older_in_txn, older_done};
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, KeyRow, StoreResult, WrapRow, WriteTxn};

/// What of a team is not as it should be.
struct Due {
    /// Generations without a wrap to the recovery key in force.
    add: Vec<KeyId>,
    /// Wraps that are to go: to an older recovery key once the new wrap stands, or of a team that does without.
    remove: Vec<(KeyId, KeyId)>,
}

/// Whether anything about recovery waits for a member, of whatever team.
pub(in crate::service) fn any_due(
    conn: &mut DbConnection,
    authority: &Authority,
    day: Day,
) -> StoreResult<bool> {
    // Most installations have none, and every request comes by here.
    if store::recovery_keys(conn)?.is_empty() {
        return Ok(false);
    }
    let standing = standing(conn, authority)?;
    if is_general(conn, authority, &standing, day)? {
        return Ok(true);
    }
    for team in store::team_list(conn)? {
        let due = due(conn, authority, &standing, team.id)?;
        if !due.add.is_empty() || !due.remove.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a member who holds these keys has something to do for their team.
pub(super) fn is_due(
    conn: &mut DbConnection,
    authority: &Authority,
    team: TeamId,
    ring: &TeamKeyring,
    day: Day,
) -> StoreResult<bool> {
    if store::recovery_keys(conn)?.is_empty() {
        return Ok(false);
    }
    let standing = standing(conn, authority)?;
    if is_general(conn, authority, &standing, day)? {
        return Ok(true);
    }
    let due = due(conn, authority, &standing, team)?;
    let can_add = due.add.iter().any(|key| held(ring, *key).is_some());
    Ok(can_add || !due.remove.is_empty())
}

/// Does it. `false` if there was nothing to do any more.
///
/// # Errors
/// [`Error`]; nothing is half done.
pub(super) fn settle_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    team: TeamId,
) -> Result<bool, Error> {
    let authority = txn.authority();
    let standing = standing(txn, authority)?;
    let mut changed = raise_in_txn(txn, &standing)?;
    changed |= activate_in_txn(txn, &standing)?;
    let Some(ring) = hand.keyring(txn, team)? else {
        return Ok(changed);
    };
    if let Some(current) = standing.current.as_ref() {
        for key in due(txn, authority, &standing, team)?.add {
            if let Some(live) = held(&ring, key) {
                let (id, number) = (live.row.id, live.row.generation);
                wrap_in_txn(txn, current, id, number, &live.secrets)?;
                let event = AuditEvent::RecoveryWrapMade {
                    team,
                    key: id,
                    parent: current.key,
                };
                txn.record(hand.staff, event)?;
                changed = true;
            }
        }
    }
    for (parent, child) in due(txn, authority, &standing, team)?.remove {
        if store::wrap_delete(txn, parent, child)? {
            let event = AuditEvent::RecoveryWrapRemoved {
                team,
                key: child,
                parent,
            };
            txn.record(hand.staff, event)?;
            changed = true;
        }
    }
    changed |= destroy_older_in_txn(txn, &standing)? > 0;
    Ok(changed)
}

/// Wraps a new generation to the recovery key in force, in the transaction that makes it.
///
/// # Errors
/// [`Error`].
pub(super) fn wrap_new_in_txn(
    txn: &mut Txn<'_>,
    row: &KeyRow,
    secrets: &TeamSecrets,
) -> Result<(), Error> {
    let authority = txn.authority();
    let standing = standing(txn, authority)?;
    raise_in_txn(txn, &standing)?;
    match standing.current.as_ref() {
        Some(current) => wrap_in_txn(txn, current, row.id, row.generation, secrets),
        None => Ok(()),
    }
}

fn wrap_in_txn(
    conn: &mut WriteTxn<'_>,
    current: &RecoveryKey,
    child: KeyId,
    generation: u32,
    secrets: &TeamSecrets,
) -> Result<(), Error> {
    let sealed = opening::seal_wrap(&current.keys.recipient, child, generation, secrets)
        .map_err(|_| Error::Unavailable)?;
    let row = WrapRow {
        parent: current.key,
        child,
        sealed,
    };
    Ok(store::wrap_insert(conn, &row)?)
}

/// What concerns no team in particular: an alarm that nobody has been told of, a key to put in force, one to destroy.
fn is_general(
    conn: &mut DbConnection,
    authority: &Authority,
    standing: &RecoveryStatus,
    day: Day,
) -> StoreResult<bool> {
    if let Some(key) = standing.broken {
        return is_untold(conn, key, day);
    }
    let to_activate = standing
        .current_row()
        .is_some_and(|row| row.state == KeyState::Pending);
    Ok(to_activate || !older_done(conn, authority, standing)?.is_empty())
}

/// What stays wrong sounds again once a day, also when somebody has looked into it.
fn is_untold(conn: &mut DbConnection, key: KeyId, day: Day) -> StoreResult<bool> {
    let subject = key.to_string();
    Ok(!store::alarm_is_told(
        conn,
        AlarmKind::RecoveryBroken,
        &subject,
        day,
    )?)
}

fn raise_in_txn(txn: &mut Txn<'_>, standing: &RecoveryStatus) -> StoreResult<bool> {
    let day = txn.log_day();
    match standing.broken {
        Some(key) if is_untold(txn, key, day)? => {
            let subject = key.to_string();
            txn.raise(AlarmKind::RecoveryBroken, &subject)
        }
        Some(_) | None => Ok(false),
    }
}

fn due(
    conn: &mut DbConnection,
    authority: &Authority,
    standing: &RecoveryStatus,
    team: TeamId,
) -> StoreResult<Due> {
    let wanted = authority.wants_recovery(conn, team)?;
    let wraps = store::recovery_wraps(conn)?;
    let current = standing.current.as_ref().map(|record| record.key);
    let mut due = Due {
        add: Vec::new(),
        remove: Vec::new(),
    };
    for (_, child) in store::team_keys_live(conn)?
        .into_iter()
        .filter(|(owner, _)| *owner == team)
    {
        let parents: Vec<KeyId> = wraps
            .iter()
            .filter(|(_, wrapped)| *wrapped == child)
            .map(|(parent, _)| *parent)
            .collect();
        let stands = current.is_some_and(|current| parents.contains(&current));
        if wanted && current.is_some() && !stands {
            due.add.push(child);
        }
        let goes = |parent: &KeyId| !wanted || (stands && Some(*parent) != current);
        due.remove
            .extend(parents.into_iter().filter(goes).map(|p| (p, child)));
    }
    Ok(due)
}

fn held(ring: &TeamKeyring, key: KeyId) -> Option<&OpenGeneration> {
    std::iter::once(&ring.active)
        .chain(&ring.old)
        .find(|live| live.row.id == key)
}
