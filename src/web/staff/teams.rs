//! Teams and the channels that feed them.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::request::StaffRequest;
use crate::service::admin::TeamView;
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/teams.html", whitespace = "minimize")]
struct Teams<'a> {
    c: PageFrame<'a>,
    teams: Vec<TeamView>,
    channels: Vec<String>,
    form: FormState<'a>,
}

/// A new team.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TeamForm<'a> {
    name: &'a str,
    channel: Vec<String>,
}

/// `GET /teams`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// `POST /teams`
pub async fn create(visit: StaffRequest) -> Answer {
    let form: TeamForm<'_> = visit.form()?;
    let name = form.name.trim();
    let state = visit
        .state()
        .wrong_if(name.is_empty(), "name", "staff-teams-name-missing")
        .wrong_if(form.channel.is_empty(), "channels", "staff-choice-missing");
    if state.is_refused() {
        return render(&visit, state).await;
    }
    let admin = &visit.services().admin;
    let state = match admin.create_team(&visit.caller, name, form.channel).await {
        Ok(_) => return Done::Team.at("/teams"),
        Err(Error::InvalidName) => state.wrong("name", "staff-teams-name-wrong"),
        Err(Error::Changed) => {
            state.refused(StatusCode::CONFLICT, "name", "staff-teams-name-taken")
        }
        Err(error) => return Err(error.into()),
    };
    render(&visit, state).await
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let admin = &visit.services().admin;
    let known = admin.status(&visit.caller).await?.channels;
    let page = Teams {
        teams: admin.teams(&visit.caller).await?,
        channels: known.into_iter().map(|channel| channel.id).collect(),
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}
