//! Notices as `.eml` files in a folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Message;
use crate::domain::mail_fault::{MailFailure, MailFault};
use crate::domain::stack;

/// A folder that takes notices as files which only the owner can read, each complete or not there.
#[derive(Debug, Clone)]
pub struct FileTransport {
    folder: PathBuf,
}

impl FileTransport {
    /// The folder has to exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), MailFailure> {
        let (folder, message) = (self.folder.clone(), message.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "this room knows no database, whose threads are wiped"
        )]
        tokio::task::spawn_blocking(move || stack::cleared(|| write_whole(&folder, &message)))
            .await
            .map_err(io::Error::other)
            .and_then(|written| written)
            .map_err(|_| MailFailure::of(MailFault::File))
    }
}

fn write_whole(folder: &Path, message: &Message) -> io::Result<()> {
    let unfinished = folder.join(format!(".{}.part", message.id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(message.bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(format!("{}.eml", message.id())))?;
    File::open(folder)?.sync_all()
}
