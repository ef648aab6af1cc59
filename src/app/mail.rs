//! How mail leaves, as the configuration describes it.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

use crate::config::{MailTransport, SmtpConfig, SmtpLogin, SmtpProof, SmtpSecurity};
use crate::mail::file::FileTransport;
use crate::mail::smtp::{Login, Proof, Security, Smtp, SmtpSettings};
use crate::mail::{AuthorityFile, Transport, token};

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

/// What is wrong with the files of `[mail]`, which only mail needs.
pub fn mail_remarks(config: &MailTransport) -> Vec<String> {
    let MailTransport::Smtp(smtp) = config else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    if let Some(file) = &smtp.ca_file {
        let shown = file.display();
        match fs::read(file).map(|pem| AuthorityFile::of(&pem, smtp.host.as_str())) {
            Err(error) => remarks.push(format!("mail.ca_file: {shown} cannot be read: {error}")),
            Ok(found) if found.holds_server => remarks.push(format!(
                "mail.ca_file: {shown} holds a server's certificate, not an authority's: put the certificate of the authority there that has signed it"
            )),
            Ok(found) if found.names_server => remarks.push(format!(
                "mail.ca_file: {shown} holds an authority's certificate that bears the mail server's own name: if the server shows that one itself, it is refused; give the server one of its own that is no authority's (openssl req -x509 -addext basicConstraints=CA:FALSE)"
            )),
            Ok(_) => {}
        }
    }
    if let Some(SmtpLogin {
        proof: SmtpProof::Token(file),
        ..
    }) = &smtp.login
        && let Err(error) = token::look(file)
    {
        remarks.push(format!(
            "mail.token_file: {} cannot be used: {error}",
            file.display()
        ));
    }
    remarks
}

fn proof(login: &SmtpLogin) -> Proof {
    match &login.proof {
        SmtpProof::Password { password, .. } => Proof::Password(password.clone()),
        SmtpProof::Token(file) => Proof::Token(file.clone()),
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
            proof: proof(login),
        }),
        extra_authorities,
        timeout: TIMEOUT,
    })
}
