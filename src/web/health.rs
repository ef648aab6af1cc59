//! Whether the process lives and can take a report. One word, nothing else.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::state::State;

/// The process answers.
pub async fn alive() -> HttpResponse {
    word(StatusCode::OK, "ok")
}

/// A report could be sealed and written now.
pub async fn ready(state: web::Data<State>) -> HttpResponse {
    if state.services.intake.ready().await {
        word(StatusCode::OK, "ok")
    } else {
        word(StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

fn word(status: StatusCode, word: &'static str) -> HttpResponse {
    let mut response = HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(word);
    super::page::mark_final(&mut response);
    response
}
