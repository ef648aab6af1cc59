//! Notices to a mail server by SMTP, over TLS or not at all.
//!
//! One connection a notice: two recipients are never seen side by side in one session, and nothing idles. With STARTTLS the
//! only words that are ever sent in clear are the constant greeting and `STARTTLS`.

mod clear;

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::{Error as SmtpError, extension::ClientId};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;

use self::clear::ClearStretch;
use super::{FailureReason, Message, Refusal, SendError};
use crate::domain::email::HostName;

/// How the connection becomes secret. There is no third way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, usually port 465.
    Implicit,
    /// `STARTTLS` before anything else, usually port 587. A server that does not offer it gets nothing.
    StartTls,
}

/// Where notices are handed over.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server's name, which its certificate has to carry.
    pub host: HostName,
    /// The port.
    pub port: u16,
    /// How the connection becomes secret.
    pub security: Security,
    /// What we call ourselves in `EHLO`: configured, because the machine's own name is nobody's business.
    pub hello_name: HostName,
    /// How to sign in, if the server wants it.
    pub login: Option<Login>,
    /// PEM text of certificate authorities that are trusted beside the public ones.
    pub extra_authorities: Option<Vec<u8>>,
    /// For the whole conversation over one notice.
    pub timeout: Duration,
}

/// How to sign in to the mail server.
#[derive(Clone)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// The extra certificate authorities are not PEM certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the extra certificate authorities for mail are not PEM certificates")]
pub struct InvalidAuthorities;

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    settings: SmtpSettings,
    tls: TlsParameters,
}

impl Smtp {
    /// Prepares TLS; connects to nothing yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, InvalidAuthorities> {
        let mut tls = TlsParameters::builder(settings.host.as_str().to_owned())
            .certificate_store(CertificateStore::WebpkiRoots);
        if let Some(pem) = &settings.extra_authorities {
            // An empty file would be trusted as "no extra authority", and the mistake show up only when mail stops.
            if !pem
                .windows(27)
                .any(|window| window == b"-----BEGIN CERTIFICATE-----")
            {
                return Err(InvalidAuthorities);
            }
            let authorities = Certificate::from_pem(pem).map_err(|_| InvalidAuthorities)?;
            tls = tls.add_root_certificate(authorities);
        }
        let tls = tls.build_rustls().map_err(|_| InvalidAuthorities)?;
        Ok(Self { settings, tls })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), Refusal> {
        tokio::time::timeout(self.settings.timeout, self.hand_over(message))
            .await
            .unwrap_or(Err(SendError::Temporary(FailureReason::Timeout).into()))
    }

    /// Connects, turns to TLS, signs in, and goes.
    pub(super) async fn greet(&self) -> Result<(), FailureReason> {
        let greeted = async {
            let mut connection = self.connect().await?;
            self.sign_in(&mut connection).await?;
            connection.abort().await;
            Ok(())
        };
        let greeted = tokio::time::timeout(self.settings.timeout, greeted).await;
        greeted
            .unwrap_or(Err(SendError::Temporary(FailureReason::Timeout).into()))
            .map_err(|refusal: Refusal| match refusal.error {
                SendError::Temporary(reason) | SendError::Permanent(reason) => reason,
            })
    }

    async fn hand_over(&self, message: &Message) -> Result<(), Refusal> {
        let envelope = envelope(message)?;
        let mut connection = self.connect().await?;
        self.sign_in(&mut connection).await?;
        // lettre ends every message with a line break of its own.
        let bytes = message.bytes();
        connection
            .send(&envelope, bytes.strip_suffix(b"\r\n").unwrap_or(bytes))
            .await
            .map_err(|error| Refusal::of(&error))?;
        // The server has taken the notice over: a failing farewell must not make us send it again.
        connection.abort().await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Refusal> {
        let _known = tokio::net::lookup_host((self.settings.host.as_str(), self.settings.port))
            .await
            .map_err(|_| SendError::Temporary(FailureReason::NoHost))?;
        let hello = ClientId::Domain(self.settings.hello_name.as_str().to_owned());
        let connection = match self.settings.security {
            Security::Implicit => self.connect_in_tls(&hello).await?,
            Security::StartTls => self.connect_and_switch(&hello).await?,
        };
        if connection.is_encrypted() {
            Ok(connection)
        } else {
            Err(SendError::Temporary(FailureReason::NoTls).into())
        }
    }

    async fn connect_in_tls(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Refusal> {
        AsyncSmtpConnection::connect_tokio1(
            (self.settings.host.as_str(), self.settings.port),
            Some(self.settings.timeout),
            hello,
            Some(self.tls.clone()),
            None,
        )
        .await
        .map_err(|error| at_greeting(Refusal::of(&error)))
    }

    async fn connect_and_switch(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Refusal> {
        let tcp = TcpStream::connect((self.settings.host.as_str(), self.settings.port))
            .await
            .map_err(|_| SendError::Temporary(FailureReason::Unreachable))?;
        let stream = Box::new(ClearStretch::new(tcp));
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, hello)
            .await
            .map_err(|error| at_greeting(Refusal::of(&error)))?;
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(SendError::Temporary(FailureReason::NoTls).into());
        }
        connection
            .starttls(self.tls.clone(), hello)
            .await
            .map_err(|error| Refusal::of(&error))?;
        Ok(connection)
    }

    async fn sign_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Refusal> {
        let Some(login) = &self.settings.login else {
            return Ok(());
        };
        let credentials = Credentials::new(
            login.user.clone(),
            login.password.expose_secret().to_owned(),
        );
        let signed_in = connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await;
        match signed_in {
            Ok(_) => Ok(()),
            Err(error) if error.is_client() => {
                Err(SendError::Temporary(FailureReason::Login).into())
            }
            Err(error) => Err(Refusal::of(&error).map(|error| match error {
                SendError::Permanent(FailureReason::Answer(code)) => {
                    SendError::Permanent(FailureReason::Password(code))
                }
                other => other,
            })),
        }
    }
}

