//! The configuration: a TOML file, `KAPEA_<SECTION>__<KEY>` variables laid over it, secrets in files of their own.
//!
//! Every wrong key or value is reported with its name and line, all at once; an unknown key is an error, because a
//! mistyped safety setting that is silently ignored is worse than a server that does not start. `config/default.toml`
//! describes every key.

mod address;
mod audit;
mod custodians;
mod data;
mod environment;
mod error;
mod forms;
mod hotline;
mod limits;
mod log;
mod mail;
mod reader;
mod retention;
mod secret;
mod server;
mod suggest;
mod tree;
mod value;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use address::{BaseUrl, EmailAddress, HostName, LinkUrl};
pub use audit::AuditConfig;
pub use custodians::{CustodianKey, CustodiansConfig};
pub use data::{DataConfig, Database};
pub use environment::{Environment, default_file};
pub use error::{ConfigError, Place};
pub use forms::{ChannelName, FormsConfig};
pub use hotline::{DialNumber, HotlineConfig, LanguageSetting, PhoneNumber};
pub use limits::{LaneConfig, LimitsConfig};
pub use log::{LogConfig, LogFormat, LogLevel};
pub use mail::{MailConfig, MailTransport, SmtpConfig, SmtpLogin, SmtpSecurity};
pub use retention::RetentionConfig;
pub use server::{Role, Roles, ServerConfig};

use reader::Reader;

/// Everything an operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens and what this process does.
    pub server: ServerConfig,
    /// Where things are kept.
    pub data: DataConfig,
    /// The organisation, as reporters see it.
    pub hotline: HotlineConfig,
    /// The form and its channels.
    pub forms: FormsConfig,
    /// How notices leave, and who gets them.
    pub mail: MailConfig,
    /// Who keeps what shows whether the audit log was changed.
    pub audit: AuditConfig,
    /// Whose signatures let a team receive reports.
    pub custodians: CustodiansConfig,
    /// How much, how many at once, how long.
    pub limits: LimitsConfig,
    /// For how many days reports are kept.
    pub retention: RetentionConfig,
    /// How much is logged.
    pub log: LogConfig,
}

impl Config {
    /// Reads a file and the environment of this process.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            vec![ConfigError {
                key: String::new(),
                place: Place::File(path.to_owned()),
                message: format!("cannot be read: {error}"),
            }]
        })?;
        Self::from_toml(&text, path, &Environment::of_process())
    }

    /// Reads a text as if it stood in `file`: relative paths start at the file's folder, errors name it.
    pub fn from_toml(
        text: &str,
        file: &Path,
        environment: &Environment,
    ) -> Result<Self, Vec<ConfigError>> {
        let entries = tree::parse(text, file).map_err(|error| vec![error])?;
        let mut reader = Reader::new(file, entries, environment);
        let config = Self::read(&mut reader, environment);
        let errors = reader.finish(environment);
        match config {
            Some(config) if errors.is_empty() => Ok(config),
            _ => Err(errors),
        }
    }

    fn read(reader: &mut Reader, environment: &Environment) -> Option<Self> {
        let server = reader.section("server", server::read);
        let data = reader.section("data", |section| data::read(section, environment));
        let hotline = reader.section("hotline", hotline::read);
        let forms = reader.section("forms", forms::read);
        let mail = reader.section("mail", mail::read);
        let audit = reader.section("audit", audit::read);
        let custodians = reader.section("custodians", custodians::read);
        let limits = reader.section("limits", limits::read);
        let retention = reader.section("retention", retention::read);
        let log = reader.section("log", log::read);
        Some(Self {
            server: server?,
            data: data?,
            hotline: hotline?,
            forms: forms?,
            mail: mail?,
            audit: audit?,
            custodians: custodians?,
            limits: limits?,
            retention: retention?,
            log: log?,
        })
    }
}
