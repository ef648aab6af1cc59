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
use crate::service::recovery::{RecoveryKeyView, TeamStanding};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};
use crate::web::staff::done::Done;

#[derive(Template)]
#[template(path = "staff/recovery_key.html", whitespace = "minimize")]
struct Recovery<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    is_broken: bool,
    keys: Vec<Key>,
    progress: String,
    teams: Vec<Team>,
    /// Whether there is a form to register a key.
    can_register: bool,
    not_pinned: bool,
}

/// A recovery key in words.
struct Key {
    key: String,
    number: String,
    state: String,
    since: String,
    due: String,
    fingerprint: String,
    signatures: String,
    is_broken: bool,
    signed_by_me: bool,
    can_sign: bool,
}

/// How far a team is.
struct Team {
    name: String,
    state: String,
    /// Who can act, if something waits.
    who: Option<String>,
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
    let is_pinned = is_custodian && services.custody.is_pinned(&visit.caller);
    let c = visit.chrome();
    let has_key = overview
        .keys
        .iter()
        .any(|key| key.state == KeyState::Active && !key.is_broken);
    let keys = overview.keys.iter();
    let keys = keys.map(|key| shown(&c, key, is_pinned)).collect();
    let progress = progress(&c, &overview.teams);
    let page = Recovery {
        progress,
        is_broken: overview.is_broken,
        keys,
        teams: overview
            .teams
            .into_iter()
            .map(|team| Team {
                state: team_state(&c, &team, has_key),
                who: who(&c, &team, has_key),
                name: team.name,
            })
            .collect(),
        not_pinned: is_custodian && !is_pinned,
        can_register: is_pinned,
        form,
        c,
    };
    html(page.form.status(), &page)
}

/// How many of the teams that want it can be recovered.
fn progress(c: &PageFrame<'_>, teams: &[TeamStanding]) -> String {
    let count = |teams: usize| c.t.number(i64::try_from(teams).unwrap_or(i64::MAX));
    let wanted = teams.iter().filter(|team| team.wanted).count();
    let covered = teams.iter().filter(|t| t.wanted && t.covered).count();
    c.t.text_with(
        "recovery-progress",
        &[
            ("covered", count(covered).as_str().into()),
            ("wanted", count(wanted).as_str().into()),
        ],
    )
}

fn who(c: &PageFrame<'_>, team: &TeamStanding, has_key: bool) -> Option<String> {
    if !has_key || !team.wanted || team.covered {
        return None;
    }
    Some(if team.holders.is_empty() {
        c.t.text("recovery-who-nobody")
    } else {
        c.with("recovery-who", "handles", &team.holders.join(", "))
    })
}

fn shown(c: &PageFrame<'_>, key: &RecoveryKeyView, is_pinned: bool) -> Key {
    let state = c.t.text(match key.state {
        KeyState::Pending => "recovery-state-pending",
        KeyState::Active => "recovery-state-active",
        KeyState::Retiring => "recovery-state-retiring",
        KeyState::Retired | KeyState::Destroyed => "recovery-state-destroyed",
    });
    let open = matches!(key.state, KeyState::Pending | KeyState::Active);
    Key {
        key: key.key.to_string(),
        number: c
            .t
            .text_with("recovery-number", &[("number", key.number.into())]),
        state,
        since: c.t.date(key.since),
        due: c.t.date(key.due),
        fingerprint: key.fingerprint.clone().unwrap_or_default(),
        signatures: c.t.text_with(
            "staff-charters-signatures",
            &[
                ("have", key.signatures.into()),
                ("need", key.threshold.into()),
            ],
        ),
        is_broken: key.is_broken,
        signed_by_me: key.signed_by_me,
        can_sign: is_pinned && open && !key.signed_by_me && key.fingerprint.is_some(),
    }
}

/// How far a team is, in words.
pub(super) fn team_state(c: &PageFrame<'_>, team: &TeamStanding, has_key: bool) -> String {
    c.t.text(match (team.wanted, team.covered) {
        (false, _) => "recovery-team-off",
        (true, true) => "recovery-team-covered",
        (true, false) if has_key => "recovery-team-waits",
        (true, false) => "recovery-team-no-key",
    })
}
