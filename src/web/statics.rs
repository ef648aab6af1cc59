//! Files that are the same for everybody, compiled in. The address carries a digest of the content.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::WebError;
use super::marks::{self, Compressible};

/// Marks a response that may be cached for ever.
#[derive(Debug, Clone, Copy)]
pub struct Immutable;

struct File {
    name: &'static str,
    mime: &'static str,
    bytes: &'static [u8],
    version: &'static str,
}

macro_rules! files {
    ($($name:literal as $mime:literal),+ $(,)?) => {
        const FILES: &[File] = &[$(File {
            name: $name,
            mime: $mime,
            bytes: include_bytes!(concat!("static/", $name)),
            version: {
                const DIGITS: [u8; 16] = hex(fnv(include_bytes!(concat!("static/", $name))));
                match std::str::from_utf8(&DIGITS) {
                    Ok(text) => text,
                    Err(_) => "0",
                }
            },
        }),+];
    };
}

files! {
    "style.css" as "text/css; charset=utf-8",
    "staff.css" as "text/css; charset=utf-8",
    "inert.css" as "text/css; charset=utf-8",
    "leave.js" as "text/javascript; charset=utf-8",
    "desk.js" as "text/javascript; charset=utf-8",
    "icon.png" as "image/png",
    "shelter.svg" as "image/svg+xml",
    "kinds.svg" as "image/svg+xml",
    "khmer-2.woff2" as "font/woff2",
}

const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// The address of a file, with its version.
pub fn address(name: &str) -> String {
    let version = find(name).map_or("0", |file| file.version);
    format!("/static/{name}?v={version}")
}

/// `GET /static/{name}`
pub async fn file(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let file = find(&name).ok_or(WebError::NotFound)?;
    // The stylesheet names the font without a version; a new font gets a new name.
    let current = file.mime == "font/woff2"
        || request.query_string().strip_prefix("v=") == Some(file.version);
    Ok(serve(file, current))
}

/// `GET /favicon.ico`: browsers ask for it by themselves.
pub async fn icon() -> Result<HttpResponse, WebError> {
    find("icon.png")
        .map(|file| serve(file, false))
        .ok_or(WebError::NotFound)
}

/// A file of the organisation's own, at an address that carries a digest of it.
pub fn own(mime: &'static str, bytes: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, mime))
        .body(bytes);
    marks::mark_final(&mut response);
    response.extensions_mut().insert(Immutable);
    response
}

/// A small picture that is not kept.
pub fn picture() -> HttpResponse {
    find("icon.png").map_or_else(
        || HttpResponse::NotFound().finish(),
        |file| serve(file, false),
    )
}

/// `GET /robots.txt`
pub async fn robots() -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(ROBOTS);
    marks::mark_final(&mut response);
    response
}

fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

/// A request for an older version gets today's file, but must not keep it under the old name.
fn serve(file: &'static File, keep: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.mime))
        .body(file.bytes);
    marks::mark_final(&mut response);
    if file.mime.starts_with("text/") || file.mime.ends_with("+xml") {
        marks::mark_compressible(&mut response, Compressible::default());
    }
    if keep {
        response.extensions_mut().insert(Immutable);
    }
    response
}

/// Tells versions of a file apart.
pub fn version(bytes: &[u8]) -> String {
    hex(fnv(bytes)).iter().copied().map(char::from).collect()
}

/// FNV-1a: tells versions of our own files apart, no more.
const fn fnv(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        // A cast is the only conversion a constant can do.
        #[expect(
            clippy::as_conversions,
            reason = "u8 to u64 is lossless, and From is not const"
        )]
        {
            hash ^= *first as u64;
        }
        hash = hash.wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}

const fn hex(mut value: u64) -> [u8; 16] {
    let mut digits = [b'0'; 16];
    let mut rest: &mut [u8] = &mut digits;
    while let [head @ .., last] = rest {
        *last = match value & 15 {
            0 => b'0',
            1 => b'1',
            2 => b'2',
            3 => b'3',
            4 => b'4',
            5 => b'5',
            6 => b'6',
            7 => b'7',
            8 => b'8',
            9 => b'9',
            10 => b'a',
            11 => b'b',
            12 => b'c',
            13 => b'd',
            14 => b'e',
            _ => b'f',
        };
        value >>= 4;
        rest = head;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_a_digest_and_the_script_stays_small() {
        let versions: std::collections::BTreeSet<_> =
            FILES.iter().map(|file| file.version).collect();
        assert_eq!(versions.len(), FILES.len());
        assert!(address("style.css").starts_with("/static/style.css?v="));
        assert!(find("leave.js").unwrap().bytes.len() < 3 << 10);
    }
}
