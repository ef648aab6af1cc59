//! One line of the queue: what stands in clear, what the sealed card says, and what has happened since the caller read it.

use crate::domain::clock::{Day, Timestamp};
use crate::domain::deadline::{Deadline, Facts};
use crate::domain::form::CardSummary;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::staff::StaffName;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::activity::{Activity, ActivityKey, Counts};
use crate::seal::opening::{self, OpenReport, Opened};
use crate::service::prover::is_signed;
use crate::service::triage::Ring;
use crate::service::triage::history::{EntryKind, kind_of};
use crate::store::{self, DbConnection, QueueRow, Report, Staff, StoreResult};

/// More that nobody has read is not opened for a line of the queue, which says so.
const LATEST: usize = 8;

/// One report in the queue.
pub struct QueueCard {
    /// Its id.
    pub report: ReportId,
    /// Where it stands.
    pub state: State,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// The UTC day it came.
    pub day: Day,
    /// Handle of who has it.
    pub holder: Option<String>,
    /// Whether the caller has it.
    pub mine: bool,
    /// Handles of those whose it is.
    pub assignees: Vec<String>,
    /// What comes next, and by when, unless somebody is at it.
    pub next: Option<(Deadline, Timestamp)>,
    /// Its summary; `None` if it is sealed but does not open.
    pub card: Option<CardSummary>,
    /// What has happened; `None` without a summary, or where there is more than a line of the queue can tell.
    pub news: Option<News>,
}

/// What has happened to a report, for one reader.
pub struct News {
    /// Whether they have never read it.
    pub is_unread: bool,
    /// Whether the reporter has written since they read it.
    pub has_reporter_written: bool,
    /// Whether a colleague has written or decided since then.
    pub has_colleague_written: bool,
    /// Whether nobody has answered what the reporter wrote last.
    pub is_unanswered: bool,
    /// What happened last, when, and who did it: `None` for the reporter.
    pub last: Option<(EntryKind, Timestamp, Option<StaffName>)>,
    /// How much was written.
    pub counts: Counts,
}

/// Whom a line is for, and what people are called.
pub(super) struct Reader<'a> {
    pub me: StaffId,
    pub ring: &'a Ring,
    pub people: &'a [Staff],
}

/// A line whose card was opened, before it is known whether it is shown.
pub(super) struct OpenRow<'a> {
    row: &'a QueueRow,
    open: Option<OpenReport>,
    card: Option<CardSummary>,
}

impl<'a> OpenRow<'a> {
    /// The line, but for what has happened.
    pub(super) fn of(reader: &Reader<'_>, row: &'a QueueRow) -> Self {
        let open = reader.open(row);
        let card = open.as_ref();
        let card = card.and_then(|open| CardSummary::parse(open.summary()).ok());
        Self { row, open, card }
    }

    /// What the card says.
    pub(super) const fn summary(&self) -> Option<&CardSummary> {
        self.card.as_ref()
    }

    /// What is known in clear.
    pub(super) const fn report(&self) -> &Report {
        &self.row.report
    }

    /// What comes next, whoever is at it.
    pub(super) fn next(&self) -> Option<(Deadline, Timestamp)> {
        facts(self.row, self.card.as_ref()).next()
    }
}

