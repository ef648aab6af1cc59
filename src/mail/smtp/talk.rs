//! One conversation with the mail server, and how it is told why it ended.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use data_encoding::BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{Error as SmtpError, extension::ClientId};
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::clear::ClearStretch;
use super::settings::{Proof, Security, SmtpSettings};
use crate::domain::mail_fault::{MailAnswer, MailFailure, MailFault, MailStage};
use crate::mail::authority::{self, AuthorityFile};
use crate::mail::{Message, Refusal, token};

/// How long the server may take to answer our farewell.
const FAREWELL: Duration = Duration::from_secs(2);

/// One conversation with the server. It knows how far it has come, however it ends.
pub(super) struct Talk<'s> {
    settings: &'s SmtpSettings,
    tls: &'s TlsParameters,
    authorities: AuthorityFile,
    at: MailStage,
}

impl<'s> Talk<'s> {
    pub(super) const fn new(
        settings: &'s SmtpSettings,
        tls: &'s TlsParameters,
        authorities: AuthorityFile,
    ) -> Self {
        Self {
            settings,
            tls,
            authorities,
            at: MailStage::Connect,
        }
    }

    pub(super) async fn hand_over(
        &mut self,
        message: &Message,
    ) -> Result<AsyncSmtpConnection, Refusal> {
        let mut connection = self.begin().await?;
        match self.transmit(&mut connection, message).await {
            Ok(()) => Ok(connection),
            Err(refusal) => {
                farewell(connection).await;
                Err(refusal)
            }
        }
    }

    /// Everything before the sender is named.
    pub(super) async fn begin(&mut self) -> Result<AsyncSmtpConnection, Refusal> {
        let host = (self.settings.host.as_str(), self.settings.port);
        let known = tokio::net::lookup_host(host).await;
        let _known = known.map_err(|_| self.failed(MailFault::NoHost))?;
        let hello = ClientId::Domain(self.settings.hello_name.as_str().to_owned());
        let mut connection = match self.settings.security {
            Security::Implicit => self.connect_in_tls(&hello).await?,
            Security::StartTls => self.connect_and_switch(&hello).await?,
        };
        if !connection.is_encrypted() {
            return Err(self.failed(MailFault::NoTls));
        }
        match self.sign_in(&mut connection).await {
            Ok(()) => Ok(connection),
            Err(refusal) => {
                farewell(connection).await;
                Err(refusal)
            }
        }
    }

    async fn connect_in_tls(&mut self, hello: &ClientId) -> Result<AsyncSmtpConnection, Refusal> {
        let connected = AsyncSmtpConnection::connect_tokio1(
            (self.settings.host.as_str(), self.settings.port),
            // Half of it, so that a machine that is not there is told from a server that is silent.
            Some(self.settings.timeout / 2),
            hello,
            Some(self.tls.clone()),
            None,
        );
        // lettre does it all in one; what was not reached says so.
        self.at = MailStage::Tls;
        connected.await.map_err(|error| self.refused(&error))
    }

