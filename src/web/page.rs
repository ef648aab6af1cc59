//! How pages are sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue, RETRY_AFTER};
use askama::Template;

use super::error::RETRY_SECONDS;
use super::marks::{Compressible, mark_compressible, mark_final};

/// Takes what the browser keeps for the Back button, forms with what was typed among it.
pub const FORGET: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\""),
);

/// A page that is sent as it is, whatever its status.
pub fn html(status: StatusCode, template: &impl Template) -> HttpResponse {
    respond(status, template, 1)
}

/// A page asked for by `GET` that echoes nothing of the request.
pub fn html_compressible(template: &impl Template) -> HttpResponse {
    let mut response = html(StatusCode::OK, template);
    mark_compressible(&mut response, Compressible::default());
    response
}

/// The same with a ticket in it.
pub fn html_with_ticket(template: &impl Template, ticket: &str) -> HttpResponse {
    let mut response = html(StatusCode::OK, template);
    let apart = Some(ticket.to_owned());
    mark_compressible(&mut response, Compressible { apart });
    response
}

/// A page whose length says nothing but a count of `step` bytes.
pub fn html_padded(status: StatusCode, template: &impl Template, step: usize) -> HttpResponse {
    respond(status, template, step)
}

fn respond(status: StatusCode, template: &impl Template, step: usize) -> HttpResponse {
    let Ok(mut text) = template.render() else {
        tracing::error!(event = "page-failing", "a page could not be rendered");
        return HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
    };
    pad(&mut text, step);
    let mut response = HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(text);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static(RETRY_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    mark_final(&mut response);
    response
}

/// Fills up to the next multiple of `step` with a comment.
fn pad(text: &mut String, step: usize) {
    const OPEN: &str = "<!--";
    const CLOSE: &str = "-->";
    if step <= 1 {
        return;
    }
    let least = text.len().saturating_add(OPEN.len() + CLOSE.len());
    let room = least.next_multiple_of(step).saturating_sub(least);
    text.push_str(OPEN);
    text.extend(std::iter::repeat_n(' ', room));
    text.push_str(CLOSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_pages_come_in_steps() {
        for length in [0, 1, 16_376, 16_377, 16_378, 16_384, 40_000] {
            let mut text = "x".repeat(length);
            pad(&mut text, 16 << 10);
            assert_eq!(text.len() % (16 << 10), 0, "{length}");
            assert!(text.len() - length < (16 << 10) + 7, "{length}");
        }
        let mut text = "x".to_owned();
        pad(&mut text, 1);
        assert_eq!(text, "x");
    }
}
