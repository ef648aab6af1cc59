//! Notices that do not leave, and those that are known to have arrived. They say nothing about any report, so administrators may see them.

use askama::Template;
use serde::Deserialize;

use super::request::StaffRequest;
use crate::domain::ids::OutboxId;
use crate::service::admin::{Arrival, FailingAddress};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/mail.html", whitespace = "minimize")]
struct Mail<'a> {
    c: PageFrame<'a>,
    letters: Vec<FailingAddress>,
    arrival: String,
}

/// Which notice.
#[derive(Deserialize)]
struct LetterForm {
    id: OutboxId,
}

/// `GET /mail`
pub async fn show(visit: StaffRequest) -> Answer {
    let letters = visit.services().admin.failing_mail(&visit.caller).await?;
    let arrival = visit.services().admin.mail_arrival(&visit.caller).await?;
    let c = visit.chrome();
    let arrival = match arrival {
        Some(Arrival { day, by }) => {
            let said = [("day", &c.t.date(day)), ("who", &by)];
            c.t.text_with("mailing-arrived", &said)
        }
        None => c.t.text("mailing-never"),
    };
    ok(&Mail {
        letters,
        arrival,
        c,
    })
}

/// `POST /mail/test`
pub async fn test(visit: StaffRequest) -> Answer {
    visit.services().admin.test_mail(&visit.caller).await?;
    Done::MailTested.at("/mail")
}

/// `POST /account/mail`: for whoever is signed in, because those on call do not see the page *Mail*.
pub async fn got(visit: StaffRequest) -> Answer {
    visit.services().admin.mail_arrived(&visit.caller).await?;
    Done::MailArrived.at("/account")
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
