//! The audit trail as its readers see it. Auditors open bodies with their own keys; administrators see numbers, days and the clear
//! class alone, and reading is an entry.

use std::collections::BTreeMap;

use super::accounts::Caller;
use super::audit_log::{AuditBody, AuditLog};
use super::context::Context;
use super::keyring;
use super::trail::{self, Finding, Reconciled, VerifiedLog};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, StaffId, TeamId};
use crate::domain::keys::KeyKind;
use crate::domain::staff::{Role, StaffName};
use crate::seal::keys::Identity;
use crate::service::error::Error;
use crate::store::{self, AuditRow, DbConnection, KeyRow, Staff, StoreResult};

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
    /// The clear class.
    pub class: String,
    /// What was done and by whom. For auditors.
    pub told: Option<AuditBody>,
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
    /// Events of this name.
    pub event: Option<String>,
    /// Acts of the person with this handle.
    pub actor: Option<String>,
    /// Acts that concern this report.
    pub report: Option<ReportId>,
}

/// Some of the trail.
pub struct AuditPage {
    /// The entries, newest first.
    pub lines: Vec<AuditLine>,
    /// What the people and teams in them are called.
    pub names: Names,
    /// Where to go on looking, if there is more.
    pub older: Option<i64>,
}

/// What people and teams are called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Everybody who has or had an account.
    pub people: BTreeMap<StaffId, StaffName>,
    /// All teams.
    pub teams: BTreeMap<TeamId, String>,
    /// Whose each key is, and its number among theirs.
    pub keys: BTreeMap<KeyId, (KeyOwner, u32)>,
}

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// A team's.
    Team(TeamId),
    /// A person's own.
    Person(StaffId),
    /// The recovery key.
    Recovery,
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
    /// [`Error`].
    pub async fn page(
        &self,
        caller: &Caller,
        before: Option<i64>,
        filter: AuditFilter,
    ) -> Result<AuditPage, Error> {
        let reader = self.reader(caller).await?;
        let filter = if reader.is_auditor {
            filter
        } else {
            AuditFilter::default()
        };
        self.record(caller, AuditEvent::TrailRead {}).await?;
        let audit_log = self.context.audit_log.clone();
        self.context
            .read(move |conn| Ok(page(conn, &audit_log, &reader, before, &filter)?))
            .await
    }

    /// Looks through the whole log with the caller's keys, bodies included, and for reports that came and are gone. For auditors. Some
    /// 0.1 ms an entry.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn check(
        &self,
        caller: &Caller,
    ) -> Result<Result<(VerifiedLog, Reconciled), Finding>, Error> {
        let reader = self.reader(caller).await?;
        if !reader.is_auditor {
            return Err(Error::NotFound);
        }
        self.record(caller, AuditEvent::TrailChecked {}).await?;
        let audit_log = self.context.audit_log.clone();
        let look = move |conn: &mut DbConnection| {
            // One state of the database: what comes in meanwhile is in both or in neither.
            store::read_transaction(conn, |conn| {
                trail::reconcile(conn, &audit_log, &reader.keys)
            })
        };
        let found = self.context.read(look).await?;
        if let Ok((_, reconciled)) = &found
            && *reconciled != Reconciled::default()
        {
            let (kind, subject) = (AlarmKind::ReportsVanished, "reports");
            self.context
                .write(move |txn| txn.raise(kind, subject))
                .await?;
        }
        Ok(found)
    }

    async fn reader(&self, caller: &Caller) -> Result<Reader, Error> {
        let own = match caller.role {
            Role::Administrator => None,
            Role::Auditor => caller.key,
            Role::Caseworker | Role::Custodian => return Err(Error::NotFound),
        };
        let keys = match own {
            None => Vec::new(),
            Some(own) => {
                let identity = caller.keys.identity().share();
                let found = self
                    .context
                    .read(move |conn| keyring::beneath(conn, (own, &identity), |_| true));
                found.await?.identities()
            }
        };
        Ok(Reader {
            is_auditor: caller.role == Role::Auditor,
            keys,
        })
    }

    async fn record(&self, caller: &Caller, event: AuditEvent) -> Result<(), Error> {
        let actor = caller.staff;
        self.context
            .write(move |txn| Ok(txn.record(actor, event)?))
            .await
    }
}

fn page(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    reader: &Reader,
    before: Option<i64>,
    filter: &AuditFilter,
) -> StoreResult<AuditPage> {
    let people = store::unless_damaged(store::staff_list(conn))?;
    let (mut lines, mut older) = (Vec::new(), None);
    let (mut next, mut looked_at) = (before, 0);
    'looking: loop {
        let rows = store::audit_list(conn, next, 100)?;
        // One that cannot be read is no end.
        let is_last = rows.is_empty();
        for row in rows {
            next = Some(row.seq);
            looked_at += 1;
            let told = if reader.is_auditor {
                audit_log.read_with(&row, &reader.keys)
            } else {
                None
            };
            if fits(filter, told.as_ref(), &people) {
                lines.push(AuditLine {
                    body: state(&row, told.as_ref(), reader),
                    sequence: row.seq,
                    day: row.day,
                    class: row.class,
                    told,
                });
            }
            if lines.len() == LINES {
                older = next;
                break 'looking;
            }
        }
        if is_last {
            break;
        }
        if looked_at >= LOOKED_AT {
            older = next;
            break;
        }
    }
    let names = names(conn, &people)?;
    Ok(AuditPage {
        lines,
        names,
        older,
    })
}

fn names(conn: &mut DbConnection, people: &[Staff]) -> StoreResult<Names> {
    let teams = store::team_list(conn)?.into_iter();
    let keys = store::key_list(conn)?.into_iter();
    let owner = |key: &KeyRow| match key.kind {
        KeyKind::Team => KeyOwner::Team(TeamId::from_bytes(key.owner)),
        KeyKind::Staff => KeyOwner::Person(StaffId::from_bytes(key.owner)),
        KeyKind::Recovery => KeyOwner::Recovery,
    };
    Ok(Names {
        people: people
            .iter()
            .map(|person| (person.id, called(person)))
            .collect(),
        teams: teams.map(|team| (team.id, team.name)).collect(),
        keys: keys
            .map(|key| (key.id, (owner(&key), key.generation)))
            .collect(),
    })
}

fn fits(filter: &AuditFilter, told: Option<&AuditBody>, people: &[Staff]) -> bool {
    let name = told.map(|told| told.event.name());
    if filter.event.is_none() && matches!(told, Some(told) if told.event == AuditEvent::Blank {}) {
        return false;
    }
    let by = told.and_then(|told| people.iter().find(|person| Some(person.id) == told.by));
    let (event, actor, report) = (&filter.event, &filter.actor, filter.report);
    event.as_deref().is_none_or(|wanted| name == Some(wanted))
        && actor
            .as_ref()
            .is_none_or(|name| by.is_some_and(|person| is_called(person, name)))
        && (report.is_none() || told.and_then(|told| told.event.report()) == report)
}

fn called(person: &Staff) -> StaffName {
    StaffName::of(person.id, &person.handle, person.state)
}

/// By the handle, also of somebody who has left: or by the digits that stand for them on the page.
fn is_called(person: &Staff, name: &str) -> bool {
    person.handle == name || matches!(called(person), StaffName::Former(digits) if digits == name)
}

fn state(row: &AuditRow, told: Option<&AuditBody>, reader: &Reader) -> BodyState {
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
