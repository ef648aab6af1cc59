//! An account that begins anew, by an administrator: a page of its own, because something may be lost by it.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::people::invited;
use super::problem::{self, Problem};
use super::request::StaffRequest;
use crate::domain::ids::StaffId;
use crate::domain::receipt::western_digits;
use crate::service::error::Error;
use crate::service::once::Once;
use crate::web::error::WebError;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/reset.html", whitespace = "minimize")]
struct Reset<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    once: Once,
    staff: String,
    seen: String,
    handle: String,
    lost: Vec<String>,
    accepted: bool,
    problem: Option<String>,
    lost_error: Option<String>,
    code_error: Option<String>,
}

/// What did not fit.
#[derive(Default)]
struct Wrong {
    page: Option<&'static str>,
    lost: Option<&'static str>,
    code: Option<&'static str>,
}

/// `GET /people/reset?staff=…`
pub async fn show(visit: StaffRequest) -> Answer {
    let asked = visit.query.get("staff");
    if asked.is_empty() {
        // Reached without a person: the list is where one is chosen.
        let c = visit.chrome();
        let problem = Problem {
            status: StatusCode::OK,
            heading: c.t.text("recovery-reset-title"),
            text: c.t.text("recovery-reset-choose"),
            kept: None,
            back: ("/people", "staff-nav-people"),
        };
        return problem::show(c, problem);
    }
    match asked.parse::<StaffId>() {
        Ok(staff) => render(&visit, staff, StatusCode::OK, Wrong::default()).await,
        Err(_) => Err(WebError::NotFound),
    }
}

/// `POST /people/reset`
pub async fn submit(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let Ok(staff) = fields.get("staff").parse::<StaffId>() else {
        return Err(WebError::NotFound);
    };
    let admin = &visit.services().admin;
    let code = western_digits(fields.get("code"));
    match admin
        .reset(
            &visit.caller,
            visit.sent(),
            staff,
            fields.ticked("lost"),
            &code,
        )
        .await
    {
        Ok(invitation) => invited(&visit, &invitation),
        Err(error) => refused(&visit, staff, error).await,
    }
}

async fn refused(visit: &StaffRequest, staff: StaffId, error: Error) -> Answer {
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, wrong) = match error {
        Error::WouldLose => (
            StatusCode::CONFLICT,
            Wrong {
                lost: Some("recovery-reset-lost-missing"),
                ..Wrong::default()
            },
        ),
        Error::WrongCode => (
            invalid,
            Wrong {
                code: Some("staff-code-wrong"),
                ..Wrong::default()
            },
        ),
        Error::LastReader => (
            StatusCode::CONFLICT,
            Wrong {
                page: Some("access-last-reader"),
                ..Wrong::default()
            },
        ),
        Error::OwnAccount | Error::Changed => return not_possible(visit),
        other => return Err(other.into()),
    };
    render(visit, staff, status, wrong).await
}

fn not_possible(visit: &StaffRequest) -> Answer {
    let c = visit.chrome();
    let problem = Problem {
        status: StatusCode::CONFLICT,
        heading: c.t.text("recovery-reset-title"),
        text: c.t.text("staff-people-not-possible"),
        kept: None,
        back: ("/people", "staff-nav-people"),
    };
    problem::show(c, problem)
}

async fn render(visit: &StaffRequest, staff: StaffId, status: StatusCode, wrong: Wrong) -> Answer {
    let admin = &visit.services().admin;
    let view = match admin.reset_view(&visit.caller, staff).await {
        Ok(view) => view,
        Err(Error::Changed) => return not_possible(visit),
        Err(error) => return Err(error.into()),
    };
    let c = visit.chrome();
    let say = |id: Option<&'static str>| id.map(|id| c.t.text(id));
    let page = Reset {
        csrf: &visit.caller.csrf,
        once: visit.once().unwrap_or_else(Once::new_page),
        staff: view.staff.to_string(),
        seen: view.standing,
        handle: view.handle,
        lost: view.lost,
        accepted: visit.fields.ticked("lost"),
        problem: say(wrong.page),
        lost_error: say(wrong.lost),
        code_error: say(wrong.code),
        c,
    };
    html(status, &page)
}
