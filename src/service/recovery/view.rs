//! What the pages show of recovery keys and teams: numbers and fingerprints, no secret.

use super::standing;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::seal::chain::CustodianPins;
use crate::seal::keys::VerifyKey;
use crate::service::authority::Authority;
use crate::service::keyring;
use crate::store::{self, DbConnection, KeyRow, StoreResult, Team};

/// Days after which a recovery key is due to be replaced.
const LIFE_DAYS: i64 = 730;

/// Everything about recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryOverview {
    /// Recovery keys that are not destroyed, the newest first.
    pub keys: Vec<RecoveryKeyView>,
    /// Whether the key that should count does not verify.
    pub is_broken: bool,
    /// Every team.
    pub teams: Vec<TeamStanding>,
}

/// A recovery key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryKeyView {
    /// Its id.
    pub key: KeyId,
    /// Counts from 1.
    pub number: u32,
    /// 30 digits; `None` if the record cannot be read.
    pub fingerprint: Option<String>,
    /// Where it stands.
    pub state: KeyState,
    /// The day it was registered.
    pub since: Day,
    /// The day on which a newer one is due.
    pub due: Day,
    /// How many of the pinned custodians have signed exactly this.
    pub signatures: usize,
    /// How many are needed.
    pub threshold: usize,
    /// Whether the caller has.
    pub signed_by_me: bool,
    /// Whether this is the one that should count and does not.
    pub is_broken: bool,
}

/// How far a team is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamStanding {
    /// Its name.
    pub name: String,
    /// Whether its leads want recovery.
    pub wanted: bool,
    /// Whether every live generation of its key is wrapped to the recovery key in force.
    pub covered: bool,
    /// Handles of those who can add what is missing: they hold the team's key.
    pub holders: Vec<String>,
}

/// A team as its members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRecovery {
    /// Which.
    pub team: TeamId,
    /// How far it is.
    pub standing: TeamStanding,
    /// Whether there is a recovery key in force at all.
    pub has_key: bool,
    /// Whether the caller may decide.
    pub is_lead: bool,
}

pub(super) fn overview(
    conn: &mut DbConnection,
    authority: &Authority,
    pins: &CustodianPins,
    me: Option<VerifyKey>,
) -> StoreResult<RecoveryOverview> {
    let standing = standing::standing(conn, pins)?;
    let mut keys = Vec::new();
    for row in standing.rows.iter().rev() {
        keys.push(key_view(conn, pins, row, me, standing.broken)?);
    }
    let current = standing.current.as_ref().map(|record| record.key);
    let mut teams = Vec::new();
    for team in store::team_list(conn)? {
        teams.push(team_standing(conn, authority, &team, current)?);
    }
    Ok(RecoveryOverview {
        keys,
        is_broken: standing.broken.is_some(),
        teams,
    })
}

fn key_view(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    row: &KeyRow,
    me: Option<VerifyKey>,
    broken: Option<KeyId>,
) -> StoreResult<RecoveryKeyView> {
    let signed = counted(conn, pins, row)?;
    Ok(RecoveryKeyView {
        key: row.id,
        number: row.generation,
        fingerprint: standing::record(row).map(|record| record.fingerprint()),
        state: row.state,
        since: row.from,
        due: row.from.plus(LIFE_DAYS),
        signatures: pins.persons(&signed),
        threshold: pins.threshold,
        signed_by_me: me.is_some_and(|me| signed.contains(&me)),
        is_broken: broken == Some(row.id),
    })
}

fn team_standing(
    conn: &mut DbConnection,
    authority: &Authority,
    team: &Team,
    current: Option<KeyId>,
) -> StoreResult<TeamStanding> {
    let wraps = store::recovery_wraps(conn)?;
    let mut holders = Vec::new();
    let live: Vec<KeyId> = store::team_keys_live(conn)?
        .into_iter()
        .filter(|(owner, _)| *owner == team.id)
        .map(|(_, key)| key)
        .collect();
    let covered = current.is_some_and(|current| {
        !live.is_empty() && live.iter().all(|child| wraps.contains(&(current, *child)))
    });
    if let Some(newest) = live.last() {
        holders = keyring::holders(conn, *newest)?;
    }
    Ok(TeamStanding {
        name: team.name.clone(),
        wanted: authority.wants_recovery(conn, team.id)?,
        covered,
        holders,
    })
}

pub(super) fn teams_of(
    conn: &mut DbConnection,
    authority: &Authority,
    pins: &CustodianPins,
    me: StaffId,
) -> StoreResult<Vec<TeamRecovery>> {
    let standing = standing::standing(conn, pins)?;
    let current = standing.current.as_ref().map(|record| record.key);
    let mut teams = Vec::new();
    for own in store::memberships_of_staff(conn, me)? {
        let ledger = authority.team(conn, own.team)?;
        let Some(member) = ledger.state.as_ref().and_then(|team| team.members.get(&me)) else {
            continue;
        };
        let team = store::team_find(conn, own.team)?;
        teams.push(TeamRecovery {
            team: team.id,
            standing: team_standing(conn, authority, &team, current)?,
            has_key: current.is_some(),
            is_lead: member.lead,
        });
    }
    Ok(teams)
}

/// How many of the pinned custodians have signed, whoever else has.
fn counted(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    row: &KeyRow,
) -> StoreResult<Vec<VerifyKey>> {
    let Some(record) = standing::record(row) else {
        return Ok(Vec::new());
    };
    let message = record.to_bytes();
    Ok(standing::signatures(conn, row.id)?
        .into_iter()
        .filter(|(signer, signature)| {
            pins.contains(signer) && signer.verify(&message, signature).is_ok()
        })
        .map(|(signer, _)| signer)
        .collect())
}
