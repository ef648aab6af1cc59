//! What only the demonstration shows: its accounts with their codes, and its mails.

use askama::Template;

use super::chrome::{Chrome, ok};
use super::display::Inert;
use super::visit::Guest;
use crate::domain::staff::Role;
use crate::web::error::WebError;
use crate::web::staff::chrome::Answer;

/// The demonstration behind the pages. In service there is none.
pub trait Demonstration: Send + Sync {
    /// The accounts that can be tried, with the codes of this moment.
    fn accounts(&self) -> Vec<DemoAccount>;
    /// The mails so far, newest first.
    fn mails(&self) -> Vec<DemoMail>;
}

/// An account that can be tried.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    /// Its handle.
    pub handle: String,
    /// Its role.
    pub role: Role,
    /// Its passphrase: known to everybody, since it guards nothing.
    pub passphrase: String,
    /// The code its authenticator would show now.
    pub code: String,
}

/// A mail as it would have gone out.
#[derive(Debug, Clone)]
pub struct DemoMail {
    /// The name of its file.
    pub name: String,
    /// Its text.
    pub text: String,
}

#[derive(Template)]
#[template(path = "staff/demo_mail.html", whitespace = "minimize")]
struct Mails<'a> {
    c: Chrome<'a>,
    mails: Vec<Shown<'a>>,
}

struct Shown<'a> {
    name: &'a str,
    text: Inert<'a>,
}

/// `GET /demo/mail`, without a session: nothing in the demonstration is real.
pub async fn mails(guest: Guest) -> Answer {
    let Some(demo) = guest.place.state.desk.demo.clone() else {
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
        c: guest.place.chrome(),
        mails: shown,
    })
}
