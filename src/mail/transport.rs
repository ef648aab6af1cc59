//! How a notice is carried, and how it can fail.

use std::sync::{Arc, PoisonError, RwLock};

use super::Message;
use super::failure::Refusal;
use super::file::FileTransport;
use super::memory::Memory;
use super::smtp::Smtp;
use crate::domain::mail_fault::MailFailure;

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
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    Memory(Memory),
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
    /// Everything that comes before a notice is handed over: whether one would be taken.
    ///
    /// # Errors
    /// Why not.
    pub async fn greet(&self) -> Result<(), MailFailure> {
        match self {
            Self::Smtp(smtp) => smtp.greet().await,
            Self::Exchange(exchange) => {
                let transport = exchange.now();
                Box::pin(transport.greet()).await
            }
            Self::File(_) | Self::Memory(_) => Ok(()),
        }
    }

    /// Carries one notice. `Ok` means that the other side has taken it over.
    pub async fn send(&self, message: &Message) -> Result<(), MailFailure> {
        let sent = self.send_and_hear(message).await;
        sent.map_err(|refusal| refusal.failure)
    }

    /// The same, with what the server said.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn send_and_hear(&self, message: &Message) -> Result<(), Refusal> {
        match self {
            Self::Exchange(exchange) => {
                let transport = exchange.now();
                Box::pin(transport.send_and_hear(message)).await
            }
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::File(folder) => Ok(folder.send(message).await?),
            Self::Memory(memory) => Ok(memory.send(message).await?),
        }
    }
}
