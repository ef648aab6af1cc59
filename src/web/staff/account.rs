//! One's own account: keys to read out, another passphrase.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::form::FormState;
use super::request::StaffRequest;
use super::sheet::{NewPassphrase, offered};
use super::typed::Code;
use crate::domain::staff::Role;
use crate::service::error::Error;
use crate::service::renewal::OwnKey;
use crate::web::frame::PageFrame;
use crate::web::marks::Words;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/account.html", whitespace = "minimize")]
struct Account<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    handle: &'a str,
    role: String,
    fingerprint: Option<String>,
    /// A custodian's, with its digits.
    verify_key: Option<(String, String)>,
    words: Words,
    own_key: Option<OwnKey>,
}

/// What proves a change.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PassphraseForm {
    old: SecretString,
    code: Code,
}

/// `GET /account`
pub async fn form(visit: StaffRequest) -> Answer {
    show(&visit, visit.state()).await
}

/// `POST /account/passphrase`
pub async fn passphrase(visit: StaffRequest) -> Answer {
    let PassphraseForm { old, code } = visit.form()?;
    let new: NewPassphrase<'_> = visit.form()?;
    let accounts = &visit.services().accounts;
    let outcome = accounts.change_passphrase(&visit.caller, old, new.chosen(), &code);
    let state = visit.state();
    let state = match outcome.await {
        Ok(()) => return Done::Passphrase.at("/login"),
        // One answer for a wrong passphrase and a wrong code, as at signing in.
        Err(Error::Changed | Error::WrongCode) => {
            state.problem(StatusCode::UNPROCESSABLE_ENTITY, "staff-account-wrong")
        }
        Err(error) => state.unproven(&error),
    };
    show(&visit, state).await
}

async fn show(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let c = visit.chrome();
    let services = &visit.services();
    let account = Account {
        handle: &visit.caller.handle,
        role: c.t.word("staff-role", visit.caller.role),
        fingerprint: matches!(visit.caller.role, Role::Caseworker | Role::Auditor)
            .then(|| services.custody.my_fingerprint(&visit.caller)),
        verify_key: (visit.caller.role == Role::Custodian).then(|| {
            let custody = &services.custody;
            (
                custody.my_verify_key(&visit.caller),
                custody.my_verify_fingerprint(&visit.caller),
            )
        }),
        words: offered(&form, || services.accounts.generate_passphrase()),
        own_key: visit.services().accounts.own_key(&visit.caller).await?,
        form,
        c,
    };
    html(account.form.status(), &account)
}
