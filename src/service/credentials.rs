//! The server's own secrets: what still needs which version, what may go, and what an administrator sees and orders of them.
//!
//! No secret passes through here but in [`Credentials`], which tells none. Changing one is done by a command on the server
//! (`kapea credentials rotate`), because the file that they are in is not the service's to write.

mod view;

use super::accounts::Caller;
use super::admin::administrator;
use super::attempts;
use super::context::{Context, Settings};
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::credential::{CredentialKind, CredentialOrder};
use crate::seal::chain::CustodianPins;
use crate::seal::credentials::{Credentials, VersionInfo, contact_version};
use crate::seal::keys::VerifyKey;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreError, StoreResult, WriteTxn};

pub use view::{CustodianView, ServerKeyName, ServerKeyView, ServerKeysView};

/// The row of `settings` that says when the login at the mail server was last changed, and how often it has been.
const MAIL_LOGIN: &str = "mail_login";

/// An order that is not carried out yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered {
    /// The day of the order.
    pub day: Day,
}

/// How long what was made with an earlier version may turn up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizons {
    /// Days for which a form can be sent after it was opened.
    pub form: i64,
    /// Days for which a mailbox stays open.
    pub mailbox: i64,
}

/// A version of a secret, and what still needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionUse {
    /// Of which secret.
    pub kind: CredentialKind,
    /// Which version.
    pub info: VersionInfo,
    /// Rows under it: accounts under a pepper, addresses under a contact key; 0 for others, which are not counted.
    pub rows: i64,
    /// The first UTC day on which nothing can need it any more, where a clock runs.
    pub ends: Option<Day>,
    /// Whether it must stay in the file.
    pub is_needed: bool,
}

impl Horizons {
    /// As the settings have it.
    pub fn of(settings: &Settings) -> Self {
        Self {
            form: i64::from(settings.ticket_minutes)
                .div_euclid(24 * 60)
                .saturating_add(1),
            mailbox: settings.mailbox_days,
        }
    }
}

/// Every version of every secret, and what still needs it.
///
/// # Errors
/// From the database.
pub fn usage(
    conn: &mut DbConnection,
    credentials: &Credentials,
    horizons: Horizons,
    today: Day,
) -> StoreResult<Vec<VersionUse>> {
    let peppers: Vec<u32> = store::unlock_peppers(conn)?
        .into_iter()
        .map(|(_, version)| version)
        .collect();
    let contacts: Vec<u32> = store::addresses_sealed(conn)?
        .iter()
        .filter_map(|(_, sealed)| contact_version(sealed))
        .collect();
    let mut uses = Vec::new();
    for kind in CredentialKind::ALL.iter().copied() {
        for info in credentials.versions(kind) {
            let count = |rows: &[u32]| rows.iter().filter(|row| **row == info.number).count();
            let rows = match kind {
                CredentialKind::Pepper => count(&peppers),
                CredentialKind::Contact => count(&contacts),
                CredentialKind::Ticket | CredentialKind::Audit | CredentialKind::Salt => 0,
            };
            let clock = |days: i64| info.replaced.map(|day| day.plus(days.saturating_add(2)));
            let ends = match kind {
                CredentialKind::Pepper => credentials.pepper_ends(info.number),
                CredentialKind::Ticket => clock(horizons.form),
                CredentialKind::Salt => clock(horizons.mailbox),
                CredentialKind::Contact | CredentialKind::Audit => None,
            };
            let is_running = ends.is_some_and(|day| day > today);
            let is_needed = info.is_newest
                || match kind {
                    CredentialKind::Pepper => rows > 0 && is_running,
                    CredentialKind::Contact => rows > 0,
                    // The entries of its time open with it alone, and it introduces the next.
                    CredentialKind::Audit => true,
                    CredentialKind::Ticket | CredentialKind::Salt => is_running,
                };
            uses.push(VersionUse {
                kind,
                info,
                rows: i64::try_from(rows).unwrap_or(i64::MAX),
                ends,
                is_needed,
            });
        }
    }
    Ok(uses)
}

/// Versions that rows are under and that the file does not have: it is an old copy.
///
/// # Errors
/// From the database.
pub fn missing(
    conn: &mut DbConnection,
    credentials: &Credentials,
) -> StoreResult<Vec<(CredentialKind, u32)>> {
    let peppers = store::unlock_peppers(conn)?.into_iter();
    let peppers = peppers.map(|(_, version)| (CredentialKind::Pepper, version));
    let contacts = store::addresses_sealed(conn)?.into_iter();
    let contacts = contacts
        .filter_map(|(_, sealed)| contact_version(&sealed))
        .map(|version| (CredentialKind::Contact, version));
    let mut missing: Vec<_> = peppers
        .chain(contacts)
        .filter(|(kind, version)| {
            let versions = credentials.versions(*kind);
            versions.iter().all(|info| info.number != *version)
        })
        .collect();
    missing.sort_unstable();
    missing.dedup();
    Ok(missing)
}

/// Takes away what nothing needs any more, with the passphrases whose pepper's time is over, and records it. Says what went.
///
/// # Errors
/// From the database.
pub fn prune_in_txn(
    txn: &mut Txn<'_>,
    credentials: &mut Credentials,
    horizons: Horizons,
) -> StoreResult<Vec<VersionUse>> {
    let today = txn.today();
    let mut gone = Vec::new();
    for version in usage(txn, credentials, horizons, today)? {
        if version.is_needed || !credentials.forget(version.kind, version.info.number) {
            continue;
        }
        if version.kind == CredentialKind::Pepper {
            store::unlocks_of_pepper_delete(txn, version.info.number)?;
        }
        let event = AuditEvent::CredentialPruned {
            credential: version.kind,
            version: version.info.number,
        };
        txn.record(None, event)?;
        gone.push(version);
    }
    Ok(gone)
}

