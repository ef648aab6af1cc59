//! Another recovery code, or another key and with it another recovery code.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::request::StaffRequest;
use super::sheet::{Sheet, typed_back};
use crate::service::own_change::OwnChange;
use crate::service::renewal::RenewalError;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/own_change.html", whitespace = "minimize")]
struct Page<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    title: String,
    lead: String,
    submit: String,
    sheet: Sheet<'a>,
    problem: Option<String>,
}

/// `GET /account/recovery`
pub async fn recovery_code(visit: StaffRequest) -> Answer {
    show(&visit, OwnChange::RecoveryCode, None)
}

/// `POST /account/recovery`
pub async fn set_recovery_code(visit: StaffRequest) -> Answer {
    change(&visit, OwnChange::RecoveryCode).await
}

/// `GET /account/renew`
pub async fn key(visit: StaffRequest) -> Answer {
    show(&visit, OwnChange::Key, None)
}

/// `POST /account/renew`
pub async fn renew_key(visit: StaffRequest) -> Answer {
    change(&visit, OwnChange::Key).await
}

async fn change(visit: &StaffRequest, change: OwnChange) -> Answer {
    let fields = &visit.fields;
    let accounts = &visit.services().accounts;
    let back = typed_back(fields, fields.secret("passphrase"));
    match (
        accounts.change_own(&visit.caller, change, back).await,
        change,
    ) {
        (Ok(()), OwnChange::RecoveryCode) => Done::RecoveryCode.at("/account"),
        (Ok(()), OwnChange::Key) => Done::Key.at("/login"),
        (Err(RenewalError::Unavailable), _) => Err(WebError::Unavailable),
        (Err(error), _) => show(visit, change, Some(error)),
    }
}

fn show(visit: &StaffRequest, change: OwnChange, wrong: Option<RenewalError>) -> Answer {
    let accounts = &visit.services().accounts;
    let Ok(code) = accounts.own_code(&visit.caller, change, visit.fields.get("kept")) else {
        return Err(WebError::Unavailable);
    };
    let c = PageFrame {
        switch: false,
        ..visit.chrome()
    };
    let (status, id) = wrong.map_or((StatusCode::OK, None), said);
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
    let not_typed_back = wrong == Some(RenewalError::NotTypedBack);
    let (sheets, pages) = (
        id.filter(|_| not_typed_back),
        id.filter(|_| !not_typed_back),
    );
    let page = Page {
        csrf: &visit.caller.csrf,
        title: c.t.text(title),
        lead: c.t.text(lead),
        submit: c.t.text(submit),
        sheet: Sheet::new(
            &visit.caller.handle,
            &code,
            &visit.fields,
            sheets.map(|id| c.t.text(id)),
        ),
        problem: pages.map(|id| c.t.text(id)),
        c,
    };
    html(status, &page)
}

const fn said(error: RenewalError) -> (StatusCode, Option<&'static str>) {
    let (status, id) = match error {
        RenewalError::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, "staff-account-wrong"),
        RenewalError::NotTypedBack => (StatusCode::UNPROCESSABLE_ENTITY, "typed-back-wrong"),
        RenewalError::Expired => (StatusCode::UNPROCESSABLE_ENTITY, "typed-back-expired"),
        RenewalError::Pinned => (StatusCode::CONFLICT, "renewal-custodian"),
        RenewalError::Changed => (StatusCode::CONFLICT, "renewal-changed"),
        RenewalError::Damaged => (StatusCode::CONFLICT, "renewal-damaged"),
        RenewalError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "staff-busy-text"),
        RenewalError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "staff-unavailable-text"),
    };
    (status, Some(id))
}
