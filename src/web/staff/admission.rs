//! What members do at their team's door: approve, let in, object, and set the rules.

use actix_web::http::StatusCode;

use super::request::StaffRequest;
use super::team::{Wrong, render};
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::receipt::western_digits;
use crate::service::admission::Rules;
use crate::service::admission::{Approved, Set};
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::Answer;

const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// `POST /team/admit`
pub async fn approve(visit: StaffRequest) -> Answer {
    let Some((staff, team)) = named(&visit) else {
        return Err(WebError::NotFound);
    };
    let fields = &visit.fields;
    if !fields.ticked("compared") {
        return render(&visit, INVALID, Some(Wrong::NotCompared(staff))).await;
    }
    let code = western_digits(fields.get("code"));
    let fingerprint = fields.get("fingerprint");
    let admission = &visit.services().admission;
    match admission
        .approve(&visit.caller, staff, team, fingerprint, &code)
        .await
    {
        Ok(Approved::LetIn) => Done::Admitted.at("/team"),
        Ok(Approved::Waits) => Done::Approved.at("/team"),
        Err(Error::Changed) => {
            render(&visit, StatusCode::CONFLICT, Some(Wrong::Changed(staff))).await
        }
        Err(Error::WrongCode) => render(&visit, INVALID, Some(Wrong::Code(staff))).await,
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/let-in`
pub async fn let_in(visit: StaffRequest) -> Answer {
    let Some((staff, team)) = named(&visit) else {
        return Err(WebError::NotFound);
    };
    let admission = &visit.services().admission;
    match admission.let_in(&visit.caller, staff, team).await {
        Ok(()) => Done::Admitted.at("/team"),
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/object`
pub async fn object(visit: StaffRequest) -> Answer {
    let Some((staff, team)) = named(&visit) else {
        return Err(WebError::NotFound);
    };
    let admission = &visit.services().admission;
    match admission.object(&visit.caller, staff, team).await {
        Ok(()) => Done::Objected.at("/team"),
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules`
pub async fn set_rules(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let Ok(team) = fields.get("team").parse::<TeamId>() else {
        return Err(WebError::NotFound);
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
    let admission = &visit.services().admission;
    match admission
        .set_rules(&visit.caller, team, wanted, &code)
        .await
    {
        Ok(Set::InForce) => Done::Rules.at("/team"),
        Ok(Set::Waits) => Done::RulesWished.at("/team"),
        Err(Error::WrongCode) => render(&visit, INVALID, Some(Wrong::RulesCode(team))).await,
        Err(Error::TooFew) => render(&visit, INVALID, Some(Wrong::TooFew(team))).await,
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules-confirm`
pub async fn confirm_rules(visit: StaffRequest) -> Answer {
    let team: TeamId = visit.field("team")?;
    let code = western_digits(visit.fields.get("code"));
    let admission = &visit.services().admission;
    match admission.confirm_rules(&visit.caller, team, &code).await {
        Ok(()) => Done::Rules.at("/team"),
        Err(Error::WrongCode) => render(&visit, INVALID, Some(Wrong::WishCode(team))).await,
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /team/rules-stop`
pub async fn stop_rules(visit: StaffRequest) -> Answer {
    let team: TeamId = visit.field("team")?;
    let admission = &visit.services().admission;
    match admission.stop_rules(&visit.caller, team).await {
        Ok(()) => Done::RulesStopped.at("/team"),
        Err(error) => refused(&visit, error).await,
    }
}

fn named(visit: &StaffRequest) -> Option<(StaffId, TeamId)> {
    let staff = visit.fields.get("staff").parse().ok()?;
    Some((staff, visit.fields.get("team").parse().ok()?))
}

/// What the page itself can say is said there; the rest is as if there were nothing.
async fn refused(visit: &StaffRequest, error: Error) -> Answer {
    let id = match error {
        Error::Already => "admission-already",
        Error::NotYet => "admission-not-yet",
        Error::Changed => "admission-changed",
        error => return Err(error.into()),
    };
    render(visit, StatusCode::CONFLICT, Some(Wrong::Page(id))).await
}
