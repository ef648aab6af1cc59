//! The page of one report.

use askama::Template;

use super::decisions::{self, Decisions};
use super::work::{ACT, URGENCY};
use crate::domain::form::{CardSummary, Hint, SealedAnswer, SealedChoice, SealedValue};
use crate::domain::ids::StaffId;
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::once::Once;
use crate::service::triage::{AccessView, Entry, EntryKind, ReportView};
use crate::web::frame::{PageFrame, Switch};
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::display::Inert;
use crate::web::staff::form::FormState;
use crate::web::staff::queue::{joined, language_tag, short};
use crate::web::staff::request::StaffRequest;
use crate::web::staff::words;

#[derive(Template)]
#[template(path = "staff/report.html", whitespace = "minimize")]
struct ReportPage<'a> {
    c: PageFrame<'a>,
    id: String,
    short: String,
    version: i64,
    urgency: String,
    urgency_class: String,
    state: String,
    when: String,
    lang: &'static str,
    answers: Vec<FormAnswer<'a>>,
    /// The report is locked: nothing of it is shown.
    locked: bool,
    /// The answers are there and do not open.
    missing: bool,
    barred: String,
    hints: Vec<String>,
    mine: bool,
    free: bool,
    holder: &'a str,
    entries: Vec<Shown<'a>>,
    mailbox_open: bool,
    form: FormState<'a>,
    urgencies: Vec<Choice>,
    acts: Vec<Choice>,
    can_ask: bool,
    can_link: bool,
    /// Words whose input is not there any more: somebody else has decided meanwhile.
    left_over: Vec<&'a str>,
    /// What makes two clicks one act.
    once: String,
    access: Option<Access>,
    decisions: Decisions<'a>,
}

/// Who may read it, and whom a lead can choose.
struct Access {
    readers: String,
    restricted: bool,
    /// Id and handle.
    people: Vec<(String, String)>,
    teams: Vec<(String, String)>,
    members: Vec<(String, String)>,
}

/// A question as it was asked, and what was answered.
struct FormAnswer<'a> {
    label: &'a str,
    /// The question in the caseworker's language, where that is another one.
    translated: Option<String>,
    typed: Vec<Inert<'a>>,
    picked: Vec<Picked<'a>>,
    skipped: bool,
}

struct Picked<'a> {
    label: &'a str,
    translated: Option<String>,
}

/// One thing that happened since.
struct Shown<'a> {
    class: &'static str,
    kind: String,
    author: String,
    is_signed: bool,
    day: String,
    decision: String,
    text: Inert<'a>,
    has_text: bool,
}

struct Choice {
    value: &'static str,
    label: String,
    explained: String,
    chosen: bool,
    hint: bool,
}

/// The page, with what was typed put back into its form.
pub(super) fn page(visit: &StaffRequest, read: &ReportView, form: FormState<'_>) -> Answer {
    let mut c = visit.chrome();
    if let Some(done) = form.just_done() {
        let done = done.text(c.t);
        c = c.said(done);
    }
    let t = c.t;
    let id = read.report.to_string();
    c.switch = Switch::Work(format!("/reports/{id}/keep"));
    let view = ReportPage {
        short: short(&id),
        id,
        version: read.version,
        urgency: t.word("staff-urgency", read.urgency),
        urgency_class: words::urgency_class(read.urgency),
        state: t.word("staff-state", read.state),
        when: when(t, read),
        lang: language_tag(language(read)),
        answers: answers(t, read),
        locked: read.state == State::Locked,
        missing: read.answers.is_none() && read.state != State::Locked,
        barred: read
            .card
            .as_ref()
            .map(|card| joined(&card.barred))
            .unwrap_or_default(),
        hints: read
            .card
            .as_ref()
            .map(|card| hints(t, read, card))
            .unwrap_or_default(),
        mine: read.mine,
        free: read.holder.is_none(),
        holder: read.holder.as_deref().unwrap_or_default(),
        entries: read.history.iter().map(|entry| shown(t, entry)).collect(),
        access: read.access.as_ref().map(access),
        decisions: decisions::section(t, &read.decisions, &form),
        mailbox_open: read.mailbox_open,
        urgencies: urgencies(t, read, &form),
        acts: acts(t, read, &form),
        can_ask: read.acts.contains(&Transition::AskReporter),
        can_link: read.acts.contains(&Transition::Link),
        left_over: form.texts_but(|name| is_shown(read, name)),
        once: Once::new_page().to_string(),
        form,
        c,
    };
    html(view.form.status(), &view)
}

/// Whether the page has an input of that name that takes words.
fn is_shown(read: &ReportView, name: &str) -> bool {
    let decisions = &read.decisions;
    match name {
        "message" | "note" | "urgency-reason" => read.mine,
        "act-reason" => read.acts.iter().any(|act| act.can_be_chosen()),
        "linked" => read.acts.contains(&Transition::Link),
        "share-reason" => (read.access.as_ref()).is_some_and(|access| !access.teams.is_empty()),
        "restrict-reason" => read.access.is_some(),
        "retain-reason" => decisions.leads,
        "hold-reason" => decisions.leads && !decisions.hold,
        name => (decisions.may.iter()).any(|kind| name.starts_with(kind.as_str())),
    }
}

