//! One notice a day to everybody inside, so that silence is noticed.

use super::expand::{Notified, Round, write_letters};
use super::{Worker, WorkerError};
use crate::domain::notice::{NoticeList, heartbeat_due};
use crate::store::heartbeat_take;

impl Worker {
    /// Writes the day's heartbeat to every address of every list of notices, once its hour has come. Says how many letters that made.
    ///
    /// # Errors
    /// [`WorkerError`]; the heartbeat is still due then.
    pub async fn heartbeat(&self) -> Result<usize, WorkerError> {
        let now = self.clock.now();
        let last = self.memory().heartbeat;
        let Some(today) = heartbeat_due(last, now, self.settings.heartbeat_hour) else {
            return Ok(0);
        };
        let addresses = self.addresses.clone();
        let settings = self.settings.clone();
        let written = self
            .write_beside(move |conn, waiting| {
                if !heartbeat_take(conn, today)? {
                    return Ok(0);
                }
                let mut told = Notified::from_waiting(waiting, &addresses, now);
                let mut letters = Vec::new();
                let inside = |list: &&NoticeList| **list != NoticeList::Anchor;
                for &list in NoticeList::ALL.iter().filter(inside) {
                    let round = Round {
                        addresses: settings.list(list),
                        list: NoticeList::Hotline,
                    };
                    letters.extend(told.letters(&round, &addresses)?);
                }
                write_letters(conn, &letters, now.quarter())?;
                Ok(letters.len())
            })
            .await?;
        self.memory().heartbeat = Some(today);
        Ok(written)
    }
}
