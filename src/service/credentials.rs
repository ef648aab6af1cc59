//! The server's own secrets: what still needs which version, what may go, and what an administrator sees and orders of them.
//!
//! No secret passes through here but in [`Credentials`], which tells none. Changing one is done by a command on the server
//! (`kapea credentials rotate`), because the file that they are in is not the service's to write.

mod view;

use super::accounts::Caller;
use super::admin::administrator;
use super::attempts;
use super::context::Context;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::credential::CredentialOrder;
use crate::seal::chain::CustodianPins;
use crate::seal::credentials::{Credentials, VersionInfo, contact_version};
use crate::seal::keys::VerifyKey;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreError, StoreResult, WriteTxn};

pub use view::{Count, Counted, CustodianView, ServerKeyName, ServerKeyView, ServerKeysView};

/// The row of `settings` that says when the login at the mail server was last changed, and how often it has been.
const MAIL_LOGIN: &str = "mail_login";

/// An order that is not carried out yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered {
    /// The day of the order.
    pub day: Day,
}

/// A version of the root, and what is under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionUse {
    /// Which version.
    pub info: VersionInfo,
    /// Accounts whose passphrase is under it.
    pub accounts: usize,
    /// Addresses that are sealed under it.
    pub addresses: usize,
}

/// Every version of the root, the oldest first, and what is under it.
///
/// # Errors
/// From the database.
pub fn usage(conn: &mut DbConnection, credentials: &Credentials) -> StoreResult<Vec<VersionUse>> {
    let (accounts, addresses) = (accounts(conn)?, addresses(conn)?);
    let count = |rows: &[u32], number| rows.iter().filter(|row| **row == number).count();
    let versions = credentials.versions().into_iter();
    let uses = versions.map(|info| VersionUse {
        info,
        accounts: count(&accounts, info.number),
        addresses: count(&addresses, info.number),
    });
    Ok(uses.collect())
}

/// The newest version that a row is under, if the file does not have it: then it is an old copy.
///
/// # Errors
/// From the database.
pub fn missing(conn: &mut DbConnection, credentials: &Credentials) -> StoreResult<Option<u32>> {
    let rows = [accounts(conn)?, addresses(conn)?].concat();
    let newest = rows.into_iter().max();
    Ok(newest.filter(|version| *version > credentials.version()))
}

/// The version of the root that each account's passphrase is under.
fn accounts(conn: &mut DbConnection) -> StoreResult<Vec<u32>> {
    let rows = store::unlock_peppers(conn)?.into_iter();
    Ok(rows.map(|(_, version)| version).collect())
}

/// The version of the root that each address is sealed under.
fn addresses(conn: &mut DbConnection) -> StoreResult<Vec<u32>> {
    let rows = store::addresses_sealed(conn)?;
    let versions = rows
        .iter()
        .filter_map(|(_, sealed)| contact_version(sealed));
    Ok(versions.collect())
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

/// Seals every address under the newest root that is not yet. Says how many.
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
            Err(error) => {
                tracing::error!(event = "address-unreadable", %error, "an address does not open and stays as it is")
            }
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
    let version = match order {
        CredentialOrder::Root => i64::from(context.credentials().version()),
        CredentialOrder::Mail => mail_login(conn)?.map_or(0, |(_, count)| count),
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
