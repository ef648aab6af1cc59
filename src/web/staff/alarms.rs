//! Open alarms: what auditors and custodians must look into, and leads for their own teams.

use actix_web::HttpResponse;
use askama::Template;

use super::chrome::{Chrome, ok};
use super::problem::{self, see_other};
use super::visit::Visit;
use crate::domain::alarm::AlarmKind;
use crate::domain::ids::AlarmId;
use crate::domain::staff::Role;
use crate::locale::Translator;
use crate::service::alarms::{AlarmError, AlarmView};

#[derive(Template)]
#[template(path = "staff/alarms.html", whitespace = "minimize")]
struct Alarms<'a> {
    c: Chrome<'a>,
    csrf: &'a str,
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

/// `GET /alarms`
pub async fn show(visit: Visit) -> HttpResponse {
    let place = visit.place();
    let open = match place.state.services.alarms.open(&visit.caller).await {
        Ok(open) => open,
        Err(AlarmError::NotFound | AlarmError::Changed) => return problem::not_found(),
        Err(AlarmError::Unavailable) => return problem::unavailable(place, None),
    };
    let c = visit.chrome();
    ok(&Alarms {
        csrf: &visit.caller.csrf,
        alarms: open.iter().map(|alarm| shown(c.t, alarm)).collect(),
        may_mark: matches!(visit.caller.role, Role::Auditor | Role::Custodian),
        c,
    })
}

/// `POST /alarms/see`. That somebody else was faster comes to the same.
pub async fn see(visit: Visit) -> HttpResponse {
    let place = visit.place();
    let Ok(id) = visit.fields.get("alarm").parse::<AlarmId>() else {
        return problem::not_found();
    };
    match place.state.services.alarms.see(&visit.caller, id).await {
        Ok(()) | Err(AlarmError::Changed) => see_other("/alarms?done=alarm-seen"),
        Err(AlarmError::NotFound) => problem::not_found(),
        Err(AlarmError::Unavailable) => problem::unavailable(place, None),
    }
}

/// What has happened, in a few words.
pub(super) fn title(t: &Translator, kind: AlarmKind) -> String {
    t.text(&format!("alarm-{kind}"))
}

fn shown(t: &Translator, alarm: &AlarmView) -> Shown {
    let day = t.date(alarm.day);
    Shown {
        id: alarm.id.to_string(),
        title: title(t, alarm.kind),
        explained: t.text(&format!("alarm-{}-explained", alarm.kind)),
        subject: alarm.subject.clone(),
        since: t.text_with("alarm-since", &[("day", (&day).into())]),
    }
}
