//! The form at its one address. What arrives is either shown again or sent; between the two nothing is kept on the server.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::code::{self, Sent, Verdict};
use super::keepsake::Keepsake;
use super::questions::{self, Asked};
use super::reading::{Moved, Read};
use super::review;
use crate::domain::form::{FieldError, Filled, FormDefinition, Section, Stage};
use crate::locale::Locale;
use crate::service::AskedForm;
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
pub async fn show(state: State, Lang(locale): Lang) -> HttpResponse {
    let intake = &state.services.intake;
    let form = intake.form().await;
    let words = state.in_words_of(&form.edition);
    match intake.form_status().await {
        FormStatus::Open { ticket } => questions::empty_page(&words, &form, locale, &ticket),
        FormStatus::Closed => closed_page(&words, &form, locale, &Filled::default()),
    }
}

/// `POST /{lang}/report`: `step` says what is to be done with what was typed.
pub async fn take(state: State, Lang(locale): Lang, form: Form) -> Result<HttpResponse, WebError> {
    let step = form.value("step");
    let intake = &state.services.intake;
    let edition = form.value(FormDefinition::EDITION);
    let asks = intake.form_of(edition).await;
    let state = state.in_words_of(&asks.edition);
    let intake = &state.services.intake;
    let (read, moved) = Read::of(&state, locale, &asks, &form);
    if step == "check" {
        return Ok(check(&state, locale, &asks, &read.filled, &form).await);
    }
    if let Some(keepsake) = Keepsake::of(step) {
        return Ok(keepsake.file(&state, locale, form.value("kept")).await);
    }
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
        at: at(&asks, &form),
        moved,
        is_other: !edition.is_empty() && edition != asks.edition,
    };
    if let Some(trouble) = form.trouble() {
        return Ok(asked.troubled(&read, trouble));
    }
    if step != "send" && intake.was_sent(asked.posted, &read.filled) {
        return Ok(code::shown_page(&state, locale));
    }
    match step {
        _ if asked.moved.is_some() => Ok(asked.wrong(&read)),
        "review" if read.errors.is_empty() => Ok(asked.review(&read.filled)),
        "send" if read.errors.is_empty() && asked.is_other => Ok(asked.review(&read.filled)),
        "send" if read.errors.is_empty() => Ok(asked.send(read.filled).await),
        "review" | "send" => Ok(asked.wrong(&read)),
        _ if step.starts_with("door:") => Ok(asked.door(&read.filled, step)),
        _ if step == "edit" || step.starts_with("edit:") => {
            Ok(asked.edit(&read.filled, step.strip_prefix("edit:")))
        }
        _ => Ok(asked.wrong(&read)),
    }
}

/// Whether it was sent with just these words.
pub(super) async fn was_sent(state: &State, locale: Locale, form: &Form) -> bool {
    let intake = &state.services.intake;
    let asks = intake.form_of(form.value(FormDefinition::EDITION)).await;
    let (read, _) = Read::of(state, locale, &asks, form);
    intake.was_sent(form.value("ticket"), &read.filled)
}

/// What the page asked that the form was sent from: the first page, unless it says otherwise.
fn at<'a>(definition: &'a FormDefinition, form: &Form) -> Vec<&'a Section> {
    let named = form.fields().iter().filter(|(name, _)| name == "at");
    let named: Vec<&str> = named.map(|(_, id)| id.as_str()).collect();
    let sections = definition.sections().iter();
    let at: Vec<_> = sections
        .filter(|section| named.contains(&section.id.as_str()))
        .collect();
    if at.is_empty() { first(definition) } else { at }
}

fn first(definition: &FormDefinition) -> Vec<&Section> {
    definition.of_stage(Stage::First).collect()
}

