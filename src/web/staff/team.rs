//! A caseworker's team: one's own key number, newcomers at the door, and the rules for them.

use askama::Template;

use super::form::{FormState, SelectOption};
use super::keys::{TeamKeyRow, shown};
use super::request::StaffRequest;
use super::team_recovery;
use super::words::moment;
use crate::service::admission::{LeadChange, Rules, TeamRules, WaitingMember};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, html};

#[derive(Template)]
#[template(path = "staff/team.html", whitespace = "minimize")]
struct Team<'a> {
    c: PageFrame<'a>,
    form: FormState<'a>,
    fingerprint: String,
    teams: Vec<TeamKey>,
    waiting: Vec<Waiting>,
    rules: Vec<RulesForm>,
    keys: Vec<TeamKeyRow>,
    recovery: Vec<team_recovery::Choice>,
}

/// A team of the caller's, with the number that custodians compare, if its records are good.
struct TeamKey {
    name: String,
    fingerprint: Option<String>,
}

/// A newcomer whose key waits for the team's.
struct Waiting {
    staff: String,
    team: String,
    handle: String,
    team_name: String,
    fingerprint: String,
    /// Who has approved, and what is still missing.
    state: Option<String>,
    approved_by_me: bool,
    ready: bool,
    submit: String,
}

/// A team's rules, and the form for others.
struct RulesForm {
    team: String,
    name: String,
    holds: String,
    may_set: bool,
    approvals: Vec<SelectOption>,
    delays: Vec<SelectOption>,
    wish: Option<WishShown>,
    leads: Vec<SelectOption>,
}

struct WishShown {
    text: String,
    when: String,
    may_confirm: bool,
}

/// `GET /team`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, visit.state()).await
}

/// The page, with what did not fit beside its field.
pub(super) async fn render(visit: &StaffRequest, form: FormState<'_>) -> Answer {
    let services = &visit.services();
    let waiting = services.admission.waiting(&visit.caller).await?;
    let rules = services.admission.rules(&visit.caller).await?;
    let keys = services.rotation.keys(&visit.caller).await?;
    let today = visit.place().state.clock.today();
    let c = visit.chrome();
    let recovery = team_recovery::choices(visit, &c).await?;
    let team = Team {
        recovery,
        fingerprint: services.custody.my_fingerprint(&visit.caller),
        teams: rules
            .iter()
            .map(|team| TeamKey {
                name: team.name.clone(),
                fingerprint: team.fingerprint.clone(),
            })
            .collect(),
        waiting: waiting
            .into_iter()
            .map(|person| newcomer(&c, person))
            .collect(),
        rules: rules
            .into_iter()
            .map(|rules| rules_form(&form, &c, rules))
            .collect(),
        keys: keys.iter().map(|key| shown(&c, key, today)).collect(),
        form,
        c,
    };
    html(team.form.status(), &team)
}

fn newcomer(c: &PageFrame<'_>, person: WaitingMember) -> Waiting {
    Waiting {
        state: door_state(c, &person),
        staff: person.staff.to_string(),
        team: person.team.to_string(),
        handle: person.handle,
        team_name: person.team_name,
        fingerprint: person.fingerprint,
        approved_by_me: person.approved_by_me,
        ready: person.ready,
        submit: c.t.text(if person.one_word_is_enough {
            "staff-team-admit"
        } else {
            "admission-approve"
        }),
    }
}

/// `None` while nobody has approved.
fn door_state(c: &PageFrame<'_>, person: &WaitingMember) -> Option<String> {
    if person.approved_by.is_empty() {
        return None;
    }
    let by = person.approved_by.join(", ");
    let handle = ("handle", person.handle.as_str().into());
    let by = ("by", by.as_str().into());
    Some(match person.from {
        None => c.t.text_with("admission-one-more", &[handle, by]),
        Some(_) if person.ready => c.t.text_with("admission-ready", &[handle, by]),
        Some(_) if person.needs_a_lead => c.t.text_with("admission-lead", &[handle, by]),
        Some(from) => {
            let when = moment(c.t, from);
            let when = ("when", when.as_str().into());
            c.t.text_with("admission-delay", &[handle, by, when])
        }
    })
}

fn rules_form(form: &FormState<'_>, c: &PageFrame<'_>, view: TeamRules) -> RulesForm {
    let team = view.team.to_string();
    let chosen = |name: &str, holds: i64| {
        let typed = form.get(name).parse().ok();
        typed.filter(|_| form.has("team", &team)).unwrap_or(holds)
    };
    let approvals = i64::try_from(view.rules.approvals()).unwrap_or(1);
    RulesForm {
        holds: rule_words(c, view.rules),
        may_set: view.may_set,
        approvals: choices(&[1, 2], chosen("approvals", approvals), |count| {
            c.t.text(if count == 1 {
                "admission-approvals-one"
            } else {
                "admission-approvals-two"
            })
        }),
        delays: choices(
            &[0, 24, 48, 72, 168],
            chosen("delay", view.rules.delay_hours().into()),
            |hours| delay(c, hours),
        ),
        wish: view.wish.as_ref().map(|wish| WishShown {
            text: c.t.text_with(
                "admission-wish",
                &[
                    ("who", wish.proposer.as_str().into()),
                    ("rules", rule_words(c, wish.rules).as_str().into()),
                ],
            ),
            when: match wish.from {
                Some(from) => c.with("admission-wish-from", "when", &moment(c.t, from)),
                None => c.t.text("admission-wish-second"),
            },
            may_confirm: wish.may_confirm,
        }),
        leads: view.leads.iter().map(|one| lead_choice(c, one)).collect(),
        team,
        name: view.name,
    }
}

fn lead_choice(c: &PageFrame<'_>, change: &LeadChange) -> SelectOption {
    let id = match (change.lead, change.is_own) {
        (true, _) => "admission-lead-make",
        (false, true) => "admission-lead-step-down",
        (false, false) => "admission-lead-end",
    };
    SelectOption {
        value: format!("{}:{}", change.person, change.lead),
        label: c.with(id, "handle", &change.handle),
        chosen: false,
    }
}

fn rule_words(c: &PageFrame<'_>, rules: Rules) -> String {
    let approvals = c.t.text(if rules.approvals() == 1 {
        "admission-approvals-one"
    } else {
        "admission-approvals-two"
    });
    format!("{approvals}; {}", delay(c, rules.delay_hours().into()))
}

fn delay(c: &PageFrame<'_>, hours: i64) -> String {
    if hours == 0 {
        return c.t.text("admission-delay-none");
    }
    c.with("admission-delay-hours", "hours", &c.t.number(hours))
}

fn choices(values: &[i64], chosen: i64, label: impl Fn(i64) -> String) -> Vec<SelectOption> {
    let mut values = values.to_vec();
    if !values.contains(&chosen) {
        values.push(chosen);
    }
    values
        .into_iter()
        .map(|value| SelectOption {
            value: value.to_string(),
            label: label(value),
            chosen: value == chosen,
        })
        .collect()
}
