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

fn shown(t: &Translator, alarm: &AlarmView) -> Shown {
    let (title, explained) = match alarm.kind {
        AlarmKind::ChainBroken => ("alarm-chain-broken", "alarm-chain-broken-explained"),
        AlarmKind::TeamBroken => ("alarm-team-broken", "alarm-team-broken-explained"),
        AlarmKind::MemberUnvouched => {
            ("alarm-member-unvouched", "alarm-member-unvouched-explained")
        }
        AlarmKind::ReportBroken => ("alarm-report-broken", "alarm-report-broken-explained"),
        AlarmKind::GrantSetAside => ("alarm-grant-set-aside", "alarm-grant-set-aside-explained"),
        AlarmKind::RecoveryBroken => ("alarm-recovery-broken", "alarm-recovery-broken-explained"),
        AlarmKind::RecoveryUsed => ("alarm-recovery-used", "alarm-recovery-used-explained"),
        AlarmKind::AuditBroken => ("alarm-audit-broken", "alarm-audit-broken-explained"),
        AlarmKind::CharterEnds => ("alarm-charter-ends", "alarm-charter-ends-explained"),
        AlarmKind::AuthenticatorReplaced => (
            "alarm-authenticator-replaced",
            "alarm-authenticator-replaced-explained",
        ),
        AlarmKind::FactorRests => ("alarm-factor-rests", "alarm-factor-rests-explained"),
        AlarmKind::SessionEnded => ("alarm-session-ended", "alarm-session-ended-explained"),
    };
    let day = t.date(alarm.day);
    Shown {
        id: alarm.id.to_string(),
        title: t.text(title),
        explained: t.text(explained),
        subject: alarm.subject.clone(),
        since: t.text_with("alarm-since", &[("day", (&day).into())]),
    }
}
