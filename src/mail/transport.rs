//! How a notice is carried, and how it can fail.

use std::sync::{Arc, PoisonError, RwLock};

use super::Message;
use super::file::FileTransport;
use super::memory::Memory;
use super::smtp::Smtp;

/// A way that may be exchanged under a running service. Clones share it; a notice on its way leaves as it began.
#[derive(Debug, Clone)]
pub struct Exchange(Arc<RwLock<Transport>>);

/// The ways a notice can leave.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Whichever way was put there last.
    Exchange(Exchange),
    /// To a mail server, over TLS or not at all.
    Smtp(Box<Smtp>),
    /// Into a folder of `.eml` files: the demo, and trials without a mail server.
    File(FileTransport),
    /// Into memory: tests.
    Memory(Memory),
}

/// Why a notice did not leave. Says nothing about the recipient, so that it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// May pass by itself.
    #[error("the notice was not taken for now: {0}")]
    Temporary(FailureReason),
    /// Will not pass unless somebody changes something. Tried again all the same, because what is to be changed may be the
    /// mail server's configuration, and a notice must not be lost to that.
    #[error("the notice was refused: {0}")]
    Permanent(FailureReason),
}

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureReason {
    /// No connection, or it broke.
    #[error("no connection")]
    Connection,
    /// The other side took too long.
    #[error("timed out")]
    Timeout,
    /// The server offers no STARTTLS.
    #[error("the server offers no TLS")]
    NoTls,
    /// The TLS handshake failed, most often over the certificate.
    #[error("the TLS handshake or the certificate was not accepted")]
    Tls,
    /// The server offers no way to sign in that is supported.
    #[error("signing in is not possible")]
    Login,
    /// The server answered with this SMTP code.
    #[error("the server answered {0}")]
    Answer(u16),
    /// The other side did not speak SMTP as expected.
    #[error("the server's answer was not understood")]
    Protocol,
    /// The recipient's address could not be had.
    #[error("the address could not be opened")]
    Address,
    /// A file could not be written.
    #[error("the file could not be written")]
    File,
}

impl SendError {
    /// The class of the failure.
    pub const fn reason(self) -> FailureReason {
        match self {
            Self::Temporary(reason) | Self::Permanent(reason) => reason,
        }
    }
}

impl Exchange {
    /// With this way to begin with.
    pub fn new(transport: Transport) -> Self {
        Self(Arc::new(RwLock::new(transport)))
    }

    /// From here on notices leave this way.
    pub fn put(&self, transport: Transport) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = transport;
    }

    fn now(&self) -> Transport {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Transport {
    /// Carries one notice. `Ok` means that the other side has taken it over.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        match self {
            Self::Exchange(exchange) => {
                let transport = exchange.now();
                Box::pin(transport.send(message)).await
            }
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::File(folder) => folder.send(message).await,
            Self::Memory(memory) => memory.send(message),
        }
    }
}
