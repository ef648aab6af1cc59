//! Joining by a one-time link: passphrase, authenticator, recovery code.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::display::OwnHtml;
use super::form::FormState;
use super::qr;
use super::request::PublicRequest;
use super::sheet::{Sheet, TypedBackForm, offered};
use crate::service::enrolment::InvitationView;
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::error_page::{self, Problem};
use crate::web::frame::PageFrame;
use crate::web::marks::Words;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/join.html", whitespace = "minimize")]
struct Join<'a> {
    c: PageFrame<'a>,
    view: &'a InvitationView,
    form: FormState<'a>,
    words: Words,
    sheet: Sheet<'a>,
    qr: OwnHtml,
}

/// `GET /join/{token}`
pub async fn form(guest: PublicRequest) -> Answer {
    page(&guest, None, guest.state()).await
}

/// That everything was noted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Noted {
    noted: bool,
}

/// `POST /join/{token}`
pub async fn submit(guest: PublicRequest) -> Answer {
    let Noted { noted } = guest.form()?;
    if !noted {
        let state = guest.state().wrong("noted", "staff-join-noted-missing");
        return again(&guest, state).await;
    }
    let accounts = &guest.services().accounts;
    let form: TypedBackForm<'_> = guest.form()?;
    let back = form.back_with(guest.form()?);
    match accounts.enrol(guest.part("token"), back).await {
        Ok(()) => Done::Joined.at("/login"),
        Err(error) => refused(&guest, error).await,
    }
}

async fn refused(guest: &PublicRequest, error: Error) -> Answer {
    let state = guest.state();
    let state = match error {
        Error::NotFound | Error::Changed => return unknown(guest),
        Error::WrongCode => state.wrong("code", "staff-join-wrong-code"),
        Error::Expired => state.problem(StatusCode::FORBIDDEN, "staff-join-expired"),
        error => state.unproven(&error),
    };
    again(guest, state).await
}

/// The page again, with the same authenticator and recovery code, so that nobody has to scan or write twice.
async fn again(guest: &PublicRequest, form: FormState<'_>) -> Answer {
    page(guest, Some(form.get("kept")), form).await
}

async fn page(guest: &PublicRequest, kept: Option<&str>, form: FormState<'_>) -> Answer {
    let accounts = &guest.services().accounts;
    match accounts.invitation(guest.part("token"), kept).await {
        Ok(view) => show(guest, &view, form),
        Err(Error::NotFound) => unknown(guest),
        Err(error) => Err(error.into()),
    }
}

fn unknown(guest: &PublicRequest) -> Answer {
    let c = guest.chrome();
    let problem = Problem {
        status: StatusCode::NOT_FOUND,
        heading: c.t.text("staff-join-unknown-title"),
        text: c.t.text("staff-join-unknown-text"),
        kept: None,
        back: ("/login", "staff-login-submit"),
    };
    Ok(error_page::show(c, problem))
}

fn show(guest: &PublicRequest, view: &InvitationView, form: FormState<'_>) -> Answer {
    let c = guest.chrome();
    let Some(qr) = qr::svg(&view.offer.totp_uri, &c.t.text("staff-join-qr")) else {
        return Err(WebError::Unavailable);
    };
    let join = Join {
        view,
        sheet: Sheet::new(&view.offer.handle, &view.offer.recovery),
        words: offered(&form, || view.generated_passphrase.clone()),
        qr,
        form,
        c,
    };
    html(join.form.status(), &join)
}
