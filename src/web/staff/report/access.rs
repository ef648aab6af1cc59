//! Who may read a report: what leads decide about it.

use actix_web::http::StatusCode;

use super::draft::ReportDraft;
use super::outcome::{self, gone, render, stay, version};
use crate::domain::ids::{ReportId, StaffId, TeamId};
use crate::service::error::Error;
use crate::web::staff::done::Done;
use crate::web::staff::frame::Answer;
use crate::web::staff::request::StaffRequest;

/// `POST /reports/{id}/assign`
pub async fn assign(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let triage = &visit.services().triage;
    let Ok(to) = visit.fields.get("assign-staff").parse::<StaffId>() else {
        return choose(&visit, report).await;
    };
    let outcome = triage.assign(&visit.caller, report, to).await;
    finish(visit, report, "assign", outcome, Done::Assigned).await
}

/// `POST /reports/{id}/share`
pub async fn share(visit: StaffRequest) -> Answer {
    grant(visit, false).await
}

/// `POST /reports/{id}/move`
pub async fn hand_over(visit: StaffRequest) -> Answer {
    grant(visit, true).await
}

async fn grant(visit: StaffRequest, moves: bool) -> Answer {
    let report = visit.part("id")?;
    let triage = &visit.services().triage;
    let Ok(to) = visit.fields.get("share-team").parse::<TeamId>() else {
        return choose(&visit, report).await;
    };
    let reason = visit.fields.get("share-reason");
    let outcome = triage.share(&visit.caller, report, to, moves, reason).await;
    let done = if moves { Done::Moved } else { Done::Shared };
    finish(visit, report, "share", outcome, done).await
}

/// `POST /reports/{id}/restrict`
pub async fn restrict(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let triage = &visit.services().triage;
    let people: Vec<StaffId> = visit
        .fields
        .all("restrict-staff")
        .filter_map(|id| id.parse().ok())
        .collect();
    if people.is_empty() {
        return choose(&visit, report).await;
    }
    let (seen, reason) = (version(&visit), visit.fields.get("restrict-reason"));
    let outcome = triage
        .restrict(&visit.caller, report, seen, &people, reason)
        .await;
    finish(visit, report, "restrict", outcome, Done::Restricted).await
}

async fn choose(visit: &StaffRequest, report: ReportId) -> Answer {
    let draft = ReportDraft {
        page_error: Some("staff-choice-missing"),
        ..ReportDraft::beside(&visit.fields)
    };
    render(visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn finish(
    visit: StaffRequest,
    report: ReportId,
    part: &str,
    outcome: Result<(), Error>,
    done: Done,
) -> Answer {
    let mut draft = ReportDraft::beside(&visit.fields);
    let (page_error, status) = match outcome {
        Ok(()) => {
            draft.done(part);
            return match done {
                Done::Moved => gone(visit, &draft, done),
                done => stay(visit, report, draft, done).await,
            };
        }
        Err(Error::ReasonMissing) => ("staff-reason-missing", StatusCode::UNPROCESSABLE_ENTITY),
        Err(Error::TooLong) => ("staff-text-too-long", StatusCode::UNPROCESSABLE_ENTITY),
        Err(Error::NotPossible) => ("access-not-possible", StatusCode::CONFLICT),
        Err(error) => return outcome::answer(&visit, report, draft, error).await,
    };
    draft.page_error = Some(page_error);
    render(&visit, report, draft, status).await
}
