//! A caseworker's team: one's own key number, and newcomers to let in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::chrome::Chrome;
use super::keys::{Shown, shown};
use super::problem::{self, see_other};
use super::team_recovery;
use super::visit::Visit;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::receipt::western_digits;
use crate::service::custody::CustodyError;
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/team.html", whitespace = "minimize")]
struct Team<'a> {
    c: Chrome<'a>,
    csrf: &'a str,
    fingerprint: String,
    waiting: Vec<Waiting>,
    keys: Vec<Shown>,
    recovery: Vec<team_recovery::Choice>,
}

/// A newcomer whose key waits for the team's.
struct Waiting {
    staff: String,
    team: String,
    handle: String,
    team_name: String,
    fingerprint: String,
    compared_error: Option<String>,
    code_error: Option<String>,
}

/// What did not fit in one newcomer's form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    NotCompared,
    Changed,
    Code,
}

/// `GET /team`
pub async fn show(visit: Visit) -> HttpResponse {
    render(&visit, StatusCode::OK, None).await
}

/// `POST /team/admit`
pub async fn admit(visit: Visit) -> HttpResponse {
    let fields = &visit.fields;
    let (Ok(staff), Ok(team)) = (
        fields.get("staff").parse::<StaffId>(),
        fields.get("team").parse::<TeamId>(),
    ) else {
        return problem::not_found();
    };
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let fingerprint = fields.get("fingerprint");
    if !fields.ticked("compared") {
        return render(&visit, invalid, Some((staff, Wrong::NotCompared))).await;
    }
    let code = western_digits(fields.get("code"));
    match visit
        .place()
        .state
        .services
        .custody
        .admit(&visit.caller, staff, team, fingerprint, &code)
        .await
    {
        Ok(()) => see_other("/team?done=admitted"),
        Err(CustodyError::Changed) => {
            render(&visit, StatusCode::CONFLICT, Some((staff, Wrong::Changed))).await
        }
        Err(CustodyError::WrongCode) => render(&visit, invalid, Some((staff, Wrong::Code))).await,
        Err(error) => problem::custody(visit.place(), error),
    }
}

async fn render(
    visit: &Visit,
    status: StatusCode,
    wrong: Option<(StaffId, Wrong)>,
) -> HttpResponse {
    let custody = &visit.place().state.services.custody;
    let waiting = match custody.waiting(&visit.caller).await {
        Ok(waiting) => waiting,
        Err(error) => return problem::custody(visit.place(), error),
    };
    let rotation = &visit.place().state.services.rotation;
    let keys = match rotation.keys(&visit.caller).await {
        Ok(keys) => keys,
        Err(error) => return problem::rotation(visit.place(), error),
    };
    let today = visit.place().state.desk.clock.today();
    let c = visit.chrome();
    let error_of = |staff: StaffId, kind: Wrong, id: &str| {
        (wrong == Some((staff, kind))).then(|| c.t.text(id))
    };
    let waiting = waiting
        .into_iter()
        .map(|person| Waiting {
            compared_error: error_of(person.staff, Wrong::NotCompared, "staff-compare-missing")
                .or_else(|| error_of(person.staff, Wrong::Changed, "staff-compare-changed")),
            code_error: error_of(person.staff, Wrong::Code, "staff-code-wrong"),
            staff: person.staff.to_string(),
            team: person.team.to_string(),
            handle: person.handle,
            team_name: person.team_name,
            fingerprint: person.fingerprint,
        })
        .collect();
    let recovery = match team_recovery::choices(visit, &c, None).await {
        Ok(recovery) => recovery,
        Err(error) => return problem::recovery(visit.place(), error),
    };
    let team = Team {
        recovery,
        csrf: &visit.caller.csrf,
        fingerprint: custody.my_fingerprint(&visit.caller),
        waiting,
        keys: keys.iter().map(|key| shown(&c, key, today)).collect(),
        c,
    };
    page::html(status, &team)
}
