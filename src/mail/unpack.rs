//! The words in a mailbox file, whichever way each mail was packed: base64, quoted-printable or as it is.
//!
//! Knows no more of mail than that: what is looked for has its own first and last line. Takes any bytes.

use data_encoding::BASE64;

/// How the lines that follow are packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Base64,
    QuotedPrintable,
}

/// Everything that is said in a mailbox file (`mbox`, or mails one after the other), headers included.
pub fn unpack(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut packing = Packing::Plain;
    let (mut said, mut packed) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(named) = packing_named(line) {
            packing = named;
        } else if line.starts_with("From ") {
            packing = Packing::Plain;
        }
        let is_base64 = packing == Packing::Base64 && is_base64(line);
        if !is_base64 && !packed.is_empty() {
            open_base64(&mut said, &mut packed);
        }
        match packing {
            Packing::Base64 if is_base64 => packed.extend_from_slice(line.as_bytes()),
            Packing::QuotedPrintable => open_quoted(&mut said, line),
            Packing::Plain | Packing::Base64 => {
                said.extend_from_slice(line.as_bytes());
                said.push(b'\n');
            }
        }
    }
    open_base64(&mut said, &mut packed);
    String::from_utf8_lossy(&said).into_owned()
}

fn packing_named(line: &str) -> Option<Packing> {
    let (name, value) = line.split_once(':')?;
    if !name.eq_ignore_ascii_case("content-transfer-encoding") {
        return None;
    }
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "base64" => Packing::Base64,
        "quoted-printable" => Packing::QuotedPrintable,
        _ => Packing::Plain,
    })
}

fn is_base64(line: &str) -> bool {
    let bare = line.trim_end_matches('=');
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !line.is_empty() && line.len() - bare.len() <= 2 && bare.bytes().all(known)
}

/// What cannot be opened is left out: what is looked for is then not found, or not whole.
fn open_base64(said: &mut Vec<u8>, packed: &mut Vec<u8>) {
    if let Ok(opened) = BASE64.decode(packed) {
        said.extend_from_slice(&opened);
    }
    said.push(b'\n');
    packed.clear();
}

fn open_quoted(said: &mut Vec<u8>, line: &str) {
    let line = line.trim_end();
    let (line, goes_on) = match line.strip_suffix('=') {
        Some(line) => (line, true),
        None => (line, false),
    };
    let mut rest = line.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.split_first_chunk::<2>().filter(|_| *first == b'=');
        if let Some((byte, after)) = code.and_then(|(code, after)| Some((hex(*code)?, after))) {
            said.push(byte);
            rest = after;
        } else {
            said.push(*first);
            rest = after;
        }
    }
    if !goes_on {
        said.push(b'\n');
    }
}

fn hex(code: [u8; 2]) -> Option<u8> {
    let text = std::str::from_utf8(&code).ok()?;
    if !code.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests;
