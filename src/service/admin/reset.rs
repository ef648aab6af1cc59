//! An account that begins anew: the person keeps their name and nothing that opened anything.

use super::holders::{drop_own_grants_in_txn, held_alone};
use super::leaving::{Closing, exit_in_txn};
use super::{Admin, administrator};
use crate::domain::audit::AuditEvent;
use crate::domain::ids::StaffId;
use crate::domain::staff::StaffState;
use crate::seal::invitation::InvitationToken;
use crate::service::accounts::Caller;
use crate::service::admin::Invitation;
use crate::service::attempts;
use crate::service::error::Error;
use crate::service::once::{Once, Sent};
use crate::store::{self, Invitation as InvitationRow};

/// What the page for a reset shows beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetView {
    /// The person.
    pub staff: StaffId,
    /// Their handle.
    pub handle: String,
    /// Teams whose reports nobody could read any more, by name.
    pub lost: Vec<String>,
    /// Which account of theirs it would be the end of, for [`Sent::seen`].
    pub standing: String,
}

impl Admin {
    /// What a reset of this account would come to.
    ///
    /// # Errors
    /// [`Error::Changed`] if the account is not in use.
    pub async fn reset_view(&self, caller: &Caller, staff: StaffId) -> Result<ResetView, Error> {
        administrator(caller)?;
        self.run(move |conn| {
            let person = store::staff_find(conn, staff)?;
            if person.state != StaffState::Active {
                return Err(Error::Changed);
            }
            Ok(ResetView {
                staff,
                handle: person.handle,
                lost: held_alone(conn, staff)?,
                standing: store::staff_key_active(conn, staff)?
                    .map_or_else(String::new, |key| key.id.to_string()),
            })
        })
        .await
    }

    /// Gives a person an account with no keys: sessions, unlock rows, wraps and grants go, claims return to the queue, and a new one-time
    /// link lets them join as if they were new; their teammates must let them in again.
    ///
    /// # Errors
    /// [`Error::WouldLose`] if they alone hold a team's key, unless `accept_loss`; [`Error::WrongCode`];
    /// [`Error::LastReader`].
    pub async fn reset(
        &self,
        caller: &Caller,
        sent: Option<Sent<'_>>,
        staff: StaffId,
        accept_loss: bool,
        code: &str,
    ) -> Result<Invitation, Error> {
        administrator(caller)?;
        let whom = format!("reset {staff}");
        let page = sent.map(|sent| sent.once);
        let token = Once::invitation(page, &self.context, caller.staff, &whom).await?;
        if let Some(made) = self.made_before(staff, &token).await? {
            return Ok(made);
        }
        let view = self.reset_view(caller, staff).await?;
        if caller.staff == staff {
            return Err(Error::OwnAccount);
        }
        if !Sent::is_current(sent, &view.standing) {
            return Err(Error::Changed);
        }
        if !view.lost.is_empty() && !accept_loss {
            return Err(Error::WouldLose);
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let (actor, by) = (caller.staff, Closing::of(caller));
        let now = self.context.clock.now();
        let row = InvitationRow {
            token_hash: token.hash(),
            staff,
            expires_at: now.plus(self.context.settings.invitation_seconds),
            secret_ct: None,
        };
        self.write(caller, move |txn| {
            let lost = held_alone(txn, staff)?;
            if !lost.is_empty() && !accept_loss {
                return Err(Error::WouldLose);
            }
            txn.give_all_back(staff)?;
            for key in store::keys_of_staff(txn, staff)? {
                drop_own_grants_in_txn(txn, key.id)?;
            }
            exit_in_txn(txn, staff, &by)?;
            store::renewal_delete(txn, staff)?;
            store::staff_reset(txn, staff)?;
            store::invitation_put(txn, &row)?;
            let event = AuditEvent::AccountReset {
                person: staff,
                lost: lost.len(),
            };
            Ok(txn.record(actor, event)?)
        })
        .await?;
        Ok(Invitation::new(&view.handle, &token))
    }

    /// The second of two clicks: the link is there already, and waits.
    async fn made_before(
        &self,
        staff: StaffId,
        token: &InvitationToken,
    ) -> Result<Option<Invitation>, Error> {
        let (hash, now) = (token.hash(), self.context.clock.now());
        let found = self.run(move |conn| {
            let Some(row) = store::invitation_find(conn, &hash, now)? else {
                return Ok(None);
            };
            Ok(Some(store::staff_find(conn, row.staff)?))
        });
        let found = found.await?.filter(|person| person.id == staff);
        Ok(found.map(|person| Invitation::new(&person.handle, token)))
    }
}
