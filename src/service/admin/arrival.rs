//! Whether notices reach those on call: only they can tell.

use super::{Admin, administrator};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::notice::NoticeList;
use crate::seal::random;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::{self, NewEvent};

/// That somebody said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The last day on which somebody did.
    pub day: Day,
    /// Who.
    pub by: String,
}

impl Admin {
    /// A notice to those on call, to see whether it arrives. It is the same as any other.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn test_mail(&self, caller: &Caller) -> Result<(), Error> {
        administrator(caller)?;
        let by = caller.staff;
        self.write(caller, move |txn| {
            let event = NewEvent {
                id: random::outbox_id(),
                urgent: None,
                list: NoticeList::OnCall,
                due: txn.now().quarter(),
            };
            store::event_insert(txn, &event)?;
            Ok(txn.record(by, AuditEvent::MailTested {})?)
        })
        .await?;
        self.context.wake.notify_one();
        Ok(())
    }

    /// A notice has reached whoever says so: anybody who is signed in may be on call.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn mail_arrived(&self, caller: &Caller) -> Result<(), Error> {
        let by = caller.staff;
        self.write(caller, move |txn| {
            let day = txn.today();
            store::arrival_put(txn, day, by)?;
            Ok(txn.record(by, AuditEvent::MailArrived {})?)
        })
        .await
    }

    /// When somebody said so last.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn mail_arrival(&self, caller: &Caller) -> Result<Option<Arrival>, Error> {
        administrator(caller)?;
        self.run(|conn| {
            let Some((day, by)) = store::arrival_find(conn)? else {
                return Ok(None);
            };
            let by = store::staff_find(conn, by)?.handle.to_string();
            Ok(Some(Arrival { day, by }))
        })
        .await
    }
}
