//! Reports at which somebody should have looked again.

use super::passed::Passed;
use super::{Worker, WorkerError};
use crate::store::{self, DbConnection};

impl Worker {
    /// Takes reports back into the queue at which nobody has looked again in time, and those of which a clock that was ahead had said when.
    /// Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on. One that fails keeps no other from coming back.
    pub async fn miss_looks(&self) -> Result<usize, WorkerError> {
        let (now, confirmed) = (self.clock.now(), self.clock.confirmed());
        let look = move |conn: &mut DbConnection| {
            let mut missed = store::looks_missed(conn, now)?;
            if let Some(now) = confirmed {
                missed.extend(store::looks_too_far(conn, now)?);
            }
            Ok::<_, store::StoreError>(missed)
        };
        let (mut given, mut passed) = (0, Passed::default());
        for report in self.store.run(look).await? {
            let give = self.write(move |txn| Ok(txn.give_missed_back(report)?));
            given += usize::from(passed.unless_alone(give.await)?.is_some());
        }
        passed.or(given)
    }
}
