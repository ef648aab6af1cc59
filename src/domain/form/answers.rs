//! From the fields of a request to answers. Everything typed comes back, also when something is wrong with it.

use crate::domain::inert;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

use super::definition::{FormDefinition, Kind, Question, Said};
use super::filled::{Answer, Filled, Value};

/// What is wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Id of the question.
    pub question: String,
    /// Message id of the explanation.
    pub message: &'static str,
    /// Variables of that message.
    pub args: Vec<(&'static str, usize)>,
}

/// The answers cannot be taken as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Everything that was typed and picked, to be shown again.
    pub filled: Filled,
    /// What is wrong, in the order of the form.
    pub errors: Vec<FieldError>,
}

/// Reads the fields of a filled-in form.
#[derive(Debug)]
pub struct Answers;

impl Answers {
    /// Decoded name and value pairs, in any order, become answers. Names the form does not know are ignored.
    pub fn read(form: &FormDefinition, fields: &[(String, String)]) -> Result<Filled, Invalid> {
        let mut filled = Filled::default();
        let mut errors = Vec::new();
        for question in form.questions() {
            let value = if question.is_choice() {
                read_choice(question, fields, &mut errors)
            } else {
                read_text(question, fields, &mut errors)
            };
            // A condition looks only at questions that stand before, so it can be judged here. Typed words are kept in any
            // case; an option that no longer applies would say something the reporter did not mean.
            let applies = filled.meets(question) || matches!(value, Some(Value::Text(_)));
            if let Some(value) = value.filter(|_| applies) {
                filled.answers.push(Answer {
                    question: question.id.clone(),
                    value,
                });
            }
        }
        errors.extend(missing(form, &filled));
        if errors.is_empty() {
            Ok(filled)
        } else {
            Err(Invalid { filled, errors })
        }
    }
}

impl Filled {
    /// The same with what is said by coming through a door, unless it was answered in another way.
    #[must_use]
    pub fn with(&self, form: &FormDefinition, says: &[Said]) -> Self {
        let mut fields = self.fields();
        let unsaid = says.iter().filter(|said| {
            let many = form.question(&said.question);
            let many = many.is_some_and(|question| question.kind == Kind::Choices);
            many || self.value(&said.question).is_none()
        });
        fields.extend(unsaid.map(|said| (said.question.clone(), said.option.clone())));
        Answers::read(form, &fields).unwrap_or_else(|invalid| invalid.filled)
    }
}

fn values<'a>(
    fields: &'a [(String, String)],
    name: &'a str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    fields
        .iter()
        .filter(move |(field, _)| field == name)
        .map(|(_, value)| value.as_str())
}

fn read_choice(
    question: &Question,
    fields: &[(String, String)],
    errors: &mut Vec<FieldError>,
) -> Option<Value> {
    let sent: BTreeSet<&str> = values(fields, &question.id)
        .filter(|value| !value.is_empty())
        .collect();
    let picked: Vec<String> = question
        .options
        .iter()
        .filter(|option| sent.contains(option.id.as_str()))
        .map(|option| option.id.clone())
        .collect();
    if sent.iter().any(|id| question.option(id).is_none()) {
        errors.push(error(question, "form-error-option"));
    } else if question.kind == Kind::Choice && picked.len() > 1 {
        errors.push(error(question, "form-error-one"));
    }
    (!picked.is_empty()).then_some(Value::Options(picked))
}

fn read_text(
    question: &Question,
    fields: &[(String, String)],
    errors: &mut Vec<FieldError>,
) -> Option<Value> {
    // One field makes one value; of several, all are kept rather than one chosen.
    let typed = Zeroizing::new(values(fields, &question.id).collect::<Vec<_>>().join("\n"));
    let text = tidy(&typed);
    if text.changed {
        errors.push(error(question, "form-error-control"));
    }
    if inert::is_blank(&text.kept) {
        return None;
    }
    let count = text.kept.chars().count();
    if count > question.max_chars {
        errors.push(FieldError {
            question: question.id.clone(),
            message: "form-error-too-long",
            args: vec![
                ("max", question.max_chars),
                ("over", count.saturating_sub(question.max_chars)),
            ],
        });
    }
    Some(Value::Text(text.kept))
}

struct Tidied {
    kept: Zeroizing<String>,
    changed: bool,
}

/// Line ends as `\n`, and no control character but that and the tab. Nothing else is touched: not the order of Khmer signs,
/// not zero-width or direction marks, not spaces at either end.
fn tidy(typed: &str) -> Tidied {
    let mut kept = Zeroizing::new(String::with_capacity(typed.len()));
    let mut changed = false;
    let mut characters = typed.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    kept.push('\n');
                }
            }
            '\n' | '\t' => kept.push(character),
            control if control.is_control() => changed = true,
            other => kept.push(other),
        }
    }
    Tidied { kept, changed }
}

/// One error for each group without any answer, at its first question.
fn missing(form: &FormDefinition, filled: &Filled) -> Vec<FieldError> {
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for question in form.questions() {
        let Some(group) = question.required_group.as_deref() else {
            continue;
        };
        let answered = form
            .questions()
            .filter(|other| other.required_group.as_deref() == Some(group))
            .any(|other| filled.value(&other.id).is_some());
        if seen.insert(group) && !answered {
            errors.push(error(question, "form-error-required"));
        }
    }
    errors
}

fn error(question: &Question, message: &'static str) -> FieldError {
    FieldError {
        question: question.id.clone(),
        message,
        args: Vec::new(),
    }
}
