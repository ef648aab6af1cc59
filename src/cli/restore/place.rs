//! Where the parts of a backup go: nothing may be there yet, and nothing stays there of one that turns out not to be whole.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use crate::cli::archive::{AUTHORITIES, CONFIGURATION, DATABASE, FORMS, WITNESS, files};
use crate::cli::arguments::RestoreArguments;
use crate::cli::files::private_file;
use crate::config;
use crate::domain::sharing;

/// In the data folder, while it is not known whether the backup is whole.
const STAGE: &str = ".kapea-restore";
/// The folder of the witness file, as the configuration has it by default.
const WITNESS_FOLDER: &str = "witness";

/// The two folders.
pub(super) struct Places {
    /// Of the configuration.
    pub(super) to: PathBuf,
    /// Of database and witness file.
    pub(super) data: PathBuf,
}

/// The parts before they are put in place. Gone when dropped.
pub(super) struct Stage(PathBuf);

impl Places {
    /// Makes the folders, or finds them empty.
    ///
    /// # Errors
    /// If there is something in one of them.
    pub(super) fn new(arguments: &RestoreArguments) -> anyhow::Result<Self> {
        let to = std::path::absolute(&arguments.to).context("the folder has no absolute name")?;
        let data = match &arguments.data {
            Some(data) => {
                std::path::absolute(data).context("the data folder has no absolute name")?
            }
            None => to.join("data"),
        };
        // What one that failed has made is as good as new.
        empty(&to, &data)?;
        empty(&data, &data)?;
        let mode = fs::metadata(&data)?.permissions().mode();
        let shown = data.display();
        ensure!(
            mode & 0o007 == 0,
            "others may enter {shown}; make it the owner's alone with: chmod 700 {shown}"
        );
        Ok(Self { to, data })
    }

    /// # Errors
    /// If it cannot be made.
    pub(super) fn stage(&self) -> anyhow::Result<Stage> {
        let path = self.data.join(STAGE);
        folder(&path, 0o700)?;
        Ok(Stage(path))
    }

    /// The configuration's file.
    pub(super) fn configuration(&self) -> PathBuf {
        self.to.join(CONFIGURATION)
    }

    /// Moves everything to where it belongs, the configuration last: where it is, everything is.
    ///
    /// # Errors
    /// What could not be moved.
    pub(super) fn settle(&self, stage: &Stage) -> anyhow::Result<()> {
        let mode = fs::metadata(&self.data)?.permissions().mode();
        self.keep(&stage.path(DATABASE), &self.data.join(DATABASE), mode)?;
        let seen = stage.path(WITNESS);
        if seen.exists() {
            let witness = self.data.join(WITNESS_FOLDER);
            folder(&witness, sharing::folder_mode(mode))?;
            self.keep(&seen, &witness.join(crate::witness::FILE_NAME), mode)?;
        }
        let mut values = vec![
            ("data", "dir", self.data_text()),
            ("data", "database", format!("sqlite:{DATABASE}")),
            ("data", "witness", WITNESS_FOLDER.to_owned()),
            ("data", "credentials", "credentials.toml".to_owned()),
        ];
        for path in files(&stage.0)? {
            let name = path.strip_prefix(&stage.0)?;
            let text = name.to_str().unwrap_or_default();
            let (section, key, value) = match text.split_once('/') {
                Some((FORMS, _)) => ("forms", "directory", FORMS),
                None if text == AUTHORITIES => ("mail", "ca_file", text),
                None if text.starts_with("mark.") => ("hotline", "mark", text),
                _ => continue,
            };
            values.push((section, key, value.to_owned()));
            self.beside(&path, name)?;
        }
        let text = fs::read_to_string(stage.path(CONFIGURATION))
            .context("there is no configuration in the backup")?;
        let text = config::rewritten(&text, &values).map_err(anyhow::Error::msg)?;
        private_file(&self.configuration(), text.as_bytes())?;
        for folder in [&self.data, &self.to] {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Relative to the configuration where it lies beneath it, so that the folder can be moved as a whole.
    fn data_text(&self) -> String {
        let path = self.data.strip_prefix(&self.to).unwrap_or(&self.data);
        path.display().to_string()
    }

    /// Within the data folder, with the mode that its files have.
    fn keep(&self, from: &Path, to: &Path, folder: u32) -> anyhow::Result<()> {
        let mode = Permissions::from_mode(sharing::file_mode(folder));
        fs::set_permissions(from, mode)
            .and_then(|()| fs::rename(from, to))
            .with_context(|| format!("cannot make {}", to.display()))
    }

    /// Beside the configuration, which may be on another disk.
    fn beside(&self, from: &Path, name: &Path) -> anyhow::Result<()> {
        let to = self.to.join(name);
        if let Some(above) = to.parent() {
            fs::create_dir_all(above)
                .with_context(|| format!("cannot make {}", above.display()))?;
        }
        private_file(&to, &fs::read(from)?)
    }
}

impl Stage {
    /// A new file in it, by its name in the backup.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(super) fn make(&self, name: &str) -> anyhow::Result<File> {
        let path = self.path(name);
        if let Some(above) = path.parent() {
            folder(above, 0o700)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        file.with_context(|| format!("cannot make {}", path.display()))
    }

    /// Where a part is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot clear away {}: {error}", self.0.display());
        }
    }
}

/// An installation that is there is not overwritten: not a file of it.
/// Besides the data folder, which is looked at by itself.
fn empty(path: &Path, data: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    match fs::read_dir(path) {
        Ok(mut entries) => {
            let is_other = |entry: std::io::Result<fs::DirEntry>| {
                entry.map_or(true, |entry| entry.path() != data)
            };
            match entries.any(is_other) {
                false => Ok(()),
                true => bail!("{shown} is not empty; nothing was changed"),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => folder(path, 0o700),
        Err(error) => Err(error).with_context(|| format!("cannot use {shown}")),
    }
}

fn folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    DirBuilder::new()
        .mode(mode)
        .recursive(true)
        .create(path)
        // Whatever the process takes away of what it makes.
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .with_context(|| format!("cannot make {}", path.display()))
}
