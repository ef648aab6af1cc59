//! Acts that need two people, the retention class, and a legal hold: what people send.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;

use super::outcome::{finish, gone, refused, render};
use super::work::{DecisionForm, HOLD, RETAIN, sent};
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::service::triage::{Ask, Closing, Ending};
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;
use crate::web::staff::request::StaffRequest;
use crate::web::staff::typed::Choice;

/// A field of a part, and what it lacks.
type Lacking = (&'static str, &'static str);

/// `POST /reports/{id}/propose`
pub async fn propose(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let Some(kind) = work.kind.made() else {
        return choose(&visit, report).await;
    };
    let form: DecisionForm<'_> = visit.part_of_form(kind.as_str())?;
    let ask = match asked(kind, &form) {
        Ok(ask) => ask,
        Err(lacking) => return lacks(&visit, report, kind.as_str(), lacking).await,
    };
    let triage = &visit.services().triage;
    let outcome = triage.propose(&visit.caller, report, work.version(), ask, form.reason);
    let part = kind.as_str();
    finish(&visit, report, part, outcome.await, Done::Proposed).await
}

/// `POST /reports/{id}/approve`
pub async fn approve(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let Some(proposal) = work.proposal.made() else {
        return choose(&visit, report).await;
    };
    let part = proposal.to_string();
    let (version, code) = (work.version(), visit.code_of(&part));
    let triage = &visit.services().triage;
    let outcome = triage.approve(&visit.caller, report, version, proposal, code);
    match outcome.await {
        Ok(ProposalKind::Shred) => gone(&visit, &part, Done::Shredded),
        outcome => finish(&visit, report, &part, outcome.map(drop), Done::Agreed).await,
    }
}

/// `POST /reports/{id}/refuse`
pub async fn refuse(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let Some(proposal) = work.proposal.made() else {
        return choose(&visit, report).await;
    };
    let triage = &visit.services().triage;
    let outcome = triage.refuse(&visit.caller, report, proposal).await;
    let part = proposal.to_string();
    finish(&visit, report, &part, outcome, Done::Refused).await
}

/// `POST /reports/{id}/export`. The answer is a file, not a page; it is named alike for every report.
pub async fn export(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let Some(export) = work.export.made() else {
        return choose(&visit, report).await;
    };
    let part = export.to_string();
    let triage = &visit.services().triage;
    let file = triage.fetch_export(&visit.caller, report, export, visit.code_of(&part));
    match file.await {
        Ok(file) => Ok(HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"kapea-export.age\"",
            ))
            .body(file)),
        Err(error) => refused(&visit, report, &part, error).await,
    }
}

/// `POST /reports/{id}/retain`
pub async fn retain(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let form: DecisionForm<'_> = visit.part_of_form(RETAIN)?;
    let (class, until) = match kept(&form) {
        Ok(kept) => kept,
        Err(lacking) => return lacks(&visit, report, RETAIN, lacking).await,
    };
    let (seen, reason) = (work.version(), form.reason);
    let triage = &visit.services().triage;
    let outcome = triage.retain(&visit.caller, report, seen, class, until, reason);
    finish(&visit, report, RETAIN, outcome.await, Done::Retained).await
}

/// `POST /reports/{id}/hold`
pub async fn hold(visit: StaffRequest) -> Answer {
    let (report, work) = sent(&visit)?;
    let triage = &visit.services().triage;
    let outcome = triage.hold(&visit.caller, report, work.version(), work.hold_reason);
    finish(&visit, report, HOLD, outcome.await, Done::Held).await
}

/// What is proposed.
fn asked(kind: ProposalKind, form: &DecisionForm<'_>) -> Result<Ask, Lacking> {
    Ok(match kind {
        ProposalKind::LowerUrgency => {
            let urgency = form.urgency.made();
            Ask::LowerUrgency(urgency.ok_or(("urgency", "staff-choice-missing"))?)
        }
        ProposalKind::NoAction | ProposalKind::Close => {
            let outcome = form.outcome.made();
            let (class, until) = kept(form)?;
            Ask::Close(Closing {
                was_acted_upon: kind == ProposalKind::Close,
                ending: Ending {
                    outcome: outcome.ok_or(("outcome", "staff-choice-missing"))?,
                    safety: form.safety.to_owned(),
                    untold: form.untold.to_owned(),
                },
                class,
                until,
                message: form.message.to_owned(),
            })
        }
        ProposalKind::Refer => Ask::Refer {
            to: form.to.to_owned(),
            hours: hours(form)?,
        },
        ProposalKind::Promote => Ask::Promote {
            people: form.people.iter().filter_map(|one| one.made()).collect(),
            hours: hours(form)?,
        },
        ProposalKind::Export => Ask::Export(form.recipient.trim().to_owned()),
        ProposalKind::Shred => Ask::Shred,
        ProposalKind::LiftHold => Ask::LiftHold,
    })
}

/// After how many hours somebody looks again.
fn hours(form: &DecisionForm<'_>) -> Result<u32, Lacking> {
    let hours = form.hours.made();
    hours.ok_or(("hours", "staff-choice-missing"))
}

/// The class, and the day of one that takes a day, if one was given.
fn kept(form: &DecisionForm<'_>) -> Result<(RetentionClass, Option<Day>), Lacking> {
    let class = form.class.made();
    let class = class.ok_or(("class", "staff-choice-missing"))?;
    match form.until {
        Choice::Unknown if class.takes_a_day() => Err(("until", "decisions-day-wrong")),
        until => Ok((class, until.made().filter(|_| class.takes_a_day()))),
    }
}

async fn choose(visit: &StaffRequest, report: ReportId) -> Answer {
    let state = visit.state();
    let state = state.problem(StatusCode::UNPROCESSABLE_ENTITY, "staff-choice-missing");
    render(visit, report, "", state).await
}

async fn lacks(visit: &StaffRequest, report: ReportId, part: &str, lacking: Lacking) -> Answer {
    let (field, id) = lacking;
    let state = visit.state().wrong(format!("{part}-{field}"), id);
    render(visit, report, part, state).await
}
