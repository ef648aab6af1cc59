//! The records of who may receive, looked at when no report comes in: at the start, once a minute, and when somebody signs in.

use std::collections::BTreeSet;

use super::authority::Authority;
use super::context::Context;
use super::recovery::standing::standing;
use crate::domain::alarm::{AlarmKind, Fault};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::MemberState;
use crate::store::{self, DbConnection, StoreResult};

/// What an alarm about tables and triggers is about.
const DATABASE: &str = "database";

/// Everything that is wrong with the records of channels, of teams and of the recovery key. What holds is remembered as the last good key.
///
/// # Errors
/// From the database.
pub fn faults(conn: &mut DbConnection, authority: &Authority) -> StoreResult<BTreeSet<Fault>> {
    let mut faults = BTreeSet::new();
    let office = store::unless_damaged(authority.look_at_office(conn))?;
    for channel in store::unless_damaged(store::channel_list(conn))? {
        let verdict = authority.look(conn, &channel.id).map(Some);
        let fault = store::unless_damaged(verdict)?.and_then(|verdict| verdict.alarm());
        let fault = fault.map(|fault| fault.to_string());
        if let Some(why) = fault.or_else(|| office.clone()) {
            faults.insert(Fault {
                kind: AlarmKind::ChainBroken,
                subject: channel.id,
                why,
            });
        }
    }
    let recovery = standing(conn, authority).map(|standing| standing.broken);
    if let Some(key) = store::unless_damaged(recovery)? {
        faults.insert(Fault {
            kind: AlarmKind::RecoveryBroken,
            subject: key.to_string(),
            why: String::new(),
        });
    }
    let schema = store::schema_is_ours(conn).map(Some);
    if store::unless_damaged(schema)? == Some(false) {
        faults.insert(Fault {
            kind: AlarmKind::SchemaChanged,
            subject: DATABASE.to_owned(),
            why: String::new(),
        });
    }
    let there = store::unless_damaged(store::team_list(conn))?;
    let there = there.into_iter().map(|team| team.id);
    // A ledger that was seen is looked at whether its team is still in the table or not.
    let teams: BTreeSet<TeamId> = there.chain(authority.seen_teams(conn)?).collect();
    for team in teams {
        faults.extend(team_fault(conn, authority, team)?);
    }
    Ok(faults)
}

/// What is wrong with a team's ledger. A team in which nobody has made a key yet has none.
fn team_fault(
    conn: &mut DbConnection,
    authority: &Authority,
    team: TeamId,
) -> StoreResult<Option<Fault>> {
    let why = store::unless_damaged(authority.look_at_team(conn, team))?;
    Ok(why.map(|why| Fault {
        kind: AlarmKind::TeamBroken,
        subject: team.to_string(),
        why,
    }))
}

/// Checks the records of the teams that somebody who has just signed in is a member of. That they get in does not depend on it.
pub(super) async fn at_sign_in(context: &Context, staff: StaffId) {
    let authority = context.authority.clone();
    let found = context
        .read(move |conn| {
            let mut looked_at = Vec::new();
            for membership in store::memberships_of_staff(conn, staff)? {
                if membership.state == MemberState::Member {
                    let team = membership.team;
                    looked_at.push((team, team_fault(conn, &authority, team)?));
                }
            }
            StoreResult::Ok(looked_at)
        })
        .await;
    match found {
        Ok(looked_at) => {
            for (team, fault) in looked_at {
                let subject = team.to_string();
                let why = fault.map(|fault| fault.why);
                if context.authority.is_news(&subject, why.as_deref()) {
                    tell(context, AlarmKind::TeamBroken, subject).await;
                }
            }
        }
        Err(error) => {
            tracing::warn!(event = "database-failing", %error, "the records of a member's teams could not be read")
        }
    }
}

/// Tells why a team's key was not changed: its records do not verify, or they do not vouch for the member who holds the key.
pub(super) async fn refused(context: &Context, team: TeamId) {
    let authority = context.authority.clone();
    let found = context
        .read(move |conn| team_fault(conn, &authority, team))
        .await;
    let kind = match found {
        Ok(None) => AlarmKind::MemberUnvouched,
        Ok(Some(_)) | Err(_) => AlarmKind::TeamBroken,
    };
    tell(context, kind, team.to_string()).await;
}

/// Raises an alarm in a small write of its own. Whatever the caller is doing goes on if that fails: the worker finds it again.
pub(super) async fn tell(context: &Context, kind: AlarmKind, subject: String) {
    let told = context.write(move |txn| txn.raise(kind, &subject)).await;
    if let Err(error) = told {
        tracing::error!(event = "alarm-unraised", %kind, %error, "an alarm could not be raised");
    }
}