    async fn connect_and_switch(
        &mut self,
        hello: &ClientId,
    ) -> Result<AsyncSmtpConnection, Refusal> {
        let host = (self.settings.host.as_str(), self.settings.port);
        let tcp = TcpStream::connect(host).await;
        let tcp = tcp.map_err(|_| self.failed(MailFault::Unreachable))?;
        self.at = MailStage::Greeting;
        let stream = Box::new(ClearStretch::new(tcp));
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, hello)
            .await
            .map_err(|error| self.refused(&error))?;
        self.at = MailStage::Tls;
        if !connection.can_starttls() {
            farewell(connection).await;
            return Err(self.failed(MailFault::NoTls));
        }
        let switched = connection.starttls(self.tls.clone(), hello).await;
        switched.map_err(|error| {
            if connection.is_encrypted() {
                self.at = MailStage::Greeting;
            }
            self.refused(&error)
        })?;
        Ok(connection)
    }

    async fn sign_in(&mut self, connection: &mut AsyncSmtpConnection) -> Result<(), Refusal> {
        let Some(login) = &self.settings.login else {
            return Ok(());
        };
        self.at = MailStage::SignIn;
        let signed_in = match &login.proof {
            Proof::Password(password) => {
                let password = password.expose_secret().to_owned();
                let credentials = Credentials::new(login.user.clone(), password);
                let known = [Mechanism::Plain, Mechanism::Login];
                connection.auth(&known, &credentials).await
            }
            Proof::Token(file) => {
                let token = token::read(file.clone()).await;
                let token = token.map_err(|_| self.failed(MailFault::Token))?;
                let offered = connection.server_info();
                if !offered.supports_auth_mechanism(Mechanism::Xoauth2) {
                    return Err(self.failed(MailFault::NoMechanism));
                }
                with_token(connection, &login.user, &token).await
            }
        };
        match signed_in {
            Ok(_) => Ok(()),
            Err(error) if error.is_client() => Err(self.failed(MailFault::NoMechanism)),
            Err(error) => {
                let mut refusal = self.refused(&error);
                let fault = &mut refusal.failure.fault;
                if *fault == MailFault::Login && matches!(login.proof, Proof::Token(_)) {
                    *fault = MailFault::TokenRefused;
                }
                Err(refusal)
            }
        }
    }

    async fn transmit(
        &mut self,
        connection: &mut AsyncSmtpConnection,
        message: &Message,
    ) -> Result<(), Refusal> {
        self.at = MailStage::Sender;
        let from = message.from().as_str().parse();
        let from = from.map_err(|_| self.failed(MailFault::Sender))?;
        let said = connection.command(Mail::new(Some(from), Vec::new())).await;
        said.map_err(|error| self.refused(&error))?;
        self.at = MailStage::Recipient;
        let to = message.to().as_str().parse();
        let to = to.map_err(|_| self.failed(MailFault::Refused))?;
        let said = connection.command(Rcpt::new(to, Vec::new())).await;
        said.map_err(|error| self.refused(&error))?;
        self.at = MailStage::Data;
        let said = connection.command(Data).await;
        said.map_err(|error| self.refused(&error))?;
        // lettre ends every message with a line break of its own.
        let bytes = message.bytes();
        let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let taken = connection.message(bytes).await;
        taken.map_err(|error| self.refused(&error))?;
        Ok(())
    }

    pub(super) fn failed(&self, fault: MailFault) -> Refusal {
        MailFailure::at(self.at, fault).into()
    }

    /// Keeps stage and numbers of an error; its words, which may hold addresses, are for whoever stands at the machine.
    fn refused(&self, error: &SmtpError) -> Refusal {
        let Some(code) = error.status().map(u16::from) else {
            return self.broken(error).into();
        };
        let words = error.to_string();
        // A code at what lettre does in one: there was TLS, or it would not have been read.
        let stage = match (self.at, self.settings.security) {
            (MailStage::Tls, Security::Implicit) => MailStage::Greeting,
            (stage, _) => stage,
        };
        let enhanced = said(error).and_then(|said| said.split(' ').next()?.parse().ok());
        Refusal {
            failure: MailFailure::answered(stage, MailAnswer { code, enhanced }),
            words: Some(words),
        }
    }

    /// What broke without an answer.
    fn broken(&self, error: &SmtpError) -> MailFailure {
        use MailStage::{Connect, Greeting, Tls};
        let at = |stage, fault| MailFailure::at(stage, fault);
        if let Some(fault) = self.handshake(error) {
            return at(Tls, fault);
        }
        let is_all_in_one = self.at == Tls && self.settings.security == Security::Implicit;
        let hung_up = match self.at {
            Tls | Greeting => MailFault::HungUp,
            _ => MailFault::Broken,
        };
        match io_kind(error) {
            _ if error.is_tls() => at(Tls, MailFault::Tls),
            _ if error.is_timeout() && is_all_in_one => at(Connect, MailFault::Timeout),
            _ if error.is_timeout() => at(self.at, MailFault::Timeout),
            Some(
                ErrorKind::ConnectionRefused
                | ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable,
            ) => at(Connect, MailFault::Unreachable),
            Some(_) => at(self.at, hung_up),
            // lettre has no other name for an answer that never came.
            None if error.to_string().contains("incomplete") && is_all_in_one => {
                at(Greeting, hung_up)
            }
            None if error.to_string().contains("incomplete") => at(self.at, hung_up),
            None if error.is_response() || error.is_client() => at(self.at, MailFault::Protocol),
            None => at(self.at, hung_up),
        }
    }

    /// Why rustls ended the conversation, if it did: lettre reports that as a broken connection.
    fn handshake(&self, error: &SmtpError) -> Option<MailFault> {
        use rustls::CertificateError as Certificate;
        let ended = sources(error).find_map(|inner| inner.downcast_ref::<rustls::Error>())?;
        let rustls::Error::InvalidCertificate(wrong) = ended else {
            return Some(MailFault::Tls);
        };
        Some(match wrong {
            Certificate::UnknownIssuer | Certificate::BadSignature
                if self.authorities.holds_server =>
            {
                MailFault::AuthorityFile
            }
            Certificate::UnknownIssuer | Certificate::BadSignature => MailFault::Authority,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                MailFault::CertificateName
            }
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. } => MailFault::CertificateTime,
            Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
                MailFault::CertificateUse
            }
            wrong if authority::is_authority(wrong) => MailFault::CertificateUse,
            _ => MailFault::Tls,
        })
    }
}

/// Says goodbye, and waits for no answer for long.
pub(super) async fn farewell(mut connection: AsyncSmtpConnection) {
    drop(tokio::time::timeout(FAREWELL, connection.abort()).await);
}

/// XOAUTH2, by hand: a server that refuses says why in a challenge, and wants an empty line before it says no.
async fn with_token(
    connection: &mut AsyncSmtpConnection,
    user: &str,
    token: &str,
) -> Result<Response, SmtpError> {
    let proof = Zeroizing::new(format!("user={user}\x01auth=Bearer {token}\x01\x01"));
    let proof = Zeroizing::new(BASE64.encode(proof.as_bytes()));
    let line = Zeroizing::new(format!("AUTH XOAUTH2 {}\r\n", proof.as_str()));
    let response = connection.command(line.as_str()).await?;
    if response.has_code(334) {
        return connection.command("\r\n").await;
    }
    Ok(response)
}

/// The server's own words behind the code.
fn said(error: &SmtpError) -> Option<String> {
    Error::source(error).map(ToString::to_string)
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
