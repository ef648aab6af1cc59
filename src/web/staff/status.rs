//! Whether everything that must work does, and what to do next where it does not.

use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::last_day::LastDay;
use super::request::StaffRequest;
use super::typed::Code;
use crate::domain::clock::Standing;
use crate::locale::Locale;
use crate::service::admin;
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/status.html", whitespace = "minimize")]
struct Status<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    status: admin::Status,
    languages: Vec<Spoken>,
    day: LastDay,
}

/// A language of the reporters' pages.
struct Spoken {
    locale: Locale,
    /// How many of its sentences are said in English.
    lacking: usize,
}

/// What somebody's phone says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ClockForm {
    code: Code,
}

/// `GET /status`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let status = visit.services().admin.status(&visit.caller).await?;
    let languages = Locale::all().map(|locale| Spoken {
        locale,
        lacking: visit.place().lacking(locale),
    });
    let page = Status {
        day: LastDay::of(&status.day),
        status,
        languages: languages.collect(),
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}

/// `POST /status/clock`
pub async fn confirm_clock(visit: StaffRequest) -> Answer {
    let ClockForm { code } = visit.form()?;
    let wrong = |message| visit.state().wrong("confirm-clock", message);
    let admin = &visit.services().admin;
    match admin.confirm_clock(&visit.caller, &code).await {
        Ok(()) => Done::Clock.at("/status"),
        Err(Error::WrongCode) => render(&visit, wrong("staff-code-wrong")).await,
        Err(Error::NotPossible) => render(&visit, wrong("staff-status-clock-other")).await,
        Err(error) => Err(error.into()),
    }
}
