//! `[data]`: where reports and the server's own secrets lie.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::reader::Section;
use super::value::{FromText, Within};

/// The name under which systemd hands over the credentials file (`LoadCredential=kapea:…`).
const SYSTEMD_CREDENTIAL: &str = "kapea";

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataConfig {
    /// The data folder, mode 0700.
    pub dir: PathBuf,
    /// The database.
    pub database: Database,
    /// Connections kept open to it.
    pub connections: u32,
    /// The file with the server's credentials, mode 0600.
    pub credentials: PathBuf,
}

/// Which database, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// An embedded SQLite database in this file.
    Sqlite(PathBuf),
}

impl FromText for Database {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() && !path.contains('\0') => {
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            Some(("postgres" | "postgresql", _)) => {
                Err("this build has no PostgreSQL; expected \"sqlite:PATH\"".to_owned())
            }
            _ => Err("expected \"sqlite:PATH\"".to_owned()),
        }
    }
}

impl Database {
    fn within(self, dir: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(dir.join(path)),
        }
    }
}

pub(super) fn read(section: &mut Section<'_>, environment: &Environment) -> Option<DataConfig> {
    let dir = section.path("dir", "data");
    let database = section.or("database", Database::Sqlite(PathBuf::from("kapea.db")));
    let connections = section.or("connections", Within::<1, 64>(4));
    let credentials = section.path("credentials", "credentials.toml");

    let handed = environment
        .credentials_directory()
        .map(|dir| dir.join(SYSTEMD_CREDENTIAL))
        .filter(|path| path.exists());
    let dir = dir?;
    Some(DataConfig {
        database: database?.within(&dir),
        dir,
        connections: connections?.fit()?,
        credentials: handed.or(credentials)?,
    })
}
