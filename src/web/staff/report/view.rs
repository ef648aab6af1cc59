//! The page of one report.

use askama::Template;

use super::decisions::{self, Decisions};
use super::facts::Told;
use super::ready::{Ready, ready};
use super::rest::{looks, people};
use super::work::URGENCY;
use crate::domain::form::{CardSummary, Hint, SealedAnswer, SealedChoice, SealedValue};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::proposal::ProposalKind;
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::once::Once;
use crate::service::triage::{Entry, Neighbours, ReportView};
use crate::web::frame::{PageFrame, Switch};
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::display::Inert;
use crate::web::staff::form::{FormState, SelectOption};
use crate::web::staff::queue::asked::Asked;
use crate::web::staff::request::StaffRequest;
use crate::web::staff::words;

#[derive(Template)]
#[template(path = "staff/report.html", whitespace = "minimize")]
struct ReportPage<'a> {
    c: PageFrame<'a>,
    read: &'a ReportView,
    id: String,
    /// The address of the list that this was opened from, what of it the page carries, and the pages beside this one.
    queue: String,
    list: String,
    previous: Option<String>,
    next: Option<String>,
    when: String,
    /// The language the reporter filled the form in.
    lang: &'static str,
    hints: Vec<String>,
    form: FormState<'a>,
    urgency: Urgency,
    acts: Vec<Transition>,
    /// Words whose input is not there any more: somebody else has decided meanwhile.
    left_over: Vec<&'a str>,
    /// Until which entry the reader had read it when the page was first shown.
    marked: Option<u32>,
    me: StaffId,
    /// What was answered, in reading order.
    told: Option<Told<'a>>,
    /// Answers that the operator has made ready, each with its words in the reporter's language and in the reader's.
    ready: Vec<Ready<'a>>,
    /// What makes two clicks one act.
    once: Once,
    decisions: Decisions<'a>,
    /// What comes next, and in how long; whether it is late.
    deadlines: Vec<(String, bool)>,
    /// When whoever acts on it may look again, and who that can be.
    rest_hours: Vec<SelectOption>,
    rest_people: Vec<SelectOption>,
}

impl ReportPage<'_> {
    /// What these people are called.
    fn named(&self, people: &[StaffId]) -> String {
        let names = &self.read.names;
        let named = people
            .iter()
            .filter_map(|id| names.iter().find(|(one, _)| one == id));
        let named: Vec<String> = named.map(|(_, name)| words::name(self.c.t, name)).collect();
        named.join(", ")
    }

    /// Whether it is the most urgent hint. Hints are reasons for a person to weigh, never a decision.
    fn is_suggested(&self, urgency: &Urgency) -> bool {
        let first = self.read.card.as_ref().and_then(|card| card.hints.first());
        first.is_some_and(|hint| hint.urgency == urgency.as_str())
    }

    /// Whether an entry came since its reader read the report.
    fn is_new(&self, entry: &Entry) -> bool {
        self.marked.is_some_and(|until| until < entry.number) && !entry.by.contains(&self.me)
    }

    /// Where the page has anything to do: the name of each part and its words.
    fn parts(&self) -> Vec<(&'static str, &'static str)> {
        let (read, acts) = (self.read, &self.read.acts);
        let parts = [
            (
                acts.contains(&Transition::ActUpon),
                "rest-title",
                "desk-part-rest",
            ),
            (read.mine, "message-title", "desk-part-message"),
            (read.mine, "note-title", "desk-part-note"),
            (read.mine, "urgency-title", "desk-part-urgency"),
            (!self.acts.is_empty(), "act-title", "desk-part-act"),
            (true, "decisions", "desk-part-decisions"),
        ];
        let there = parts.into_iter().filter(|(is_there, ..)| *is_there);
        there.map(|(_, place, id)| (place, id)).collect()
    }

    /// What was picked.
    fn picked<'s>(&self, answer: &'s SealedAnswer) -> &'s [SealedChoice] {
        match &answer.value {
            SealedValue::Text(_) => &[],
            SealedValue::Options(options) => options,
        }
    }
}

/// The page, with what was typed put back into its form.
pub(super) fn page(
    visit: &StaffRequest,
    read: &ReportView,
    (asked, beside): (&Asked<'_>, Neighbours),
    form: FormState<'_>,
) -> Answer {
    let mut c = visit.chrome();
    if let Some(done) = form.just_done() {
        let done = done.text(c.t);
        c = c.said(done);
    }
    let (t, card) = (c.t, read.card.as_ref());
    let (me, now) = (visit.caller.staff, visit.place().state.clock.now());
    let id = read.report.to_string();
    c.switch = Switch::Work(format!("/reports/{id}/keep"));
    let acts = read.acts.iter().copied();
    let at = |report: Option<ReportId>| report.map(|report| asked.report(&report));
    let view = ReportPage {
        id,
        queue: asked.address(),
        list: asked.carried(),
        previous: at(beside.previous),
        next: at(beside.next),
        when: when(t, read),
        lang: words::language_tag(language(read)),
        hints: card.map(|card| hints(t, read, card)).unwrap_or_default(),
        decisions: decisions::section(t, read, &form, me),
        deadlines: (read.deadlines.iter())
            .map(|one| (words::deadline(t, *one, now), one.1 < now))
            .collect(),
        rest_hours: looks(t, read.urgency, form.get("rest-hours")),
        rest_people: people(read, &form, "rest-staff", me),
        urgency: form.get(URGENCY).parse().unwrap_or(read.urgency),
        acts: acts.filter(|act| act.can_be_chosen()).collect(),
        left_over: form.texts_but(|name| is_shown(read, name)),
        marked: marked(read, &form),
        me,
        told: read
            .answers
            .as_ref()
            .map(|sealed| Told::of(t, sealed, card)),
        ready: ready(c.answers(), t.locale(), read),
        once: Once::new_page(),
        read,
        form,
        c,
    };
    html(view.form.status(), &view)
}

/// A page that is shown again marks what the one before it marked, and what has come since.
fn marked(read: &ReportView, form: &FormState<'_>) -> Option<u32> {
    let sent = ["marked", "read"].map(|name| form.get(name).parse().ok());
    let [marked, newest]: [Option<u32>; 2] = sent;
    // The page that was sent, if it marked nothing, showed all until its newest entry.
    let shown = marked.or(newest);
    match (read.read_until, shown) {
        (Some(until), Some(shown)) => Some(until.min(shown)),
        (until, None) => until,
        (None, shown) => shown,
    }
}

/// Whether the page has an input of that name that takes words.
fn is_shown(read: &ReportView, name: &str) -> bool {
    let decisions = &read.decisions;
    match name {
        "message" | "note" | "urgency-reason" => read.mine,
        "rest-reason" => read.acts.contains(&Transition::ActUpon),
        "act-reason" => read.acts.iter().any(|act| act.can_be_chosen()),
        "linked" => read.acts.contains(&Transition::Link),
        "share-reason" => (read.access.as_ref()).is_some_and(|access| !access.teams.is_empty()),
        "restrict-reason" => read.access.is_some(),
        "retain-reason" => decisions.leads,
        "hold-reason" => decisions.leads && !decisions.hold,
        name => (decisions.may.iter()).any(|kind| name.starts_with(kind.as_str())),
    }
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
            Some(SealedValue::Text(_)) | None => None,
        };
        picked.filter(|option| t.has(&option.label_id)).map_or_else(
            || hint.answer.label.clone(),
            |option| t.told(&option.label_id, "other"),
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
