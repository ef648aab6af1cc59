//! Signing in and out.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::form::FormState;
use super::request::{PublicRequest, StaffRequest};
use super::typed::Code;
use crate::service::accounts::NewSession;
use crate::service::error::Error;
use crate::web::demonstration::DemoAccount;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html, redirect};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/login.html", whitespace = "minimize")]
struct Login<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    ticket: String,
    accounts: Vec<DemoAccount>,
}

/// What somebody signs in with.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LoginForm<'a> {
    ticket: &'a str,
    handle: &'a str,
    passphrase: SecretString,
    code: Code,
}

/// `GET /login`
pub async fn form(guest: PublicRequest) -> Answer {
    show(&guest, guest.state()).await
}

/// `POST /login`. Every wrong thing gets the same answer: handle, passphrase, code, stopped account.
pub async fn submit(guest: PublicRequest) -> Answer {
    let form: LoginForm<'_> = guest.form()?;
    let accounts = &guest.services().accounts;
    let devices = guest.devices();
    let outcome = accounts.login(
        &devices,
        form.ticket,
        form.handle,
        form.passphrase,
        &form.code,
    );
    let state = guest.state();
    let state = match outcome.await {
        Ok(session) => return signed_in(&guest, &session),
        Err(Error::WrongCode) => {
            state.problem(StatusCode::UNPROCESSABLE_ENTITY, "staff-login-wrong")
        }
        Err(Error::Expired) => state.problem(StatusCode::FORBIDDEN, "staff-login-expired"),
        Err(error) => state.unproven(&error),
    };
    show(&guest, state).await
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
        tracing::error!(
            event = "page-failing",
            "the session cookie could not be taken away"
        );
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
        tracing::error!(
            event = "page-failing",
            "the session cookie could not be set"
        );
        return Err(WebError::Unavailable);
    }
    Ok(response)
}

async fn show(guest: &PublicRequest, form: FormState<'_>) -> Answer {
    let state = &guest.place.state;
    let login = Login {
        ticket: state.services.accounts.login_ticket().await,
        accounts: state.demo.iter().flat_map(|demo| demo.accounts()).collect(),
        form,
        c: guest.chrome(),
    };
    html(login.form.status(), &login)
}
