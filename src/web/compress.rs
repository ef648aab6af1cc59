//! Compression of what is the same for everybody: made once and kept, as files and blank forms are asked for again and again.
//!
//! A blank form differs in its ticket alone. The ticket goes between two pieces that were compressed before, as it is: it takes no time,
//! and the length of a page says nothing about it.

use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, AcceptEncoding, Encoding, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::marks::Compressible;

/// How many pages and files are kept. There are fewer; the oldest goes if there should be more.
const KEPT: usize = 64;
/// Deflate, no name, no time, of an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

static PAGES: Pages = Pages(RwLock::new(Vec::new()));

/// Those that were made, the oldest first.
struct Pages(RwLock<Vec<Arc<Compressed>>>);

/// Compresses what is marked as [`Compressible`], if the browser takes it.
pub async fn compress<B>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let takes_gzip = takes_gzip(&request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let mark = response.response().extensions().get().cloned();
    let Some(marked): Option<Compressible> = mark else {
        return Ok(response);
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !takes_gzip {
        return Ok(response);
    }
    let mut is_compressed = false;
    let mut response = response.map_body(|_, body| match body.try_into_bytes() {
        Ok(bytes) => match PAGES.page(&bytes, marked.apart.as_deref().unwrap_or_default()) {
            Ok(compressed) => {
                is_compressed = true;
                BoxBody::new(compressed)
            }
            Err(error) => {
                tracing::warn!(event = "page-failing", %error, "a page is sent uncompressed");
                BoxBody::new(bytes)
            }
        },
        Err(body) => body,
    });
    if is_compressed {
        let gzip = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}

fn takes_gzip(request: &ServiceRequest) -> bool {
    let asked = request.get_header::<AcceptEncoding>();
    let offered = [Encoding::identity(), Encoding::gzip()];
    asked.and_then(|asked| asked.negotiate(offered.iter())) == Some(Encoding::gzip())
}

impl Pages {
    /// A text as gzip. `apart` is what may differ each time it is asked for.
    fn page(&self, text: &[u8], apart: &str) -> io::Result<Bytes> {
        let pieces = split(text, apart);
        if let Some(known) = self.known(&pieces) {
            return Ok(known.with(apart.as_bytes()));
        }
        let made = Arc::new(Compressed::new(&pieces)?);
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= KEPT {
            pages.remove(0);
        }
        pages.push(Arc::clone(&made));
        drop(pages);
        Ok(made.with(apart.as_bytes()))
    }

    fn known(&self, pieces: &[&[u8]]) -> Option<Arc<Compressed>> {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        pages.iter().find(|page| page.is(pieces)).cloned()
    }
}

/// What stands before, between and after each `apart`. A block that is not compressed holds 65,535 bytes at most.
fn split<'a>(text: &'a [u8], apart: &str) -> Vec<&'a [u8]> {
    match std::str::from_utf8(text) {
        Ok(text) if !apart.is_empty() && u16::try_from(apart.len()).is_ok() => {
            text.split(apart).map(str::as_bytes).collect()
        }
        _ => vec![text],
    }
}

/// A page without what differs.
struct Compressed {
    pieces: Vec<Piece>,
}

struct Piece {
    text: Vec<u8>,
    deflated: Vec<u8>,
    crc: Crc,
}

impl Compressed {
    fn new(pieces: &[&[u8]]) -> io::Result<Self> {
        let last = pieces.len().saturating_sub(1);
        let pieces = pieces.iter().enumerate();
        let pieces = pieces.map(|(number, text)| Piece::new(text, number == last));
        let pieces = pieces.collect::<io::Result<_>>()?;
        Ok(Self { pieces })
    }

    fn is(&self, pieces: &[&[u8]]) -> bool {
        self.pieces.len() == pieces.len()
            && self
                .pieces
                .iter()
                .zip(pieces)
                .all(|(own, other)| own.text == *other)
    }

    /// The whole as gzip (RFC 1952): pieces, with `apart` between them as blocks that are not compressed (RFC 1951, 3.2.4).
    fn with(&self, apart: &[u8]) -> Bytes {
        let mut page = HEADER.to_vec();
        let mut crc = Crc::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            if number > 0 {
                let length = u16::try_from(apart.len()).unwrap_or(0);
                page.push(0);
                page.extend(length.to_le_bytes());
                page.extend((!length).to_le_bytes());
                page.extend(apart);
                crc.update(apart);
            }
            page.extend(&piece.deflated);
            crc.combine(&piece.crc);
        }
        page.extend(crc.sum().to_le_bytes());
        page.extend(crc.amount().to_le_bytes());
        page.into()
    }
}

impl Piece {
    /// Each piece stands for itself, and ends where a byte ends.
    fn new(text: &[u8], is_last: bool) -> io::Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text)?;
        let deflated = if is_last {
            encoder.finish()?
        } else {
            encoder.flush()?;
            encoder.get_ref().clone()
        };
        let mut crc = Crc::new();
        crc.update(text);
        Ok(Self {
            text: text.to_vec(),
            deflated,
            crc,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn read(page: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(page)
            .read_to_string(&mut text)
            .expect("gzip");
        text
    }

    fn none() -> Pages {
        Pages(RwLock::default())
    }

    #[test]
    fn a_page_is_read_as_it_was_whatever_is_apart() {
        let (pages, body) = (none(), "ការរាយការណ៍ ".repeat(5_000));
        for apart in [
            "",
            "T",
            "a ticket",
            "another",
            &"x".repeat(65_535),
            &"y".repeat(65_536),
        ] {
            for text in [
                String::new(),
                apart.to_owned(),
                format!("{body}{apart}"),
                format!("{apart}{body}"),
                format!("{body}{apart}{body}{apart}{apart}end"),
            ] {
                // The second time as it was kept.
                for _ in 0..2 {
                    let page = pages.page(text.as_bytes(), apart).expect("compressed");
                    assert!(read(&page) == text, "{} bytes apart", apart.len());
                }
            }
        }
        let picture = [0xff; 1_000];
        let page = pages.page(&picture, "").expect("compressed");
        let mut bytes = Vec::new();
        GzDecoder::new(page.as_ref())
            .read_to_end(&mut bytes)
            .expect("gzip");
        assert_eq!(bytes, picture);
    }

    #[test]
    fn a_page_is_made_once_and_its_length_says_nothing_of_a_ticket() {
        let pages = none();
        let lengths = ["01234", "aaaaa", "again"].map(|ticket| {
            let text = format!("again and again {ticket} and again and again");
            pages
                .page(text.as_bytes(), ticket)
                .expect("compressed")
                .len()
        });
        assert_eq!(lengths[0], lengths[1]);
        assert_eq!(
            pages.0.read().expect("whole").len(),
            2,
            "the last ticket is in the text, too"
        );
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let pages = none();
        for number in 0..10 * KEPT {
            pages
                .page(format!("page {number}").as_bytes(), "")
                .expect("compressed");
        }
        assert_eq!(pages.0.read().expect("whole").len(), KEPT);
    }
}
