//! Everything once more before it is sent. Nothing is kept here: all of it travels in hidden fields.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::form::{Filled, FormDefinition, Question, Section, Value};
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
    filled: &'a Filled,
    /// The parts of the form, and the questions of each that were asked or answered.
    parts: Vec<(&'a Section, Vec<&'a Question>)>,
    fields: Vec<(String, String)>,
}

impl ReviewPage<'_> {
    /// Empty where the question was passed over.
    fn answers(&self, question: &Question) -> Vec<String> {
        let t = self.c.t;
        match self.filled.value(&question.id) {
            Some(Value::Text(text)) => vec![text.to_string()],
            Some(Value::Options(picked)) => {
                let picked = picked.iter().filter_map(|id| question.option(id));
                picked.map(|option| t.text(&option.label)).collect()
            }
            Some(Value::Skipped(skip)) => vec![t.text(skip.label())],
            None => Vec::new(),
        }
    }
}

/// The page, with what went wrong if something did.
pub(super) fn review_page(
    state: &State,
    locale: Locale,
    status: StatusCode,
    form: &FormDefinition,
    (ticket, filled): (&str, &Filled),
    problem: Option<&'static str>,
) -> HttpResponse {
    let switch = Switch::Button {
        form: "form",
        action: format!("/{}/report", locale.other()),
        page: "report",
        step: "review",
        usual: "review",
    };
    let c = PageFrame::public(state, locale, switch);
    let template = ReviewPage {
        ticket,
        problem: problem.map(|id| c.t.text(id)),
        numbers: status == StatusCode::SERVICE_UNAVAILABLE,
        danger: in_danger(form, filled),
        parts: parts(form, filled),
        fields: filled.fields(form),
        filled,
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

fn parts<'a>(form: &'a FormDefinition, filled: &Filled) -> Vec<(&'a Section, Vec<&'a Question>)> {
    let shown =
        |question: &&Question| filled.meets(question) || filled.value(&question.id).is_some();
    let parts = form.sections().iter();
    let parts = parts.map(|part| {
        (
            part,
            part.questions.iter().filter(shown).collect::<Vec<_>>(),
        )
    });
    parts.filter(|(_, shown)| !shown.is_empty()).collect()
}
