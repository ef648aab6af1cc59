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
mod retention;
mod rewrite;
mod secret;
mod server;
mod value;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use address::{BaseUrl, EmailAddress, HostName, LinkUrl};
pub use audit::AuditConfig;
pub use custodians::{CustodianKey, CustodiansConfig};
pub use data::{DataConfig, Database};
pub use environment::{Environment, default_file, is_told};
pub use error::ConfigError;
pub use forms::{ChannelName, FormsConfig};
pub use hotline::{DialNumber, HotlineConfig, PhoneNumber};
pub use limits::{LaneConfig, LimitsConfig};
pub use log::{LogConfig, LogFormat, LogLevel};
pub use mail::{MailConfig, MailTransport, SmtpConfig, SmtpLogin, SmtpProof, SmtpSecurity};
pub use retention::RetentionConfig;
pub use rewrite::{rewritten, without_secrets};
pub use server::{Role, Roles, ServerConfig};

pub use crate::domain::document::Place;
use crate::domain::document::{self, Fault, Problems, Table};

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
    /// Reads a file, and the environment over it.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, Vec<ConfigError>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            vec![ConfigError {
                key: String::new(),
                place: Place::File(path.to_owned()),
                message: format!("cannot be read: {error}"),
            }]
        })?;
        Self::from_toml(&text, path, environment)
    }

    /// Reads a text as if it stood in `file`: relative paths start at the file's folder, errors name it.
    pub fn from_toml(
        text: &str,
        file: &Path,
        environment: &Environment,
    ) -> Result<Self, Vec<ConfigError>> {
        let read = document::read(text, file, &Problems::default(), |root| {
            Self::read(root, environment)
        });
        read.map_err(|problems| {
            let mut errors: Vec<_> = problems.into_iter().map(ConfigError::from).collect();
            errors.sort_by_key(ConfigError::rank);
            errors
        })
    }

    fn read<'d>(root: &mut Table<'d>, environment: &'d Environment) -> Option<Self> {
        let server = section(root, environment, "server", server::read);
        let data = section(root, environment, "data", |table| {
            data::read(table, environment)
        });
        let hotline = section(root, environment, "hotline", hotline::read);
        let forms = section(root, environment, "forms", forms::read);
        // Whoever sends no mail must not know the password.
        let sends = server.roles.worker && !environment.spares_secrets();
        let mail = section(root, environment, "mail", |table| mail::read(table, sends));
        let audit = section(root, environment, "audit", audit::read);
        let custodians = section(root, environment, "custodians", custodians::read);
        let limits = section(root, environment, "limits", limits::read);
        let retention = section(root, environment, "retention", retention::read);
        let log = section(root, environment, "log", log::read);
        for (variable, section, ..) in environment.overrides() {
            if !root.asked().contains(&section.as_str()) {
                let fault = Fault::Unknown(root.asked().to_vec());
                root.report(&section, Place::Variable(variable.to_owned()), fault);
            }
        }
        for variable in environment.malformed(root.asked()) {
            let message = "between section and key there must be two underscores";
            let fault = Fault::Wrong(message.to_owned());
            root.report("", Place::Variable(variable.to_owned()), fault);
        }
        Some(Self {
            server,
            data,
            hotline: hotline?,
            forms,
            mail: mail?,
            audit,
            custodians,
            limits,
            retention,
            log,
        })
    }
}

/// Reads one section; a missing one reads as empty. What the environment says lies over what the file says.
fn section<'d, T>(
    root: &mut Table<'d>,
    environment: &'d Environment,
    name: &'static str,
    read: impl FnOnce(&mut Table<'d>) -> T,
) -> T {
    let overrides = environment.overrides();
    let laid = overrides.filter_map(|(variable, section, key, text)| {
        (section == name).then_some((variable, key, text))
    });
    root.section(name, laid, read)
}
