//! The queue: cards of the reports that the caller's keys open, most urgent first, then oldest.

use askama::Template;
use serde::Deserialize;

use super::display::BriefInert;
use super::form::SelectOption;
use super::request::StaffRequest;
use super::typed::Choice;
use super::words;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::form::{CardSummary, Labelled};
use crate::domain::ids::ReportId;
use crate::domain::proposal::ProposalKind;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::{QueueCard, QueueFilter, QueuePage, Reach, Turn, Waiting};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

const HOUR: i64 = 3_600;
/// Up to here "so many hours ago" says more than the day.
const RECENT_HOURS: i64 = 48;

#[derive(Template)]
#[template(path = "staff/queue.html", whitespace = "minimize")]
struct Queue<'a> {
    c: PageFrame<'a>,
    states: Vec<SelectOption>,
    urgencies: Vec<SelectOption>,
    cards: Vec<Card<'a>>,
    waiting: Vec<Line>,
    reviews: Vec<Line>,
    filtered: bool,
    empty_title: &'static str,
    empty_text: &'static str,
    page: u32,
    previous: Option<String>,
    next: Option<String>,
    /// What the caller's keys do not open.
    unseen: Option<String>,
}

/// One report, as the queue shows it.
struct Card<'a> {
    id: String,
    short: String,
    urgency: String,
    urgency_class: String,
    state: String,
    when: String,
    holder: String,
    mine: bool,
    free: bool,
    summary: Option<Summary<'a>>,
}

/// A report that waits for somebody.
struct Line {
    id: String,
    short: String,
    text: String,
}

/// What the sealed card says. Its words are in the reporter's language.
struct Summary<'a> {
    lang: &'a str,
    facts: String,
    barred: String,
    excerpt: BriefInert<'a>,
}

/// What is asked of the queue. An unknown state or urgency in the address is as good as none.
#[derive(Default, Deserialize)]
#[serde(default)]
struct QueueQuery<'a> {
    state: Choice<State>,
    urgency: Choice<Urgency>,
    page: Choice<u32>,
    after: &'a str,
    before: &'a str,
}

/// `GET /queue`
pub async fn show(visit: StaffRequest) -> Answer {
    let asked: QueueQuery<'_> = visit.query()?;
    let filter = QueueFilter {
        states: asked.state.made().into_iter().collect(),
        urgency: asked.urgency.made(),
        turn: asked.turn(),
    };
    let queue = visit.services().triage.queue(&visit.caller, filter).await?;
    render(&visit, &asked, &queue)
}

impl QueueQuery<'_> {
    /// The page's number, from 1.
    fn page(&self) -> u32 {
        self.page.made().unwrap_or(1).clamp(1, 1_000_000)
    }

    fn is_filtered(&self) -> bool {
        self.state.made().is_some() || self.urgency.made().is_some() || self.page() > 1
    }

    /// A link carries a place, and the number of the page for the eye. A number alone finds the first pages.
    fn turn(&self) -> Turn {
        match (self.after, self.before) {
            ("", "") => Turn::Number(self.page().saturating_sub(1)),
            ("", place) => Turn::Before(place.to_owned()),
            (place, _) => Turn::After(place.to_owned()),
        }
    }

    /// The address of another page of this choice.
    fn link(&self, page: u32, direction: &str, place: &str) -> String {
        let state = self.state.made().map_or("", State::as_str);
        let urgency = self.urgency.made().map_or("", Urgency::as_str);
        format!("/queue?state={state}&urgency={urgency}&page={page}&{direction}={place}")
    }
}

fn render(visit: &StaffRequest, asked: &QueueQuery<'_>, queue: &QueuePage) -> Answer {
    let (waiting, reach) = (&queue.waiting, &queue.reach);
    let c = visit.chrome();
    let now = visit.place().state.clock.now();
    // The queue has moved since the link was made: what is called the second page may have become the first.
    let page = if queue.is_first && !queue.cards.is_empty() {
        1
    } else {
        asked.page()
    };
    let link = |page, direction, place: &Option<String>| {
        let place = place.as_deref()?;
        Some(asked.link(page, direction, place))
    };
    // Quiet is said only to somebody who would see what waits.
    let (empty_title, empty_text) = match reach {
        _ if asked.is_filtered() => ("staff-queue-none-title", "staff-queue-none-text"),
        Reach::Whole => ("staff-queue-empty-title", "staff-queue-empty-text"),
        Reach::Without(_) | Reach::NoTeam => {
            ("staff-queue-unseen-title", "staff-queue-unseen-text")
        }
    };
    ok(&Queue {
        states: states(c.t, asked.state.made()),
        urgencies: urgencies(c.t, asked.urgency.made()),
        cards: queue
            .cards
            .iter()
            .map(|card| shown(c.t, card, now))
            .collect(),
        waiting: proposals(c.t, waiting),
        reviews: reviews(c.t, waiting),
        filtered: asked.is_filtered(),
        empty_title,
        empty_text,
        page,
        previous: link(page.saturating_sub(1).max(1), "before", &queue.before),
        next: link(page.saturating_add(1), "after", &queue.after),
        unseen: unseen(c.t, reach),
        c,
    })
}

