//! Where connections come from, and what is known of the file and of the disk that they lead to.

use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

use super::connection::{ConnectionPool, DbConnection, Location};
use super::damage::Damage;
use super::error::{StoreError, StoreResult};
use super::noted;
use super::room::{self, disk_at};
use crate::domain::disk::{Disk, DiskFault};

/// Where connections come from, and what is known of what they lead to.
pub(super) struct Source {
    pub(super) location: Location,
    /// Or why there are none.
    pub(super) pool: Result<ConnectionPool, StoreError>,
    pub(super) damage: Damage,
    /// What a test says of the disk.
    pub(super) said: Mutex<Option<Disk>>,
    pub(super) seen: room::Seen,
}

impl Source {
    /// The disk that the database is on, if the system says how full it is.
    pub(super) fn disk(&self) -> Option<Disk> {
        let said = *self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let Location::Sqlite(path) = &self.location;
        said.or_else(|| disk_at(path))
    }

    /// Whether a test says how full it is: on such a disk there is nothing to keep.
    pub(super) fn is_said(&self) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.is_some()
    }

    /// The same, or what it was a few seconds ago.
    pub(super) async fn disk_lately(&self) -> Option<Disk> {
        if self.is_said() {
            return self.disk();
        }
        let Location::Sqlite(path) = self.location.clone();
        self.seen.disk(path).await
    }

    /// Reporters leave the last of the reserve to the staff.
    pub(super) fn check_room(&self, conn: &mut DbConnection) -> StoreResult<()> {
        let Some(disk) = self.disk() else {
            return Ok(());
        };
        match room::is_for_reporters(conn, disk)? {
            true => Ok(()),
            false => Err(StoreError::Full),
        }
    }

    /// Whether the system makes no file beside the database for that reason. One without a name leaves nothing behind.
    fn is_read_only(&self) -> bool {
        let Location::Sqlite(path) = &self.location;
        let folder = path.parent().unwrap_or(path);
        let options = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        matches!(open(folder, options, Mode::RUSR), Err(Errno::ROFS))
    }

    pub(super) fn on_connection<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let pool = self.pool.as_ref().map_err(StoreError::again)?;
        let mut conn = pool.get().map_err(|_| StoreError::Busy)?;
        drop(noted::take());
        let done = work(&mut conn);
        let mut noted = noted::take();
        // SQLite's word for a disk that was made read-only under a file that is open.
        if noted.fault == Some(DiskFault::Io) && self.is_read_only() {
            noted.fault = Some(DiskFault::ReadOnly);
        }
        self.damage.keep(noted);
        done
    }
}
