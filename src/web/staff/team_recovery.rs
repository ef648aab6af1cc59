//! Whether a team's key is also wrapped to the recovery key: shown to members, decided by leads.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::problem::see_other;
use super::recovery::team_state;
use super::request::StaffRequest;
use crate::domain::ids::TeamId;
use crate::domain::receipt::western_digits;
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/team_recovery.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    recovery: Vec<Choice>,
}

/// One team and what can be decided about it.
pub(super) struct Choice {
    pub(super) team: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) is_on: bool,
    pub(super) is_lead: bool,
    pub(super) code_error: Option<String>,
}

/// `GET /team/recovery`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, None).await
}

/// `POST /team/recovery`
pub async fn set(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let Ok(team) = fields.get("team").parse::<TeamId>() else {
        return Err(WebError::NotFound);
    };
    let on = match fields.get("recovery") {
        "on" => true,
        "off" => false,
        _ => return Err(WebError::NotFound),
    };
    let code = western_digits(fields.get("code"));
    let service = &visit.services().recovery;
    match service.set_team(&visit.caller, team, on, &code).await {
        Ok(()) => Done::RecoveryTeam.at("/team"),
        // It is as was asked for already.
        Err(Error::Changed) => see_other("/team/recovery"),
        Err(Error::WrongCode) => render(&visit, StatusCode::UNPROCESSABLE_ENTITY, Some(team)).await,
        Err(error) => Err(error.into()),
    }
}

/// The caller's teams, for this page and for the team's own.
pub(super) async fn choices(
    visit: &StaffRequest,
    c: &PageFrame<'_>,
    wrong_code: Option<TeamId>,
) -> Result<Vec<Choice>, Error> {
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
            code_error: (wrong_code == Some(team.team)).then(|| c.t.text("staff-code-wrong")),
        })
        .collect())
}

async fn render(visit: &StaffRequest, status: StatusCode, wrong_code: Option<TeamId>) -> Answer {
    let c = visit.chrome();
    let recovery = choices(visit, &c, wrong_code).await?;
    let page = Page { recovery, c };
    html(status, &page)
}
