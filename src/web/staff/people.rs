//! People with accounts: inviting and stopping. No content is near these pages.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::form::FormState;
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
    people: Vec<Person>,
    /// The caller.
    own: StaffId,
    teams: Vec<TeamView>,
}

#[derive(Template)]
#[template(path = "staff/invited.html", whitespace = "minimize")]
struct Invited<'a> {
    c: PageFrame<'a>,
    handle: &'a str,
    link: String,
}

impl People<'_> {
    fn state(&self, person: &Person) -> String {
        let t = self.c.t;
        match &person.state {
            PersonState::Invited(Some(until)) => {
                t.text_with("staff-person-invited", &[("until", &t.moment(*until))])
            }
            PersonState::Invited(None) => t.text("staff-person-invitation-over"),
            PersonState::Active => t.text("staff-person-active"),
            PersonState::Waiting => t.text("staff-person-waiting"),
            PersonState::Disabled => t.text("staff-person-disabled"),
        }
    }

    fn can_reset(&self, person: &Person) -> bool {
        let has_account = matches!(person.state, PersonState::Active | PersonState::Waiting);
        has_account && person.id != self.own
    }

    fn can_disable(&self, person: &Person) -> bool {
        person.state != PersonState::Disabled && person.id != self.own
    }
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
    let mut teams = admin.teams(&visit.caller).await?;
    teams.retain(|team| team.kind == TeamKind::Casework);
    let page = People {
        once: visit.once().unwrap_or_else(Once::new_page),
        people,
        own: visit.caller.staff,
        teams,
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}
