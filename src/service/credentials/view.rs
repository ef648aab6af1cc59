//! What the administrator's page shows of the server's keys: days, counts and who must act, no secret.

use super::{Horizons, Ordered, ServerKeys, mail_login, ordered, pin_setting, usage};
use crate::domain::clock::Day;
use crate::domain::credential::{
    CUSTODIAN_DUE_DAYS, CredentialKind, CredentialOrder, MAIL_DUE_DAYS,
};
use crate::service::accounts::Caller;
use crate::service::admin::administrator;
use crate::service::context::Context;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreError};

/// Which key a line of the page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKeyName {
    /// A secret of the credentials file.
    Credential(CredentialKind),
    /// The root of sessions, in memory alone.
    Sessions,
    /// The login at the mail server.
    Mail,
}

/// One of the server's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeyView {
    /// Which.
    pub name: ServerKeyName,
    /// The number of the version in force; 0 where versions are not counted.
    pub version: u32,
    /// The day since which it is in force, if it is known.
    pub since: Option<Day>,
    /// The day on which its change is due, if that can be told.
    pub due: Option<Day>,
    /// Rows under the version in force.
    pub moved: i64,
    /// Rows under any.
    pub total: i64,
    /// Earlier versions that something still needs.
    pub earlier: usize,
    /// The first day on which no earlier one is needed any more, where a clock runs.
    pub ends: Option<Day>,
    /// Handles of those who must sign in before that day, or be locked out.
    pub waiting: Vec<String>,
    /// Whether an order stands.
    pub ordered: Option<Ordered>,
}

/// A custodian's pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodianView {
    /// The label in the configuration.
    pub name: String,
    /// The key in force.
    pub verify_key: String,
    /// Its 30 digits.
    pub fingerprint: String,
    /// The day since which the service knows it.
    pub since: Option<Day>,
    /// The day on which its change is due, if that can be told.
    pub due: Option<Day>,
    /// The last day on which the key before it counts as well, while one does.
    pub until: Option<Day>,
    /// Charters in force.
    pub charters: i64,
    /// Those of them that they have signed.
    pub signed: i64,
}

/// Everything that the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeysView {
    /// The server's keys.
    pub keys: Vec<ServerKeyView>,
    /// The custodians' pins.
    pub custodians: Vec<CustodianView>,
    /// How many of them must sign.
    pub threshold: usize,
}

impl ServerKeys {
    /// The server's keys: how old, how far a change is, who must act.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn overview(&self, caller: &Caller) -> Result<ServerKeysView, Error> {
        administrator(caller)?;
        let context = self.context.clone();
        self.context
            .store
            .run(move |conn| overview(conn, &context))
            .await
            .map_err(Error::from)
    }
}

fn overview(conn: &mut DbConnection, context: &Context) -> Result<ServerKeysView, StoreError> {
    let mut keys = Vec::new();
    for kind in CredentialKind::ALL.iter().copied() {
        keys.push(credential(conn, context, kind)?);
    }
    keys.push(sessions(conn, context)?);
    keys.push(mail(conn)?);
    Ok(ServerKeysView {
        keys,
        threshold: context.pins().threshold,
        custodians: custodians(conn, context)?,
    })
}

fn credential(
    conn: &mut DbConnection,
    context: &Context,
    kind: CredentialKind,
) -> Result<ServerKeyView, StoreError> {
    let (credentials, today) = (context.credentials(), context.clock.today());
    let uses = usage(conn, &credentials, Horizons::of(&context.settings), today)?;
    let uses: Vec<_> = uses.into_iter().filter(|used| used.kind == kind).collect();
    let earlier: Vec<_> = uses
        .iter()
        .filter(|used| used.is_needed && !used.info.is_newest)
        .collect();
    let newest = uses.iter().find(|used| used.info.is_newest);
    let since = newest.and_then(|used| used.info.made);
    let version = newest.map_or(0, |used| used.info.number);
    Ok(ServerKeyView {
        name: ServerKeyName::Credential(kind),
        version,
        since,
        due: since.map(|day| day.plus(kind.due_days())),
        moved: newest.map_or(0, |used| used.rows),
        total: uses.iter().map(|used| used.rows).sum(),
        ends: earlier.iter().filter_map(|used| used.ends).max(),
        earlier: earlier.len(),
        waiting: match kind {
            CredentialKind::Pepper => waiting(conn, version)?,
            CredentialKind::Contact
            | CredentialKind::Ticket
            | CredentialKind::Audit
            | CredentialKind::Salt => Vec::new(),
        },
        ordered: ordered(conn, CredentialOrder::of(kind), i64::from(version))?,
    })
}

