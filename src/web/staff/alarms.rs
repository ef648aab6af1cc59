//! Open alarms: what auditors and custodians must look into, and leads for their own teams.

use askama::Template;
use serde::Deserialize;

use super::request::StaffRequest;
use super::words;
use crate::domain::ids::AlarmId;
use crate::domain::staff::Role;
use crate::locale::Translator;
use crate::service::alarms::AlarmView;
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/alarms.html", whitespace = "minimize")]
struct Alarms<'a> {
    c: PageFrame<'a>,
    alarms: Vec<Shown>,
    /// Whether the caller may say that it has been looked into.
    may_mark: bool,
}

/// One alarm in words.
struct Shown {
    id: String,
    title: String,
    explained: String,
    subject: String,
    since: String,
}

/// Which alarm.
#[derive(Deserialize)]
struct SeeForm {
    alarm: AlarmId,
}

/// `GET /alarms`
pub async fn show(visit: StaffRequest) -> Answer {
    let place = visit.place();
    let open = place.services().alarms.open(&visit.caller).await?;
    let c = visit.chrome();
    ok(&Alarms {
        alarms: open.iter().map(|alarm| shown(c.t, alarm)).collect(),
        may_mark: matches!(visit.caller.role, Role::Auditor | Role::Custodian),
        c,
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

fn shown(t: &Translator, alarm: &AlarmView) -> Shown {
    let day = t.date(alarm.day);
    Shown {
        id: alarm.id.to_string(),
        title: words::alarm(t, alarm.kind),
        explained: words::alarm_explained(t, alarm.kind),
        subject: alarm.subject.clone(),
        since: t.text_with("alarm-since", &[("day", (&day).into())]),
    }
}
