//! One's own account: keys to read out, another passphrase, another recovery code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use super::chrome::Chrome;
use super::join::chosen_passphrase;
use super::problem::{self, see_other};
use super::renewal::{self, OwnShown};
use super::visit::Visit;
use super::words;
use crate::domain::receipt::western_digits;
use crate::domain::staff::Role;
use crate::service::accounts::{EnrolError, NewCode};
use crate::web::page;

#[derive(Template)]
#[template(path = "staff/account.html", whitespace = "minimize")]
struct Account<'a> {
    c: Chrome<'a>,
    csrf: &'a str,
    handle: &'a str,
    role: String,
    fingerprint: Option<String>,
    /// A custodian's, with its digits.
    verify_key: Option<(String, String)>,
    words: String,
    own: bool,
    passphrase: FormErrors,
    recovery: FormErrors,
    own_key: Option<OwnShown>,
    renewal: FormErrors,
}

/// A new recovery code that is not in force yet.
#[derive(Template)]
#[template(path = "staff/recovery_new.html", whitespace = "minimize")]
struct NewRecovery<'a> {
    c: Chrome<'a>,
    csrf: &'a str,
    handle: &'a str,
    code: &'a str,
    kept: &'a str,
    typed: &'a str,
    problem: Option<String>,
}

/// What did not fit in the forms, each by its own.
#[derive(Default)]
struct Errors {
    passphrase: FormErrors,
    recovery: FormErrors,
    renewal: FormErrors,
}

/// What did not fit in one of the forms.
#[derive(Default)]
struct FormErrors {
    general: Option<String>,
    own: Option<String>,
    code: Option<String>,
}

/// Which of the two forms was sent.
#[derive(Clone, Copy)]
enum Sent {
    Passphrase,
    Recovery,
}

/// `GET /account`
pub async fn form(visit: Visit) -> HttpResponse {
    show(&visit, StatusCode::OK, Errors::default()).await
}

/// `POST /account/passphrase`
pub async fn passphrase(visit: Visit) -> HttpResponse {
    let fields = &visit.fields;
    let code = western_digits(fields.get("code"));
    let accounts = &visit.place().state.services.accounts;
    let outcome = accounts
        .change_passphrase(
            &visit.caller,
            fields.secret("old"),
            chosen_passphrase(fields),
            &code,
        )
        .await;
    match outcome {
        Ok(()) => see_other("/login?done=passphrase"),
        Err(error) => refused(&visit, Sent::Passphrase, error).await,
    }
}

/// `POST /account/recovery`: a new code is shown first, and counts once its end is typed back.
pub async fn recovery(visit: Visit) -> HttpResponse {
    let fields = &visit.fields;
    let accounts = &visit.place().state.services.accounts;
    let (kept, typed) = (fields.get("kept"), fields.secret("recovery"));
    let outcome = if kept.is_empty() {
        let passphrase = fields.secret("passphrase");
        let code = fields.get("code");
        let offered = accounts.offer_recovery_code(&visit.caller, passphrase, code);
        offered.await.map(Some)
    } else {
        accounts
            .set_recovery_code(&visit.caller, kept, &typed)
            .await
    };
    match outcome {
        Ok(Some(code)) => new_code(&visit, &code, !kept.is_empty()),
        Ok(None) => see_other("/account?done=recovery-code"),
        Err(error) => refused(&visit, Sent::Recovery, error).await,
    }
}

fn new_code(visit: &Visit, code: &NewCode, is_wrong: bool) -> HttpResponse {
    let c = Chrome {
        switch: false,
        ..visit.chrome()
    };
    let status = if is_wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = NewRecovery {
        csrf: &visit.caller.csrf,
        handle: &visit.caller.handle,
        code: code.printed.expose_secret(),
        kept: &code.kept,
        typed: visit.fields.get("recovery"),
        problem: is_wrong.then(|| c.t.text("authenticator-recovery-wrong")),
        c,
    };
    page::html(status, &page)
}

/// The page with what is to be said of a key that was not renewed.
pub(super) async fn renewal_refused(
    visit: &Visit,
    status: StatusCode,
    id: &'static str,
) -> HttpResponse {
    let renewal = FormErrors {
        general: Some(visit.translator().text(id)),
        ..FormErrors::default()
    };
    let errors = Errors {
        renewal,
        ..Errors::default()
    };
    show(visit, status, errors).await
}

async fn refused(visit: &Visit, sent: Sent, error: EnrolError) -> HttpResponse {
    let say = |id: &str| Some(visit.translator().text(id));
    let (status, errors) = match error {
        // One answer for a wrong passphrase and a wrong code, as at signing in.
        EnrolError::Unknown | EnrolError::WrongCode => (
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
        EnrolError::Unavailable => return problem::unavailable(visit.place(), None),
    };
    let errors = match sent {
        Sent::Passphrase => Errors {
            passphrase: errors,
            ..Errors::default()
        },
        Sent::Recovery => Errors {
            recovery: errors,
            ..Errors::default()
        },
    };
    show(visit, status, errors).await
}

async fn show(visit: &Visit, status: StatusCode, errors: Errors) -> HttpResponse {
    let own_key = match visit
        .place()
        .state
        .services
        .accounts
        .own_key(&visit.caller)
        .await
    {
        Ok(own_key) => own_key,
        Err(_) => return problem::unavailable(visit.place(), None),
    };
    let today = visit.place().state.desk.clock.today();
    let c = visit.chrome();
    let services = &visit.place().state.services;
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
        passphrase: errors.passphrase,
        recovery: errors.recovery,
        own_key: own_key.map(|key| renewal::own(&c, &key, today)),
        renewal: errors.renewal,
        c,
    };
    page::html(status, &account)
}
