//! The queue: cards of the reports that the caller's keys open, most urgent first, then oldest.

use askama::Template;
use serde::Deserialize;

use super::display::BriefInert;
use super::form::SelectOption;
use super::request::StaffRequest;
use super::typed::Choice;
use super::words;
use crate::domain::clock::Timestamp;
use crate::domain::form::CardSummary;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::{MOST_ALIKE, QueueCard, QueueFilter, QueuePage, Reach, Turn};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

const HOUR: i64 = 3_600;
/// Up to here "so many hours ago" says more than the day.
const RECENT_HOURS: i64 = 48;

#[derive(Template)]
#[template(path = "staff/queue.html", whitespace = "minimize")]
struct Queue<'a> {
    c: PageFrame<'a>,
    queue: &'a QueuePage,
    states: Vec<SelectOption>,
    urgencies: Vec<SelectOption>,
    filtered: bool,
    empty_title: &'static str,
    empty_text: &'static str,
    page: u32,
    previous: Option<String>,
    next: Option<String>,
    /// Whether something beside the cards cannot be read.
    is_cut: bool,
    /// Reports that are much alike, as one group.
    alike: Option<String>,
    /// What the caller's keys do not open.
    unseen: Option<String>,
    now: Timestamp,
}

impl Queue<'_> {
    /// How long it has waited: in hours, from the sealed card; else the day, which is all that is known outside the seal.
    fn when(&self, card: &QueueCard) -> String {
        let t = self.c.t;
        let Some(summary) = &card.card else {
            return words::utc_day(t, card.day);
        };
        let at = Timestamp::from_seconds(summary.received_hour);
        match self.now.seconds().saturating_sub(at.seconds()) / HOUR {
            0 => t.text("staff-when-now"),
            hours @ 1..=RECENT_HOURS => t.text_with("staff-when-hours", &[("hours", hours)]),
            _ => t.date_of(at),
        }
    }

    /// What comes next, and in how long or how late.
    fn next(&self, card: &QueueCard) -> Option<String> {
        card.next
            .map(|next| words::deadline(self.c.t, next, self.now))
    }

    fn is_late(&self, card: &QueueCard) -> bool {
        card.next.is_some_and(|(_, at)| at < self.now)
    }

    /// What the sealed card says of it, in the reporter's language.
    fn facts(&self, summary: &CardSummary) -> String {
        words::joined(summary.danger.iter().chain(&summary.categories))
    }
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
    let (c, reach) = (visit.chrome(), &queue.reach);
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
    let is_cut = queue.alike.is_none() || queue.waiting.is_none();
    let alike = alike(c.t, queue.alike.unwrap_or_default());
    // Quiet is said only to somebody who would see what waits.
    let (empty_title, empty_text) = match reach {
        _ if asked.is_filtered() => ("staff-queue-none-title", "staff-queue-none-text"),
        _ if is_cut => ("staff-queue-unseen-title", "staff-queue-unread"),
        Reach::Whole if alike.is_some() => ("staff-queue-rest-title", "staff-queue-rest-text"),
        Reach::Whole => ("staff-queue-empty-title", "staff-queue-empty-text"),
        Reach::Without(_) | Reach::NoTeam | Reach::Unknown => {
            ("staff-queue-unseen-title", "staff-queue-unseen-text")
        }
    };
    ok(&Queue {
        states: states(c.t, asked.state.made()),
        urgencies: urgencies(c.t, asked.urgency.made()),
        filtered: asked.is_filtered(),
        empty_title,
        empty_text,
        page,
        previous: link(page.saturating_sub(1).max(1), "before", &queue.before),
        next: link(page.saturating_add(1), "after", &queue.after),
        is_cut,
        alike,
        unseen: unseen(c.t, reach),
        now: visit.place().state.clock.now(),
        queue,
        c,
    })
}

fn alike(t: &Translator, (count, urgent): (usize, usize)) -> Option<String> {
    let id = match count {
        0 => return None,
        MOST_ALIKE.. => "staff-queue-alike-most",
        _ => "staff-queue-alike",
    };
    let number = |count: usize| count.to_string();
    Some(t.text_with(
        id,
        &[("count", &number(count)), ("urgent", &number(urgent))],
    ))
}

/// What the caller's keys do not open, and what to do about it.
pub(super) fn unseen(t: &Translator, reach: &Reach) -> Option<String> {
    match reach {
        Reach::Whole => None,
        Reach::NoTeam => Some(t.text("staff-reach-no-team")),
        Reach::Unknown => Some(t.text("staff-reach-unknown")),
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
