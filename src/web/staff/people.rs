//! People with accounts: inviting and stopping. No content is near these pages.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::frame::{PageFrame, ok};
use super::request::StaffRequest;
use super::words;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{Role, TeamKind};
use crate::service::admin::{Closed, Invitation, Leaving, Person, PersonState, TeamView};
use crate::service::error::Error;
use crate::service::once::Once;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/people.html", whitespace = "minimize")]
struct People<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    once: Once,
    problem: Option<String>,
    people: Vec<Row>,
    invite: Invite<'a>,
    roles: Vec<RoleChoice>,
    teams: Vec<TeamChoice>,
}

#[derive(Template)]
#[template(path = "staff/invited.html", whitespace = "minimize")]
struct Invited<'a> {
    c: PageFrame<'a>,
    handle: &'a str,
    link: String,
}

/// One account.
struct Row {
    id: String,
    /// Until when an invitation of theirs waits, if one does.
    seen: String,
    handle: String,
    role: String,
    teams: String,
    state: String,
    joined: String,
    can_invite_again: bool,
    can_disable: bool,
    can_reset: bool,
    /// What would be lost with them.
    losing: Option<String>,
    /// Their form was sent and refused: it stays open, with what was ticked.
    open: bool,
    compromised: bool,
}

/// The form, with what was typed.
struct Invite<'a> {
    handle: &'a str,
    lead: bool,
    handle_error: Option<String>,
    role_error: Option<String>,
    team_error: Option<String>,
}

struct RoleChoice {
    value: &'static str,
    label: String,
    explained: String,
    chosen: bool,
}

struct TeamChoice {
    value: String,
    label: String,
    chosen: bool,
}

/// What did not fit, and where to say so.
#[derive(Default)]
struct Wrong {
    page: Option<&'static str>,
    handle: Option<&'static str>,
    role: Option<&'static str>,
    team: Option<&'static str>,
}

/// `GET /people`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, &Wrong::default()).await
}

