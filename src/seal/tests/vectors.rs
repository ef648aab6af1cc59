//! Every format against the files in `tests/vectors`, which say what a reader makes of them: a layout that changes, or a reader that
//! forgives more than before, fails here. `tests/vectors/README.md` says how they are made.
#![expect(
    clippy::string_slice,
    reason = "where these texts are cut, they are ASCII"
)]

mod activity;
mod bodies;
mod file;
mod ledger;
mod log;
mod paper;
mod plaintexts;
mod secrets;
mod server;
mod signed;
mod state;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use file::{Given, Vector};

/// What people type, copy or edit is read in more than one spelling, and JSON has more than one.
const FORGIVING: [&str; 6] = [
    "answers",
    "summary",
    "receipt-code",
    "recovery-code",
    "invitation",
    "credentials",
];
/// Changed vectors that each good one is tried as.
const MOST_CHANGES: usize = 600;

/// What a reader found.
pub struct Read {
    /// A line for each part.
    says: Vec<String>,
    /// What a writer makes of that. None where a writer takes something random.
    again: Option<Vec<u8>>,
}

/// A format, as it is read and written.
#[derive(Clone, Copy)]
struct Format {
    name: &'static str,
    /// Text stands in its file as it is, anything else in hexadecimal.
    is_text: bool,
    /// A writer makes the same bytes each time.
    is_fixed: bool,
    read: fn(&Given, &[u8]) -> Result<Read, String>,
    made: fn() -> Vec<Made>,
}

impl Format {
    /// Of bytes, the same each time.
    fn bytes(
        name: &'static str,
        read: fn(&Given, &[u8]) -> Result<Read, String>,
        made: fn() -> Vec<Made>,
    ) -> Self {
        Self {
            name,
            is_text: false,
            is_fixed: true,
            read,
            made,
        }
    }

    /// The same of text.
    fn text(
        name: &'static str,
        read: fn(&Given, &[u8]) -> Result<Read, String>,
        made: fn() -> Vec<Made>,
    ) -> Self {
        Self {
            is_text: true,
            ..Self::bytes(name, read, made)
        }
    }

    /// Chance has a part in what is written.
    fn by_chance(self) -> Self {
        Self {
            is_fixed: false,
            ..self
        }
    }
}

/// A vector before it is read.
struct Made {
    name: &'static str,
    given: Given,
    bytes: Vec<u8>,
    /// Why it is refused; nothing for a good one.
    refused: Option<&'static str>,
}

impl Made {
    fn good(name: &'static str, given: &Given, bytes: impl Into<Vec<u8>>) -> Self {
        assert!(name.starts_with("good"));
        Self {
            name,
            given: given.clone(),
            bytes: bytes.into(),
            refused: None,
        }
    }

    fn bad(
        name: &'static str,
        given: &Given,
        bytes: impl Into<Vec<u8>>,
        refused: &'static str,
    ) -> Self {
        assert!(!name.starts_with("good"));
        Self {
            name,
            given: given.clone(),
            bytes: bytes.into(),
            refused: Some(refused),
        }
    }

    fn read(self, format: &Format) -> Vector {
        let gives = (format.read)(&self.given, &self.bytes).map(|read| read.says);
        let refused = self.refused.map(str::to_owned);
        assert_eq!(gives.as_ref().err(), refused.as_ref(), "{}", self.name);
        Vector {
            gives,
            given: self.given,
            bytes: self.bytes,
        }
    }
}

