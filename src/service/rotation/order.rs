//! Orders to change a team's key. They take no secret: an administrator, a clock or somebody's leaving gives them.

use crate::domain::audit::AuditEvent;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationReason;
use crate::seal::random;
use crate::service::txn::Txn;
use crate::store::{self, StoreResult};

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

/// Orders the change of every key that has reached the age its team's rules name. Says how many.
///
/// # Errors
/// From the database.
pub fn order_due_in_txn(txn: &mut Txn<'_>) -> StoreResult<usize> {
    let today = txn.today();
    let mut ordered = 0;
    for team in store::team_list(txn)? {
        let active = store::keys_of_team(txn, team.id)?
            .into_iter()
            .find(|key| key.state == KeyState::Active);
        let is_due = active.is_some_and(|key| key.from.plus(team.rotate_days) <= today);
        if is_due
            && store::rotations_open(txn, team.id)?.is_empty()
            && order_in_txn(txn, team.id, RotationReason::Schedule, None)?
        {
            ordered += 1;
        }
    }
    Ok(ordered)
}
