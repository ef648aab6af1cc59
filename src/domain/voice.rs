//! Questions read aloud: recordings of an operator's own, by language and question.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Bytes of one recording: a minute and a half of speech, on a line that carries little.
pub const LARGEST: usize = 400 << 10;
/// Bytes of all of them: they are kept in memory.
pub const LARGEST_ALL: usize = 32 << 20;

/// How a recording is written down: what its name ends with, and its media type.
const KINDS: [(&str, &str); 3] = [
    ("m4a", "audio/mp4"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
];

/// One recording.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// The name of its file.
    pub name: String,
    /// Its media type.
    pub mime: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Recording {
    /// The question that a file of that name reads, if it is one.
    pub fn question(name: &str) -> Option<&str> {
        let (question, end) = name.split_once('.')?;
        KINDS
            .iter()
            .any(|(kind, _)| *kind == end)
            .then_some(question)
    }

    /// Of a file; nothing if it holds something else than its name says.
    pub fn of(name: String, bytes: Vec<u8>) -> Option<Self> {
        let (_, end) = name.split_once('.')?;
        let found = match bytes.as_slice() {
            [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => "mp3",
            [b'O', b'g', b'g', b'S', ..] => "ogg",
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => "m4a",
            _ => return None,
        };
        let (_, mime) = KINDS.into_iter().find(|(kind, _)| *kind == end)?;
        (found == end).then_some(Self { name, mime, bytes })
    }
}

/// All of them. Clones share one memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Voice(Arc<BTreeMap<(String, String), Recording>>);

impl Voice {
    /// By code of the language and name of the question.
    pub fn new(all: BTreeMap<(String, String), Recording>) -> Self {
        Self(Arc::new(all))
    }

    /// Whether there is any in a language.
    pub fn speaks(&self, language: &str) -> bool {
        self.0.keys().any(|(spoken, _)| spoken == language)
    }

    /// That of a question.
    pub fn reads(&self, language: &str, question: &str) -> Option<&Recording> {
        self.0.get(&(language.to_owned(), question.to_owned()))
    }

    /// Languages and questions that are read.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.0.keys();
        names.map(|(language, question)| (language.as_str(), question.as_str()))
    }
}
