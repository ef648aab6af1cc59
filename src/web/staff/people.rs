//! People with accounts: inviting and stopping. No content is near these pages.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::form::{FormState, SelectOption};
use super::request::StaffRequest;
use super::typed::Choice;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::staff::{Role, TeamKind};
use crate::service::admin::{Closed, Invitation, Leaving, Person, PersonState, TeamView};
use crate::service::error::Error;
use crate::service::once::Once;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/people.html", whitespace = "minimize")]
struct People<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    once: Once,
    people: Vec<Row>,
    roles: Vec<RoleChoice>,
    teams: Vec<SelectOption>,
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

struct RoleChoice {
    value: &'static str,
    label: String,
    explained: String,
    chosen: bool,
}

/// Somebody who is to be invited.
#[derive(Default, Deserialize)]
#[serde(default)]
struct InviteForm<'a> {
    handle: &'a str,
    role: Choice<Role>,
    team: Choice<TeamId>,
    lead: bool,
}

/// Somebody with an account, and how they leave.
#[derive(Deserialize)]
struct PersonForm {
    staff: StaffId,
    #[serde(default)]
    compromised: bool,
    #[serde(default)]
    lose: bool,
}

/// `GET /people`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// `POST /people/invite`
pub async fn invite(visit: StaffRequest) -> Answer {
    let form: InviteForm<'_> = visit.form()?;
    let state = visit.state();
    let Some(role) = form.role.made() else {
        return render(&visit, state.wrong("role", "staff-choice-missing")).await;
    };
    // Only caseworkers have teams; a team left chosen for another role means nothing.
    let team = form.team.made().filter(|_| role == Role::Caseworker);
    if role == Role::Caseworker && team.is_none() {
        return render(&visit, state.wrong("team", "staff-invite-team-missing")).await;
    }
    let lead = team.is_some() && form.lead;
    let admin = &visit.services().admin;
    let invited_now = admin.invite(&visit.caller, visit.once(), form.handle, role, team, lead);
    match invited_now.await {
        Ok(invitation) => invited(&visit, &invitation),
        Err(Error::HandleTaken) => {
            let taken = "staff-invite-handle-taken";
            render(&visit, state.refused(StatusCode::CONFLICT, "handle", taken)).await
        }
        Err(Error::InvalidHandle) => {
            render(&visit, state.wrong("handle", "staff-invite-handle-wrong")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/invite-again`
pub async fn invite_again(visit: StaffRequest) -> Answer {
    let PersonForm { staff, .. } = visit.form()?;
    let admin = &visit.services().admin;
    match admin.invite_again(&visit.caller, visit.sent(), staff).await {
        Ok(invitation) => invited(&visit, &invitation),
        Err(error) => refused(&visit, error).await,
    }
}

/// `POST /people/disable`
pub async fn disable(visit: StaffRequest) -> Answer {
    let form: PersonForm = visit.form()?;
    let how = Leaving {
        compromised: form.compromised,
        lose_reports: form.lose,
    };
    let admin = &visit.services().admin;
    match admin.disable(&visit.caller, form.staff, how).await {
        Ok(Closed { kept: 0 }) => Done::Disabled.at("/people"),
        Ok(Closed { .. }) => Done::DisabledKept.at("/people"),
        Err(error) => refused(&visit, error).await,
    }
}

async fn refused(visit: &StaffRequest, error: Error) -> Answer {
    let id = match error {
        Error::OwnAccount | Error::Changed => "staff-people-not-possible",
        Error::LastReader => "access-last-reader",
        Error::WouldLose => "leaving-last-holder",
        error => return Err(error.into()),
    };
    render(visit, visit.state().problem(StatusCode::CONFLICT, id)).await
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
        c: visit.chrome().once(),
        handle: &invitation.handle,
        link,
    })
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let admin = &visit.services().admin;
    let people = admin.people(&visit.caller).await?;
    let teams = admin.teams(&visit.caller).await?;
    let c = visit.chrome();
    let own = visit.caller.staff;
    let page = People {
        once: visit.once().unwrap_or_else(Once::new_page),
        people: people
            .iter()
            .map(|person| row(&form, own, &c, person))
            .collect(),
        roles: roles(&c, form.get("role")),
        teams: team_choices(&teams, form.get("team")),
        form,
        c,
    };
    html(page.form.status(), &page)
}

fn row(form: &FormState<'_>, own: StaffId, c: &PageFrame<'_>, person: &Person) -> Row {
    let state = match &person.state {
        PersonState::Invited(Some(until)) => {
            let until = c.t.moment(*until);
            c.t.text_with("staff-person-invited", &[("until", &until)])
        }
        PersonState::Invited(None) => c.t.text("staff-person-invitation-over"),
        PersonState::Active => c.t.text("staff-person-active"),
        PersonState::Waiting => c.t.text("staff-person-waiting"),
        PersonState::Disabled => c.t.text("staff-person-disabled"),
    };
    let open = form.has("staff", &person.id.to_string());
    Row {
        id: person.id.to_string(),
        seen: match person.state {
            PersonState::Invited(Some(until)) => until.seconds().to_string(),
            _ => String::new(),
        },
        handle: person.handle.clone(),
        role: c.t.word("staff-role", person.role),
        teams: person.teams.join(", "),
        state,
        joined: c.t.date(person.joined),
        can_invite_again: matches!(person.state, PersonState::Invited(_)),
        can_reset: matches!(person.state, PersonState::Active | PersonState::Waiting)
            && person.id != own,
        can_disable: !matches!(person.state, PersonState::Disabled) && person.id != own,
        losing: (!person.last_holder.is_empty())
            .then(|| c.with("leaving-lose", "teams", person.last_holder.join(", "))),
        open,
        compromised: open && form.has("compromised", "yes"),
    }
}

fn roles(c: &PageFrame<'_>, chosen: &str) -> Vec<RoleChoice> {
    Role::ALL
        .into_iter()
        .map(|role| RoleChoice {
            value: role.as_str(),
            label: c.t.word("staff-role", role),
            explained: c.t.word("staff-role-explained", role),
            chosen: role.as_str() == chosen,
        })
        .collect()
}

fn team_choices(teams: &[TeamView], chosen: &str) -> Vec<SelectOption> {
    teams
        .iter()
        .filter(|team| team.kind == TeamKind::Casework)
        .map(|team| {
            let value = team.id.to_string();
            SelectOption {
                chosen: value == chosen,
                value,
                label: team.name.clone(),
            }
        })
        .collect()
}
