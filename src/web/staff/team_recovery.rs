//! Whether a team's key is also wrapped to the recovery key: shown to members, decided by leads.

use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::recovery::team_state;
use super::request::StaffRequest;
use super::typed::Code;
use crate::domain::ids::TeamId;
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html, see_other};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/team_recovery.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    recovery: Vec<Choice>,
}

/// One team and what can be decided about it.
pub(super) struct Choice {
    pub(super) team: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) is_on: bool,
    pub(super) is_lead: bool,
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

/// The caller's teams, for this page and for the team's own.
pub(super) async fn choices(visit: &StaffRequest, c: &PageFrame<'_>) -> Result<Vec<Choice>, Error> {
    let service = &visit.services().recovery;
    let teams = service.teams(&visit.caller).await?;
    Ok(teams
        .into_iter()
        .map(|team| Choice {
            team: team.team.to_string(),
            state: team_state(c, &team.standing, team.has_key),
            name: team.standing.name,
            is_on: team.standing.wanted,
            is_lead: team.is_lead,
        })
        .collect())
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let c = visit.chrome();
    let recovery = choices(visit, &c).await?;
    let page = Page { recovery, form, c };
    html(page.form.status(), &page)
}
