//! What is wrong with a Fluent file of an operator's own, and where.

use fluent_bundle::FluentResource;

use super::OwnFile;

/// Something wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentenceFault {
    /// In which line.
    pub line: usize,
    /// What.
    pub problem: String,
}

impl OwnFile {
    /// Everything that cannot be read.
    pub fn faults(&self) -> Vec<SentenceFault> {
        let Err((_, errors)) = FluentResource::try_new(self.text.clone()) else {
            return Vec::new();
        };
        let faults = errors.iter().map(|error| SentenceFault {
            line: line_of(&self.text, error.pos.start),
            problem: error.kind.to_string(),
        });
        faults.collect()
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
}

fn line_of(text: &str, place: usize) -> usize {
    let before = text.bytes().take(place);
    before
        .filter(|byte| *byte == b'\n')
        .count()
        .saturating_add(1)
}
