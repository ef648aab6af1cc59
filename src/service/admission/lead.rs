//! Who leads a team: its leads name others, and step down as long as somebody else leads.

use super::Admission;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{StaffId, TeamId};
use crate::ledger::team::{TeamBody, TeamState};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::keyring::MemberKeys;
use crate::store::{self, DbConnection, StoreResult};

/// What may be decided about a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadChange {
    /// Who.
    pub person: StaffId,
    /// Their handle.
    pub handle: String,
    /// Whether it is the caller.
    pub is_own: bool,
    /// Whether they would lead the team then.
    pub lead: bool,
}

impl Admission {
    /// A lead's decision who leads their team.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller does not lead the team; [`Error::NotPossible`] if nobody would lead it any more.
    pub async fn set_lead(
        &self,
        caller: &Caller,
        team: TeamId,
        (person, lead): (StaffId, bool),
        code: &str,
    ) -> Result<(), Error> {
        let hand = MemberKeys::of(caller).ok_or(Error::NotFound)?;
        self.lead_confirms(caller, team, code).await?;
        self.context
            .write(move |txn| {
                let body = TeamBody::Lead { person, lead };
                txn.say(team, hand.staff, &[hand.keys.signing()], body)?;
                let event = match lead {
                    true => AuditEvent::TeamLeadMade { team, person },
                    false => AuditEvent::TeamLeadEnded { team, person },
                };
                Ok(txn.record(hand.staff, event)?)
            })
            .await
    }
}

/// What somebody may decide about who leads their team.
pub(super) fn changes(
    conn: &mut DbConnection,
    team: &TeamState,
    me: StaffId,
) -> StoreResult<Vec<LeadChange>> {
    let mut changes = Vec::new();
    if !team.may_lead(me) {
        return Ok(changes);
    }
    for (person, member) in &team.members {
        let is_last = member.lead && team.leads().count() == 1;
        if !is_last {
            changes.push(LeadChange {
                person: *person,
                handle: store::staff_handle(conn, *person)?,
                is_own: *person == me,
                lead: !member.lead,
            });
        }
    }
    changes.sort_by(|one, other| one.handle.cmp(&other.handle));
    Ok(changes)
}
