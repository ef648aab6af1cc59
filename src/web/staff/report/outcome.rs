//! What a caseworker sees after an act on a report: its page anew, or why it did not go through.

use actix_web::http::StatusCode;
use askama::Template;

use super::view;
use super::work::{ACT, ASSIGN, MESSAGE, NOTE, REST, RESTRICT, SHARE, URGENCY, text_of};
use crate::domain::ids::{ProposalId, ReportId};
use crate::service::error::Error;
use crate::web::error_page::{self, Problem};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;
use crate::web::staff::form::FormState;
use crate::web::staff::queue::asked::Asked;
use crate::web::staff::request::StaffRequest;

const CONFLICT: StatusCode = StatusCode::CONFLICT;

#[derive(Template)]
#[template(path = "staff/claim.html", whitespace = "minimize")]
struct ClaimFirst<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    id: String,
    queue: String,
    heading: String,
    text: String,
    /// The field that is shown of what goes along while the report is taken again.
    field: String,
}

/// After an act: this page anew, with the words that stood beside what was sent. Those are not saved yet: then the page itself is the answer.
pub(super) async fn finish(
    visit: &StaffRequest,
    report: ReportId,
    part: &str,
    outcome: Result<(), Error>,
    done: Done,
) -> Answer {
    if let Err(error) = outcome {
        return refused(visit, report, part, error).await;
    }
    let state = visit.state().done(part, done);
    if state.words().is_none() {
        done.at(&Asked::of(&visit.list())?.report(&report))
    } else {
        render(visit, report, part, state).await
    }
}

/// The queue after an act that takes the report away. Words that were not saved are shown first.
pub(super) fn gone(visit: &StaffRequest, part: &str, done: Done) -> Answer {
    let queue = Asked::of(&visit.list())?.address();
    let Some(words) = visit.state().done(part, done).words() else {
        return done.at(&queue);
    };
    let c = visit.chrome().said(done.text(visit.translator()));
    let problem = Problem {
        status: StatusCode::OK,
        heading: c.t.text("staff-left-over-title"),
        text: c.t.text("staff-left-over-text"),
        kept: Some(words),
        back: (&queue, "staff-report-back"),
    };
    Ok(error_page::show(c, problem))
}

/// The report's page with what was typed, or the page for why it cannot be read.
pub(super) async fn render(
    visit: &StaffRequest,
    report: ReportId,
    part: &str,
    form: FormState<'_>,
) -> Answer {
    match visit.services().triage.read(&visit.caller, report).await {
        Ok(read) => {
            let list = visit.list();
            let asked = Asked::of(&list)?;
            let beside = (visit.services().triage).neighbours(
                &visit.caller,
                report,
                asked.filter(visit.translator()),
            );
            // Where they cannot be found, the report is shown all the same.
            let beside = beside.await.unwrap_or_default();
            view::page(visit, &read, (&asked, beside), form)
        }
        Err(error) => unread(visit, report, part, form, error),
    }
}

