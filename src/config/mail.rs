//! `[mail]`: how notices leave, and who gets them.

use std::path::PathBuf;

use secrecy::SecretString;

use super::secret;
use super::value::names;
use crate::domain::document::Table;
use crate::domain::email::{EmailAddress, HostName};

/// How notices leave, and who gets them.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Where mail is handed over.
    pub transport: MailTransport,
    /// The sender of every notice.
    pub from: EmailAddress,
    /// Told of every report that is not urgent, and daily that the system lives.
    pub hotline: Vec<EmailAddress>,
    /// Told of an urgent report at once.
    pub on_call: Vec<EmailAddress>,
    /// Told of an urgent report as well when nobody has claimed it at the first repetition.
    pub on_call_backup: Vec<EmailAddress>,
    /// Told when somebody must look into an alarm.
    pub alarm: Vec<EmailAddress>,
    /// Minutes after which an unclaimed urgent report is announced again.
    pub urgent_repeat_minutes: u32,
    /// The hour of the day (UTC) at which the sign of life is sent.
    pub heartbeat_hour_utc: u8,
}

/// Where mail is handed over.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// To a mail server.
    Smtp(SmtpConfig),
    /// Into `.eml` files in this folder: for trials only.
    File(PathBuf),
}

/// A mail server, reached with TLS or not at all.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Its name; the certificate must bear it.
    pub host: HostName,
    /// Its port.
    pub port: u16,
    /// How the connection becomes encrypted.
    pub security: SmtpSecurity,
    /// How we sign in, if the server asks for it and this process sends.
    pub login: Option<SmtpLogin>,
    /// The name we greet with: the sender's domain unless set, so that the machine's own name stays at home.
    pub hello_name: HostName,
    /// Certificates to trust besides the public ones (PEM).
    pub ca_file: Option<PathBuf>,
}

/// How a connection to the mail server becomes encrypted. There is no third way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Begins in the clear and must switch before anything is said.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

/// How we sign in to the mail server.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// The name.
    pub username: String,
    /// What is shown beside it.
    pub proof: SmtpProof,
}

impl SmtpLogin {
    /// The file that the password is in, if it is in one of its own.
    pub fn password_file(&self) -> Option<PathBuf> {
        match &self.proof {
            SmtpProof::Password { file, .. } => file.clone(),
            SmtpProof::Token(_) => None,
        }
    }

    /// Whether the password stands in the configuration itself.
    pub const fn is_inline(&self) -> bool {
        matches!(self.proof, SmtpProof::Password { file: None, .. })
    }
}

/// What proves that the name is ours.
#[derive(Debug, Clone)]
pub enum SmtpProof {
    /// A password.
    Password {
        /// The password.
        password: SecretString,
        /// The file that it is in, if it is in one of its own.
        file: Option<PathBuf>,
    },
    /// The file of a token that another program renews; it may not be there yet.
    Token(PathBuf),
}

/// The two kinds of transport, as the file names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Smtp,
    File,
}

names!(Kind { "smtp" => Smtp, "file" => File });
names!(SmtpSecurity { "starttls" => StartTls, "tls" => Tls });

/// `sends`: whether this process hands mail over, and so needs name and password.
pub(super) fn read(table: &mut Table<'_>, sends: bool) -> Option<MailConfig> {
    let kind = table.or("transport", Kind::Smtp);
    let folder = table.path("folder", "mail");
    let from: Option<EmailAddress> = table.required("from");
    let smtp = read_smtp(table, from.as_ref(), sends);
    if kind == Kind::Smtp && table.is_sound("transport") && !table.has("host") {
        table.missing::<()>("host");
    }
    let [hotline, on_call] = ["hotline", "on_call"].map(|key| {
        let list: Option<Vec<EmailAddress>> = table.required(key);
        table.rule(
            &[key],
            list.as_ref().is_none_or(|list| !list.is_empty()),
            "at least one address is needed, or nobody hears of a report",
        );
        list
    });
    let on_call_backup = table.or("on_call_backup", Vec::new());
    let alarm = table.or("alarm", Vec::new());
    let urgent_repeat_minutes = table.number("urgent_repeat_minutes", 1..=1440, 15);
    let heartbeat_hour_utc = table.number("heartbeat_hour_utc", 0..=23, 1);
    Some(MailConfig {
        transport: match kind {
            Kind::Smtp => MailTransport::Smtp(smtp?),
            Kind::File => MailTransport::File(folder),
        },
        from: from?,
        hotline: hotline?,
        on_call: on_call?,
        on_call_backup,
        alarm,
        urgent_repeat_minutes,
        heartbeat_hour_utc,
    })
}

/// The keys of a mail server. They are checked even when mail goes to files; only then may the host be left out.
fn read_smtp(
    table: &mut Table<'_>,
    from: Option<&EmailAddress>,
    sends: bool,
) -> Option<SmtpConfig> {
    let host: Option<HostName> = table.optional("host");
    let security = table.or("security", SmtpSecurity::StartTls);
    let usual = match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Tls => 465,
    };
    let port = table.number("port", 1..=u16::MAX, usual);
    let username: Option<String> = table.optional("username");
    let secret = secret::read(table, "password", "password_file", sends);
    let token: Option<PathBuf> = table.optional("token_file");
    let has_password = table.has("password") || table.has("password_file");
    table.rule(
        &["token_file", "password", "password_file"],
        !(table.has("token_file") && has_password),
        "a token and a password are set; keep one of the two",
    );
    table.rule(
        &["username", "password", "password_file", "token_file"],
        !sends || table.has("username") == (has_password || table.has("token_file")),
        "username and password (or password_file, or token_file) belong together",
    );
    let password = |(password, file)| SmtpProof::Password { password, file };
    let token = token.filter(|_| sends).map(SmtpProof::Token);
    let login = username
        .zip(secret.map(password).or(token))
        .map(|(username, proof)| SmtpLogin { username, proof });
    let hello_name: Option<HostName> = table.optional("hello_name");
    let ca_file = table.optional("ca_file");
    Some(SmtpConfig {
        host: host?,
        port,
        security,
        login,
        hello_name: hello_name.unwrap_or_else(|| sender_domain(from)),
        ca_file,
    })
}

/// Many servers hang up on a greeting with a name that cannot be theirs, such as `localhost`; the sender's domain is no secret.
fn sender_domain(from: Option<&EmailAddress>) -> HostName {
    from.and_then(|from| from.domain().parse().ok())
        .unwrap_or_else(HostName::localhost)
}
