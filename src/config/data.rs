//! `[data]`: where reports and the server's own secrets lie.

use std::path::PathBuf;

use super::environment::Environment;
use super::value::FromText;
use crate::domain::document::Table;

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
    /// The folder of the witness file, mode 0700.
    pub witness: PathBuf,
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

/// A folder in the data folder, unless the path is absolute.
struct Folder(PathBuf);

impl FromText for Folder {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('\0') {
            return Err("expected the path of a folder".to_owned());
        }
        Ok(Self(PathBuf::from(text)))
    }
}

pub(super) fn read(table: &mut Table<'_>, environment: &Environment) -> DataConfig {
    let dir = table.path("dir", "data");
    let Database::Sqlite(file) = table.or("database", Database::Sqlite("kapea.db".into()));
    let credentials = table.path("credentials", "credentials.toml");
    let Folder(witness) = table.or("witness", Folder("witness".into()));
    let handed = environment
        .credentials_directory()
        .map(|dir| dir.join(SYSTEMD_CREDENTIAL))
        .filter(|path| path.exists());
    DataConfig {
        database: Database::Sqlite(dir.join(file)),
        witness: dir.join(witness),
        dir,
        connections: table.number("connections", 1..=64, 4),
        credentials: handed.unwrap_or(credentials),
    }
}
