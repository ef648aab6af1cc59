//! A real mail server (aiosmtpd), certificates made on the spot, and an ear on the wire.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use kapea::mail::smtp::{Login, Proof, Security, Smtp, SmtpSettings};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A certificate authority of our own, and a certificate for `localhost` that it signed.
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        Self::lasting(2)
    }

    /// One whose certificates are good for so many days.
    pub fn lasting(days: u32) -> Self {
        let authority = Self {
            folder: TempDir::new().unwrap(),
        };
        authority.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {days} -subj /CN=test-authority \
             -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE -addext subjectAltName=DNS:localhost",
        ));
        authority.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
        );
        std::fs::write(
            authority.path("names"),
            "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
        )
        .unwrap();
        authority.openssl(&format!(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days {days} -extfile names -out server.pem",
        ));
        authority
    }

    /// The authority's certificate.
    pub fn pem(&self) -> Vec<u8> {
        std::fs::read(self.path("ca.pem")).unwrap()
    }

    /// The certificate that it has signed for the server.
    pub fn server_pem(&self) -> Vec<u8> {
        std::fs::read(self.path("server.pem")).unwrap()
    }

    /// One for the server that nobody has signed but itself.
    pub fn own_pem(&self) -> Vec<u8> {
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
             -keyout own.key -out own.pem -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost",
        );
        std::fs::read(self.path("own.pem")).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl is installed");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// A message that the server has taken.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Taken {
    pub sender: String,
    pub recipients: Vec<String>,
    pub hello: String,
    pub signed_in: bool,
    content: String,
}

impl Taken {
    /// Its bytes as text.
    pub fn content(&self) -> String {
        String::from_utf8(BASE64.decode(self.content.as_bytes()).unwrap()).unwrap()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        self.content()
            .split("\r\n")
            .find_map(|line| line.strip_prefix(&start).map(str::to_owned))
            .unwrap_or_else(|| panic!("no {name}"))
    }
}

/// The server. Ends with this value.
pub struct Server {
    process: Child,
    stdin: Option<ChildStdin>,
    pub port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

#[derive(serde::Deserialize)]
struct Listening {
    port: u16,
}

impl Server {
    /// `security` is `starttls`, `implicit` or `clear`.
    pub fn start(security: &str, authority: &Authority, login: Option<(&str, &str)>) -> Self {
        Self::start_on(0, security, authority, login)
    }

    /// One that shows the authority's own certificate.
    pub fn start_as_authority(security: &str, authority: &Authority) -> Self {
        Self::spawn(0, security, authority, &[], "ca")
    }

    /// One that shows a certificate of its own making, which is no authority's.
    pub fn start_by_itself(security: &str, authority: &Authority) -> Self {
        Self::spawn(0, security, authority, &[], "own")
    }

    /// One that gives this answer at that stage: see the script.
    pub fn start_refusing(
        security: &str,
        authority: &Authority,
        login: Option<(&str, &str)>,
        (stage, answer): (&str, &str),
    ) -> Self {
        let refusal = format!("{stage}={answer}");
        let mut more: Vec<&str> = login.into_iter().flat_map(<[&str; 2]>::from).collect();
        more.push(&refusal);
        Self::spawn(0, security, authority, &more, "server")
    }

    pub fn start_on(
        port: u16,
        security: &str,
        authority: &Authority,
        login: Option<(&str, &str)>,
    ) -> Self {
        let login: Vec<&str> = login.into_iter().flat_map(<[&str; 2]>::from).collect();
        Self::spawn(port, security, authority, &login, "server")
    }

    fn spawn(port: u16, security: &str, authority: &Authority, more: &[&str], shown: &str) -> Self {
        let mut command = Command::new(python());
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_server.py"))
            .args([&port.to_string(), security])
            .args(["pem", "key"].map(|end| authority.path(&format!("{shown}.{end}"))))
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().expect("python is installed");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server starts").unwrap();
        let listening: Listening = serde_json::from_str(&first).unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&taken);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                record
                    .lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        Self {
            stdin: process.stdin.take(),
            process,
            port: listening.port,
            taken,
        }
    }

    /// What it has taken, once that is `count` or more; fails after ten seconds.
    pub fn taken(&self, count: usize) -> Vec<Taken> {
        let begin = Instant::now();
        loop {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= count {
                return taken;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(10),
                "only {} taken",
                taken.len()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The interpreter that has aiosmtpd: Debian's package belongs to Debian's Python.
fn python() -> &'static str {
    ["python3", "/usr/bin/python3"]
        .into_iter()
        .find(|python| {
            Command::new(python)
                .args(["-c", "import aiosmtpd"])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
        .expect("aiosmtpd is installed (see test.sh)")
}

/// Stands between the client and the server and keeps every byte that the client sent.
pub struct Wire {
    pub port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    pub async fn to(server: u16) -> Self {
        Self::with_injection(server, b"").await
    }

    /// As somebody on the way would have it who adds words of their own, in clear, behind the answer to `STARTTLS`.
    pub async fn with_injection(server: u16, words: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(relay(client, upstream, Arc::clone(&record), words));
            }
        });
        Self { port, heard }
    }

    /// Everything that the client sent so far.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}

async fn relay(
    client: TcpStream,
    server: TcpStream,
    record: Arc<Mutex<Vec<u8>>>,
    words: &'static [u8],
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move {
        let (mut buffer, mut answers) = ([0; 4_096], 0);
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let mut said = buffer[..read].to_vec();
            answers += usize::from(said.starts_with(b"220"));
            if answers == 2 && said.starts_with(b"220") {
                said.extend_from_slice(words);
            }
            if to_client.write_all(&said).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = [0; 4_096];
    while let Ok(read) = from_client.read(&mut buffer).await {
        record.lock().unwrap().extend_from_slice(&buffer[..read]);
        if read == 0 || to_server.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// A client of `localhost` at this port.
pub fn client(port: u16, security: Security, authority: Option<&Authority>) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".parse().unwrap(),
        port,
        security,
        hello_name: "kapea.example.org".parse().unwrap(),
        login: None,
        extra_authorities: authority.map(Authority::pem),
        timeout: Duration::from_secs(10),
    }
}

pub fn login(user: &str, password: &str) -> Option<Login> {
    Some(Login {
        user: user.to_owned(),
        proof: Proof::Password(password.into()),
    })
}

/// Signs in with what is in this file.
pub fn token(user: &str, file: &Path) -> Option<Login> {
    Some(Login {
        user: user.to_owned(),
        proof: Proof::Token(file.to_owned()),
    })
}

pub fn transport(settings: SmtpSettings) -> kapea::mail::Transport {
    kapea::mail::Transport::Smtp(Box::new(Smtp::new(settings).unwrap()))
}
