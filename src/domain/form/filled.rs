//! Answers that were given: what was typed and picked, and what follows from it.

use std::fmt;
use zeroize::Zeroizing;

use super::definition::{Choice, FormDefinition, Question};
use crate::domain::urgency::Urgency;

/// To whom the form speaks where no answer says so.
const OTHER: &str = "other";

/// What was answered to one question.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Typed, exactly as kept.
    Text(Zeroizing<String>),
    /// Picked, by option id, in the order of the form.
    Options(Vec<String>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Options(_) => "Options(..)",
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

/// A form as somebody filled it in. Questions passed over are not in it.
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
            Some(Value::Options(_)) | None => "",
        }
    }

    /// Everything that was typed, in the order of the form.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.answers
            .iter()
            .filter_map(|answer| match &answer.value {
                Value::Text(text) => Some(text.as_str()),
                Value::Options(_) => None,
            })
    }

    /// Whether that option is picked. For the field of a page shown again.
    pub fn has(&self, question: &str, option: &str) -> bool {
        match self.value(question) {
            Some(Value::Options(picked)) => picked.iter().any(|id| id == option),
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

    /// Every option that is picked, in the order of the form.
    fn picked<'a>(
        &self,
        form: &'a FormDefinition,
    ) -> impl Iterator<Item = (&'a Question, &'a Choice)> {
        let options = form.questions().flat_map(|question| {
            let options = question.options.iter();
            options.map(move |option| (question, option))
        });
        options.filter(|(question, option)| self.has(&question.id, &option.id))
    }

    /// The channel this report goes to: the first that an answer routes to, else the form's own.
    pub fn channel<'a>(&self, form: &'a FormDefinition) -> &'a str {
        self.picked(form)
            .find_map(|(_, option)| option.routes_to.as_deref())
            .unwrap_or(&form.channel)
    }

    /// To whom the form speaks.
    pub fn who<'a>(&self, form: &'a FormDefinition) -> &'a str {
        self.says_who(form).unwrap_or(OTHER)
    }

    /// The same, if an answer says so.
    pub fn says_who<'a>(&self, form: &'a FormDefinition) -> Option<&'a str> {
        self.picked(form)
            .find_map(|(_, option)| option.who.as_deref())
    }

    /// Message ids of what is said back, before sending and after.
    pub fn notices<'a>(&self, form: &'a FormDefinition) -> Vec<&'a str> {
        self.picked(form)
            .filter_map(|(_, option)| option.after.as_deref())
            .collect()
    }

    /// Of [`Filled::fields`] what a page after sending needs in order to speak rightly, and no more.
    pub fn lasting(&self, form: &FormDefinition) -> Vec<(String, String)> {
        self.picked(form)
            .filter(|(_, option)| option.who.is_some() || option.after.is_some())
            .map(|(question, option)| (question.id.clone(), option.id.clone()))
            .collect()
    }

    /// What the answers say about urgency, most urgent first.
    pub fn reasons(&self, form: &FormDefinition) -> Vec<Reason> {
        let reason = |(question, option): (&Question, &Choice)| {
            Some(Reason {
                question: question.id.clone(),
                option: option.id.clone(),
                urgency: option.urgency?,
            })
        };
        let mut reasons: Vec<Reason> = self.picked(form).filter_map(reason).collect();
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
    /// a page that does not ask for them.
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for answer in &self.answers {
            let name = &answer.question;
            match &answer.value {
                Value::Text(text) => fields.push((name.clone(), text.to_string())),
                Value::Options(picked) => {
                    fields.extend(picked.iter().map(|id| (name.clone(), id.clone())));
                }
            }
        }
        fields
    }
}
