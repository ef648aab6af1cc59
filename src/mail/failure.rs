//! Why a notice did not leave.

use crate::domain::mail_fault::MailFault;

/// Why a notice did not leave. Says nothing about the recipient, so that it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// May pass by itself.
    #[error("the notice was not taken for now: {0}")]
    Temporary(FailureReason),
    /// Will not pass unless somebody changes something.
    #[error("the notice was refused: {0}")]
    Permanent(FailureReason),
}

/// The same with the server's own words, which may hold addresses: for whoever stands at the machine, never for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: SendError,
    /// As the server said it, if it said anything.
    pub words: Option<String>,
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self { error, words: None }
    }
}

impl SendError {
    /// Whether trying again is of no use: the server refused this letter to this address. What concerns every letter, such as a password,
    /// is never final: it is put right in one place, and nothing must be lost to it.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Permanent(FailureReason::Answer(_) | FailureReason::Protocol)
        )
    }

    /// Its kind.
    pub const fn fault(self) -> MailFault {
        let (Self::Temporary(reason) | Self::Permanent(reason)) = self;
        match reason {
            FailureReason::NoHost
            | FailureReason::Unreachable
            | FailureReason::HungUp
            | FailureReason::Connection => MailFault::Unreachable,
            FailureReason::Timeout => MailFault::Timeout,
            FailureReason::NoTls
            | FailureReason::Authority
            | FailureReason::CertificateName
            | FailureReason::CertificateTime
            | FailureReason::CertificateUse
            | FailureReason::Tls => MailFault::Tls,
            FailureReason::Login | FailureReason::Password(_) => MailFault::Login,
            FailureReason::Answer(_) | FailureReason::Protocol if self.is_final() => {
                MailFault::Refused
            }
            FailureReason::Answer(_) | FailureReason::Protocol => MailFault::Deferred,
            FailureReason::Address => MailFault::Address,
            FailureReason::File => MailFault::File,
        }
    }
}

/// The class of a failure, in a sentence that says where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureReason {
    /// The server's name has no address.
    #[error(
        "the server's name is not known: is mail.host right, and does this machine reach a name server?"
    )]
    NoHost,
    /// Nothing listens there.
    #[error(
        "nothing answers there: are mail.host and mail.port right, and does a firewall let this machine out?"
    )]
    Unreachable,
    /// It hung up before anything was said, or at our greeting.
    #[error(
        "the server hung up at our greeting: does it want another name in mail.hello_name, or mail.security to be the other way?"
    )]
    HungUp,
    /// The connection broke.
    #[error("the connection broke")]
    Connection,
    /// The other side took too long.
    #[error(
        "the server took too long: a firewall, the wrong mail.port, or mail.security the wrong way round"
    )]
    Timeout,
    /// The server offers no STARTTLS.
    #[error("the server offers no TLS on this port; nothing was sent (mail.security, mail.port)")]
    NoTls,
    /// The certificate is of an authority that is not trusted, or signed by itself.
    #[error(
        "the server's certificate is not from a trusted authority: if it is the mail server's own, name its authority in mail.ca_file"
    )]
    Authority,
    /// The certificate is for another name.
    #[error(
        "the server's certificate is for another name: mail.host must be one of the names in it"
    )]
    CertificateName,
    /// The certificate is not good today.
    #[error(
        "the server's certificate has expired or is not good yet: is this machine's clock right?"
    )]
    CertificateTime,
    /// The certificate is an authority's own, or not one for servers.
    #[error(
        "the server shows the certificate of an authority, or one not made for servers: it needs one of its own, signed by that authority"
    )]
    CertificateUse,
    /// The handshake failed for another reason.
    #[error("the TLS handshake failed: does the server speak TLS 1.2 or 1.3 on this port?")]
    Tls,
    /// The server offers no way to sign in that is supported.
    #[error("the server offers no way to sign in that is supported here (PLAIN, LOGIN)")]
    Login,
    /// The server did not let us in.
    #[error(
        "the server did not accept the name or the password: {0} (mail.username, mail.password_file)"
    )]
    Password(u16),
    /// The server answered with this SMTP code.
    #[error("the server answered {0}")]
    Answer(u16),
    /// The other side did not speak SMTP as expected.
    #[error(
        "the answer was not that of a mail server: mail.port, or mail.security the wrong way round"
    )]
    Protocol,
    /// The recipient's address could not be had.
    #[error("the address could not be opened")]
    Address,
    /// A file could not be written.
    #[error("the file could not be written")]
    File,
}
