//! Another authenticator: for somebody with a new telephone, or without the old one and with the printed recovery code at hand.
//!
//! Shown first, changed when it is typed back: what is new travels sealed in the page until a code of the new authenticator and the end of
//! the new recovery code come back with it. Whatever breaks before that leaves everything as it was.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::accounts::{Accounts, Caller, EnrolError, as_row, as_unlock};
use super::alarm;
use super::attempts;
use super::devices::{Asker, Device};
use super::journal::Act;
use super::renewal::is_current;
use crate::domain::alarm::AlarmKind;
use crate::domain::ids::StaffId;
use crate::domain::staff::{StaffState, UnlockMethod, Way};
use crate::seal::keys::StaffKeys;
use crate::seal::recovery_code::{self, RecoveryCode};
use crate::seal::totp::{self, TotpSeed};
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{random, ticket};
use crate::store::{self, StoreError};

const NEW_CODE: &str = "recovery-code/kept";
const ASK: &str = "authenticator";
const KEPT: &str = "authenticator/kept";
const ASK_MINUTES: u32 = 60;
const KEPT_SECONDS: i64 = 30 * 60;

/// What somebody typed who wants another authenticator.
pub struct Asked<'a> {
    /// The hidden field of the form.
    pub ticket: &'a str,
    /// Their handle.
    pub handle: &'a str,
    /// Their passphrase.
    pub passphrase: SecretString,
    /// The printed recovery code, or six digits of the authenticator so far.
    pub proof: SecretString,
}

/// What is new and not in force yet.
pub struct Offer {
    /// The person's handle.
    pub handle: String,
    /// `otpauth://` address for the QR code.
    pub totp_uri: Zeroizing<String>,
    /// The same secret as text.
    pub totp_secret_base32: Zeroizing<String>,
    /// The new recovery code, to be printed.
    pub recovery_code: SecretString,
    /// Hidden field that carries all this.
    pub kept: String,
}

/// What came back.
pub struct TypedBack<'a> {
    /// The hidden field.
    pub kept: &'a str,
    /// The passphrase once more: both ways in are sealed anew.
    pub passphrase: SecretString,
    /// Six digits of the new authenticator.
    pub code: &'a str,
    /// The new recovery code, or its last two groups.
    pub recovery: SecretString,
}

/// What did not fit of what came back. Nothing is changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The passphrase.
    Passphrase,
    /// The six digits.
    Code,
    /// The recovery code.
    Recovery,
    /// The page was open too long, or the account changed meanwhile.
    Expired,
    /// Too much is being worked on.
    Busy,
    /// The database does not answer.
    Unavailable,
}

/// What the hidden field holds.
struct Pending {
    staff: StaffId,
    totp: TotpSeed,
    recovery: RecoveryCode,
}

/// A recovery code that is not in force yet.
pub struct NewCode {
    /// To be printed.
    pub printed: SecretString,
    /// Hidden field that carries it.
    pub kept: String,
}

impl Accounts {
    /// Makes a recovery code for the caller, which is not in force yet: the one on paper goes on until the end of this one is typed back.
    ///
    /// # Errors
    /// [`EnrolError::WrongCode`] if passphrase or six digits are wrong.
    pub async fn offer_recovery_code(
        &self,
        caller: &Caller,
        passphrase: SecretString,
        code: &str,
    ) -> Result<NewCode, EnrolError> {
        self.confirm(caller, passphrase, code).await?;
        self.carried(caller, &recovery_code::generate())
    }

    /// Puts it in force, once its end was typed back; else gives it to be shown again.
    ///
    /// # Errors
    /// [`EnrolError::TicketExpired`] half an hour after it was made.
    pub async fn set_recovery_code(
        &self,
        caller: &Caller,
        kept: &str,
        typed: &SecretString,
    ) -> Result<Option<NewCode>, EnrolError> {
        let keys = self.context.ticket_keys();
        let payload = ticket::box_open_any(&keys, NEW_CODE, kept, self.context.clock.now());
        let payload = payload.map_err(|_| EnrolError::TicketExpired)?;
        let (staff, printed) = payload
            .split_first_chunk::<16>()
            .filter(|(staff, _)| *staff == caller.staff.as_bytes())
            .ok_or(EnrolError::TicketExpired)?;
        let staff = StaffId::from_bytes(*staff);
        let code = std::str::from_utf8(printed)
            .ok()
            .and_then(|printed| recovery_code::parse(printed).ok())
            .ok_or(EnrolError::TicketExpired)?;
        if !recovery_code::is_typed_back(&code, typed.expose_secret()) {
            return self.carried(caller, &code).map(Some);
        }
        let unlock = unlock::create_with_recovery(&code, staff, &caller.secret)
            .map_err(|_| EnrolError::Unavailable)?;
        let row = as_row(staff, UnlockMethod::Recovery, unlock);
        let (journal, day) = (self.context.journal.clone(), self.context.clock.today());
        let keys = StaffKeys::from_seed(&caller.secret.seed);
        self.context
            .store
            .write(move |conn| -> Result<(), StoreError> {
                is_current(conn, staff, &keys)?;
                store::unlock_put_in_txn(conn, &row)?;
                let act = Act {
                    class: "recovery-code-changed",
                    actor: Some(staff),
                    report: None,
                    detail: "",
                };
                journal.record_in_txn(conn, day, &act).map(|_| ())
            })
            .await?;
        Ok(None)
    }

