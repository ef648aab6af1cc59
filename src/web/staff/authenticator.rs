//! Another authenticator, for who has a new telephone or has lost the old one.

use actix_web::http::StatusCode;
use askama::Template;

use super::display::OwnHtml;
use super::frame::PageFrame;
use super::request::PublicRequest;
use super::sheet::{Sheet, typed_back};
use super::{problem, qr};
use crate::service::accounts::EnrolError;
use crate::service::authenticator::{Asked, Offer, Unfit};
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/authenticator.html", whitespace = "minimize")]
struct Ask<'a> {
    c: PageFrame<'a>,
    ticket: String,
    handle: &'a str,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/authenticator_new.html", whitespace = "minimize")]
struct New<'a> {
    c: PageFrame<'a>,
    offer: &'a Offer,
    qr: OwnHtml,
    sheet: Sheet<'a>,
    /// What came back and did not fit.
    problem: Option<String>,
    passphrase_error: Option<String>,
    code_error: Option<String>,
}

/// `GET /authenticator`
pub async fn form(guest: PublicRequest) -> Answer {
    ask(&guest, StatusCode::OK, None)
}

/// `POST /authenticator`: what was asked for first, and then what was typed back.
pub async fn submit(guest: PublicRequest) -> Answer {
    if guest.fields.get("kept").is_empty() {
        begin(&guest).await
    } else {
        finish(&guest).await
    }
}

async fn begin(guest: &PublicRequest) -> Answer {
    let fields = &guest.fields;
    let accounts = &guest.services().accounts;
    let asked = Asked {
        ticket: fields.get("ticket"),
        handle: fields.get("handle"),
        passphrase: fields.secret("passphrase"),
        proof: fields.secret("proof"),
    };
    match accounts.offer_authenticator(&guest.devices(), asked).await {
        Ok(offer) => show(guest, &offer, StatusCode::OK, None),
        Err(error) => refused(guest, error),
    }
}

async fn finish(guest: &PublicRequest) -> Answer {
    let fields = &guest.fields;
    let accounts = &guest.services().accounts;
    let back = typed_back(fields, fields.secret("passphrase"));
    let unfit = match accounts.set_authenticator(back).await {
        Ok(()) => return Done::Authenticator.at("/login"),
        Err(unfit) => unfit,
    };
    match accounts.offered_again(fields.get("kept")).await {
        Ok(offer) => {
            let status = match unfit {
                Unfit::Busy | Unfit::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Unfit::Passphrase | Unfit::Code | Unfit::Recovery | Unfit::Expired => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
            };
            show(guest, &offer, status, Some(unfit))
        }
        Err(error) => refused(guest, error),
    }
}

/// One answer for every wrong thing: handle, passphrase, recovery code, six digits.
fn refused(guest: &PublicRequest, error: EnrolError) -> Answer {
    let later = |text| problem::later(ask(guest, StatusCode::SERVICE_UNAVAILABLE, Some(text)));
    match error {
        EnrolError::Unknown
        | EnrolError::WrongCode
        | EnrolError::WeakPassphrase
        | EnrolError::NotTypedBack => ask(
            guest,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("authenticator-wrong"),
        ),
        EnrolError::TicketExpired => ask(guest, StatusCode::FORBIDDEN, Some("staff-login-expired")),
        EnrolError::Busy => later("staff-busy-text"),
        EnrolError::Unavailable => later("staff-unavailable-text"),
    }
}

fn ask(guest: &PublicRequest, status: StatusCode, wrong: Option<&'static str>) -> Answer {
    let c = PageFrame::of(&guest.place);
    let accounts = &guest.services().accounts;
    let page = Ask {
        ticket: accounts.authenticator_ticket(),
        handle: guest.fields.get("handle"),
        problem: wrong.map(|id| c.t.text(id)),
        c,
    };
    html(status, &page)
}

fn show(guest: &PublicRequest, offer: &Offer, status: StatusCode, unfit: Option<Unfit>) -> Answer {
    let mut c = PageFrame::of(&guest.place);
    c.switch = false;
    let t = c.t;
    let Some(qr) = qr::svg(&offer.totp_uri, &t.text("staff-join-qr")) else {
        return Err(WebError::Unavailable);
    };
    let say = |wanted: Unfit, id: &str| (unfit == Some(wanted)).then(|| t.text(id));
    let page = New {
        sheet: Sheet::new(
            &offer.handle,
            &offer.recovery,
            &guest.fields,
            say(Unfit::Recovery, "typed-back-wrong"),
        ),
        problem: say(Unfit::Expired, "authenticator-expired")
            .or_else(|| say(Unfit::Busy, "staff-busy-text"))
            .or_else(|| say(Unfit::Unavailable, "staff-unavailable-text")),
        passphrase_error: say(Unfit::Passphrase, "authenticator-passphrase-wrong"),
        code_error: say(Unfit::Code, "staff-join-wrong-code"),
        offer,
        qr,
        c,
    };
    html(status, &page)
}
