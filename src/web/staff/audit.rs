//! The record of acts, newest first: what was done on which day, and for auditors by whom and to which report.

mod details;

use askama::Template;
use serde::Deserialize;

use super::form::SelectOption;
use super::queue::unseen;
use super::request::StaffRequest;
use super::typed::Choice;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::ReportId;
use crate::domain::staff::Role;
use crate::locale::Translator;
use crate::service::audit_log::{AuditBody, TICK};
use crate::service::auditing::{AuditFilter, AuditLine, AuditPage, BodyState};
use crate::service::trail::{Finding, Reconciled};
use crate::service::triage::Reach;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/audit.html", whitespace = "minimize")]
struct Audit<'a> {
    c: PageFrame<'a>,
    found: &'a AuditPage,
    /// What the caller's keys do not open.
    unseen: Option<String>,
    /// The query of the next page.
    older: Option<String>,
    newest: bool,
    /// Whether who did it and to which report is shown, and can be looked for.
    is_auditor: bool,
    events: Vec<SelectOption>,
    who: &'a str,
    report: &'a str,
    /// What a look through the whole log came to.
    outcome: Option<Outcome>,
}

/// What a look through the whole log came to, in words.
struct Outcome {
    is_sound: bool,
    text: String,
}

impl Audit<'_> {
    /// What was done, in words.
    fn told(&self, line: &AuditLine) -> String {
        let t = self.c.t;
        match (&line.told, line.class.as_str()) {
            (Some(told), _) => t.word("audit-event", told.event.name()),
            (None, TICK) => t.word("audit-event", TICK),
            (None, _) => t.text("audit-act"),
        }
    }

    /// Who did it; nothing where nobody did.
    fn who(&self, told: &AuditBody) -> String {
        let by = told
            .by
            .map(|by| details::person(self.c.t, &self.found.names, by));
        by.unwrap_or_default()
    }

    /// What else is told of it: a label and what it says.
    fn details(&self, told: &AuditBody) -> Vec<(String, String)> {
        details::shown(self.c.t, &self.found.names, &told.event)
    }
}

/// What is looked for, and before which entry.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AuditQuery<'a> {
    before: Choice<i64>,
    event: &'a str,
    who: &'a str,
    report: &'a str,
}

/// `GET /audit`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, None).await
}

/// `POST /audit/check`
pub async fn check(visit: StaffRequest) -> Answer {
    let auditing = &visit.services().auditing;
    let t = visit.translator();
    let outcome = match auditing.check(&visit.caller).await? {
        Ok((sound, reconciled)) => {
            let count = t.number(sound.size);
            let lines = missing(t, &reconciled);
            Outcome {
                is_sound: lines.is_empty(),
                text: match lines.is_empty() {
                    true => t.text_with("audit-sound", &[("count", &count)]),
                    false => lines,
                },
            }
        }
        Err(finding) => Outcome {
            is_sound: false,
            text: found(t, finding),
        },
    };
    render(&visit, Some(outcome)).await
}

/// Which reports came and are not there, and which are there and never came; nothing if there are none.
fn missing(t: &Translator, reconciled: &Reconciled) -> String {
    let line = |id: &str, reports: &[ReportId]| {
        let listed: Vec<String> = reports.iter().map(ToString::to_string).collect();
        let listed = listed.join(", ");
        (!listed.is_empty()).then(|| t.text_with(id, &[("reports", &listed)]))
    };
    let lines = [
        line("audit-vanished", &reconciled.vanished),
        line("audit-strange", &reconciled.strange),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What is wrong, and with which entry.
fn found(t: &Translator, finding: Finding) -> String {
    let id = match finding {
        Finding::Missing(_) => "audit-found-missing",
        Finding::Changed(_) => "audit-found-changed",
        Finding::Body(_) => "audit-found-body",
        Finding::Forged(_) => "audit-found-forged",
        Finding::Reloadable(_) => "audit-found-head",
        Finding::Forked(_) => "audit-found-forked",
        Finding::Truncated { .. } => "audit-found-truncated",
        Finding::TwoSuccessors => "audit-found-successors",
    };
    let entry = t.number(finding.entry());
    t.text_with(id, &[("entry", &entry)])
}

async fn render(visit: &StaffRequest, outcome: Option<Outcome>) -> Answer {
    let query: AuditQuery<'_> = visit.query()?;
    let before = query.before.made();
    let auditing = &visit.services().auditing;
    let found = auditing.page(&visit.caller, before, filter(&query)).await?;
    let reach = match visit.caller.role {
        Role::Auditor => visit.services().triage.reach(&visit.caller).await,
        _ => Ok(Reach::Whole),
    };
    let reach = reach?;
    let c = visit.chrome();
    ok(&Audit {
        unseen: unseen(c.t, &reach),
        found: &found,
        older: found.older.map(|before| next(&query, before)),
        newest: before.is_none(),
        is_auditor: visit.caller.role == Role::Auditor,
        events: events(c.t, query.event),
        who: query.who,
        report: query.report,
        outcome,
        c,
    })
}

/// What can be looked for, in the order of the reader's alphabet.
fn events(t: &Translator, chosen: &str) -> Vec<SelectOption> {
    let mut events: Vec<SelectOption> = AuditEvent::NAMES
        .iter()
        .map(|name| SelectOption {
            value: (*name).to_owned(),
            label: t.word("audit-event", name),
            chosen: *name == chosen,
        })
        .collect();
    events.sort_by(|one, other| one.label.cmp(&other.label));
    events
}

/// What does not look like an act, a handle or a report finds nothing.
fn filter(query: &AuditQuery<'_>) -> AuditFilter {
    let given = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    AuditFilter {
        event: given(query.event),
        actor: given(query.who),
        report: given(query.report).map(|text| text.parse().unwrap_or_default()),
    }
}

/// The query of the page that follows, with what is looked for. Only what can be an act, a handle or an id is repeated.
fn next(query: &AuditQuery<'_>, before: i64) -> String {
    let mut next = format!("before={before}");
    for (name, text) in [
        ("event", query.event),
        ("who", query.who),
        ("report", query.report),
    ] {
        let text = text.trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if !text.is_empty() && text.chars().all(is_plain) {
            next.push_str(&format!("&{name}={text}"));
        }
    }
    next
}
