//! Answers leave in portions, and a reader who does not take them in time is left: neither memory nor a connection is held for whoever reads
//! a byte at a time, or not at all. What arrives is read in portions too: whoever sends fast fills no large buffer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::rt::net::{ActixStream, Ready};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::budget::Weight;

/// Bytes of a portion. Whoever takes less than one while the line stands still is too slow.
pub const PORTION: usize = 16 << 10;

/// Bytes that are read at once.
const READ: usize = 8 << 10;

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// All of it.
    pub whole: Duration,
    /// One portion, once the line is full.
    pub portion: Duration,
}

/// A connection that breaks off when its reader takes no portion in time.
pub struct Flow<S> {
    stream: S,
    patience: Duration,
    /// Since the line is full: the deadline, and what has left since.
    stalled: Option<(Pin<Box<Sleep>>, usize)>,
    /// Whether whoever reads has had no turn yet to use what was read last.
    has_read: bool,
}

impl<S> Flow<S> {
    /// Over a connection.
    pub const fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            stalled: None,
            has_read: false,
        }
    }
}

impl<S: Unpin> Flow<S> {
    fn wrote(&mut self, count: usize) {
        if let Some((_, left)) = &mut self.stalled {
            *left = left.saturating_add(count);
            if *left >= PORTION {
                self.stalled = None;
            }
        }
    }

    /// The line is full: pending until the deadline.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let patience = self.patience;
        let (deadline, _) = self
            .stalled
            .get_or_insert_with(|| (Box::pin(tokio::time::sleep(patience)), 0));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Flow<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The HTTP layer reads until the line is empty, into a buffer that doubles whenever a read fills it, to 256 KiB, and stays so.
        if std::mem::take(&mut this.has_read) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let most = buffer.remaining().min(READ);
        let mut portion = ReadBuf::new(buffer.initialize_unfilled_to(most));
        let outcome = Pin::new(&mut this.stream).poll_read(context, &mut portion);
        let count = portion.filled().len();
        buffer.advance(count);
        this.has_read = outcome.is_ready();
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Flow<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write(context, bytes) {
            Poll::Ready(outcome) => {
                this.wrote(*outcome.as_ref().unwrap_or(&0));
                Poll::Ready(outcome)
            }
            Poll::Pending => this.wait(context),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(context) {
            Poll::Ready(outcome) => {
                this.stalled = None;
                Poll::Ready(outcome)
            }
            Poll::Pending => this.wait(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: ActixStream> ActixStream for Flow<S> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_write_ready(context)
    }
}

/// An answer that leaves in portions and holds its weight until the last one has.
pub struct Portions {
    rest: Bytes,
    deadline: Pin<Box<Sleep>>,
    _weight: Weight,
}

impl Portions {
    /// Of a whole answer.
    pub fn of(answer: Bytes, weight: Weight, patience: Patience) -> BoxBody {
        BoxBody::new(Self {
            rest: answer,
            deadline: Box::pin(tokio::time::sleep(patience.whole)),
            _weight: weight,
        })
    }
}

impl MessageBody for Portions {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if this.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let portion = this.rest.split_to(this.rest.len().min(PORTION));
        Poll::Ready(Some(Ok(portion)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn whoever_reads_has_a_turn_after_each_read() {
        let mut line = Flow::new(tokio::io::repeat(b'w'), Duration::from_secs(1));
        let mut context = Context::from_waker(std::task::Waker::noop());
        for _ in 0..3 {
            let mut bytes = [0; 2 * READ];
            let mut buffer = ReadBuf::new(&mut bytes);
            let mut read = || Pin::new(&mut line).poll_read(&mut context, &mut buffer);
            assert!(read().is_ready() && read().is_pending());
            assert_eq!(buffer.filled(), [b'w'; READ]);
        }
    }
}
