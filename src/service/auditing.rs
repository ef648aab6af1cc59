//! The audit trail as its readers see it. Auditors open bodies with their own keys; administrators see numbers, days and the clear
//! class alone, and reading is an entry.

use std::collections::BTreeMap;

use super::accounts::Caller;
use super::anchor::BLANK;
use super::context::Context;
use super::journal::{Act, Journal, Told};
use super::keyring;
use super::trail::{self, Finding, Sound};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::staff::{Role, StaffName};
use crate::seal::keys::Identity;
use crate::store::{self, AuditRow, DbConnection, Staff, StoreError, StoreResult};

/// Lines on a page.
const LINES: usize = 100;
/// Entries that are opened for one page: some 200 ms.
const LOOKED_AT: usize = 2_000;

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number.
    pub sequence: i64,
    /// The UTC day.
    pub day: Day,
    /// What was done, for auditors; otherwise the clear class.
    pub class: String,
    /// Who did it. For auditors.
    pub actor: Option<StaffName>,
    /// The report that it concerns. For auditors.
    pub report: Option<ReportId>,
    /// What else is told of it. For auditors.
    pub detail: String,
    /// How its body is.
    pub body: BodyState,
}

/// How the body of an entry is for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyState {
    /// It is shown, or not the reader's to see.
    Fine,
    /// It is sealed to a key that the reader does not hold (yet).
    NotHeld,
    /// It is not the one that was committed to.
    Broken,
}

/// Which entries are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Acts of this class.
    pub class: Option<String>,
    /// Acts of the person with this handle.
    pub actor: Option<String>,
    /// Acts that concern this report.
    pub report: Option<ReportId>,
}

/// Some of the trail.
pub struct AuditPage {
    /// The entries, newest first.
    pub lines: Vec<AuditLine>,
    /// Where to go on looking, if there is more.
    pub older: Option<i64>,
}

/// Why the trail is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditingError {
    /// Not the caller's to see.
    #[error("not found")]
    NotFound,
    /// The database does not answer.
    #[error("unavailable")]
    Unavailable,
}

/// See the module.
#[derive(Clone)]
pub struct Auditing {
    context: Context,
}

/// Who reads, and with what.
struct Reader {
    is_auditor: bool,
    keys: Vec<(KeyId, Identity)>,
}

impl Auditing {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// The trail's newest lines before `before`. Auditors may look for something.
    ///
    /// # Errors
    /// [`AuditingError`].
    pub async fn page(
        &self,
        caller: &Caller,
        before: Option<i64>,
        filter: AuditFilter,
    ) -> Result<AuditPage, AuditingError> {
        let reader = self.reader(caller).await?;
        let filter = if reader.is_auditor {
            filter
        } else {
            AuditFilter::default()
        };
        self.record(caller, "trail-read").await?;
        let journal = self.context.journal.clone();
        self.context
            .store
            .run(move |conn| Ok(page(conn, &journal, &reader, before, &filter)?))
            .await
    }

    /// Looks through the whole log with the caller's keys, bodies included. For auditors. Some 0.1 ms an entry.
    ///
    /// # Errors
    /// [`AuditingError`].
    pub async fn check(&self, caller: &Caller) -> Result<Result<Sound, Finding>, AuditingError> {
        let reader = self.reader(caller).await?;
        if !reader.is_auditor {
            return Err(AuditingError::NotFound);
        }
        self.record(caller, "trail-checked").await?;
        let journal = self.context.journal.clone();
        self.context
            .store
            .run(move |conn| Ok(trail::verify_bodies(conn, &journal, &reader.keys)?))
            .await
    }

    async fn reader(&self, caller: &Caller) -> Result<Reader, AuditingError> {
        let own = match caller.role {
            Role::Administrator => None,
            Role::Auditor => caller.key,
            Role::Caseworker | Role::Custodian => return Err(AuditingError::NotFound),
        };
        let keys = match own {
            None => Vec::new(),
            Some(own) => {
                let identity = Identity::from_seed(caller.keys.identity().seed());
                let found = self
                    .context
                    .store
                    .run(move |conn| keyring::beneath(conn, (own, &identity), |_| true));
                found.await?.identities()
            }
        };
        Ok(Reader {
            is_auditor: caller.role == Role::Auditor,
            keys,
        })
    }

