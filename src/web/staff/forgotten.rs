//! A forgotten passphrase, for who has the printed recovery code and the authenticator.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::frame::PageFrame;
use super::join::chosen_passphrase;
use super::problem::{self};
use super::request::PublicRequest;
use super::sheet::{Sheet, typed_back};
use crate::service::accounts::EnrolError;
use crate::service::forgotten::Forgotten;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/forgotten.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    handle: &'a str,
    recovery: &'a str,
    words: String,
    own: bool,
    problem: Option<String>,
    own_error: Option<String>,
    sheet: Sheet<'a>,
}

/// `GET /forgotten`
pub async fn form(guest: PublicRequest) -> Answer {
    show(&guest, StatusCode::OK, &Wrong::default())
}

/// `POST /forgotten`. Every wrong thing gets the same answer: handle, recovery code, six-digit code, stopped account.
pub async fn submit(guest: PublicRequest) -> Answer {
    let fields = &guest.fields;
    let typed = Forgotten {
        handle: fields.get("handle"),
        recovery_code: fields.secret("recovery"),
        back: typed_back(fields, chosen_passphrase(fields)),
    };
    let (status, wrong) = match guest.services().accounts.forgotten(typed).await {
        Ok(()) => return Done::Passphrase.at("/login"),
        Err(error) => said(error),
    };
    let page = show(&guest, status, &wrong);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        problem::later(page)
    } else {
        page
    }
}

/// What did not fit, and where on the page to say so.
#[derive(Default)]
struct Wrong {
    page: Option<&'static str>,
    own: Option<&'static str>,
    sheet: Option<&'static str>,
}

fn said(error: EnrolError) -> (StatusCode, Wrong) {
    let mut wrong = Wrong::default();
    let (status, place, id) = match error {
        EnrolError::WeakPassphrase => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.own,
            "staff-join-weak",
        ),
        EnrolError::NotTypedBack => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.sheet,
            "typed-back-wrong",
        ),
        EnrolError::Unknown | EnrolError::WrongCode => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.page,
            "recovery-forgotten-wrong",
        ),
        EnrolError::TicketExpired => (StatusCode::FORBIDDEN, &mut wrong.page, "typed-back-expired"),
        EnrolError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            &mut wrong.page,
            "staff-busy-text",
        ),
        EnrolError::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            &mut wrong.page,
            "staff-unavailable-text",
        ),
    };
    *place = Some(id);
    (status, wrong)
}

fn show(guest: &PublicRequest, status: StatusCode, wrong: &Wrong) -> Answer {
    let c = PageFrame::of(&guest.place);
    let accounts = &guest.services().accounts;
    let Ok(new) = accounts.forgotten_page(guest.fields.get("kept")) else {
        return Err(WebError::Unavailable);
    };
    let handle = guest.fields.get("handle");
    let say = |id: Option<&'static str>| id.map(|id| c.t.text(id));
    // The words that were offered first: somebody may be writing them down already.
    let offered = guest.fields.get("words");
    let words = if offered.is_empty() {
        accounts.generate_passphrase().expose_secret().to_owned()
    } else {
        offered.to_owned()
    };
    let page = Page {
        sheet: Sheet::new(handle, &new, &guest.fields, say(wrong.sheet)),
        handle,
        recovery: guest.fields.get("recovery"),
        words,
        own: guest.fields.get("choice") == "own",
        problem: say(wrong.page),
        own_error: say(wrong.own),
        c,
    };
    html(status, &page)
}
