//! Everything once more before it is sent. Nothing is kept here: all of it travels in hidden fields.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::questions;
use crate::domain::form::{Filled, FormDefinition, Question, Section, Stage, Value};
use crate::locale::{Locale, Translator};
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
    /// What is said back to whoever said so.
    notices: Vec<String>,
    fields: Vec<(String, String)>,
    /// What the first page asked and got.
    first: Vec<Answered>,
    /// What was answered behind a door.
    doors: Vec<Part>,
    /// Who must not be told, if that was not said: it decides who reads the report.
    barred: Option<Part>,
    /// What can be told besides, and what was.
    more: Vec<Part>,
}

/// A question and the lines of its answer.
struct Answered {
    label: String,
    lines: Vec<String>,
}

struct Part {
    id: String,
    label: String,
    answered: Vec<Answered>,
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
        action: "/{lang}/report".to_owned(),
        page: "report",
        step: "review",
        usual: "review",
    };
    let c = PageFrame::of_form(state, locale, switch);
    let shown = Shown {
        t: c.t,
        who: filled.who(form),
        filled,
    };
    let notices = filled.notices(form).into_iter();
    let first = form.of_stage(Stage::First);
    let first: Vec<Answered> = first.flat_map(|part| shown.answered(part)).collect();
    let mut doors: Vec<Part> = form
        .of_stage(Stage::Door)
        .map(|part| shown.part(part))
        .collect();
    doors.retain(|part| !part.answered.is_empty());
    // Whoever came through a door has not seen the first screen.
    let unseen = form
        .of_stage(Stage::First)
        .take(usize::from(first.is_empty()));
    let more = unseen.chain(form.of_stage(Stage::More));
    let mut more: Vec<Part> = more.map(|part| shown.part(part)).collect();
    let is_barred = |part: &Part| {
        let barred = form.barred();
        part.answered.is_empty() && barred.is_some_and(|barred| barred.id == part.id)
    };
    let template = ReviewPage {
        ticket,
        problem: problem.map(|id| c.t.text(id)),
        numbers: status == StatusCode::SERVICE_UNAVAILABLE,
        notices: notices.map(|id| shown.told(id)).collect(),
        fields: fields(form, filled),
        first,
        doors,
        barred: more.iter().position(is_barred).map(|at| more.remove(at)),
        more,
        c,
    };
    page::html(status, &template)
}

fn fields(form: &FormDefinition, filled: &Filled) -> Vec<(String, String)> {
    let mut fields = filled.fields();
    fields.extend(questions::marks(form));
    fields
}

/// The answers in the reader's words.
struct Shown<'a> {
    t: &'a Translator,
    who: &'a str,
    filled: &'a Filled,
}

impl Shown<'_> {
    fn told(&self, id: &str) -> String {
        self.t.told(id, self.who)
    }

    fn part(&self, section: &Section) -> Part {
        Part {
            id: section.id.clone(),
            label: self.told(&section.label),
            answered: self.answered(section),
        }
    }

    /// Only what was answered: passing a question over needs no word.
    fn answered(&self, section: &Section) -> Vec<Answered> {
        let answered = |question: &Question| {
            let lines = match self.filled.value(&question.id)? {
                Value::Text(text) => vec![text.to_string()],
                Value::Options(picked) => {
                    let picked = picked.iter().filter_map(|id| question.option(id));
                    picked.map(|option| self.told(&option.label)).collect()
                }
            };
            Some(Answered {
                label: self.told(&question.label),
                lines,
            })
        };
        section.questions.iter().filter_map(answered).collect()
    }
}
