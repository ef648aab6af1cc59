//! Orders to change a team's key. They take no secret: an administrator, a clock or somebody's leaving gives them.

use crate::domain::audit::AuditEvent;
use crate::domain::clock::Confirmed;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationReason;
use crate::seal::random;
use crate::service::authority::Authority;
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, StoreResult, Team};

/// Orders that a team's key be changed by the next member who comes by. An order that nobody has begun is not given twice.
///
/// # Errors
/// From the database.
pub fn order_in_txn(
    txn: &mut Txn<'_>,
    team: TeamId,
    reason: RotationReason,
    actor: Option<StaffId>,
) -> StoreResult<bool> {
    let day = txn.today();
    let new = store::rotation_order(txn, random::rotation_id(), team, reason, day)?;
    if new {
        txn.record(actor, AuditEvent::RotationOrdered { team, reason })?;
    }
    Ok(new)
}

/// Whether somebody has gone from a team since its key was made, and no change of it is ordered: somebody has taken the order away.
///
/// # Errors
/// From the database.
fn is_owed(conn: &mut DbConnection, authority: &Authority, team: TeamId) -> StoreResult<bool> {
    let ledger = authority.team(conn, team)?;
    let is_due = ledger.state.as_ref().is_some_and(|state| state.must_rotate);
    Ok(is_due && store::rotations_open(conn, team)?.is_empty())
}

/// The teams whose key may have to be changed: all of them once a day, else those of which [`is_owed`], or cannot be told.
///
/// # Errors
/// From the database.
pub fn due_or_owed(
    conn: &mut DbConnection,
    authority: &Authority,
    is_of_the_day: bool,
) -> StoreResult<Vec<Team>> {
    let mut found = Vec::new();
    for team in store::team_list(conn)? {
        let may_be_owed = is_of_the_day
            || match is_owed(conn, authority, team.id) {
                // That it cannot be ordered is told of.
                Err(error) if error.is_damage() => true,
                is_owed => is_owed?,
            };
        if may_be_owed {
            found.push(team);
        }
    }
    Ok(found)
}

/// Orders the change of a team's key of which [`is_owed`], or that has reached the age its team's rules name, if the time is confirmed. `true`
/// if that is new.
///
/// # Errors
/// From the database.
pub fn order_due_in_txn(
    txn: &mut Txn<'_>,
    team: &Team,
    now: Option<Confirmed>,
) -> StoreResult<bool> {
    let authority = txn.authority();
    if is_owed(txn, authority, team.id)? {
        return order_in_txn(txn, team.id, RotationReason::Leaving, None);
    }
    let active = store::keys_of_team(txn, team.id)?
        .into_iter()
        .find(|key| key.state == KeyState::Active);
    let has_come = |day| now.is_some_and(|now| day <= now.today());
    let is_due = active.is_some_and(|key| has_come(key.from.plus(team.rotate_days)));
    if !is_due || !store::rotations_open(txn, team.id)?.is_empty() {
        return Ok(false);
    }
    order_in_txn(txn, team.id, RotationReason::Schedule, None)
}
