//! The page with the code: shown once, after everything is safely written.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::offers::Offers;
use crate::domain::form::{Filled, FormDefinition};
use crate::domain::receipt::{InvalidReceipt, ReceiptCode, Retyped};
use crate::locale::Locale;
use crate::service::intake::Receipt;
use crate::web::frame::{PageFrame, Switch};
use crate::web::page;
use crate::web::said::Said;
use crate::web::state::State;
use crate::web::statics;

#[derive(Template)]
#[template(path = "reporter/code.html")]
struct CodePage<'a> {
    c: PageFrame<'a>,
    groups: Vec<String>,
    /// The same in the numerals of other languages.
    others: Vec<Numerals>,
    answer_days: Option<u32>,
    receipt: &'a Receipt,
    /// What is said back to whoever said so.
    notices: Vec<Said>,
    /// What this page needs of the answers when it is shown again.
    lasting: Vec<(String, String)>,
    offers: Offers,
    who: &'a str,
    verdict: Verdict,
}

/// The groups of a code in the numerals of a language.
struct Numerals {
    lang: &'static str,
    groups: Vec<String>,
}

impl Numerals {
    /// All that reporters may read, but for those of one language.
    fn besides(locale: Locale, code: &ReceiptCode) -> Vec<Self> {
        let mut all = vec![Self::of(locale, code)];
        for other in Locale::all() {
            let other = Self::of(other, code);
            if all.iter().all(|one| one.groups != other.groups) {
                all.push(other);
            }
        }
        all.split_off(1)
    }

    fn of(locale: Locale, code: &ReceiptCode) -> Self {
        let grouped = code.grouped();
        let written = |group: &str| group.chars().map(|digit| locale.digit(digit)).collect();
        Self {
            lang: locale.code(),
            groups: grouped.split(' ').map(written).collect(),
        }
    }
}

/// What has been sent, as the page with its code needs it.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) form: &'a FormDefinition,
    pub(super) filled: &'a Filled,
    pub(super) receipt: &'a Receipt,
}

/// As much of a mistyped code as is shown again, in scalar values.
pub(super) const LONGEST_CODE: usize = 200;

/// What to say of the retype check.
pub(super) enum Verdict {
    /// Nothing was typed yet.
    None,
    /// The same code.
    Right,
    /// Another one: where, and what was typed.
    Wrong(String, String),
}

impl Verdict {
    /// The words for what was found.
    pub(super) fn of(state: &State, locale: Locale, found: Retyped, typed: &str) -> Self {
        let c = PageFrame::public(state, locale, Switch::None);
        let typed = typed.chars().take(LONGEST_CODE).collect();
        match found {
            Retyped::Same => Self::Right,
            Retyped::NotACode(InvalidReceipt::Empty) => Self::None,
            Retyped::Differs { group } => Self::Wrong(
                c.t.text_with("code-check-wrong", &[("group", group)]),
                typed,
            ),
            Retyped::NotACode(why) => Self::Wrong(invalid(&c, why), typed),
        }
    }

    /// What was typed wrong, to be mended.
    fn typed(&self) -> &str {
        match self {
            Self::Wrong(_, typed) => typed,
            Self::None | Self::Right => "",
        }
    }

    fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong(..))
    }
}

/// Why a text cannot be a code, and where to look.
pub(super) fn invalid(c: &PageFrame<'_>, why: InvalidReceipt) -> String {
    match why {
        InvalidReceipt::Empty => c.t.text("code-typed-empty"),
        InvalidReceipt::Count { digits } => {
            c.t.text_with("code-typed-count", &[("digits", digits)])
        }
        InvalidReceipt::Group { group, digits } => {
            c.t.text_with("code-typed-group", &[("group", group), ("digits", digits)])
        }
        InvalidReceipt::Line { line, digits } => {
            c.t.text_with("code-typed-line", &[("line", line), ("digits", digits)])
        }
        InvalidReceipt::CheckDigits => c.t.text("code-typed-check"),
    }
}

#[derive(Template)]
#[template(path = "reporter/code_gone.html")]
struct CodeGone<'a> {
    c: PageFrame<'a>,
    text: &'static str,
}

/// The code, how to keep it, what happens next.
pub(super) fn code_page(
    state: &State,
    locale: Locale,
    sent: Sent<'_>,
    verdict: Verdict,
) -> HttpResponse {
    let switch = Switch::Button {
        form: "check",
        action: "/{lang}/report".to_owned(),
        page: "report",
        step: "check",
        usual: "check",
    };
    let c = PageFrame::public(state, locale, switch);
    let Sent {
        form,
        filled,
        receipt,
    } = sent;
    let who = filled.who(form);
    let notices = filled.notices(form).into_iter();
    let notices = notices.map(|id| Said::told(c.t, id, who)).collect();
    let status = if verdict.is_wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let mut response = page::html(
        status,
        &CodePage {
            offers: Offers::all(c.t, form, who),
            who,
            c,
            groups: Numerals::of(locale, &receipt.code).groups,
            others: Numerals::besides(locale, &receipt.code),
            answer_days: state.settings.answer_days,
            receipt,
            notices,
            lasting: filled.lasting(form),
            verdict,
        },
    );
    // The form is still in the browser's memory for the Back button. It has been sent: nobody else needs to find it there.
    let (name, value) = page::FORGET;
    response.headers_mut().insert(name, value);
    response
}

/// The page with the code stood open too long to check anything against it.
pub(super) fn gone_page(state: &State, locale: Locale) -> HttpResponse {
    gone(state, locale, "code-gone")
}

/// The same for a file of the code, in a tab beside that page.
pub(super) fn file_gone_page(state: &State, locale: Locale) -> HttpResponse {
    gone(state, locale, "code-file-gone")
}

fn gone(state: &State, locale: Locale, text: &'static str) -> HttpResponse {
    let c = PageFrame::public(state, locale, Switch::to(""));
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &CodeGone { c, text })
}

/// The report was sent, and its code is shown only once.
pub(super) fn shown_page(state: &State, locale: Locale) -> HttpResponse {
    let c = PageFrame::public(state, locale, Switch::to(""));
    let text = "code-shown";
    page::html(StatusCode::GONE, &CodeGone { c, text })
}

/// `GET /arrived`: the last picture of the page with the code. Whatever the query says, the answer is the same.
pub async fn arrived(state: State, request: HttpRequest) -> HttpResponse {
    state.services.intake.arrived(request.query_string()).await;
    statics::picture()
}
