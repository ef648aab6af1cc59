//! Things that are done one by one: one that fails keeps no other from being done, and is told of all the same.

use super::WorkerError;

/// What failed alone; the first is told of.
#[derive(Debug, Default)]
pub(super) struct Passed(Option<WorkerError>);

impl Passed {
    /// What was done; `None` if it failed, and others may be done.
    ///
    /// # Errors
    /// What lies with the database, or the server's own keys, as a whole: others would fail as well.
    pub(super) fn unless_alone<T>(
        &mut self,
        done: Result<T, impl Into<WorkerError>>,
    ) -> Result<Option<T>, WorkerError> {
        match done.map_err(Into::into) {
            Err(error) if !error.is_of_all() => {
                self.0.get_or_insert(error);
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// What all came to.
    ///
    /// # Errors
    /// The first that failed.
    pub(super) fn or<T>(self, all: T) -> Result<T, WorkerError> {
        self.0.map_or(Ok(all), Err)
    }
}
