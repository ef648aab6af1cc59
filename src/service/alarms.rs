//! The alarms as those see them who must look into them.

use std::collections::BTreeMap;

use super::accounts::Caller;
use super::authority::Authority;
use super::context::Context;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::{AlarmSubject, AuditEvent};
use crate::domain::clock::Day;
use crate::domain::ids::{AlarmId, StaffId};
use crate::domain::staff::{MemberState, Role};
use crate::service::error::Error;
use crate::store::{self, Alarm, DbConnection, StoreResult};

/// What leads see of their own teams.
const FOR_LEADS: [AlarmKind; 4] = [
    AlarmKind::TeamBroken,
    AlarmKind::MemberUnvouched,
    AlarmKind::GrantSetAside,
    AlarmKind::RecoveryUsed,
];

/// An open alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmView {
    /// Its id.
    pub id: AlarmId,
    /// What has happened.
    pub kind: AlarmKind,
    /// The channel, the name of the team or account, or the id of what it concerns.
    pub subject: String,
    /// The UTC day it was first seen.
    pub day: Day,
}

/// How much of it concerns somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlarmCount {
    /// How many open alarms.
    pub count: usize,
    /// Whether the list of them is theirs to see.
    pub may_list: bool,
}

/// See the module.
#[derive(Clone)]
pub struct Alarms {
    context: Context,
}

/// What somebody may see.
struct Visible {
    alarms: Vec<Alarm>,
    may_list: bool,
}

/// Who asks, and whether custodians' pins name the key that they have.
#[derive(Clone, Copy)]
struct Ears {
    staff: StaffId,
    role: Role,
    is_pinned: bool,
}

impl Alarms {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// How many open alarms concern the caller: a line on each of their pages.
    pub async fn heard(&self, caller: &Caller) -> AlarmCount {
        if caller.role == Role::Administrator {
            return AlarmCount::default();
        }
        let (ears, authority) = (self.ears(caller), self.context.authority.clone());
        let found = self
            .context
            .read(move |conn| visible(conn, &authority, ears))
            .await;
        match found {
            Ok(visible) => AlarmCount {
                count: visible.alarms.len(),
                may_list: visible.may_list,
            },
            Err(error) => {
                tracing::warn!(event = "database-failing", %error, "the alarms could not be counted");
                AlarmCount::default()
            }
        }
    }

    /// The open alarms, the oldest first: all of them for auditors and custodians, those of their own teams for leads.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn open(&self, caller: &Caller) -> Result<Vec<AlarmView>, Error> {
        let (ears, authority) = (self.ears(caller), self.context.authority.clone());
        self.context
            .read(move |conn| {
                let found = visible(conn, &authority, ears)?;
                if !found.may_list {
                    return Err(Error::NotFound);
                }
                let teams = store::team_list(conn)?.into_iter();
                let people = store::staff_list(conn)?.into_iter();
                let names: BTreeMap<String, String> = teams
                    .map(|team| (team.id.to_string(), team.name))
                    .chain(people.map(|person| (person.id.to_string(), person.handle)))
                    .collect();
                let view = |alarm: Alarm| AlarmView {
                    id: alarm.id,
                    kind: alarm.kind,
                    subject: names.get(&alarm.subject).cloned().unwrap_or(alarm.subject),
                    day: alarm.day,
                };
                Ok(found.alarms.into_iter().map(view).collect())
            })
            .await
    }

    /// Says that the caller, an auditor or a custodian, has looked into it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn see(&self, caller: &Caller, id: AlarmId) -> Result<(), Error> {
        if !matches!(caller.role, Role::Auditor | Role::Custodian) {
            return Err(Error::NotFound);
        }
        let (actor, ears) = (Some(caller.staff), self.ears(caller));
        self.context
            .write(move |txn| {
                let authority = txn.authority();
                if !visible(txn, authority, ears)?.may_list {
                    return Err(Error::NotFound);
                }
                let alarm = store::alarms_open(txn)?
                    .into_iter()
                    .find(|alarm| alarm.id == id)
                    .ok_or(Error::Changed)?;
                store::alarm_see(txn, id)?;
                txn.record(
                    actor,
                    AuditEvent::AlarmSeen {
                        alarm: AlarmSubject {
                            kind: alarm.kind,
                            subject: alarm.subject,
                        },
                    },
                )?;
                Ok(())
            })
            .await
    }

    fn ears(&self, caller: &Caller) -> Ears {
        Ears {
            staff: caller.staff,
            role: caller.role,
            is_pinned: self.context.is_pinned(&caller.keys.verify_key()),
        }
    }
}

/// An account alone, which an administrator can make, hears nothing and silences nothing: auditors must have been let in by
/// auditors, and a custodian's key must be pinned.
fn visible(conn: &mut DbConnection, authority: &Authority, ears: Ears) -> StoreResult<Visible> {
    let mut alarms = store::alarms_open(conn)?;
    // Whether somebody leads each of their teams.
    let mut teams = BTreeMap::new();
    for own in store::memberships_of_staff(conn, ears.staff)? {
        if own.state != MemberState::Member {
            continue;
        }
        let ledger = authority.team(conn, own.team)?;
        // Where the ledger says nothing the administrators' wish does: somebody is to hear of it.
        let leads = match &ledger.state {
            Some(team) => team.members.get(&ears.staff).is_some_and(|it| it.lead),
            None => own.lead,
        };
        teams.insert(own.team.to_string(), leads);
    }
    let may_list = match ears.role {
        Role::Auditor if !teams.is_empty() => true,
        Role::Custodian if ears.is_pinned => true,
        Role::Auditor | Role::Custodian | Role::Administrator => {
            alarms.clear();
            false
        }
        Role::Caseworker => {
            alarms.retain(|alarm| match teams.get(&alarm.subject) {
                Some(true) => FOR_LEADS.contains(&alarm.kind),
                Some(false) => alarm.kind == AlarmKind::TeamBroken,
                None => false,
            });
            teams.values().any(|leads| *leads)
        }
    };
    Ok(Visible { alarms, may_list })
}