fn formats() -> Vec<Format> {
    [
        plaintexts::formats(),
        bodies::formats(),
        ledger::formats(),
        signed::formats(),
        paper::formats(),
        log::formats(),
        secrets::formats(),
        server::formats(),
        state::formats(),
        activity::formats(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The bytes of every vector of a format.
pub(super) fn all(format: &str) -> Vec<(String, Vec<u8>)> {
    let format = formats().into_iter().find(|one| one.name == format);
    let format = format.unwrap();
    let folder = folder().join(format.name);
    let read = |name: String| {
        let file = fs::read(folder.join(&name)).unwrap();
        (name, Vector::of_file(&file, format.is_text).bytes)
    };
    names(&folder).into_iter().map(read).collect()
}

/// A good vector as it stands in its file, to be changed.
struct Good {
    format: Format,
    is_forgiving: bool,
    vector: Vector,
}

fn all_good() -> Vec<Good> {
    let mut good = Vec::new();
    for format in formats() {
        let folder = folder().join(format.name);
        for name in names(&folder) {
            if name.starts_with("good") {
                let file = fs::read(folder.join(&name)).unwrap();
                good.push(Good {
                    format,
                    is_forgiving: name != "good" || FORGIVING.contains(&format.name),
                    vector: Vector::of_file(&file, format.is_text),
                });
            }
        }
    }
    good
}

#[test]
fn every_vector_is_read_as_it_says_and_written_as_it_stands() {
    for format in formats() {
        let folder = folder().join(format.name);
        let made = (format.made)();
        let expected: BTreeSet<String> = made.iter().map(|made| made.name.to_owned()).collect();
        assert_eq!(names(&folder), expected, "{}", format.name);
        for made in made {
            let name = format!("{}/{}", format.name, made.name);
            let file = fs::read(folder.join(made.name)).unwrap();
            let vector = Vector::of_file(&file, format.is_text);
            assert_eq!(vector.gives.is_ok(), made.refused.is_none(), "{name}");
            let read = (format.read)(&vector.given, &vector.bytes);
            let again = read.as_ref().ok().and_then(|read| read.again.clone());
            assert_eq!(read.map(|read| read.says), vector.gives, "{name}");
            if made.name == "good" && format.is_fixed {
                assert_eq!(again.as_ref(), Some(&vector.bytes), "{name} written again");
            }
            if format.is_fixed {
                let made = made.read(&format).to_file(format.is_text);
                assert_eq!(
                    String::from_utf8_lossy(&file),
                    String::from_utf8_lossy(&made),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn every_format_has_a_folder_a_good_vector_and_a_place_in_the_document() {
    let formats: BTreeSet<String> = formats().iter().map(|f| f.name.to_owned()).collect();
    let mut folders = names(&folder());
    assert!(folders.remove("README.md") && folders.remove(".gitattributes"));
    assert_eq!(folders, formats);
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let document = fs::read_to_string(document).unwrap();
    let described: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("### ")?.rsplit_once(" · `"))
        .map(|(_, name)| name.trim_end_matches('`').to_owned())
        .collect();
    assert_eq!(described, formats);
    for format in &formats {
        assert!(folder().join(format).join("good").is_file(), "{format}");
    }
}

impl Good {
    /// Changed bytes are refused, say the same, or are what a writer makes of what they say. Where there is more than one spelling, what
    /// a writer makes of it must at least say the same.
    fn check(&self, changed: &[u8]) {
        let read = |bytes: &[u8]| (self.format.read)(&self.vector.given, bytes);
        let Ok(found) = read(changed) else {
            return;
        };
        let says_the_same = self.vector.gives.as_ref().ok() == Some(&found.says);
        let is_canonical = found.again.as_deref().is_some_and(|again| {
            let reads_the_same = || read(again).is_ok_and(|read| read.says == found.says);
            again == changed || self.is_forgiving && reads_the_same()
        });
        assert!(
            says_the_same || is_canonical,
            "{}: {}",
            self.format.name,
            String::from_utf8_lossy(changed)
        );
    }
}

/// A flipped bit and an end at every place, as far as there are not too many, and a byte more.
fn each_change(bytes: &[u8], mut check: impl FnMut(&[u8])) {
    let step = bytes.len().div_ceil(MOST_CHANGES).max(1);
    for at in (0..bytes.len()).step_by(step) {
        check(&changed(bytes, |bytes| bytes[at] ^= 1 << (at % 7)));
        check(&bytes[..at]);
    }
    for byte in [0, b' ', b'=', b'0', 0xff] {
        check(&changed(bytes, |bytes| bytes.push(byte)));
    }
}

/// The good vectors of a format, and each changed as above.
pub(super) fn with_changes(format: &str, mut check: impl FnMut(&[u8])) {
    for good in all_good().iter().filter(|good| good.format.name == format) {
        check(&good.vector.bytes);
        each_change(&good.vector.bytes, &mut check);
    }
}

#[test]
fn whatever_is_changed_cut_or_added_is_refused_or_is_written_the_same() {
    for good in all_good() {
        each_change(&good.vector.bytes, |bytes| good.check(bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_put_into_a_vector_is_refused_or_is_written_the_same(
        at in any::<prop::sample::Index>(), gone in 0_usize..40, new in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        for good in all_good() {
            let mut changed = good.vector.bytes.clone();
            let from = at.index(changed.len() + 1);
            let to = (from + gone).min(changed.len());
            changed.splice(from..to, new.iter().copied());
            good.check(&changed);
        }
    }
}

#[test]
#[ignore = "writes tests/vectors anew: cargo test --lib vectors -- --ignored"]
fn write_the_vectors() {
    for format in formats() {
        let folder = folder().join(format.name);
        fs::create_dir_all(&folder).unwrap();
        let made = (format.made)();
        for stale in names(&folder) {
            if made.iter().all(|made| made.name != stale) {
                fs::remove_file(folder.join(stale)).unwrap();
            }
        }
        for made in made {
            let path = folder.join(made.name);
            // What is sealed with something random would be another file each time.
            let is_there = fs::read(&path).is_ok_and(|file| {
                let old = Vector::of_file(&file, format.is_text);
                let read = (format.read)(&old.given, &old.bytes).map(|read| read.says);
                read == old.gives && read.err().as_deref() == made.refused
            });
            if format.is_fixed || !is_there {
                fs::write(path, made.read(&format).to_file(format.is_text)).unwrap();
            }
        }
    }
}

/// The refusal by its name.
fn refused<T>(error: impl std::fmt::Debug) -> Result<T, String> {
    Err(format!("{error:?}"))
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    change(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
