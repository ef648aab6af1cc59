//! What custodians sign: which team's key may receive a channel's reports.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::PageFrame;
use super::request::StaffRequest;
use crate::domain::receipt::western_digits;
use crate::service::error::Error;
use crate::web::staff::done::Done;
use crate::web::staff::frame::{Answer, html};

#[derive(Template)]
#[template(path = "staff/charters.html", whitespace = "minimize")]
struct Charters<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    verify_key: String,
    verify_fingerprint: String,
    pinned: bool,
    charters: Vec<Charter>,
}

/// One charter that waits or that this custodian has signed.
struct Charter {
    channel: String,
    team_name: String,
    fingerprint: Option<String>,
    signatures: String,
    signed_by_me: bool,
    /// That an earlier key's signature ends, and when.
    ends: Option<String>,
    compared_error: Option<String>,
    code_error: Option<String>,
}

/// What did not fit in one charter's form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    NotCompared,
    Code,
}

/// `GET /charters`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, None).await
}

/// `POST /charters/sign`
pub async fn sign(visit: StaffRequest) -> Answer {
    let fields = &visit.fields;
    let channel = fields.get("channel");
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    if !fields.ticked("compared") {
        return render(&visit, invalid, Some((channel, Wrong::NotCompared))).await;
    }
    let code = western_digits(fields.get("code"));
    match visit
        .services()
        .custody
        .sign(&visit.caller, channel, &code)
        .await
    {
        Ok(()) => Done::Signed.at("/charters"),
        Err(Error::NotPinned) => render(&visit, StatusCode::CONFLICT, None).await,
        Err(Error::WrongCode) => render(&visit, invalid, Some((channel, Wrong::Code))).await,
        Err(error) => Err(error.into()),
    }
}

async fn render(visit: &StaffRequest, status: StatusCode, wrong: Option<(&str, Wrong)>) -> Answer {
    let custody = &visit.services().custody;
    let pending = custody.pending(&visit.caller).await?;
    let c = visit.chrome();
    let error_of = |channel: &str, kind: Wrong, id: &str| {
        (wrong == Some((channel, kind))).then(|| c.t.text(id))
    };
    let charters = pending
        .into_iter()
        .map(|charter| Charter {
            compared_error: error_of(
                &charter.channel,
                Wrong::NotCompared,
                "staff-compare-missing",
            ),
            code_error: error_of(&charter.channel, Wrong::Code, "staff-code-wrong"),
            signatures: c.t.text_with(
                "staff-charters-signatures",
                &[
                    ("have", charter.signatures.into()),
                    ("need", charter.threshold.into()),
                ],
            ),
            signed_by_me: charter.signed_by_me,
            ends: charter
                .ends
                .map(|day| c.with("credentials-charter-ends", "day", &c.t.date(day))),
            channel: charter.channel,
            team_name: charter.team_name,
            fingerprint: charter.fingerprint,
        })
        .collect();
    let page = Charters {
        csrf: &visit.caller.csrf,
        verify_key: custody.my_verify_key(&visit.caller),
        verify_fingerprint: custody.my_verify_fingerprint(&visit.caller),
        pinned: custody.is_pinned(&visit.caller),
        charters,
        c,
    };
    html(status, &page)
}
