//! What may be wrong with the files of a language, and the files that an operator lays over them.

use super::Locale;

/// A Fluent file cannot be used. One that is compiled in is a fault of the build.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct LocaleError {
    /// The file, as in `locales/`.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A Fluent file of an operator's own, already read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// The language it is in.
    pub locale: Locale,
    /// Its name, for problems with it.
    pub name: String,
    /// What it says.
    pub text: String,
}
