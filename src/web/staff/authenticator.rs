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
use crate::service::accounts::EnrolError;
use crate::service::authenticator::{Asked, Offer, Unfit};
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
    ask(&guest, guest.state())
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
    let asked = Asked {
        ticket: form.ticket,
        handle: form.handle,
        passphrase: form.passphrase,
        proof: form.proof,
    };
    match accounts.offer_authenticator(&guest.devices(), asked).await {
        Ok(offer) => show(guest, &offer, guest.state()),
        Err(error) => refused(guest, error),
    }
}

async fn finish(guest: &PublicRequest, kept: &str) -> Answer {
    let form: TypedBackForm<'_> = guest.form()?;
    let accounts = &guest.services().accounts;
    let unfit = match accounts.set_authenticator(form.back()).await {
        Ok(()) => return Done::Authenticator.at("/login"),
        Err(unfit) => unfit,
    };
    let state = guest.state();
    let state = match unfit {
        Unfit::Passphrase => state.wrong("passphrase", "authenticator-passphrase-wrong"),
        Unfit::Code => state.wrong("code", "staff-join-wrong-code"),
        Unfit::Recovery => state.wrong("typed-back", "typed-back-wrong"),
        Unfit::Expired => state.problem(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-expired"),
        Unfit::Busy => state.problem(StatusCode::SERVICE_UNAVAILABLE, "staff-busy-text"),
        Unfit::Unavailable => {
            state.problem(StatusCode::SERVICE_UNAVAILABLE, "staff-unavailable-text")
        }
    };
    match accounts.offered_again(kept).await {
        Ok(offer) => show(guest, &offer, state),
        Err(error) => refused(guest, error),
    }
}

/// One answer for every wrong thing: handle, passphrase, recovery code, six digits.
fn refused(guest: &PublicRequest, error: EnrolError) -> Answer {
    let (status, id) = match error {
        EnrolError::Unknown
        | EnrolError::WrongCode
        | EnrolError::WeakPassphrase
        | EnrolError::NotTypedBack => (StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong"),
        EnrolError::TicketExpired => (StatusCode::FORBIDDEN, "staff-login-expired"),
        EnrolError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "staff-busy-text"),
        EnrolError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "staff-unavailable-text"),
    };
    ask(guest, guest.state().problem(status, id))
}

fn ask(guest: &PublicRequest, form: FormState<'_>) -> Answer {
    let page = Ask {
        ticket: guest.services().accounts.authenticator_ticket(),
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
