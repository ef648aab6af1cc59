//! An account that begins anew: nothing that opened anything for the person is left.

use super::prelude::*;
use super::schema::{memberships, staff, totp_uses};
use super::staff::staff_lock_out;
use super::{key_move, keys_of_staff, memberships_of_leaver, wrap_delete, wraps_of_parent};
use crate::domain::ids::{KeyId, StaffId};
use crate::domain::keys::KeyState;
use crate::domain::staff::{MemberState, StaffState};

/// Takes everything from an account that opens something, and lets it wait for its person as when it was made. Claims and grants must
/// have been given back by the caller.
///
/// # Errors
/// [`StoreError::Stale`] if the account is not in use.
pub fn staff_reset(conn: &mut WriteTxn<'_>, id: StaffId) -> StoreResult<()> {
    let active = staff::table
        .find(id)
        .filter(staff::state.eq(StaffState::Active));
    diesel::update(active)
        .set((
            staff::state.eq(StaffState::Invited),
            staff::recipient.eq(None::<&str>),
            staff::verify_key.eq(None::<&[u8]>),
        ))
        .or_stale(conn)?;
    staff_lock_out(conn, id)?;
    // The next authenticator is another one.
    totp_uses::table.find(id).delete(conn)?;
    for row in keys_of_staff(conn, id)? {
        for (wrap, _) in wraps_of_parent(conn, row.id)? {
            wrap_delete(conn, wrap.parent, wrap.child)?;
        }
        destroy(conn, row.id, row.state)?;
    }
    for membership in memberships_of_leaver(conn, id)? {
        let row = memberships::table.find((membership.team, id));
        diesel::update(row)
            .set(memberships::state.eq(MemberState::Invited))
            .done(conn)?;
    }
    Ok(())
}

/// The whole way to the end, step by step.
fn destroy(conn: &mut WriteTxn<'_>, key: KeyId, state: KeyState) -> StoreResult<()> {
    for (from, to) in KeyState::ALL.iter().zip(KeyState::ALL.iter().skip(1)) {
        if *from >= state {
            key_move(conn, key, *from, *to)?;
        }
    }
    Ok(())
}
