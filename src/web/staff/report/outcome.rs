//! What a caseworker sees after an act on a report: its page anew, or why it did not go through.

use actix_web::http::StatusCode;
use askama::Template;

use super::draft::{ReportDraft, Sent};
use super::view;
use crate::domain::ids::ReportId;
use crate::service::error::Error;
use crate::web::staff::done::Done;
use crate::web::staff::frame::PageFrame;
use crate::web::staff::frame::{Answer, html};
use crate::web::staff::kept::Words;
use crate::web::staff::problem::{self, Problem};
use crate::web::staff::request::StaffRequest;

#[derive(Template)]
#[template(path = "staff/claim.html", whitespace = "minimize")]
struct ClaimFirst<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    id: String,
    heading: String,
    text: String,
    kept: Option<Along<'a>>,
}

/// What goes along while the report is taken again.
struct Along<'a> {
    part: &'static str,
    field: &'static str,
    text: &'a str,
    rest: Vec<(&'a str, &'a str)>,
}

pub(super) async fn incomplete(
    visit: &StaffRequest,
    report: ReportId,
    draft: ReportDraft,
) -> Answer {
    render(visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// After an act: this page anew, with the words that stood beside what was sent.
pub(super) async fn finish(
    visit: StaffRequest,
    report: ReportId,
    mut draft: ReportDraft,
    outcome: Result<(), Error>,
    done: Done,
) -> Answer {
    let part = draft.sent.map_or("", Sent::name);
    match outcome {
        Ok(()) => {
            draft.done(part);
            stay(visit, report, draft, done).await
        }
        Err(error) => answer(&visit, report, draft, error).await,
    }
}

/// The report's page after an act. What was typed elsewhere on it is not saved yet: then the page itself is the answer.
pub(super) async fn stay(
    visit: StaffRequest,
    report: ReportId,
    draft: ReportDraft,
    done: Done,
) -> Answer {
    if draft.is_empty() {
        done.at(&format!("/reports/{report}"))
    } else {
        render(&visit.said(done), report, draft, StatusCode::OK).await
    }
}

/// The queue after an act that takes the report away. Words that were not saved are shown first.
pub(super) fn gone(visit: StaffRequest, draft: &ReportDraft, done: Done) -> Answer {
    match draft.kept.text() {
        None => done.at("/queue"),
        Some(words) => left_over(&visit.said(done), words),
    }
}

/// The report's page with what was typed, or the page for why it cannot be read.
pub(super) async fn render(
    visit: &StaffRequest,
    report: ReportId,
    draft: ReportDraft,
    status: StatusCode,
) -> Answer {
    match visit.services().triage.read(&visit.caller, report).await {
        Ok(read) => view::page(visit, &read, &draft, status),
        Err(error) => unread(visit, report, &draft, error),
    }
}

/// After an act was refused: the page again with the reason beside the field, or a page of its own.
pub(super) async fn answer(
    visit: &StaffRequest,
    report: ReportId,
    mut draft: ReportDraft,
    error: Error,
) -> Answer {
    let status = match error {
        Error::ReasonMissing => {
            draft.text_error = Some("staff-reason-missing");
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::TooLong => {
            draft.text_error = Some("staff-text-too-long");
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::Empty => {
            draft.text_error = Some("staff-text-missing");
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::MailboxClosed => {
            draft.text_error = Some("staff-message-closed");
            StatusCode::CONFLICT
        }
        Error::SecondPersonNeeded => {
            draft.choice_error = Some("staff-second-person");
            StatusCode::CONFLICT
        }
        Error::NotPossible => {
            draft.page_error = Some("staff-not-possible");
            StatusCode::CONFLICT
        }
        Error::Changed => {
            draft.page_error = Some("staff-changed");
            StatusCode::CONFLICT
        }
        other => return unread(visit, report, &draft, other),
    };
    render(visit, report, draft, status).await
}

/// The page for a report that cannot be read now.
fn unread(visit: &StaffRequest, report: ReportId, draft: &ReportDraft, error: Error) -> Answer {
    let kept = draft.kept.text();
    match error {
        Error::HeldBy(handle) => held(visit, &handle, kept),
        Error::Unreadable => unreadable(visit, kept),
        Error::NotFound | Error::Busy | Error::Unavailable => Err(error.into()),
        // The others say something about an act, and never come from reading.
        _ => claim_first(visit, report, draft),
    }
}

/// What was asked for is done and the report is out of sight. Here are the words that stood on its page and were not saved.
fn left_over(visit: &StaffRequest, words: Words) -> Answer {
    let c = visit.chrome();
    let problem = Problem {
        status: StatusCode::OK,
        heading: c.t.text("staff-left-over-title"),
        text: c.t.text("staff-left-over-text"),
        kept: Some(words),
        back: ("/queue", "staff-report-back"),
    };
    problem::show(c, problem)
}

fn held(visit: &StaffRequest, handle: &str, kept: Option<Words>) -> Answer {
    let c = visit.chrome();
    let problem = Problem {
        status: StatusCode::CONFLICT,
        heading: c
            .t
            .text_with("staff-held-title", &[("handle", handle.into())]),
        text: c.t.text("staff-held-text"),
        kept,
        back: ("/queue", "staff-report-back"),
    };
    problem::show(c, problem)
}

fn unreadable(visit: &StaffRequest, kept: Option<Words>) -> Answer {
    let c = visit.chrome();
    let problem = Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        heading: c.t.text("staff-unreadable-title"),
        text: c.t.text("staff-unreadable-text"),
        kept,
        back: ("/queue", "staff-report-back"),
    };
    problem::show(c, problem)
}

/// Nobody has the report: take it, and go on with what was typed.
fn claim_first(visit: &StaffRequest, report: ReportId, draft: &ReportDraft) -> Answer {
    let c = visit.chrome();
    let (heading, text) = if draft.sent.is_some() {
        ("staff-claim-ended-title", "staff-claim-ended-text")
    } else {
        ("staff-claim-first-title", "staff-claim-first-text")
    };
    let kept = (!draft.is_empty()).then(|| {
        let sent = draft.sent.unwrap_or(Sent::Note);
        let rest = draft.kept.fields();
        Along {
            part: sent.name(),
            field: sent.field(),
            text: draft.kept.get(sent.field()),
            rest: rest.filter(|(name, _)| *name != sent.field()).collect(),
        }
    });
    let claim = ClaimFirst {
        csrf: &visit.caller.csrf,
        id: report.to_string(),
        heading: c.t.text(heading),
        text: c.t.text(text),
        kept,
        c,
    };
    html(StatusCode::CONFLICT, &claim)
}

/// The number of the state that the caller saw.
pub(super) fn version(visit: &StaffRequest) -> i64 {
    visit.fields.get("version").parse().unwrap_or(-1)
}
