//! `kapea staff invite`, and the invitations that `kapea init` prints.

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::arguments::StaffInviteArguments;
use super::{configuration, offline};
use crate::config::BaseUrl;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{Handle, Role, StaffState};
use crate::seal::invitation::InvitationToken;
use crate::seal::keys::{Seed, StaffKeys, VerifyKey};
use crate::service::admin;
use crate::service::audit_log::AuditLog;
use crate::service::error::Error;
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, Invitation, Store, StoreResult};

/// Where the staff side takes up an invitation; the token follows.
pub const INVITATION_PATH: &str = "/join/";

/// Somebody to be invited.
pub struct Invitee<'a> {
    /// Their handle.
    pub handle: &'a Handle,
    /// What the account is for.
    pub role: Role,
    /// A caseworker's team.
    pub team: Option<TeamId>,
}

/// An account that waits for its person.
pub struct Invited {
    /// The token of the link. Shown once, stored as a hash.
    pub token: SecretString,
    /// A custodian's key, which must be pinned in the configuration; nobody else has one yet.
    pub verify_key: Option<VerifyKey>,
}

impl Invited {
    /// The link to give to the person.
    pub fn link(&self, staff_url: &BaseUrl) -> SecretString {
        let token = self.token.expose_secret();
        SecretString::from(format!("{}{INVITATION_PATH}{token}", staff_url.as_str()))
    }
}

/// Makes an account and its invitation, or a new invitation for an account that nobody has taken up yet.
///
/// A custodian's key is made here and travels sealed under the link, because the configuration must pin it beforehand. A new
/// invitation makes a new key.
///
/// # Errors
/// If the handle belongs to an account in use or of another role, or the database refuses.
pub fn invite(
    audit_log: &AuditLog,
    store: &Store,
    who: &Invitee<'_>,
    now: Timestamp,
    hours: u32,
) -> anyhow::Result<Invited> {
    let seed = (who.role == Role::Custodian).then(Seed::random);
    let verify_key = seed
        .as_ref()
        .map(|seed| StaffKeys::from_seed(seed).verify_key());
    let secret = seed.map(|seed| Zeroizing::new(seed.expose().to_vec()));
    let until = now.plus(i64::from(hours).saturating_mul(3600));
    let token = InvitationToken::random();
    store
        .blocking_write(|conn| match waiting(conn, who)? {
            Some(staff) => {
                let txn = &mut Txn::new(audit_log, conn.reborrow(), now);
                invite_again_in_txn(txn, staff, &token, secret, until)
            }
            None => {
                let invitee = admin::Invitee {
                    handle: who.handle.clone(),
                    role: who.role,
                    team: who.team.map(|team| (team, false)),
                    secret,
                    token: token.share(),
                };
                let txn = &mut Txn::new(audit_log, conn.reborrow(), now);
                admin::invite_in_txn(txn, invitee, None, until).map(|_| ())
            }
        })
        .with_context(|| format!("cannot invite {}", who.handle))?;
    Ok(Invited {
        token: token.text(),
        verify_key,
    })
}

/// The account of that handle and role, if it waits to be taken up.
fn waiting(conn: &mut DbConnection, who: &Invitee<'_>) -> StoreResult<Option<StaffId>> {
    let staff = store::staff_by_handle(conn, who.handle.as_str())?;
    Ok(staff
        .filter(|staff| staff.state == StaffState::Invited && staff.role == who.role)
        .map(|staff| staff.id))
}

fn invite_again_in_txn(
    txn: &mut Txn<'_>,
    staff: StaffId,
    token: &InvitationToken,
    secret: Option<Zeroizing<Vec<u8>>>,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let secret_ct = secret
        .map(|secret| token.seal(staff, &secret))
        .transpose()
        .map_err(|_| Error::Unavailable)?;
    let row = Invitation {
        token_hash: token.hash(),
        staff,
        expires_at,
        secret_ct,
    };
    store::invitation_put(txn, &row)?;
    txn.record(None, AuditEvent::PersonInvitedAgain { person: staff })?;
    Ok(())
}

pub(super) fn run(arguments: &StaffInviteArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let store = offline::store(&config)?;
    let team = team(&store, arguments.team.as_deref())?;
    ensure!(
        team.is_some() == (arguments.role == Role::Caseworker),
        "a caseworker needs a team (--team NAME); nobody else has one"
    );
    let who = Invitee {
        handle: &arguments.handle,
        role: arguments.role,
        team,
    };
    let hours = config.limits.invitation_hours;
    let audit_log = offline::audit_log(&config, &store)?;
    let invited = invite(&audit_log, &store, &who, Clock::system().now(), hours)?;

    println!(
        "Give this link to {} in person. It works once, for {hours} hours:",
        arguments.handle
    );
    println!(
        "  {}",
        invited.link(&config.server.staff_url).expose_secret()
    );
    if let Some(key) = invited.verify_key {
        println!(
            "Add this to custodians.keys in {}, and restart:",
            arguments.config.path.display()
        );
        println!(
            "  {{ name = \"{}\", verify_key = \"{key}\" }},",
            arguments.handle
        );
        println!("Compare it with them, by telephone or in person:");
        println!("  Fingerprint: {}", key.fingerprint());
    }
    Ok(())
}

fn team(store: &Store, name: Option<&str>) -> anyhow::Result<Option<TeamId>> {
    let Some(name) = name else { return Ok(None) };
    let teams = store
        .blocking(store::team_list)
        .context("cannot read the teams")?;
    let team = teams.into_iter().find(|team| team.name == name);
    let team = team.with_context(|| format!("there is no team named \"{name}\""))?;
    Ok(Some(team.id))
}
