//! Another recovery code, or another key and with it another recovery code.

use actix_web::http::StatusCode;
use askama::Template;

use super::form::FormState;
use super::request::StaffRequest;
use super::sheet::{Sheet, TypedBackForm};
use crate::service::error::Error;
use crate::service::own_change::OwnChange;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/own_change.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    title: String,
    lead: String,
    submit: String,
    sheet: Sheet<'a>,
}

/// `GET /account/recovery`
pub async fn recovery_code(visit: StaffRequest) -> Answer {
    show(&visit, OwnChange::RecoveryCode, visit.state()).await
}

/// `POST /account/recovery`
pub async fn set_recovery_code(visit: StaffRequest) -> Answer {
    change(&visit, OwnChange::RecoveryCode).await
}

/// `GET /account/renew`
pub async fn key(visit: StaffRequest) -> Answer {
    show(&visit, OwnChange::Key, visit.state()).await
}

/// `POST /account/renew`
pub async fn renew_key(visit: StaffRequest) -> Answer {
    change(&visit, OwnChange::Key).await
}

async fn change(visit: &StaffRequest, change: OwnChange) -> Answer {
    let form: TypedBackForm<'_> = visit.form()?;
    let accounts = &visit.services().accounts;
    let outcome = accounts.change_own(&visit.caller, change, form.back());
    let error = match (outcome.await, change) {
        (Ok(()), OwnChange::RecoveryCode) => return Done::RecoveryCode.at("/account"),
        (Ok(()), OwnChange::Key) => return Done::Key.at("/login"),
        (Err(error), _) => error,
    };
    let state = visit.state();
    let state = match error {
        Error::WrongCode => state.problem(StatusCode::UNPROCESSABLE_ENTITY, "staff-account-wrong"),
        Error::Expired => state.problem(StatusCode::UNPROCESSABLE_ENTITY, "typed-back-expired"),
        Error::Pinned => state.problem(StatusCode::CONFLICT, "renewal-custodian"),
        Error::Changed => state.problem(StatusCode::CONFLICT, "renewal-changed"),
        Error::Damaged => state.problem(StatusCode::CONFLICT, "renewal-damaged"),
        error => state.unproven(&error),
    };
    show(visit, change, state).await
}

async fn show(visit: &StaffRequest, change: OwnChange, form: FormState<'_>) -> Answer {
    let accounts = &visit.services().accounts;
    let code = accounts.own_code(&visit.caller, change, form.get("kept"));
    let code = code.await?;
    let c = visit.chrome().once();
    let (title, lead, submit) = match change {
        OwnChange::RecoveryCode => (
            "staff-recovery-new-title",
            "recovery-new-shown",
            "recovery-new-confirm",
        ),
        OwnChange::Key => (
            "renewal-own-title",
            "renewal-own-lead",
            "renewal-own-submit",
        ),
    };
    let page = Page {
        title: c.t.text(title),
        lead: c.t.text(lead),
        submit: c.t.text(submit),
        sheet: Sheet::new(&visit.caller.handle, &code),
        form,
        c,
    };
    html(page.form.status(), &page)
}