    async fn record(&self, caller: &Caller, class: &'static str) -> Result<(), AuditingError> {
        let actor = Some(caller.staff);
        self.context
            .write(move |txn| {
                let act = Act {
                    class,
                    actor,
                    report: None,
                    detail: "",
                };
                txn.record(&act)?;
                Ok(())
            })
            .await
    }
}

fn page(
    conn: &mut DbConnection,
    journal: &Journal,
    reader: &Reader,
    before: Option<i64>,
    filter: &AuditFilter,
) -> StoreResult<AuditPage> {
    let people: BTreeMap<StaffId, Staff> = store::staff_list(conn)?
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    let mut lines = Vec::new();
    let (mut next, mut looked_at) = (before, 0);
    loop {
        let rows = store::audit_list(conn, next, 100)?;
        let is_last = rows.len() < 100;
        for row in rows {
            next = Some(row.seq);
            looked_at += 1;
            let told = if reader.is_auditor {
                journal.read_with(&row, &reader.keys)
            } else {
                None
            };
            if fits(filter, told.as_ref(), &people) {
                lines.push(line(row, told, &people, reader));
            }
            if lines.len() == LINES {
                return Ok(AuditPage { lines, older: next });
            }
        }
        if is_last {
            return Ok(AuditPage { lines, older: None });
        }
        if looked_at >= LOOKED_AT {
            return Ok(AuditPage { lines, older: next });
        }
    }
}

fn fits(filter: &AuditFilter, told: Option<&Told>, people: &BTreeMap<StaffId, Staff>) -> bool {
    if filter.class.is_none() && told.is_some_and(|told| told.class == BLANK) {
        return false;
    }
    let actor = told.and_then(|told| people.get(&told.actor?));
    filter
        .class
        .as_ref()
        .is_none_or(|class| told.is_some_and(|told| told.class == *class))
        && filter
            .actor
            .as_ref()
            .is_none_or(|name| actor.is_some_and(|person| is_called(person, name)))
        && filter
            .report
            .is_none_or(|report| told.is_some_and(|told| told.report == Some(report)))
}

/// By the handle, also of somebody who has left: or by the digits that stand for them on the page.
fn is_called(person: &Staff, name: &str) -> bool {
    let shown = StaffName::of(person.id, &person.handle, person.state);
    person.handle == name || matches!(shown, StaffName::Former(digits) if digits == name)
}

fn line(
    row: AuditRow,
    told: Option<Told>,
    people: &BTreeMap<StaffId, Staff>,
    reader: &Reader,
) -> AuditLine {
    let body = state(&row, told.as_ref(), reader);
    let mut line = AuditLine {
        sequence: row.seq,
        day: row.day,
        class: row.class,
        actor: None,
        report: None,
        detail: String::new(),
        body,
    };
    if let Some(told) = told {
        line.actor = told
            .actor
            .and_then(|actor| people.get(&actor))
            .map(|person| StaffName::of(person.id, &person.handle, person.state));
        line.report = told.report;
        line.detail = told.detail;
        line.class = told.class;
    }
    line
}

fn state(row: &AuditRow, told: Option<&Told>, reader: &Reader) -> BodyState {
    if told.is_some() || !reader.is_auditor {
        return BodyState::Fine;
    }
    let is_held = |key: KeyId| reader.keys.iter().any(|(id, _)| *id == key);
    if row.body.is_some() && row.body_key.is_some_and(|key| !is_held(key)) {
        BodyState::NotHeld
    } else {
        BodyState::Broken
    }
}

impl From<StoreError> for AuditingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale
            | StoreError::Conflict
            | StoreError::Busy
            | StoreError::Full
            | StoreError::Other(_) => {
                tracing::error!(%error, "the trail could not be read");
                Self::Unavailable
            }
        }
    }
}