/// After an act was refused: the page again with the reason beside the field, or a page of its own.
pub(super) async fn refused(
    visit: &StaffRequest,
    report: ReportId,
    part: &str,
    error: Error,
) -> Answer {
    let form = visit.state();
    let beside = |field: &str| format!("{part}-{field}");
    let form = match error {
        Error::ReasonMissing => form.wrong(text_of(part), "staff-reason-missing"),
        Error::TooLong => form.wrong(text_of(part), "staff-text-too-long"),
        Error::Empty => form.wrong(text_of(part), "staff-text-missing"),
        Error::MailboxClosed if part == MESSAGE => {
            form.refused(CONFLICT, MESSAGE, "staff-message-closed")
        }
        Error::MailboxClosed => form.wrong(beside("message"), "staff-message-closed"),
        Error::MessageTooLong => form.wrong(beside("message"), "staff-text-too-long"),
        Error::WrongCode => form.wrong(format!("code-{part}"), "staff-code-wrong"),
        Error::Recipient => form.wrong(beside("recipient"), "decisions-recipient-wrong"),
        Error::Day => form.wrong(beside("until"), "decisions-day-wrong"),
        Error::Kept => form.wrong(beside("class"), "decisions-class-too-short"),
        // Of what was proposed there is no field any more.
        Error::Assignees if is_proposal(part) => form.problem(CONFLICT, "decisions-people-gone"),
        Error::Look if is_proposal(part) => form.problem(CONFLICT, "decisions-look-too-late"),
        Error::Assignees if part == REST => form.wrong("rest-staff", "rest-staff-wrong"),
        Error::Assignees => form.wrong(beside("people"), "rest-staff-wrong"),
        Error::Look => form.wrong(beside("hours"), "rest-hours-wrong"),
        Error::Outcome => form.wrong(beside("outcome"), "decisions-outcome-wrong"),
        Error::Safety => form.wrong(beside("safety"), "decisions-safety-missing"),
        Error::Feedback => form.wrong(beside("untold"), "decisions-feedback-missing"),
        Error::ToNobody => form.wrong(beside("to"), "decisions-to-missing"),
        Error::LeadNeeded => form.problem(CONFLICT, "decisions-lead-needed"),
        Error::SecondPersonNeeded => form.refused(CONFLICT, part, "staff-second-person"),
        Error::NotPossible if [ASSIGN, SHARE, RESTRICT].contains(&part) => {
            form.problem(CONFLICT, "access-not-possible")
        }
        Error::NotPossible => form.problem(CONFLICT, "staff-not-possible"),
        Error::Changed => form.problem(CONFLICT, "staff-changed"),
        Error::News => form.problem(CONFLICT, "desk-news-first"),
        Error::Own => form.problem(CONFLICT, "decisions-own"),
        Error::Waiting => form.problem(CONFLICT, "decisions-waiting-already"),
        Error::Held => form.problem(CONFLICT, "decisions-held"),
        Error::Void => form.problem(CONFLICT, "decisions-void"),
        Error::Written => form.problem(CONFLICT, "decisions-written"),
        Error::NotClaimed if !needs_a_claim(part) => {
            form.problem(CONFLICT, "decisions-claim-first")
        }
        other => return unread(visit, report, part, form, other),
    };
    render(visit, report, part, form).await
}

fn is_proposal(part: &str) -> bool {
    part.parse::<ProposalId>().is_ok()
}

/// Whether who sends that part must have the report, and may take it again for it.
fn needs_a_claim(part: &str) -> bool {
    ["", MESSAGE, NOTE, URGENCY, ACT, ASSIGN, SHARE, RESTRICT].contains(&part)
}

/// The page for a report that cannot be read now.
fn unread(
    visit: &StaffRequest,
    report: ReportId,
    part: &str,
    form: FormState<'_>,
    error: Error,
) -> Answer {
    let c = visit.chrome();
    let queue = Asked::of(&visit.list())?.address();
    let (status, heading, text) = match error {
        Error::HeldBy(handle) => (
            CONFLICT,
            c.with("staff-held-title", "handle", &handle),
            "staff-held-text",
        ),
        Error::Unreadable => (
            StatusCode::INTERNAL_SERVER_ERROR,
            c.t.text("staff-unreadable-title"),
            "staff-unreadable-text",
        ),
        Error::NotFound | Error::Busy | Error::Unavailable => return Err(error.into()),
        // The others say something about an act, and never come from reading.
        _ => return claim_first(visit, report, part, form),
    };
    let problem = Problem {
        status,
        heading,
        text: c.t.text(text),
        kept: form.words(),
        back: (&queue, "staff-report-back"),
    };
    Ok(error_page::show(c, problem))
}

/// Nobody has the report: take it, and go on with what was typed.
fn claim_first(visit: &StaffRequest, report: ReportId, part: &str, form: FormState<'_>) -> Answer {
    let c = visit.chrome();
    let (heading, text, field) = if [MESSAGE, NOTE, URGENCY, ACT].contains(&part) {
        (
            "staff-claim-ended-title",
            "staff-claim-ended-text",
            text_of(part),
        )
    } else {
        (
            "staff-claim-first-title",
            "staff-claim-first-text",
            text_of(NOTE),
        )
    };
    let claim = ClaimFirst {
        queue: Asked::of(&visit.list())?.address(),
        id: report.to_string(),
        heading: c.t.text(heading),
        text: c.t.text(text),
        field,
        form,
        c,
    };
    html(CONFLICT, &claim)
}
