//! Teams and the channels that feed them.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::request::StaffRequest;
use crate::service::admin::TeamView;
use crate::service::error::Error;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/teams.html", whitespace = "minimize")]
struct Teams<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    teams: Vec<Team>,
    channels: Vec<Channel>,
    form: Form<'a>,
}

/// One team.
struct Team {
    name: String,
    channels: String,
    members: String,
    generation: String,
    next: String,
}

/// One channel that the configured forms feed.
struct Channel {
    value: String,
    chosen: bool,
}

/// The form for a new team, with what was typed.
struct Form<'a> {
    name: &'a str,
    name_error: Option<String>,
    channels_error: Option<String>,
}

/// What did not fit.
#[derive(Default)]
struct Wrong {
    name: Option<&'static str>,
    channels: Option<&'static str>,
}

/// `GET /teams`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, &Wrong::default()).await
}

/// `POST /teams`
pub async fn create(visit: StaffRequest) -> Answer {
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let name = visit.fields.get("name").trim();
    let channels: Vec<String> = visit.fields.all("channel").map(str::to_owned).collect();
    let wrong = Wrong {
        name: name.is_empty().then_some("staff-teams-name-missing"),
        channels: channels.is_empty().then_some("staff-choice-missing"),
    };
    if wrong.name.is_some() || wrong.channels.is_some() {
        return render(&visit, invalid, &wrong).await;
    }
    match visit
        .services()
        .admin
        .create_team(&visit.caller, name, channels)
        .await
    {
        Ok(_) => Done::Team.at("/teams"),
        Err(Error::InvalidName) => {
            let wrong = Wrong {
                name: Some("staff-teams-name-wrong"),
                ..Wrong::default()
            };
            render(&visit, invalid, &wrong).await
        }
        Err(Error::Changed) => {
            let wrong = Wrong {
                name: Some("staff-teams-name-taken"),
                ..Wrong::default()
            };
            render(&visit, StatusCode::CONFLICT, &wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn render(visit: &StaffRequest, status: StatusCode, wrong: &Wrong) -> Answer {
    let admin = &visit.services().admin;
    let teams = admin.teams(&visit.caller).await?;
    let known = admin.status(&visit.caller).await?.channels;
    let c = visit.chrome();
    let say = |id: Option<&'static str>| id.map(|id| c.t.text(id));
    let channels = known.into_iter().map(|channel| Channel {
        chosen: visit.fields.all("channel").any(|sent| sent == channel.id),
        value: channel.id,
    });
    let page = Teams {
        csrf: &visit.caller.csrf,
        teams: teams.iter().map(|team| shown(&c, team)).collect(),
        channels: channels.collect(),
        form: Form {
            name: visit.fields.get("name"),
            name_error: say(wrong.name),
            channels_error: say(wrong.channels),
        },
        c,
    };
    html(status, &page)
}

fn shown(c: &PageFrame<'_>, team: &TeamView) -> Team {
    let next = if team.generation.is_none() {
        "staff-teams-next-caseworker"
    } else {
        "staff-teams-next-custodian"
    };
    Team {
        name: team.name.clone(),
        channels: team.channels.join(", "),
        members: c.t.number(i64::try_from(team.members).unwrap_or(i64::MAX)),
        generation: match team.generation {
            Some(number) => c.t.text_with(
                "staff-teams-generation-number",
                &[("number", number.into())],
            ),
            None => c.t.text("staff-teams-generation-none"),
        },
        next: c.t.text(next),
    }
}