fn urgencies(t: &Translator, read: &ReportView, form: &FormState<'_>) -> Vec<Choice> {
    let chosen = form.get(URGENCY).parse().unwrap_or(read.urgency);
    // Hints come most urgent first. They are reasons for a person to weigh, never a decision.
    let suggested: Option<Urgency> = read
        .card
        .as_ref()
        .and_then(|card| card.hints.first())
        .and_then(|hint| hint.urgency.parse().ok());
    Urgency::ALL
        .into_iter()
        .map(|urgency| Choice {
            value: urgency.as_str(),
            label: t.word("staff-urgency", urgency),
            explained: String::new(),
            chosen: urgency == chosen,
            hint: suggested == Some(urgency),
        })
        .collect()
}

fn acts(t: &Translator, read: &ReportView, form: &FormState<'_>) -> Vec<Choice> {
    read.acts
        .iter()
        .filter(|act| act.can_be_chosen())
        .map(|act| Choice {
            value: act.as_str(),
            label: t.word("staff-act", *act),
            explained: t.word("staff-act-explained", *act),
            chosen: form.has(ACT, act.as_str()),
            hint: false,
        })
        .collect()
}

/// The language the reporter filled the form in.
fn language(read: &ReportView) -> &str {
    read.answers
        .as_ref()
        .map_or("", |answers| answers.language.as_str())
}

/// The day it came and, from inside the seal, the hour. Outside the seal there is only a day of UTC.
fn when(t: &Translator, read: &ReportView) -> String {
    match read.hour {
        Some(at) => {
            let (day, hour) = (t.date_of(at), t.time_of(at));
            t.text_with("staff-report-when", &[("day", &day), ("hour", &hour)])
        }
        None => words::utc_day(t, read.day),
    }
}

fn answers<'a>(t: &Translator, read: &'a ReportView) -> Vec<FormAnswer<'a>> {
    let given = read
        .answers
        .as_ref()
        .map(|answers| answers.answers.as_slice())
        .unwrap_or_default();
    given
        .iter()
        .map(|given| answer(t, language(read), given))
        .collect()
}

/// Answers that hint at an urgency, in the caseworker's words where there are such.
fn hints(t: &Translator, read: &ReportView, card: &CardSummary) -> Vec<String> {
    let named = |hint: &Hint| {
        let sealed = read
            .answers
            .as_ref()
            .and_then(|answers| answers.value(&hint.question));
        let picked = match sealed {
            Some(SealedValue::Options(options)) => {
                options.iter().find(|option| option.id == hint.answer.id)
            }
            Some(SealedValue::Text(_) | SealedValue::Skipped(_)) | None => None,
        };
        picked.filter(|option| t.has(&option.label_id)).map_or_else(
            || hint.answer.label.clone(),
            |option| t.text(&option.label_id),
        )
    };
    let urgency = |hint: &str| {
        hint.parse()
            .map(|urgency: Urgency| t.word("staff-urgency", urgency))
            .unwrap_or_default()
    };
    card.hints
        .iter()
        .map(|hint| format!("{}: {}", urgency(&hint.urgency), named(hint)))
        .collect()
}

/// What a decision led to.
fn decided(t: &Translator, entry: &Entry) -> String {
    let state = entry.state.map(|state| t.word("staff-state", state));
    let urgency = entry
        .urgency
        .map(|urgency: Urgency| t.word("staff-urgency", urgency));
    state
        .into_iter()
        .chain(urgency)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The sealed words come first, since the reporter saw those. Our own words for the same id only help to read them.
fn answer<'a>(t: &Translator, language: &str, given: &'a SealedAnswer) -> FormAnswer<'a> {
    let translated = |id: &str, label: &str| {
        let own = (language != t.code() && t.has(id)).then(|| t.text(id));
        own.filter(|own| own != label)
    };
    let picked = |choice: &'a SealedChoice| Picked {
        label: &choice.label,
        translated: translated(&choice.label_id, &choice.label),
    };
    let (typed, picked) = match &given.value {
        SealedValue::Text(text) => (vec![Inert(text)], Vec::new()),
        SealedValue::Options(options) => (Vec::new(), options.iter().map(picked).collect()),
        SealedValue::Skipped(skip) => (Vec::new(), vec![picked(skip)]),
    };
    FormAnswer {
        label: &given.label,
        translated: translated(&given.label_id, &given.label),
        typed,
        picked,
        skipped: given.is_skipped(),
    }
}

fn access(view: &AccessView) -> Access {
    let text = |(id, name): &(StaffId, String)| (id.to_string(), name.clone());
    let handles: Vec<&str> = view
        .readers
        .iter()
        .map(|(_, handle)| handle.as_str())
        .collect();
    Access {
        readers: handles.join(", "),
        restricted: view.restricted,
        people: view.readers.iter().map(text).collect(),
        teams: view
            .teams
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone()))
            .collect(),
        members: view.members.iter().map(text).collect(),
    }
}

fn shown<'a>(t: &Translator, entry: &'a Entry) -> Shown<'a> {
    let (class, kind) = match entry.kind {
        EntryKind::FromReporter => ("from-reporter", "staff-entry-from-reporter"),
        EntryKind::ToReporter => ("to-reporter", "staff-entry-to-reporter"),
        EntryKind::Note => ("note", "staff-entry-note"),
        EntryKind::Decision => ("decision", "staff-entry-decision"),
    };
    Shown {
        class,
        kind: t.text(kind),
        author: entry
            .author
            .as_ref()
            .map(|name| words::name(t, name))
            .unwrap_or_default(),
        is_signed: entry.is_signed,
        day: t.moment(entry.at),
        decision: decided(t, entry),
        text: Inert(&entry.text),
        has_text: !entry.text.is_empty(),
    }
}
