//! An account that begins anew, by an administrator: a page of its own, because something may be lost by it.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::people::invited;
use super::request::StaffRequest;
use super::typed::{Choice, Code};
use crate::domain::ids::StaffId;
use crate::service::admin::ResetView;
use crate::service::error::Error;
use crate::service::once::Once;
use crate::web::error::WebError;
use crate::web::error_page::{self, Problem};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};

#[derive(Template)]
#[template(path = "staff/reset.html", whitespace = "minimize")]
struct Reset<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    once: Once,
    view: ResetView,
}

/// Who begins anew.
#[derive(Deserialize)]
struct ResetForm {
    staff: StaffId,
    /// That what is lost by it may be lost.
    #[serde(default)]
    lost: bool,
    #[serde(default)]
    code: Code,
}

/// Whom the page is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ResetQuery {
    staff: Choice<StaffId>,
}

/// `GET /people/reset?staff=…`
pub async fn show(visit: StaffRequest) -> Answer {
    let ResetQuery { staff } = visit.query()?;
    match staff {
        Choice::Made(staff) => render(&visit, staff, visit.state()).await,
        Choice::Unknown => Err(WebError::NotFound),
        // Reached without a person: the list is where one is chosen.
        Choice::Missing => elsewhere(&visit, StatusCode::OK, "recovery-reset-choose"),
    }
}

/// `POST /people/reset`
pub async fn submit(visit: StaffRequest) -> Answer {
    let ResetForm { staff, lost, code } = visit.form()?;
    let admin = &visit.services().admin;
    let outcome = admin.reset(&visit.caller, visit.sent(), staff, lost, &code);
    let state = visit.state();
    let state = match outcome.await {
        Ok(invitation) => return invited(&visit, &invitation),
        Err(Error::WouldLose) => {
            state.refused(StatusCode::CONFLICT, "lost", "recovery-reset-lost-missing")
        }
        Err(Error::WrongCode) => state.wrong("reset-code", "staff-code-wrong"),
        Err(Error::LastReader) => state.problem(StatusCode::CONFLICT, "access-last-reader"),
        Err(Error::OwnAccount | Error::Changed) => return not_possible(&visit),
        Err(other) => return Err(other.into()),
    };
    render(&visit, staff, state).await
}

fn not_possible(visit: &StaffRequest) -> Answer {
    elsewhere(visit, StatusCode::CONFLICT, "staff-people-not-possible")
}

fn elsewhere(visit: &StaffRequest, status: StatusCode, text: &str) -> Answer {
    let c = visit.chrome();
    let problem = Problem {
        status,
        heading: c.t.text("recovery-reset-title"),
        text: c.t.text(text),
        kept: None,
        back: ("/people", "staff-nav-people"),
    };
    Ok(error_page::show(c, problem))
}

async fn render(visit: &StaffRequest, staff: StaffId, form: FormState<'_>) -> Answer {
    let admin = &visit.services().admin;
    let view = match admin.reset_view(&visit.caller, staff).await {
        Ok(view) => view,
        Err(Error::Changed) => return not_possible(visit),
        Err(error) => return Err(error.into()),
    };
    let page = Reset {
        once: visit.once().unwrap_or_else(Once::new_page),
        view,
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}
