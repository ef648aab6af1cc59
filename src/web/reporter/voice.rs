//! A question read aloud, from our own address. Browsers ask for pieces of it.

use std::ops::Range;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::voice::Recording;
use crate::web::error::WebError;
use crate::web::marks;
use crate::web::state::State;

/// `GET /voice/{language}/{name}`. It stays nowhere: which question somebody listened to is nobody's business.
pub async fn play(
    state: State,
    named: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let (language, name) = named.into_inner();
    let form = state.services.intake.form_now();
    let question = Recording::question(&name).unwrap_or_default();
    let recording = form.definition.voice.reads(&language, question);
    let recording = recording.filter(|recording| recording.name == name);
    let recording = recording.ok_or(WebError::NotFound)?;
    let asked = request.headers().get(RANGE);
    let asked = asked.and_then(|range| range.to_str().ok());
    let mut response = piece(recording, asked);
    marks::mark_final(&mut response);
    Ok(response)
}

/// The whole of it, or the piece that was asked for. More than one piece at once is answered with the whole, as is what is no range.
fn piece(recording: &Recording, asked: Option<&str>) -> HttpResponse {
    let bytes = &recording.bytes;
    let length = bytes.len();
    let (status, range) = match asked.and_then(|asked| range(asked, length)) {
        None => (StatusCode::OK, 0..length),
        Some(Some(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(None) => {
            return HttpResponse::RangeNotSatisfiable()
                .insert_header((CONTENT_RANGE, format!("bytes */{length}")))
                .finish();
        }
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, recording.mime));
    response.insert_header((ACCEPT_RANGES, "bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        let said = format!("bytes {}-{last}/{length}", range.start);
        response.insert_header((CONTENT_RANGE, said));
    }
    response.body(bytes.get(range).unwrap_or_default().to_vec())
}

/// Nothing if it is not one range of bytes; `Some(None)` if there are no such bytes.
fn range(asked: &str, length: usize) -> Option<Option<Range<usize>>> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", count) => length.saturating_sub(count.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => {
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(length)
        }
    };
    Some((range.start < range.end).then_some(range))
}