    fn carried(&self, caller: &Caller, code: &RecoveryCode) -> Result<NewCode, EnrolError> {
        let printed = code.grouped();
        let payload = Zeroizing::new(
            [
                caller.staff.as_bytes().as_slice(),
                printed.expose_secret().as_bytes(),
            ]
            .concat(),
        );
        let expires = self.context.clock.now().plus(KEPT_SECONDS);
        let credentials = self.context.credentials();
        let kept = ticket::box_seal(credentials.ticket_key(), NEW_CODE, expires, &payload)
            .map_err(|_| EnrolError::Unavailable)?;
        Ok(NewCode { printed, kept })
    }

    /// The hidden field of the form, so that a foreign page cannot send it.
    pub fn authenticator_ticket(&self) -> String {
        let credentials = self.context.credentials();
        ticket::issue(credentials.ticket_key(), ASK, self.context.clock.now())
    }

    /// Makes a new authenticator secret and recovery code for somebody with the passphrase and either the printed code or the old
    /// authenticator. Nothing is in force yet. Whatever is wrong, the same time is spent and the same is said.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn offer_authenticator(
        &self,
        known: &[Device],
        asked: Asked<'_>,
    ) -> Result<Offer, EnrolError> {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys();
        ticket::check_any(&keys, ASK, asked.ticket, now, ASK_MINUTES)
            .map_err(|_| EnrolError::TicketExpired)?;
        let unlocked = self
            .unlock(Asker::AtTheDoor(known), asked.handle, asked.passphrase)
            .await
            .map_err(EnrolError::from)?;
        let id = unlocked
            .as_ref()
            .map_or_else(random::staff_id, |(staff, _)| staff.id);
        let secret = unlocked.as_ref().map(|(_, secret)| secret);
        let printed = recovery_code::parse(asked.proof.expose_secret()).ok();
        let is_right = match printed {
            Some(code) => {
                let opens = self.recovery_opens(id, &code, secret).await?;
                attempts::of_paper(&self.context, id, opens).await?
            }
            None => {
                let (totp, typed) = (
                    secret.map(|secret| &secret.totp),
                    asked.proof.expose_secret(),
                );
                attempts::at_the_door(&self.context, id, Way::Recovery, totp, typed).await?
            }
        };
        let (staff, _) = unlocked.filter(|_| is_right).ok_or(EnrolError::WrongCode)?;
        self.offered(
            &staff.handle,
            &Pending {
                staff: staff.id,
                totp: TotpSeed::random(),
                recovery: recovery_code::generate(),
            },
        )
    }

    /// The same offer again, for a page that is shown once more.
    ///
    /// # Errors
    /// [`EnrolError::TicketExpired`] half an hour after it was made.
    pub async fn offered_again(&self, kept: &str) -> Result<Offer, EnrolError> {
        let pending = self.pending(kept).ok_or(EnrolError::TicketExpired)?;
        let staff = pending.staff;
        let found = self
            .context
            .store
            .run(move |conn| store::staff_find(conn, staff));
        let handle = found.await?.handle;
        self.offered(&handle, &pending)
    }

    /// Puts the new authenticator and recovery code in force; all sessions of the person end. Their keys stay what they are.
    ///
    /// # Errors
    /// [`Unfit`]; nothing is changed then.
    pub async fn set_authenticator(&self, back: TypedBack<'_>) -> Result<(), Unfit> {
        let Pending {
            staff,
            totp,
            recovery,
        } = self.pending(back.kept).ok_or(Unfit::Expired)?;
        if !recovery_code::is_typed_back(&recovery, back.recovery.expose_secret()) {
            return Err(Unfit::Recovery);
        }
        let now = self.context.clock.now();
        if !attempts::of_shown(&totp, back.code, now) {
            return Err(Unfit::Code);
        }
        let found = self
            .context
            .store
            .run(move |conn| store::staff_find(conn, staff));
        let handle = found.await.map_err(|_| Unfit::Unavailable)?.handle;
        let unlocked = self
            .unlock(Asker::AtTheDoor(&[]), &handle, back.passphrase.clone())
            .await
            .map_err(|error| match EnrolError::from(error) {
                EnrolError::Busy => Unfit::Busy,
                _ => Unfit::Unavailable,
            })?;
        let (_, old) = unlocked.ok_or(Unfit::Passphrase)?;
        let keys = StaffKeys::from_seed(&old.seed);
        let new = StaffSecret {
            seed: old.seed,
            totp,
        };
        let printed =
            unlock::create_with_recovery(&recovery, staff, &new).map_err(|_| Unfit::Unavailable)?;
        let printed = as_row(staff, UnlockMethod::Recovery, printed);
        let lane = &self.context.lanes.stranger;
        let row = self.passphrase_row(lane, staff, back.passphrase, new).await;
        let row = row.map_err(|error| match error {
            EnrolError::Busy => Unfit::Busy,
            _ => Unfit::Unavailable,
        })?;
        let journal = self.context.journal.clone();
        self.context
            .store
            .write(move |conn| -> Result<(), StoreError> {
                if store::staff_find(conn, staff)?.state != StaffState::Active {
                    return Err(StoreError::Stale);
                }
                is_current(conn, staff, &keys)?;
                store::unlock_put_in_txn(conn, &row)?;
                store::unlock_put_in_txn(conn, &printed)?;
                let ended = store::session_delete_all_of(conn, staff)?;
                let act = Act {
                    class: "authenticator-replaced",
                    actor: Some(staff),
                    report: None,
                    detail: &format!("sessions={ended}"),
                };
                journal.record_in_txn(conn, now.day(), &act)?;
                let kind = AlarmKind::AuthenticatorReplaced;
                alarm::raise_in_txn(&journal, conn, kind, &staff.to_string(), now.day())?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                StoreError::Stale => Unfit::Expired,
                _ => Unfit::Unavailable,
            })
    }

    /// Whether the printed code opens the same secrets as the passphrase did.
    async fn recovery_opens(
        &self,
        staff: StaffId,
        code: &RecoveryCode,
        secret: Option<&StaffSecret>,
    ) -> Result<bool, EnrolError> {
        let found = self
            .context
            .store
            .run(move |conn| store::unlock_find(conn, staff, UnlockMethod::Recovery));
        let row = found.await?;
        let opened =
            row.and_then(|row| unlock::open_with_recovery(&as_unlock(row), code, staff).ok());
        Ok(match (opened, secret) {
            (Some(opened), Some(secret)) => {
                StaffKeys::from_seed(&opened.seed).verify_key()
                    == StaffKeys::from_seed(&secret.seed).verify_key()
            }
            _ => false,
        })
    }

    fn offered(&self, handle: &str, pending: &Pending) -> Result<Offer, EnrolError> {
        let printed = pending.recovery.grouped();
        let payload = Zeroizing::new(
            [
                pending.staff.as_bytes().as_slice(),
                pending.totp.expose(),
                printed.expose_secret().as_bytes(),
            ]
            .concat(),
        );
        let expires = self.context.clock.now().plus(KEPT_SECONDS);
        let credentials = self.context.credentials();
        Ok(Offer {
            handle: handle.to_owned(),
            totp_uri: totp::otpauth_uri(&pending.totp, "Kapea", handle)
                .map_err(|_| EnrolError::Unavailable)?,
            totp_secret_base32: pending.totp.base32(),
            recovery_code: printed,
            kept: ticket::box_seal(credentials.ticket_key(), KEPT, expires, &payload)
                .map_err(|_| EnrolError::Unavailable)?,
        })
    }

    fn pending(&self, kept: &str) -> Option<Pending> {
        let keys = self.context.ticket_keys();
        let payload = ticket::box_open_any(&keys, KEPT, kept, self.context.clock.now()).ok()?;
        let (staff, rest) = payload.split_first_chunk::<16>()?;
        let (totp, printed) = rest.split_first_chunk::<20>()?;
        let printed = std::str::from_utf8(printed).ok()?;
        Some(Pending {
            staff: StaffId::from_bytes(*staff),
            totp: TotpSeed::from_bytes(*totp),
            recovery: recovery_code::parse(printed).ok()?,
        })
    }
}
