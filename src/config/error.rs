//! What is wrong with a configuration, said so that the operator finds the line.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was found, or looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the file, at this line (counted from 1).
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In the file, which does not mention it.
    File(PathBuf),
    /// In this environment variable.
    Variable(String),
}

/// One wrong key or value. The message never repeats the value: a secret may have been pasted under the wrong key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The full name of the key, such as `mail.from` or `hotline.numbers[0].number`; empty if the file as a whole is at fault.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// What is wrong and what would be right.
    pub message: String,
}

impl ConfigError {
    /// In a report: first what stands in the file, then what it lacks, then the environment.
    pub(super) const fn rank(&self) -> u8 {
        match self.place {
            Place::Line { .. } => 0,
            Place::File(_) => 1,
            Place::Variable(_) => 2,
        }
    }

    /// The line in the file, counted from 1, if it stands in one.
    pub fn line(&self) -> Option<usize> {
        match &self.place {
            Place::Line { line, .. } => Some(*line),
            Place::File(_) | Place::Variable(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "{}: {}", self.place, self.message);
        }
        write!(f, "{}: {}: {}", self.place, self.key, self.message)
    }
}

impl std::error::Error for ConfigError {}
