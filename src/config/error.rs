//! What is wrong with a configuration, said so that the operator finds the line.

use std::fmt;

use crate::domain::document::{Fault, Place, Problem};

/// One wrong key or value. The message never repeats the value: a secret may have been pasted under the wrong key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The full name of the key, such as `mail.from` or `hotline.numbers[0].number`; empty if the file as a whole is at fault.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// What is wrong and what would be right.
    pub message: String,
}

impl ConfigError {
    /// What a report is sorted by: first what stands in the file, then what it lacks, then the environment.
    pub(super) const fn rank(&self) -> (u8, Option<usize>) {
        match self.place {
            Place::Line { line, .. } => (0, Some(line)),
            Place::File(_) => (1, None),
            Place::Variable(_) => (2, None),
        }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        let message = match problem.fault {
            Fault::Syntax(message) => format!("not TOML: {message}"),
            Fault::Missing => "missing, and it has no default".to_owned(),
            Fault::Unknown(known) => unknown(&problem.key, &known),
            Fault::Wrong(message) => message,
        };
        Self {
            key: problem.key,
            place: problem.place,
            message,
        }
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let (what, name) = match key.rsplit_once('.') {
        Some((_, name)) => ("key", name),
        None => ("section", key),
    };
    match nearest(name, known) {
        Some(near) => format!("unknown {what}; did you mean \"{near}\"?"),
        None => format!("unknown {what}; known are {}", known.join(", ")),
    }
}

/// The known name within two slips of the pen of `typed` (one, for short names), if there is one.
fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let tolerance = if typed.chars().count() < 4 { 1 } else { 2 };
    let names = known
        .iter()
        .map(|name| (strsim::levenshtein(typed, name), *name));
    let near = names.filter(|(slips, _)| *slips <= tolerance).min();
    near.map(|(_, name)| name)
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "{}: {}", self.place, self.message);
        }
        write!(f, "{}: {}: {}", self.place, self.key, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_suggested() {
        let known = ["public", "staff", "port"];
        assert_eq!(nearest("publc", &known), Some("public"));
        assert_eq!(nearest("pubilc", &known), Some("public"));
        assert_eq!(nearest("prt", &known), Some("port"));
        assert_eq!(nearest("password", &known), None);
    }
}
