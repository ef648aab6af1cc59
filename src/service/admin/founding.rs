//! New accounts and new teams, as the administrator's pages and the command line make them.

use zeroize::Zeroizing;

use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::AUDIT_CHANNEL;
use crate::domain::staff::{Handle, MemberState, Role, StaffState, TeamKind};
use crate::seal::invitation::InvitationToken;
use crate::seal::random;
use crate::service::error::Error;
use crate::service::txn::Txn;
use crate::store::{self, Channel, Invitation, Membership, Staff, Team};

/// The name of the auditors' team, which nobody is asked for. In both languages, since it is kept.
const AUDITORS: &str = "Auditors · សវនករ";

/// Somebody to be invited.
pub struct Invitee {
    /// Their handle.
    pub handle: Handle,
    /// Their role.
    pub role: Role,
    /// A caseworker's team, and whether they lead it.
    pub team: Option<(TeamId, bool)>,
    /// A custodian's seed that was made before, so that its verify key could be pinned. Sealed to the token.
    pub secret: Option<Zeroizing<Vec<u8>>>,
    /// Of the link they get.
    pub token: InvitationToken,
}

/// Makes the account's row and its invitation.
///
/// # Errors
/// [`Error::HandleTaken`].
pub fn invite_in_txn(
    txn: &mut Txn<'_>,
    who: Invitee,
    actor: Option<StaffId>,
    expires_at: Timestamp,
) -> Result<StaffId, Error> {
    let now = txn.now();
    if store::staff_by_handle(txn, who.handle.as_str())?.is_some() {
        return Err(Error::HandleTaken);
    }
    let team = match (who.role, who.team) {
        (Role::Auditor, _) => Some((auditors_in_txn(txn, actor)?, false)),
        (Role::Caseworker, Some((team, _)))
            if store::team_find(txn, team)?.kind == TeamKind::Audit =>
        {
            return Err(Error::TeamMissing);
        }
        (_, team) => team,
    };
    let staff = random::staff_id();
    store::staff_insert(
        txn,
        &Staff {
            id: staff,
            handle: who.handle.to_string(),
            role: who.role,
            state: StaffState::Invited,
            recipient: None,
            verify_key: None,
            joined: now.day(),
        },
    )?;
    if let Some((team, lead)) = team {
        let row = Membership {
            team,
            staff,
            lead,
            state: MemberState::Invited,
        };
        store::membership_insert(txn, &row)?;
    }
    let secret_ct = match who.secret {
        Some(secret) => Some(who.token.seal(staff, &secret)?),
        None => None,
    };
    let row = Invitation {
        token_hash: who.token.hash(),
        staff,
        expires_at,
        secret_ct,
    };
    store::invitation_put(txn, &row)?;
    let event = AuditEvent::PersonInvited {
        person: staff,
        role: who.role,
    };
    txn.record(actor, event)?;
    Ok(staff)
}

/// Makes a team and names the channels that should feed it.
///
/// # Errors
/// [`Error`] from the database.
pub fn team_create_in_txn(
    txn: &mut Txn<'_>,
    name: &str,
    channels: &[String],
    actor: Option<StaffId>,
) -> Result<TeamId, Error> {
    // Whoever took it would keep the first auditor from being invited.
    if name == AUDITORS {
        return Err(Error::InvalidName);
    }
    let kind = TeamKind::Casework;
    made_in_txn(txn, (kind, name), channels, actor)
}

/// The team that all auditors are in. The first one who is invited brings it about.
fn auditors_in_txn(txn: &mut Txn<'_>, actor: Option<StaffId>) -> Result<TeamId, Error> {
    let known = store::team_list(txn)?
        .into_iter()
        .find(|team| team.kind == TeamKind::Audit);
    if let Some(team) = known {
        return Ok(team.id);
    }
    let channels = [AUDIT_CHANNEL.to_owned()];
    let named = (TeamKind::Audit, AUDITORS);
    made_in_txn(txn, named, &channels, actor)
}

fn made_in_txn(
    txn: &mut Txn<'_>,
    (kind, name): (TeamKind, &str),
    channels: &[String],
    actor: Option<StaffId>,
) -> Result<TeamId, Error> {
    let team = Team::usual(random::team_id(), name.to_owned(), kind);
    store::team_insert(txn, &team)?;
    for channel in channels {
        store::channel_put(
            txn,
            &Channel {
                id: channel.clone(),
                team: team.id,
            },
        )?;
    }
    let event = AuditEvent::TeamMade {
        team: team.id,
        channels: channels.join(" "),
    };
    txn.record(actor, event)?;
    Ok(team.id)
}
