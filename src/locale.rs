//! The only place that turns message ids into sentences: Fluent files compiled in, one set for each language.
//!
//! A message that is missing never stops a page: its id is shown in brackets, and the id alone is logged.
//! Imports `domain` only.

mod files;
mod negotiate;
mod numerals;
mod translator;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::domain::zone::Zone;

pub use negotiate::negotiate;
pub use numerals::digits;
pub use translator::{Arg, Translator};

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

/// Every translator, loaded once and shared.
#[derive(Debug)]
pub struct Locales {
    en: Translator,
    km: Translator,
}

impl Locales {
    /// Parses the files that were compiled in.
    pub fn load() -> Result<Self, LocaleError> {
        Self::load_with(&[])
    }

    /// The same, and an operator's own files over them: messages of their own form, or other words for ours.
    pub fn load_with(own: &[OwnFile]) -> Result<Self, LocaleError> {
        Ok(Self {
            en: Translator::load(Locale::En, own)?,
            km: Translator::load(Locale::Km, own)?,
        })
    }

    /// The same sentences with times as they are in a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: &Zone) -> Self {
        self.en.set_zone(zone.clone());
        self.km.set_zone(zone.clone());
        self
    }

    /// Those of `ids` that a language lacks. A form that names such a message must not be opened.
    pub fn missing<'a>(&self, ids: &[&'a str]) -> Vec<(Locale, &'a str)> {
        let lacks = |locale: Locale| {
            let translator = self.translator(locale);
            ids.iter()
                .filter(|id| !translator.has(id))
                .map(move |id| (locale, *id))
                .collect::<Vec<_>>()
        };
        Locale::ALL.into_iter().flat_map(lacks).collect()
    }

    /// The one for `locale`.
    pub const fn translator(&self, locale: Locale) -> &Translator {
        match locale {
            Locale::En => &self.en,
            Locale::Km => &self.km,
        }
    }
}
