//! Settings from the environment: `KAPEA_<SECTION>__<KEY>`. The only place of the product that reads environment variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::server::Role;

/// The key, in any section, under which a secret itself may stand.
const PASSWORD: &str = "password";
const PREFIX: &str = "KAPEA_";
/// Names the configuration file itself, and so is no setting.
const CONFIG: &str = "KAPEA_CONFIG";
const DEFAULT_FILE: &str = "/etc/kapea/kapea.toml";
const ROLES: &str = "KAPEA_SERVER__ROLES";
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The variables that concern Kapea, and how much a process wants to know.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    spares_secrets: bool,
}

/// The configuration file of a command that is given none.
pub fn default_file() -> PathBuf {
    std::env::var_os(CONFIG)
        .filter(|file| !file.is_empty())
        .map_or_else(|| PathBuf::from(DEFAULT_FILE), PathBuf::from)
}

/// Whether this process was told something by that name.
pub fn is_told(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

impl Environment {
    /// Of this process. Values that are not UTF-8 become text that no setting accepts.
    pub fn of_process() -> Self {
        let all = std::env::vars_os().map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        });
        all.collect()
    }

    /// With these roles in place of what is written; with none nothing changes.
    #[must_use]
    pub fn with_roles(mut self, roles: &[Role]) -> Self {
        if !roles.is_empty() {
            let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            self.variables.insert(ROLES.to_owned(), names.join(","));
        }
        self
    }

    /// For a process that needs no secret: what has a file of its own is not opened.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        Self {
            spares_secrets: true,
            ..self
        }
    }

    pub(super) fn spares_secrets(&self) -> bool {
        self.spares_secrets
    }

    /// The names of variables that hold a secret themselves.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let secrets = self.overrides().filter(|(_, _, key, _)| key == PASSWORD);
        secrets.map(|(name, ..)| name)
    }

    /// The folder in which systemd puts the credentials of the unit, if it does.
    pub(super) fn credentials_directory(&self) -> Option<&Path> {
        self.variables.get(CREDENTIALS_DIRECTORY).map(Path::new)
    }

    /// Variable name, section, key and text of each override.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (&str, String, String, &str)> {
        self.variables.iter().filter_map(|(name, text)| {
            let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            Some((name.as_str(), section, key, text.as_str()))
        })
    }

    /// Names that begin like an override of one of `sections` but lack the double underscore.
    pub(super) fn malformed<'e>(&'e self, sections: &'e [&str]) -> impl Iterator<Item = &'e str> {
        self.variables.keys().map(String::as_str).filter(|name| {
            let rest = name.strip_prefix(PREFIX).unwrap_or_default().to_lowercase();
            !rest.contains("__")
                && sections.iter().any(|section| {
                    rest.strip_prefix(section)
                        .is_some_and(|key| key.starts_with('_'))
                })
        })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let ours = |name: &str| name.starts_with(PREFIX) && name != CONFIG;
        Self {
            variables: pairs
                .filter(|(name, _)| ours(name) || name == CREDENTIALS_DIRECTORY)
                .collect(),
            spares_secrets: false,
        }
    }
}
