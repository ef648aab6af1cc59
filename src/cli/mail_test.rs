//! `kapea mail test`: one constant notice to one address, at once, with the reason if it does not arrive.

use anyhow::{Context, bail};

use super::arguments::MailTestArguments;
use super::common::configuration;
use crate::app;
use crate::config::MailTransport;
use crate::domain::clock::Clock;
use crate::locale::Locales;
use crate::mail::{NoticeText, Refusal, Stationery};
use crate::seal::random;
use crate::telemetry;

pub(super) fn run(arguments: &MailTestArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    telemetry::start(config.log);
    let transport = app::transport(&config.mail.transport)?;
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
    if let Err(Refusal { error, words }) = runtime.block_on(transport.send_and_hear(&message)) {
        match words {
            Some(words) => bail!("{error}\nThe server said: {}", words.trim()),
            None => bail!("{error}"),
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
