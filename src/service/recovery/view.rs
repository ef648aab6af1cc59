//! What the pages show of recovery keys and teams: numbers and fingerprints, no secret.

use super::standing;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::service::authority::Authority;
use crate::service::keyring;
use crate::store::{self, DbConnection, StoreResult, Team};

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
    me: Option<usize>,
) -> StoreResult<RecoveryOverview> {
    let standing = standing::standing(conn, authority)?;
    let (office, pins) = (authority.office(conn)?, authority.pins());
    let decision = office.state.as_ref().map(|it| it.recovery(&pins));
    let decision = decision.unwrap_or_default();
    let rows = standing.rows.iter().rev();
    let keys = rows.map(|row| {
        let said = standing::record(row);
        let voices = said.as_ref().map(|said| decision.voices(said));
        let voices = voices.unwrap_or_default();
        RecoveryKeyView {
            key: row.id,
            number: row.generation,
            fingerprint: said.map(|said| said.keys.fingerprint()),
            state: row.state,
            since: row.from,
            due: row.from.plus(LIFE_DAYS),
            signatures: voices.len(),
            threshold: pins.threshold,
            signed_by_me: me.is_some_and(|me| voices.contains_key(&me)),
            is_broken: standing.broken == Some(row.id),
        }
    });
    let keys = keys.collect();
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
    me: StaffId,
) -> StoreResult<Vec<TeamRecovery>> {
    let standing = standing::standing(conn, authority)?;
    let current = standing.current.as_ref().map(|record| record.key);
    let mut teams = Vec::new();
    for own in store::memberships_of_staff(conn, me)? {
        let ledger = authority.team(conn, own.team)?;
        let Some(member) = ledger.state.as_ref().and_then(|team| team.members.get(&me)) else {
            continue;
        };
        let team = store::team_find(conn, own.team).map(Some);
        let Some(team) = store::unless_damaged(team)? else {
            continue;
        };
        teams.push(TeamRecovery {
            team: team.id,
            standing: team_standing(conn, authority, &team, current)?,
            has_key: current.is_some(),
            is_lead: member.lead,
        });
    }
    Ok(teams)
}
