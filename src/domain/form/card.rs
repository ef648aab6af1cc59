//! The summary of a report that the queue shows: a few words, sealed as an object of its own.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

use super::definition::{FormDefinition, Question, Shown};
use super::excerpt::excerpt;
use super::filled::{Filled, Value};
use super::sealed::{SealedAnswer, SealedAnswers, SealedValue, Unreadable, plain};
use crate::domain::clock::Timestamp;

/// Scalar values of the account that the card shows.
const EXCERPT: usize = 140;
const HOUR: i64 = 3_600;

/// What a caseworker sees of a report in the queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSummary {
    /// Code of the reporter's language.
    pub language: String,
    /// The hour the report came, as seconds since 1970-01-01 UTC.
    pub received_hour: i64,
    /// Whether a child is in danger, in the reporter's words for it.
    pub danger: Option<Labelled>,
    /// What kinds of thing are reported.
    pub categories: Vec<Labelled>,
    /// The first words of the account.
    pub excerpt: String,
    /// Who must not be told.
    pub barred: Vec<Labelled>,
    /// Answers that hint at an urgency, most urgent first.
    pub hints: Vec<Hint>,
}

/// A picked option and its words as shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// Id of the option.
    pub id: String,
    /// Its words in the reporter's language.
    pub label: String,
}

/// An answer that hints at an urgency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// `U0` to `U3`.
    pub urgency: String,
    /// Id of the question.
    pub question: String,
    /// The answer.
    pub answer: Labelled,
}

impl CardSummary {
    /// The answer from which its first words are.
    pub fn account<'a>(&self, answers: &'a SealedAnswers) -> Option<&'a SealedAnswer> {
        answers.answers.iter().find(|answer| match &answer.value {
            SealedValue::Text(text) => !text.is_empty() && excerpt(text, EXCERPT) == self.excerpt,
            SealedValue::Options(_) => false,
        })
    }
}

impl fmt::Debug for CardSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardSummary(..)")
    }
}

impl Filled {
    /// The card of this report. `words` gives the sentence of a message id in the reporter's language.
    pub fn card(
        &self,
        form: &FormDefinition,
        language: &str,
        received: Timestamp,
        words: &dyn Fn(&str) -> String,
    ) -> CardSummary {
        let on_card = |line| {
            form.on_card(line)
                .map(|question| self.labels(question, words))
                .unwrap_or_default()
        };
        CardSummary {
            language: language.to_owned(),
            received_hour: received.seconds().div_euclid(HOUR).saturating_mul(HOUR),
            danger: on_card(Shown::Danger).into_iter().next(),
            categories: on_card(Shown::Categories),
            excerpt: self.first_words(form),
            barred: on_card(Shown::Barred),
            hints: self.hints(form, words),
        }
    }

    fn labels(&self, question: &Question, words: &dyn Fn(&str) -> String) -> Vec<Labelled> {
        match self.value(&question.id) {
            Some(Value::Options(picked)) => picked
                .iter()
                .filter_map(|id| question.option(id))
                .map(|option| labelled(&option.id, &option.label, words))
                .collect(),
            Some(Value::Text(_)) | None => Vec::new(),
        }
    }

    fn first_words(&self, form: &FormDefinition) -> String {
        form.questions()
            .filter(|question| question.card == Some(Shown::Excerpt))
            .map(|question| self.text(&question.id))
            .find(|text| !text.is_empty())
            .map_or_else(String::new, |text| excerpt(text, EXCERPT))
    }

    fn hints(&self, form: &FormDefinition, words: &dyn Fn(&str) -> String) -> Vec<Hint> {
        let hint = |reason: super::Reason| {
            let option = form.question(&reason.question)?.option(&reason.option)?;
            Some(Hint {
                urgency: reason.urgency.as_str().to_owned(),
                answer: labelled(&option.id, &option.label, words),
                question: reason.question,
            })
        };
        self.reasons(form).into_iter().filter_map(hint).collect()
    }
}

fn labelled(id: &str, label: &str, words: &dyn Fn(&str) -> String) -> Labelled {
    Labelled {
        id: id.to_owned(),
        label: plain(&words(label)),
    }
}

impl CardSummary {
    /// The bytes to be sealed.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let mut json = Zeroizing::new(Vec::with_capacity(8_192));
        serde_json::to_writer(&mut *json, self).map_err(|_| Unreadable)?;
        Ok(json)
    }

    /// Reads what [`CardSummary::to_json`] wrote.
    pub fn parse(json: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(json).map_err(|_| Unreadable)
    }
}
