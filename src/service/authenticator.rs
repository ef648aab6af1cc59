//! Another authenticator: for somebody with a new telephone, or without the old one and with the printed recovery code at hand.
//!
//! What is new waits in the page (see [`super::pending`]) until a code of the new authenticator comes back with the end of the new recovery code.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::accounts::Accounts;
use super::attempts;
use super::devices::{Asker, Device};
use super::error::Error;
use super::pending::{AUTHENTICATOR, NewCode, Pending, TypedBack};
use super::ways::{self, Sessions, as_unlock};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::StaffId;
use crate::domain::staff::{UnlockMethod, Way};
use crate::seal::recovery_code::{self, RecoveryCode};
use crate::seal::totp::{self, TotpSeed};
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{random, ticket};
use crate::store::{self, StoreError};

const ASK: &str = "authenticator";
const ASK_MINUTES: u32 = 60;

/// What is new and not in force yet.
pub struct Offer {
    /// The person's handle.
    pub handle: String,
    /// `otpauth://` address for the QR code.
    pub totp_uri: Zeroizing<String>,
    /// The same secret as text.
    pub totp_secret_base32: Zeroizing<String>,
    /// The new recovery code, and the hidden field that carries all this.
    pub recovery: NewCode,
}

impl Offer {
    pub(super) fn new(handle: &str, totp: &TotpSeed, recovery: NewCode) -> Result<Self, Error> {
        Ok(Self {
            handle: handle.to_owned(),
            totp_uri: totp::otpauth_uri(totp, "Kapea", handle).map_err(|_| Error::Unavailable)?,
            totp_secret_base32: totp.base32(),
            recovery,
        })
    }
}

impl Accounts {
    /// The hidden field of the form, so that a foreign page cannot send it.
    pub async fn authenticator_ticket(&self) -> String {
        let keys = self.context.ticket_keys().await;
        ticket::issue(keys.newest(), ASK, self.context.clock.now())
    }