/// A request with an open form before it.
struct FormRequest<'a> {
    state: &'a State,
    form: &'a AskedForm,
    locale: Locale,
    posted: &'a str,
    fresh: &'a str,
    /// The sections of the page that was sent.
    at: Vec<&'a Section>,
    /// What is said, beside the account, of answers to questions that are gone.
    moved: Option<Moved>,
    /// Whether the page asked an edition of the form that nobody knows any more: what stays may have other words now.
    is_other: bool,
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

    fn ask(
        &self,
        status: StatusCode,
        sections: &[&Section],
        (filled, errors): (&Filled, &[FieldError]),
        problem: Option<&'static str>,
    ) -> HttpResponse {
        let asked = Asked {
            form: self.form,
            sections,
            filled,
            who: filled.who(self.form),
            errors,
            moved: self.moved.as_ref(),
            problem,
        };
        questions::form_page(self.state, self.locale, status, self.ticket(), asked)
    }

    /// The section of that name, or what was shown before.
    fn edit(&self, filled: &Filled, section: Option<&str>) -> HttpResponse {
        let section = section.and_then(|id| self.form.section(id));
        let sections = match section {
            Some(section) if section.stage == Stage::First => first(self.form),
            Some(section) => vec![section],
            None => self.at.clone(),
        };
        self.ask(StatusCode::OK, &sections, (filled, &[]), None)
    }

    /// What is behind a door, with what is said by coming through it.
    fn door(&self, filled: &Filled, step: &str) -> HttpResponse {
        let mut doors = self.form.of_stage(Stage::Door);
        let Some(door) = doors.find(|door| step.strip_prefix("door:") == Some(&door.id)) else {
            return self.edit(filled, None);
        };
        let filled = filled.with(self.form, &door.says);
        self.ask(StatusCode::OK, &[door], (&filled, &[]), None)
    }

    /// The sections in which something is wrong.
    fn wrong(&self, read: &Read) -> HttpResponse {
        let errors = self.at_hand(&read.errors);
        let sections = self.faulty(&errors);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        self.ask(status, &sections, (&read.filled, &errors), None)
    }

    /// A group that lacks an answer is asked for by its question on the page that was sent, if it has one.
    fn at_hand(&self, errors: &[FieldError]) -> Vec<FieldError> {
        let nearer = |error: &FieldError| {
            let group = self.form.question(&error.question)?.required_group.as_ref();
            let mut here = self.at.iter().flat_map(|section| &section.questions);
            let own = here.find(|own| group.is_some() && own.required_group.as_ref() == group)?;
            (error.message == "form-error-required").then(|| own.id.clone())
        };
        let moved = errors.iter().map(|error| FieldError {
            question: nearer(error).unwrap_or_else(|| error.question.clone()),
            ..error.clone()
        });
        moved.collect()
    }

    fn faulty(&self, errors: &[FieldError]) -> Vec<&Section> {
        let moved = self.moved.as_ref().and_then(|_| self.form.account());
        let mut wrong: Vec<&str> = errors.iter().map(|error| error.question.as_str()).collect();
        wrong.extend(moved.map(|account| account.id.as_str()));
        let is_faulty = |section: &&Section| wrong.iter().any(|question| section.asks(question));
        let faulty: Vec<_> = self.form.sections().iter().filter(is_faulty).collect();
        if faulty.is_empty() {
            self.at.clone()
        } else {
            faulty
        }
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
        let sections = self.faulty(errors);
        let mut response = self.ask(status, &sections, (&read.filled, errors), Some(problem));
        response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
        response
    }

    fn review(&self, filled: &Filled) -> HttpResponse {
        let (status, problem) = match self.is_other {
            true => (StatusCode::CONFLICT, Some("form-moved-look")),
            false => (StatusCode::OK, None),
        };
        self.review_with(status, self.ticket(), filled, problem)
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
        let problem = match intake
            .submit(self.posted, (self.form, self.locale.code()), filled.clone())
            .await
        {
            Ok(receipt) => {
                let sent = Sent {
                    form: self.form,
                    filled: &filled,
                    receipt: &receipt,
                };
                return code::code_page(self.state, self.locale, sent, Verdict::None);
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

async fn check(
    state: &State,
    locale: Locale,
    asks: &FormDefinition,
    filled: &Filled,
    form: &Form,
) -> HttpResponse {
    let (kept, typed) = (form.value("kept"), form.value("typed"));
    let Ok((receipt, found)) = state.services.intake.recheck(kept, typed).await else {
        return code::gone_page(state, locale);
    };
    let verdict = Verdict::of(state, locale, found, typed);
    let sent = Sent {
        form: asks,
        filled,
        receipt: &receipt,
    };
    code::code_page(state, locale, sent, verdict)
}

/// The form is closed. Said before anything is typed; what was typed all the same is given back.
fn closed_page(
    state: &State,
    form: &FormDefinition,
    locale: Locale,
    filled: &Filled,
) -> HttpResponse {
    let c = PageFrame::public(state, locale, Switch::to("report"));
    let typed = form.questions().map(|question| {
        let label = c.t.told(&question.label, filled.who(form));
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
