//! `kapea backup`: one age file of everything that an installation is, but for its secrets, made while the service runs. It counts as one
//! only once it was read again whole.

mod folder;
mod stage;

use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::archive::{self, Manifest};
use super::arguments::BackupArguments;
use super::common::configuration_in;
use crate::config::{Config, Database, Environment};
use crate::domain::clock::{Clock, Day};
use crate::domain::suite::Suite;
use crate::seal::keys::{Identity, Recipient};
use crate::store::{self, Location, Store};

use folder::{Folder, Work};

pub(super) fn run(arguments: &BackupArguments) -> anyhow::Result<()> {
    let environment = Environment::of_process().without_secrets();
    let config = configuration_in(&arguments.config.path, &environment)?;
    let today = Clock::system().today();
    let made = make(&config, arguments, today);
    let told = tell(&config, today, made.is_ok());
    let (file, manifest) = match made {
        Ok(made) => made,
        Err(error) => {
            if let Err(error) = told {
                eprintln!("the status page cannot say so: {error:#}");
            }
            return Err(error.context("there is no backup"));
        }
    };
    let shown = file.display();
    told.with_context(|| format!("{shown} is whole, but the status page cannot say so"))?;
    let counts = manifest.counts;
    println!(
        "ok: {shown}, read again and whole: {} reports, {} accounts, {} entries of the audit log",
        counts.reports, counts.staff, counts.entries
    );
    Ok(())
}

/// Makes it, reads it again, gives it its name; then deletes older ones, as far as that is wanted.
fn make(
    config: &Config,
    arguments: &BackupArguments,
    today: Day,
) -> anyhow::Result<(PathBuf, Manifest)> {
    let recipients = recipients(&arguments.recipient)?;
    let folder = Folder::open(&arguments.to)?;
    let work = folder.work()?;
    let clear = Work::in_clear(&config.data.dir)?;
    let parts = clear.folder();
    let counts = stage::stage(config, &arguments.config.path, parts)?;
    let schema = crate::seal::hex_digest(store::schema_text()?.as_bytes());
    let manifest = Manifest::of(parts, schema, today, counts)?;
    let sealed = work.path("sealed");
    seal(&manifest, parts, recipients, &sealed)?;
    drop(clear);
    let file = folder.keep(&sealed, today)?;
    drop(work);
    if let Some(keep) = arguments.keep {
        folder.prune(keep, &file, today)?;
    }
    Ok((file, manifest))
}

fn recipients(texts: &[String]) -> anyhow::Result<Vec<Recipient>> {
    let recipients = texts.iter().map(|text| {
        let recipient: Option<Recipient> = text.parse().ok();
        let plain = recipient.filter(|it| it.suite() == Suite::X25519);
        plain.with_context(|| {
            format!("{text} is not an age recipient: age1 and 58 more letters and digits, as age-keygen prints it")
        })
    });
    recipients.collect()
}

/// Seals and reads again. Nobody here has the keys of those for whom it is: so there is one more, of this process, that is gone afterwards.
/// What it opens is what the others open: one file has one content. That theirs opens it is for a drill to show.
fn seal(
    manifest: &Manifest,
    parts: &Path,
    mut recipients: Vec<Recipient>,
    to: &Path,
) -> anyhow::Result<()> {
    let own = Identity::generate(Suite::X25519);
    recipients.push(own.recipient());
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to);
    let file = file.with_context(|| format!("cannot make {}", to.display()))?;
    let file = archive::pack(manifest, parts, &recipients, file)
        .context("the copy could not be sealed: is there room?")?;
    file.sync_all()
        .context("what was sealed did not reach the disk")?;
    drop(file);
    let file = File::open(to).context("what was sealed cannot be read again")?;
    // From the disk, as far as the system lets us.
    if let Err(error) = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed) {
        tracing::debug!(%error, "what was sealed may be read from memory");
    }
    let sink = |_: &str, part: &mut dyn std::io::Read| {
        std::io::copy(part, &mut std::io::sink())?;
        Ok(())
    };
    let found = archive::unpack(BufReader::new(file), &[own], sink)
        .context("what was sealed was read again, and is not whole")?;
    ensure!(found == *manifest, "what was read again is another backup");
    Ok(())
}

/// Says on the status page how it ended.
fn tell(config: &Config, today: Day, is_verified: bool) -> anyhow::Result<()> {
    let Database::Sqlite(path) = &config.data.database;
    let store = Store::open_as_it_is(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot open {}", path.display()))?;
    store.blocking(store::schema_check)?;
    store
        .blocking_write(|txn| store::backup_said(txn, today, is_verified))
        .with_context(|| format!("cannot write into {}", path.display()))
}