/// Who has not signed in since the pepper was changed.
fn waiting(conn: &mut DbConnection, newest: u32) -> Result<Vec<String>, StoreError> {
    let rows = store::unlock_peppers(conn)?.into_iter();
    Ok(rows
        .filter(|(_, version)| *version != newest)
        .map(|(handle, _)| handle)
        .collect())
}

fn sessions(conn: &mut DbConnection, context: &Context) -> Result<ServerKeyView, StoreError> {
    let (number, previous, since) = context.session_roots.state(context.clock.today());
    let numbers = store::session_root_numbers(conn)?;
    let count = |root: Option<u32>| numbers.iter().filter(|n| Some(**n) == root).count();
    let (moved, remaining) = (count(Some(number)), count(previous));
    let total = moved.saturating_add(remaining);
    Ok(ServerKeyView {
        name: ServerKeyName::Sessions,
        version: 0,
        since: Some(since),
        due: Some(since.plus(1)),
        moved: i64::try_from(moved).unwrap_or(i64::MAX),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        earlier: usize::from(remaining > 0),
        ends: None,
        waiting: Vec::new(),
        ordered: None,
    })
}

fn mail(conn: &mut DbConnection) -> Result<ServerKeyView, StoreError> {
    let (since, count) = match mail_login(conn)? {
        Some((day, count)) => (Some(day), count),
        None => (None, 0),
    };
    Ok(ServerKeyView {
        name: ServerKeyName::Mail,
        version: 0,
        since,
        due: since.map(|day| day.plus(MAIL_DUE_DAYS)),
        moved: 0,
        total: 0,
        earlier: 0,
        ends: None,
        waiting: Vec::new(),
        ordered: ordered(conn, CredentialOrder::Mail, count)?,
    })
}

fn custodians(
    conn: &mut DbConnection,
    context: &Context,
) -> Result<Vec<CustodianView>, StoreError> {
    let (pins, today) = (context.pins(), context.clock.today());
    let office = context.authority.office(conn)?;
    let mut charters = Vec::new();
    for channel in store::channel_list(conn)? {
        let decision = office
            .state
            .as_ref()
            .map(|it| it.charter(&pins, &channel.id));
        let decision = decision.unwrap_or_default();
        charters.extend(decision.current.map(|charter| decision.voices(charter)));
    }
    let mut days = Vec::new();
    for custodian in &pins.custodians {
        let day = store::setting_find(conn, &pin_setting(&custodian.key))?;
        let day = day.and_then(|day| day.parse().ok());
        days.push(day.map(Day::from_number));
    }
    let custodians = pins.custodians.iter().zip(days).enumerate();
    let views = custodians.map(|(place, (custodian, since))| {
        let signed = charters.iter().filter(|voices| voices.contains_key(&place));
        let until = custodian.earlier.iter().map(|(_, until)| *until).max();
        CustodianView {
            name: custodian.name.clone(),
            verify_key: custodian.key.to_string(),
            fingerprint: custodian.key.fingerprint(),
            since,
            due: since.map(|day| day.plus(CUSTODIAN_DUE_DAYS)),
            until: until.filter(|until| *until >= today),
            charters: i64::try_from(charters.len()).unwrap_or(i64::MAX),
            signed: i64::try_from(signed.count()).unwrap_or(i64::MAX),
        }
    });
    Ok(views.collect())
}
