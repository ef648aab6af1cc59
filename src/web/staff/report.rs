//! One report: taking it, reading it, and every act on it. Whatever goes wrong, what was typed comes back with the page.

pub mod access;
pub mod decide;
mod decisions;
mod facts;
mod outcome;
mod ready;
mod rest;
mod view;
mod work;

use outcome::{finish, gone, refused, render};
use work::{ACT, MESSAGE, NOTE, REST, URGENCY, WorkForm, sent};

use super::language;
use super::request::StaffRequest;
use crate::domain::ids::StaffId;
use crate::domain::inert::is_blank;
use crate::domain::state::Transition;
use crate::service::error::Error;
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;

/// `GET /reports/{id}`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.part("id")?, "", visit.state()).await
}

/// `POST /reports/{id}/keep`: the page as it is, with every word on it; perhaps in another language.
pub async fn keep(mut visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let asked = visit.form::<WorkForm<'_>>()?.lang.made();
    if let Some(locale) = asked {
        visit.speak(locale);
    }
    let chosen = visit.form::<WorkForm<'_>>()?.ready;
    let answers = &visit.place().state.settings.answers;
    let put = ready::put(answers, chosen, visit.sent_fields());
    let state = put
        .as_ref()
        .map_or(visit.state(), |put| visit.state_of(put));
    let mut response = render(&visit, report, "", state).await?;
    if let Some(locale) = asked {
        language::keep(&visit, locale, &mut response);
    }
    Ok(response)
}

/// `POST /reports/{id}/claim`. Words that were left without a claim come along and are put back into their form.
pub async fn claim(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let triage = &visit.services().triage;
    let outcome = triage.claim(&visit.caller, report).await;
    finish(&visit, report, "", outcome, Done::Claimed).await
}

/// `POST /reports/{id}/release`
pub async fn release(visit: StaffRequest) -> Answer {
    let report = visit.part("id")?;
    let triage = &visit.services().triage;
    match triage.release(&visit.caller, report).await {
        // It may have gone back already: what was asked for is the case.
        Ok(()) | Err(Error::NotClaimed) => gone(&visit, "", Done::Released),
        Err(error) => refused(&visit, report, "", error).await,
    }
}

/// `POST /reports/{id}/note`
pub async fn note(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let triage = &visit.services().triage;
    let outcome = triage.note(&visit.caller, report, form.note, visit.once());
    finish(&visit, report, NOTE, outcome.await, Done::Note).await
}

/// `POST /reports/{id}/message`
pub async fn message(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let triage = &visit.services().triage;
    let newest = form.read.made();
    let outcome = triage.message(&visit.caller, report, form.message, (newest, visit.once()));
    finish(&visit, report, MESSAGE, outcome.await, Done::Message).await
}

/// `POST /reports/{id}/ask`: a message that is a question, after which the report waits for its reporter.
pub async fn ask(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let (version, text) = (form.version(), form.message);
    let page = (form.read.made(), visit.once());
    let triage = &visit.services().triage;
    let outcome = triage.ask(&visit.caller, report, version, text, page);
    finish(&visit, report, MESSAGE, outcome.await, Done::Act).await
}

/// `POST /reports/{id}/urgency`
pub async fn urgency(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let (chosen, reason) = (form.urgency.made(), form.urgency_reason);
    let state = visit
        .state()
        .wrong_if(chosen.is_none(), URGENCY, "staff-choice-missing")
        .wrong_if(is_blank(reason), "urgency-reason", "staff-reason-missing");
    let (Some(urgency), false) = (chosen, state.is_refused()) else {
        return render(&visit, report, URGENCY, state).await;
    };
    let version = form.version();
    let triage = &visit.services().triage;
    let outcome = triage.set_urgency(&visit.caller, report, version, urgency, reason);
    finish(&visit, report, URGENCY, outcome.await, Done::Urgency).await
}

/// `POST /reports/{id}/rest`: somebody acts on it, and looks again.
pub async fn rest(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let people = form.rest_staff.iter().filter_map(|one| one.made());
    let people: Vec<StaffId> = people.collect();
    let hours = form.rest_hours.made();
    let state = visit
        .state()
        .wrong_if(people.is_empty(), "rest-staff", "staff-choice-missing")
        .wrong_if(hours.is_none(), "rest-hours", "staff-choice-missing");
    let (Some(hours), false) = (hours, state.is_refused()) else {
        return render(&visit, report, REST, state).await;
    };
    let (version, words) = (form.version(), form.rest_reason);
    let triage = &visit.services().triage;
    let outcome = triage.act_upon(&visit.caller, report, version, (&people, hours), words);
    finish(&visit, report, REST, outcome.await, Done::ActedUpon).await
}

/// `POST /reports/{id}/act`
pub async fn act(visit: StaffRequest) -> Answer {
    let (report, form) = sent(&visit)?;
    let chosen = form.act.made().filter(|act| act.can_be_chosen());
    // Locking must not wait for words: somebody has just seen something.
    let locking = chosen == Some(Transition::Lock) && is_blank(form.act_reason);
    let own = locking.then(|| visit.translator().word("staff-act", Transition::Lock));
    let reason = own.as_deref().unwrap_or(form.act_reason);
    // People paste the number of the other report with spaces around and in any case.
    let linking = chosen == Some(Transition::Link);
    let linked = form.linked.trim().to_ascii_lowercase().parse().ok();
    let linked = linked.filter(|_| linking);
    let state = visit
        .state()
        .wrong_if(chosen.is_none(), ACT, "staff-choice-missing")
        .wrong_if(is_blank(reason), "act-reason", "staff-reason-missing")
        .wrong_if(linking && linked.is_none(), "linked", "staff-linked-wrong");
    let (Some(act), false) = (chosen, state.is_refused()) else {
        return render(&visit, report, ACT, state).await;
    };
    let version = form.version();
    let triage = &visit.services().triage;
    let outcome = triage.act(&visit.caller, report, version, act, reason, linked);
    match outcome.await {
        Err(Error::NotFound) if act == Transition::Link => {
            let state = state.wrong("linked", "staff-linked-wrong");
            render(&visit, report, ACT, state).await
        }
        // A locked report is out of the caller's sight from now on.
        Ok(()) if act == Transition::Lock => gone(&visit, ACT, Done::Act),
        outcome => finish(&visit, report, ACT, outcome, Done::Act).await,
    }
}
