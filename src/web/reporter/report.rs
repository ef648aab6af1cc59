//! The form at its one address. What arrives is either shown again or sent; between the two nothing is kept on the server.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::code::{self, Verdict};
use super::questions::{self, Notes};
use super::review;
use crate::domain::form::{Answers, FieldError, Filled, FormDefinition, Invalid};
use crate::locale::Locale;
use crate::service::error::Error;
use crate::service::intake::FormStatus;
use crate::web::body::{BodyError, Form};
use crate::web::error::WebError;
use crate::web::frame::{PageFrame, Switch};
use crate::web::negotiate::Lang;
use crate::web::page;
use crate::web::state::State;

#[derive(Template)]
#[template(path = "reporter/closed.html")]
struct Closed<'a> {
    c: PageFrame<'a>,
    /// What was asked, and what was typed, given back so that it can be copied.
    typed: Vec<(String, String)>,
}

/// `GET /{lang}/report`
pub async fn show(state: web::Data<State>, Lang(locale): Lang) -> HttpResponse {
    let intake = &state.services.intake;
    let form = intake.form().await;
    match intake.form_status().await {
        FormStatus::Open { ticket } => questions::empty_page(&state, &form, locale, &ticket),
        FormStatus::Closed => closed_page(&state, &form, locale, &Filled::default()),
    }
}

/// `POST /{lang}/report`: `step` says what is to be done with what was typed.
pub async fn take(
    state: web::Data<State>,
    Lang(locale): Lang,
    form: Form,
) -> Result<HttpResponse, WebError> {
    let step = form.value("step");
    if step == "check" {
        return Ok(check(&state, locale, &form));
    }
    let intake = &state.services.intake;
    let asks = intake.form().await;
    let read = read(&asks, &form);
    let fresh = match intake.form_status().await {
        FormStatus::Open { ticket } => ticket,
        FormStatus::Closed => return Ok(closed_page(&state, &asks, locale, &read.filled)),
    };
    let asked = FormRequest {
        state: &state,
        form: &asks,
        locale,
        posted: form.value("ticket"),
        fresh: &fresh,
    };
    if let Some(trouble) = form.trouble() {
        return Ok(asked.troubled(&read, trouble));
    }
    if step != "send" && intake.was_sent(asked.posted, &asks, &read.filled) {
        return Ok(code::shown_page(&state, locale));
    }
    match step {
        "review" if read.errors.is_empty() => Ok(asked.review(&read.filled)),
        "send" if read.errors.is_empty() => Ok(asked.send(read.filled).await),
        "review" | "send" => Ok(asked.wrong(&read)),
        _ if step == "edit" || step.starts_with("edit:") => {
            Ok(asked.edit(&read.filled, step.strip_prefix("edit:")))
        }
        _ => Ok(asked.wrong(&read)),
    }
}

/// Whether it was sent with just these words.
pub(super) async fn was_sent(state: &State, form: &Form) -> bool {
    let intake = &state.services.intake;
    let asks = intake.form().await;
    let read = read(&asks, form);
    intake.was_sent(form.value("ticket"), &asks, &read.filled)
}

/// What was typed, and what is wrong with it.
struct Read {
    filled: Filled,
    errors: Vec<FieldError>,
}

fn read(definition: &FormDefinition, form: &Form) -> Read {
    let (filled, mut errors) = match Answers::read(definition, form.fields()) {
        Ok(filled) => (filled, Vec::new()),
        Err(Invalid { filled, errors }) => (filled, errors),
    };
    for question in definition
        .questions()
        .filter(|question| form.is_garbled(&question.id))
    {
        if !errors.iter().any(|error| error.question == question.id) {
            errors.push(FieldError {
                question: question.id.clone(),
                message: "form-error-control",
                args: Vec::new(),
            });
        }
    }
    Read { filled, errors }
}

/// A request with an open form before it.
struct FormRequest<'a> {
    state: &'a State,
    form: &'a FormDefinition,
    locale: Locale,
    posted: &'a str,
    fresh: &'a str,
}

