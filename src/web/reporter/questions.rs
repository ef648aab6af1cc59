//! A page with questions: some sections of the form as data become fieldsets, with what was typed and what is wrong with it. What the
//! other sections hold travels in hidden fields.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::reading::Moved;
use crate::domain::form::{
    Condition, FieldError, Filled, FormDefinition, Kind, Question, Section, Stage,
};
use crate::locale::Locale;
use crate::web::frame::{PageFrame, Switch};
use crate::web::page;
use crate::web::state::State;

/// The stylesheet knows this many groups of follow-up questions. Further ones always show.
const MOST_FOLLOW_UPS: usize = 9;

/// What a page with questions asks, and what it says besides.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The whole form.
    pub(super) form: &'a FormDefinition,
    /// What this page shows of it.
    pub(super) sections: &'a [&'a Section],
    /// Everything that was answered, here and elsewhere.
    pub(super) filled: &'a Filled,
    /// To whom it speaks.
    pub(super) who: &'a str,
    /// What is wrong with single answers.
    pub(super) errors: &'a [FieldError],
    /// What is said beside the account, of answers to questions that are gone.
    pub(super) moved: Option<&'a Moved>,
    /// Message id of what is wrong with all of it.
    pub(super) problem: Option<&'static str>,
}

impl<'a> Asked<'a> {
    /// Questions that nobody has answered yet, or not wrongly.
    pub(super) fn of(
        form: &'a FormDefinition,
        sections: &'a [&'a Section],
        filled: &'a Filled,
    ) -> Self {
        Self {
            form,
            sections,
            filled,
            who: filled.who(form),
            errors: &[],
            moved: None,
            problem: None,
        }
    }
}

/// Where a page with questions sends them.
pub(super) struct Target {
    /// Its name, for the buttons outside it.
    pub(super) id: &'static str,
    /// Its address.
    pub(super) action: String,
    /// What it carries besides the answers.
    pub(super) fields: Vec<(String, String)>,
    /// What the button does, and the message id of its words.
    pub(super) button: (&'static str, &'static str),
    /// The same of a button that goes back.
    pub(super) back: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "reporter/form.html")]
pub(super) struct QuestionsPage<'a> {
    c: PageFrame<'a>,
    /// Whether this is the first page of a report.
    is_first: bool,
    /// Whether it begins with the danger, and with the numbers for it.
    has_calls: bool,
    heading: String,
    problem: Option<String>,
    parts: Vec<Part>,
    target: Target,
}

impl QuestionsPage<'_> {
    /// The questions that the summary of errors names.
    fn wrong(&self) -> Vec<&Ask> {
        let asks = self.parts.iter().flat_map(|part| &part.asks);
        asks.filter(|ask| ask.error.is_some()).collect()
    }
}

struct Part {
    intro: Option<String>,
    asks: Vec<Ask>,
}

/// One question as it is shown.
struct Ask {
    anchor: String,
    name: String,
    kind: Kind,
    label: String,
    /// Where it is read aloud.
    voice: Option<String>,
    help: Option<String>,
    error: Option<String>,
    /// Whether it opens with a tap: one of several that can be answered, and not the first.
    is_folded: bool,
    follow: Option<usize>,
    text: String,
    options: Vec<Opt>,
}

struct Opt {
    anchor: String,
    id: String,
    label: String,
    icon: Option<String>,
    checked: bool,
    opens: Vec<usize>,
    notice: Option<String>,
    /// Whether the notice says to call somebody.
    numbers: bool,
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

    /// Whether a pick must be offered to be taken back: without script a radio button cannot be.
    fn is_picked(&self) -> bool {
        !self.is_many() && self.options.iter().any(|option| option.checked)
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
        ids.join(" ")
    }
}

/// The page of a report, with everything that was typed still in it.
pub(super) fn form_page(
    state: &State,
    locale: Locale,
    status: StatusCode,
    ticket: &str,
    asked: Asked<'_>,
) -> HttpResponse {
    page::html(status, &of_report(state, locale, ticket, asked))
}

