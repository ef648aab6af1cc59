//! A browser's profile folder, where the next person who holds the phone, or a tool, finds what the browser keeps to open its tabs
//! again: looked through for words, in every shape that a browser may have given them.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use tempfile::TempDir;

/// A profile folder that outlives the browsers that use it.
pub struct Phone {
    folder: TempDir,
}

impl Phone {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// That the browser has written down where it was, and nothing of these words.
    pub fn assert_without(&self, address: &str, secrets: &[&str], step: &str) {
        let kept: Vec<Kept> = files(self.path()).into_iter().map(Kept::of).collect();
        assert!(
            kept.iter()
                .any(|file| is_session(&file.path) && file.holds(address)),
            "{step}: {address} is not in what the browser kept, so that nothing is shown by looking there"
        );
        for secret in secrets {
            let holding = kept.iter().filter(|file| file.holds(secret));
            let places: Vec<&Path> = holding.map(|file| file.path.as_path()).collect();
            assert!(places.is_empty(), "{step}: {secret} is in {places:?}");
        }
    }

    /// Whether these words stand where the browser keeps its tabs.
    pub fn keeps(&self, words: &str) -> bool {
        let mut sessions = paths(self.path());
        sessions.retain(|path| is_session(path));
        let mut kept = sessions.into_iter().filter_map(read).map(Kept::of);
        kept.any(|file| file.holds(words))
    }
}

/// A file, and what is packed into it.
struct Kept {
    path: PathBuf,
    texts: Vec<Vec<u8>>,
}

impl Kept {
    fn of((path, bytes): (PathBuf, Vec<u8>)) -> Self {
        let mut texts = unpacked(&bytes);
        texts.push(bytes);
        Self { path, texts }
    }

    fn holds(&self, word: &str) -> bool {
        let shapes = shapes(word);
        let mut texts = self.texts.iter();
        texts.any(|text| shapes.iter().any(|shape| contains(text, shape)))
    }
}

/// Chromium has a folder for its tabs, Firefox one and a file beside it.
fn is_session(path: &Path) -> bool {
    let is_in = |name| path.parent().is_some_and(|folder| folder.ends_with(name));
    is_in("Sessions") || is_in("sessionstore-backups") || path.ends_with("sessionstore.jsonlz4")
}

/// The words as a browser may have written them: UTF-8, UTF-16, base64 at any place of a group of three, percent-encoded.
fn shapes(word: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut shapes = vec![word.as_bytes().to_vec(), utf16.clone()];
    for text in [word.as_bytes(), &utf16] {
        for skipped in 0..3_usize {
            let before = vec![0; skipped];
            let encoded = BASE64.encode(&[&before, text].concat());
            // What lies at either edge depends on what is beside it.
            let (start, end) = (if skipped == 0 { 0 } else { 4 }, encoded.len() - 4);
            shapes.push(encoded.as_bytes()[start..end].to_vec());
        }
    }
    let form: String = form_urlencoded(word);
    for text in [form.replace('+', "%20"), form] {
        shapes.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        shapes.push(text.into_bytes());
    }
    shapes
}

fn form_urlencoded(word: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    word.bytes().map(byte).collect()
}

/// Everything in it that is a gzip or zlib stream, and the whole of it if it is one of Firefox's LZ4 files. Snappy leaves words that
/// stand once as they are.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let gzip = memchr::memmem::find_iter(bytes, b"\x1f\x8b")
        .filter_map(|at| inflated(flate2::read::GzDecoder::new(&bytes[at..])));
    let zlib = memchr::memchr_iter(0x78, bytes)
        .filter(|at| matches!(bytes.get(at + 1), Some(0x01 | 0x5e | 0x9c | 0xda)))
        .filter_map(|at| inflated(flate2::read::ZlibDecoder::new(&bytes[at..])));
    gzip.chain(zlib).chain(mozilla_lz4(bytes)).collect()
}

fn inflated(mut stream: impl std::io::Read) -> Option<Vec<u8>> {
    let mut inner = Vec::new();
    drop(stream.by_ref().take(1 << 20).read_to_end(&mut inner));
    (!inner.is_empty()).then_some(inner)
}

/// Eight letters, the length, one block of LZ4.
fn mozilla_lz4(bytes: &[u8]) -> Option<Vec<u8>> {
    let block = bytes.strip_prefix(b"mozLz40\0")?.get(4..)?;
    let mut plain = Vec::new();
    // A file that is being written ends in the middle.
    unpack_block(block, &mut plain);
    Some(plain)
}

/// Literals, then a stretch of what came before, again and again: <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>.
fn unpack_block(mut block: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    fn length(block: &mut &[u8], short: u8) -> Option<usize> {
        let mut length = usize::from(short);
        let mut more = short == 15;
        while more {
            let byte = *block.split_off_first()?;
            length += usize::from(byte);
            more = byte == 255;
        }
        Some(length)
    }
    loop {
        let token = *block.split_off_first()?;
        let literals = length(&mut block, token >> 4)?;
        plain.extend(block.split_off(..literals)?);
        let [low, high] = block.split_off(..2)? else {
            return None;
        };
        let back = usize::from(u16::from_le_bytes([*low, *high]));
        for _ in 0..length(&mut block, token & 15)? + 4 {
            plain.push(*plain.get(plain.len().checked_sub(back)?)?);
        }
    }
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    paths(folder).into_iter().filter_map(read).collect()
}

/// None if it has gone meanwhile.
fn read(path: PathBuf) -> Option<(PathBuf, Vec<u8>)> {
    let bytes = fs::read(&path).ok()?;
    Some((path, bytes))
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            all.extend(paths(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[test]
fn a_file_of_firefoxs_is_unpacked() {
    let words = b"quandrip quandrip quandrip noted, and quandrip noted again";
    // Nine letters and 18 from 9 back, eleven and 14 from 20 back, six.
    let file = b"mozLz40\0\x3a\0\0\0\x9equandrip \x09\0\xbanoted, and \x14\0\x60 again".to_vec();
    let plain = mozilla_lz4(&file).expect("a file of Firefox's");
    assert_eq!(
        String::from_utf8_lossy(&plain),
        String::from_utf8_lossy(words)
    );
    assert!(Kept::of((PathBuf::new(), file)).holds("quandrip noted again"));
}
