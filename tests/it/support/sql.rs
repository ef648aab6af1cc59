//! Looking into the database beside the running service.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::{TestApp, plans};

/// A connection of its own, which waits for the service's writers as the service itself does.
pub fn open(database: impl AsRef<Path>) -> SqliteConnection {
    let database = database.as_ref().to_str().unwrap();
    let mut conn = SqliteConnection::establish(database).unwrap();
    plans::listen_not(&mut conn);
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
}

/// [`open`] of the service's own.
pub fn connect(app: &TestApp) -> SqliteConnection {
    open(app.database())
}

/// Every row of a query of one column of text.
pub fn texts(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows = diesel::dsl::sql::<Text>(query).load(conn);
    rows.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Every row of a query of one column of bytes.
pub fn blobs(conn: &mut SqliteConnection, query: &str) -> Vec<Vec<u8>> {
    let rows = diesel::dsl::sql::<Binary>(query).load(conn);
    rows.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// How many rows there are of `what`: a table, perhaps with a `WHERE`.
pub fn number(conn: &mut SqliteConnection, what: &str) -> i64 {
    let found =
        diesel::dsl::sql::<BigInt>(&format!("SELECT count(*) FROM {what}")).get_result(conn);
    found.unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// [`number`] of the service's own.
pub fn count(app: &TestApp, what: &str) -> i64 {
    number(&mut connect(app), what)
}

/// The one text that a query comes to.
pub fn word(app: &TestApp, query: &str) -> String {
    texts(&mut connect(app), query).swap_remove(0)
}

/// [`word`] of an expression and the table that it is of.
pub fn text(app: &TestApp, what: &str, from: &str) -> String {
    word(app, &format!("SELECT {what} FROM {from}"))
}

/// Writes, past the service; says how many rows that was.
pub fn run(app: &TestApp, statement: &str) -> usize {
    let done = diesel::sql_query(statement).execute(&mut connect(app));
    done.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

/// The same in whatever database.
pub fn run_in(database: &Path, statement: &str) {
    let done = open(database).batch_execute(statement);
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// A column of the only report there is.
pub fn of_report(app: &TestApp, what: &str) -> String {
    text(app, &format!("CAST({what} AS TEXT)"), "reports")
}

/// The id of an account.
pub fn id_of(app: &TestApp, handle: &str) -> String {
    let from = format!("staff WHERE handle = '{handle}'");
    text(app, "lower(hex(id))", &from)
}

/// A connection that does not wait fails beside a writer, on a slow day.
#[test]
fn the_database_is_opened_here_alone() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut folders = vec![tests];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let opens = text.contains(concat!("Connection", "::establish("))
                    || text.contains(concat!("Connection>", "::establish("));
                let is_here = path.ends_with("support/sql.rs");
                assert!(!opens || is_here, "{}", path.display());
            }
        }
    }
}
