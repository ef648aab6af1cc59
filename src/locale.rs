//! The only place that turns message ids into sentences: Fluent files compiled in, one set for each language.
//!
//! A message that is missing never stops a page: its id is shown in brackets, and the id alone is logged.
//! Imports `domain` only.

mod faults;
mod files;
mod khmer;
mod mailing;
mod negotiate;
mod numerals;
mod own;
mod references;
mod translator;
#[cfg(debug_assertions)]
mod trial;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::remembered::Remembered;
use crate::domain::zone::Zone;

pub use crate::domain::language::{Direction, Locale, UnknownLocale};
pub use faults::SentenceFault;
pub use negotiate::negotiate;
pub use numerals::digits;
pub use own::{LocaleError, OwnFile};
pub use translator::{Arg, Translator};

/// The sentences of a running service, which an operator may change: each with the edition of the form that is asked in them. Clones share one
/// memory.
#[derive(Debug, Clone)]
pub struct Sentences(Arc<RwLock<Remembered<Worded>>>);

/// An edition of the form, and its sentences.
type Worded = (String, Arc<Locales>);

impl Sentences {
    /// What the service starts with.
    pub fn new(edition: String, locales: Arc<Locales>) -> Self {
        Self(Arc::new(RwLock::new(Remembered::new((edition, locales)))))
    }

    /// As they are.
    pub fn now(&self) -> Arc<Locales> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&all.newest().1)
    }

    /// Those of an edition of the form, if they are remembered.
    pub fn of(&self, edition: &str) -> Option<Arc<Locales>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, found) = all.iter().find(|(known, _)| known == edition)?;
        Some(Arc::clone(found))
    }

    /// From here on they are these.
    pub fn replace(&self, edition: String, locales: Arc<Locales>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.replace((edition, locales), |before| before);
    }
}

/// Every translator, loaded once and shared.
#[derive(Debug)]
pub struct Locales {
    english: Translator,
    others: Vec<Translator>,
    /// English under the addresses of the languages that lack some pages.
    borrowed: Vec<Translator>,
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
        let english = Translator::load(Locale::fallback(), own)?;
        let others = Locale::every().filter(|locale| *locale != Locale::fallback());
        let others = others
            .map(|locale| Ok(Translator::load(locale, own)?.over(&english)))
            .collect::<Result<Vec<_>, _>>()?;
        let partial = others.iter().filter(|one| !one.locale().is_complete());
        let borrowed = partial.map(|one| english.under(one.locale())).collect();
        Ok(Self {
            english,
            others,
            borrowed,
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
        self.english.set_zone(zone.clone());
        for translator in self.others.iter_mut().chain(&mut self.borrowed) {
            translator.set_zone(zone.clone());
        }
        self
    }

    /// Those of `ids` that a language lacks which says everything. A form that names such a message must not be opened.
    pub fn missing<'a>(&self, ids: &[&'a str]) -> Vec<(Locale, &'a str)> {
        let lacks = |locale: Locale| {
            let translator = self.translator(locale);
            ids.iter()
                .filter(|id| !translator.has(id))
                .map(move |id| (locale, *id))
                .collect::<Vec<_>>()
        };
        Locale::complete().flat_map(lacks).collect()
    }

    /// How many sentences there are in English and not in a language.
    pub fn lacking(&self, locale: Locale) -> usize {
        let other = self.translator(locale);
        self.english.ids().filter(|id| !other.has(id)).count()
    }

    /// The one for `locale`.
    pub fn translator(&self, locale: Locale) -> &Translator {
        self.find(&self.others, locale)
    }

    /// The one for the pages that `locale` may lack: itself, or English at its addresses.
    pub fn borrowed(&self, locale: Locale) -> &Translator {
        if locale.is_complete() {
            self.translator(locale)
        } else {
            self.find(&self.borrowed, locale)
        }
    }

    fn find<'a>(&'a self, among: &'a [Translator], locale: Locale) -> &'a Translator {
        let found = among.iter().find(|one| one.locale() == locale);
        found.unwrap_or(&self.english)
    }
}
