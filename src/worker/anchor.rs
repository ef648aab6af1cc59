//! One anchor of the audit log a day to every outsider who keeps them.

use std::sync::Arc;

use super::{Worker, WorkerError};
use crate::domain::notice::{NoticeList, heartbeat_due};
use crate::store::{NewDelivery, anchor_take_in_txn, letter_insert};

impl Worker {
    /// Makes the day's anchor and writes a letter with it to every address, once its hour has come. Says how many letters.
    ///
    /// The words are kept with each letter, so that one that goes out days later says what it would have said.
    ///
    /// # Errors
    /// [`WorkerError`]; the anchor is still due then.
    pub async fn anchor(&self) -> Result<usize, WorkerError> {
        let now = self.clock.now();
        let last = self.memory().anchor;
        let addresses = self.settings.anchor.clone();
        let Some(today) = heartbeat_due(last, now, self.settings.anchor_hour) else {
            return Ok(0);
        };
        if addresses.is_empty() {
            return Ok(0);
        }
        let desk = Arc::clone(&self.desk);
        let written = self
            .store
            .write(move |conn| {
                if !anchor_take_in_txn(conn, today)? {
                    return Ok::<_, WorkerError>(0);
                }
                let words = desk.anchor_in_txn(conn, today)?;
                for address in &addresses {
                    let id = desk.outbox_id();
                    let letter = NewDelivery {
                        id,
                        list: NoticeList::Anchor,
                        address_ct: desk.seal_address(id, address)?,
                    };
                    letter_insert(conn, &letter, Some(&words), now.quarter())?;
                }
                Ok(addresses.len())
            })
            .await?;
        self.memory().anchor = Some(today);
        Ok(written)
    }
}
