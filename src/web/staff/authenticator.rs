//! Another authenticator, for who has a new telephone or has lost the old one.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::display::OwnHtml;
use super::form::FormState;
use super::qr;
use super::request::PublicRequest;
use super::sheet::{Sheet, TypedBackForm};
use crate::service::authenticator::Offer;
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/authenticator.html", whitespace = "minimize")]
struct Ask<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    ticket: String,
}

#[derive(Template)]
#[template(path = "staff/authenticator_new.html", whitespace = "minimize")]
struct New<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    offer: &'a Offer,
    qr: OwnHtml,
    sheet: Sheet<'a>,
}

/// Who asks for another one, and what proves it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AskForm<'a> {
    ticket: &'a str,
    handle: &'a str,
    passphrase: SecretString,
    proof: SecretString,
    /// What was asked for first, if this is what was typed back.
    kept: &'a str,
}

/// `GET /authenticator`
pub async fn form(guest: PublicRequest) -> Answer {
    ask(&guest, guest.state()).await
}

/// `POST /authenticator`: what was asked for first, and then what was typed back.
pub async fn submit(guest: PublicRequest) -> Answer {
    let form: AskForm<'_> = guest.form()?;
    if form.kept.is_empty() {
        begin(&guest, form).await
    } else {
        finish(&guest, form.kept).await
    }
}

async fn begin(guest: &PublicRequest, form: AskForm<'_>) -> Answer {
    let accounts = &guest.services().accounts;
    let (devices, proof) = (guest.devices(), &form.proof);
    let offer =
        accounts.offer_authenticator(&devices, form.ticket, form.handle, form.passphrase, proof);
    match offer.await {
        Ok(offer) => show(guest, &offer, guest.state()),
        Err(error) => refused(guest, error).await,
    }
}

async fn finish(guest: &PublicRequest, kept: &str) -> Answer {
    let form: TypedBackForm<'_> = guest.form()?;
    let accounts = &guest.services().accounts;
    let error = match accounts.set_authenticator(form.back()).await {
        Ok(()) => return Done::Authenticator.at("/login"),
        Err(error) => error,
    };
    let state = guest.state();
    let state = match error {
        Error::WrongPassphrase => state.wrong("passphrase", "authenticator-passphrase-wrong"),
        Error::WrongCode => state.wrong("code", "staff-join-wrong-code"),
        Error::Expired | Error::Changed => {
            state.problem(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-expired")
        }
        error => state.unproven(&error),
    };
    match accounts.offered_again(kept).await {
        Ok(offer) => show(guest, &offer, state),
        Err(error) => refused(guest, error).await,
    }
}

/// One answer for every wrong thing: handle, passphrase, recovery code, six digits.
async fn refused(guest: &PublicRequest, error: Error) -> Answer {
    let state = guest.state();
    let state = match error {
        Error::WrongCode => state.problem(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong"),
        Error::Expired => state.problem(StatusCode::FORBIDDEN, "staff-login-expired"),
        error => state.unproven(&error),
    };
    ask(guest, state).await
}

async fn ask(guest: &PublicRequest, form: FormState<'_>) -> Answer {
    let page = Ask {
        ticket: guest.services().accounts.authenticator_ticket().await,
        form,
        c: guest.chrome(),
    };
    html(page.form.status(), &page)
}

fn show(guest: &PublicRequest, offer: &Offer, form: FormState<'_>) -> Answer {
    let c = guest.chrome().once();
    let Some(qr) = qr::svg(&offer.totp_uri, &c.t.text("staff-join-qr")) else {
        return Err(WebError::Unavailable);
    };
    let page = New {
        sheet: Sheet::new(&offer.handle, &offer.recovery),
        offer,
        qr,
        form,
        c,
    };
    html(page.form.status(), &page)
}
