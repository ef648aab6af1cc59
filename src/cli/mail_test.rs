//! `kapea mail test`: one constant notice to one address, at once, with the reason if it does not arrive.

use anyhow::{Context, bail};

use super::arguments::MailTestArguments;
use super::common::configuration;
use crate::app;
use crate::config::MailTransport;
use crate::domain::clock::Clock;
use crate::locale::{Locale, Locales};
use crate::mail::{NoticeText, Refusal, Stationery};
use crate::seal::random;
use crate::telemetry;

pub(super) fn run(arguments: &MailTestArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    telemetry::start(config.log);
    let transport = app::transport(&config.mail.transport)?;
    let locales = Locales::load().context("the sentences cannot be read")?;
    let text = NoticeText::load(&locales);
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
    if let Err(Refusal { failure, words }) = runtime.block_on(transport.send_and_hear(&message)) {
        let language = arguments.language.unwrap_or(Locale::fallback());
        let said = locales.translator(language).mail_failure(&failure);
        match words {
            Some(mut words) => {
                words.retain(|character| !character.is_control());
                bail!("{said}\nThe server said: {}", words.trim());
            }
            None => bail!("{said}"),
        }
    }
    match &config.mail.transport {
        MailTransport::Smtp(_) => {
            println!("The mail server has taken the notice. See whether it arrives, and where.")
        }
        MailTransport::File(folder) => println!("The notice lies in {}.", folder.display()),
    }
    Ok(())
}
