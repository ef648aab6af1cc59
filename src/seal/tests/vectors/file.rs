//! A vector as a file: what its reader makes of it, what it is read with, a blank line, the bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data_encoding::HEXLOWER;

/// Bytes of a line in hexadecimal.
const LINE: usize = 32;
/// A line that stands there more often than this is written once.
const OFTEN: usize = 3;

/// What bytes are read with: keys, ids, names. Each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given(BTreeMap<String, String>);

impl Given {
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.0.insert(key.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub fn hex(self, key: &str, value: &[u8]) -> Self {
        self.with(key, HEXLOWER.encode(value))
    }

    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).unwrap_or_else(|| panic!("no `{key}`"))
    }

    pub fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(&self, key: &str) -> T {
        self.text(key).parse().unwrap()
    }

    pub fn bytes<const N: usize>(&self, key: &str) -> [u8; N] {
        let bytes = HEXLOWER.decode(self.text(key).as_bytes()).unwrap();
        bytes.try_into().unwrap()
    }
}

/// What a vector's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector {
    /// What is in it, a line each; or why it is refused.
    pub gives: Result<Vec<String>, String>,
    pub given: Given,
    pub bytes: Vec<u8>,
}

impl Vector {
    pub fn to_file(&self, is_text: bool) -> Vec<u8> {
        let mut file = String::new();
        match &self.gives {
            Ok(lines) => lines
                .iter()
                .for_each(|line| writeln!(file, "gives: {line}").unwrap()),
            Err(refusal) => writeln!(file, "refused: {refusal}").unwrap(),
        }
        for (key, value) in &self.given.0 {
            writeln!(file, "{key}: {value}").unwrap();
        }
        file.push('\n');
        let body = if is_text {
            String::from_utf8(self.bytes.clone()).unwrap()
        } else {
            let lines = self.bytes.chunks(LINE);
            lines.map(|line| HEXLOWER.encode(line) + "\n").collect()
        };
        file.push_str(&folded(&body));
        file.into_bytes()
    }

    pub fn of_file(file: &[u8], is_text: bool) -> Self {
        let file = std::str::from_utf8(file).unwrap();
        let (head, body) = file.split_once("\n\n").unwrap();
        let (mut given, mut gives, mut refused) = (Given::default(), Vec::new(), None);
        for line in head.lines() {
            let (key, value) = line.split_once(": ").unwrap();
            match key {
                "gives" => gives.push(value.to_owned()),
                "refused" => refused = Some(value.to_owned()),
                key => given = given.with(key, value),
            }
        }
        let body = unfolded(body);
        Self {
            gives: refused.map_or(Ok(gives), Err),
            given,
            bytes: if is_text {
                body.into_bytes()
            } else {
                let lines = body.lines();
                let lines = lines.map(|line| HEXLOWER.decode(line.as_bytes()).unwrap());
                lines.flatten().collect()
            },
        }
    }
}

/// `12 * line` for twelve of the same.
fn folded(body: &str) -> String {
    let lines: Vec<&str> = body.split_inclusive('\n').collect();
    let runs = lines.chunk_by(|one, other| one == other);
    runs.map(|run| {
        if run.len() > OFTEN {
            format!("{} * {}", run.len(), run[0])
        } else {
            run.concat()
        }
    })
    .collect()
}

fn unfolded(body: &str) -> String {
    let line = |line: &str| match line.split_once(" * ") {
        Some((count, line)) => line.repeat(count.parse().unwrap()),
        None => line.to_owned(),
    };
    body.split_inclusive('\n').map(line).collect()
}