/// The first page of a report as it is opened.
pub(super) fn empty_page(
    state: &State,
    form: &FormDefinition,
    locale: Locale,
    ticket: &str,
) -> HttpResponse {
    let sections: Vec<_> = form.of_stage(Stage::First).collect();
    let filled = Filled::default();
    let asked = Asked::of(form, &sections, &filled);
    page::html_with_ticket(&of_report(state, locale, ticket, asked), ticket)
}

fn of_report<'a>(
    state: &'a State,
    locale: Locale,
    ticket: &str,
    asked: Asked<'_>,
) -> QuestionsPage<'a> {
    let switch = Switch::Button {
        form: "form",
        action: "/{lang}/report".to_owned(),
        page: "report",
        step: "edit",
        usual: "review",
    };
    let mut fields = vec![("ticket".to_owned(), ticket.to_owned())];
    let at = |section: &&Section| ("at".to_owned(), section.id.clone());
    fields.extend(asked.sections.iter().map(at));
    let target = Target {
        id: "form",
        // The bare "?" makes it another address for the browser, not for us: Chromium keeps a page for the Back button, with what was
        // typed, only when the address changes.
        action: format!("/{locale}/report?"),
        fields,
        button: ("review", "form-to-review"),
        back: None,
    };
    questions(PageFrame::of_form(state, locale, switch), asked, target)
}

/// A page with these questions, in whichever frame.
pub(super) fn questions<'a>(
    c: PageFrame<'a>,
    asked: Asked<'_>,
    mut target: Target,
) -> QuestionsPage<'a> {
    let elsewhere = asked.filled.fields().into_iter();
    target.fields.extend(elsewhere.filter(|(name, _)| {
        let mut shown = asked.sections.iter();
        !shown.any(|section| section.asks(name))
    }));
    target.fields.extend(marks(asked.form));
    let told = asked.moved.iter().flat_map(|moved| &moved.fields);
    target.fields.extend(told.cloned());
    let builder = Builder {
        c: &c,
        follow_ups: follow_ups(asked.sections),
        asked,
    };
    let of_stage = |stage| {
        let mut shown = asked.sections.iter();
        asked.errors.is_empty() && shown.any(|section| section.stage == stage)
    };
    let heading = match asked.sections {
        [section] if section.stage != Stage::First => builder.told(&section.label),
        _ => c.t.text("form-heading"),
    };
    let parts = builder.parts();
    QuestionsPage {
        is_first: of_stage(Stage::First) || of_stage(Stage::Door),
        has_calls: of_stage(Stage::First),
        heading,
        problem: asked.problem.map(|id| c.t.text(id)),
        parts,
        target,
        c,
    }
}

/// The hidden fields that name the edition of the form, and tell picks from words should their questions be gone when they come back.
pub(super) fn marks(form: &FormDefinition) -> [(String, String); 2] {
    [
        (FormDefinition::EDITION.to_owned(), form.edition.clone()),
        (FormDefinition::PICKS.to_owned(), form.picks()),
    ]
}

/// Conditions that the stylesheet can follow, with their numbers: on questions of the same page.
fn follow_ups<'a>(sections: &[&'a Section]) -> Vec<&'a Condition> {
    let mut found: Vec<&Condition> = Vec::new();
    let questions = sections.iter().flat_map(|section| &section.questions);
    for condition in questions.filter_map(|question| question.condition.as_ref()) {
        let mut shown = sections.iter();
        let is_near = shown.any(|section| section.asks(&condition.question));
        if is_near && !found.contains(&condition) && found.len() < MOST_FOLLOW_UPS {
            found.push(condition);
        }
    }
    found
}

struct Builder<'a> {
    c: &'a PageFrame<'a>,
    asked: Asked<'a>,
    follow_ups: Vec<&'a Condition>,
}

