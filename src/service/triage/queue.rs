//! The queue: cards, most urgent first, then oldest.

use super::{Ring, Triage, TriageError};
use crate::domain::clock::Day;
use crate::domain::form::CardSummary;
use crate::domain::ids::ReportId;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::opening;
use crate::service::accounts::Caller;
use crate::store::{self, QueueRow};

/// What to show.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; empty means the open ones.
    pub states: Vec<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Page of 50, from 0.
    pub page: u32,
}

/// One page.
pub struct QueuePage {
    /// At most 50 cards.
    pub cards: Vec<QueueCard>,
    /// The page's number, from 0.
    pub page: u32,
    /// Whether there is another.
    pub has_next: bool,
}

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
    /// Its summary; `None` if it is sealed but does not open.
    pub card: Option<CardSummary>,
}

impl Triage {
    /// A page of what the caller's keys open.
    ///
    /// # Errors
    /// [`TriageError`].
    pub async fn queue(
        &self,
        caller: &Caller,
        filter: QueueFilter,
    ) -> Result<QueuePage, TriageError> {
        let own = Self::own(caller)?;
        let wanted = store::QueueFilter {
            states: shown(&filter.states),
            urgency: filter.urgency,
            page: filter.page,
        };
        let (ring, page, people) = self
            .context
            .store
            .run(move |conn| {
                store::read_transaction(conn, |conn| {
                    let ring = Ring::open(conn, own)?;
                    let page = store::queue_page(conn, &ring.ids(), &wanted)?;
                    Ok((ring, page, store::staff_list(conn)?))
                })
            })
            .await?;
        self.heed(&ring).await;
        let me = caller.staff;
        let has_next = page.has_next;
        let cards = tokio::task::spawn_blocking(move || {
            page.rows
                .into_iter()
                .map(|row| QueueCard {
                    report: row.report.id,
                    state: row.report.state,
                    urgency: row.report.urgency,
                    day: row.report.day,
                    holder: row.claimed_by.and_then(|staff| {
                        people
                            .iter()
                            .find(|person| person.id == staff)
                            .map(|p| p.handle.clone())
                    }),
                    mine: row.claimed_by == Some(me),
                    card: summary(&ring, &row),
                })
                .collect()
        })
        .await
        .map_err(|_| TriageError::Unavailable)?;
        Ok(QueuePage {
            cards,
            page: filter.page,
            has_next,
        })
    }
}

/// The states that are asked for; the open ones if none is.
fn shown(asked: &[State]) -> Vec<State> {
    if asked.is_empty() {
        State::ALL
            .into_iter()
            .filter(|state| state.is_open())
            .collect()
    } else {
        asked.to_vec()
    }
}

/// A locked report's card stays shut, also for those who could open it (`domain.md` 2.9).
fn summary(ring: &Ring, row: &QueueRow) -> Option<CardSummary> {
    if row.report.state == State::Locked {
        return None;
    }
    let report = &row.report;
    let grant = opening::open_grant(
        ring.identity(row.key)?,
        &row.grant,
        report.id,
        &report.recipient,
    );
    let open = opening::open_card(grant.ok()?, report.card, row.card.as_ref()?).ok()?;
    CardSummary::parse(open.summary()).ok()
}
