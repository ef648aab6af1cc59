//! Looking into the database beside the running service.

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

/// A connection of its own.
pub fn connect(app: &TestApp) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(app.database().to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
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
