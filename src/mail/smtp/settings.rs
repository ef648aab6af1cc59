//! Where and how notices are handed over.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

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
    /// What proves that it is ours.
    pub proof: Proof,
}

/// What is shown to the mail server beside the user name.
#[derive(Clone)]
pub enum Proof {
    /// A password.
    Password(SecretString),
    /// The file of a token (XOAUTH2), which another program renews: read anew for each connection.
    Token(PathBuf),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}
