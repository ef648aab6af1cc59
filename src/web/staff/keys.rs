//! The keys of the teams: how old, how far their change is, who must act; orders by administrators, carrying on by members.

pub(super) mod server;

use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::renewal::{self, PeopleShown};
use super::request::StaffRequest;
use super::typed::Code;
use super::{told, words};
use crate::domain::clock::Day;
use crate::domain::credential::CredentialOrder;
use crate::domain::ids::TeamId;
use crate::domain::rotation::RotationState;
use crate::service::error::Error;
use crate::service::rotation::TeamKey;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html, see_other};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/keys.html", whitespace = "minimize")]
struct Keys<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    keys: Vec<TeamKeyRow>,
    people: PeopleShown,
    server: server::Section,
}

/// One team's key in words.
pub(super) struct TeamKeyRow {
    pub(super) team: String,
    pub(super) name: String,
    pub(super) generation: String,
    pub(super) since: Option<String>,
    pub(super) due: Option<String>,
    pub(super) change: String,
    pub(super) another: bool,
    /// What is counted.
    pub(super) counted: String,
    pub(super) counts: String,
    pub(super) set_aside: Option<String>,
    pub(super) who: Option<String>,
    /// Whether an order would change anything.
    pub(super) can_order: bool,
    /// Whether a member has something to carry on.
    pub(super) is_open: bool,
    /// What was said in the team, the newest first.
    pub(super) told: Vec<told::Sentence>,
}

/// Whose key is to be changed.
#[derive(Deserialize)]
struct RotateForm {
    team: TeamId,
}

/// Which of the server's keys is to be changed.
#[derive(Deserialize)]
struct ServerForm {
    key: CredentialOrder,
}

/// What proves that all sessions are to end.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionsForm {
    code: Code,
}

/// `GET /keys`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let place = visit.place();
    let keys = place.services().rotation.keys(&visit.caller).await?;
    let people = place.services().admin.people_keys(&visit.caller).await?;
    let today = place.state.clock.today();
    let c = visit.chrome();
    let server = server::section(visit, &c).await?;
    let page = Keys {
        people: renewal::people(&c, &people, today),
        keys: keys.iter().map(|key| shown(&c, key, today)).collect(),
        server,
        form,
        c,
    };
    html(page.form.status(), &page)
}

/// `POST /keys/rotate`
pub async fn order(visit: StaffRequest) -> Answer {
    let place = visit.place();
    let RotateForm { team } = visit.form()?;
    let new = place.services().rotation.order(&visit.caller, team).await?;
    Done::RotationOrdered.ordered(new)
}

/// `POST /keys/server`
pub async fn order_server(visit: StaffRequest) -> Answer {
    let ServerForm { key: order } = visit.form()?;
    let place = visit.place();
    let service = &place.services().credentials;
    let new = service.order(&visit.caller, order).await?;
    Done::CredentialOrdered.ordered(new)
}

/// `POST /keys/sessions`
pub async fn end_sessions(visit: StaffRequest) -> Answer {
    let place = visit.place();
    let service = &place.services().credentials;
    let SessionsForm { code } = visit.form()?;
    match service.end_sessions(&visit.caller, &code).await {
        Ok(()) => see_other("/login"),
        Err(Error::WrongCode) => {
            render(
                &visit,
                visit.state().wrong("end-sessions", "staff-code-wrong"),
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /team/rotate`
pub async fn carry_on(visit: StaffRequest) -> Answer {
    visit.services().rotation.carry_on(&visit.caller);
    Done::RotationCarried.at("/team")
}

pub(super) fn shown(c: &PageFrame<'_>, key: &TeamKey, today: Day) -> TeamKeyRow {
    let generation = match key.generation {
        None => c.t.text("rotation-none"),
        Some(number) => {
            c.t.text_with("rotation-number", &[("number", number.into())])
        }
    };
    let change = match key.open {
        None => c.t.text("rotation-change-none"),
        Some((_, RotationState::Begun | RotationState::Done)) => c.t.text("rotation-begun"),
        Some((reason, RotationState::Ordered)) => words::rotation(c.t, reason),
    };
    let who = if key.holders.is_empty() {
        c.t.text("rotation-who-nobody")
    } else {
        key.holders.join(", ")
    };
    let is_waiting = key.another || matches!(key.open, Some((_, RotationState::Ordered)));
    TeamKeyRow {
        team: key.team.to_string(),
        name: key.name.clone(),
        generation,
        since: key.since.map(|day| c.t.date(day)),
        due: key.due.map(|day| c.due(day, today)),
        change,
        another: key.another,
        counted: c.t.text(if key.is_audit {
            "rotation-progress-audit"
        } else {
            "rotation-progress"
        }),
        counts: counts(c, key),
        set_aside: (key.set_aside > 0).then(|| {
            c.t.text_with(
                "rotation-set-aside-explained",
                &[("count", c.t.number(key.set_aside).as_str().into())],
            )
        }),
        who: key.generation.map(|_| who),
        can_order: key.generation.is_some() && !is_waiting,
        is_open: key.open.is_some() || key.set_aside > 0,
        told: told::sentences(c.t, &key.told),
    }
}

fn counts(c: &PageFrame<'_>, key: &TeamKey) -> String {
    let moved = c.t.number(key.moved);
    if key.remaining == 0 {
        return c
            .t
            .text_with("rotation-counts-still", &[("moved", moved.as_str().into())]);
    }
    let remaining = c.t.number(key.remaining);
    c.t.text_with(
        "rotation-counts",
        &[
            ("moved", moved.as_str().into()),
            ("remaining", remaining.as_str().into()),
        ],
    )
}
