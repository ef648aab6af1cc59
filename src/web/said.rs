//! A sentence on a page, which says so if it is not in the page's language: a voice that reads the page then reads it rightly.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};

use crate::domain::language::{Locale, Spoken};
use crate::locale::Translator;

/// Text for an element. Attributes have no language of their own: they take a sentence from the translator.
pub struct Said {
    text: String,
    /// The language that it is in, where that is another.
    lent: Option<Locale>,
}

impl Said {
    /// A message without variables.
    pub fn text(t: &Translator, id: &str) -> Self {
        Self {
            text: t.text(id),
            lent: t.lends(id),
        }
    }

    /// A sentence of the form, told to `who`.
    pub fn told(t: &Translator, id: &str, who: &str) -> Self {
        Self {
            text: t.told(id, who),
            lent: t.lends(id),
        }
    }

    /// What an operator has given in some languages.
    pub fn given(t: &Translator, spoken: &Spoken) -> Self {
        let (given, text) = spoken.given(t.locale());
        Self {
            text: text.to_owned(),
            lent: given.filter(|given| *given != t.spoken()),
        }
    }
}

impl HtmlSafe for Said {}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(text) = escape(self.text.as_str(), Html);
        match self.lent {
            None => write!(f, "{text}"),
            Some(lent) => {
                let direction = lent.direction().as_str();
                write!(f, "<span lang=\"{lent}\" dir=\"{direction}\">{text}</span>")
            }
        }
    }
}
