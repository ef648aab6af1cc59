//! Joining by a one-time link: passphrase, authenticator, recovery code.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::display::OwnHtml;
use super::frame::PageFrame;
use super::problem::{self, Problem};
use super::request::PublicRequest;
use super::sheet::{Sheet, typed_back};
use super::{qr, words};
use crate::service::accounts::EnrolError;
use crate::service::enrolment::InvitationView;
use crate::service::error::Error;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/join.html", whitespace = "minimize")]
struct Join<'a> {
    c: PageFrame<'a>,
    handle: &'a str,
    role: String,
    role_explained: String,
    words: &'a str,
    sheet: Sheet<'a>,
    own: bool,
    noted: bool,
    qr: OwnHtml,
    secret: &'a str,
    problem: Option<String>,
    own_error: Option<String>,
    code_error: Option<String>,
    noted_error: Option<String>,
}

/// What did not fit, and where on the page to say so.
#[derive(Default)]
struct Wrong {
    page: Option<&'static str>,
    own: Option<&'static str>,
    code: Option<&'static str>,
    noted: Option<&'static str>,
    sheet: Option<&'static str>,
}

/// `GET /join/{token}`
pub async fn form(guest: PublicRequest) -> Answer {
    page(&guest, None, StatusCode::OK, &Wrong::default()).await
}

/// `POST /join/{token}`
pub async fn submit(guest: PublicRequest) -> Answer {
    let fields = &guest.fields;
    if !fields.ticked("noted") {
        let wrong = Wrong {
            noted: Some("staff-join-noted-missing"),
            ..Wrong::default()
        };
        return again(&guest, StatusCode::UNPROCESSABLE_ENTITY, wrong).await;
    }
    let accounts = &guest.services().accounts;
    let back = typed_back(fields, chosen_passphrase(fields));
    match accounts.enrol(guest.part("token"), back).await {
        Ok(()) => Done::Joined.at("/login"),
        Err(error) => refused(&guest, error).await,
    }
}

/// The six words that were offered, or the person's own.
pub(super) fn chosen_passphrase(fields: &super::fields::Fields) -> SecretString {
    fields.secret(if fields.get("choice") == "own" {
        "own"
    } else {
        "words"
    })
}

async fn refused(guest: &PublicRequest, error: EnrolError) -> Answer {
    let mut wrong = Wrong::default();
    let (status, place, id) = match error {
        EnrolError::Unknown => return unknown(guest),
        EnrolError::Unavailable => return Err(WebError::Unavailable),
        EnrolError::WeakPassphrase => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.own,
            "staff-join-weak",
        ),
        EnrolError::WrongCode => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.code,
            "staff-join-wrong-code",
        ),
        EnrolError::NotTypedBack => (
            StatusCode::UNPROCESSABLE_ENTITY,
            &mut wrong.sheet,
            "typed-back-wrong",
        ),
        EnrolError::TicketExpired => (StatusCode::FORBIDDEN, &mut wrong.page, "staff-join-expired"),
        EnrolError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            &mut wrong.page,
            "staff-busy-text",
        ),
    };
    *place = Some(id);
    let page = again(guest, status, wrong).await;
    if error == EnrolError::Busy {
        problem::later(page)
    } else {
        page
    }
}

/// The page again, with the same authenticator and recovery code, so that nobody has to scan or write twice.
async fn again(guest: &PublicRequest, status: StatusCode, wrong: Wrong) -> Answer {
    page(guest, Some(guest.fields.get("kept")), status, &wrong).await
}

async fn page(
    guest: &PublicRequest,
    kept: Option<&str>,
    status: StatusCode,
    wrong: &Wrong,
) -> Answer {
    let accounts = &guest.services().accounts;
    match accounts.invitation(guest.part("token"), kept).await {
        Ok(view) => show(guest, &view, status, wrong),
        Err(Error::NotFound) => unknown(guest),
        Err(error) => Err(error.into()),
    }
}

fn unknown(guest: &PublicRequest) -> Answer {
    let c = PageFrame::of(&guest.place);
    let problem = Problem {
        status: StatusCode::NOT_FOUND,
        heading: c.t.text("staff-join-unknown-title"),
        text: c.t.text("staff-join-unknown-text"),
        kept: None,
        back: ("/login", "staff-login-submit"),
    };
    problem::show(c, problem)
}

fn show(guest: &PublicRequest, view: &InvitationView, status: StatusCode, wrong: &Wrong) -> Answer {
    let c = PageFrame::of(&guest.place);
    let t = c.t;
    let Some(qr) = qr::svg(&view.totp_uri, &t.text("staff-join-qr")) else {
        return Err(WebError::Unavailable);
    };
    // The words that were offered first: somebody may be writing them down already.
    let offered = guest.fields.get("words");
    let say = |id: Option<&'static str>| id.map(|id| t.text(id));
    let join = Join {
        handle: &view.handle,
        role: words::role(t, view.role),
        role_explained: words::role_explained(t, view.role),
        sheet: Sheet::new(
            &view.handle,
            &view.recovery,
            &guest.fields,
            say(wrong.sheet),
        ),
        words: if offered.is_empty() {
            view.generated_passphrase.expose_secret()
        } else {
            offered
        },
        own: guest.fields.get("choice") == "own",
        noted: guest.fields.ticked("noted"),
        qr,
        secret: &view.totp_secret_base32,
        problem: say(wrong.page),
        own_error: say(wrong.own),
        code_error: say(wrong.code),
        noted_error: say(wrong.noted),
        c,
    };
    html(status, &join)
}
