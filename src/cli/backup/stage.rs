//! What goes into a backup, put together in a folder: the copy of the database first of all, looked at as closely as can be.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use crate::cli::archive::{AUTHORITIES, CONFIGURATION, DATABASE, FORMS, WITNESS, files};
use crate::config::{self, Config, Database, MailTransport};
use crate::domain::backup::BackupCounts;
use crate::store::{self, Location, Store};
use crate::witness;

/// Puts everything there. Says how much it is.
///
/// # Errors
/// What cannot be read or copied, and why.
pub(super) fn stage(config: &Config, file: &Path, to: &Path) -> anyhow::Result<BackupCounts> {
    // Before the database: what the witness has seen must be in the copy.
    let seen = config.data.witness.join(witness::FILE_NAME);
    match fs::copy(&seen, to.join(WITNESS)) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!(
                "note: there is no witness file in {}",
                config.data.witness.display()
            );
        }
        Err(error) => return Err(error).with_context(|| cannot_copy(&seen)),
    }
    let counts = database(config, &to.join(DATABASE))?;
    configuration(config, file, to)?;
    Ok(counts)
}

/// A whole database of ours, or none.
fn database(config: &Config, to: &Path) -> anyhow::Result<BackupCounts> {
    let Database::Sqlite(path) = &config.data.database;
    let shown = path.display();
    let store = Store::open_read_only(Location::Sqlite(path.clone()));
    let store = store.with_context(|| format!("cannot read the database {shown}"))?;
    let (before, installation) = store
        .blocking(|conn| {
            store::schema_check(conn)?;
            Ok::<_, store::StoreError>((store::copy_counts(conn)?, store::installation_find(conn)?))
        })
        .with_context(|| format!("the database {shown}"))?;
    store
        .blocking(|conn| store::copy_make(conn, to))
        .with_context(|| {
            let folder = to.parent().unwrap_or(to).display();
            format!("{shown} could not be copied: is there room in {folder}, and is it whole?")
        })?;
    store::copy_forget(to).context("the keys of forms could not be taken out of the copy")?;
    let copy = Store::open_read_only(Location::Sqlite(to.to_owned()));
    let copy = copy.context("the copy cannot be read")?;
    copy.blocking(|conn| {
        store::schema_check(conn).context("the copy")?;
        if let Some(damage) = store::file_damage(conn)? {
            bail!("the copy is damaged: {damage}");
        }
        let counts = store::copy_counts(conn)?;
        // The log only grows.
        let is_whole = counts.entries >= before.entries
            && store::installation_find(conn)? == installation
            && counts.staff > 0;
        ensure!(is_whole, "the copy lacks what the database has");
        Ok(counts)
    })
}

/// The configuration without secrets, and the files that it names and that cannot be had again.
fn configuration(config: &Config, file: &Path, to: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(file).with_context(|| cannot_copy(file))?;
    let text = config::without_secrets(&text)
        .map_err(anyhow::Error::msg)
        .with_context(|| cannot_copy(file))?;
    put(&to.join(CONFIGURATION), text.as_bytes())?;
    if let Some(folder) = &config.forms.directory {
        for path in files(folder)? {
            copy(&path, &to.join(FORMS).join(path.strip_prefix(folder)?))?;
        }
    }
    if let Some(mark) = &config.hotline.mark {
        copy(mark, &to.join(mark_name(mark)))?;
    }
    if let MailTransport::Smtp(smtp) = &config.mail.transport
        && let Some(file) = &smtp.ca_file
    {
        copy(file, &to.join(AUTHORITIES))?;
    }
    Ok(())
}

/// What the organisation's mark is called in a backup: how it ends says what it is.
fn mark_name(mark: &Path) -> String {
    let end = mark.extension().and_then(|end| end.to_str());
    format!("mark.{}", end.unwrap_or("svg"))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    put(to, &fs::read(from).with_context(|| cannot_copy(from))?)
}

fn put(to: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = to.parent().context("it has a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(to, bytes))
        .with_context(|| format!("cannot write {}: is there room?", to.display()))
}

fn cannot_copy(path: &Path) -> String {
    format!("cannot copy {}", path.display())
}
