//! What members do at their team's door: approve, let in, object, and set the rules.

use actix_web::http::StatusCode;
use serde::Deserialize;

use super::request::StaffRequest;
use super::team::render;
use super::typed::{Choice, Code};
use crate::domain::ids::{StaffId, TeamId};
use crate::service::admission::Rules;
use crate::service::admission::{Approved, Set};
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;

/// Somebody at a team's door.
#[derive(Deserialize)]
struct Newcomer<'a> {
    staff: StaffId,
    team: TeamId,
    #[serde(default)]
    compared: bool,
    #[serde(default)]
    fingerprint: &'a str,
    #[serde(default)]
    code: Code,
}

/// A team, and the rules that somebody wants for it.
#[derive(Deserialize)]
struct TeamForm {
    team: TeamId,
    #[serde(default)]
    approvals: Choice<u8>,
    #[serde(default)]
    delay: Choice<u8>,
    #[serde(default)]
    code: Code,
}

/// Who is to lead a team from now on, or no longer.
#[derive(Deserialize)]
struct LeadForm<'a> {
    team: TeamId,
    #[serde(default)]
    lead: &'a str,
    #[serde(default)]
    code: Code,
}

/// `POST /team/admit`
pub async fn approve(visit: StaffRequest) -> Answer {
    let form: Newcomer<'_> = visit.form()?;
    let compared = format!("{}-compared", form.staff);
    if !form.compared {
        let state = visit.state().wrong(compared, "staff-compare-missing");
        return render(&visit, state).await;
    }
    let admission = &visit.services().admission;
    let approved = admission.approve(
        &visit.caller,
        form.staff,
        form.team,
        form.fingerprint,
        &form.code,
    );
    match approved.await {
        Ok(Approved::LetIn) => Done::Admitted.at("/team"),
        Ok(Approved::Waits) => Done::Approved.at("/team"),
        Err(Error::Changed) => {
            let state = visit.state();
            let state = state.refused(StatusCode::CONFLICT, compared, "staff-compare-changed");
            render(&visit, state).await
        }
        Err(error) => refused(&visit, error, form.staff.to_string()).await,
    }
}

/// `POST /team/let-in`
pub async fn let_in(visit: StaffRequest) -> Answer {
    let Newcomer { staff, team, .. } = visit.form()?;
    let admission = &visit.services().admission;
    match admission.let_in(&visit.caller, staff, team).await {
        Ok(()) => Done::Admitted.at("/team"),
        Err(error) => refused(&visit, error, String::new()).await,
    }
}

/// `POST /team/object`
pub async fn object(visit: StaffRequest) -> Answer {
    let Newcomer { staff, team, .. } = visit.form()?;
    let admission = &visit.services().admission;
    match admission.object(&visit.caller, staff, team).await {
        Ok(()) => Done::Objected.at("/team"),
        Err(error) => refused(&visit, error, String::new()).await,
    }
}

/// `POST /team/rules`
pub async fn set_rules(visit: StaffRequest) -> Answer {
    let form: TeamForm = visit.form()?;
    let (rules, code) = (format!("{}-rules", form.team), format!("r-{}", form.team));
    let wanted = form.approvals.made().zip(form.delay.made());
    let Some(wanted) = wanted.and_then(|(approvals, delay)| Rules::new(approvals, delay)) else {
        let state = visit.state().wrong(rules, "staff-choice-missing");
        return render(&visit, state).await;
    };
    let admission = &visit.services().admission;
    let set = admission.set_rules(&visit.caller, form.team, wanted, &form.code);
    match set.await {
        Ok(Set::InForce) => Done::Rules.at("/team"),
        Ok(Set::Waits) => Done::RulesWished.at("/team"),
        Err(Error::TooFew) => {
            let state = visit.state().wrong(rules, "admission-too-few");
            render(&visit, state).await
        }
        Err(error) => refused(&visit, error, code).await,
    }
}

/// `POST /team/rules-confirm`
pub async fn confirm_rules(visit: StaffRequest) -> Answer {
    let TeamForm { team, code, .. } = visit.form()?;
    let admission = &visit.services().admission;
    match admission.confirm_rules(&visit.caller, team, &code).await {
        Ok(()) => Done::Rules.at("/team"),
        Err(error) => refused(&visit, error, format!("w-{team}")).await,
    }
}

/// `POST /team/rules-stop`
pub async fn stop_rules(visit: StaffRequest) -> Answer {
    let TeamForm { team, .. } = visit.form()?;
    let admission = &visit.services().admission;
    match admission.stop_rules(&visit.caller, team).await {
        Ok(()) => Done::RulesStopped.at("/team"),
        Err(error) => refused(&visit, error, String::new()).await,
    }
}

/// `POST /team/lead`
pub async fn set_lead(visit: StaffRequest) -> Answer {
    let form: LeadForm<'_> = visit.form()?;
    let chosen = form.lead.split_once(':');
    let chosen = chosen.and_then(|(who, lead)| Some((who.parse().ok()?, lead.parse().ok()?)));
    let chosen: (StaffId, bool) = chosen.ok_or(WebError::NotFound)?;
    let admission = &visit.services().admission;
    let set = admission.set_lead(&visit.caller, form.team, chosen, &form.code);
    match set.await {
        Ok(()) => Done::Lead.at("/team"),
        Err(Error::NotPossible) => {
            let id = format!("{}-lead", form.team);
            let state = visit.state();
            let state = state.refused(StatusCode::CONFLICT, id, "admission-lead-last");
            render(&visit, state).await
        }
        Err(error) => refused(&visit, error, format!("l-code-{}", form.team)).await,
    }
}

/// What the page itself can say is said there, a wrong code beside the input of that id; the rest is as if there were nothing.
async fn refused(visit: &StaffRequest, error: Error, code: String) -> Answer {
    let state = visit.state();
    let state = match error {
        Error::WrongCode => state.wrong(code, "staff-code-wrong"),
        Error::Already => state.problem(StatusCode::CONFLICT, "admission-already"),
        Error::NotYet => state.problem(StatusCode::CONFLICT, "admission-not-yet"),
        Error::Changed => state.problem(StatusCode::CONFLICT, "admission-changed"),
        error => return Err(error.into()),
    };
    render(visit, state).await
}
