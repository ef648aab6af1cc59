//! Acts that need two people, the retention class, and a legal hold: what people send.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;

use super::decisions::{Field, HOLD, RETAIN, Typed};
use super::draft::Draft;
use super::{gone, refused, render, stay, version};
use crate::domain::ids::{ProposalId, ReportId};
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::service::triage::{Ask, DecisionError, TriageError};
use crate::web::staff::problem;
use crate::web::staff::visit::Visit;

const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// `POST /reports/{id}/propose`
pub async fn propose(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let mut typed = Typed::of(visit.fields.get("kind"), &visit.fields);
    let Ok(kind) = visit.fields.get("kind").parse::<ProposalKind>() else {
        return choose(&visit, report, typed).await;
    };
    let Some(ask) = asked(kind, &mut typed) else {
        return again(&visit, report, typed, INVALID).await;
    };
    let triage = &visit.place().state.services.triage;
    let outcome = triage
        .propose(&visit.caller, report, version(&visit), ask, typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| "proposed")).await
}

/// `POST /reports/{id}/approve`
pub async fn approve(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let typed = Typed::of(visit.fields.get("proposal"), &visit.fields);
    let Ok(proposal) = visit.fields.get("proposal").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let code = code(&visit, typed.form());
    let triage = &visit.place().state.services.triage;
    let outcome = triage
        .approve(&visit.caller, report, version(&visit), proposal, code)
        .await;
    let done = outcome.map(|kind| match kind {
        ProposalKind::Shred => "shredded",
        _ => "agreed",
    });
    finish(visit, report, typed, done).await
}

/// `POST /reports/{id}/refuse`
pub async fn refuse(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let typed = Typed::of(visit.fields.get("proposal"), &visit.fields);
    let Ok(proposal) = visit.fields.get("proposal").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let triage = &visit.place().state.services.triage;
    let outcome = triage.refuse(&visit.caller, report, proposal).await;
    finish(visit, report, typed, outcome.map(|()| "refused")).await
}

/// `POST /reports/{id}/export`. The answer is a file, not a page; it is named alike for every report.
pub async fn export(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let typed = Typed::of(visit.fields.get("export"), &visit.fields);
    let Ok(export) = visit.fields.get("export").parse::<ProposalId>() else {
        return choose(&visit, report, typed).await;
    };
    let code = code(&visit, typed.form());
    let triage = &visit.place().state.services.triage;
    match triage
        .fetch_export(&visit.caller, report, export, code)
        .await
    {
        Ok(file) => HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"kapea-export.age\"",
            ))
            .body(file),
        Err(error) => finish(visit, report, typed, Err(error)).await,
    }
}

/// `POST /reports/{id}/retain`
pub async fn retain(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let mut typed = Typed::of(RETAIN, &visit.fields);
    let Some(class) = typed.parsed::<RetentionClass>(Field::Class, "staff-choice-missing") else {
        return again(&visit, report, typed, INVALID).await;
    };
    let Some(until) = day(class, &mut typed) else {
        return again(&visit, report, typed, INVALID).await;
    };
    let triage = &visit.place().state.services.triage;
    let seen = version(&visit);
    let outcome = triage
        .retain(&visit.caller, report, seen, class, until, typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| "retained")).await
}

/// `POST /reports/{id}/hold`
pub async fn hold(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let typed = Typed::of(HOLD, &visit.fields);
    let triage = &visit.place().state.services.triage;
    let outcome = triage
        .hold(&visit.caller, report, version(&visit), typed.reason())
        .await;
    finish(visit, report, typed, outcome.map(|()| "held")).await
}

/// What is proposed; `None` with the mark beside the field that lacks something.
fn asked(kind: ProposalKind, typed: &mut Typed) -> Option<Ask> {
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
fn day(class: RetentionClass, typed: &mut Typed) -> Option<Option<crate::domain::clock::Day>> {
    if class.takes_a_day() && typed.has_day() {
        typed.parsed(Field::Until, "decisions-day-wrong").map(Some)
    } else {
        Some(None)
    }
}

/// The six digits beside the button that was pressed.
fn code<'a>(visit: &'a Visit, part: &str) -> &'a str {
    visit.fields.get(&format!("code-{part}"))
}

async fn choose(visit: &Visit, report: ReportId, typed: Typed) -> HttpResponse {
    let draft = Draft {
        page_error: Some("staff-choice-missing"),
        decision: typed,
        ..Draft::beside(&visit.fields)
    };
    render(visit, report, draft, INVALID).await
}

async fn again(visit: &Visit, report: ReportId, typed: Typed, status: StatusCode) -> HttpResponse {
    let draft = Draft {
        decision: typed,
        ..Draft::beside(&visit.fields)
    };
    render(visit, report, draft, status).await
}

/// The next page, with the words that stood beside what was sent.
async fn finish(
    visit: Visit,
    report: ReportId,
    typed: Typed,
    outcome: Result<&'static str, DecisionError>,
) -> HttpResponse {
    match outcome {
        Ok(done) => {
            let mut draft = Draft::beside(&visit.fields);
            draft.done(typed.form());
            match done {
                "shredded" => gone(visit, &draft, done),
                done => stay(visit, report, draft, done).await,
            }
        }
        Err(error) => not_done(&visit, report, typed, error).await,
    }
}

/// This page again, with what was typed and what is wrong.
async fn not_done(
    visit: &Visit,
    report: ReportId,
    mut typed: Typed,
    error: DecisionError,
) -> HttpResponse {
    if let Some(wrong) = beside(&error) {
        typed.wrong = Some(wrong);
        return again(visit, report, typed, INVALID).await;
    }
    let page_error = match error {
        DecisionError::Own => "decisions-own",
        DecisionError::Waiting => "decisions-waiting-already",
        DecisionError::Held => "decisions-held",
        DecisionError::Void => "decisions-void",
        DecisionError::Written => "decisions-written",
        DecisionError::Triage(TriageError::NotClaimed) => "decisions-claim-first",
        DecisionError::Triage(error) => {
            let draft = Draft {
                decision: typed,
                ..Draft::beside(&visit.fields)
            };
            return refused::answer(visit, report, draft, error).await;
        }
        DecisionError::WrongCode
        | DecisionError::Recipient
        | DecisionError::Day
        | DecisionError::MessageTooLong => "staff-not-possible",
    };
    let draft = Draft {
        page_error: Some(page_error),
        decision: typed,
        ..Draft::beside(&visit.fields)
    };
    render(visit, report, draft, StatusCode::CONFLICT).await
}

/// What belongs beside a field.
const fn beside(error: &DecisionError) -> Option<(Field, &'static str)> {
    Some(match error {
        DecisionError::WrongCode => (Field::Code, "staff-code-wrong"),
        DecisionError::Recipient => (Field::Recipient, "decisions-recipient-wrong"),
        DecisionError::Day => (Field::Until, "decisions-day-wrong"),
        DecisionError::Triage(TriageError::ReasonMissing) => {
            (Field::Reason, "staff-reason-missing")
        }
        DecisionError::Triage(TriageError::TooLong) => (Field::Reason, "staff-text-too-long"),
        DecisionError::MessageTooLong => (Field::Message, "staff-text-too-long"),
        DecisionError::Triage(TriageError::MailboxClosed) => {
            (Field::Message, "staff-message-closed")
        }
        _ => return None,
    })
}
