//! One's own account: keys to read out, another passphrase.

use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::frame::PageFrame;
use super::join::chosen_passphrase;
use super::renewal::{self, OwnShown};
use super::request::StaffRequest;
use super::words;
use crate::domain::receipt::western_digits;
use crate::domain::staff::Role;
use crate::service::accounts::EnrolError;
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/account.html", whitespace = "minimize")]
struct Account<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    handle: &'a str,
    role: String,
    fingerprint: Option<String>,
    /// A custodian's, with its digits.
    verify_key: Option<(String, String)>,
    words: String,
    own: bool,
    passphrase: FormErrors,
    own_key: Option<OwnShown>,
}

/// What did not fit in the form.
#[derive(Default)]
struct FormErrors {
    general: Option<String>,
    own: Option<String>,
    code: Option<String>,
}

/// `GET /account`
pub async fn form(visit: StaffRequest) -> Answer {
    show(&visit, StatusCode::OK, FormErrors::default()).await
}

/// `POST /account/passphrase`
pub async fn passphrase(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let code = western_digits(fields.get("code"));
    let accounts = &visit.services().accounts;
    let outcome = accounts
        .change_passphrase(
            &visit.caller,
            fields.secret("old"),
            chosen_passphrase(fields),
            &code,
        )
        .await;
    match outcome {
        Ok(()) => Done::Passphrase.at("/login"),
        Err(error) => refused(&visit, error).await,
    }
}

async fn refused(visit: &StaffRequest, error: EnrolError) -> Answer {
    let say = |id: &str| Some(visit.translator().text(id));
    let (status, errors) = match error {
        // One answer for a wrong passphrase and a wrong code, as at signing in.
        EnrolError::Unknown | EnrolError::WrongCode | EnrolError::NotTypedBack => (
            StatusCode::UNPROCESSABLE_ENTITY,
            FormErrors {
                general: say("staff-account-wrong"),
                ..FormErrors::default()
            },
        ),
        EnrolError::WeakPassphrase => (
            StatusCode::UNPROCESSABLE_ENTITY,
            FormErrors {
                own: say("staff-join-weak"),
                ..FormErrors::default()
            },
        ),
        EnrolError::TicketExpired => (
            StatusCode::FORBIDDEN,
            FormErrors {
                general: say("staff-login-expired"),
                ..FormErrors::default()
            },
        ),
        EnrolError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            FormErrors {
                general: say("staff-busy-text"),
                ..FormErrors::default()
            },
        ),
        EnrolError::Unavailable => return Err(WebError::Unavailable),
    };
    show(visit, status, errors).await
}

async fn show(visit: &StaffRequest, status: StatusCode, errors: FormErrors) -> Answer {
    let own_key = visit.services().accounts.own_key(&visit.caller).await?;
    let today = visit.place().state.clock.today();
    let c = visit.chrome();
    let services = &visit.services();
    let offered = visit.fields.get("words");
    let account = Account {
        csrf: &visit.caller.csrf,
        handle: &visit.caller.handle,
        role: words::role(c.t, visit.caller.role),
        fingerprint: matches!(visit.caller.role, Role::Caseworker | Role::Auditor)
            .then(|| services.custody.my_fingerprint(&visit.caller)),
        verify_key: (visit.caller.role == Role::Custodian).then(|| {
            let custody = &services.custody;
            (
                custody.my_verify_key(&visit.caller),
                custody.my_verify_fingerprint(&visit.caller),
            )
        }),
        words: if offered.is_empty() {
            services
                .accounts
                .generate_passphrase()
                .expose_secret()
                .to_owned()
        } else {
            offered.to_owned()
        },
        own: visit.fields.get("choice") == "own",
        passphrase: errors,
        own_key: own_key.map(|key| renewal::own(&c, &key, today)),
        c,
    };
    html(status, &account)
}
