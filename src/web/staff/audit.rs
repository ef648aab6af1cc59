//! The record of acts: number, day and class, newest first.

use actix_web::HttpResponse;
use askama::Template;

use super::chrome::{Chrome, ok};
use super::problem;
use super::visit::Visit;

/// Lines on one page, as the service gives them.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "staff/audit.html", whitespace = "minimize")]
struct Audit<'a> {
    c: Chrome<'a>,
    rows: Vec<Row>,
    /// The number before which the next page begins.
    older: Option<i64>,
    newest: bool,
}

/// One entry.
struct Row {
    sequence: String,
    day: String,
    class: String,
}

/// `GET /audit`
pub async fn show(visit: Visit) -> HttpResponse {
    let before: Option<i64> = visit.query.get("before").parse().ok();
    let found = match visit
        .place()
        .state
        .services
        .admin
        .audit_rows(&visit.caller, before)
        .await
    {
        Ok(found) => found,
        Err(error) => return problem::admin(visit.place(), error),
    };
    let c = visit.chrome();
    let older = found
        .last()
        .map(|row| row.sequence)
        .filter(|_| found.len() >= PAGE);
    let rows = found
        .iter()
        .map(|row| Row {
            sequence: c.t.number(row.sequence),
            day: c.t.date(row.day),
            class: row.class.clone(),
        })
        .collect();
    ok(&Audit {
        rows,
        older,
        newest: before.is_none(),
        c,
    })
}
