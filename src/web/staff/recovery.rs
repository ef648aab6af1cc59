//! The recovery key: registered and signed by custodians; administrators see how it stands.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::request::StaffRequest;
use crate::domain::ids::KeyId;
use crate::domain::keys::KeyState;
use crate::domain::receipt::western_digits;
use crate::domain::staff::Role;
use crate::service::error::Error;
use crate::service::recovery::{RecoveryKeyView, TeamStanding};
use crate::web::error::WebError;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/recovery_key.html", whitespace = "minimize")]
struct Recovery<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    is_broken: bool,
    keys: Vec<Key>,
    progress: String,
    teams: Vec<Team>,
    /// The form to register a key; custodians have it.
    register: Option<Register<'a>>,
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
    compared_error: Option<String>,
    code_error: Option<String>,
}

/// How far a team is.
struct Team {
    name: String,
    state: String,
    /// Who can act, if something waits.
    who: Option<String>,
}

struct Register<'a> {
    line: &'a str,
    line_error: Option<String>,
    code_error: Option<String>,
}

/// What did not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Line,
    Known,
    RegisterCode,
    NotCompared(KeyId),
    Changed(KeyId),
    SignCode(KeyId),
}

/// `GET /recovery`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, None).await
}

/// `POST /recovery/register`
pub async fn register(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let code = western_digits(fields.get("code"));
    let service = &visit.services().recovery;
    match service
        .register(&visit.caller, fields.get("line"), &code)
        .await
    {
        Ok(()) => Done::RecoveryRegistered.at("/recovery"),
        Err(Error::NotALine) => render(&visit, invalid, Some(Wrong::Line)).await,
        Err(Error::Known) => render(&visit, StatusCode::CONFLICT, Some(Wrong::Known)).await,
        Err(Error::WrongCode) => render(&visit, invalid, Some(Wrong::RegisterCode)).await,
        Err(Error::NotPinned) => render(&visit, StatusCode::CONFLICT, None).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /recovery/sign`
pub async fn sign(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(key) = fields.get("key").parse::<KeyId>() else {
        return Err(WebError::NotFound);
    };
    if !fields.ticked("compared") {
        return render(&visit, invalid, Some(Wrong::NotCompared(key))).await;
    }
    let code = western_digits(fields.get("code"));
    let service = &visit.services().recovery;
    match service
        .sign(&visit.caller, key, fields.get("fingerprint"), &code)
        .await
    {
        Ok(()) => Done::RecoverySigned.at("/recovery"),
        Err(Error::WrongCode) => render(&visit, invalid, Some(Wrong::SignCode(key))).await,
        Err(Error::Changed) => {
            render(&visit, StatusCode::CONFLICT, Some(Wrong::Changed(key))).await
        }
        Err(Error::NotPinned) => render(&visit, StatusCode::CONFLICT, None).await,
        Err(error) => Err(error.into()),
    }
}

async fn render(visit: &StaffRequest, status: StatusCode, wrong: Option<Wrong>) -> Answer {
    let services = &visit.services();
    let overview = services.recovery.overview(&visit.caller).await?;
    let is_custodian = visit.caller.role == Role::Custodian;
    let is_pinned = is_custodian && services.custody.is_pinned(&visit.caller);
    let c = visit.chrome();
    let say = |kind: Wrong, id: &str| (wrong == Some(kind)).then(|| c.t.text(id));
    let register = is_pinned.then(|| Register {
        line: visit.fields.get("line"),
        line_error: say(Wrong::Line, "recovery-line-wrong")
            .or_else(|| say(Wrong::Known, "recovery-line-known")),
        code_error: say(Wrong::RegisterCode, "staff-code-wrong"),
    });
    let has_key = overview
        .keys
        .iter()
        .any(|key| key.state == KeyState::Active && !key.is_broken);
    let keys = overview
        .keys
        .iter()
        .map(|key| Key {
            compared_error: say(Wrong::NotCompared(key.key), "staff-compare-missing")
                .or_else(|| say(Wrong::Changed(key.key), "staff-compare-changed")),
            code_error: say(Wrong::SignCode(key.key), "staff-code-wrong"),
            ..shown(&c, key, is_pinned)
        })
        .collect();
    let progress = progress(&c, &overview.teams);
    let page = Recovery {
        progress,
        csrf: &visit.caller.csrf,
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
        register,
        c,
    };
    html(status, &page)
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
        compared_error: None,
        code_error: None,
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
