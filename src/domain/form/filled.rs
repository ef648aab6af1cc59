//! Answers that were given: what was typed and picked, and what follows from it.

use std::fmt;
use zeroize::Zeroizing;

use super::definition::{FormDefinition, Question, Skip};
use crate::domain::urgency::Urgency;

/// What was answered to one question.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Typed, exactly as kept.
    Text(Zeroizing<String>),
    /// Picked, by option id, in the order of the form.
    Options(Vec<String>),
    /// Deliberately not answered.
    Skipped(Skip),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Options(_) => "Options(..)",
            Self::Skipped(_) => "Skipped(..)",
        })
    }
}

/// One answered question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Id of the question.
    pub question: String,
    /// What was answered.
    pub value: Value,
}

/// A form as somebody filled it in. Questions passed over in silence are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    pub(super) answers: Vec<Answer>,
}

/// An answer that says something about urgency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Id of the question.
    pub question: String,
    /// Id of the option.
    pub option: String,
    /// What it hints at.
    pub urgency: Urgency,
}

impl Filled {
    /// The answers, in the order of the form.
    #[cfg(test)]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Whether nothing at all was answered.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// The answer to that question.
    pub fn value(&self, question: &str) -> Option<&Value> {
        self.answers
            .iter()
            .find(|answer| answer.question == question)
            .map(|answer| &answer.value)
    }

    /// What was typed there, or nothing. For the field of a page shown again.
    pub fn text(&self, question: &str) -> &str {
        match self.value(question) {
            Some(Value::Text(text)) => text,
            Some(Value::Options(_) | Value::Skipped(_)) | None => "",
        }
    }

    /// Whether that option (or `unknown`, `unsaid`) is picked. For the field of a page shown again.
    pub fn has(&self, question: &str, option: &str) -> bool {
        match self.value(question) {
            Some(Value::Options(picked)) => picked.iter().any(|id| id == option),
            Some(Value::Skipped(skip)) => skip.id() == option,
            Some(Value::Text(_)) | None => false,
        }
    }

    /// Whether the question matters, given the other answers.
    pub fn meets(&self, question: &Question) -> bool {
        question.condition.as_ref().is_none_or(|condition| {
            condition
                .any_of
                .iter()
                .any(|option| self.has(&condition.question, option))
        })
    }

    /// The channel this report goes to: the first that an answer routes to, else the form's own.
    pub fn channel<'a>(&self, form: &'a FormDefinition) -> &'a str {
        form.questions()
            .flat_map(|question| {
                question
                    .options
                    .iter()
                    .map(move |option| (question, option))
            })
            .filter(|(question, option)| self.has(&question.id, &option.id))
            .find_map(|(_, option)| option.routes_to.as_deref())
            .unwrap_or(&form.channel)
    }

    /// What the answers say about urgency, most urgent first.
    pub fn reasons(&self, form: &FormDefinition) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = form
            .questions()
            .flat_map(|question| {
                question
                    .options
                    .iter()
                    .map(move |option| (question, option))
            })
            .filter(|(question, option)| self.has(&question.id, &option.id))
            .filter_map(|(question, option)| {
                Some(Reason {
                    question: question.id.clone(),
                    option: option.id.clone(),
                    urgency: option.urgency?,
                })
            })
            .collect();
        reasons.sort_by_key(|reason| reason.urgency);
        reasons
    }

    /// The urgency to start with, until a person decides: the most urgent hint, or `U2` where nothing hints at anything.
    pub fn urgency(&self, form: &FormDefinition) -> Urgency {
        self.reasons(form)
            .first()
            .map_or(Urgency::U2, |reason| reason.urgency)
    }

    /// Field names and values that [`Answers::read`](super::Answers::read) turns into this again: for the hidden fields of
    /// a review page.
    pub fn fields(&self, form: &FormDefinition) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for answer in &self.answers {
            match &answer.value {
                Value::Text(text) => fields.push((answer.question.clone(), text.to_string())),
                Value::Options(picked) => {
                    fields.extend(
                        picked
                            .iter()
                            .map(|id| (answer.question.clone(), id.clone())),
                    );
                }
                Value::Skipped(skip) => {
                    let field = form
                        .question(&answer.question)
                        .map_or_else(|| answer.question.clone(), Question::skip_field);
                    fields.push((field, skip.id().to_owned()));
                }
            }
        }
        fields
    }
}