impl FormRequest<'_> {
    /// The ticket stays the same as long as it can: it is what makes two sendings one report.
    const fn ticket(&self) -> &str {
        if self.posted.is_empty() {
            self.fresh
        } else {
            self.posted
        }
    }

    fn again(&self, status: StatusCode, filled: &Filled, notes: &Notes<'_>) -> HttpResponse {
        questions::form_page(
            self.state,
            self.form,
            self.locale,
            status,
            self.ticket(),
            filled,
            notes,
        )
    }

    fn edit(&self, filled: &Filled, focus: Option<&str>) -> HttpResponse {
        let notes = Notes {
            focus,
            ..Notes::default()
        };
        self.again(StatusCode::OK, filled, &notes)
    }

    fn wrong(&self, read: &Read) -> HttpResponse {
        let notes = Notes {
            errors: &read.errors,
            ..Notes::default()
        };
        self.again(StatusCode::UNPROCESSABLE_ENTITY, &read.filled, &notes)
    }

    fn troubled(&self, read: &Read, trouble: BodyError) -> HttpResponse {
        let (status, problem) = match trouble {
            BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "form-error-too-much"),
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "form-error-too-slow"),
        };
        // A part that never came is not the reporter's omission.
        let errors: &[FieldError] = if trouble == BodyError::TooLarge {
            &read.errors
        } else {
            &[]
        };
        let notes = Notes {
            errors,
            problem: Some(problem),
            focus: None,
        };
        let mut response = self.again(status, &read.filled, &notes);
        response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
        response
    }

    fn review(&self, filled: &Filled) -> HttpResponse {
        self.review_with(StatusCode::OK, self.ticket(), filled, None)
    }

    fn review_with(
        &self,
        status: StatusCode,
        ticket: &str,
        filled: &Filled,
        problem: Option<&'static str>,
    ) -> HttpResponse {
        review::review_page(
            self.state,
            self.locale,
            status,
            self.form,
            (ticket, filled),
            problem,
        )
    }

    async fn send(&self, filled: Filled) -> HttpResponse {
        let intake = &self.state.services.intake;
        let danger = review::in_danger(self.form, &filled);
        let problem = match intake
            .submit(self.posted, self.locale.code(), filled.clone())
            .await
        {
            Ok(receipt) => {
                return code::code_page(self.state, self.locale, &receipt, danger, Verdict::None);
            }
            Err(problem) => problem,
        };
        let (status, ticket, words) = match problem {
            Error::Closed => return closed_page(self.state, self.form, self.locale, &filled),
            Error::ShownOnce => return code::shown_page(self.state, self.locale),
            Error::Expired => (
                StatusCode::UNPROCESSABLE_ENTITY,
                self.fresh,
                "form-error-expired",
            ),
            Error::SentDifferently => (StatusCode::CONFLICT, self.fresh, "form-error-sent"),
            _ => (
                StatusCode::SERVICE_UNAVAILABLE,
                self.ticket(),
                "form-error-busy",
            ),
        };
        self.review_with(status, ticket, &filled, Some(words))
    }
}

fn check(state: &State, locale: Locale, form: &Form) -> HttpResponse {
    let (kept, typed) = (form.value("kept"), form.value("typed"));
    let Ok((receipt, found)) = state.services.intake.recheck(kept, typed) else {
        return code::gone_page(state, locale);
    };
    let verdict = Verdict::of(state, locale, found, typed);
    code::code_page(
        state,
        locale,
        &receipt,
        form.value("danger") == "1",
        verdict,
    )
}

/// The form is closed. Said before anything is typed; what was typed all the same is given back.
fn closed_page(
    state: &State,
    form: &FormDefinition,
    locale: Locale,
    filled: &Filled,
) -> HttpResponse {
    let c = PageFrame::public(state, locale, Switch::to(locale, "report"));
    let typed = form.questions().map(|question| {
        let label = c.t.text(&question.label);
        (label, filled.text(&question.id).to_owned())
    });
    let typed = typed.filter(|(_, text)| !text.is_empty()).collect();
    let asked = filled.is_empty();
    let status = if asked {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    page::html(status, &Closed { c, typed })
}
