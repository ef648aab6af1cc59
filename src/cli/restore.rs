//! `kapea restore`: puts a backup into an empty place, and says what has to be done once more because it is older than what was lost.

mod place;
mod told;

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use zeroize::Zeroizing;

use super::archive::{self, DATABASE, Manifest};
use super::arguments::RestoreArguments;
use crate::seal::backup::keys_of_file;
use crate::seal::keys::Identity;
use crate::store::{self, Location, Store};

use place::Places;

pub(super) fn run(arguments: &RestoreArguments) -> anyhow::Result<()> {
    let keys = keys(&arguments.identity)?;
    let file = &arguments.file;
    let sealed = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let places = Places::new(arguments)?;
    let stage = places.stage()?;
    let manifest = archive::unpack(BufReader::new(sealed), &keys, |name, part| {
        let mut file = stage.make(name)?;
        io::copy(part, &mut file)
            .and_then(|_| file.sync_all())
            .with_context(|| format!("{name} could not be written: is there room?"))
    })
    .with_context(|| format!("{}: nothing was put in place", file.display()))?;
    look(&stage.path(DATABASE), &manifest).context("nothing was put in place")?;
    places.settle(&stage)?;
    drop(stage);
    told::tell(&places, &manifest)
}

/// The keys that may open it.
fn keys(path: &Path) -> anyhow::Result<Vec<Identity>> {
    let shown = path.display();
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.with_context(|| format!("cannot read {shown}"))?;
    keys_of_file(&text).with_context(|| {
        format!("{shown} has no age key: a line that begins with AGE-SECRET-KEY-1, as age-keygen writes it")
    })
}

/// Brings the tables up to date, and looks whether it is the database that was kept.
fn look(database: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    ensure!(database.is_file(), "there is no database in the backup");
    let made = format!("release {} made it", manifest.version);
    let store = Store::open(Location::Sqlite(database.to_owned()), 1).context(made)?;
    store.blocking(|conn| {
        if let Some(damage) = store::file_damage(conn)? {
            bail!("the database is damaged: {damage}");
        }
        let counts = store::copy_counts(conn)?;
        ensure!(
            counts == manifest.counts,
            "the database is another than the manifest says"
        );
        Ok(())
    })?;
    // Everything into the file, so that it can be moved alone.
    let is_all_in_it = store.blocking(store::journal_scrub)?;
    ensure!(is_all_in_it, "the database is in use");
    Ok(())
}