impl Builder<'_> {
    fn told(&self, id: &str) -> String {
        self.c.t.told(id, self.asked.who)
    }

    fn parts(&self) -> Vec<Part> {
        let questions = self.asked.form.questions().zip(1..);
        let anchors: BTreeMap<&str, usize> = questions
            .map(|(question, number)| (question.id.as_str(), number))
            .collect();
        let part = |section: &&Section| Part {
            intro: section.intro.as_deref().map(|id| self.told(id)),
            asks: self.asks(section, &anchors),
        };
        self.asked.sections.iter().map(part).collect()
    }

    fn asks(&self, section: &Section, anchors: &BTreeMap<&str, usize>) -> Vec<Ask> {
        let questions = section.questions.iter().filter(|one| self.is_asked(one));
        let ask = |question: &Question| {
            let number = anchors.get(question.id.as_str());
            self.ask(
                question,
                &format!("q{}", number.copied().unwrap_or_default()),
            )
        };
        questions.map(ask).collect()
    }

    /// What follows from an answer on the same page the stylesheet shows; from one elsewhere, it is decided here. A question with an answer or
    /// an error is seen in any case.
    fn is_asked(&self, question: &Question) -> bool {
        let near = |condition| self.number(condition).is_some();
        self.c.is_inert()
            || question.condition.as_ref().is_some_and(near)
            || self.asked.filled.meets(question)
            || self.is_held(question)
    }

    fn is_held(&self, question: &Question) -> bool {
        self.error(question).is_some() || self.asked.filled.value(&question.id).is_some()
    }

    fn ask(&self, question: &Question, anchor: &str) -> Ask {
        let condition = question.condition.as_ref();
        let follow = condition.filter(|_| !self.is_held(question) && !self.c.is_inert());
        let group = question.required_group.as_deref();
        let mut shown = (self.asked.sections.iter()).flat_map(|section| &section.questions);
        let first = shown.find(|one| one.required_group.as_deref() == group);
        let is_later = group.is_some() && first.is_some_and(|first| first.id != question.id);
        Ask {
            anchor: anchor.to_owned(),
            name: question.id.clone(),
            kind: question.kind,
            label: self.told(&question.label),
            voice: self.voice(question),
            help: question.help.as_deref().map(|id| self.told(id)),
            error: self.error(question),
            is_folded: is_later && !self.is_held(question) && !self.c.is_inert(),
            follow: follow.and_then(|condition| self.number(condition)),
            text: self.asked.filled.text(&question.id).to_owned(),
            options: self.options(question, anchor),
        }
    }

    fn voice(&self, question: &Question) -> Option<String> {
        let language = self.c.t.spoken().code();
        let recording = self.asked.form.voice.reads(language, &question.id)?;
        Some(format!("/voice/{language}/{}", recording.name))
    }

    fn number(&self, condition: &Condition) -> Option<usize> {
        let mut known = self.follow_ups.iter();
        let place = known.position(|other| *other == condition)?;
        Some(place.saturating_add(1))
    }

    fn options(&self, question: &Question, anchor: &str) -> Vec<Opt> {
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
                    label: self.told(&option.label),
                    icon: option.icon.clone(),
                    checked: self.asked.filled.has(&question.id, &option.id),
                    opens: opens.map(|(_, number)| number).collect(),
                    notice: option.show.as_deref().map(|id| self.told(id)),
                    numbers: option.show_numbers,
                }
            });
        options.collect()
    }

    fn error(&self, question: &Question) -> Option<String> {
        let mut errors = self.asked.errors.iter();
        let error = errors.find(|error| error.question == question.id);
        let error = error.map(|error| self.c.t.text_with(error.message, &error.args));
        let account = self.asked.form.account().map(|account| &account.id);
        let moved = (self.asked.moved).filter(|_| account == Some(&question.id));
        let moved = moved.map(|moved| moved.said.clone());
        match (moved, error) {
            (Some(moved), Some(error)) => Some(format!("{moved} {error}")),
            (moved, error) => moved.or(error),
        }
    }
}
