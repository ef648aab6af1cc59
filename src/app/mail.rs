//! How mail leaves, as the configuration describes it.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

use crate::config::{MailTransport, SmtpConfig, SmtpSecurity};
use crate::mail::Transport;
use crate::mail::file::FileTransport;
use crate::mail::smtp::{Login, Security, Smtp, SmtpSettings};

/// How long one conversation with the mail server may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The way mail leaves. Connects to nothing yet.
///
/// # Errors
/// If the folder cannot be made or the file of extra certificates cannot be used.
pub fn transport(config: &MailTransport) -> anyhow::Result<Transport> {
    match config {
        MailTransport::Smtp(smtp) => Ok(Transport::Smtp(Box::new(Smtp::new(settings(smtp)?)?))),
        MailTransport::File(folder) => {
            make_private(folder)
                .with_context(|| format!("mail.folder: cannot make {}", folder.display()))?;
            Ok(Transport::File(FileTransport::new(folder.clone())))
        }
    }
}

fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(folder)
}

fn settings(smtp: &SmtpConfig) -> anyhow::Result<SmtpSettings> {
    let extra_authorities = smtp
        .ca_file
        .as_ref()
        .map(|file| {
            fs::read(file).with_context(|| format!("mail.ca_file: cannot read {}", file.display()))
        })
        .transpose()?;
    Ok(SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Tls => Security::Implicit,
        },
        hello_name: smtp.hello_name.clone(),
        login: smtp.login.as_ref().map(|login| Login {
            user: login.username.clone(),
            password: login.password.clone(),
        }),
        extra_authorities,
        timeout: TIMEOUT,
    })
}
