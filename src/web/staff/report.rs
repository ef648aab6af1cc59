//! One report: taking it, reading it, and every act on it. Whatever goes wrong, what was typed comes back with the page.

pub mod access;
pub mod decide;
mod decisions;
mod draft;
mod outcome;
mod view;

use actix_web::http::StatusCode;

use draft::{ReportDraft, Sent};
use outcome::{finish, gone, incomplete, render, version};

use super::request::StaffRequest;
use super::{language, words};
use crate::domain::inert;
use crate::domain::state::Transition;
use crate::domain::urgency::Urgency;
use crate::service::error::Error;
use crate::web::staff::done::Done;
use crate::web::staff::frame::Answer;

/// `GET /reports/{id}`
pub async fn show(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    render(&visit, report, ReportDraft::default(), StatusCode::OK).await
}

/// `POST /reports/{id}/keep`: the page as it is, with every word on it; perhaps in another language.
pub async fn keep(mut visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let asked = visit.fields.get("lang").parse().ok();
    if let Some(locale) = asked {
        visit.speak(locale);
    }
    let draft = ReportDraft::beside(&visit.fields);
    let mut response = render(&visit, report, draft, StatusCode::OK).await?;
    if let Some(locale) = asked {
        language::keep(&visit, locale, &mut response);
    }
    Ok(response)
}

/// `POST /reports/{id}/claim`. Words that were left without a claim come along and are put back into their form.
pub async fn claim(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let draft = ReportDraft::left_over(&visit.fields);
    let triage = &visit.services().triage;
    match triage.claim(&visit.caller, report).await {
        Ok(()) if draft.is_empty() => Done::Claimed.at(&format!("/reports/{report}")),
        Ok(()) => render(&visit.said(Done::Claimed), report, draft, StatusCode::OK).await,
        Err(error) => outcome::answer(&visit, report, draft, error).await,
    }
}

/// `POST /reports/{id}/release`
pub async fn release(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let draft = ReportDraft::beside(&visit.fields);
    let triage = &visit.services().triage;
    match triage.release(&visit.caller, report).await {
        // It may have gone back already: what was asked for is the case.
        Ok(()) | Err(Error::NotClaimed) => gone(visit, &draft, Done::Released),
        Err(error) => outcome::answer(&visit, report, draft, error).await,
    }
}

/// `POST /reports/{id}/note`
pub async fn note(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut draft = ReportDraft::of(Sent::Note, &visit.fields);
    if draft.text_is_missing() {
        return incomplete(&visit, report, draft).await;
    }
    let outcome = visit
        .services()
        .triage
        .note(&visit.caller, report, &draft.text, visit.once())
        .await;
    finish(visit, report, draft, outcome, Done::Note).await
}

/// `POST /reports/{id}/message`
pub async fn message(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut draft = ReportDraft::of(Sent::Message, &visit.fields);
    if draft.text_is_missing() {
        return incomplete(&visit, report, draft).await;
    }
    let outcome = visit
        .services()
        .triage
        .message(&visit.caller, report, &draft.text, visit.once())
        .await;
    finish(visit, report, draft, outcome, Done::Message).await
}

/// `POST /reports/{id}/urgency`
pub async fn urgency(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut draft = ReportDraft::of(Sent::Urgency, &visit.fields);
    let version = version(&visit);
    let chosen: Option<Urgency> = draft.choose_urgency();
    let reasoned = draft.has_reason();
    let (Some(urgency), true) = (chosen, reasoned) else {
        return incomplete(&visit, report, draft).await;
    };
    let triage = &visit.services().triage;
    let outcome = triage
        .set_urgency(&visit.caller, report, version, urgency, &draft.text)
        .await;
    finish(visit, report, draft, outcome, Done::Urgency).await
}

/// `POST /reports/{id}/ask`: a message that is a question, after which the report waits for its reporter.
pub async fn ask(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut draft = ReportDraft::of(Sent::Message, &visit.fields);
    if draft.text_is_missing() {
        return incomplete(&visit, report, draft).await;
    }
    let triage = &visit.services().triage;
    let outcome = triage
        .ask(
            &visit.caller,
            report,
            version(&visit),
            &draft.text,
            visit.once(),
        )
        .await;
    finish(visit, report, draft, outcome, Done::Act).await
}

/// `POST /reports/{id}/act`
pub async fn act(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let mut draft = ReportDraft::of(Sent::Act, &visit.fields);
    let version = version(&visit);
    let chosen: Option<Transition> = draft.choose_act();
    if chosen == Some(Transition::Lock) && inert::is_blank(&draft.text) {
        // Locking must not wait for words: somebody has just seen something.
        draft.text = words::act(visit.translator(), Transition::Lock);
    }
    let reasoned = draft.has_reason();
    let linked = draft.linked_report();
    let (Some(act), true, false) = (chosen, reasoned, draft.is_wrong()) else {
        return incomplete(&visit, report, draft).await;
    };
    let triage = &visit.services().triage;
    match triage
        .act(&visit.caller, report, version, act, &draft.text, linked)
        .await
    {
        Err(Error::NotFound) if act == Transition::Link => {
            draft.linked_is_wrong();
            render(&visit, report, draft, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        // A locked report is out of the caller's sight from now on.
        Ok(()) if act == Transition::Lock => {
            draft.done("act");
            gone(visit, &draft, Done::Act)
        }
        outcome => finish(visit, report, draft, outcome, Done::Act).await,
    }
}
