//! The rows that repeat what a ledger says: whoever has changed one gains nothing by it, and is told of all the same.

use std::collections::BTreeSet;

use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::ledger::office::OfficeState;
use crate::ledger::team::TeamState;
use crate::seal::keys::{Recipient, VerifyKey};
use crate::store::{self, DbConnection, StoreError, StoreResult};

/// What does not fit, if anything.
pub(super) fn unfit(
    conn: &mut DbConnection,
    team: TeamId,
    state: Option<&TeamState>,
) -> StoreResult<Option<&'static str>> {
    let newest = state.map(|state| state.generation.number);
    let generations = state.into_iter().flat_map(TeamState::generations);
    let said: BTreeSet<_> = generations
        .map(|one| {
            let is_newest = newest == Some(one.number);
            (
                one.number,
                one.keys.recipient.to_string(),
                *one.keys.verify_key.as_bytes(),
                is_newest,
            )
        })
        .collect();
    let rows = store::keys_of_team(conn, team)?;
    let rows: BTreeSet<_> = rows
        .into_iter()
        .map(|row| {
            let is_active = row.state == KeyState::Active;
            (row.generation, row.recipient, row.verify_key, is_active)
        })
        .collect();
    if rows != said {
        return Ok(Some("the table of keys is not what the ledger says"));
    }
    let Some(state) = state else {
        return Ok(None);
    };
    if state.must_rotate && store::rotations_open(conn, team)?.is_empty() {
        return Ok(Some("a change of the key is due and not ordered"));
    }
    match store::team_find(conn, team) {
        Err(StoreError::NotFound) => return Ok(Some("the team is not in the table")),
        other => drop(other?),
    }
    let members = store::members_of_team(conn, team)?;
    if !members.iter().eq(state.members.keys()) {
        return Ok(Some("the table of members is not what the ledger says"));
    }
    for (staff, member) in &state.members {
        if !has(
            conn,
            *staff,
            &member.keys.recipient,
            &member.keys.verify_key,
        )? {
            return Ok(Some("a member's key is not the one in the ledger"));
        }
    }
    Ok(None)
}

/// What does not fit beside the office's ledger, if anything: a recovery key in force of which nobody has said anything.
pub(super) fn unsaid(
    conn: &mut DbConnection,
    state: Option<&OfficeState>,
) -> StoreResult<Option<&'static str>> {
    let keys = store::recovery_keys(conn)?;
    let has_said = state.is_some() || keys.iter().all(|row| row.state == KeyState::Pending);
    Ok((!has_said).then_some("the table of keys is not what the ledger says"))
}

fn has(
    conn: &mut DbConnection,
    staff: StaffId,
    recipient: &Recipient,
    verify_key: &VerifyKey,
) -> StoreResult<bool> {
    let own = store::staff_key_active(conn, staff)?;
    Ok(own.is_some_and(|own| {
        own.recipient == recipient.as_str() && own.verify_key == *verify_key.as_bytes()
    }))
}
