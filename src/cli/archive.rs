//! What is in a backup: a tar archive whose first file says what the others must be. `docs/formats.md` has the format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::domain::backup::BackupCounts;
use crate::domain::clock::Day;
use crate::seal::backup::{BackupReader, BackupWriter, Digesting};
use crate::seal::keys::{Identity, Recipient};

const FORMAT: &str = "kapea-backup/1";
const MANIFEST: &str = "manifest.json";
/// Bytes of a manifest at most: some hundred recordings beside a form are far fewer.
const LONGEST_MANIFEST: u64 = 1 << 20;

/// The database.
pub(super) const DATABASE: &str = "kapea.db";
/// What is remembered outside it.
pub(super) const WITNESS: &str = "witness";
/// The configuration, without secrets.
pub(super) const CONFIGURATION: &str = "kapea.toml";
/// The folder of a form of the operator's own.
pub(super) const FORMS: &str = "forms";
/// Certificates that are trusted for mail.
pub(super) const AUTHORITIES: &str = "ca.pem";

/// What the first file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    /// The release that made it.
    pub(super) version: String,
    /// SHA-256 of what the tables of that release are.
    pub(super) schema: String,
    /// The UTC day, `2026-11-30`.
    pub(super) day: String,
    pub(super) counts: BackupCounts,
    /// By the name in the archive, with `/` between folders.
    pub(super) parts: BTreeMap<String, Part>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    bytes: u64,
    sha256: String,
}

impl Manifest {
    /// Of everything in a folder.
    ///
    /// # Errors
    /// If a file in it cannot be read.
    pub(super) fn of(
        folder: &Path,
        schema: String,
        day: Day,
        counts: BackupCounts,
    ) -> anyhow::Result<Self> {
        let mut parts = BTreeMap::new();
        for path in files(folder)? {
            let name = name(folder, &path)?;
            let mut file = Digesting::new(open(&path)?);
            io::copy(&mut file, &mut io::sink()).with_context(|| unreadable(&path))?;
            let (sha256, bytes) = file.finish();
            parts.insert(name, Part { bytes, sha256 });
        }
        Ok(Self {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            day: day.to_string(),
            counts,
            parts,
        })
    }
}

/// Seals a folder and what was said of it.
///
/// # Errors
/// Where reading or writing fails.
pub(super) fn pack<W: Write>(
    manifest: &Manifest,
    folder: &Path,
    recipients: &[Recipient],
    to: W,
) -> anyhow::Result<W> {
    let sealing = BackupWriter::new(recipients, to)?;
    let mut archive = tar::Builder::new(sealing);
    let text = serde_json::to_vec(manifest)?;
    let size = u64::try_from(text.len())?;
    archive.append_data(&mut header(size), MANIFEST, text.as_slice())?;
    for (name, part) in &manifest.parts {
        let file = open(&folder.join(name))?;
        archive.append_data(&mut header(part.bytes), name, file)?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o600);
    header
}

/// Opens a backup and gives each part to `take`, by its name. What is not as the manifest says is found in the end: what `take` did counts
/// only if this returns `Ok`.
///
/// # Errors
/// If no key opens it, or it is not whole; that of `take`.
pub(super) fn unpack(
    from: impl BufRead,
    keys: &[Identity],
    mut take: impl FnMut(&str, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<Manifest> {
    let opened = BackupReader::new(keys, from).context("the backup")?;
    let mut archive = tar::Archive::new(opened);
    let mut manifest: Option<Manifest> = None;
    let mut seen = BTreeSet::new();
    for entry in archive.entries().context(DAMAGED)? {
        let mut entry = entry.context(DAMAGED)?;
        let path = entry.path().context(DAMAGED)?.into_owned();
        let name = path.to_str().context(DAMAGED)?.to_owned();
        let is_plain = entry.header().entry_type().is_file()
            && path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
        ensure!(is_plain, "{name:?} in the backup is no file of ours");
        let Some(manifest) = &manifest else {
            ensure!(name == MANIFEST, "it is not a backup of Kapea");
            let mut text = Vec::new();
            entry
                .take(LONGEST_MANIFEST)
                .read_to_end(&mut text)
                .context(DAMAGED)?;
            manifest = Some(read_manifest(&text)?);
            continue;
        };
        let expected = manifest.parts.get(&name);
        let expected = expected.with_context(|| format!("{name:?} is not in the manifest"))?;
        let mut part = Digesting::new(&mut entry);
        take(&name, &mut part)?;
        io::copy(&mut part, &mut io::sink()).context(DAMAGED)?;
        let (sha256, bytes) = part.finish();
        ensure!(
            *expected == Part { bytes, sha256 } && seen.insert(name.clone()),
            "{name:?} in the backup is not what the manifest says"
        );
    }
    // To the very end: whether something was cut off is known there.
    io::copy(&mut archive.into_inner(), &mut io::sink()).context(DAMAGED)?;
    let manifest = manifest.context("it is not a backup of Kapea")?;
    match manifest.parts.keys().find(|name| !seen.contains(*name)) {
        Some(name) => bail!("{name:?} is missing in the backup"),
        None => Ok(manifest),
    }
}

const DAMAGED: &str = "the backup was changed, or is not whole";

fn read_manifest(text: &[u8]) -> anyhow::Result<Manifest> {
    #[derive(Deserialize)]
    struct Begin {
        format: String,
        version: String,
    }
    let begin: Begin = serde_json::from_slice(text).context("it is not a backup of Kapea")?;
    ensure!(
        begin.format == FORMAT,
        "release {} made it, in a form that this one does not know",
        begin.version
    );
    serde_json::from_slice(text).context(DAMAGED)
}

/// Every file below a folder.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| unreadable(folder))?;
    for entry in entries {
        let path = entry.with_context(|| unreadable(folder))?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}

fn name(folder: &Path, path: &Path) -> anyhow::Result<String> {
    let name = path.strip_prefix(folder)?.to_str();
    let name = name.with_context(|| format!("{}: the name is not UTF-8", path.display()))?;
    Ok(name.to_owned())
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| unreadable(path))
}

fn unreadable(path: &Path) -> String {
    format!("cannot read {}", path.display())
}
