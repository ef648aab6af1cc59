//! The recovery key: registered and signed by custodians; administrators see how it stands.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::form::FormState;
use super::request::StaffRequest;
use super::typed::Code;
use crate::domain::ids::KeyId;
use crate::domain::keys::KeyState;
use crate::domain::staff::Role;
use crate::service::error::Error;
use crate::service::recovery::{RecoveryKeyView, RecoveryOverview, TeamStanding};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/recovery_key.html", whitespace = "minimize")]
struct Recovery<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    overview: RecoveryOverview,
    /// Whether there is a key in force.
    has_key: bool,
    /// How many teams want recovery, and how many of them have it.
    wanted: usize,
    covered: usize,
    is_custodian: bool,
    is_pinned: bool,
}

/// A new recovery key.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RegisterForm<'a> {
    line: &'a str,
    code: Code,
}

/// The key that a custodian signs.
#[derive(Deserialize)]
struct SignForm<'a> {
    key: KeyId,
    #[serde(default)]
    compared: bool,
    #[serde(default)]
    fingerprint: &'a str,
    #[serde(default)]
    code: Code,
}

/// `GET /recovery`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// `POST /recovery/register`
pub async fn register(visit: StaffRequest) -> Answer {
    let form: RegisterForm<'_> = visit.form()?;
    let state = visit.state();
    let service = &visit.services().recovery;
    let outcome = service.register(&visit.caller, form.line, &form.code);
    let state = match outcome.await {
        Ok(()) => return Done::RecoveryRegistered.at("/recovery"),
        Err(Error::NotALine) => state.wrong("line", "recovery-line-wrong"),
        Err(Error::Known) => state.refused(StatusCode::CONFLICT, "line", "recovery-line-known"),
        Err(Error::WrongCode) => state.wrong("register-code", "staff-code-wrong"),
        Err(Error::NotPinned) => state.with(StatusCode::CONFLICT),
        Err(error) => return Err(error.into()),
    };
    render(&visit, state).await
}

/// `POST /recovery/sign`
pub async fn sign(visit: StaffRequest) -> Answer {
    let form: SignForm<'_> = visit.form()?;
    let state = visit.state();
    let compared = format!("{}-compared", form.key);
    if !form.compared {
        return render(&visit, state.wrong(compared, "staff-compare-missing")).await;
    }
    let service = &visit.services().recovery;
    let outcome = service.sign(&visit.caller, form.key, form.fingerprint, &form.code);
    let state = match outcome.await {
        Ok(()) => return Done::RecoverySigned.at("/recovery"),
        Err(Error::WrongCode) => state.wrong(form.key.to_string(), "staff-code-wrong"),
        Err(Error::Changed) => {
            state.refused(StatusCode::CONFLICT, compared, "staff-compare-changed")
        }
        Err(Error::NotPinned) => state.with(StatusCode::CONFLICT),
        Err(error) => return Err(error.into()),
    };
    render(&visit, state).await
}

async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let services = &visit.services();
    let overview = services.recovery.overview(&visit.caller).await?;
    let is_custodian = visit.caller.role == Role::Custodian;
    let mut keys = overview.keys.iter();
    let wanted = overview.teams.iter().filter(|team| team.wanted);
    let page = Recovery {
        has_key: keys.any(|key| key.state == KeyState::Active && !key.is_broken),
        wanted: wanted.clone().count(),
        covered: wanted.filter(|team| team.covered).count(),
        overview,
        is_custodian,
        is_pinned: is_custodian && services.custody.is_pinned(&visit.caller),
        form,
        c: visit.chrome(),
    };
    html(page.form.status(), &page)
}

fn key_state(key: &RecoveryKeyView) -> &'static str {
    match key.state {
        KeyState::Pending => "recovery-state-pending",
        KeyState::Active => "recovery-state-active",
        KeyState::Retiring => "recovery-state-retiring",
        KeyState::Retired | KeyState::Destroyed => "recovery-state-destroyed",
    }
}

/// Whether a custodian's word would still count for it.
fn is_open(key: &RecoveryKeyView) -> bool {
    matches!(key.state, KeyState::Pending | KeyState::Active) && key.fingerprint.is_some()
}

/// How far a team is, in words.
pub(super) fn team_state(team: &TeamStanding, has_key: &bool) -> &'static str {
    match (team.wanted, team.covered) {
        (false, _) => "recovery-team-off",
        (true, true) => "recovery-team-covered",
        (true, false) if *has_key => "recovery-team-waits",
        (true, false) => "recovery-team-no-key",
    }
}
