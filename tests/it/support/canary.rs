//! Marks what goes in, and looks for it in everything that is left behind, however it may have been written.

use std::path::{Path, PathBuf};

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

/// The beginnings of all markers: letters, Khmer, and characters that look like anything but text.
const STEMS: [&str; 3] = [
    "QzKanari7xW",
    "ក្មេងកាណារីសម្គាល់",
    "\u{E123}\u{10FFFD}ÿþ\u{A0}\u{F0F0}ß\u{E321}",
];

/// Text for one input, with all three markers in it.
pub fn marked(input: &str) -> String {
    STEMS.map(|stem| format!("{stem}-{input}")).join(" ")
}

/// A marker for places where only ASCII can be.
pub fn plain(input: &str) -> String {
    format!("{}-{input}", STEMS[0])
}

/// A needle and what it is.
struct Needle {
    what: String,
    text: String,
}

/// What to look for.
pub struct Search(Vec<Needle>);

impl Search {
    /// For the markers.
    pub fn new() -> Self {
        let mut search = Self(Vec::new());
        for stem in STEMS {
            search.also(stem);
        }
        search
    }

    /// For this alone.
    pub fn of(secret: &str) -> Self {
        let mut search = Self(Vec::new());
        search.also(secret);
        search
    }

    /// And for this, in every way it could have been written.
    pub fn also(&mut self, secret: &str) -> &mut Self {
        let bytes = secret.as_bytes();
        self.needle(secret, "as it is", bytes);
        for (name, code) in [("hexadecimal", HEXLOWER), ("HEXADECIMAL", HEXUPPER)] {
            self.needle(secret, name, code.encode(bytes).as_bytes());
        }
        for (name, code) in [("base64", BASE64), ("base64url", BASE64URL)] {
            for shift in 0..3 {
                // Without the characters that depend on what stands before and after.
                let shifted = [&[b' '; 2][..shift], bytes].concat();
                let encoded = code.encode(&shifted);
                let whole = shifted.len() / 3 * 4;
                let from = if shift == 0 { 0 } else { 4 };
                self.needle(secret, name, &encoded.as_bytes()[from..whole]);
            }
        }
        let units: Vec<u16> = secret.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        self.needle(secret, "UTF-16LE", &little);
        self.needle(secret, "UTF-16BE", &big);
        let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        self.needle(secret, "percent", percent.as_bytes());
        let escaped: String = secret.escape_unicode().to_string();
        self.needle(secret, "escaped", escaped.as_bytes());
        let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        self.needle(secret, "escaped for JSON", json.as_bytes());
        self
    }

    fn needle(&mut self, secret: &str, how: &str, bytes: &[u8]) {
        self.0.push(Needle {
            what: format!("{secret:?} ({how})"),
            text: latin(bytes),
        });
    }

    /// What of it is in those bytes.
    pub fn hits(&self, bytes: &[u8]) -> Vec<String> {
        let text = latin(bytes);
        self.0
            .iter()
            .filter_map(|needle| {
                let place = text.find(&needle.text)?;
                Some(format!("{} at {place}", needle.what))
            })
            .collect()
    }

    /// Looks through every file of a folder. Gives the number of files and what was found.
    pub fn folder(&self, folder: &Path) -> (usize, Vec<String>) {
        let mut found = Vec::new();
        let files = files(folder);
        for file in &files {
            let name = file.to_string_lossy().into_owned();
            found.extend(
                self.hits(name.as_bytes())
                    .iter()
                    .map(|hit| format!("the name {name}: {hit}")),
            );
            let bytes = std::fs::read(file).expect("readable");
            found.extend(self.hits(&bytes).iter().map(|hit| format!("{name}: {hit}")));
        }
        (files.len(), found)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all
}

/// Bytes as text in which each stands for itself, because text is searched quickly.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

mod tests {
    use super::{STEMS, Search, marked};
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

    #[test]
    fn a_marker_is_found_however_it_was_written() {
        let search = Search::new();
        assert!(search.hits(b"nothing of the kind").is_empty());
        for stem in STEMS {
            let text = format!("{stem}-somewhere");
            let mut written = vec![
                text.clone().into_bytes(),
                HEXLOWER.encode(text.as_bytes()).into_bytes(),
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                text.escape_unicode().to_string().into_bytes(),
            ];
            for before in ["", "x", "xy", "xyz"] {
                written.push(
                    BASE64
                        .encode(format!("{before}{text}").as_bytes())
                        .into_bytes(),
                );
                written.push(
                    BASE64URL_NOPAD
                        .encode(format!("{before}{text}").as_bytes())
                        .into_bytes(),
                );
            }
            for (number, bytes) in written.iter().enumerate() {
                assert!(!search.hits(bytes).is_empty(), "{stem} in way {number}");
            }
        }
        assert_eq!(search.hits(marked("x").as_bytes()).len(), STEMS.len());
    }
}
