//! The stretch of a STARTTLS connection that is in clear, read so that nothing of it survives the handshake.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The type byte of a TLS handshake record. No SMTP command begins with it.
const HANDSHAKE: u8 = 0x16;

/// A connection that hands out one byte at a time until the client begins the TLS handshake.
///
/// lettre reads through a buffer and keeps it across `STARTTLS`. Words that somebody on the way adds behind the server's
/// answer would lie in it and pass for the server's later, protected answers, one step ahead of the real ones: a notice could
/// so be counted as taken that never arrived. Read byte by byte, the buffer is empty after the answer, and what was added
/// runs into the handshake, which fails.
#[derive(Debug)]
pub(super) struct ClearStretch {
    tcp: TcpStream,
    in_clear: bool,
}

impl ClearStretch {
    pub(super) const fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            in_clear: true,
        }
    }
}

impl AsyncTokioStream for ClearStretch {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}

impl AsyncRead for ClearStretch {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.in_clear {
            return Pin::new(&mut self.tcp).poll_read(context, buffer);
        }
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.tcp).poll_read(context, &mut one))?;
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClearStretch {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.first() == Some(&HANDSHAKE) {
            self.in_clear = false;
        }
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
