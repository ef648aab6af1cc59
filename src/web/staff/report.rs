//! One report: taking it, reading it, and every act on it. Whatever goes wrong, what was typed comes back with the page.

pub mod access;
pub mod decide;
mod decisions;
mod draft;
mod refused;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(super) use decisions::kind_name;
use draft::{Draft, Sent};

use super::problem::{self, see_other};
use super::visit::Visit;
use super::words;
use crate::domain::ids::ReportId;
use crate::domain::inert;
use crate::domain::state::Act;
use crate::domain::urgency::Urgency;
use crate::service::triage::TriageError;

/// `GET /reports/{id}`
pub async fn show(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    render(&visit, report, Draft::default(), StatusCode::OK).await
}

/// `POST /reports/{id}/claim`. Words that were left without a claim come along and are put back into their form.
pub async fn claim(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let draft = Draft::left_over(&visit.fields);
    match visit
        .place()
        .state
        .services
        .triage
        .claim(&visit.caller, report)
        .await
    {
        Ok(()) if draft.is_empty() => see_other(&format!("/reports/{report}?done=claimed")),
        Ok(()) => render(&visit, report, draft, StatusCode::OK).await,
        Err(error) => refused::answer(&visit, report, draft, error).await,
    }
}

/// `POST /reports/{id}/release`
pub async fn release(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    match visit
        .place()
        .state
        .services
        .triage
        .release(&visit.caller, report)
        .await
    {
        Ok(()) => see_other("/queue?done=released"),
        // It has gone back already: what was asked for is the case.
        Err(TriageError::NotClaimed) => see_other("/queue"),
        Err(error) => refused::answer(&visit, report, Draft::default(), error).await,
    }
}

/// `POST /reports/{id}/note`
pub async fn note(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let mut draft = Draft::of(Sent::Note, &visit.fields);
    if draft.text_is_missing() {
        return incomplete(&visit, report, draft).await;
    }
    let outcome = visit
        .place()
        .state
        .services
        .triage
        .note(&visit.caller, report, &draft.text)
        .await;
    finish(&visit, report, draft, outcome, "note").await
}

/// `POST /reports/{id}/message`
pub async fn message(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let mut draft = Draft::of(Sent::Message, &visit.fields);
    if draft.text_is_missing() {
        return incomplete(&visit, report, draft).await;
    }
    let outcome = visit
        .place()
        .state
        .services
        .triage
        .message(&visit.caller, report, &draft.text)
        .await;
    finish(&visit, report, draft, outcome, "message").await
}

/// `POST /reports/{id}/urgency`
pub async fn urgency(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let mut draft = Draft::of(Sent::Urgency, &visit.fields);
    let version = version(&visit);
    let chosen: Option<Urgency> = draft.choose_urgency();
    let reasoned = draft.has_reason();
    let (Some(urgency), true) = (chosen, reasoned) else {
        return incomplete(&visit, report, draft).await;
    };
    let triage = &visit.place().state.services.triage;
    let outcome = triage
        .set_urgency(&visit.caller, report, version, urgency, &draft.text)
        .await;
    finish(&visit, report, draft, outcome, "urgency").await
}

/// `POST /reports/{id}/act`
pub async fn act(visit: Visit) -> HttpResponse {
    let Some(report) = visit.part("id") else {
        return problem::not_found();
    };
    let asks = words::act_of(visit.fields.get("act")) == Some(Act::AskReporter);
    // A question is written where messages are, and sent with another button.
    let mut draft = Draft::of(if asks { Sent::Message } else { Sent::Act }, &visit.fields);
    let version = version(&visit);
    let chosen: Option<Act> = draft.choose_act();
    if chosen == Some(Act::Lock) && inert::is_blank(&draft.text) {
        // Locking must not wait for words (`domain.md` 2.9): somebody has just seen something.
        draft.text = words::act(visit.translator(), Act::Lock);
    }
    let reasoned = if asks {
        !draft.text_is_missing()
    } else {
        draft.has_reason()
    };
    let linked = draft.linked_report();
    let (Some(act), true, false) = (chosen, reasoned, draft.is_wrong()) else {
        return incomplete(&visit, report, draft).await;
    };
    let triage = &visit.place().state.services.triage;
    match triage
        .act(&visit.caller, report, version, act, &draft.text, linked)
        .await
    {
        Err(TriageError::NotFound) if act == Act::Link => {
            draft.linked_is_wrong();
            render(&visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        // A locked report is out of the caller's sight from now on.
        Ok(()) if act == Act::Lock => see_other("/queue?done=act"),
        outcome => finish(&visit, report, draft, outcome, "act").await,
    }
}

/// The number of the state that the caller saw.
fn version(visit: &Visit) -> i64 {
    visit.fields.get("version").parse().unwrap_or(-1)
}

async fn incomplete(visit: &Visit, report: ReportId, draft: Draft) -> HttpResponse {
    render(visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn finish(
    visit: &Visit,
    report: ReportId,
    draft: Draft,
    outcome: Result<(), TriageError>,
    done: &'static str,
) -> HttpResponse {
    debug_assert!(words::done(done).is_some(), "a redirect that says nothing");
    match outcome {
        Ok(()) => see_other(&format!("/reports/{report}?done={done}")),
        Err(error) => refused::answer(visit, report, draft, error).await,
    }
}

/// The report's page with what was typed, or the page for why it cannot be read.
async fn render(visit: &Visit, report: ReportId, draft: Draft, status: StatusCode) -> HttpResponse {
    match visit
        .place()
        .state
        .services
        .triage
        .read(&visit.caller, report)
        .await
    {
        Ok(read) => view::page(visit, &read, &draft, status),
        Err(error) => refused::unread(visit, report, &draft, error),
    }
}
