//! Signing in and out.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::frame::PageFrame;
use super::problem::{self, redirect};
use super::request::{PublicRequest, StaffRequest};
use super::words;
use crate::domain::receipt::western_digits;
use crate::service::accounts::{LoginError, NewSession};
use crate::web::demonstration::DemoAccount;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/login.html", whitespace = "minimize")]
struct Login<'a> {
    c: PageFrame<'a>,
    ticket: String,
    handle: &'a str,
    problem: Option<String>,
    accounts: Vec<Account>,
}

/// An account of the demonstration.
struct Account {
    handle: String,
    role: String,
    passphrase: String,
    code: String,
}

/// `GET /login`
pub async fn form(guest: PublicRequest) -> Answer {
    show(&guest, StatusCode::OK, None)
}

/// `POST /login`. Every wrong thing gets the same answer: handle, passphrase, code, stopped account.
pub async fn submit(guest: PublicRequest) -> Answer {
    let fields = &guest.fields;
    let code = western_digits(fields.get("code"));
    let accounts = &guest.services().accounts;
    let outcome = accounts
        .login(
            &guest.devices(),
            fields.get("ticket"),
            fields.get("handle"),
            fields.secret("passphrase"),
            &code,
        )
        .await;
    match outcome {
        Ok(session) => signed_in(&guest, &session),
        Err(LoginError::Wrong) => show(
            &guest,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("staff-login-wrong"),
        ),
        Err(LoginError::TicketExpired) => {
            show(&guest, StatusCode::FORBIDDEN, Some("staff-login-expired"))
        }
        Err(LoginError::Busy) => problem::later(show(
            &guest,
            StatusCode::SERVICE_UNAVAILABLE,
            Some("staff-busy-text"),
        )),
        Err(LoginError::Unavailable) => problem::later(show(
            &guest,
            StatusCode::SERVICE_UNAVAILABLE,
            Some("staff-unavailable-text"),
        )),
    }
}

/// `POST /logout`
pub async fn out(visit: StaffRequest) -> Answer {
    if let Some(cookie) = visit.cookie() {
        visit.services().accounts.logout(&cookie).await;
    }
    let mut response = Done::SignedOut.at("/login")?;
    if response
        .add_cookie(&visit.place().cookies().end_session())
        .is_err()
    {
        tracing::error!("the session cookie could not be taken away");
    }
    Ok(response)
}

fn signed_in(guest: &PublicRequest, session: &NewSession) -> Answer {
    let cookies = guest.place.cookies();
    let mut response = redirect("/");
    let language = cookies.keep_language(guest.place.locale);
    if response
        .add_cookie(&cookies.start_session(session.cookie.expose_secret()))
        .is_err()
        || response
            .add_cookie(&cookies.keep_device(session.device.expose_secret()))
            .is_err()
        || response.add_cookie(&language).is_err()
    {
        tracing::error!("the session cookie could not be set");
        return Err(WebError::Unavailable);
    }
    Ok(response)
}

fn show(guest: &PublicRequest, status: StatusCode, wrong: Option<&'static str>) -> Answer {
    let mut chrome = PageFrame::of(&guest.place);
    let done = guest.query.get("done").parse::<Done>();
    chrome.done = done.ok().map(|done| done.text(chrome.t));
    let state = &guest.place.state;
    let login = Login {
        ticket: state.services.accounts.login_ticket(),
        handle: guest.fields.get("handle"),
        problem: wrong.map(|id| chrome.t.text(id)),
        accounts: state
            .demo
            .iter()
            .flat_map(|demo| demo.accounts())
            .map(|account| shown(&chrome, account))
            .collect(),
        c: chrome,
    };
    html(status, &login)
}

fn shown(c: &PageFrame<'_>, account: DemoAccount) -> Account {
    Account {
        role: words::role(c.t, account.role),
        handle: account.handle,
        passphrase: account.passphrase,
        code: account.code,
    }
}
