//! Signing in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::chrome::Chrome;
use super::demo::DemoAccount;
use super::problem::{self, see_other};
use super::visit::{Guest, Visit};
use super::words;
use crate::domain::receipt::western_digits;
use crate::service::accounts::{LoginError, NewSession};
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/login.html", whitespace = "minimize")]
struct Login<'a> {
    c: Chrome<'a>,
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
pub async fn form(guest: Guest) -> HttpResponse {
    show(&guest, StatusCode::OK, None)
}

/// `POST /login`. Every wrong thing gets the same answer: handle, passphrase, code, stopped account.
pub async fn submit(guest: Guest) -> HttpResponse {
    let fields = &guest.fields;
    let code = western_digits(fields.get("code"));
    let accounts = &guest.place.state.services.accounts;
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
pub async fn out(visit: Visit) -> HttpResponse {
    if let Some(cookie) = visit.cookie() {
        visit.place().state.services.accounts.logout(&cookie).await;
    }
    let mut response = see_other("/login?done=signed-out");
    if response
        .add_cookie(&visit.place().cookies().end_session())
        .is_err()
    {
        tracing::error!("the session cookie could not be taken away");
    }
    response
}

fn signed_in(guest: &Guest, session: &NewSession) -> HttpResponse {
    let cookies = guest.place.cookies();
    let mut response = see_other("/");
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
        return problem::unavailable(&guest.place, None);
    }
    response
}

fn show(guest: &Guest, status: StatusCode, wrong: Option<&'static str>) -> HttpResponse {
    let mut chrome = guest.place.chrome();
    chrome.done = match guest.query.get("done") {
        "signed-out" => Some(chrome.t.text("staff-done-signed-out")),
        "passphrase" => Some(chrome.t.text("staff-done-passphrase")),
        "joined" => Some(chrome.t.text("staff-done-joined")),
        "key" => Some(chrome.t.text("renewal-own-done")),
        "authenticator" => Some(chrome.t.text("authenticator-done")),
        _ => None,
    };
    let state = &guest.place.state;
    let login = Login {
        ticket: state.services.accounts.login_ticket(),
        handle: guest.fields.get("handle"),
        problem: wrong.map(|id| chrome.t.text(id)),
        accounts: state
            .desk
            .demo
            .iter()
            .flat_map(|demo| demo.accounts())
            .map(|account| shown(&chrome, account))
            .collect(),
        c: chrome,
    };
    page::html(status, &login)
}

fn shown(c: &Chrome<'_>, account: DemoAccount) -> Account {
    Account {
        role: words::role(c.t, account.role),
        handle: account.handle,
        passphrase: account.passphrase,
        code: account.code,
    }
}