impl Refusal {
    fn of(error: &SmtpError) -> Self {
        Self {
            error: classify(error),
            words: error.status().map(|_| error.to_string()),
        }
    }

    fn map(self, change: impl FnOnce(SendError) -> SendError) -> Self {
        Self {
            error: change(self.error),
            ..self
        }
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.settings).finish()
    }
}

fn envelope(message: &Message) -> Result<Envelope, SendError> {
    let refused = SendError::Permanent(FailureReason::Protocol);
    let from = message.from().as_str().parse().map_err(|_| refused)?;
    let to = message.to().as_str().parse().map_err(|_| refused)?;
    Envelope::new(Some(from), vec![to]).map_err(|_| refused)
}

/// What broke before the server had answered our greeting.
fn at_greeting(refusal: Refusal) -> Refusal {
    refusal.map(|error| match error {
        SendError::Temporary(FailureReason::Connection) => {
            SendError::Temporary(FailureReason::HungUp)
        }
        other => other,
    })
}

/// Keeps the class of an error and drops its words, which may hold addresses.
fn classify(error: &SmtpError) -> SendError {
    let code = error.status().map(u16::from);
    if let Some(code) = code {
        let reason = FailureReason::Answer(code);
        return if error.is_permanent() {
            SendError::Permanent(reason)
        } else {
            SendError::Temporary(reason)
        };
    }
    SendError::Temporary(match handshake(error) {
        Some(reason) => reason,
        None if error.is_tls() => FailureReason::Tls,
        None if error.is_timeout() => FailureReason::Timeout,
        None => match io_kind(error) {
            Some(
                ErrorKind::ConnectionRefused
                | ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable,
            ) => FailureReason::Unreachable,
            Some(_) => FailureReason::Connection,
            // lettre has no other name for an answer that never came.
            None if error.to_string().contains("incomplete") => FailureReason::Connection,
            None if error.is_response() || error.is_client() => FailureReason::Protocol,
            None => FailureReason::Connection,
        },
    })
}

/// What an error came from, from the outside in.
fn sources<'e>(error: &'e SmtpError) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Error::source(error), |inner| {
        let inner: &'e (dyn Error + 'static) = *inner;
        let io = inner.downcast_ref::<std::io::Error>();
        match io.and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => inner.source(),
        }
    })
}

fn io_kind(error: &SmtpError) -> Option<ErrorKind> {
    sources(error)
        .filter_map(|inner| inner.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind)
        .last()
}

/// Why rustls ended the conversation, if it did: lettre reports that as a broken connection.
fn handshake(error: &SmtpError) -> Option<FailureReason> {
    use rustls::CertificateError as Certificate;
    let ended = sources(error).find_map(|inner| inner.downcast_ref::<rustls::Error>())?;
    let rustls::Error::InvalidCertificate(wrong) = ended else {
        return Some(FailureReason::Tls);
    };
    Some(match wrong {
        Certificate::UnknownIssuer | Certificate::BadSignature => FailureReason::Authority,
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            FailureReason::CertificateName
        }
        Certificate::Expired
        | Certificate::ExpiredContext { .. }
        | Certificate::NotValidYet
        | Certificate::NotValidYetContext { .. } => FailureReason::CertificateTime,
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
            FailureReason::CertificateUse
        }
        // What an authority's certificate at a server's place comes as has no name of its own.
        Certificate::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            FailureReason::CertificateUse
        }
        _ => FailureReason::Tls,
    })
}