    /// Makes a new authenticator secret and recovery code for somebody with the passphrase and a `proof`: the printed code, or six digits
    /// of the old authenticator. Nothing is in force yet. Whatever is wrong, the same time is spent and the same is said.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn offer_authenticator(
        &self,
        known: &[Device],
        ticket: &str,
        handle: &str,
        passphrase: SecretString,
        proof: &SecretString,
    ) -> Result<Offer, Error> {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        ticket::check_any(&keys, ASK, ticket, now, ASK_MINUTES).map_err(|_| Error::Expired)?;
        let unlocked = self
            .unlock(Asker::AtTheDoor(known), handle, passphrase)
            .await?;
        let id = unlocked
            .as_ref()
            .map_or_else(random::staff_id, |(staff, _)| staff.id);
        let secret = unlocked.as_ref().map(|(_, secret)| secret);
        let printed = recovery_code::parse(proof.expose_secret()).ok();
        let is_right = match printed {
            Some(code) => {
                let opens = self.recovery_opens(id, &code, secret).await?;
                attempts::of_paper(&self.context, id, opens).await?
            }
            None => {
                let (totp, typed) = (secret.map(|secret| &secret.totp), proof.expose_secret());
                attempts::at_the_door(&self.context, id, Way::Recovery, totp, typed).await?
            }
        };
        let (staff, _) = unlocked.filter(|_| is_right).ok_or(Error::WrongCode)?;
        let id = staff.id;
        let salts = self.context.read(move |conn| ways::salts(conn, id));
        let salts = salts.await?;
        let totp = TotpSeed::random();
        let with = [id.as_bytes().as_slice(), totp.expose(), &salts].concat();
        let pending = Pending::new(Zeroizing::new(with));
        self.offered(&staff.handle, &pending).await
    }

    /// The same offer again, for a page that is shown once more.
    ///
    /// # Errors
    /// [`Error::Expired`] half an hour after it was made.
    pub async fn offered_again(&self, kept: &str) -> Result<Offer, Error> {
        let pending = self.pending(AUTHENTICATOR, kept).await?;
        let (staff, ..) = read(&pending)?;
        let found = self
            .context
            .read(move |conn| store::staff_find(conn, staff));
        let handle = found.await?.handle;
        self.offered(&handle, &pending).await
    }

    /// Puts the new authenticator and recovery code in force; all sessions of the person end. Their keys stay what they are.
    ///
    /// # Errors
    /// [`Error`]; nothing is changed then.
    pub async fn set_authenticator(&self, back: TypedBack<'_>) -> Result<(), Error> {
        let pending = self.pending(AUTHENTICATOR, back.kept).await?;
        let (staff, totp, salts) = read(&pending)?;
        pending.must_be_typed_back(&back.recovery)?;
        if self.is_in_force(staff, &pending).await? {
            return Ok(());
        }
        let seen = salts.to_vec();
        if !attempts::of_shown(&totp, back.code, &self.context.clock) {
            return Err(Error::WrongCode);
        }
        // Before a passphrase is tried: one that was changed since must not be guessed here.
        let same = seen.clone();
        let found = self.context.read(move |conn| {
            ways::must_be(conn, staff, &same)?;
            store::staff_find(conn, staff)
        });
        let handle = found.await?.handle;
        let unlocked = self
            .unlock(Asker::AtTheDoor(&[]), &handle, back.passphrase.clone())
            .await?;
        let (_, old) = unlocked.ok_or(Error::WrongPassphrase)?;
        let keys = old.keys();
        let new = StaffSecret {
            suite: old.suite,
            seed: old.seed,
            totp,
        };
        let printed = pending.row(staff, &new)?;
        let lane = &self.context.bulkheads.stranger;
        let row = self
            .passphrase_row(lane, staff, back.passphrase, new)
            .await?;
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                ways::must_be(txn, staff, &seen)?;
                let (own, rows) = ((staff, &keys), [row, printed]);
                ways::put_in_txn(txn, own, &rows, Sessions::End, |sessions| {
                    AuditEvent::AuthenticatorReplaced { sessions }
                })?;
                let kind = AlarmKind::AuthenticatorReplaced;
                txn.raise(kind, &staff.to_string()).map(|_| ())
            })
            .await
            .map_err(Error::from)
    }

    /// Whether the printed code opens the same secrets as the passphrase did.
    async fn recovery_opens(
        &self,
        staff: StaffId,
        code: &RecoveryCode,
        secret: Option<&StaffSecret>,
    ) -> Result<bool, Error> {
        let found = self
            .context
            .read(move |conn| store::unlock_find(conn, staff, UnlockMethod::Recovery));
        let row = found.await?;
        let opened =
            row.and_then(|row| unlock::open_with_recovery(&as_unlock(row), code, staff).ok());
        Ok(match (opened, secret) {
            (Some(opened), Some(secret)) => {
                opened.keys().verify_key() == secret.keys().verify_key()
            }
            _ => false,
        })
    }

    async fn offered(&self, handle: &str, pending: &Pending) -> Result<Offer, Error> {
        let (_, totp, _) = read(pending)?;
        Offer::new(handle, &totp, self.shown(AUTHENTICATOR, pending).await?)
    }
}

/// Whose authenticator waits, its secret, and the salts of the ways in with which it was asked for: an offer ends when one of them changes, so
/// that whoever sets a new one has made void what somebody else may have asked for.
fn read(pending: &Pending) -> Result<(StaffId, TotpSeed, &[u8]), Error> {
    let (staff, rest) = pending
        .with
        .split_first_chunk::<16>()
        .ok_or(Error::Expired)?;
    let (totp, salts) = rest.split_first_chunk::<20>().ok_or(Error::Expired)?;
    Ok((
        StaffId::from_bytes(*staff),
        TotpSeed::from_bytes(*totp),
        salts,
    ))
}
