//! One anchor of the audit log a day to every outsider who keeps them.

use super::{Worker, WorkerError};
use crate::domain::notice::{NoticeList, heartbeat_due};
use crate::seal::random;
use crate::service::anchor;
use crate::store::{NewDelivery, anchor_take, letter_insert};

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
        let outsiders = self.settings.anchor.clone();
        let Some(today) = heartbeat_due(last, now, self.settings.anchor_hour) else {
            return Ok(0);
        };
        if outsiders.is_empty() {
            return Ok(0);
        }
        self.follow_log().await?;
        let addresses = self.addresses.clone();
        let written = self
            .write(move |txn| {
                if !anchor_take(txn, today)? {
                    return Ok(0);
                }
                let words = anchor::make_in_txn(txn)?;
                for address in &outsiders {
                    let id = random::outbox_id();
                    let letter = NewDelivery {
                        id,
                        list: NoticeList::Anchor,
                        address_ct: addresses.seal(id, address)?,
                    };
                    letter_insert(txn, &letter, Some(&words), now.quarter())?;
                }
                Ok(outsiders.len())
            })
            .await?;
        self.memory().anchor = Some(today);
        Ok(written)
    }
}
