//! What somebody who is signed in makes anew of their own. Both come with a new recovery code.

use zeroize::Zeroizing;

use super::accounts::Accounts;
use super::caller::Caller;
use super::error::Error;
use super::pending::{NewCode, Pending, RECOVERY, RENEWAL, TypedBack, Waiting};
use super::ways::{self, Sessions};
use crate::domain::audit::AuditEvent;

/// What is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnChange {
    /// The recovery code alone.
    RecoveryCode,
    /// The key, and with it the recovery code.
    Key,
}

impl OwnChange {
    const fn page(self) -> Waiting {
        match self {
            Self::RecoveryCode => RECOVERY,
            Self::Key => RENEWAL,
        }
    }
}

impl Accounts {
    /// A new recovery code for the page, or the one that it showed before. Nothing is in force yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if sealing fails.
    pub async fn own_code(
        &self,
        caller: &Caller,
        change: OwnChange,
        kept: &str,
    ) -> Result<NewCode, Error> {
        let pending = self.own_pending(caller, change, kept).await;
        let new = || Pending::new(Zeroizing::new(caller.staff.as_bytes().to_vec()));
        self.shown(change.page(), &pending.unwrap_or_else(|_| new()))
            .await
    }

    /// Puts the new code in force once its end was typed back, and with it a new key if one was asked for.
    ///
    /// # Errors
    /// [`Error`]; nothing is changed then.
    pub async fn change_own(
        &self,
        caller: &Caller,
        change: OwnChange,
        back: TypedBack<'_>,
    ) -> Result<(), Error> {
        let pending = self.own_pending(caller, change, back.kept).await?;
        pending.must_be_typed_back(&back.recovery)?;
        // The second of two clicks.
        if self.is_in_force(caller.staff, &pending).await? {
            return Ok(());
        }
        match change {
            OwnChange::RecoveryCode => Ok(self.change_code(caller, &pending, back).await?),
            OwnChange::Key => {
                self.renew_key(caller, &pending, back.passphrase, back.code)
                    .await
            }
        }
    }

    async fn change_code(
        &self,
        caller: &Caller,
        pending: &Pending,
        back: TypedBack<'_>,
    ) -> Result<(), Error> {
        let secret = self.confirm(caller, back.passphrase, back.code).await?;
        let staff = caller.staff;
        let row = pending.row(staff, &secret)?;
        let keys = secret.keys();
        self.context
            .write(move |txn| {
                let own = (staff, &keys);
                ways::put_in_txn(txn, own, &[row], Sessions::GoOn, |_| {
                    AuditEvent::RecoveryCodeChanged {}
                })
            })
            .await
            .map_err(Error::from)
    }

    async fn own_pending(
        &self,
        caller: &Caller,
        change: OwnChange,
        kept: &str,
    ) -> Result<Pending, Error> {
        let pending = self.pending(change.page(), kept).await?;
        if pending.with.as_slice() == caller.staff.as_bytes() {
            Ok(pending)
        } else {
            Err(Error::Expired)
        }
    }
}
