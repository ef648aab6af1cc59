//! A caseworker's team: one's own key number, newcomers at the door, and the rules for them.

use askama::Template;

use super::form::{FormState, SelectOption};
use super::request::StaffRequest;
use super::{recovery, told};
use crate::domain::rotation::RotationState;
use crate::service::admission::{LeadChange, Rules, TeamRules, WaitingMember};
use crate::service::recovery::TeamRecovery;
use crate::service::rotation::TeamKey;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};

#[derive(Template)]
#[template(path = "staff/team.html", whitespace = "minimize")]
struct Team<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    fingerprint: String,
    waiting: Vec<WaitingMember>,
    rules: Vec<TeamRules>,
    keys: Vec<TeamKey>,
    recovery: Vec<TeamRecovery>,
}

/// `GET /team`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// The page, with what did not fit beside its field.
/// Which of a team's rules.
#[derive(Clone, Copy)]
enum Rule {
    Approvals,
    Delay,
}

pub(super) async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let services = &visit.services();
    let team = Team {
        waiting: services.admission.waiting(&visit.caller).await?,
        rules: services.admission.rules(&visit.caller).await?,
        keys: services.rotation.keys(&visit.caller).await?,
        recovery: services.recovery.teams(&visit.caller).await?,
        fingerprint: services.custody.my_fingerprint(&visit.caller),
        form,
        c: visit.chrome(),
    };
    html(team.form.status(), &team)
}

/// `None` while nobody has approved.
fn door_state(c: &PageFrame<'_>, person: &WaitingMember) -> String {
    let by = person.approved_by.join(", ");
    let handle = ("handle", &person.handle);
    let by = ("by", &by);
    match person.from {
        None => c.t.text_with("admission-one-more", &[handle, by]),
        Some(_) if person.ready => c.t.text_with("admission-ready", &[handle, by]),
        Some(_) if person.needs_a_lead => c.t.text_with("admission-lead", &[handle, by]),
        Some(from) => {
            let when = c.t.moment(from);
            let when = ("when", &when);
            c.t.text_with("admission-delay", &[handle, by, when])
        }
    }
}

/// What can be chosen for one of a team's rules, with what was typed or holds.
fn choices(
    c: &PageFrame<'_>,
    form: &FormState<'_>,
    team: &TeamRules,
    rule: Rule,
) -> Vec<SelectOption> {
    let (name, mut values, holds) = match rule {
        Rule::Approvals => ("approvals", vec![1, 2], team.rules.approvals().try_into()),
        Rule::Delay => (
            "delay",
            vec![0, 24, 48, 72, 168],
            Ok(team.rules.delay_hours().into()),
        ),
    };
    let typed = form.get(name).parse().ok();
    let typed = typed.filter(|_| form.has("team", team.team));
    let chosen: i64 = typed.or(holds.ok()).unwrap_or(1);
    if !values.contains(&chosen) {
        values.push(chosen);
    }
    let label = |value| match rule {
        Rule::Approvals => approvals(c, value),
        Rule::Delay => delay(c, value),
    };
    let values = values.into_iter();
    let options = values.map(|value| SelectOption {
        value: value.to_string(),
        label: label(value),
        chosen: value == chosen,
    });
    options.collect()
}

const fn lead_label(change: &LeadChange) -> &'static str {
    match (change.lead, change.is_own) {
        (true, _) => "admission-lead-make",
        (false, true) => "admission-lead-step-down",
        (false, false) => "admission-lead-end",
    }
}

fn rule_words(c: &PageFrame<'_>, rules: &Rules) -> String {
    let approvals = approvals(c, if rules.approvals() == 1 { 1 } else { 2 });
    format!("{approvals}; {}", delay(c, rules.delay_hours().into()))
}

fn approvals(c: &PageFrame<'_>, count: i64) -> String {
    c.t.text(if count == 1 {
        "admission-approvals-one"
    } else {
        "admission-approvals-two"
    })
}

fn delay(c: &PageFrame<'_>, hours: i64) -> String {
    if hours == 0 {
        return c.t.text("admission-delay-none");
    }
    c.with("admission-delay-hours", "hours", c.t.number(hours))
}
