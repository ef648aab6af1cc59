//! `[mail]`: how notices leave, and who gets them.

use std::path::PathBuf;

use secrecy::SecretString;

use super::address::{EmailAddress, HostName};
use super::reader::Section;
use super::secret;
use super::value::{Within, names};

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
    /// Name and password, if the server asks for them.
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

/// Name and password at the mail server.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The file that the password is in, if it is in one of its own.
    pub password_file: Option<PathBuf>,
}

/// The two kinds of transport, as the file names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Smtp,
    File,
}

names!(Kind { "smtp" => Kind::Smtp, "file" => Kind::File });
names!(SmtpSecurity { "starttls" => SmtpSecurity::StartTls, "tls" => SmtpSecurity::Tls });

pub(super) fn read(section: &mut Section<'_>) -> Option<MailConfig> {
    let hotline_place = section.place_of("hotline");
    let on_call_place = section.place_of("on_call");

    let kind = section.or("transport", Kind::Smtp);
    let folder = section.path("folder", "mail");
    let from: Option<EmailAddress> = section.required("from");
    let smtp = read_smtp(section, kind == Some(Kind::Smtp), from.as_ref());
    let hotline: Option<Vec<EmailAddress>> = section.required("hotline");
    let on_call: Option<Vec<EmailAddress>> = section.required("on_call");
    let on_call_backup = section.or("on_call_backup", Vec::new());
    let alarm = section.or("alarm", Vec::new());
    let repeat = section.or("urgent_repeat_minutes", Within::<1, 1440>(15));
    let hour = section.or("heartbeat_hour_utc", Within::<0, 23>(1));

    let lists = [
        ("hotline", hotline_place, &hotline),
        ("on_call", on_call_place, &on_call),
    ];
    for (key, place, list) in lists {
        if list.as_ref().is_some_and(Vec::is_empty) {
            section.refuse(
                key,
                place,
                "at least one address is needed, or nobody hears of a report",
            );
        }
    }
    let transport = match kind? {
        Kind::Smtp => MailTransport::Smtp(smtp??),
        Kind::File => MailTransport::File(folder?),
    };
    Some(MailConfig {
        transport,
        from: from?,
        hotline: hotline?,
        on_call: on_call?,
        on_call_backup: on_call_backup?,
        alarm: alarm?,
        urgent_repeat_minutes: repeat?.fit()?,
        heartbeat_hour_utc: hour?.fit()?,
    })
}

/// The keys of a mail server. They are checked even when mail goes to files; only then may the host be left out.
fn read_smtp(
    section: &mut Section<'_>,
    needed: bool,
    from: Option<&EmailAddress>,
) -> Option<Option<SmtpConfig>> {
    let username_place = section.place_of("username");
    let host: Option<Option<HostName>> = section.optional("host");
    let port = section.optional::<Within<1, 65_535>>("port");
    let security = section.or("security", SmtpSecurity::StartTls);
    let username: Option<Option<String>> = section.optional("username");
    let secret = secret::read(section, "password", "password_file");
    let hello_name: Option<Option<HostName>> = section.optional("hello_name");
    let ca_file = section.optional_path("ca_file");

    if needed && host == Some(None) {
        section.missing("host");
    }
    let login = match (username?, secret?) {
        (Some(username), Some((password, password_file))) => Some(SmtpLogin {
            username,
            password,
            password_file,
        }),
        (None, None) => None,
        _ => {
            let message = "username and password (or password_file) belong together";
            section.refuse("username", username_place, message);
            return None;
        }
    };
    let (port, security, hello_name, ca_file) = (port?, security?, hello_name?, ca_file?);
    let usual = match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Tls => 465,
    };
    let Some(host) = host? else {
        return Some(None);
    };
    Some(Some(SmtpConfig {
        host,
        port: port.map_or(Some(usual), Within::fit)?,
        security,
        login,
        hello_name: hello_name.unwrap_or_else(|| sender_domain(from)),
        ca_file,
    }))
}

/// Many servers hang up on a greeting with a name that cannot be theirs, such as `localhost`; the sender's domain is no secret.
fn sender_domain(from: Option<&EmailAddress>) -> HostName {
    from.and_then(|from| from.domain().parse().ok())
        .unwrap_or_else(HostName::localhost)
}
