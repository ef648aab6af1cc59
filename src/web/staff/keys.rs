//! The keys of the teams: how old, how far their change is, who must act; orders by administrators, carrying on by members.

use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::request::StaffRequest;
use super::told;
use super::typed::Code;
use crate::domain::credential::CredentialOrder;
use crate::domain::ids::TeamId;
use crate::domain::rotation::RotationState;
use crate::locale::Translator;
use crate::service::admin::PeopleKeys;
use crate::service::credentials::{Count, ServerKeyName, ServerKeysView};
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
    keys: Vec<TeamKey>,
    people: PeopleKeys,
    server: ServerKeysView,
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
    let services = visit.services();
    let page = Keys {
        keys: services.rotation.keys(&visit.caller).await?,
        people: services.admin.people_keys(&visit.caller).await?,
        server: services.credentials.overview(&visit.caller).await?,
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}

/// `POST /keys/rotate`
pub async fn order(visit: StaffRequest) -> Answer {
    let RotateForm { team } = visit.form()?;
    let new = visit.services().rotation.order(&visit.caller, team).await?;
    Done::RotationOrdered.ordered(new)
}

/// `POST /keys/server`
pub async fn order_server(visit: StaffRequest) -> Answer {
    let ServerForm { key: order } = visit.form()?;
    let service = &visit.services().credentials;
    let new = service.order(&visit.caller, order).await?;
    Done::CredentialOrdered.ordered(new)
}

/// `POST /keys/sessions`
pub async fn end_sessions(visit: StaffRequest) -> Answer {
    let service = &visit.services().credentials;
    let SessionsForm { code } = visit.form()?;
    match service.end_sessions(&visit.caller, &code).await {
        Ok(()) => see_other("/login"),
        Err(Error::WrongCode) => {
            let state = visit.state().wrong("end-sessions", "staff-code-wrong");
            render(&visit, state).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /team/rotate`
pub async fn carry_on(visit: StaffRequest) -> Answer {
    visit.services().rotation.carry_on(&visit.caller);
    Done::RotationCarried.at("/team")
}

/// How many rows of a kind are under the key in force.
fn counted(t: &Translator, count: &Count) -> String {
    let (moved, total) = (t.number(count.moved), t.number(count.total));
    let id = Translator::id_of("credentials-counts", count.what);
    t.text_with(&id, &[("moved", &moved), ("total", &total)])
}

/// Whether an order would change anything.
fn can_order(key: &TeamKey) -> bool {
    let waits = matches!(key.open, Some((_, RotationState::Ordered)));
    key.generation.is_some() && !key.another && !waits
}
