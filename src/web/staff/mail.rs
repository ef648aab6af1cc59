//! Notices that do not leave. They say nothing about any report, so administrators may see them.

use askama::Template;
use serde::Deserialize;

use super::request::StaffRequest;
use crate::domain::ids::OutboxId;
use crate::service::admin::FailingAddress;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/mail.html", whitespace = "minimize")]
struct Mail<'a> {
    c: PageFrame<'a>,
    letters: Vec<FailingAddress>,
}

/// Which notice.
#[derive(Deserialize)]
struct LetterForm {
    id: OutboxId,
}

/// `GET /mail`
pub async fn show(visit: StaffRequest) -> Answer {
    let letters = visit.services().admin.failing_mail(&visit.caller).await?;
    let c = visit.chrome();
    ok(&Mail { letters, c })
}

/// `POST /mail/retry`
pub async fn retry(visit: StaffRequest) -> Answer {
    let LetterForm { id } = visit.form()?;
    visit.services().admin.retry_mail(&visit.caller, id).await?;
    Done::Retry.at("/mail")
}

/// `POST /mail/dismiss`
pub async fn dismiss(visit: StaffRequest) -> Answer {
    let LetterForm { id } = visit.form()?;
    visit
        .services()
        .admin
        .dismiss_mail(&visit.caller, id)
        .await?;
    Done::Dismissed.at("/mail")
}
