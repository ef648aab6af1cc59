//! What the administrator's page shows of the server's keys: days, counts and who must act, no secret.

use super::{Ordered, ServerKeys, VersionUse, mail_login, ordered, pin_setting, usage};
use crate::domain::clock::Day;
use crate::domain::credential::{
    CUSTODIAN_DUE_DAYS, CredentialOrder, MAIL_DUE_DAYS, ROOT_DUE_DAYS,
};
use crate::domain::named::named;
use crate::service::accounts::Caller;
use crate::service::admin::administrator;
use crate::service::context::Context;
use crate::service::error::Error;
use crate::store::{self, DbConnection, StoreError};

named! {
    /// Which key a line of the page is about.
    ServerKeyName {
        /// The root of all secrets in the credentials file.
        Root = "root",
        /// The root of sessions, in memory alone.
        Sessions = "sessions",
        /// The login at the mail server.
        Mail = "mail",
    }
}

named! {
    /// What is counted under a key.
    Counted {
        /// Passphrases.
        Accounts = "accounts",
        /// Addresses that wait in letters.
        Addresses = "addresses",
        /// Sessions.
        Sessions = "sessions",
    }
}

/// How many rows a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Of what.
    pub what: Counted,
    /// Rows under the key in force.
    pub moved: usize,
    /// Rows under any.
    pub total: usize,
}

/// One of the server's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeyView {
    /// Which.
    pub name: ServerKeyName,
    /// The number of the version in force, where versions are counted.
    pub version: Option<u32>,
    /// The day since which it is in force, if it is known.
    pub since: Option<Day>,
    /// The day on which its change is due, if that can be told.
    pub due: Option<Day>,
    /// What is under it.
    pub counts: Vec<Count>,
    /// Whether what was made with an earlier one still works.
    pub is_changing: bool,
    /// The first day on which it does not any more, where a clock runs.
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
            .read(move |conn| overview(conn, &context))
            .await
            .map_err(Error::from)
    }
}

fn overview(conn: &mut DbConnection, context: &Context) -> Result<ServerKeysView, StoreError> {
    Ok(ServerKeysView {
        keys: vec![root(conn, context)?, sessions(conn, context)?, mail(conn)?],
        threshold: context.pins().threshold,
        custodians: custodians(conn, context)?,
    })
}

fn root(conn: &mut DbConnection, context: &Context) -> Result<ServerKeyView, StoreError> {
    let (credentials, today) = (context.credentials(), context.clock.today());
    let version = credentials.version();
    let uses = usage(conn, &credentials)?;
    let count = |what, rows: fn(&VersionUse) -> usize| Count {
        what,
        moved: uses.last().map_or(0, rows),
        total: uses.iter().map(rows).sum(),
    };
    let since = uses.last().map(|used| used.info.made);
    let ends = uses.iter().filter_map(|used| used.info.ends()).max();
    let ends = ends.filter(|day| *day > today);
    Ok(ServerKeyView {
        name: ServerKeyName::Root,
        version: Some(version),
        since,
        due: since.map(|day| day.plus(ROOT_DUE_DAYS)),
        counts: vec![
            count(Counted::Accounts, |used| used.accounts),
            count(Counted::Addresses, |used| used.addresses),
        ],
        is_changing: ends.is_some(),
        ends,
        waiting: waiting(conn, version)?,
        ordered: ordered(conn, CredentialOrder::Root, i64::from(version))?,
    })
}

/// Who has not signed in since the root was changed.
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
    Ok(ServerKeyView {
        name: ServerKeyName::Sessions,
        version: None,
        since: Some(since),
        due: Some(since.plus(1)),
        counts: vec![Count {
            what: Counted::Sessions,
            moved,
            total: moved.saturating_add(remaining),
        }],
        is_changing: remaining > 0,
        ends: None,
        waiting: Vec::new(),
        ordered: None,
    })
}

fn mail(conn: &mut DbConnection) -> Result<ServerKeyView, StoreError> {
    let (since, count) = mail_login(conn)?.unzip();
    Ok(ServerKeyView {
        name: ServerKeyName::Mail,
        version: None,
        since,
        due: since.map(|day| day.plus(MAIL_DUE_DAYS)),
        counts: Vec::new(),
        is_changing: false,
        ends: None,
        waiting: Vec::new(),
        ordered: ordered(conn, CredentialOrder::Mail, count.unwrap_or(0))?,
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
