//! The page with the code: shown once, after everything is safely written.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::frame;
use crate::locale::Locale;
use crate::service::intake::Receipt;
use crate::web::page::{self, Page, Switch};
use crate::web::state::State;

#[derive(Template)]
#[template(path = "reporter/code.html")]
struct CodePage<'a> {
    page: Page<'a>,
    groups: Vec<String>,
    kept: &'a str,
    danger: bool,
    verdict: Verdict,
}

/// What the retype check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was typed yet.
    None,
    /// The same code.
    Right,
    /// Another one.
    Wrong,
}

impl Verdict {
    fn is_wrong(self) -> bool {
        self == Self::Wrong
    }
}

#[derive(Template)]
#[template(path = "reporter/code_gone.html")]
struct CodeGone<'a> {
    page: Page<'a>,
}

/// The code, how to keep it, what happens next.
pub(super) fn code_page(
    state: &State,
    locale: Locale,
    receipt: &Receipt,
    danger: bool,
    verdict: Verdict,
) -> HttpResponse {
    let switch = Switch::Button {
        form: "check",
        action: format!("/{}/report", locale.other()),
        step: "check",
        usual: "check",
    };
    let page = frame(state, locale, switch);
    let groups = receipt
        .code
        .grouped()
        .split(' ')
        .map(|group| page.digits(group))
        .collect();
    let status = if verdict == Verdict::Wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page::html(
        status,
        &CodePage {
            page,
            groups,
            kept: &receipt.kept,
            danger,
            verdict,
        },
    )
}

/// The page with the code stood open too long to check anything against it.
pub(super) fn gone_page(state: &State, locale: Locale) -> HttpResponse {
    let page = frame(state, locale, Switch::to_front(locale));
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &CodeGone { page })
}
