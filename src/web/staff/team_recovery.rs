//! Whether a team's key is also wrapped to the recovery key: shown to members, decided by leads.

use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::recovery;
use super::request::StaffRequest;
use super::typed::Code;
use crate::domain::ids::TeamId;
use crate::service::error::Error;
use crate::service::recovery::TeamRecovery;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html, see_other};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/team_recovery.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    recovery: Vec<TeamRecovery>,
}

/// What a lead decides.
#[derive(Deserialize)]
struct RecoveryForm<'a> {
    team: TeamId,
    recovery: &'a str,
    #[serde(default)]
    code: Code,
}

/// `GET /team/recovery`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// `POST /team/recovery`
pub async fn set(visit: StaffRequest) -> Answer {
    let RecoveryForm {
        team,
        recovery,
        code,
    } = visit.form()?;
    let on = match recovery {
        "on" => true,
        "off" => false,
        _ => return Err(WebError::NotFound),
    };
    let service = &visit.services().recovery;
    match service.set_team(&visit.caller, team, on, &code).await {
        Ok(()) => Done::RecoveryTeam.at("/team"),
        // It is as was asked for already.
        Err(Error::Changed) => see_other("/team/recovery"),
        Err(Error::WrongCode) => {
            let id = format!("recovery-{team}");
            render(&visit, visit.state().wrong(id, "staff-code-wrong")).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let service = &visit.services().recovery;
    let page = Page {
        recovery: service.teams(&visit.caller).await?,
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}
