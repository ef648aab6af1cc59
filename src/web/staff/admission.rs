//! What members do at their team's door: approve, let in, object, and set the rules.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::problem::{self, see_other};
use super::team::{Wrong, render};
use super::visit::Visit;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::receipt::western_digits;
use crate::service::admission::rules::Rules;
use crate::service::admission::{AdmissionError, Approved, Set};

const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// `POST /team/admit`
pub async fn approve(visit: Visit) -> HttpResponse {
    let Some((staff, team)) = named(&visit) else {
        return problem::not_found();
    };
    let fields = &visit.fields;
    if !fields.ticked("compared") {
        return render(&visit, INVALID, Some(Wrong::NotCompared(staff))).await;
    }
    let code = western_digits(fields.get("code"));
    let fingerprint = fields.get("fingerprint");
    let admission = &visit.place().state.services.admission;
    match admission
        .approve(&visit.caller, staff, team, fingerprint, &code)
        .await
    {
        Ok(Approved::LetIn) => see_other("/team?done=admitted"),
        Ok(Approved::Waits) => see_other("/team?done=approved"),
        Err(AdmissionError::Changed) => {
            render(&visit, StatusCode::CONFLICT, Some(Wrong::Changed(staff))).await
        }
        Err(AdmissionError::WrongCode) => render(&visit, INVALID, Some(Wrong::Code(staff))).await,
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/let-in`
pub async fn let_in(visit: Visit) -> HttpResponse {
    let Some((staff, team)) = named(&visit) else {
        return problem::not_found();
    };
    let admission = &visit.place().state.services.admission;
    match admission.let_in(&visit.caller, staff, team).await {
        Ok(()) => see_other("/team?done=admitted"),
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/object`
pub async fn object(visit: Visit) -> HttpResponse {
    let Some((staff, team)) = named(&visit) else {
        return problem::not_found();
    };
    let admission = &visit.place().state.services.admission;
    match admission.object(&visit.caller, staff, team).await {
        Ok(()) => see_other("/team?done=objected"),
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules`
pub async fn set_rules(visit: Visit) -> HttpResponse {
    let fields = &visit.fields;
    let Ok(team) = fields.get("team").parse::<TeamId>() else {
        return problem::not_found();
    };
    let wanted = fields
        .get("approvals")
        .parse()
        .ok()
        .zip(fields.get("delay").parse().ok())
        .and_then(|(approvals, delay)| Rules::new(approvals, delay));
    let Some(wanted) = wanted else {
        return render(&visit, INVALID, Some(Wrong::Rules(team))).await;
    };
    let code = western_digits(fields.get("code"));
    let admission = &visit.place().state.services.admission;
    match admission
        .set_rules(&visit.caller, team, wanted, &code)
        .await
    {
        Ok(Set::InForce) => see_other("/team?done=rules"),
        Ok(Set::Waits) => see_other("/team?done=rules-wished"),
        Err(AdmissionError::WrongCode) => {
            render(&visit, INVALID, Some(Wrong::RulesCode(team))).await
        }
        Err(AdmissionError::TooFew) => render(&visit, INVALID, Some(Wrong::TooFew(team))).await,
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules-confirm`
pub async fn confirm_rules(visit: Visit) -> HttpResponse {
    let Ok(team) = visit.fields.get("team").parse::<TeamId>() else {
        return problem::not_found();
    };
    let code = western_digits(visit.fields.get("code"));
    let admission = &visit.place().state.services.admission;
    match admission.confirm_rules(&visit.caller, team, &code).await {
        Ok(()) => see_other("/team?done=rules"),
        Err(AdmissionError::WrongCode) => {
            render(&visit, INVALID, Some(Wrong::WishCode(team))).await
        }
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules-stop`
pub async fn stop_rules(visit: Visit) -> HttpResponse {
    let Ok(team) = visit.fields.get("team").parse::<TeamId>() else {
        return problem::not_found();
    };
    let admission = &visit.place().state.services.admission;
    match admission.stop_rules(&visit.caller, team).await {
        Ok(()) => see_other("/team?done=rules-stopped"),
        Err(error) => refused(&visit, error).await,
    }
}

fn named(visit: &Visit) -> Option<(StaffId, TeamId)> {
    let staff = visit.fields.get("staff").parse().ok()?;
    Some((staff, visit.fields.get("team").parse().ok()?))
}

/// What the page itself can say is said there; the rest is as if there were nothing.
async fn refused(visit: &Visit, error: AdmissionError) -> HttpResponse {
    let id = match error {
        AdmissionError::Already => "admission-already",
        AdmissionError::NotYet => "admission-not-yet",
        AdmissionError::Changed => "admission-changed",
        AdmissionError::NotFound
        | AdmissionError::WrongCode
        | AdmissionError::TooFew
        | AdmissionError::Unavailable => return problem::admission(visit.place(), error),
    };
    render(visit, StatusCode::CONFLICT, Some(Wrong::Page(id))).await
}
