//! Who else can read or write what is the service's own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::finding::Finding;
use crate::app;
use crate::config::{Config, Database, MailTransport, SmtpLogin};
use crate::domain::sharing;

pub(super) fn look(config: &Config, file: &Path) -> Vec<Finding> {
    let credentials = &config.data.credentials;
    let Database::Sqlite(database) = &config.data.database;
    let advice = "others must not be able to change who receives reports, or to read a password: chmod 600, or 644 where no password is in it";
    vec![
        Finding::of(
            "permissions of the configuration",
            configuration(config, file),
            advice,
        ),
        Finding::of(
            "permissions of the credentials",
            app::check_credentials(credentials)
                .map(|()| format!("{} is its owner's alone", credentials.display())),
            "bring your copy of the file there, and give it to the account of the service alone: chmod 600",
        ),
        Finding::of(
            "permissions of the data folder",
            closed(&config.data.dir).and_then(|said| closed(database).map(|_| said)),
            "chmod 700, or 2770 where two accounts share it through their group (deploy/README.md)",
        ),
        Finding::of(
            "permissions of the witness file",
            closed(&config.data.witness)
                .and_then(|_| closed(&config.data.witness.join(crate::witness::FILE_NAME))),
            "chmod 700 for the folder, or 2770 where two accounts share it. If there is no file, and none was ever there: kapea witness accept",
        ),
    ]
}

fn configuration(config: &Config, file: &Path) -> anyhow::Result<String> {
    let mode = mode(file)?;
    let shown = file.display();
    ensure!(mode & 0o022 == 0, "others may write {shown} ({mode:o})");
    let has_password = match &config.mail.transport {
        MailTransport::Smtp(smtp) => smtp.login.as_ref().is_some_and(SmtpLogin::is_inline),
        MailTransport::File(_) => false,
    };
    ensure!(
        !has_password || mode & 0o077 == 0,
        "others may read {shown} ({mode:o}), and a password is in it"
    );
    Ok(format!("nobody else may write {shown}"))
}

/// The owner's alone, or also that of a group that plainly shares it.
fn closed(path: &Path) -> anyhow::Result<String> {
    let mode = mode(path)?;
    let shown = path.display();
    let is_folder = path.is_dir();
    let shared = match is_folder {
        true => sharing::folder_mode(0o2770),
        false => sharing::file_mode(0o2770),
    };
    let is_closed = mode & 0o077 == 0 || mode & 0o7777 == shared;
    ensure!(is_closed, "others may enter or read {shown} ({mode:o})");
    let whose = if mode & 0o077 == 0 {
        "its owner's alone"
    } else {
        "its owner's and its group's alone"
    };
    Ok(format!("{shown} is {whose}"))
}

fn mode(path: &Path) -> anyhow::Result<u32> {
    let found = fs::metadata(path);
    let found = found.with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(found.permissions().mode() & 0o7777)
}
