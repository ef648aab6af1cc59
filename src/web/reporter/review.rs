//! Everything once more before it is sent. Nothing is kept here: all of it travels in hidden fields.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::form::{Filled, FormDefinition, Question, Skip, Value};
use crate::domain::urgency::Urgency;
use crate::locale::Locale;
use crate::web::frame::{PageFrame, Switch};
use crate::web::page;
use crate::web::state::State;

#[derive(Template)]
#[template(path = "reporter/review.html")]
struct ReviewPage<'a> {
    c: PageFrame<'a>,
    ticket: &'a str,
    problem: Option<String>,
    numbers: bool,
    danger: bool,
    parts: Vec<Part>,
    fields: Vec<(String, String)>,
}

struct Part {
    id: String,
    label: String,
    lines: Vec<Line>,
}

struct Line {
    label: String,
    /// Empty where the question was passed over.
    answers: Vec<String>,
}

/// Form, answers and ticket of a page that shows them again.
pub(super) struct FormInput<'a> {
    /// The form.
    pub(super) form: &'a FormDefinition,
    /// The ticket of the form.
    pub(super) ticket: &'a str,
    /// What was typed.
    pub(super) filled: &'a Filled,
}

/// The page, with what went wrong if something did.
pub(super) fn review_page(
    state: &State,
    locale: Locale,
    status: StatusCode,
    typed: &FormInput<'_>,
    problem: Option<&'static str>,
) -> HttpResponse {
    let form = typed.form;
    let switch = Switch::Button {
        form: "form",
        action: format!("/{}/report", locale.other()),
        page: "report",
        step: "review",
        usual: "review",
    };
    let c = PageFrame::public(state, locale, switch);
    let template = ReviewPage {
        ticket: typed.ticket,
        problem: problem.map(|id| c.t.text(id)),
        numbers: status == StatusCode::SERVICE_UNAVAILABLE,
        danger: in_danger(form, typed.filled),
        parts: parts(&c, form, typed.filled),
        fields: typed.filled.fields(form),
        c,
    };
    page::html(status, &template)
}

/// Whether an answer says that somebody is in danger now.
pub(super) fn in_danger(form: &FormDefinition, filled: &Filled) -> bool {
    filled
        .reasons(form)
        .first()
        .is_some_and(|reason| reason.urgency == Urgency::U0)
}

fn parts(c: &PageFrame<'_>, form: &FormDefinition, filled: &Filled) -> Vec<Part> {
    let shown =
        |question: &&Question| filled.meets(question) || filled.value(&question.id).is_some();
    form.sections()
        .iter()
        .map(|section| Part {
            id: section.id.clone(),
            label: c.t.text(&section.label),
            lines: section
                .questions
                .iter()
                .filter(shown)
                .map(|question| line(c, question, filled))
                .collect(),
        })
        .filter(|part| !part.lines.is_empty())
        .collect()
}

fn line(c: &PageFrame<'_>, question: &Question, filled: &Filled) -> Line {
    let answers = match filled.value(&question.id) {
        Some(Value::Text(text)) => vec![text.to_string()],
        Some(Value::Options(picked)) => picked
            .iter()
            .filter_map(|id| question.option(id))
            .map(|option| c.t.text(&option.label))
            .collect(),
        Some(Value::Skipped(skip @ (Skip::Unknown | Skip::Unsaid))) => vec![c.t.text(skip.label())],
        None => Vec::new(),
    };
    Line {
        label: c.t.text(&question.label),
        answers,
    }
}
