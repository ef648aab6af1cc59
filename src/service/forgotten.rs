//! A forgotten passphrase: the printed recovery code and the second factor open the account, and both ways in are made anew.

use secrecy::{ExposeSecret, SecretString};

use super::accounts::{
    Accounts, EnrolError, Enrolled, as_unlock, fresh_code, recovery_row, strong,
};
use super::journal::Act;
use super::renewal::is_current;
use crate::domain::staff::{Handle, StaffState, UnlockMethod};
use crate::seal::keys::StaffKeys;
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{recovery_code, ticket};
use crate::store::{self, Staff, StoreError};

const FORGOTTEN: &str = "forgotten";
/// For how long the page may stay open.
const FORGOTTEN_MINUTES: u32 = 60;

/// What somebody typed who has forgotten their passphrase.
pub struct Forgotten<'a> {
    /// The hidden field of the form.
    pub ticket: &'a str,
    /// Their handle.
    pub handle: &'a str,
    /// The printed code.
    pub recovery_code: SecretString,
    /// The new passphrase.
    pub chosen: SecretString,
    /// The six-digit code.
    pub code: &'a str,
}

impl Accounts {
    /// The hidden field of the form, so that a foreign page cannot send it.
    pub fn forgotten_ticket(&self) -> String {
        let credentials = self.context.credentials();
        ticket::issue(
            credentials.ticket_key(),
            FORGOTTEN,
            self.context.clock.now(),
        )
    }

    /// Sets a new passphrase and makes a new recovery code; all sessions of the person end. Whatever is wrong (handle, recovery code,
    /// six-digit code), the same time is spent and the same is said.
    ///
    /// # Errors
    /// [`EnrolError`]; nothing is changed then.
    pub async fn forgotten(&self, typed: Forgotten<'_>) -> Result<Enrolled, EnrolError> {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys();
        ticket::check_any(&keys, FORGOTTEN, typed.ticket, now, FORGOTTEN_MINUTES)
            .map_err(|_| EnrolError::TicketExpired)?;
        // Whoever is here has no session, whatever else is right.
        let lane = &self.context.lanes.stranger;
        let chosen = strong(lane, typed.chosen).await?;
        let opened = self.opened(typed.handle, &typed.recovery_code).await?;
        let mut known = None;
        if let Some((staff, secret)) = opened
            && fresh_code(&self.context, staff.id, &secret.totp, typed.code).await?
        {
            known = Some((staff, secret));
        }
        let Some((staff, secret)) = known else {
            self.spend(chosen).await?;
            return Err(EnrolError::WrongCode);
        };
        let keys = StaffKeys::from_seed(&secret.seed);
        let (recovery_code, recovery) = recovery_row(staff.id, &secret)?;
        let unlock = self.passphrase_row(lane, staff.id, chosen, secret).await?;
        let (id, journal) = (staff.id, self.context.journal.clone());
        self.context
            .store
            .write(move |conn| -> Result<(), StoreError> {
                if store::staff_find(conn, id)?.state != StaffState::Active {
                    return Err(StoreError::Stale);
                }
                // A key that was renewed, or an account that was reset meanwhile, must not be undone.
                is_current(conn, id, &keys)?;
                store::unlock_put_in_txn(conn, &unlock)?;
                store::unlock_put_in_txn(conn, &recovery)?;
                let ended = store::session_delete_all_of(conn, id)?;
                let act = Act {
                    class: "passphrase-recovered",
                    actor: Some(id),
                    report: None,
                    detail: &format!("sessions={ended}"),
                };
                journal.record_in_txn(conn, now.day(), &act).map(|_| ())
            })
            .await
            .map_err(|error| match error {
                StoreError::Stale => EnrolError::WrongCode,
                other => other.into(),
            })?;
        Ok(Enrolled {
            handle: staff.handle,
            recovery_code,
        })
    }

    /// The account and its secrets, `None` if handle or recovery code is wrong.
    async fn opened(
        &self,
        handle: &str,
        code: &SecretString,
    ) -> Result<Option<(Staff, StaffSecret)>, EnrolError> {
        let handle: Option<Handle> = handle.parse().ok();
        let found = self
            .context
            .store
            .run(move |conn| -> Result<_, StoreError> {
                let Some(handle) = handle else {
                    return Ok(None);
                };
                let Some(staff) = store::staff_by_handle(conn, handle.as_str())? else {
                    return Ok(None);
                };
                let row = store::unlock_find(conn, staff.id, UnlockMethod::Recovery)?;
                Ok(row
                    .filter(|_| staff.state == StaffState::Active)
                    .map(|row| (staff, row)))
            })
            .await?;
        let Ok(code) = recovery_code::parse(code.expose_secret()) else {
            return Ok(None);
        };
        Ok(found.and_then(|(staff, row)| {
            let secret = unlock::open_with_recovery(&as_unlock(row), &code, staff.id).ok()?;
            Some((staff, secret))
        }))
    }

    /// What the right codes cost: one argon2id.
    async fn spend(&self, passphrase: SecretString) -> Result<(), EnrolError> {
        let credentials = self.context.credentials();
        self.context
            .lanes
            .stranger
            .run(move || {
                drop(unlock::dummy_open(&passphrase, credentials.pepper()));
            })
            .await
            .map_err(|_| EnrolError::Busy)
    }
}
