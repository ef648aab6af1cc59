//! Who would be missed: what nobody could open any more without a person.

use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::staff::MemberState;
use crate::service::error::Error;
use crate::store::{self, DbConnection, KeyRow, StoreError, WriteTxn};

/// Names of the teams of which this person alone holds a key that still opens something: no teammate does, and no recovery key.
pub(super) fn held_alone(
    conn: &mut DbConnection,
    staff: StaffId,
) -> Result<Vec<String>, StoreError> {
    let mut alone = Vec::new();
    for membership in store::memberships_of_staff(conn, staff)? {
        if membership.state != MemberState::Member {
            continue;
        }
        let mut is_alone = false;
        for key in store::keys_of_team(conn, membership.team)? {
            is_alone |= is_needed(conn, &key)? && !has_other_holder(conn, key.id, staff)?;
        }
        if is_alone {
            alone.push(store::team_name(conn, membership.team)?);
        }
    }
    Ok(alone)
}

/// Grants to a person's own key go with the person. A restricted report must keep a reader.
pub(super) fn drop_own_grants_in_txn(conn: &mut WriteTxn<'_>, key: KeyId) -> Result<(), Error> {
    let first = ReportId::from_bytes([0; 16]);
    for grant in store::grants_of_key(conn, key, first, i64::MAX)? {
        if store::grant_keys(conn, grant.report)?.len() == 1 {
            return Err(Error::LastReader);
        }
        store::grant_delete(conn, grant.report, key)?;
    }
    Ok(())
}

fn is_needed(conn: &mut DbConnection, key: &KeyRow) -> Result<bool, StoreError> {
    Ok(match key.state {
        KeyState::Active => true,
        KeyState::Retiring => {
            store::grants_count(conn, key.id)? > 0
                || store::quarantine_count(conn, key.id)? > 0
                || store::audit_any_of_key(conn, key.id)?
        }
        KeyState::Pending | KeyState::Retired | KeyState::Destroyed => false,
    })
}

fn has_other_holder(
    conn: &mut DbConnection,
    key: KeyId,
    staff: StaffId,
) -> Result<bool, StoreError> {
    for parent in store::wrap_parents(conn, key)? {
        let parent = store::key_find(conn, parent).map(Some);
        // One that cannot be read holds nothing for anybody.
        let Some(parent) = store::unless_damaged(parent)? else {
            continue;
        };
        let holds = match parent.kind {
            KeyKind::Recovery => true,
            KeyKind::Staff if parent.owner == *staff.as_bytes() => false,
            KeyKind::Staff => {
                let other = StaffId::from_bytes(parent.owner);
                store::staff_is_active(conn, other)?
            }
            KeyKind::Team => false,
        };
        if holds {
            return Ok(true);
        }
    }
    Ok(false)
}
