//! The form page: the form as data becomes fieldsets, with what was typed and what is wrong with it.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::form::{Condition, FieldError, Filled, FormDefinition, Kind, Question, Section};
use crate::locale::Locale;
use crate::web::frame::{PageFrame, Switch};
use crate::web::page;
use crate::web::state::State;

/// The stylesheet knows this many groups of follow-up questions. Further ones always show.
const MOST_FOLLOW_UPS: usize = 9;

/// What the form page shows besides the questions.
#[derive(Debug, Default)]
pub(super) struct Notes<'a> {
    /// What is wrong with single answers.
    pub(super) errors: &'a [FieldError],
    /// Message id of what is wrong with all of it.
    pub(super) problem: Option<&'static str>,
    /// Id of the part to start in.
    pub(super) focus: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "reporter/form.html")]
struct FormPage<'a> {
    c: PageFrame<'a>,
    ticket: &'a str,
    problem: Option<String>,
    parts: Vec<Part>,
}

impl FormPage<'_> {
    /// The questions that the summary of errors names.
    fn wrong(&self) -> Vec<&Ask> {
        let asks = self.parts.iter().flat_map(|part| &part.asks);
        asks.filter(|ask| ask.error.is_some()).collect()
    }
}

struct Part {
    number: usize,
    label: String,
    intro: Option<String>,
    asks: Vec<Ask>,
}

/// One question as it is shown.
struct Ask {
    anchor: String,
    name: String,
    kind: Kind,
    label: String,
    help: Option<String>,
    error: Option<String>,
    one_needed: bool,
    focus: bool,
    follow: Option<usize>,
    text: String,
    /// Said before only where people write much; elsewhere the error says it.
    limit: Option<usize>,
    options: Vec<Opt>,
    skip_name: String,
    skips: Vec<Opt>,
}

struct Opt {
    anchor: String,
    id: String,
    label: String,
    checked: bool,
    opens: Vec<usize>,
    notice: Option<String>,
    /// Whether the notice says to call somebody.
    numbers: bool,
    focus: bool,
}

impl Ask {
    fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice | Kind::Choices)
    }

    fn is_many(&self) -> bool {
        self.kind == Kind::Choices
    }

    fn is_area(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Link)
    }

    fn is_long(&self) -> bool {
        self.kind == Kind::Text && self.one_needed
    }

    /// Ids of what explains the field, for `aria-describedby`.
    fn described(&self) -> String {
        let mut ids = Vec::new();
        if self.error.is_some() {
            ids.push(format!("{}-error", self.anchor));
        }
        if self.help.is_some() {
            ids.push(format!("{}-help", self.anchor));
        }
        if self.limit.is_some() {
            ids.push(format!("{}-limit", self.anchor));
        }
        ids.join(" ")
    }
}

/// The form with everything that was typed still in it.
pub(super) fn form_page(
    state: &State,
    form: &FormDefinition,
    locale: Locale,
    status: StatusCode,
    ticket: &str,
    filled: &Filled,
    notes: &Notes<'_>,
) -> HttpResponse {
    let template = template(state, form, locale, ticket, filled, notes);
    page::html(status, &template)
}

/// The form as it is opened.
pub(super) fn empty_page(
    state: &State,
    form: &FormDefinition,
    locale: Locale,
    ticket: &str,
) -> HttpResponse {
    let (filled, notes) = (Filled::default(), Notes::default());
    page::html_with_ticket(
        &template(state, form, locale, ticket, &filled, &notes),
        ticket,
    )
}

fn template<'a>(
    state: &'a State,
    form: &FormDefinition,
    locale: Locale,
    ticket: &'a str,
    filled: &Filled,
    notes: &Notes<'_>,
) -> FormPage<'a> {
    let switch = Switch::Button {
        form: "form",
        action: format!("/{}/report", locale.other()),
        page: "report",
        step: "edit",
        usual: "review",
    };
    let c = PageFrame::public(state, locale, switch);
    let parts = Parts {
        c: &c,
        form,
        filled,
        notes,
        follow_ups: follow_ups(form),
    }
    .all();
    let problem = notes.problem.map(|id| c.t.text(id));
    FormPage {
        c,
        ticket,
        problem,
        parts,
    }
}

