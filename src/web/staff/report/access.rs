//! Who may read a report: what leads decide about it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::draft::Draft;
use super::{refused, render, version};
use crate::domain::ids::{ReportId, StaffId, TeamId};
use crate::service::triage::TriageError;
use crate::web::staff::problem::{self, see_other};
use crate::web::staff::visit::Visit;

/// `POST /reports/{id}/assign`
pub async fn assign(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let triage = &visit.place().state.services.triage;
    let Ok(to) = visit.fields.get("staff").parse::<StaffId>() else {
        return choose(&visit, report).await;
    };
    let outcome = triage.assign(&visit.caller, report, to).await;
    finish(
        &visit,
        report,
        outcome,
        format!("/reports/{report}?done=assigned"),
    )
    .await
}

/// `POST /reports/{id}/share`
pub async fn share(visit: Visit) -> HttpResponse {
    grant(visit, false).await
}

/// `POST /reports/{id}/move`
pub async fn hand_over(visit: Visit) -> HttpResponse {
    grant(visit, true).await
}

async fn grant(visit: Visit, moves: bool) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let triage = &visit.place().state.services.triage;
    let Ok(to) = visit.fields.get("team").parse::<TeamId>() else {
        return choose(&visit, report).await;
    };
    let reason = visit.fields.get("reason");
    let outcome = triage.share(&visit.caller, report, to, moves, reason).await;
    let next = if moves {
        "/queue?done=moved".to_owned()
    } else {
        format!("/reports/{report}?done=shared")
    };
    finish(&visit, report, outcome, next).await
}

/// `POST /reports/{id}/restrict`
pub async fn restrict(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let triage = &visit.place().state.services.triage;
    let people: Vec<StaffId> = visit
        .fields
        .all("staff")
        .filter_map(|id| id.parse().ok())
        .collect();
    if people.is_empty() {
        return choose(&visit, report).await;
    }
    let (seen, reason) = (version(&visit), visit.fields.get("reason"));
    let outcome = triage
        .restrict(&visit.caller, report, seen, &people, reason)
        .await;
    finish(
        &visit,
        report,
        outcome,
        format!("/reports/{report}?done=restricted"),
    )
    .await
}

async fn choose(visit: &Visit, report: ReportId) -> HttpResponse {
    let draft = Draft {
        page_error: Some("staff-choice-missing"),
        ..Draft::default()
    };
    render(visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn finish(
    visit: &Visit,
    report: ReportId,
    outcome: Result<(), TriageError>,
    next: String,
) -> HttpResponse {
    let (page_error, status) = match outcome {
        Ok(()) => return see_other(&next),
        Err(TriageError::ReasonMissing) => {
            ("staff-reason-missing", StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(TriageError::TooLong) => ("staff-text-too-long", StatusCode::UNPROCESSABLE_ENTITY),
        Err(TriageError::NotPossible) => ("access-not-possible", StatusCode::CONFLICT),
        Err(error) => return refused::answer(visit, report, Draft::default(), error).await,
    };
    let draft = Draft {
        page_error: Some(page_error),
        ..Draft::default()
    };
    render(visit, report, draft, status).await
}
