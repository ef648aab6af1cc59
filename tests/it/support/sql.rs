//! Looking into the database beside the running service.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::TestApp;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// A connection of its own, which waits for the service's writers as the service itself does.
pub fn open(database: impl AsRef<Path>) -> SqliteConnection {
    let database = database.as_ref().to_str().unwrap();
    let mut conn = SqliteConnection::establish(database).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
}

/// [`open`] of the service's own.
pub fn connect(app: &TestApp) -> SqliteConnection {
    open(app.database())
}

/// How many rows there are of `what`: a table, perhaps with a `WHERE`.
pub fn count(app: &TestApp, what: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS number FROM {what}"))
        .get_result::<Number>(&mut connect(app))
        .unwrap()
        .number
}

/// The one text that `what`, an expression and its table, comes to.
pub fn text(app: &TestApp, what: &str, from: &str) -> String {
    diesel::sql_query(format!("SELECT {what} AS word FROM {from}"))
        .get_result::<Word>(&mut connect(app))
        .unwrap()
        .word
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
