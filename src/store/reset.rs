//! An account that begins anew: nothing that opened anything for the person is left.

use diesel::prelude::*;

use super::schema::{invitations, memberships, staff, totp_uses, unlocks};
use super::staff::one_or;
use super::{
    DbConnection, StoreError, StoreResult, admissions_forget, key_move, keys_of_staff,
    memberships_of_staff, wrap_delete, wraps_of_parent,
};
use crate::domain::ids::{KeyId, StaffId};
use crate::domain::keys::KeyState;
use crate::domain::staff::{MemberState, StaffState};

/// Takes everything from an account that opens something, and lets it wait for its person as when it was made. Claims and grants must
/// have been given back by the caller.
///
/// # Errors
/// [`StoreError::Stale`] if the account is not in use.
pub fn staff_reset_in_txn(conn: &mut DbConnection, id: StaffId) -> StoreResult<()> {
    let active = staff::table
        .find(id.as_bytes().as_slice())
        .filter(staff::state.eq(StaffState::Active.as_str()));
    let changed = diesel::update(active)
        .set((
            staff::state.eq(StaffState::Invited.as_str()),
            staff::recipient.eq(None::<&str>),
            staff::verify_key.eq(None::<&[u8]>),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)?;
    super::session_delete_all_of(conn, id)?;
    let key = id.as_bytes().as_slice();
    diesel::delete(unlocks::table.filter(unlocks::staff.eq(key))).execute(conn)?;
    diesel::delete(invitations::table.filter(invitations::staff.eq(key))).execute(conn)?;
    // The next authenticator is another one.
    diesel::delete(totp_uses::table.find(key)).execute(conn)?;
    for row in keys_of_staff(conn, id)? {
        for (wrap, _) in wraps_of_parent(conn, row.id)? {
            wrap_delete(conn, wrap.parent, wrap.child)?;
        }
        destroy(conn, row.id, row.state)?;
    }
    for membership in memberships_of_staff(conn, id)? {
        admissions_forget(conn, membership.team, id)?;
        let row = memberships::table.find((membership.team.as_bytes().as_slice(), key));
        diesel::update(row)
            .set((
                memberships::state.eq(MemberState::Invited.as_str()),
                memberships::signature.eq(None::<&[u8]>),
                memberships::signer.eq(None::<&[u8]>),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The whole way to the end, step by step.
fn destroy(conn: &mut DbConnection, key: KeyId, state: KeyState) -> StoreResult<()> {
    let way = [
        KeyState::Pending,
        KeyState::Active,
        KeyState::Retiring,
        KeyState::Retired,
        KeyState::Destroyed,
    ];
    for (from, to) in way.iter().zip(way.iter().skip(1)) {
        if *from >= state {
            key_move(conn, key, *from, *to)?;
        }
    }
    Ok(())
}
