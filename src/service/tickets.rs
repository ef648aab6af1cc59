//! The keys of what forms carry, and of the receipt codes that are made from it: random, one a UTC day, two days alive and then nowhere.
//!
//! Whoever needs the first of a day makes it. It is in memory, and sealed in the database, so that neither a new process nor another one
//! beside it takes a report that is sent again for another one. Whatever becomes of the row, forms stay open: a process goes on with what it
//! remembers and puts the row right.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::clock::Day;
use crate::seal::SealError;
use crate::seal::credentials::{Credentials, LiveKeys, ServerKey};
use crate::store::{self, DbConnection, Store, StoreError, StoreResult, WriteTxn};

/// The keys that this process knows. Clones share one memory.
#[derive(Clone, Default)]
pub struct Tickets {
    /// The newest first. Of one day more than one only if somebody changed its row meanwhile.
    known: Arc<Mutex<Vec<(Day, ServerKey)>>>,
    /// One at a time asks the database.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Tickets {
    /// What is alive on that day, if there is a key of the day itself.
    fn alive(&self, today: Day) -> Option<LiveKeys> {
        let known = self.known();
        let of = |day| known.iter().filter(move |(of, _)| *of == day);
        let mut keys = of(today)
            .chain(of(today.plus(-1)))
            .map(|(_, key)| key.share());
        let newest = of(today).next().and_then(|_| keys.next())?;
        Some(LiveKeys::new(newest, keys.collect()))
    }

    fn of(&self, day: Day) -> Option<ServerKey> {
        let known = self.known();
        let mut known = known.iter().filter(|(of, _)| *of == day);
        known.next().map(|(_, key)| key.share())
    }

    /// From now on that is the key of the day.
    fn keep(&self, day: Day, key: &ServerKey) {
        let mut known = self.known();
        known.retain(|(of, other)| *of != day || !other.is(key));
        let at = known.iter().take_while(|(of, _)| *of > day).count();
        known.insert(at, (day, key.share()));
    }

    fn forget_over(&self, today: Day) {
        let live = [today, today.plus(-1)];
        self.known().retain(|(day, _)| live.contains(day));
    }

    fn is_used(&self) -> bool {
        !self.known().is_empty()
    }

    fn known(&self) -> MutexGuard<'_, Vec<(Day, ServerKey)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that what forms carry today may have been made with. There is always one: without the database it is this process's own.
    pub(super) async fn keys(
        &self,
        store: &Store,
        credentials: Arc<Credentials>,
        today: Day,
    ) -> LiveKeys {
        if let Some(alive) = self.alive(today) {
            return alive;
        }
        let _turn = self.turn.lock().await;
        if self.alive(today).is_none() {
            self.take_up(store, &credentials, today).await;
        }
        let alive = self.alive(today);
        alive.unwrap_or_else(|| LiveKeys::new(ServerKey::random(), Vec::new()))
    }

    /// Forgets the keys whose time is over, and puts the rows of the others right. For every minute.
    pub(super) async fn tend(&self, store: &Store, credentials: Arc<Credentials>, today: Day) {
        self.forget_over(today);
        if self.is_used() {
            let _turn = self.turn.lock().await;
            self.take_up(store, &credentials, today).await;
        }
    }

    async fn take_up(&self, store: &Store, credentials: &Arc<Credentials>, today: Day) {
        for day in [today, today.plus(-1)] {
            let known = match self.of(day) {
                None if day == today => Some(ServerKey::random()),
                known => known,
            };
            match in_common(
                store,
                credentials,
                (day, known.as_ref().map(ServerKey::share)),
            )
            .await
            {
                Ok(Some(key)) => self.keep(day, &key),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(event = "database-failing", %error, "a key of forms is in memory alone for now");
                    known.iter().for_each(|key| self.keep(day, key));
                }
            }
        }
    }
}

/// The key in the row of that day; `known` takes the place of what is none.
async fn in_common(
    store: &Store,
    credentials: &Arc<Credentials>,
    (day, known): (Day, Option<ServerKey>),
) -> StoreResult<Option<ServerKey>> {
    let read = Arc::clone(credentials);
    let find = move |conn: &mut DbConnection| in_row(conn, &read, day);
    let found = store.run(find).await?;
    let Some(known) = known.filter(|_| found.is_none()) else {
        return Ok(found);
    };
    let credentials = Arc::clone(credentials);
    let put = move |txn: &mut WriteTxn<'_>| {
        // Another process may have been here meanwhile.
        if let Some(found) = in_row(txn, &credentials, day)? {
            return Ok(found);
        }
        let sealed = credentials.ticket_key_seal(day, &known);
        let sealed = sealed.map_err(|error| StoreError::Other(Box::new(error)))?;
        store::ticket_key_put(txn, day, &sealed)?;
        Ok(known)
    };
    store.write(put).await.map(Some)
}

/// `None` if the row is missing, damaged or somebody's own.
fn in_row(
    conn: &mut DbConnection,
    credentials: &Credentials,
    day: Day,
) -> StoreResult<Option<ServerKey>> {
    let Some(sealed) = store::ticket_key_find(conn, day)? else {
        return Ok(None);
    };
    let opened = credentials.ticket_key_open(day, &sealed);
    if matches!(opened, Err(SealError::MissingCredential)) {
        tracing::error!(
            event = "credentials-old",
            "the credentials of this process lack a version that is in use: is its file an old copy? It must have the newest within a day"
        );
    }
    Ok(opened.ok())
}
