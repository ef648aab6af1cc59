//! The queue: cards of the reports that the caller's keys open, in the view and order that was asked for.

pub(super) mod asked;
mod choices;

use actix_web::HttpResponse;
use askama::Template;
use serde::Serialize;

use asked::Asked;
use choices::{Choices, ViewLink, views};

use super::display::BriefInert;
use super::request::StaffRequest;
use super::typed::Choice;
use super::words;
use crate::domain::clock::Timestamp;
use crate::domain::form::CardSummary;
use crate::domain::inert::is_blank;
use crate::locale::Translator;
use crate::service::triage::{EntryKind, MOST_ALIKE, News, QueueCard, QueuePage, Reach, View};
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
    views: Vec<ViewLink>,
    choices: Choices<'a>,
    asked: &'a Asked<'a>,
    empty_title: &'static str,
    empty_text: &'static str,
    /// The digits of the caller's own key, where nobody has let them in yet.
    digits: Option<String>,
    page: u32,
    previous: Option<String>,
    next: Option<String>,
    /// Whether something beside the cards cannot be read.
    is_cut: bool,
    /// Reports that are much alike, as one group.
    alike: Option<String>,
    /// What the caller's keys do not open.
    unseen: Option<String>,
    /// What a report's page carries of this one.
    list: String,
    /// The address at which the page is read again by itself.
    again: Option<String>,
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

    /// What is new to the caller, by the ids of the words for it.
    fn marks(&self, news: &News) -> Vec<&'static str> {
        let marks = [
            (news.is_unread, "desk-unread"),
            (news.has_reporter_written, "desk-reporter-wrote"),
            (news.has_colleague_written, "desk-colleague-wrote"),
            (
                news.is_unanswered && !news.has_reporter_written,
                "desk-unanswered",
            ),
        ];
        let marks = marks.into_iter().filter(|(is_so, _)| *is_so);
        marks.map(|(_, id)| id).collect()
    }

    /// What happened last, when, and who did it.
    fn last(&self, news: &News) -> Option<String> {
        let t = self.c.t;
        let (kind, at, by) = news.last.as_ref()?;
        let who = match (kind, by) {
            (EntryKind::FromReporter, _) | (_, None) => String::new(),
            (_, Some(by)) => words::name(t, by),
        };
        let (what, when) = (t.word("staff-entry", *kind), t.moment(*at));
        let said = [("what", &what), ("who", &who), ("when", &when)];
        Some(t.text_with(
            if is_blank(&who) {
                "desk-last"
            } else {
                "desk-last-by"
            },
            &said,
        ))
    }

    /// How many messages and notes there are.
    fn written(&self, news: &News) -> Option<String> {
        let t = self.c.t;
        let counts = news.counts;
        let messages = counts.from_reporter.saturating_add(counts.to_reporter);
        (messages > 0 || counts.notes > 0).then(|| {
            let said = [("messages", messages), ("notes", counts.notes)];
            t.text_with("desk-written", &said)
        })
    }

    /// What the sealed card says of it, in the reporter's language.
    fn facts(&self, summary: &CardSummary) -> String {
        words::joined(summary.danger.iter().chain(&summary.categories))
    }
}

/// `GET /queue`
pub async fn show(visit: StaffRequest) -> Answer {
    let asked = Asked::of(visit.asked())?;
    let queue = visit
        .services()
        .triage
        .queue(&visit.caller, asked.filter(visit.translator()));
    let queue = queue.await?;
    render(&visit, &asked, &queue)
}

/// What waits, as the page's head and its tab say it.
#[derive(Serialize)]
struct Counts {
    title: String,
    line: String,
}

/// `GET /queue/counts`: for the script that keeps them up to date.
pub async fn counts(visit: StaffRequest) -> Answer {
    let c = visit.chrome();
    let counts = Counts {
        title: c.title_count(),
        line: c.desk_line().unwrap_or_default(),
    };
    Ok(HttpResponse::Ok().json(counts))
}

fn render(visit: &StaffRequest, asked: &Asked<'_>, queue: &QueuePage) -> Answer {
    let (mut c, reach) = (visit.chrome(), &queue.reach);
    // The queue has moved since the link was made: what is called the second page may have become the first.
    let page = if queue.is_first && !queue.cards.is_empty() {
        1
    } else {
        asked.page()
    };
    let link = |page, direction, place: &Option<String>| {
        let place = place.as_deref()?;
        Some(asked.turned(page, direction, place))
    };
    let is_cut = queue.alike.is_none() || queue.waiting.is_none();
    let alike = alike(c.t, queue.alike.unwrap_or_default());
    let (empty_title, empty_text) = empty(asked, page, reach, (is_cut, alike.is_some()));
    c.here = Some(asked.address());
    ok(&Queue {
        views: views(c.t, asked, c.desk().unwrap_or_default()),
        choices: Choices::of(c.t, asked, queue),
        empty_title,
        empty_text,
        digits: (*reach != Reach::Whole)
            .then(|| visit.services().custody.my_fingerprint(&visit.caller)),
        page,
        previous: link(page.saturating_sub(1).max(1), "before", &queue.before),
        next: link(page.saturating_add(1), "after", &queue.after),
        is_cut,
        alike,
        unseen: unseen(c.t, reach),
        list: asked.carried(),
        asked,
        again: asked.refresh.then(|| asked.again()),
        now: visit.place().state.clock.now(),
        queue,
        c,
    })
}

/// What an empty list says. Quiet is said only to somebody who would see what waits.
fn empty(
    asked: &Asked<'_>,
    page: u32,
    reach: &Reach,
    (is_cut, is_alike): (bool, bool),
) -> (&'static str, &'static str) {
    let is_first_look = !asked.is_chosen() && asked.order == Choice::Missing && page == 1;
    match (asked.view(), reach) {
        _ if is_cut => ("staff-queue-unseen-title", "staff-queue-unread"),
        (_, Reach::Without(_) | Reach::NoTeam | Reach::Unknown) => {
            ("staff-queue-unseen-title", "staff-queue-unseen-text")
        }
        (View::Waiting, Reach::Whole) if is_first_look && is_alike => {
            ("staff-queue-rest-title", "staff-queue-rest-text")
        }
        (View::Waiting, Reach::Whole) if is_first_look => {
            ("staff-queue-empty-title", "staff-queue-empty-text")
        }
        (View::ForMe, Reach::Whole) if is_first_look => {
            ("desk-empty-for-me-title", "desk-empty-for-me-text")
        }
        (View::Mine, Reach::Whole) if is_first_look => {
            ("desk-empty-mine-title", "desk-empty-mine-text")
        }
        (View::Late, Reach::Whole) if is_first_look => {
            ("desk-empty-late-title", "desk-empty-late-text")
        }
        _ => ("staff-queue-none-title", "staff-queue-none-text"),
    }
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
