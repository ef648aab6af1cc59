//! The least HTTP/1.1 client that a load generator needs: cheap, so that the server is what is measured.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// A connection that is kept.
pub struct Client {
    stream: BufStream<TcpStream>,
    /// The session cookie, once there is one.
    cookie: Option<String>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufStream::new(stream),
            cookie: None,
        })
    }

    /// Another connection of the same session.
    pub async fn again(&self, address: SocketAddr) -> io::Result<Self> {
        let mut other = Self::connect(address).await?;
        other.cookie.clone_from(&self.cookie);
        Ok(other)
    }

    pub async fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\n{}\r\n",
            self.cookie()
        ))
        .await?;
        self.answer().await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> io::Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{}\r\n",
            form.len(),
            self.cookie()
        );
        self.send(&(head + form)).await?;
        self.answer().await
    }

    /// The size of the page as a browser that takes gzip gets it.
    pub async fn compressed(&mut self, path: &str) -> io::Result<usize> {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\r\n"
        ))
        .await?;
        self.raw().await.map(|(_, body)| body.len())
    }

    fn cookie(&self) -> String {
        self.cookie
            .as_ref()
            .map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"))
    }

    async fn send(&mut self, request: &str) -> io::Result<()> {
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let (status, body) = self.raw().await?;
        Ok(Answer {
            status,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    async fn raw(&mut self) -> io::Result<(u16, Vec<u8>)> {
        let status = self.line().await?;
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("set-cookie")
                && value.starts_with("kapea=")
            {
                self.cookie = value.split(';').next().map(str::to_owned);
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        let body = if chunked {
            self.chunks().await?
        } else {
            self.exact(length).await?
        };
        Ok((status, body))
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(self.line().await?.trim(), 16).unwrap_or(0);
            body.extend(self.exact(size).await?);
            self.line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn exact(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
