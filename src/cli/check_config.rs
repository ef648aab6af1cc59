//! `kapea check-config`: everything wrong with a configuration and with the files that it names, and what is allowed but deserves a thought.
//! The service does not start without it, and it knows no time but the machine's: nothing that hangs on the day is an error here.
//! Whether custodians have signed is in the database: `kapea healthcheck` says it of the running service.

use super::arguments::ConfigFile;
use super::common::configuration;
use crate::app;
use crate::config::{Config, MailTransport};
use crate::domain::clock::Clock;

pub(super) fn run(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    app::check_credentials(&config.data.credentials)?;
    app::form(&config)?;
    app::mark(&config)?;
    if let Err(remark) = app::pins_end(&config, Clock::system().today()) {
        println!("note: {remark}");
    }
    for remark in remarks(&config) {
        println!("note: {remark}");
    }
    for remark in app::mail_remarks(&config.mail.transport) {
        println!("note: {remark}");
    }
    println!("{}: nothing is wrong", file.path.display());
    Ok(())
}

/// What works and is still worth knowing.
pub(super) fn remarks(config: &Config) -> Vec<&'static str> {
    let mut remarks = Vec::new();
    match (config.custodians.keys.len(), config.custodians.threshold) {
        (0, _) => remarks.push("there are no custodians, so the form stays closed"),
        (_, 1) => remarks
            .push("one custodian alone can decide who receives reports; two signatures are better"),
        _ => {}
    }
    if matches!(config.mail.transport, MailTransport::File(_)) {
        remarks.push("mail goes to files, so nobody hears of a report");
    }
    if let MailTransport::Smtp(smtp) = &config.mail.transport
        && let Some(login) = &smtp.login
        && login.is_inline()
    {
        remarks.push("mail.password stands where the reporters' process can read it too; mail.password_file does not");
    }
    if config.mail.on_call_backup.is_empty() {
        remarks.push("nobody is told when the people on call do not answer (mail.on_call_backup)");
    }
    for (url, remark) in [
        (
            &config.server.public_url,
            "server.public_url is plain http: only this machine can report",
        ),
        (
            &config.server.staff_url,
            "server.staff_url is plain http: only this machine can log in",
        ),
    ] {
        if !url.is_https() && !url.is_onion() {
            remarks.push(remark);
        }
    }
    if !config.server.public.ip().is_loopback() || !config.server.staff.ip().is_loopback() {
        remarks.push("the service listens on the network itself; a reverse proxy in front must be the only way to it");
    }
    remarks
}
