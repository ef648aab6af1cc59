//! The only place that turns message ids into sentences: Fluent files compiled in, one set for each language.
//!
//! A message that is missing never stops a page: its id is shown in brackets, and the id alone is logged.
//! Imports `domain` only.

mod faults;
mod files;
mod language;
mod negotiate;
mod numerals;
mod translator;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::zone::Zone;

pub use faults::SentenceFault;
pub use language::{Locale, LocaleError, OwnFile, UnknownLocale};
pub use negotiate::negotiate;
pub use numerals::digits;
pub use translator::{Arg, Translator};

/// The sentences of a running service, which an operator may change. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Sentences(Arc<RwLock<Arc<Locales>>>);

impl Sentences {
    /// What the service starts with.
    pub fn new(locales: Arc<Locales>) -> Self {
        Self(Arc::new(RwLock::new(locales)))
    }

    /// As they are.
    pub fn now(&self) -> Arc<Locales> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From here on they are these.
    pub fn replace(&self, locales: Arc<Locales>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = locales;
    }
}

/// Every translator, loaded once and shared.
#[derive(Debug)]
pub struct Locales {
    en: Translator,
    km: Translator,
    /// What an operator has laid over them.
    own: Vec<OwnFile>,
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
            own: own.to_vec(),
        })
    }

    /// An operator's own files.
    pub fn source(&self) -> &[OwnFile] {
        &self.own
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
