//! The folder in which backups are kept: one at work at a time, names by day, and what may be deleted.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use crate::domain::clock::Day;

/// Held by whoever makes a backup here.
const LOCK: &str = ".kapea-backup.lock";
/// Where it is sealed. What is left there is of one that was broken off.
const WORK: &str = ".kapea-backup";
/// Where it lies before that, in clear: in the data folder, on the disk where the database lies in clear itself.
const CLEAR: &str = ".kapea-copy";

/// See the module. Nobody else makes a backup here for as long as it is held.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// A folder of our own, which is gone afterwards.
pub(super) struct Work {
    path: PathBuf,
    _lock: Option<File>,
}

impl Folder {
    /// # Errors
    /// If there is no such folder, or another backup is being made there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let found = fs::metadata(path).ok().filter(Metadata::is_dir);
        let Some(found) = found else {
            bail!("there is no folder {shown}; make it first: install -d -m 0700 {shown}");
        };
        ensure!(
            found.permissions().mode() & 0o022 == 0,
            "others may write in {shown} and put another thing in the place of a backup; make it the owner's alone: chmod 700 {shown} (where a disk knows no owners: mount it with umask=077)"
        );
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path.join(LOCK))
            .with_context(|| format!("cannot write into {shown}"))?;
        hold(&lock, path)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Makes a place to work in, and clears away what one that was broken off has left.
    ///
    /// # Errors
    /// If it cannot.
    pub(super) fn work(&self) -> anyhow::Result<Work> {
        Work::in_folder(&self.path, WORK, None)
    }

    /// Gives a finished file its name: that of the day, and a number if there is one that day. Durable when this returns `Ok`.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub(super) fn keep(&self, finished: &Path, day: Day) -> anyhow::Result<PathBuf> {
        let names = std::iter::once(format!("kapea-{day}.age"));
        let mut names = names.chain((2_u32..).map(|number| format!("kapea-{day}-{number}.age")));
        // Nobody else gives such names while the lock is held.
        let free = names.find(|name| fs::symlink_metadata(self.path.join(name)).is_err());
        let file = self.path.join(free.context("there are too many backups")?);
        fs::rename(finished, &file)
            .and_then(|()| File::open(&self.path)?.sync_all())
            .with_context(|| format!("cannot make {}", file.display()))?;
        Ok(file)
    }

    /// Deletes the oldest until so many are there, `newest` among them. Touches nothing but what has a name that we give; what is of a later
    /// day than today, by a clock that was ahead, neither counts nor goes.
    ///
    /// # Errors
    /// If one cannot be deleted.
    pub(super) fn prune(&self, keep: u32, newest: &Path, today: Day) -> anyhow::Result<()> {
        let entries = fs::read_dir(&self.path)
            .with_context(|| format!("cannot read {}", self.path.display()))?;
        let mut older = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(made) = name.and_then(made)
                && path != newest
                && made.0 <= today
            {
                older.push((made, path));
            }
        }
        older.sort();
        older.reverse();
        let others = usize::try_from(keep.saturating_sub(1))?;
        for (_, path) in older.into_iter().skip(others) {
            fs::remove_file(&path).with_context(|| {
                format!(
                    "{} is whole, but {} could not be deleted",
                    newest.display(),
                    path.display()
                )
            })?;
        }
        Ok(())
    }
}

/// The day and the number in a name that [`Folder::keep`] has given.
fn made(name: &str) -> Option<(Day, u32)> {
    let name = name.strip_prefix("kapea-")?.strip_suffix(".age")?;
    let (day, rest) = name.split_at_checked(10)?;
    let number = match rest.strip_prefix('-') {
        Some(number) => number.parse().ok()?,
        None if rest.is_empty() => 1,
        None => return None,
    };
    Some((day.parse().ok()?, number))
}

/// Nobody else works there for as long as it is open.
fn hold(lock: &File, folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    match lock.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => bail!("another backup is being made in {shown}"),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{shown} cannot be locked"))
        }
    }
}

impl Work {
    /// For what is in clear: on no other disk than the data folder's, and nobody else's.
    ///
    /// # Errors
    /// If it cannot be made, or somebody else is at work there.
    pub(super) fn in_clear(data: &Path) -> anyhow::Result<Self> {
        let lock = File::open(data).with_context(|| format!("cannot use {}", data.display()))?;
        hold(&lock, data)?;
        Self::in_folder(data, CLEAR, Some(lock))
    }

    fn in_folder(folder: &Path, name: &str, lock: Option<File>) -> anyhow::Result<Self> {
        let path = folder.join(name);
        let work = Self { path, _lock: lock };
        work.clear()
            .with_context(|| format!("cannot clear away {}", work.path.display()))?;
        make_folder(&work.path)?;
        Ok(work)
    }

    /// Where it is.
    pub(super) fn folder(&self) -> &Path {
        &self.path
    }

    /// A name in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn clear(&self) -> std::io::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // If it cannot be, the next one does it.
        drop(self.clear());
    }
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().mode(0o700).create(path);
    made.with_context(|| format!("cannot make {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_ours() {
        let day: Day = "2026-11-30".parse().unwrap();
        assert_eq!(made("kapea-2026-11-30.age"), Some((day, 1)));
        assert_eq!(made("kapea-2026-11-30-12.age"), Some((day, 12)));
        for other in [
            "kapea-2026-11-31.age",
            "kapea-2026-11-30.age.part",
            "kapea-2026-11-30x.age",
            "kapea-2026-11-30-.age",
            "2026-11-30.age",
            "kapea-.age",
            "notes.txt",
        ] {
            assert_eq!(made(other), None, "{other}");
        }
    }
}
