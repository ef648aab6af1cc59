//! The languages, and what may be wrong with their files.

use std::fmt;
use std::str::FromStr;

/// A language the product speaks in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    En,
    /// Khmer.
    Km,
}

/// Not the code of a language the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language this product speaks")]
pub struct UnknownLocale;

impl Locale {
    /// Both of them, in the order the language switch shows them.
    pub const ALL: [Self; 2] = [Self::Km, Self::En];

    /// The code in a URL path and in `lang` attributes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Km => "km",
        }
    }

    /// The one a language switch leads to.
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Km,
            Self::Km => Self::En,
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(code: &str) -> Result<Self, UnknownLocale> {
        Self::ALL
            .into_iter()
            .find(|locale| locale.code() == code)
            .ok_or(UnknownLocale)
    }
}

/// A Fluent file cannot be used. It is compiled in, so this is a fault of the build.
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
