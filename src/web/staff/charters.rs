//! What custodians sign: which team's key may receive a channel's reports.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::request::StaffRequest;
use super::typed::Code;
use crate::service::custody::CharterView;
use crate::service::error::Error;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/charters.html", whitespace = "minimize")]
struct Charters<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    verify_key: String,
    verify_fingerprint: String,
    pinned: bool,
    charters: Vec<CharterView>,
}

/// What a custodian signs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SignForm<'a> {
    channel: &'a str,
    fingerprint: &'a str,
    compared: bool,
    code: Code,
}

/// `GET /charters`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// `POST /charters/sign`
pub async fn sign(visit: StaffRequest) -> Answer {
    let form: SignForm<'_> = visit.form()?;
    let state = visit.state();
    if !form.compared {
        let id = format!("{}-compared", form.channel);
        return render(&visit, state.wrong(id, "staff-compare-missing")).await;
    }
    let custody = &visit.services().custody;
    let shown = (form.channel, form.fingerprint);
    match custody.sign(&visit.caller, shown, &form.code).await {
        Ok(()) => Done::Signed.at("/charters"),
        Err(Error::NotPinned) => render(&visit, state.with(StatusCode::CONFLICT)).await,
        Err(Error::Changed) => {
            let id = format!("{}-compared", form.channel);
            let state = state.refused(StatusCode::CONFLICT, id, "staff-compare-changed");
            render(&visit, state).await
        }
        Err(Error::WrongCode) => {
            render(&visit, state.wrong(form.channel, "staff-code-wrong")).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let custody = &visit.services().custody;
    let page = Charters {
        verify_key: custody.my_verify_key(&visit.caller),
        verify_fingerprint: custody.my_verify_fingerprint(&visit.caller),
        pinned: custody.is_pinned(&visit.caller),
        charters: custody.pending(&visit.caller).await?,
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}
