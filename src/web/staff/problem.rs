//! Pages for what did not work. What a person typed is on them, ready to be copied.

use actix_web::HttpResponse;
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use askama::Template;

use super::fields::BadFields;
use super::form::Words;
use super::frame::{Answer, PageFrame};
use super::request_context::RequestContext;
use crate::web::error::WebError;
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/message.html", whitespace = "minimize")]
struct Message<'a> {
    c: PageFrame<'a>,
    heading: String,
    text: String,
    kept: Option<Words>,
    back: &'a str,
    back_label: String,
}

/// What a problem page says.
pub(super) struct Problem<'a> {
    pub(super) status: StatusCode,
    pub(super) heading: String,
    pub(super) text: String,
    /// What was typed and is not saved.
    pub(super) kept: Option<Words>,
    /// Where to go from here, and the message id of its label.
    pub(super) back: (&'a str, &'static str),
}

/// What a handler answers with: a problem within a frame, the caller's own or nobody's.
pub(super) fn show(chrome: PageFrame<'_>, problem: Problem<'_>) -> Answer {
    Ok(framed(chrome, problem))
}

/// The page of [`show`].
pub(super) fn framed(chrome: PageFrame<'_>, problem: Problem<'_>) -> HttpResponse {
    let (back, label) = problem.back;
    let message = Message {
        back_label: chrome.t.text(label),
        c: chrome,
        heading: problem.heading,
        text: problem.text,
        kept: problem.kept,
        back,
    };
    page::html(problem.status, &message)
}

/// The answer to a request that is refused before a handler runs.
pub(super) fn refuse(response: HttpResponse) -> actix_web::Error {
    InternalError::from_response("refused", response).into()
}

/// `303 See Other`.
pub(super) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// A handler's [`redirect`].
pub(super) fn see_other(to: &str) -> Answer {
    Ok(redirect(to))
}

/// What does not exist, and what is not the caller's to see: one page for both, put in by [`crate::web::error::pages`].
pub(super) fn not_found() -> HttpResponse {
    HttpResponse::from_error(WebError::NotFound)
}

/// A request that did not come from one of our pages, or from one of an earlier session.
pub(super) fn forbidden(place: &RequestContext, kept: Option<Words>) -> HttpResponse {
    anonymous(
        place,
        StatusCode::FORBIDDEN,
        "staff-forbidden-title",
        "staff-forbidden-text",
        kept,
    )
}

/// The session has ended, and `text` is the sentence that says why.
pub(super) fn session_ended(
    place: &RequestContext,
    text: &str,
    kept: Option<Words>,
) -> HttpResponse {
    let chrome = PageFrame::of(place);
    let problem = Problem {
        status: StatusCode::UNAUTHORIZED,
        heading: chrome.t.text("staff-session-ended-title"),
        text: chrome.t.text(text),
        kept,
        back: ("/login", "staff-login-submit"),
    };
    framed(chrome, problem)
}

/// A body or a query that none of our pages sends.
pub(super) fn bad_fields(
    place: &RequestContext,
    bad: BadFields,
    kept: Option<Words>,
) -> HttpResponse {
    let (status, title, text) = match bad {
        BadFields::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "staff-too-large-title",
            "staff-too-large-text",
        ),
        BadFields::TooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            "staff-bad-request-title",
            "staff-bad-request-text",
        ),
        BadFields::Malformed => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "staff-bad-request-title",
            "staff-bad-request-text",
        ),
    };
    anonymous(place, status, title, text, kept)
}

/// Storage does not answer.
pub(super) fn unavailable(place: &RequestContext, kept: Option<Words>) -> HttpResponse {
    anonymous(
        place,
        StatusCode::SERVICE_UNAVAILABLE,
        "staff-unavailable-title",
        "staff-unavailable-text",
        kept,
    )
}

/// More is asked at once than the server does at once.
pub(super) fn busy(place: &RequestContext, kept: Option<Words>) -> HttpResponse {
    anonymous(
        place,
        StatusCode::SERVICE_UNAVAILABLE,
        "staff-busy-title",
        "staff-busy-text",
        kept,
    )
}

fn anonymous(
    place: &RequestContext,
    status: StatusCode,
    heading: &'static str,
    text: &'static str,
    kept: Option<Words>,
) -> HttpResponse {
    let chrome = PageFrame::of(place);
    let problem = Problem {
        status,
        heading: chrome.t.text(heading),
        text: chrome.t.text(text),
        kept,
        back: ("/", "staff-back-start"),
    };
    framed(chrome, problem)
}
