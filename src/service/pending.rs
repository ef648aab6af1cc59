//! A recovery code is shown before it counts: it waits, sealed in the page, until its end is typed back from paper. So no answer is the only
//! one that holds a secret, and whatever breaks before that leaves everything as it was.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::accounts::Accounts;
use super::devices::Asker;
use super::error::Error;
use super::ways::{as_row, as_unlock};
use crate::domain::ids::StaffId;
use crate::domain::staff::UnlockMethod;
use crate::seal::recovery_code::{self, RecoveryCode};
use crate::seal::ticket;
use crate::seal::unlock::{self, StaffSecret};
use crate::store::{self, UnlockRow};

/// The page in which something waits, and for how many seconds it may stay open.
#[derive(Clone, Copy)]
pub(super) struct Waiting(&'static str, i64);

/// An invitation's page.
pub(super) const JOINING: Waiting = Waiting("enrol", 4 * 3_600);
/// The page for a forgotten passphrase.
pub(super) const FORGOTTEN: Waiting = Waiting("forgotten", 3_600);
/// Another recovery code.
pub(super) const RECOVERY: Waiting = Waiting("recovery-code", 30 * 60);
/// Another authenticator.
pub(super) const AUTHENTICATOR: Waiting = Waiting("authenticator/kept", 30 * 60);
/// A new key of one's own.
pub(super) const RENEWAL: Waiting = Waiting("renewal", 30 * 60);

/// A recovery code that is not in force yet.
pub struct NewCode {
    /// To be written on paper.
    pub printed: SecretString,
    /// Hidden field that carries it.
    pub kept: String,
}

/// What came back with the end of a new recovery code.
pub struct TypedBack<'a> {
    /// The hidden field.
    pub kept: &'a str,
    /// The passphrase that will open the account: a new one, or the present one once more, because both ways in are sealed anew.
    pub passphrase: SecretString,
    /// Six digits of the authenticator.
    pub code: &'a str,
    /// The new recovery code, or its last two groups.
    pub recovery: SecretString,
}

/// A recovery code that waits, and what waits with it.
pub(super) struct Pending {
    code: RecoveryCode,
    pub(super) with: Zeroizing<Vec<u8>>,
    /// As it came back: showing it again does not prolong it.
    kept: Option<String>,
}

impl Pending {
    pub(super) fn new(with: Zeroizing<Vec<u8>>) -> Self {
        let code = recovery_code::generate();
        Self {
            code,
            with,
            kept: None,
        }
    }

    /// Whether it is on paper.
    ///
    /// # Errors
    /// [`Error::NotTypedBack`].
    pub(super) fn must_be_typed_back(&self, text: &SecretString) -> Result<(), Error> {
        if recovery_code::is_typed_back(&self.code, text.expose_secret()) {
            Ok(())
        } else {
            Err(Error::NotTypedBack)
        }
    }

    /// The row that it will open.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if sealing fails.
    pub(super) fn row(&self, staff: StaffId, secret: &StaffSecret) -> Result<UnlockRow, Error> {
        let unlock = unlock::create_with_recovery(&self.code, staff, secret)?;
        Ok(as_row(staff, UnlockMethod::Recovery, unlock))
    }
}

impl Accounts {
    /// Whether this code opens the account already: what came back came back before.
    ///
    /// # Errors
    /// [`Error`] from the database.
    pub(super) async fn is_in_force(
        &self,
        staff: StaffId,
        pending: &Pending,
    ) -> Result<bool, Error> {
        let found = self
            .context
            .read(move |conn| store::unlock_find(conn, staff, UnlockMethod::Recovery));
        let row = found.await?.map(as_unlock);
        let opens = |row| unlock::open_with_recovery(&row, &pending.code, staff).is_ok();
        Ok(row.is_some_and(opens))
    }

    /// Whether it came back before, with this passphrase.
    ///
    /// # Errors
    /// [`Error`] from the database.
    pub(super) async fn is_made_with(
        &self,
        staff: StaffId,
        pending: &Pending,
        passphrase: SecretString,
    ) -> Result<bool, Error> {
        if !self.is_in_force(staff, pending).await? {
            return Ok(false);
        }
        let find = self
            .context
            .read(move |conn| store::staff_find(conn, staff));
        let handle = find.await?.handle;
        let opened = self.unlock(Asker::AtTheDoor(&[]), &handle, passphrase);
        Ok(opened.await?.is_some())
    }

    /// What came back in a hidden field.
    ///
    /// # Errors
    /// [`Error::Expired`] if it was not made for this page, or too long ago.
    pub(super) async fn pending(&self, page: Waiting, kept: &str) -> Result<Pending, Error> {
        let (keys, now) = (self.context.ticket_keys().await, self.context.clock.now());
        let payload = ticket::box_open_any(&keys, page.0, kept, now).map_err(|_| Error::Expired)?;
        let (code, with) = payload.split_first_chunk::<16>().ok_or(Error::Expired)?;
        Ok(Pending {
            code: RecoveryCode::from_bytes(*code),
            with: Zeroizing::new(with.to_vec()),
            kept: Some(kept.to_owned()),
        })
    }

    /// As it is shown.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if sealing fails.
    pub(super) async fn shown(&self, page: Waiting, pending: &Pending) -> Result<NewCode, Error> {
        let printed = pending.code.grouped();
        if let Some(kept) = pending.kept.clone() {
            return Ok(NewCode { printed, kept });
        }
        let payload =
            Zeroizing::new([pending.code.expose().as_slice(), pending.with.as_slice()].concat());
        let expires = self.context.clock.now().plus(page.1);
        let keys = self.context.ticket_keys().await;
        let kept = ticket::box_seal(keys.newest(), page.0, expires, &payload)?;
        Ok(NewCode { printed, kept })
    }
}
