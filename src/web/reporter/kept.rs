//! Whoever leaves a form for another page takes its words along, and finds them again: in the fields of that page, and nowhere else. Small
//! phones and the browsers inside other apps keep no page for the Back button.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{front, mailbox, report};
use crate::locale::Locale;
use crate::web::body::Form;
use crate::web::error::WebError;
use crate::web::negotiate::Lang;
use crate::web::page::Switch;
use crate::web::state::State;

/// The form that was left: which page, which step leads back to it, everything in it.
pub(super) struct Kept {
    pub(super) page: &'static str,
    pub(super) step: &'static str,
    pub(super) fields: Vec<(String, String)>,
}

/// Pages with a form, and the steps that show it again and do nothing else.
const PAGES: [(&str, &[&str]); 2] = [
    ("report", &["edit", "review", "check"]),
    ("mailbox", &["type", "open"]),
];

impl Kept {
    /// The query names the page.
    fn of(request: &HttpRequest, form: &Form) -> Option<Self> {
        let (page, steps) = PAGES
            .into_iter()
            .find(|(page, _)| *page == request.query_string())?;
        let asked = form.value("step");
        let step = steps.iter().find(|step| **step == asked)?;
        let fields = form.fields().iter();
        Some(Self {
            page,
            step,
            fields: fields.filter(|(name, _)| name != "step").cloned().collect(),
        })
    }

    /// The language switch of a page that keeps them.
    pub(super) fn switch(&self, locale: Locale, here: &str) -> Switch {
        Switch::Button {
            form: "kept",
            action: format!("/{}/{here}?{}", locale.other(), self.page),
            page: self.page,
            step: self.step,
            usual: self.step,
        }
    }
}

/// `POST /{lang}/`
pub async fn front(
    state: web::Data<State>,
    lang: Lang,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, WebError> {
    match Kept::of(&request, &form) {
        Some(kept) if form.trouble().is_none() => Ok(front::front_page(&state, lang.0, Some(kept))),
        kept => without(state, lang, form, kept).await,
    }
}

/// `POST /{lang}/help`
pub async fn help(
    state: web::Data<State>,
    lang: Lang,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, WebError> {
    match Kept::of(&request, &form) {
        Some(kept) if form.trouble().is_none() => Ok(front::help_page(&state, lang.0, Some(kept))),
        kept => without(state, lang, form, kept).await,
    }
}

/// A form that did not arrive whole is shown again by its own page, which says why.
async fn without(
    state: web::Data<State>,
    lang: Lang,
    form: Form,
    kept: Option<Kept>,
) -> Result<HttpResponse, WebError> {
    match kept.map(|kept| kept.page) {
        Some("report") => report::take(state, lang, form).await,
        Some(_) => mailbox::take(state, lang, form).await,
        None => Err(form.whole().err().unwrap_or(WebError::BadRequest)),
    }
}
