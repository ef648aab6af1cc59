//! A form that was left for the first page or the one with the numbers.

use actix_web::{HttpRequest, HttpResponse};

use super::kept::Kept;
use super::{front, mailbox, report};
use crate::locale::Locale;
use crate::web::body::Form;
use crate::web::error::WebError;
use crate::web::negotiate::Lang;
use crate::web::state::State;

/// Pages with a form, and the steps that show it again and do nothing else.
const PAGES: [(&str, &[&str]); 2] = [
    ("report", &["edit", "review", "check"]),
    ("mailbox", &["type", "open", "more"]),
];

/// `POST /{lang}/`
pub async fn front(
    state: State,
    lang: Lang,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, WebError> {
    along(state, lang, &request, form, front::front_page).await
}

/// `POST /{lang}/help`
pub async fn help(
    state: State,
    lang: Lang,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, WebError> {
    along(state, lang, &request, form, front::help_page).await
}

/// The page that was asked for, with the form. One that did not arrive whole is shown again by its own page, which says why.
async fn along(
    state: State,
    lang: Lang,
    request: &HttpRequest,
    form: Form,
    show: fn(&State, Locale, Option<Kept>) -> HttpResponse,
) -> Result<HttpResponse, WebError> {
    match left(request, &form) {
        // The words of a form that was sent are not shown again, here neither.
        Some(("report", _)) if report::was_sent(&state, lang.0, &form).await => {
            Ok(show(&state, lang.0, None))
        }
        Some((page, step)) if form.trouble().is_none() => {
            Ok(show(&state, lang.0, Some(Kept::new(page, step, form))))
        }
        Some(("report", _)) => report::take(state, lang, form).await,
        Some(_) => mailbox::take(state, lang, form).await,
        None => Err(form.whole().err().unwrap_or(WebError::BadRequest)),
    }
}

/// The page that was left, which the query names, and the step that it was at.
fn left(request: &HttpRequest, form: &Form) -> Option<(&'static str, &'static str)> {
    let query = request.query_string();
    let (page, steps) = PAGES.into_iter().find(|(page, _)| *page == query)?;
    let asked = form.value("step");
    let step = steps.iter().find(|step| **step == asked)?;
    Some((page, step))
}
