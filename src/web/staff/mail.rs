//! Notices that could not be sent. They say nothing about any report, so administrators may see them.

use actix_web::HttpResponse;
use askama::Template;

use super::chrome::{Chrome, ok};
use super::problem::{self, see_other};
use super::visit::Visit;
use super::words;
use crate::domain::ids::OutboxId;
use crate::service::admin::DeadLetter;

#[derive(Template)]
#[template(path = "staff/mail.html", whitespace = "minimize")]
struct Mail<'a> {
    c: Chrome<'a>,
    csrf: &'a str,
    letters: Vec<Letter>,
}

/// One notice.
struct Letter {
    id: String,
    list: String,
    since: String,
}

/// `GET /mail`
pub async fn show(visit: Visit) -> HttpResponse {
    let letters = match visit
        .place()
        .state
        .services
        .admin
        .dead_letters(&visit.caller)
        .await
    {
        Ok(letters) => letters,
        Err(error) => return problem::admin(visit.place(), error),
    };
    let c = visit.chrome();
    let letters = letters.iter().map(|letter| shown(&c, letter)).collect();
    ok(&Mail {
        csrf: &visit.caller.csrf,
        letters,
        c,
    })
}

/// `POST /mail/retry`
pub async fn retry(visit: Visit) -> HttpResponse {
    let Ok(id) = visit.fields.get("id").parse::<OutboxId>() else {
        return problem::not_found();
    };
    match visit
        .place()
        .state
        .services
        .admin
        .retry_mail(&visit.caller, id)
        .await
    {
        Ok(()) => see_other("/mail?done=retry"),
        Err(error) => problem::admin(visit.place(), error),
    }
}

/// `POST /mail/dismiss`
pub async fn dismiss(visit: Visit) -> HttpResponse {
    let Ok(id) = visit.fields.get("id").parse::<OutboxId>() else {
        return problem::not_found();
    };
    match visit
        .place()
        .state
        .services
        .admin
        .dismiss_mail(&visit.caller, id)
        .await
    {
        Ok(()) => see_other("/mail?done=dismissed"),
        Err(error) => problem::admin(visit.place(), error),
    }
}

fn shown(c: &Chrome<'_>, letter: &DeadLetter) -> Letter {
    let day = c.t.date(letter.first_day);
    Letter {
        id: letter.id.to_string(),
        list: words::mail_list(c.t, letter.list),
        since: c.t.text_with("staff-mail-since", &[("day", (&day).into())]),
    }
}
