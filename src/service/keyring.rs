//! What somebody's own key opens: the one place that opens wraps.

use std::sync::Arc;

use super::caller::Caller;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::staff::{MemberState, Role};
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{Generation, TeamState};
use crate::seal::keys::{Identity, StaffKeys, VerifyKey};
use crate::seal::opening::{self, KeyRecord, TeamSecrets};
use crate::seal::random;
use crate::store::{self, DbConnection, KeyRow, StoreResult, WrapRow};

/// A generation of a team's key whose secrets are open.
pub struct OpenGeneration {
    /// Its record.
    pub row: KeyRow,
    /// What fits it.
    pub secrets: TeamSecrets,
}

/// A member with their own key opened. Wiped when dropped.
pub struct MemberKeys {
    pub(super) staff: StaffId,
    pub(super) own: KeyId,
    pub(super) keys: StaffKeys,
}

/// The generations of a team that a member's key opens.
pub(super) struct TeamKeyring {
    pub(super) active: OpenGeneration,
    pub(super) old: Vec<OpenGeneration>,
}

/// What a key opens of the wraps beneath it.
#[derive(Default)]
pub struct Opened {
    /// Those that opened and fit their records.
    pub open: Vec<OpenGeneration>,
    /// The records of the others.
    pub broken: Vec<KeyRow>,
}

impl MemberKeys {
    /// A member, by their own keys.
    pub const fn new(staff: StaffId, own: KeyId, keys: StaffKeys) -> Self {
        Self { staff, own, keys }
    }

    /// The caller as somebody who can change keys.
    pub fn of(caller: &Caller) -> Option<Arc<Self>> {
        if !matches!(caller.role, Role::Caseworker | Role::Auditor) {
            return None;
        }
        let member = Self::new(caller.staff, caller.key?, caller.keys.share());
        Some(Arc::new(member))
    }

    /// The public halves of their own keys.
    pub(super) fn public(&self) -> PublicKeys {
        public_of_person(&self.keys)
    }

    /// The teams that the member is in.
    pub(super) fn teams(&self, conn: &mut DbConnection) -> StoreResult<Vec<TeamId>> {
        Ok(store::memberships_of_staff(conn, self.staff)?
            .into_iter()
            .filter(|membership| membership.state == MemberState::Member)
            .map(|membership| membership.team)
            .collect())
    }

    /// Whether the team's ledger has the member in it, with the keys that they have.
    pub(super) fn is_in(&self, team: &TeamState) -> bool {
        let member = team.members.get(&self.staff);
        member.is_some_and(|member| member.keys == self.public())
    }

    /// Opens what the member holds of a team. `None` without its active generation.
    pub(super) fn keyring(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Option<TeamKeyring>> {
        let own = (self.own, self.keys.identity());
        let found = beneath(conn, own, |row| row.owner == *team.as_bytes())?;
        let mut active = None;
        let mut old = Vec::new();
        for generation in found.open {
            match generation.row.state {
                KeyState::Active => active = Some(generation),
                KeyState::Retiring => old.push(generation),
                KeyState::Pending | KeyState::Retired | KeyState::Destroyed => {}
            }
        }
        Ok(active.map(|active| TeamKeyring { active, old }))
    }
}

impl TeamKeyring {
    /// Whether the generation that is open is the one that the team's ledger ends with.
    pub(super) fn fits(&self, team: &TeamState) -> bool {
        let said = &team.generation;
        self.active.row.id == said.key && public_of(&self.active.secrets) == said.keys
    }
}

impl Opened {
    /// What opens whatever is sealed to them.
    pub fn identities(self) -> Vec<(KeyId, Identity)> {
        let open = self.open.into_iter();
        open.map(|generation| (generation.row.id, generation.secrets.identity().share()))
            .collect()
    }
}

/// Opens the wanted wraps beneath a key, about 0.1 ms each.
///
/// # Errors
/// From the database.
pub fn beneath(
    conn: &mut DbConnection,
    (own, identity): (KeyId, &Identity),
    wanted: impl Fn(&KeyRow) -> bool,
) -> StoreResult<Opened> {
    let mut found = Opened::default();
    for (wrap, row) in store::wraps_of_parent(conn, own)? {
        if !wanted(&row) {
            continue;
        }
        match open(identity, &wrap, &row) {
            Some(secrets) => found.open.push(OpenGeneration { row, secrets }),
            None => found.broken.push(row),
        }
    }
    Ok(found)
}

/// The secrets of one wrap. `None`, and an alarm in the log, if it does not open or holds another key than its record says.
pub fn open(own: &Identity, wrap: &WrapRow, row: &KeyRow) -> Option<TeamSecrets> {
    let record = KeyRecord {
        key: row.id,
        generation: row.generation,
        recipient: &row.recipient,
        verify_key: &row.verify_key,
    };
    match opening::open_wrap(own, &wrap.sealed, &record) {
        Ok(secrets) => Some(secrets),
        Err(error) => {
            tracing::error!(event = "report-damaged", key = %row.id, %error, "ALARM: a wrap does not open, or opens another key");
            None
        }
    }
}

/// Handles of the people who hold a key.
pub(super) fn holders(conn: &mut DbConnection, key: KeyId) -> StoreResult<Vec<String>> {
    let mut handles = Vec::new();
    for parent in store::wrap_parents(conn, key)? {
        let parent = store::key_find(conn, parent).map(Some);
        let parent = store::unless_damaged(parent)?;
        if let Some(parent) = parent.filter(|parent| parent.kind == KeyKind::Staff) {
            let staff = StaffId::from_bytes(parent.owner);
            handles.push(store::staff_handle(conn, staff)?);
        }
    }
    handles.sort();
    Ok(handles)
}

/// The public halves of what somebody has opened.
pub(super) fn public_of(secrets: &TeamSecrets) -> PublicKeys {
    PublicKeys {
        recipient: secrets.identity().recipient(),
        verify_key: secrets.signing().verify_key(),
    }
}

/// The public halves of a person's own keys.
pub(super) fn public_of_person(keys: &StaffKeys) -> PublicKeys {
    PublicKeys {
        recipient: keys.recipient(),
        verify_key: keys.verify_key(),
    }
}

/// The row of a person's next key. Also somebody whose account was reset has had keys before.
pub(super) fn person_row(
    conn: &mut DbConnection,
    staff: StaffId,
    keys: &StaffKeys,
    day: Day,
) -> StoreResult<KeyRow> {
    let before = store::keys_of_staff(conn, staff)?.into_iter();
    let last = before.map(|key| key.generation).max().unwrap_or(0);
    Ok(KeyRow {
        id: random::key_id(),
        kind: KeyKind::Staff,
        owner: *staff.as_bytes(),
        generation: last.saturating_add(1),
        recipient: keys.recipient().to_string(),
        verify_key: *keys.verify_key().as_bytes(),
        state: KeyState::Active,
        from: day,
    })
}

/// What a key's row says; `None` if it cannot be a key.
pub(super) fn public_keys(row: &KeyRow) -> Option<PublicKeys> {
    Some(PublicKeys {
        recipient: row.recipient.parse().ok()?,
        verify_key: VerifyKey::from_bytes(row.verify_key),
    })
}

/// The row of a generation that comes into force.
pub fn generation_row(team: TeamId, generation: &Generation, day: Day) -> KeyRow {
    KeyRow {
        id: generation.key,
        kind: KeyKind::Team,
        owner: *team.as_bytes(),
        generation: generation.number,
        recipient: generation.keys.recipient.to_string(),
        verify_key: *generation.keys.verify_key.as_bytes(),
        state: KeyState::Active,
        from: day,
    }
}
