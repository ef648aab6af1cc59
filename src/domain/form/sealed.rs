//! Answers as they are sealed: with the words the reporter saw, so that reading them needs no form.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

use super::definition::FormDefinition;
use super::filled::{Filled, Value};

/// Number of this layout, should it ever change.
const FORMAT: u32 = 1;

/// A filled-in form with its words. Serialised inside the sealed answers object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedAnswers {
    /// Number of the layout.
    pub format: u32,
    /// Id of the form.
    pub form: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of the form's file, in hexadecimal.
    pub digest: String,
    /// Code of the language the words are in.
    pub language: String,
    /// What was answered, in the order of the form.
    pub answers: Vec<SealedAnswer>,
}

/// One answered question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedAnswer {
    /// Id of the question.
    pub question: String,
    /// Message id of its words.
    pub label_id: String,
    /// Its words as shown.
    pub label: String,
    /// The answer.
    pub value: SealedValue,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealedValue {
    /// Typed. Shown as inert text only.
    #[serde(serialize_with = "write_wiped", deserialize_with = "read_wiped")]
    Text(Zeroizing<String>),
    /// Picked.
    Options(Vec<SealedChoice>),
}

impl fmt::Debug for SealedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Options(_) => "Options(..)",
        })
    }
}

/// A picked option.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedChoice {
    /// Id of the option.
    pub id: String,
    /// Message id of its words.
    pub label_id: String,
    /// Its words as shown.
    pub label: String,
}

/// The bytes are not answers that this version can read, or answers that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not readable as answers")]
pub struct Unreadable;

impl Filled {
    /// The answers with their words, ready to be sealed.
    ///
    /// `digest` is the SHA-256 of [`FormDefinition::source`] in hexadecimal; `words` gives the sentence of a message id in
    /// the reporter's language.
    pub fn to_sealed_json(
        &self,
        form: &FormDefinition,
        digest: &str,
        language: &str,
        words: &dyn Fn(&str) -> String,
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let answers = self.answers.iter().filter_map(|answer| {
            let question = form.question(&answer.question)?;
            let value = match &answer.value {
                Value::Text(text) => SealedValue::Text(text.clone()),
                Value::Options(picked) => SealedValue::Options(
                    picked
                        .iter()
                        .filter_map(|id| question.option(id))
                        .map(|option| choice(&option.id, &option.label, words))
                        .collect(),
                ),
            };
            Some(SealedAnswer {
                question: question.id.clone(),
                label: plain(&words(&question.label)),
                label_id: question.label.clone(),
                value,
            })
        });
        SealedAnswers {
            format: FORMAT,
            form: form.id.clone(),
            version: form.version,
            digest: digest.to_owned(),
            language: language.to_owned(),
            answers: answers.collect(),
        }
        .to_json()
    }
}

fn choice(id: &str, label_id: &str, words: &dyn Fn(&str) -> String) -> SealedChoice {
    SealedChoice {
        id: id.to_owned(),
        label_id: label_id.to_owned(),
        label: plain(&words(label_id)),
    }
}

/// Our own words without the signs that part and join their lines: a reader of evidence should meet none but the
/// reporter's.
pub(super) fn plain(words: &str) -> String {
    words.replace(['\u{200b}', '\u{2060}'], "")
}

impl SealedAnswers {
    /// Reads what [`Filled::to_sealed_json`] wrote, at any time, under any later form.
    pub fn parse(json: &[u8]) -> Result<Self, Unreadable> {
        let answers: Self = serde_json::from_slice(json).map_err(|_| Unreadable)?;
        if answers.format == FORMAT {
            Ok(answers)
        } else {
            Err(Unreadable)
        }
    }

    /// The answer to that question.
    pub fn value(&self, question: &str) -> Option<&SealedValue> {
        self.answers
            .iter()
            .find(|answer| answer.question == question)
            .map(|answer| &answer.value)
    }

    fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        // Room for all of it from the start: a vector that grows leaves copies of what was typed behind it.
        let typed: usize = self.answers.iter().map(|answer| answer.value.len()).sum();
        let mut json = Zeroizing::new(Vec::with_capacity(
            typed.saturating_mul(2).saturating_add(16_384),
        ));
        serde_json::to_writer(&mut *json, self).map_err(|_| Unreadable)?;
        Ok(json)
    }
}

impl SealedAnswer {
    /// The answer as lines to show: what was typed, or the words of what was picked.
    pub fn lines(&self) -> Vec<&str> {
        match &self.value {
            SealedValue::Text(text) => vec![text.as_str()],
            SealedValue::Options(picked) => {
                picked.iter().map(|option| option.label.as_str()).collect()
            }
        }
    }
}

impl SealedValue {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Options(_) => 0,
        }
    }
}

fn write_wiped<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn read_wiped<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}
