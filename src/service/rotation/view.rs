//! What the pages show of a team's key: numbers and who must act, no secret.

use crate::domain::clock::Day;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::{RotationReason, RotationState};
use crate::domain::staff::{MemberState, TeamKind};
use crate::service::authority::{Authority, Told};
use crate::service::keyring;
use crate::store::{self, DbConnection, StoreError};

/// A team's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamKey {
    /// The team.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// Whether it reads the audit log, and no report.
    pub is_audit: bool,
    /// The number of the active generation, `None` until the first member has made it.
    pub generation: Option<u32>,
    /// The day since which it is in force.
    pub since: Option<Day>,
    /// The day on which its change is due.
    pub due: Option<Day>,
    /// The change that runs or waits, the running one first.
    pub open: Option<(RotationReason, RotationState)>,
    /// Whether another change is ordered for afterwards.
    pub another: bool,
    /// Grants under the active generation.
    pub moved: i64,
    /// Grants that are still under older ones.
    pub remaining: i64,
    /// Grants that did not open and were set aside.
    pub set_aside: i64,
    /// Handles of those who can carry the change on: they hold the active generation.
    pub holders: Vec<String>,
    /// What was said in the team, the newest first.
    pub told: Vec<Told>,
}

/// The keys of all teams, or of those that somebody is a member of.
pub(super) fn keys(
    conn: &mut DbConnection,
    authority: &Authority,
    only: Option<StaffId>,
) -> Result<Vec<TeamKey>, StoreError> {
    let mine = match only {
        None => None,
        Some(staff) => Some(store::memberships_of_staff(conn, staff)?),
    };
    let mut views = Vec::new();
    for team in store::team_list(conn)? {
        let is_shown = mine.as_ref().is_none_or(|mine| {
            mine.iter()
                .any(|own| own.team == team.id && own.state == MemberState::Member)
        });
        if is_shown {
            views.push(view(conn, authority, team)?);
        }
    }
    Ok(views)
}

fn view(
    conn: &mut DbConnection,
    authority: &Authority,
    team: store::Team,
) -> Result<TeamKey, StoreError> {
    let keys = store::keys_of_team(conn, team.id)?;
    let active = keys.iter().find(|key| key.state == KeyState::Active);
    let (mut remaining, mut set_aside) = (0, 0);
    for old in keys.iter().filter(|key| key.state == KeyState::Retiring) {
        remaining += store::grants_count(conn, old.id)?;
        remaining += store::audit_count_of_key(conn, old.id)?;
        set_aside += store::quarantine_count(conn, old.id)?;
    }
    let open = store::rotations_open(conn, team.id)?;
    Ok(TeamKey {
        generation: active.map(|key| key.generation),
        since: active.map(|key| key.from),
        due: active.map(|key| key.from.plus(team.rotate_days)),
        open: open.first().map(|order| (order.reason, order.state)),
        another: open.len() > 1,
        moved: match active {
            Some(key) => {
                store::grants_count(conn, key.id)? + store::audit_count_of_key(conn, key.id)?
            }
            None => 0,
        },
        remaining,
        set_aside,
        holders: match active {
            Some(key) => keyring::holders(conn, key.id)?,
            None => Vec::new(),
        },
        told: authority.told(conn, team.id)?,
        team: team.id,
        is_audit: team.kind == TeamKind::Audit,
        name: team.name,
    })
}
