//! Whether everything that must work does, and what to do next where it does not.

use askama::Template;

use super::request::StaffRequest;
use crate::locale::Locale;
use crate::service::admin;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/status.html", whitespace = "minimize")]
struct Status<'a> {
    c: PageFrame<'a>,
    status: admin::Status,
    languages: Vec<Spoken>,
}

/// A language of the reporters' pages.
struct Spoken {
    locale: Locale,
    /// How many of its sentences are said in English.
    lacking: usize,
}

/// `GET /status`
pub async fn show(visit: StaffRequest) -> Answer {
    let status = visit.services().admin.status(&visit.caller).await?;
    let c = visit.chrome();
    let languages = Locale::all().map(|locale| Spoken {
        locale,
        lacking: visit.place().lacking(locale),
    });
    ok(&Status {
        status,
        languages: languages.collect(),
        c,
    })
}
