//! Notices to a mail server by SMTP, over TLS or not at all.
//!
//! One connection a notice: two recipients are never seen side by side in one session, and nothing idles. With STARTTLS the
//! only words that are ever sent in clear are the constant greeting and `STARTTLS`.

mod clear;
mod settings;
mod talk;

use std::fmt;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};

use self::talk::{Talk, farewell};
use super::authority::AuthorityFile;
use super::{Message, Refusal};
use crate::domain::mail_fault::{MailFailure, MailFault};

pub use self::settings::{Login, Proof, Security, SmtpSettings};

/// The extra certificate authorities are not PEM certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the extra certificate authorities for mail are not PEM certificates")]
pub struct InvalidAuthorities;

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    settings: SmtpSettings,
    tls: TlsParameters,
    authorities: AuthorityFile,
}

impl Smtp {
    /// Prepares TLS; connects to nothing yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, InvalidAuthorities> {
        let mut tls = TlsParameters::builder(settings.host.as_str().to_owned())
            .certificate_store(CertificateStore::WebpkiRoots);
        let mut authorities = AuthorityFile::default();
        if let Some(pem) = &settings.extra_authorities {
            // An empty file would be trusted as "no extra authority", and the mistake show up only when mail stops.
            if !pem
                .windows(27)
                .any(|window| window == b"-----BEGIN CERTIFICATE-----")
            {
                return Err(InvalidAuthorities);
            }
            let trusted = Certificate::from_pem(pem).map_err(|_| InvalidAuthorities)?;
            tls = tls.add_root_certificate(trusted);
            authorities = AuthorityFile::of(pem, settings.host.as_str());
        }
        let tls = tls.build_rustls().map_err(|_| InvalidAuthorities)?;
        Ok(Self {
            settings,
            tls,
            authorities,
        })
    }

    /// Hands a notice over.
    pub(super) async fn send(&self, message: &Message) -> Result<(), Refusal> {
        let mut talk = self.talk();
        let taken = tokio::time::timeout(self.settings.timeout, talk.hand_over(message)).await;
        let connection = taken.unwrap_or_else(|_| Err(talk.failed(MailFault::Timeout)))?;
        // The server has taken it over: a farewell that fails or hangs must not make us send it again.
        farewell(connection).await;
        Ok(())
    }

    /// Connects, turns to TLS, signs in, and goes.
    pub(super) async fn greet(&self) -> Result<(), MailFailure> {
        let mut talk = self.talk();
        let begun = tokio::time::timeout(self.settings.timeout, talk.begin()).await;
        let begun = begun.unwrap_or_else(|_| Err(talk.failed(MailFault::Timeout)));
        farewell(begun.map_err(|refusal| refusal.failure)?).await;
        Ok(())
    }
}

impl Smtp {
    const fn talk(&self) -> Talk<'_> {
        Talk::new(&self.settings, &self.tls, self.authorities)
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.settings).finish()
    }
}
