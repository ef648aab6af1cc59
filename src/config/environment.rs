//! Settings from the environment: `KAPEA_<SECTION>__<KEY>`. The only place of the product that reads environment variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

const PREFIX: &str = "KAPEA_";
/// Names the configuration file itself, and so is no setting.
const CONFIG: &str = "KAPEA_CONFIG";
const DEFAULT_FILE: &str = "/etc/kapea/kapea.toml";
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The variables that concern Kapea.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    credentials: Option<PathBuf>,
}

/// The configuration file of a command that is given none.
pub fn default_file() -> PathBuf {
    std::env::var_os(CONFIG)
        .filter(|file| !file.is_empty())
        .map_or_else(|| PathBuf::from(DEFAULT_FILE), PathBuf::from)
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

    /// The folder in which systemd puts the credentials of the unit, if it does.
    pub(super) fn credentials_directory(&self) -> Option<&PathBuf> {
        self.credentials.as_ref()
    }

    /// Variable name, section, key and value of each override.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (&str, String, String, &str)> {
        self.variables.iter().filter_map(|(name, value)| {
            let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            Some((name.as_str(), section, key, value.as_str()))
        })
    }

    /// Names that begin like an override of one of `sections` but lack the double underscore.
    pub(super) fn malformed<'a>(&'a self, sections: &'a [&str]) -> impl Iterator<Item = &'a str> {
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
        let mut environment = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.into(), value.into());
            if name == CREDENTIALS_DIRECTORY {
                environment.credentials = Some(PathBuf::from(value));
            } else if name.starts_with(PREFIX) && name != CONFIG {
                environment.variables.insert(name, value);
            }
        }
        environment
    }
}
