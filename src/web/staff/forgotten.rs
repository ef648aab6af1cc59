//! A forgotten passphrase, for who has the printed recovery code and the authenticator.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::chrome::{Chrome, ok};
use super::join::{Recovery, chosen_passphrase};
use super::problem;
use super::visit::Guest;
use crate::domain::receipt::western_digits;
use crate::service::accounts::{EnrolError, Forgotten};
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/forgotten.html", whitespace = "minimize")]
struct Page<'a> {
    c: Chrome<'a>,
    ticket: String,
    handle: &'a str,
    recovery: &'a str,
    words: String,
    own: bool,
    problem: Option<String>,
    own_error: Option<String>,
}

/// `GET /forgotten`
pub async fn form(guest: Guest) -> HttpResponse {
    show(&guest, StatusCode::OK, None, None)
}

/// `POST /forgotten`. Every wrong thing gets the same answer: handle, recovery code, six-digit code, stopped account.
pub async fn submit(guest: Guest) -> HttpResponse {
    let fields = &guest.fields;
    let code = western_digits(fields.get("code"));
    let typed = Forgotten {
        ticket: fields.get("ticket"),
        handle: fields.get("handle"),
        recovery_code: fields.secret("recovery"),
        chosen: chosen_passphrase(fields),
        code: &code,
    };
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    match guest.place.state.services.accounts.forgotten(typed).await {
        Ok(enrolled) => {
            let c = Chrome {
                switch: false,
                ..guest.place.chrome()
            };
            ok(&Recovery {
                next: "/login",
                next_label: c.t.text("staff-recovery-to-login"),
                handle: &enrolled.handle,
                code: enrolled.recovery_code.expose_secret(),
                c,
            })
        }
        Err(EnrolError::WeakPassphrase) => show(&guest, invalid, None, Some("staff-join-weak")),
        Err(EnrolError::Unknown | EnrolError::WrongCode) => {
            show(&guest, invalid, Some("recovery-forgotten-wrong"), None)
        }
        Err(EnrolError::TicketExpired) => show(
            &guest,
            StatusCode::FORBIDDEN,
            Some("staff-login-expired"),
            None,
        ),
        Err(EnrolError::Busy) => {
            problem::later(show(&guest, unavailable, Some("staff-busy-text"), None))
        }
        Err(EnrolError::Unavailable) => problem::later(show(
            &guest,
            unavailable,
            Some("staff-unavailable-text"),
            None,
        )),
    }
}

fn show(
    guest: &Guest,
    status: StatusCode,
    wrong: Option<&'static str>,
    own_wrong: Option<&'static str>,
) -> HttpResponse {
    let c = guest.place.chrome();
    let accounts = &guest.place.state.services.accounts;
    // The words that were offered first: somebody may be writing them down already.
    let offered = guest.fields.get("words");
    let words = if offered.is_empty() {
        accounts.generate_passphrase().expose_secret().to_owned()
    } else {
        offered.to_owned()
    };
    let page = Page {
        ticket: accounts.forgotten_ticket(),
        handle: guest.fields.get("handle"),
        recovery: guest.fields.get("recovery"),
        words,
        own: guest.fields.get("choice") == "own",
        problem: wrong.map(|id| c.t.text(id)),
        own_error: own_wrong.map(|id| c.t.text(id)),
        c,
    };
    page::html(status, &page)
}
