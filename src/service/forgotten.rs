//! A forgotten passphrase: the printed recovery code and the second factor open the account, and both ways in are made anew.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::accounts::{Accounts, strong};
use super::attempts;
use super::error::Error;
use super::pending::{FORGOTTEN, NewCode, Pending, TypedBack};
use super::ways::{self, Sessions, as_unlock};
use crate::domain::audit::AuditEvent;
use crate::domain::staff::{UnlockMethod, Way};
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{random, recovery_code};
use crate::store::{Staff, StoreError};

impl Accounts {
    /// A new recovery code for the page, or the one that it showed before.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if sealing fails.
    pub async fn forgotten_page(&self, kept: &str) -> Result<NewCode, Error> {
        let pending = self.pending(FORGOTTEN, kept).await;
        self.shown(
            FORGOTTEN,
            &pending.unwrap_or_else(|_| Pending::new(Zeroizing::default())),
        )
        .await
    }

    /// Sets a new passphrase and the new recovery code, for who has the printed one so far; all sessions of the person end. Whatever is wrong (handle, recovery code,
    /// six-digit code), the same time is spent and the same is said.
    ///
    /// # Errors
    /// [`Error`]; nothing is changed then.
    pub async fn forgotten(
        &self,
        handle: &str,
        recovery_code: SecretString,
        back: TypedBack<'_>,
    ) -> Result<(), Error> {
        let pending = self.pending(FORGOTTEN, back.kept).await?;
        pending.must_be_typed_back(&back.recovery)?;
        // Whoever is here has no session, whatever else is right.
        let lane = &self.context.bulkheads.stranger;
        let chosen = strong(lane, back.passphrase).await?;
        let (staff, secret) = match self.opened(handle, &recovery_code).await? {
            Some((staff, secret)) => (Some(staff), secret),
            None => (None, None),
        };
        // The second of two clicks.
        if let (Some(staff), None) = (&staff, &secret)
            && self
                .is_made_with(staff.id, &pending, chosen.clone())
                .await?
        {
            return Ok(());
        }
        // A name that nobody has is counted too, for nobody: it must not be told from others by how long it takes.
        let id = staff
            .as_ref()
            .map_or_else(random::staff_id, |staff| staff.id);
        let totp = secret.as_ref().map(|secret| &secret.totp);
        let is_right =
            attempts::at_the_door(&self.context, id, Way::Recovery, totp, back.code).await?;
        let (true, Some(staff), Some(secret)) = (is_right, staff, secret) else {
            self.spend(chosen).await?;
            return Err(Error::WrongCode);
        };
        let keys = secret.keys();
        let recovery = pending.row(staff.id, &secret)?;
        let unlock = self.passphrase_row(lane, staff.id, chosen, secret).await?;
        let id = staff.id;
        self.context
            .write(move |txn| {
                // A key that was renewed, or an account that was reset meanwhile, must not be undone.
                let rows = [unlock, recovery];
                ways::put_in_txn(txn, (id, &keys), &rows, Sessions::End, |sessions| {
                    AuditEvent::PassphraseRecovered { sessions }
                })
            })
            .await
            .map_err(|error| match error {
                StoreError::Stale => Error::WrongCode,
                other => other.into(),
            })
    }

    /// The account, `None` if there is no such handle, and its secrets, `None` if the recovery code is wrong.
    async fn opened(
        &self,
        handle: &str,
        code: &SecretString,
    ) -> Result<Option<(Staff, Option<StaffSecret>)>, Error> {
        let found = self.account(handle, UnlockMethod::Recovery).await?;
        let code = recovery_code::parse(code.expose_secret()).ok();
        Ok(found.map(|(staff, row)| {
            let secret = code
                .and_then(|code| unlock::open_with_recovery(&as_unlock(row), &code, staff.id).ok());
            (staff, secret)
        }))
    }

    /// What the right codes cost: one argon2id.
    async fn spend(&self, passphrase: SecretString) -> Result<(), Error> {
        let credentials = self.context.credentials();
        self.context
            .bulkheads
            .stranger
            .run(move || {
                drop(unlock::dummy_open(&passphrase, credentials.pepper()));
            })
            .await
            .map_err(|_| Error::Busy)
    }
}
