//! Files and folders that only their owner may read, and that are never overwritten.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Makes a folder with mode 0700, with what is missing above it. One that is there must be the owner's alone already.
pub(super) fn private_folder(path: &Path) -> anyhow::Result<()> {
    match DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there and is not a folder", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot make {}", path.display())),
    }
    let mode = fs::metadata(path)
        .with_context(|| format!("cannot look at {}", path.display()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        bail!(
            "others may enter {}; make it the owner's alone with: chmod 700 {}",
            path.display(),
            path.display()
        );
    }
    Ok(())
}

/// Puts new content in the place of a private file of ours, durably: whoever reads it sees the old or the new, whole. Its mode stays.
pub(super) fn replace_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mode = ours(path)?;
    let fresh = beside(path)?;
    private_file(&fresh, content).context("another change is under way, or one was broken off")?;
    let replaced = fs::set_permissions(&fresh, fs::Permissions::from_mode(mode))
        .and_then(|()| fs::rename(&fresh, path))
        .and_then(|()| match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
            _ => fs::File::open(".")?.sync_all(),
        });
    if replaced.is_err() {
        drop(fs::remove_file(&fresh));
    }
    replaced.with_context(|| format!("cannot replace {}", path.display()))
}

/// The mode of a file that is ours, and that nobody else may read or write.
fn ours(path: &Path) -> anyhow::Result<u32> {
    let data =
        fs::symlink_metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    let mode = data.permissions().mode() & 0o777;
    let shown = path.display();
    ensure!(
        data.is_file(),
        "{shown} is not a file of its own; nothing was changed"
    );
    ensure!(
        data.uid() == rustix::process::geteuid().as_raw(),
        "{shown} belongs to somebody else; run this as its owner. Nothing was changed"
    );
    ensure!(
        mode & 0o077 == 0,
        "others may read {shown}; nothing was changed (chmod 600 {shown})"
    );
    Ok(mode)
}

fn beside(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().context("the file has no name")?;
    let mut name = name.to_owned();
    name.push(".new");
    Ok(path.with_file_name(name))
}

/// Writes a new file with mode 0600, durably. Refuses to touch one that is there.
pub(super) fn private_file(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}
