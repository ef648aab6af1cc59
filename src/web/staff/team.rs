//! A caseworker's team: one's own key number, newcomers at the door, and the rules for them.

use actix_web::http::StatusCode;
use askama::Template;

use super::frame::{Answer, PageFrame, html};
use super::keys::{TeamKeyRow, shown};
use super::request::StaffRequest;
use super::team_recovery;
use super::words::moment;
use crate::domain::ids::{StaffId, TeamId};
use crate::service::admission::Rules;
use crate::service::admission::{TeamRules, WaitingMember};

#[derive(Template)]
#[template(path = "staff/team.html", whitespace = "minimize")]
struct Team<'a> {
    c: PageFrame<'a>,
    csrf: &'a str,
    problem: Option<String>,
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
    compared_error: Option<String>,
    code_error: Option<String>,
}

/// A team's rules, and the form for others.
struct RulesForm {
    team: String,
    name: String,
    holds: String,
    may_set: bool,
    approvals: Vec<Choice>,
    delays: Vec<Choice>,
    rules_error: Option<String>,
    code_error: Option<String>,
    wish: Option<WishShown>,
}

struct WishShown {
    text: String,
    when: String,
    may_confirm: bool,
    code_error: Option<String>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What did not fit, and in which form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    NotCompared(StaffId),
    Changed(StaffId),
    Code(StaffId),
    Rules(TeamId),
    TooFew(TeamId),
    RulesCode(TeamId),
    WishCode(TeamId),
    /// Somebody was faster, or it is too early.
    Page(&'static str),
}

/// `GET /team`
pub async fn show(visit: StaffRequest) -> Answer {
    render(&visit, StatusCode::OK, None).await
}

/// The page, with what did not fit beside its field.
pub(super) async fn render(
    visit: &StaffRequest,
    status: StatusCode,
    wrong: Option<Wrong>,
) -> Answer {
    let services = &visit.services();
    let waiting = services.admission.waiting(&visit.caller).await?;
    let rules = services.admission.rules(&visit.caller).await?;
    let keys = services.rotation.keys(&visit.caller).await?;
    let today = visit.place().state.clock.today();
    let c = visit.chrome();
    let recovery = team_recovery::choices(visit, &c, None).await?;
    let team = Team {
        recovery,
        csrf: &visit.caller.csrf,
        problem: match wrong {
            Some(Wrong::Page(id)) => Some(c.t.text(id)),
            _ => None,
        },
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
            .map(|person| newcomer(&c, person, wrong))
            .collect(),
        rules: rules
            .into_iter()
            .map(|rules| rules_form(visit, &c, rules, wrong))
            .collect(),
        keys: keys.iter().map(|key| shown(&c, key, today)).collect(),
        c,
    };
    html(status, &team)
}

fn newcomer(c: &PageFrame<'_>, person: WaitingMember, wrong: Option<Wrong>) -> Waiting {
    let say = |kind: Wrong, id: &str| (wrong == Some(kind)).then(|| c.t.text(id));
    Waiting {
        state: door_state(c, &person),
        compared_error: say(Wrong::NotCompared(person.staff), "staff-compare-missing")
            .or_else(|| say(Wrong::Changed(person.staff), "staff-compare-changed")),
        code_error: say(Wrong::Code(person.staff), "staff-code-wrong"),
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

fn rules_form(
    visit: &StaffRequest,
    c: &PageFrame<'_>,
    view: TeamRules,
    wrong: Option<Wrong>,
) -> RulesForm {
    let say = |kind: Wrong, id: &str| (wrong == Some(kind)).then(|| c.t.text(id));
    let is_mine = visit.fields.get("team") == view.team.to_string();
    let chosen = |name: &str, holds: i64| {
        let typed = visit.fields.get(name).parse().ok();
        typed.filter(|_| is_mine).unwrap_or(holds)
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
        rules_error: say(Wrong::Rules(view.team), "staff-choice-missing")
            .or_else(|| say(Wrong::TooFew(view.team), "admission-too-few")),
        code_error: say(Wrong::RulesCode(view.team), "staff-code-wrong"),
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
            code_error: say(Wrong::WishCode(view.team), "staff-code-wrong"),
        }),
        team: view.team.to_string(),
        name: view.name,
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

fn choices(values: &[i64], chosen: i64, label: impl Fn(i64) -> String) -> Vec<Choice> {
    let mut values = values.to_vec();
    if !values.contains(&chosen) {
        values.push(chosen);
    }
    values
        .into_iter()
        .map(|value| Choice {
            value: value.to_string(),
            label: label(value),
            chosen: value == chosen,
        })
        .collect()
}
