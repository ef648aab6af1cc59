//! Whether the process lives and can take a report. A word or two, nothing else.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::state::State;
use crate::domain::swap::Swap;
use crate::service::Company;
use crate::service::intake::FormStatus;

/// The process answers.
pub async fn alive() -> HttpResponse {
    word(StatusCode::OK, "ok")
}

/// What is answered while no report would be taken although all else works.
pub const CLOSED: &str = "the form is closed";

/// What is answered where all works and what is typed can be written to swap.
pub const SWAPS: &str = "ok, but what is typed can reach swap";

/// What is answered where reports are taken with credentials that are not the newest.
pub const OLD_CREDENTIALS: &str = "ok, but the credentials are an old copy";

/// What is answered where reports are taken and nobody has sent notices for minutes.
pub const NOBODY_TELLS: &str = "ok, but nobody sends notices";

/// What is answered where reports are taken and something that is to be done beside them fails again and again.
pub const STUCK: &str = "ok, but work in the background fails";

/// What is answered where all works and nobody believes the machine's clock.
pub const CLOCK: &str = "ok, but the clock is not confirmed";

/// A report could be sealed and written now, to a team that custodians vouch for.
pub async fn ready(state: web::Data<State>) -> HttpResponse {
    let intake = &state.services.intake;
    if !state.services.readiness.is_ready().await {
        return word(StatusCode::SERVICE_UNAVAILABLE, "not ready");
    }
    if state.settings.intake && intake.form_status().await == FormStatus::Closed {
        return word(StatusCode::SERVICE_UNAVAILABLE, CLOSED);
    }
    let said = match (intake.company().await, intake.swap()) {
        (Company::OldCredentials, _) => OLD_CREDENTIALS,
        (Company::NobodyTells, _) => NOBODY_TELLS,
        (Company::Stuck, _) => STUCK,
        (Company::Well, _) if !intake.is_time_confirmed() => CLOCK,
        (Company::Well, Some(Swap::Possible)) => SWAPS,
        (Company::Well, _) => "ok",
    };
    word(StatusCode::OK, said)
}

fn word(status: StatusCode, word: &'static str) -> HttpResponse {
    let mut response = HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(word);
    super::marks::mark_final(&mut response);
    response
}
