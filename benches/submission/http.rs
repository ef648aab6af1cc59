//! The least HTTP/1.1 client that a load generator needs: cheap, so that the server is what is measured.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// A connection that is kept for as long as the server keeps it, and made again after.
pub struct Client {
    address: SocketAddr,
    stream: BufStream<TcpStream>,
    /// The server has ended it with its last answer.
    ended: bool,
    /// The session cookie, once there is one.
    cookie: Option<String>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    /// Where it leads on.
    pub location: Option<String>,
    pub body: String,
    /// Bytes of the body as it came.
    length: usize,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            address,
            stream: reach(address).await?,
            ended: false,
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
        self.answer().await.map(|answer| answer.length)
    }

    fn cookie(&self) -> String {
        self.cookie
            .as_ref()
            .map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"))
    }

    async fn send(&mut self, request: &str) -> io::Result<()> {
        if self.ended {
            self.stream = reach(self.address).await?;
            self.ended = false;
        }
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let status = self.line().await?;
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        let mut location = None;
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
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("location")
            {
                location = Some(value.to_owned());
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            self.ended |= line == "connection: close";
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        let body = if chunked {
            self.chunks().await?
        } else {
            self.exact(length).await?
        };
        Ok(Answer {
            status,
            location,
            length: body.len(),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
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

async fn reach(address: SocketAddr) -> io::Result<BufStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(BufStream::new(stream))
}

/// One report, as a phone sends it: the form, the report, and the page with the code.
pub async fn submit(client: &mut Client, answers: &str) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let form = client.get("/en/report").await.map_err(text)?;
    let hidden = |name: &str| between(&form.body, &format!("name=\"{name}\" value=\""), "\"");
    let ticket = hidden("ticket").ok_or("no ticket in the form")?;
    // Builds before editions have none.
    let edition = hidden("edition").unwrap_or_default();
    let fields = format!("step=send&ticket={ticket}&edition={edition}&{answers}");
    let mut page = client.post("/en/report", &fields).await.map_err(text)?;
    if let Some(location) = page.location.take() {
        page = client.get(&location).await.map_err(text)?;
    }
    if page.status == 200 && page.body.contains("class=\"code\"") {
        Ok(())
    } else {
        Err(format!("status {}", page.status))
    }
}

/// What stands between two words.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
