//! Who may read a report: what leads decide about it.

use super::outcome::{finish, gone, render};
use super::work::{ASSIGN, RESTRICT, SHARE, sent};
use crate::domain::ids::{ReportId, StaffId};
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;
use crate::web::staff::request::StaffRequest;
use crate::web::staff::typed::Choice;

/// `POST /reports/{id}/assign`
pub async fn assign(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let Some(to) = form.assign_staff.made() else {
        return choose(&visit, report, ASSIGN, "assign-staff").await;
    };
    let triage = &visit.services().triage;
    let outcome = triage.assign(&visit.caller, report, to).await;
    finish(&visit, report, ASSIGN, outcome, Done::Assigned).await
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
    let (report, form) = sent(&visit)?;
    let Some(to) = form.share_team.made() else {
        return choose(&visit, report, SHARE, "share-team").await;
    };
    let triage = &visit.services().triage;
    let outcome = triage.share(&visit.caller, report, to, moves, form.share_reason);
    match outcome.await {
        Ok(()) if moves => gone(&visit, SHARE, Done::Moved),
        outcome => finish(&visit, report, SHARE, outcome, Done::Shared).await,
    }
}

/// `POST /reports/{id}/restrict`
pub async fn restrict(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let (seen, reason) = (form.version(), form.restrict_reason);
    let people = form.restrict_staff.into_iter().filter_map(Choice::made);
    let people: Vec<StaffId> = people.collect();
    if people.is_empty() {
        return choose(&visit, report, RESTRICT, "restrict-staff").await;
    }
    let triage = &visit.services().triage;
    let outcome = triage.restrict(&visit.caller, report, seen, &people, reason);
    finish(&visit, report, RESTRICT, outcome.await, Done::Restricted).await
}

async fn choose(visit: &StaffRequest, report: ReportId, part: &str, id: &str) -> Answer {
    let state = visit.state().wrong(id, "staff-choice-missing");
    render(visit, report, part, state).await
}
