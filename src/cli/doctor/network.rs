//! What answers: the running processes, the addresses that people type, the mail server.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};

use super::certificate::Certificates;
use super::finding::Finding;
use crate::app;
use crate::cli::common::{process_name, runtime};
use crate::cli::healthcheck::{self, Remark};
use crate::config::{BaseUrl, Config, MailTransport};
use crate::locale::{Locale, Locales};

/// A process of the service, and what it says of itself: a remark, if there is one, or why it is not well.
pub(super) struct Service {
    name: &'static str,
    pub(super) answer: anyhow::Result<Option<Remark>>,
}

/// Asks each.
pub(super) fn services(config: &Config) -> Vec<Service> {
    let parts = config.server.roles.apart().into_iter();
    let asked = parts.map(|roles| Service {
        name: process_name(roles),
        answer: healthcheck::ask(&config.server, roles),
    });
    asked.collect()
}

pub(super) fn health(services: &[Service]) -> Finding {
    let faults = services.iter().filter_map(|service| {
        let error = service.answer.as_ref().err()?;
        Some(format!("{error:#}"))
    });
    let faults: Vec<String> = faults.collect();
    let check = "running service";
    if faults.is_empty() {
        let names: Vec<&str> = services.iter().map(|service| service.name).collect();
        return Finding::good(check, format!("{}: ready", names.join(", ")));
    }
    let advice = "systemctl status 'kapea-*', and read its log: journalctl -u 'kapea-*'";
    Finding::bad(check, faults.join("; "), advice)
}

/// The certificates at both addresses, as a browser would look at them.
pub(super) fn addresses(config: &Config, ca: Option<&Path>) -> Vec<Finding> {
    let server = &config.server;
    let certificates = Certificates::new(ca).map_err(|error| format!("{error:#}"));
    [
        ("reporters' address", &server.public_url),
        ("staff address", &server.staff_url),
    ]
    .map(|(check, url)| address(check, url, certificates.as_ref()))
    .into()
}

fn address(
    check: &'static str,
    url: &BaseUrl,
    certificates: Result<&Certificates, &String>,
) -> Finding {
    let shown = url.as_str();
    if !url.is_https() || url.is_onion() {
        return Finding::skipped(check, format!("{shown} has no certificate"));
    }
    let looked = certificates
        .map_err(|error| anyhow!("{error}"))
        .and_then(|it| it.look(url.host(), url.port()))
        .map(|()| format!("{shown}: the certificate is right, and for at least two weeks more"))
        .with_context(|| shown.to_owned());
    Finding::of(
        check,
        looked,
        "look at the reverse proxy: does it run, does the name lead here, are its certificates renewed (certbot renew; caddy does it by itself)? An authority of your own: --ca FILE",
    )
}

/// As far as the moment before a notice would be handed over.
pub(super) fn mail(config: &Config) -> Finding {
    let check = "mail server";
    if matches!(config.mail.transport, MailTransport::File(_)) {
        let said = "mail goes to files, so nobody hears of a report";
        return Finding::bad(
            check,
            said,
            "mail.transport = \"smtp\", and what belongs to it",
        );
    }
    let greeted = || -> anyhow::Result<String> {
        let transport = app::transport(&config.mail.transport)?;
        let greeted = runtime()?.block_on(transport.greet());
        if let Err(failure) = greeted {
            let locales = Locales::load()?;
            bail!(
                "{}",
                locales
                    .translator(Locale::fallback())
                    .mail_failure(&failure)
            );
        }
        Ok(
            "it answers, with TLS; the login is right, if there is one. Nothing was sent"
                .to_owned(),
        )
    };
    let advice = "section [mail] of the configuration; then kapea mail test ADDRESS";
    Finding::of(check, greeted(), advice)
}
