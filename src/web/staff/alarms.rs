//! Open alarms: what auditors and custodians must look into, and leads for their own teams.

use askama::Template;
use serde::Deserialize;

use super::request::StaffRequest;
use crate::domain::ids::AlarmId;
use crate::domain::staff::Role;
use crate::service::alarms::AlarmView;
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/alarms.html", whitespace = "minimize")]
struct Alarms<'a> {
    c: PageFrame<'a>,
    alarms: Vec<AlarmView>,
    /// Whether the caller may say that it has been looked into.
    may_mark: bool,
}

/// Which alarm.
#[derive(Deserialize)]
struct SeeForm {
    alarm: AlarmId,
}

/// `GET /alarms`
pub async fn show(visit: StaffRequest) -> Answer {
    let place = visit.place();
    ok(&Alarms {
        alarms: place.services().alarms.open(&visit.caller).await?,
        may_mark: matches!(visit.caller.role, Role::Auditor | Role::Custodian),
        c: visit.chrome(),
    })
}

/// `POST /alarms/see`. That somebody else was faster comes to the same.
pub async fn see(visit: StaffRequest) -> Answer {
    let place = visit.place();
    let SeeForm { alarm } = visit.form()?;
    match place.services().alarms.see(&visit.caller, alarm).await {
        Ok(()) | Err(Error::Changed) => Done::AlarmSeen.at("/alarms"),
        Err(error) => Err(error.into()),
    }
}
