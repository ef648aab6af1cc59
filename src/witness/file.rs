//! The file: replaced as a whole, durably, by one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::error::WitnessError;
use crate::domain::sharing;

/// Its name in its folder.
pub const NAME: &str = "witness";
const FRESH: &str = "witness.new";

/// Makes the folder: shared with the group if the one above it is, its owner's alone otherwise. One that is there and is not shared
/// becomes its owner's alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), WitnessError> {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode());
    let found = mode(folder);
    let asked = found.or_else(|_| mode(folder.parent().unwrap_or(folder)));
    let mode = sharing::folder_mode(asked.unwrap_or_default());
    DirBuilder::new()
        .mode(mode)
        .recursive(true)
        .create(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(mode)))
        .map_err(unwritable)
}

/// Keeps other processes from the file for as long as it is held.
pub(super) fn lock(folder: &Path) -> Result<File, WitnessError> {
    let locked = File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
    locked.map_err(unreadable)
}

pub(super) fn read(folder: &Path) -> Result<Vec<u8>, WitnessError> {
    fs::read(folder.join(NAME)).map_err(unreadable)
}

/// Whoever reads it sees the old or the new, whole; the new one survives a power cut when this returns.
pub(super) fn replace(folder: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
    write(folder, bytes).map_err(unwritable)
}

fn write(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(FRESH);
    // One that was broken off is in the way of nobody: the lock is held.
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mode = sharing::file_mode(fs::metadata(folder)?.permissions().mode());
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&fresh)?;
    // Whatever the process takes away of what it makes.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, folder.join(NAME))?;
    File::open(folder)?.sync_all()
}

fn unreadable(error: io::Error) -> WitnessError {
    match error.kind() {
        ErrorKind::NotFound => WitnessError::Missing,
        kind => WitnessError::Unreadable(kind),
    }
}

fn unwritable(error: io::Error) -> WitnessError {
    WitnessError::Unwritable(error.kind())
}
