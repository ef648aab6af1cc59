//! What is wrong with a Fluent file of an operator's own, and where.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

use super::references::sentences;
use super::{Locale, OwnFile, files};

/// The variable of every sentence of a form: whom it is about.
const WHO: &str = "who";

/// Something wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentenceFault {
    /// In which line.
    pub line: usize,
    /// What.
    pub problem: String,
}

impl OwnFile {
    /// Everything that cannot be read or would not be said as it is written.
    pub fn faults(&self) -> Vec<SentenceFault> {
        match FluentResource::try_new(self.text.clone()) {
            Ok(file) => [self.twice(), self.unfilled(&file)].concat(),
            Err((_, errors)) => {
                let faults = errors.iter().map(|error| SentenceFault {
                    line: line_of(&self.text, error.pos.start),
                    problem: error.kind.to_string(),
                });
                faults.collect()
            }
        }
    }

    /// The messages that it has, with their lines.
    pub fn messages(&self) -> Vec<(usize, &str)> {
        let lines = (1..).zip(self.text.lines());
        let messages = lines.filter_map(|(number, line)| {
            let (id, _) = line.split_once('=')?;
            let is_message = line.starts_with(|first: char| first.is_ascii_alphabetic());
            is_message.then_some((number, id.trim_end()))
        });
        messages.collect()
    }

    /// Messages of which only the last is said.
    fn twice(&self) -> Vec<SentenceFault> {
        let mut seen = BTreeMap::new();
        let twice = self.messages().into_iter().filter_map(|(line, id)| {
            let before = seen.insert(id, line)?;
            let problem = format!("`{id}` stands in line {before} already");
            Some(SentenceFault { line, problem })
        });
        twice.collect()
    }

    /// Variables that nobody fills in, and messages that are named and nowhere to be found.
    fn unfilled(&self, file: &FluentResource) -> Vec<SentenceFault> {
        let filled = ours(Locale::fallback());
        let mut known: BTreeSet<String> = ours(self.locale).into_keys().collect();
        known.extend(sentences(file).map(|sentence| sentence.id));
        let mut faults = Vec::new();
        for sentence in sentences(file) {
            let variables = sentence.variables.iter().filter(|name| {
                let filled = filled.get(&sentence.id);
                **name != WHO && filled.is_none_or(|filled| !filled.contains(**name))
            });
            let variables = variables.map(|name| format!("nobody fills in `${name}`"));
            let others = sentence.messages.iter().filter(|id| !known.contains(*id));
            let others = others.map(|id| format!("there is no message `{id}`"));
            // A term is filled in by whoever names it.
            let is_term = sentence.id.starts_with('-');
            let problems = variables.filter(|_| !is_term).chain(others);
            faults.extend(problems.map(|problem| SentenceFault {
                line: self.line(&sentence.id),
                problem: format!("in `{}`: {problem}", sentence.id),
            }));
        }
        faults
    }

    fn line(&self, id: &str) -> usize {
        let is_it = |line: &str| {
            let named = line.split_once('=');
            named.is_some_and(|(name, _)| name.trim_end() == id)
        };
        let before = self.text.lines().take_while(|line| !is_it(line));
        before.count().saturating_add(1)
    }
}

/// The product's messages and terms in a language, with the variables of each.
fn ours(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (_, text) in files::of(locale) {
        let Ok(file) = FluentResource::try_new((*text).to_owned()) else {
            continue;
        };
        for sentence in sentences(&file) {
            let variables = sentence.variables.into_iter().map(str::to_owned);
            all.insert(sentence.id, variables.collect());
        }
    }
    all
}

fn line_of(text: &str, place: usize) -> usize {
    let before = text.bytes().take(place);
    before
        .filter(|byte| *byte == b'\n')
        .count()
        .saturating_add(1)
}
