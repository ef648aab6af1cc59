//! `kapea staff invite`, and the invitations that `kapea init` prints.

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use super::arguments::StaffInviteArguments;
use super::{configuration, offline};
use crate::config::BaseUrl;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::staff::{Handle, Role, StaffState};
use crate::seal::invitation::InvitationToken;
use crate::seal::keys::{Seed, StaffKeys, VerifyKey};
use crate::seal::random;
use crate::store::{self, DbConnection, Invitation, Staff, Store, StoreError, StoreResult};

/// Where the staff side takes up an invitation; the token follows.
pub const INVITATION_PATH: &str = "/invitation/";

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
/// A custodian's key is made here and travels sealed under the link, because the configuration must pin it beforehand.
///
/// # Errors
/// [`StoreError::Conflict`] if the handle belongs to an account in use.
pub fn invite(
    store: &Store,
    handle: &Handle,
    role: Role,
    now: Timestamp,
    hours: u32,
) -> Result<Invited, anyhow::Error> {
    let token = InvitationToken::random();
    let seed = (role == Role::Custodian).then(Seed::random);
    let verify_key = seed
        .as_ref()
        .map(|seed| StaffKeys::from_seed(seed).verify_key());
    store
        .blocking_write(|conn| {
            let staff = account_in_txn(conn, handle, role, now)?;
            let secret_ct = seed
                .as_ref()
                .map(|seed| token.seal(staff.id, seed.expose()))
                .transpose()
                .map_err(|error| StoreError::Other(Box::new(error)))?;
            let invitation = Invitation {
                token_hash: token.hash(),
                staff: staff.id,
                expires_at: now.plus(i64::from(hours).saturating_mul(3600)),
                secret_ct,
            };
            store::invitation_put_in_txn(conn, &invitation)?;
            offline::record_in_txn(conn, "staff-invited", staff.id.as_bytes(), now)
        })
        .with_context(|| format!("cannot invite {handle}"))?;
    Ok(Invited {
        token: token.text(),
        verify_key,
    })
}

/// The account of that handle if it waits to be taken up, or a new one.
fn account_in_txn(
    conn: &mut DbConnection,
    handle: &Handle,
    role: Role,
    now: Timestamp,
) -> StoreResult<Staff> {
    match store::staff_by_handle(conn, handle.as_str())? {
        Some(staff) if staff.state == StaffState::Invited && staff.role == role => Ok(staff),
        Some(_) => Err(StoreError::Conflict),
        None => {
            let staff = Staff {
                id: random::staff_id(),
                handle: handle.to_string(),
                role,
                state: StaffState::Invited,
                recipient: None,
                verify_key: None,
                contact_ct: None,
                joined: now.day(),
            };
            store::staff_insert(conn, &staff)?;
            Ok(staff)
        }
    }
}

pub(super) fn run(arguments: &StaffInviteArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let store = offline::store(&config)?;
    let now = Clock::system().now();
    let hours = config.limits.invitation_hours;
    let invited = invite(&store, &arguments.handle, arguments.role, now, hours)?;

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
        println!("The key's fingerprint is {}.", key.fingerprint());
    }
    Ok(())
}