/// What the caller's keys do not open, and what to do about it.
pub(super) fn unseen(t: &Translator, reach: &Reach) -> Option<String> {
    match reach {
        Reach::Whole => None,
        Reach::NoTeam => Some(t.text("staff-reach-no-team")),
        Reach::Without(teams) => {
            let teams = teams.join(", ");
            Some(t.text_with("staff-reach-without", &[("teams", &teams)]))
        }
    }
}

fn states(t: &Translator, chosen: Option<State>) -> Vec<SelectOption> {
    let open = SelectOption::none(t.text("staff-state-open"), chosen.is_none());
    let each = SelectOption::each(t, ("staff-state", &State::ALL), chosen);
    [vec![open], each].concat()
}

fn urgencies(t: &Translator, chosen: Option<Urgency>) -> Vec<SelectOption> {
    let any = SelectOption::none(t.text("staff-urgency-any"), chosen.is_none());
    let each = SelectOption::each(t, ("staff-urgency", &Urgency::ALL), chosen);
    [vec![any], each].concat()
}

fn proposals(t: &Translator, waiting: &Waiting) -> Vec<Line> {
    let line = |(report, kind, handle, day, mine): &(ReportId, ProposalKind, String, Day, bool)| {
        let who = if *mine {
            t.text("decisions-yours")
        } else {
            handle.clone()
        };
        let id = report.to_string();
        Line {
            short: short(&id),
            id,
            text: format!(
                "{} · {who} · {}",
                t.word("decisions-kind", *kind),
                t.date(*day)
            ),
        }
    };
    waiting.proposals.iter().map(line).collect()
}

fn reviews(t: &Translator, waiting: &Waiting) -> Vec<Line> {
    let line = |(report, since): &(ReportId, Day)| {
        let id = report.to_string();
        let day = t.date(*since);
        Line {
            short: short(&id),
            id,
            text: t.text_with("decisions-kept-review", &[("day", &day)]),
        }
    };
    waiting.reviews.iter().map(line).collect()
}

fn shown<'a>(t: &Translator, card: &'a QueueCard, now: Timestamp) -> Card<'a> {
    let id = card.report.to_string();
    Card {
        short: short(&id),
        id,
        urgency: t.word("staff-urgency", card.urgency),
        urgency_class: words::urgency_class(card.urgency),
        state: t.word("staff-state", card.state),
        when: when(t, card, now),
        holder: holder(t, card),
        mine: card.mine,
        free: card.holder.is_none(),
        summary: card.card.as_ref().map(summarised),
    }
}

/// The first eight digits of a report's number: enough to tell two reports on a screen apart.
pub(super) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

fn holder(t: &Translator, card: &QueueCard) -> String {
    match &card.holder {
        Some(_) if card.mine => t.text("staff-card-yours"),
        Some(handle) => t.text_with("staff-card-holder", &[("handle", handle)]),
        None => String::new(),
    }
}

/// How long it has waited: in hours, from the sealed card; else the day, which is all that is known outside the seal.
fn when(t: &Translator, card: &QueueCard, now: Timestamp) -> String {
    let Some(summary) = &card.card else {
        return words::utc_day(t, card.day);
    };
    let at = Timestamp::from_seconds(summary.received_hour);
    match now.seconds().saturating_sub(at.seconds()) / HOUR {
        0 => t.text("staff-when-now"),
        hours @ 1..=RECENT_HOURS => t.text_with("staff-when-hours", &[("hours", hours)]),
        _ => t.date_of(at),
    }
}

fn summarised(summary: &CardSummary) -> Summary<'_> {
    let facts: Vec<&str> = summary
        .danger
        .iter()
        .chain(&summary.categories)
        .map(|fact| fact.label.as_str())
        .collect();
    Summary {
        lang: language_tag(&summary.language),
        facts: facts.join(" · "),
        barred: joined(&summary.barred),
        excerpt: BriefInert(&summary.excerpt),
    }
}

/// Options side by side.
pub(super) fn joined(labels: &[Labelled]) -> String {
    labels
        .iter()
        .map(|label| label.label.as_str())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A language code for a `lang` attribute: one of ours or none, whatever is sealed.
pub(super) fn language_tag(code: &str) -> &'static str {
    code.parse::<crate::locale::Locale>()
        .map_or("", crate::locale::Locale::code)
}