/// `POST /people/invite`
pub async fn invite(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(role) = fields.get("role").parse::<Role>() else {
        let wrong = Wrong {
            role: Some("staff-choice-missing"),
            ..Wrong::default()
        };
        return render(&visit, invalid, &wrong).await;
    };
    // Only caseworkers have teams; a team left chosen for another role means nothing.
    let team = fields
        .get("team")
        .parse::<TeamId>()
        .ok()
        .filter(|_| role == Role::Caseworker);
    if role == Role::Caseworker && team.is_none() {
        let wrong = Wrong {
            team: Some("staff-invite-team-missing"),
            ..Wrong::default()
        };
        return render(&visit, invalid, &wrong).await;
    }
    let lead = team.is_some() && fields.ticked("lead");
    let admin = &visit.services().admin;
    match admin
        .invite(
            &visit.caller,
            visit.once(),
            fields.get("handle"),
            role,
            team,
            lead,
        )
        .await
    {
        Ok(invitation) => invited(&visit, &invitation),
        Err(Error::HandleTaken) => {
            let wrong = Wrong {
                handle: Some("staff-invite-handle-taken"),
                ..Wrong::default()
            };
            render(&visit, StatusCode::CONFLICT, &wrong).await
        }
        Err(Error::InvalidHandle) => {
            let wrong = Wrong {
                handle: Some("staff-invite-handle-wrong"),
                ..Wrong::default()
            };
            render(&visit, invalid, &wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/invite-again`
pub async fn invite_again(visit: StaffRequest) -> Answer {
    let staff: StaffId = visit.field("staff")?;
    let admin = &visit.services().admin;
    match admin.invite_again(&visit.caller, visit.sent(), staff).await {
        Ok(invitation) => invited(&visit, &invitation),
        Err(Error::OwnAccount | Error::Changed) => not_possible(&visit).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/disable`
pub async fn disable(visit: StaffRequest) -> Answer {
    let staff: StaffId = visit.field("staff")?;
    let how = Leaving {
        compromised: visit.fields.ticked("compromised"),
        lose_reports: visit.fields.ticked("lose"),
    };
    let admin = &visit.services().admin;
    let wrong = match admin.disable(&visit.caller, staff, how).await {
        Ok(Closed { kept: 0 }) => return Done::Disabled.at("/people"),
        Ok(Closed { .. }) => return Done::DisabledKept.at("/people"),
        Err(Error::OwnAccount | Error::Changed) => return not_possible(&visit).await,
        Err(Error::LastReader) => "access-last-reader",
        Err(Error::WouldLose) => "leaving-last-holder",
        Err(error) => return Err(error.into()),
    };
    let wrong = Wrong {
        page: Some(wrong),
        ..Wrong::default()
    };
    render(&visit, StatusCode::CONFLICT, &wrong).await
}

async fn not_possible(visit: &StaffRequest) -> Answer {
    let wrong = Wrong {
        page: Some("staff-people-not-possible"),
        ..Wrong::default()
    };
    render(visit, StatusCode::CONFLICT, &wrong).await
}

/// The link. A second click on the page before shows it again.
pub(super) fn invited(visit: &StaffRequest, invitation: &Invitation) -> Answer {
    let origin = visit
        .place()
        .state
        .settings
        .staff_origin
        .trim_end_matches('/');
    let link = format!("{origin}/join/{}", invitation.token.expose_secret());
    ok(&Invited {
        c: PageFrame {
            switch: false,
            ..visit.chrome()
        },
        handle: &invitation.handle,
        link,
    })
}

async fn render(visit: &StaffRequest, status: StatusCode, wrong: &Wrong) -> Answer {
    let admin = &visit.services().admin;
    let people = admin.people(&visit.caller).await?;
    let teams = admin.teams(&visit.caller).await?;
    let c = visit.chrome();
    let say = |id: Option<&'static str>| id.map(|id| c.t.text(id));
    let page = People {
        csrf: &visit.caller.csrf,
        once: visit.once().unwrap_or_else(Once::new_page),
        problem: say(wrong.page),
        people: people.iter().map(|person| row(visit, &c, person)).collect(),
        invite: Invite {
            handle: visit.fields.get("handle"),
            lead: visit.fields.ticked("lead"),
            handle_error: say(wrong.handle),
            role_error: say(wrong.role),
            team_error: say(wrong.team),
        },
        roles: roles(&c, visit.fields.get("role")),
        teams: team_choices(&teams, visit.fields.get("team")),
        c,
    };
    html(status, &page)
}

fn row(visit: &StaffRequest, c: &PageFrame<'_>, person: &Person) -> Row {
    let state = match &person.state {
        PersonState::Invited(Some(until)) => {
            let until = words::moment(c.t, *until);
            c.t.text_with("staff-person-invited", &[("until", (&until).into())])
        }
        PersonState::Invited(None) => c.t.text("staff-person-invitation-over"),
        PersonState::Active => c.t.text("staff-person-active"),
        PersonState::Waiting => c.t.text("staff-person-waiting"),
        PersonState::Disabled => c.t.text("staff-person-disabled"),
    };
    let open = visit.fields.get("staff") == person.id.to_string();
    Row {
        id: person.id.to_string(),
        seen: match person.state {
            PersonState::Invited(Some(until)) => until.seconds().to_string(),
            _ => String::new(),
        },
        handle: person.handle.clone(),
        role: words::role(c.t, person.role),
        teams: person.teams.join(", "),
        state,
        joined: c.t.date(person.joined),
        can_invite_again: matches!(person.state, PersonState::Invited(_)),
        can_reset: matches!(person.state, PersonState::Active | PersonState::Waiting)
            && person.id != visit.caller.staff,
        can_disable: !matches!(person.state, PersonState::Disabled)
            && person.id != visit.caller.staff,
        losing: (!person.last_holder.is_empty())
            .then(|| c.with("leaving-lose", "teams", &person.last_holder.join(", "))),
        open,
        compromised: open && visit.fields.ticked("compromised"),
    }
}

fn roles(c: &PageFrame<'_>, chosen: &str) -> Vec<RoleChoice> {
    Role::ALL
        .into_iter()
        .map(|role| RoleChoice {
            value: role.as_str(),
            label: words::role(c.t, role),
            explained: words::role_explained(c.t, role),
            chosen: role.as_str() == chosen,
        })
        .collect()
}

fn team_choices(teams: &[TeamView], chosen: &str) -> Vec<TeamChoice> {
    teams
        .iter()
        .filter(|team| team.kind == TeamKind::Casework)
        .map(|team| {
            let value = team.id.to_string();
            TeamChoice {
                chosen: value == chosen,
                value,
                label: team.name.clone(),
            }
        })
        .collect()
}
