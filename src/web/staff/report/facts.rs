//! What was answered, in reading order: the account, what else was told at length, and the facts as one table in the reader's language.

use crate::domain::form::{CardSummary, SealedAnswer, SealedAnswers, SealedValue};
use crate::locale::Translator;
use crate::web::staff::words::language_tag;

/// A longer text is no fact for a line of a table. In characters.
const SHORT: usize = 80;

/// A report's answers for whoever reads them.
pub(super) struct Told<'a> {
    /// Texts, the account first.
    pub(super) texts: Vec<(Words<'a>, &'a str)>,
    pub(super) facts: Vec<Fact<'a>>,
    /// Whether any of our own words stand in the place of those that the reporter saw.
    pub(super) is_translated: bool,
}

/// Words, and the language they are in.
pub(super) struct Words<'a> {
    pub(super) text: std::borrow::Cow<'a, str>,
    pub(super) language: &'static str,
}

/// A line of the table.
pub(super) struct Fact<'a> {
    pub(super) question: Words<'a>,
    pub(super) picked: Vec<Words<'a>>,
    /// As it was typed.
    pub(super) typed: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub(super) fn of(
        t: &Translator,
        sealed: &'a SealedAnswers,
        card: Option<&CardSummary>,
    ) -> Self {
        let account = card.and_then(|card| card.account(sealed));
        let is_account =
            |answer: &SealedAnswer| account.is_some_and(|one| std::ptr::eq(one, answer));
        let mut reader = Reader {
            t,
            sealed: language_tag(&sealed.language),
            is_foreign: sealed.language != t.code(),
            has_translated: false,
        };
        let (mut texts, mut facts) = (Vec::new(), Vec::new());
        for answer in &sealed.answers {
            let question = reader.words(&answer.label_id, &answer.label);
            match &answer.value {
                SealedValue::Text(text) if is_account(answer) => {
                    texts.insert(0, (question, text.as_str()))
                }
                SealedValue::Text(text) if is_long(text) => texts.push((question, text.as_str())),
                SealedValue::Text(text) => facts.push(Fact {
                    question,
                    picked: Vec::new(),
                    typed: Some(text.as_str()),
                }),
                SealedValue::Options(options) => {
                    let picked = options.iter();
                    let picked = picked.map(|option| reader.words(&option.label_id, &option.label));
                    facts.push(Fact {
                        picked: picked.collect(),
                        question,
                        typed: None,
                    });
                }
            }
        }
        Self {
            texts,
            facts,
            is_translated: reader.has_translated,
        }
    }
}

fn is_long(text: &str) -> bool {
    text.contains('\n') || text.chars().count() > SHORT
}

/// Somebody who reads in a language of their own.
struct Reader<'t> {
    t: &'t Translator,
    /// The language that the reporter saw.
    sealed: &'static str,
    is_foreign: bool,
    has_translated: bool,
}

impl Reader<'_> {
    /// Our own words for that id where there are such, else those that were sealed.
    fn words<'a>(&mut self, id: &str, sealed: &'a str) -> Words<'a> {
        if self.is_foreign && self.t.has(id) {
            self.has_translated = true;
            return Words {
                text: self.t.told(id, "other").into(),
                language: self.t.code(),
            };
        }
        Words {
            text: sealed.into(),
            language: self.sealed,
        }
    }
}
