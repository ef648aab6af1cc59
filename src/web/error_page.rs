//! The one page for what did not work, on both ports. What a person typed is on it, ready to be copied.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::marks::Words;
use super::page;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    c: PageFrame<'a>,
    heading: String,
    text: String,
    kept: Option<Words>,
    back: &'a str,
    back_label: String,
}

/// What the page says.
pub struct Problem<'a> {
    /// Its status.
    pub status: StatusCode,
    /// What did not work.
    pub heading: String,
    /// Why, and what to do.
    pub text: String,
    /// What was typed and is not saved.
    pub kept: Option<Words>,
    /// Where to go from here, and the message id of its label.
    pub back: (&'a str, &'static str),
}

/// The page, within a frame: the caller's own or nobody's.
pub fn show(c: PageFrame<'_>, problem: Problem<'_>) -> HttpResponse {
    let (back, label) = problem.back;
    let page = ErrorPage {
        back_label: c.t.text(label),
        heading: problem.heading,
        text: problem.text,
        kept: problem.kept,
        back,
        c,
    };
    page::html(problem.status, &page)
}
