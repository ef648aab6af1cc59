//! A forgotten passphrase, for who has the printed recovery code and the authenticator.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::form::FormState;
use super::request::PublicRequest;
use super::sheet::{Sheet, TypedBackForm, offered};
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::marks::Words;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/forgotten.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    words: Words,
    sheet: Sheet<'a>,
}

/// Whose account, and the recovery code of before.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    handle: &'a str,
    recovery: SecretString,
}

/// `GET /forgotten`
pub async fn form(guest: PublicRequest) -> Answer {
    show(&guest, guest.state()).await
}

/// `POST /forgotten`. Every wrong thing gets the same answer: handle, recovery code, six-digit code, stopped account.
pub async fn submit(guest: PublicRequest) -> Answer {
    let account: Account<'_> = guest.form()?;
    let form: TypedBackForm<'_> = guest.form()?;
    let back = form.back_with(guest.form()?);
    let accounts = &guest.services().accounts;
    let outcome = accounts.forgotten(account.handle, account.recovery, back);
    let state = guest.state();
    let state = match outcome.await {
        Ok(()) => return Done::Passphrase.at("/login"),
        Err(Error::WrongCode) => {
            state.problem(StatusCode::UNPROCESSABLE_ENTITY, "recovery-forgotten-wrong")
        }
        Err(Error::Expired) => state.problem(StatusCode::FORBIDDEN, "typed-back-expired"),
        Err(error) => state.unproven(&error),
    };
    show(&guest, state).await
}

async fn show(guest: &PublicRequest, form: FormState<'_>) -> Answer {
    let accounts = &guest.services().accounts;
    let new = accounts.forgotten_page(form.get("kept")).await?;
    let page = Page {
        c: guest.chrome(),
        sheet: Sheet::new(form.get("handle"), &new),
        words: offered(&form, || accounts.generate_passphrase()),
        form,
    };
    html(page.form.status(), &page)
}
