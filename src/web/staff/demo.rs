//! What only the demonstration shows: its accounts with their codes, and its mails.

use askama::Template;

use super::display::Inert;
use super::request::PublicRequest;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/demo_mail.html", whitespace = "minimize")]
struct Mails<'a> {
    c: PageFrame<'a>,
    mails: Vec<Shown<'a>>,
}

struct Shown<'a> {
    name: &'a str,
    text: Inert<'a>,
}

/// `GET /demo/mail`, without a session: nothing in the demonstration is real.
pub async fn mails(guest: PublicRequest) -> Answer {
    let Some(demo) = guest.place.state.demo.clone() else {
        return Err(WebError::NotFound);
    };
    let mails = demo.mails();
    let shown = mails
        .iter()
        .map(|mail| Shown {
            name: &mail.name,
            text: Inert(&mail.text),
        })
        .collect();
    ok(&Mails {
        c: guest.chrome(),
        mails: shown,
    })
}