/// Records that a secret has a new version.
///
/// # Errors
/// From the database.
pub fn rotated_in_txn(txn: &mut Txn<'_>, kind: CredentialKind, number: u32) -> StoreResult<()> {
    let event = AuditEvent::CredentialChanged {
        credential: kind,
        version: number,
    };
    txn.record(None, event)
}

/// Writes down since when the service knows the login at the mail server and each custodian's key, whose files do not tell.
///
/// # Errors
/// From the database.
pub fn seen_in_txn(conn: &mut WriteTxn<'_>, pins: &CustodianPins, today: Day) -> StoreResult<()> {
    if store::setting_find(conn, MAIL_LOGIN)?.is_none() {
        store::setting_put(conn, MAIL_LOGIN, &format!("{} 0", today.number()))?;
    }
    for custodian in &pins.custodians {
        let key = pin_setting(&custodian.key);
        if store::setting_find(conn, &key)?.is_none() {
            store::setting_put(conn, &key, &today.number().to_string())?;
        }
    }
    Ok(())
}

/// Records that the service goes on with what was read anew; `parts` names what has changed.
///
/// # Errors
/// From the database.
pub fn reloaded_in_txn(
    txn: &mut Txn<'_>,
    parts: &[String],
    is_login_changed: bool,
) -> StoreResult<()> {
    let today = txn.today();
    if is_login_changed {
        let count = mail_login(txn)?.map_or(0, |(_, count)| count);
        let value = format!("{} {}", today.number(), count.saturating_add(1));
        store::setting_put(txn, MAIL_LOGIN, &value)?;
    }
    let parts = parts.join(" ");
    txn.record(None, AuditEvent::ConfigurationReloaded { parts })
}

/// Seals every address with the newest contact key that is not yet. Says how many.
///
/// # Errors
/// From the database.
pub fn addresses_renew_in_txn(txn: &mut Txn<'_>, credentials: &Credentials) -> StoreResult<usize> {
    let mut renewed = 0;
    for (letter, seen) in store::addresses_sealed(txn)? {
        match credentials.contact_renew(letter.as_bytes(), &seen) {
            Ok(None) => {}
            Ok(Some(sealed)) => {
                if store::address_renew(txn, letter, &seen, &sealed)? {
                    renewed += 1;
                }
            }
            Err(error) => tracing::error!(%error, "an address does not open and stays as it is"),
        }
    }
    if renewed > 0 {
        let count = renewed;
        txn.record(None, AuditEvent::AddressesSealedAnew { count })?;
    }
    Ok(renewed)
}

fn setting(order: CredentialOrder) -> String {
    format!("order_{order}")
}

/// The day of the last change of the login at the mail server that was seen, and how many there were.
fn mail_login(conn: &mut DbConnection) -> Result<Option<(Day, i64)>, StoreError> {
    let value = store::setting_find(conn, MAIL_LOGIN)?;
    Ok(value.as_deref().and_then(pair))
}

/// An order stands while the version is the one that it was given for.
fn ordered(
    conn: &mut DbConnection,
    order: CredentialOrder,
    version: i64,
) -> Result<Option<Ordered>, StoreError> {
    let value = store::setting_find(conn, &setting(order))?;
    let given = value.as_deref().and_then(pair);
    Ok(given
        .filter(|(_, then)| *then == version)
        .map(|(day, _)| Ordered { day }))
}

fn pair(value: &str) -> Option<(Day, i64)> {
    let (day, number) = value.split_once(' ')?;
    Some((Day::from_number(day.parse().ok()?), number.parse().ok()?))
}

fn order_in_txn(
    conn: &mut WriteTxn<'_>,
    context: &Context,
    order: CredentialOrder,
    today: Day,
) -> Result<bool, StoreError> {
    let version = match order.credential() {
        Some(kind) => {
            let newest = context.credentials().versions(kind).pop();
            newest.map_or(0, |info| i64::from(info.number))
        }
        None => mail_login(conn)?.map_or(0, |(_, count)| count),
    };
    if ordered(conn, order, version)?.is_some() {
        return Ok(false);
    }
    let value = format!("{} {version}", today.number());
    store::setting_put(conn, &setting(order), &value)?;
    Ok(true)
}

/// The row of `settings` with the day since which a custodian's key is known.
fn pin_setting(key: &VerifyKey) -> String {
    format!("pinned_{key}")
}

/// See the module.
#[derive(Clone)]
pub struct ServerKeys {
    context: Context,
}

impl ServerKeys {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Orders that a key be changed. It stands on the page until it is; whoever runs the server carries it out. `false` if it is
    /// ordered already.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn order(&self, caller: &Caller, name: CredentialOrder) -> Result<bool, Error> {
        administrator(caller)?;
        let (context, actor) = (self.context.clone(), caller.staff);
        self.context
            .write(move |txn| -> Result<bool, StoreError> {
                let today = txn.today();
                if !order_in_txn(txn, &context, name, today)? {
                    return Ok(false);
                }
                txn.record(actor, AuditEvent::CredentialOrdered { credential: name })?;
                Ok(true)
            })
            .await
            .map_err(Error::from)
    }

    /// Ends every session, the caller's too.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn end_sessions(&self, caller: &Caller, code: &str) -> Result<(), Error> {
        administrator(caller)?;
        attempts::second_factor(&self.context, caller, code).await?;
        let actor = caller.staff;
        let today = self.context.clock.today();
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                let ended = store::sessions_delete_all(txn)?;
                txn.record(actor, AuditEvent::SessionsEnded { count: ended })
            })
            .await?;
        self.context.session_roots.end_all(today);
        Ok(())
    }
}
