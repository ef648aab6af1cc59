//! Acts that need two people, the retention class, and a legal hold: what people send.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;

use super::decisions::{DecisionInput, Field, HOLD, RETAIN};
use super::draft::ReportDraft;
use super::outcome::{self, gone, render, stay, version};
use crate::domain::ids::{ProposalId, ReportId};
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::service::error::Error;
use crate::service::triage::Ask;
use crate::web::staff::done::Done;
use crate::web::staff::frame::Answer;
use crate::web::staff::request::StaffRequest;

const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// `POST /reports/{id}/propose`
pub async fn propose(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut typed = DecisionInput::of(visit.fields.get("kind"), &visit.fields);
    let Ok(kind) = visit.fields.get("kind").parse::<ProposalKind>() else {
        return choose(&visit, report, typed).await;
    };
    let Some(ask) = asked(kind, &mut typed) else {
        return again(&visit, report, typed, INVALID).await;
    };
    let triage = &visit.services().triage;
    let outcome = triage
        .propose(&visit.caller, report, version(&visit), ask, typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| Done::Proposed)).await
}

/// `POST /reports/{id}/approve`
pub async fn approve(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let typed = DecisionInput::of(visit.fields.get("proposal"), &visit.fields);
    let Ok(proposal) = visit.fields.get("proposal").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let code = code(&visit, typed.form());
    let triage = &visit.services().triage;
    let outcome = triage
        .approve(&visit.caller, report, version(&visit), proposal, code)
        .await;
    let done = outcome.map(|kind| match kind {
        ProposalKind::Shred => Done::Shredded,
        _ => Done::Agreed,
    });
    finish(visit, report, typed, done).await
}

/// `POST /reports/{id}/refuse`
pub async fn refuse(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let typed = DecisionInput::of(visit.fields.get("proposal"), &visit.fields);
    let Ok(proposal) = visit.fields.get("proposal").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let triage = &visit.services().triage;
    let outcome = triage.refuse(&visit.caller, report, proposal).await;
    finish(visit, report, typed, outcome.map(|()| Done::Refused)).await
}

/// `POST /reports/{id}/export`. The answer is a file, not a page; it is named alike for every report.
pub async fn export(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let typed = DecisionInput::of(visit.fields.get("export"), &visit.fields);
    let Ok(export) = visit.fields.get("export").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let code = code(&visit, typed.form());
    let triage = &visit.services().triage;
    match triage
        .fetch_export(&visit.caller, report, export, code)
        .await
    {
        Ok(file) => Ok(HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"kapea-export.age\"",
            ))
            .body(file)),
        Err(error) => finish(visit, report, typed, Err(error)).await,
    }
}

/// `POST /reports/{id}/retain`
pub async fn retain(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut typed = DecisionInput::of(RETAIN, &visit.fields);
    let Some(class) = typed.parsed::<RetentionClass>(Field::Class, "staff-choice-missing") else {
        return again(&visit, report, typed, INVALID).await;
    };
    let Some(until) = day(class, &mut typed) else {
        return again(&visit, report, typed, INVALID).await;
    };
    let triage = &visit.services().triage;
    let seen = version(&visit);
    let outcome = triage
        .retain(&visit.caller, report, seen, class, until, typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| Done::Retained)).await
}

/// `POST /reports/{id}/hold`
pub async fn hold(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let typed = DecisionInput::of(HOLD, &visit.fields);
    let triage = &visit.services().triage;
    let outcome = triage
        .hold(&visit.caller, report, version(&visit), typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| Done::Held)).await
}

/// What is proposed; `None` with the mark beside the field that lacks something.
fn asked(kind: ProposalKind, typed: &mut DecisionInput) -> Option<Ask> {
    Some(match kind {
        ProposalKind::LowerUrgency => {
            Ask::LowerUrgency(typed.parsed(Field::Urgency, "staff-choice-missing")?)
        }
        ProposalKind::NoAction => {
            let class = typed.parsed(Field::Class, "staff-choice-missing")?;
            Ask::NoAction {
                class,
                until: day(class, typed)?,
                message: typed.message().to_owned(),
            }
        }
        ProposalKind::Export => Ask::Export(typed.recipient().to_owned()),
        ProposalKind::Shred => Ask::Shred,
        ProposalKind::LiftHold => Ask::LiftHold,
    })
}

