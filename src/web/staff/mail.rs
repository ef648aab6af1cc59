//! Notices that could not be sent. They say nothing about any report, so administrators may see them.

use askama::Template;
use serde::Deserialize;

use super::request::StaffRequest;
use super::words;
use crate::domain::ids::OutboxId;
use crate::service::admin::DeadLetter;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/mail.html", whitespace = "minimize")]
struct Mail<'a> {
    c: PageFrame<'a>,
    letters: Vec<Letter>,
}

/// One notice.
struct Letter {
    id: String,
    list: String,
    since: String,
}

/// Which notice.
#[derive(Deserialize)]
struct LetterForm {
    id: OutboxId,
}

/// `GET /mail`
pub async fn show(visit: StaffRequest) -> Answer {
    let letters = visit.services().admin.dead_letters(&visit.caller).await?;
    let c = visit.chrome();
    let letters = letters.iter().map(|letter| shown(&c, letter)).collect();
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

fn shown(c: &PageFrame<'_>, letter: &DeadLetter) -> Letter {
    let day = c.t.date(letter.first_day);
    Letter {
        id: letter.id.to_string(),
        list: words::mail_list(c.t, letter.list),
        since: c.t.text_with("staff-mail-since", &[("day", (&day).into())]),
    }
}
