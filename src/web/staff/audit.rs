//! The record of acts, newest first: what was done on which day, and for auditors by whom and to which report.

use actix_web::HttpResponse;
use askama::Template;

use super::chrome::{Chrome, ok};
use super::fields::Fields;
use super::problem;
use super::visit::Visit;
use super::words;
use crate::domain::staff::Role;
use crate::service::admin::AuditFilter;

#[derive(Template)]
#[template(path = "staff/audit.html", whitespace = "minimize")]
struct Audit<'a> {
    c: Chrome<'a>,
    rows: Vec<Row>,
    /// The query of the next page.
    older: Option<String>,
    newest: bool,
    /// Whether who did it and to which report is shown, and can be looked for.
    is_auditor: bool,
    class: &'a str,
    who: &'a str,
    report: &'a str,
}

/// One entry.
struct Row {
    sequence: String,
    day: String,
    class: String,
    who: String,
    report: String,
    detail: String,
}

/// `GET /audit`
pub async fn show(visit: Visit) -> HttpResponse {
    let query = &visit.query;
    let before: Option<i64> = query.get("before").parse().ok();
    let admin = &visit.place().state.services.admin;
    let filter = filter(query);
    let found = match admin.audit_rows(&visit.caller, before, filter).await {
        Ok(found) => found,
        Err(error) => return problem::admin(visit.place(), error),
    };
    let c = visit.chrome();
    let rows = found
        .lines
        .iter()
        .map(|line| Row {
            sequence: c.t.number(line.sequence),
            day: c.t.date(line.day),
            class: line.class.clone(),
            who: line
                .actor
                .as_ref()
                .map(|name| words::name(c.t, name))
                .unwrap_or_default(),
            report: line.report.map(|id| id.to_string()).unwrap_or_default(),
            detail: line.detail.clone(),
        })
        .collect();
    ok(&Audit {
        rows,
        older: found.older.map(|before| next(query, before)),
        newest: before.is_none(),
        is_auditor: visit.caller.role == Role::Auditor,
        class: query.get("class"),
        who: query.get("who"),
        report: query.get("report"),
        c,
    })
}

/// What does not look like an act, a handle or a report finds nothing.
fn filter(query: &Fields) -> AuditFilter {
    let given = |name: &str| {
        let text = query.get(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    AuditFilter {
        class: given("class"),
        actor: given("who"),
        report: given("report").map(|text| {
            text.parse()
                .unwrap_or(crate::domain::ids::ReportId::from_bytes([0; 16]))
        }),
    }
}

/// The query of the page that follows, with what is looked for. Only what can be an act, a handle or an id is repeated.
fn next(query: &Fields, before: i64) -> String {
    let mut next = format!("before={before}");
    for name in ["class", "who", "report"] {
        let text = query.get(name).trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if !text.is_empty() && text.chars().all(is_plain) {
            next.push_str(&format!("&{name}={text}"));
        }
    }
    next
}