/// The day of a class that takes one, if one was given. The outer `None` is a day that is none.
fn day(
    class: RetentionClass,
    typed: &mut DecisionInput,
) -> Option<Option<crate::domain::clock::Day>> {
    if class.takes_a_day() && typed.has_day() {
        typed.parsed(Field::Until, "decisions-day-wrong").map(Some)
    } else {
        Some(None)
    }
}

/// The six digits beside the button that was pressed.
fn code<'a>(visit: &'a StaffRequest, part: &str) -> &'a str {
    visit.fields.get(&format!("code-{part}"))
}

async fn choose(visit: &StaffRequest, report: ReportId, typed: DecisionInput) -> Answer {
    let draft = ReportDraft {
        page_error: Some("staff-choice-missing"),
        decision: typed,
        ..ReportDraft::beside(&visit.fields)
    };
    render(visit, report, draft, INVALID).await
}

async fn again(
    visit: &StaffRequest,
    report: ReportId,
    typed: DecisionInput,
    status: StatusCode,
) -> Answer {
    let draft = ReportDraft {
        decision: typed,
        ..ReportDraft::beside(&visit.fields)
    };
    render(visit, report, draft, status).await
}

/// The next page, with the words that stood beside what was sent.
async fn finish(
    visit: StaffRequest,
    report: ReportId,
    typed: DecisionInput,
    outcome: Result<Done, Error>,
) -> Answer {
    match outcome {
        Ok(done) => {
            let mut draft = ReportDraft::beside(&visit.fields);
            draft.done(typed.form());
            match done {
                Done::Shredded => gone(visit, &draft, done),
                done => stay(visit, report, draft, done).await,
            }
        }
        Err(error) => not_done(&visit, report, typed, error).await,
    }
}

/// This page again, with what was typed and what is wrong.
async fn not_done(
    visit: &StaffRequest,
    report: ReportId,
    mut typed: DecisionInput,
    error: Error,
) -> Answer {
    if let Some(wrong) = beside(&error) {
        typed.wrong = Some(wrong);
        return again(visit, report, typed, INVALID).await;
    }
    let page_error = match error {
        Error::Own => "decisions-own",
        Error::Waiting => "decisions-waiting-already",
        Error::Held => "decisions-held",
        Error::Void => "decisions-void",
        Error::Written => "decisions-written",
        Error::NotClaimed => "decisions-claim-first",
        Error::WrongCode | Error::Recipient | Error::Day | Error::MessageTooLong => {
            "staff-not-possible"
        }
        error => {
            let draft = ReportDraft {
                decision: typed,
                ..ReportDraft::beside(&visit.fields)
            };
            return outcome::answer(visit, report, draft, error).await;
        }
    };
    let draft = ReportDraft {
        page_error: Some(page_error),
        decision: typed,
        ..ReportDraft::beside(&visit.fields)
    };
    render(visit, report, draft, StatusCode::CONFLICT).await
}

/// What belongs beside a field.
const fn beside(error: &Error) -> Option<(Field, &'static str)> {
    Some(match error {
        Error::WrongCode => (Field::Code, "staff-code-wrong"),
        Error::Recipient => (Field::Recipient, "decisions-recipient-wrong"),
        Error::Day => (Field::Until, "decisions-day-wrong"),
        Error::ReasonMissing => (Field::Reason, "staff-reason-missing"),
        Error::TooLong => (Field::Reason, "staff-text-too-long"),
        Error::MessageTooLong => (Field::Message, "staff-text-too-long"),
        Error::MailboxClosed => (Field::Message, "staff-message-closed"),
        _ => return None,
    })
}