/// Conditions that the stylesheet can follow, with their numbers.
fn follow_ups(form: &FormDefinition) -> Vec<&Condition> {
    let mut conditions: Vec<&Condition> = Vec::new();
    for condition in form
        .questions()
        .filter_map(|question| question.condition.as_ref())
    {
        if !conditions.contains(&condition) && conditions.len() < MOST_FOLLOW_UPS {
            conditions.push(condition);
        }
    }
    conditions
}

struct Parts<'a> {
    c: &'a PageFrame<'a>,
    form: &'a FormDefinition,
    filled: &'a Filled,
    notes: &'a Notes<'a>,
    follow_ups: Vec<&'a Condition>,
}

impl Parts<'_> {
    fn all(&self) -> Vec<Part> {
        let anchors: BTreeMap<&str, usize> = self
            .form
            .questions()
            .zip(1..)
            .map(|(question, number)| (question.id.as_str(), number))
            .collect();
        self.form
            .sections()
            .iter()
            .zip(1..)
            .map(|(section, number)| self.part(section, number, &anchors))
            .collect()
    }

    fn part(&self, section: &Section, number: usize, anchors: &BTreeMap<&str, usize>) -> Part {
        let mut focus = self.notes.focus == Some(section.id.as_str());
        let asks = section.questions.iter().map(|question| {
            let place = anchors
                .get(question.id.as_str())
                .copied()
                .unwrap_or_default();
            self.ask(question, &format!("q{place}"), std::mem::take(&mut focus))
        });
        Part {
            number,
            label: self.c.t.text(&section.label),
            asks: asks.collect(),
            intro: section.intro.as_deref().map(|id| self.c.t.text(id)),
        }
    }

    fn ask(&self, question: &Question, anchor: &str, focus: bool) -> Ask {
        let error = self.error(question);
        // A question with an answer or an error must be seen, whatever the answer it follows from.
        let hideable = error.is_none() && self.filled.value(&question.id).is_none();
        let follow = question
            .condition
            .as_ref()
            .filter(|_| hideable)
            .and_then(|condition| self.number(condition));
        Ask {
            anchor: anchor.to_owned(),
            name: question.id.clone(),
            kind: question.kind,
            label: self.c.t.text(&question.label),
            help: question.help.as_deref().map(|id| self.c.t.text(id)),
            error,
            one_needed: question.required_group.is_some(),
            focus,
            follow,
            text: self.filled.text(&question.id).to_owned(),
            limit: question
                .required_group
                .as_ref()
                .filter(|_| question.is_text())
                .map(|_| question.max_chars),
            options: self.options(question, anchor, focus),
            skip_name: question.skip_field(),
            skips: self.skips(question, anchor),
        }
    }

    fn number(&self, condition: &Condition) -> Option<usize> {
        self.follow_ups
            .iter()
            .position(|other| *other == condition)
            .map(|place| place.saturating_add(1))
    }

    fn options(&self, question: &Question, anchor: &str, focus: bool) -> Vec<Opt> {
        let options = question
            .options
            .iter()
            .zip(1..)
            .map(|(option, number): (_, usize)| {
                let opens = self.follow_ups.iter().zip(1..).filter(|(condition, _)| {
                    condition.question == question.id && condition.any_of.contains(&option.id)
                });
                Opt {
                    anchor: format!("{anchor}-{number}"),
                    id: option.id.clone(),
                    label: self.c.t.text(&option.label),
                    checked: self.filled.has(&question.id, &option.id),
                    opens: opens.map(|(_, number)| number).collect(),
                    notice: option.show.as_deref().map(|id| self.c.t.text(id)),
                    numbers: option.show_numbers,
                    focus: focus && number == 1,
                }
            });
        options.collect()
    }

    fn skips(&self, question: &Question, anchor: &str) -> Vec<Opt> {
        let skips = question.skips().iter().map(|skip| Opt {
            anchor: format!("{anchor}-{}", skip.id()),
            id: skip.id().to_owned(),
            label: self.c.t.text(skip.label()),
            checked: self.filled.has(&question.id, skip.id()),
            opens: Vec::new(),
            notice: None,
            numbers: false,
            focus: false,
        });
        skips.collect()
    }

    fn error(&self, question: &Question) -> Option<String> {
        let error = self
            .notes
            .errors
            .iter()
            .find(|error| error.question == question.id)?;
        Some(self.c.t.text_with(error.message, &error.args))
    }
}
