//! The rows that repeat what a ledger says: whoever has changed one gains nothing by it, and is told of all the same.

use std::collections::BTreeSet;

use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::ledger::office::OfficeState;
use crate::ledger::team::TeamState;
use crate::seal::keys::{Recipient, VerifyKey};
use crate::store::{self, DbConnection, StoreError, StoreResult};

/// What does not fit, if anything. A row that cannot be read hides nothing that another one says.
pub(super) fn unfit(
    conn: &mut DbConnection,
    team: TeamId,
    state: Option<&TeamState>,
) -> StoreResult<Option<&'static str>> {
    let mut look = Look::default();
    let fits = keys_fit(conn, team, state);
    look.at(fits, "the table of keys is not what the ledger says")?;
    let Some(state) = state else {
        return look.found();
    };
    let fits = is_ordered(conn, team, state);
    look.at(fits, "a change of the key is due and not ordered")?;
    let members = store::members_of_team(conn, team);
    let fits = members.map(|members| members.iter().eq(state.members.keys()));
    look.at(fits, "the table of members is not what the ledger says")?;
    for (staff, member) in &state.members {
        let keys = (&member.keys.recipient, &member.keys.verify_key);
        let fits = has(conn, *staff, keys);
        look.at(fits, "a member's key is not the one in the ledger")?;
    }
    let fits = match store::team_find(conn, team) {
        Err(StoreError::NotFound) => Ok(false),
        found => found.map(|_| true),
    };
    look.at(fits, "the team is not in the table")?;
    look.found()
}

/// What was found so far, and what could not be read.
#[derive(Default)]
struct Look {
    why: Option<&'static str>,
    damage: Option<StoreError>,
}

impl Look {
    fn at(&mut self, fits: StoreResult<bool>, why: &'static str) -> StoreResult<()> {
        match fits {
            Ok(true) => {}
            Ok(false) => self.why = self.why.or(Some(why)),
            Err(error) if error.is_damage() => self.damage = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What does not fit comes before what cannot be read.
    fn found(self) -> StoreResult<Option<&'static str>> {
        match (self.why, self.damage) {
            (None, Some(damage)) => Err(damage),
            (why, _) => Ok(why),
        }
    }
}

fn keys_fit(conn: &mut DbConnection, team: TeamId, state: Option<&TeamState>) -> StoreResult<bool> {
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
    Ok(rows == said)
}

fn is_ordered(conn: &mut DbConnection, team: TeamId, state: &TeamState) -> StoreResult<bool> {
    Ok(!state.must_rotate || !store::rotations_open(conn, team)?.is_empty())
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
    (recipient, verify_key): (&Recipient, &VerifyKey),
) -> StoreResult<bool> {
    let own = store::staff_key_active(conn, staff)?;
    Ok(own.is_some_and(|own| {
        own.recipient == recipient.as_str() && own.verify_key == *verify_key.as_bytes()
    }))
}