impl Reader<'_> {
    pub(super) fn card(
        &self,
        conn: &mut DbConnection,
        line: OpenRow<'_>,
    ) -> StoreResult<QueueCard> {
        let OpenRow { row, open, card } = line;
        let news = match open.filter(|_| card.is_some()) {
            Some(open) => store::unless_damaged(self.news(conn, row, &open))?,
            None => None,
        };
        let handle = |staff| self.person(staff).map(|person| person.handle.clone());
        Ok(QueueCard {
            report: row.report.id,
            state: row.report.state,
            urgency: urgency(row, card.as_ref()),
            day: row.report.day,
            holder: row.claimed_by.and_then(handle),
            mine: row.claimed_by == Some(self.me),
            assignees: row.report.assignees().filter_map(handle).collect(),
            next: next(row, card.as_ref()),
            card,
            news,
        })
    }

    fn person(&self, staff: StaffId) -> Option<&Staff> {
        self.people.iter().find(|person| person.id == staff)
    }

    /// A locked report's card stays shut, also for those who could open it.
    fn open(&self, row: &QueueRow) -> Option<OpenReport> {
        let report = &row.report;
        if report.state == State::Locked {
            return None;
        }
        let grant = opening::open_grant(
            self.ring.identity(row.key)?,
            &row.grant,
            report.id,
            &report.recipient,
            &row.earlier,
        );
        opening::open_card(grant.ok()?, report.card, row.card.as_ref()?).ok()
    }

    fn news(
        &self,
        conn: &mut DbConnection,
        row: &QueueRow,
        open: &OpenReport,
    ) -> StoreResult<Option<News>> {
        let key = ActivityKey::of(open.grant());
        let sealed = row.activity.as_deref();
        let mut activity = sealed.map_or_else(Activity::default, |sealed| key.open_or_new(sealed));
        if !activity.tells_all_of(&row.report.contents)
            && !self.catch_up(conn, row, open, &mut activity)?
        {
            return Ok(None);
        }
        let news = activity.news(self.me);
        Ok(Some(News {
            is_unread: news.is_unread,
            has_reporter_written: news.has_reporter_written,
            has_colleague_written: news.has_colleague_written,
            is_unanswered: news.is_unanswered,
            last: news.last.and_then(|(kind, at, by)| {
                let by = by.and_then(|by| self.person(by));
                let by = by.map(|one| StaffName::of(one.id, &one.handle, one.state));
                Some((kind_of(kind)?, at, by))
            }),
            counts: news.counts,
        }))
    }

    /// Tells of what came since. Whether that is all of it: as many as the proven row says, each under its own number.
    fn catch_up(
        &self,
        conn: &mut DbConnection,
        row: &QueueRow,
        open: &OpenReport,
        activity: &mut Activity,
    ) -> StoreResult<bool> {
        let through = activity.through();
        let later = store::objects_after(conn, row.report.id, through, LATEST)?;
        let later = later.iter();
        let later = later.filter_map(|(id, sealed)| opening::open_object(open, *id, sealed).ok());
        let mut later: Vec<Opened> = later.collect();
        later.sort_by_key(|opened| opened.position.number);
        activity.tell(&later);
        // The card has no number.
        let newest = row.report.objects.saturating_sub(1);
        let numbers = later.iter().map(|opened| i64::from(opened.position.number));
        Ok(numbers.eq(i64::from(through).saturating_add(1)..=newest))
    }
}

fn next(row: &QueueRow, card: Option<&CardSummary>) -> Option<(Deadline, Timestamp)> {
    let is_waiting = row.claimed_by.is_none() || row.report.state.rests();
    facts(row, card).next().filter(|_| is_waiting)
}

/// What nobody has decided yet is as urgent as the sealed answers say, whatever stands in clear.
fn urgency(row: &QueueRow, card: Option<&CardSummary>) -> Urgency {
    let hint = card.and_then(|card| card.hints.first()?.urgency.parse().ok());
    match hint.filter(|_| !is_signed(&row.report)) {
        Some(hint) => row.report.urgency.min(hint),
        None => row.report.urgency,
    }
}

fn facts(row: &QueueRow, card: Option<&CardSummary>) -> Facts {
    let report = &row.report;
    let came = card.map(|card| Timestamp::from_seconds(card.received_hour));
    let received = came.unwrap_or(report.day.start());
    Facts {
        urgency: report.urgency,
        state: report.state,
        due: report.due,
        is_looked_at: report.look_again.is_some(),
        received,
        told: received,
        replied: None,
        is_mailbox_open: false,
    }
}
