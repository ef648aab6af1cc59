//! `kapea mail test`: one constant notice to one address, at once, with the reason if it does not arrive.

use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};

use super::arguments::MailTestArguments;
use super::configuration;
use crate::config::{MailConfig, MailTransport, SmtpConfig, SmtpSecurity};
use crate::domain::clock::Clock;
use crate::locale::Locales;
use crate::mail::file::FileTransport;
use crate::mail::smtp::{Login, Security, Smtp, SmtpSettings};
use crate::mail::{NoticeText, Stationery, Transport};
use crate::seal::random;
use crate::telemetry;

const TIMEOUT: Duration = Duration::from_secs(60);

pub(super) fn run(arguments: &MailTestArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    telemetry::start(config.log);
    let transport = transport(&config.mail)?;
    let text = NoticeText::load(&Locales::load().context("the sentences cannot be read")?);
    let stationery = Stationery::new(config.mail.from.clone(), &text);
    let message = stationery.notice(
        random::outbox_id(),
        &arguments.address,
        Clock::system().now(),
    );

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    if let Err(error) = runtime.block_on(transport.send(&message)) {
        bail!("{error}");
    }
    match &config.mail.transport {
        MailTransport::Smtp(_) => {
            println!("The mail server has taken the notice. See whether it arrives, and where.")
        }
        MailTransport::File(folder) => println!("The notice lies in {}.", folder.display()),
    }
    Ok(())
}

/// The way mail leaves, as the configuration says. Connects to nothing yet.
///
/// # Errors
/// If a folder cannot be made or the file of extra certificates cannot be used.
pub fn transport(config: &MailConfig) -> anyhow::Result<Transport> {
    match &config.transport {
        MailTransport::Smtp(smtp) => Ok(Transport::Smtp(Box::new(Smtp::new(settings(smtp)?)?))),
        MailTransport::File(folder) => {
            super::files::private_folder(folder)?;
            Ok(Transport::File(FileTransport::new(folder.clone())))
        }
    }
}

fn settings(smtp: &SmtpConfig) -> anyhow::Result<SmtpSettings> {
    let extra_authorities = smtp
        .ca_file
        .as_ref()
        .map(|file| fs::read(file).with_context(|| format!("cannot read {}", file.display())))
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
