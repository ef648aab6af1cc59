//! No statement that the service sends in any test looks through a table that grows with the reports.
//!
//! Listens to the connections of every installation of this process while its test runs, and asks the database afterwards how it finds
//! what each statement asks for: once for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, Once};

use diesel::connection::{
    Connection as _, Instrumentation, InstrumentationEvent, set_default_instrumentation,
};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::TestApp;
use super::sql;

/// Tables with a row or more for each report, each message, each act. What waits to be done (`proposals`, `rekeys`, `shreds`) is not among them.
pub const GROWING: [&str; 12] = [
    "audit",
    "claims",
    "epochs",
    "exports",
    "grants",
    "mail_items",
    "mailboxes",
    "objects",
    "outbox",
    "quarantine",
    "queue",
    "reports",
];

/// Statements that look at one end of a table.
const KNOWN: [&str; 1] =
    ["SELECT `audit`.`seq`, `audit`.`leaf` FROM `audit` ORDER BY `audit`.`seq` DESC LIMIT ?"];

/// What says so itself goes by the table alone: it is sent where an index cannot be read.
const BY_TABLE: &str = " INDEXED BY sqlite_autoindex_";

/// What an empty list comes to: nothing is looked through.
const NOTHING: &str = "(1=0)";

const VERBS: [&str; 5] = ["SELECT", "WITH", "UPDATE", "DELETE", "INSERT"];

/// What was sent by anybody, and of that what nobody has looked at yet; and what was sent to each database that somebody keeps a list of.
#[derive(Default)]
struct Sent {
    all: BTreeSet<String>,
    new: BTreeSet<String>,
    listed: BTreeMap<String, BTreeSet<String>>,
}

static SENT: LazyLock<Mutex<Sent>> = LazyLock::new(Mutex::default);

/// From now on every connection is listened to that is opened in this process.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(listener).expect("a listener"));
}

/// What a test itself asks is no matter of the service's.
pub fn listen_not(conn: &mut SqliteConnection) {
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
}

fn listener() -> Option<Box<dyn Instrumentation>> {
    let mut database = String::new();
    Some(Box::new(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartEstablishConnection { url, .. } = &event {
            database = (*url).to_owned();
        }
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds").next().unwrap_or_default();
            let mut sent = SENT.lock().expect("nobody panics with it");
            if let Some(listed) = sent.listed.get_mut(&database)
                && !listed.contains(statement)
            {
                listed.insert(statement.to_owned());
            }
            let is_known = statement.contains(NOTHING) || statement.contains(BY_TABLE);
            if !is_known
                && !sent.all.contains(statement)
                && VERBS.iter().any(|verb| statement.starts_with(verb))
            {
                sent.all.insert(statement.to_owned());
                sent.new.insert(statement.to_owned());
            }
        }
    }))
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

impl TestApp {
    fn listed_as(&self) -> String {
        let database = self.database();
        database.to_str().expect("a path of letters").to_owned()
    }

    /// From now on a list is kept of what this service sends to its database.
    pub fn list_statements(&self) {
        let mut sent = SENT.lock().expect("nobody panics with it");
        sent.listed.insert(self.listed_as(), BTreeSet::new());
    }

    /// What it has sent since.
    pub fn statements(&self) -> BTreeSet<String> {
        let mut sent = SENT.lock().expect("nobody panics with it");
        let listed = sent.listed.remove(&self.listed_as());
        listed.expect("a list is kept")
    }

    /// Statements of which nobody knew yet, and what they look through.
    pub(super) fn scans(&self) -> Vec<String> {
        let new = std::mem::take(&mut SENT.lock().expect("nobody panics with it").new);
        let mut conn = sql::connect(self);
        let mut found = Vec::new();
        for statement in new {
            match scans(&mut conn, &statement) {
                Ok(scans) if scans.is_empty() || KNOWN.contains(&statement.as_str()) => {}
                Ok(scans) => found.push(format!("{statement}: {scans:?}")),
                // A test has damaged this database: another one tells.
                Err(_) => {
                    let mut sent = SENT.lock().expect("nobody panics with it");
                    sent.new.insert(statement);
                }
            }
        }
        found
    }
}

/// What the database looks through for a statement.
fn scans(conn: &mut SqliteConnection, statement: &str) -> QueryResult<Vec<String>> {
    let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
    let steps = plan.load::<Step>(conn)?.into_iter();
    let steps = steps.map(|step| step.detail);
    Ok(steps
        .filter(|step| {
            let name = step
                .strip_prefix("SCAN ")
                .and_then(|rest| rest.split(' ').next());
            // The plan says another name where the statement gives a table one.
            let is_called = |table: &&str, name| statement.contains(&format!("{table} AS {name} "));
            name.is_some_and(|name| {
                GROWING
                    .iter()
                    .any(|table| *table == name || is_called(table, name))
            })
        })
        .collect())
}
