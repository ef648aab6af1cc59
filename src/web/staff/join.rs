//! Joining by a one-time link: passphrase, authenticator, recovery code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::chrome::{Chrome, ok};
use super::display::OwnHtml;
use super::problem::{self, Problem};
use super::visit::Guest;
use super::{qr, words};
use crate::domain::receipt::western_digits;
use crate::service::accounts::{EnrolError, InvitationError, InvitationView};
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/join.html", whitespace = "minimize")]
struct Join<'a> {
    c: Chrome<'a>,
    handle: &'a str,
    role: String,
    role_explained: String,
    kept: &'a str,
    words: &'a str,
    own: bool,
    noted: bool,
    qr: OwnHtml,
    secret: &'a str,
    problem: Option<String>,
    own_error: Option<String>,
    code_error: Option<String>,
    noted_error: Option<String>,
}

/// The recovery code, the one time it is shown.
#[derive(Template)]
#[template(path = "staff/recovery.html", whitespace = "minimize")]
pub(super) struct Recovery<'a> {
    pub(super) c: Chrome<'a>,
    pub(super) handle: &'a str,
    pub(super) code: &'a str,
    pub(super) next: &'static str,
    pub(super) next_label: String,
}

/// What did not fit, and where on the page to say so.
#[derive(Default)]
struct Wrong {
    page: Option<&'static str>,
    own: Option<&'static str>,
    code: Option<&'static str>,
    noted: Option<&'static str>,
}

/// `GET /join/{token}`
pub async fn form(guest: Guest) -> HttpResponse {
    match invitation(&guest, None).await {
        Ok(view) => show(&guest, &view, StatusCode::OK, &Wrong::default()),
        Err(response) => response,
    }
}

/// `POST /join/{token}`
pub async fn submit(guest: Guest) -> HttpResponse {
    let fields = &guest.fields;
    if !fields.ticked("noted") {
        let wrong = Wrong {
            noted: Some("staff-join-noted-missing"),
            ..Wrong::default()
        };
        return again(&guest, StatusCode::UNPROCESSABLE_ENTITY, wrong).await;
    }
    let code = western_digits(fields.get("code"));
    let accounts = &guest.place.state.services.accounts;
    let outcome = accounts
        .enrol(
            guest.part("token"),
            fields.get("kept"),
            chosen_passphrase(fields),
            &code,
        )
        .await;
    match outcome {
        Ok(enrolled) => {
            let c = Chrome {
                switch: false,
                ..guest.place.chrome()
            };
            ok(&Recovery {
                next: "/login",
                next_label: c.t.text("staff-recovery-to-login"),
                handle: &enrolled.handle,
                code: enrolled.recovery_code.expose_secret(),
                c,
            })
        }
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

async fn refused(guest: &Guest, error: EnrolError) -> HttpResponse {
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    match error {
        EnrolError::Unknown => unknown(guest),
        EnrolError::WeakPassphrase => {
            again(
                guest,
                invalid,
                Wrong {
                    own: Some("staff-join-weak"),
                    ..Wrong::default()
                },
            )
            .await
        }
        EnrolError::WrongCode => {
            again(
                guest,
                invalid,
                Wrong {
                    code: Some("staff-join-wrong-code"),
                    ..Wrong::default()
                },
            )
            .await
        }
        EnrolError::TicketExpired => {
            again(
                guest,
                StatusCode::FORBIDDEN,
                Wrong {
                    page: Some("staff-join-expired"),
                    ..Wrong::default()
                },
            )
            .await
        }
        EnrolError::Busy => problem::later(
            again(
                guest,
                unavailable,
                Wrong {
                    page: Some("staff-busy-text"),
                    ..Wrong::default()
                },
            )
            .await,
        ),
        EnrolError::Unavailable => problem::unavailable(&guest.place, None),
    }
}

/// The page again, with the same secret for the authenticator, so that nobody has to scan twice.
async fn again(guest: &Guest, status: StatusCode, wrong: Wrong) -> HttpResponse {
    match invitation(guest, Some(guest.fields.get("kept"))).await {
        Ok(view) => show(guest, &view, status, &wrong),
        Err(response) => response,
    }
}

async fn invitation(guest: &Guest, kept: Option<&str>) -> Result<InvitationView, HttpResponse> {
    let accounts = &guest.place.state.services.accounts;
    match accounts.invitation(guest.part("token"), kept).await {
        Ok(view) => Ok(view),
        Err(InvitationError::Unknown) => Err(unknown(guest)),
        Err(InvitationError::Unavailable) => Err(problem::unavailable(&guest.place, None)),
    }
}

fn unknown(guest: &Guest) -> HttpResponse {
    let c = guest.place.chrome();
    let problem = Problem {
        status: StatusCode::NOT_FOUND,
        heading: c.t.text("staff-join-unknown-title"),
        text: c.t.text("staff-join-unknown-text"),
        kept: None,
        back: ("/login", "staff-login-submit"),
    };
    problem::show(c, problem)
}

fn show(guest: &Guest, view: &InvitationView, status: StatusCode, wrong: &Wrong) -> HttpResponse {
    let c = guest.place.chrome();
    let t = c.t;
    let Some(qr) = qr::svg(&view.totp_uri, &t.text("staff-join-qr")) else {
        return problem::unavailable(&guest.place, None);
    };
    // The words that were offered first: somebody may be writing them down already.
    let offered = guest.fields.get("words");
    let say = |id: Option<&'static str>| id.map(|id| t.text(id));
    let join = Join {
        handle: &view.handle,
        role: words::role(t, view.role),
        role_explained: words::role_explained(t, view.role),
        kept: &view.kept,
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
    page::html(status, &join)
}
