//! Names and values as browsers write them into a form or a query (`application/x-www-form-urlencoded`, WHATWG URL 5.1).

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// Text, and whether all of it was text.
pub type Decoded = (String, bool);

/// Names and values in the order in which they stand.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (Decoded, Decoded)> {
    let pairs = text.split(|byte| *byte == b'&');
    pairs.filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || decode(halves.next().unwrap_or_default());
        (half(), half())
    })
}

/// An unpaired surrogate or a cut-off character becomes a mark that one was there.
fn decode(bytes: &[u8]) -> (String, bool) {
    let spaced: Zeroizing<Vec<u8>> = Zeroizing::new(
        bytes
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect(),
    );
    let raw: Zeroizing<Vec<u8>> = Zeroizing::new(percent_decode(&spaced).collect());
    match std::str::from_utf8(&raw) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (String::from_utf8_lossy(&raw).into_owned(), false),
    }
}
