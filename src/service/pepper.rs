//! Passphrases follow the pepper: whoever signs in after a change is put under the newest one in the same request.

use secrecy::SecretString;

use super::accounts::Accounts;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::StaffId;
use crate::domain::staff::UnlockMethod;
use crate::seal::unlock::StaffSecret;
use crate::store::{self, StoreError};

impl Accounts {
    /// Seals the row anew that this passphrase has just opened, unless it is under the newest pepper. If that fails the person is
    /// signed in all the same, and the next time will do.
    pub(super) async fn follow_pepper(
        &self,
        staff: StaffId,
        passphrase: SecretString,
        secret: &StaffSecret,
    ) {
        match self.reseal(staff, passphrase, secret).await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(event = "put-off", %error, "a passphrase could not be put under the newest pepper; the next sign-in tries again");
            }
        }
    }

    async fn reseal(
        &self,
        staff: StaffId,
        passphrase: SecretString,
        secret: &StaffSecret,
    ) -> Result<(), StoreError> {
        let newest = self.context.credentials().pepper().version();
        let seen = self
            .context
            .read(move |conn| store::unlock_find(conn, staff, UnlockMethod::Passphrase))
            .await?;
        let Some(seen) = seen.filter(|row| row.pepper_version != newest) else {
            return Ok(());
        };
        let row = self
            .passphrase_row(
                &self.context.bulkheads.colleague,
                staff,
                passphrase,
                secret.share(),
            )
            .await
            .map_err(|error| StoreError::Other(error.into()))?;
        self.context
            .write(move |txn| {
                if !store::unlock_renew(txn, &seen.salt, &row)? {
                    return Ok(());
                }
                txn.record(
                    staff,
                    AuditEvent::PepperFollowed {
                        version: row.pepper_version,
                    },
                )
            })
            .await
    }
}
