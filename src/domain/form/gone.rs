//! Answers to questions that are asked no more, or in another way: the form was changed while somebody had its page open.

use std::collections::BTreeMap;
use zeroize::Zeroizing;

use super::definition::{FormDefinition, Kind, Question, is_name, is_taken};
use super::filled::{Answer, Value};
use super::sealed::plain;
use crate::domain::inert;

/// The fields of a request, as far as the form still asks for them, and what is left.
#[derive(Debug)]
pub struct Parted {
    /// For [`Answers::read`](super::Answers::read).
    pub asked: Zeroizing<Vec<(String, String)>>,
    /// Words and picks that it does not ask for, by question.
    pub gone: Vec<Answer>,
}

impl FormDefinition {
    /// Field that names the questions whose answers are picked. Once they are gone nothing else tells a pick from a word.
    pub const PICKS: &'static str = "picks";
    /// Field that names the edition of the form that a page asks.
    pub const EDITION: &'static str = "edition";
    /// Field of a page that tells of answers to questions that are gone: the same is told in another language.
    pub const MOVED: &'static str = "moved";

    /// What that field says.
    pub fn picks(&self) -> String {
        let picked = self.questions().filter(|question| question.is_choice());
        let names: Vec<&str> = picked.map(|question| question.id.as_str()).collect();
        names.join(" ")
    }

    /// The question whose answer takes words that have nowhere else to go: the account.
    pub fn account(&self) -> Option<&Question> {
        let typed = || self.questions().filter(|question| question.takes_account());
        let long = typed().find(|question| question.kind == Kind::Text);
        long.or_else(|| typed().next())
    }

    /// Parts the fields of a request. `is_picked` says of a name whether its values were picked.
    pub fn part(&self, fields: &[(String, String)], is_picked: impl Fn(&str) -> bool) -> Parted {
        let is_asked = |name: &str, value: &str| match self.question(name) {
            _ if value.is_empty() || is_taken(name) => true,
            None => !is_name(name),
            // An option that is gone is told of beside its question.
            Some(question) if question.is_choice() => {
                question.option(value).is_some() || is_picked(name)
            }
            Some(_) => !is_picked(name),
        };
        let (asked, left): (Vec<_>, Vec<_>) =
            (fields.iter()).partition(|(name, value)| is_asked(name, value));
        // In the order of the request, and never as many looks as there are pairs of fields: a stranger sends them.
        let mut names = Vec::new();
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &left {
            let of_name = values.entry(name).or_default();
            if of_name.is_empty() {
                names.push(name);
            }
            of_name.push(value);
        }
        let mut gone = Vec::new();
        for name in names {
            let values = values.remove(name.as_str()).unwrap_or_default();
            let value = if is_picked(name) {
                Value::Options(values.into_iter().map(str::to_owned).collect())
            } else {
                Value::Text(Zeroizing::new(values.join("\n")))
            };
            if !matches!(&value, Value::Text(text) if inert::is_blank(text)) {
                gone.push(Answer {
                    question: name.clone(),
                    value,
                });
            }
        }
        Parted {
            asked: Zeroizing::new(asked.into_iter().cloned().collect()),
            gone,
        }
    }
}

impl Parted {
    /// The words, each under its question. `label` gives the sentence of a question's name.
    pub fn words(&self, label: impl Fn(&str) -> String) -> Zeroizing<String> {
        let mut words = Zeroizing::new(String::new());
        for answer in &self.gone {
            if let Value::Text(text) = &answer.value {
                if !words.is_empty() {
                    words.push_str("\n\n");
                }
                words.push_str(&plain(&label(&answer.question)));
                words.push('\n');
                words.push_str(text);
            }
        }
        words
    }

    /// What was picked: the question and the option, by name.
    pub fn picks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.gone.iter().flat_map(|answer| {
            let picked = match &answer.value {
                Value::Options(picked) => picked.as_slice(),
                Value::Text(_) => &[],
            };
            picked
                .iter()
                .map(|option| (answer.question.as_str(), option.as_str()))
        })
    }

    /// Puts words under what the field of that name holds.
    pub fn add(&mut self, field: &str, words: &str) {
        let mut fields = self.asked.iter_mut();
        match fields.rfind(|(name, _)| name == field) {
            Some((_, text)) => {
                // Room for all of it at once: a text that grows leaves copies behind.
                let mut whole = String::with_capacity(text.len() + words.len() + 2);
                if !inert::is_blank(text) {
                    whole.push_str(text);
                    whole.push_str("\n\n");
                }
                whole.push_str(words);
                drop(Zeroizing::new(std::mem::replace(text, whole)));
            }
            None => self.asked.push((field.to_owned(), words.to_owned())),
        }
    }
}
