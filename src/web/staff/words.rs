//! Which message says what: the ids for states, acts, roles and urgencies, each written out so that a search finds them.

#[cfg(test)]
use super::done::Done;
use crate::domain::alarm::AlarmKind;
#[cfg(test)]
use crate::domain::audit::AuditEvent;
use crate::domain::audit::ReportPart;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::notice::NoticeList;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::rotation::RotationReason;
use crate::domain::staff::{Role, StaffName, Way};
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::locale::Translator;

/// The message that a kind has under a prefix: `PREFIX-NAME`.
fn word(t: &Translator, prefix: &str, name: &str) -> String {
    t.text(&id(prefix, name))
}

fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.to_ascii_lowercase().replace('_', "-"))
}

/// The name of a role.
pub(super) fn role(t: &Translator, role: Role) -> String {
    word(t, "staff-role", role.as_str())
}

/// What a role is for, in two sentences.
pub(super) fn role_explained(t: &Translator, role: Role) -> String {
    word(t, "staff-role-explained", role.as_str())
}

/// The name of a state.
pub(super) fn state(t: &Translator, state: State) -> String {
    word(t, "staff-state", state.as_str())
}

/// An urgency in words: colour alone says nothing to many.
pub(super) fn urgency(t: &Translator, urgency: Urgency) -> String {
    word(t, "staff-urgency", urgency.as_str())
}

/// The class that gives an urgency its colour.
pub(super) fn urgency_class(urgency: Urgency) -> String {
    urgency.as_str().to_ascii_lowercase()
}

/// The name of an act, as a choice or in the history.
pub(super) fn act(t: &Translator, act: Transition) -> String {
    word(t, "staff-act", act.as_str())
}

/// What an act that a caseworker can choose leads to.
pub(super) fn act_explained(t: &Translator, act: Transition) -> String {
    word(t, "staff-act-explained", act.as_str())
}

/// The name of a list that notices go to.
pub(super) fn mail_list(t: &Translator, list: NoticeList) -> String {
    word(t, "staff-mail-list", list.as_str())
}

/// The name of an act that needs two people.
pub(super) fn proposal(t: &Translator, kind: ProposalKind) -> String {
    word(t, "decisions-kind", kind.as_str())
}

/// What it means.
pub(super) fn proposal_explained(t: &Translator, kind: ProposalKind) -> String {
    word(t, "decisions-explained", kind.as_str())
}

/// Why a report is kept for as long as it is kept.
pub(super) fn retention(t: &Translator, class: RetentionClass) -> String {
    word(t, "decisions-class", class.as_str())
}

/// Why a key is changed.
pub(super) fn rotation(t: &Translator, reason: RotationReason) -> String {
    word(t, "rotation-ordered", reason.as_str())
}

/// What has happened that somebody must look into.
pub(super) fn alarm(t: &Translator, kind: AlarmKind) -> String {
    word(t, "alarm", kind.as_str())
}

/// What it means and what to do.
pub(super) fn alarm_explained(t: &Translator, kind: AlarmKind) -> String {
    word(t, "alarm-explained", kind.as_str())
}

/// Which part of a report did not open.
pub(super) fn part(t: &Translator, part: ReportPart) -> String {
    word(t, "audit-part", part.as_str())
}

/// Where somebody proved who they are.
pub(super) fn way(t: &Translator, way: Way) -> String {
    word(t, "audit-way", way.as_str())
}

/// What was done, by its name in the audit log.
pub(super) fn event(t: &Translator, name: &str) -> String {
    word(t, "audit-event", name)
}

/// How a colleague is named in what has happened.
pub(super) fn name(t: &Translator, name: &StaffName) -> String {
    match name {
        StaffName::Handle(handle) => handle.clone(),
        StaffName::Former(digits) => {
            t.text_with("leaving-former", &[("digits", digits.as_str().into())])
        }
    }
}

/// A day and a time of it, where the organisation is.
pub(super) fn moment(t: &Translator, at: Timestamp) -> String {
    let (day, time) = (t.date_of(at), t.time_of(at));
    t.text_with(
        "admission-moment",
        &[("day", day.as_str().into()), ("time", time.as_str().into())],
    )
}

/// A day of which nothing finer is kept.
pub(super) fn utc_day(t: &Translator, day: Day) -> String {
    t.text_with("staff-utc-day", &[("day", t.date(day).as_str().into())])
}

/// The ids of all messages that are named after a kind.
#[cfg(test)]
pub(crate) fn ids() -> Vec<String> {
    fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|kind| name(*kind)).collect()
    }
    let mut choices = Transition::ALL.to_vec();
    choices.retain(|act| act.can_be_chosen());
    let unnamed = ["report", "mail", "order", "proposal"];
    let details = AuditEvent::DETAILS
        .iter()
        .flat_map(|names| names.iter().copied());
    let lists: [(&str, Vec<&str>); 18] = [
        ("staff-role", names(&Role::ALL, Role::as_str)),
        ("staff-role-explained", names(&Role::ALL, Role::as_str)),
        ("staff-state", names(&State::ALL, State::as_str)),
        ("staff-urgency", names(&Urgency::ALL, Urgency::as_str)),
        ("staff-act", names(&Transition::ALL, Transition::as_str)),
        ("staff-act-explained", names(&choices, Transition::as_str)),
        (
            "staff-mail-list",
            names(&NoticeList::ALL, NoticeList::as_str),
        ),
        (
            "decisions-kind",
            names(&ProposalKind::ALL, ProposalKind::as_str),
        ),
        (
            "decisions-explained",
            names(&ProposalKind::ALL, ProposalKind::as_str),
        ),
        (
            "decisions-class",
            names(&RetentionClass::ALL, RetentionClass::as_str),
        ),
        (
            "rotation-ordered",
            names(&RotationReason::ALL, RotationReason::as_str),
        ),
        ("alarm", names(&AlarmKind::ALL, AlarmKind::as_str)),
        ("alarm-explained", names(&AlarmKind::ALL, AlarmKind::as_str)),
        ("audit-part", names(&ReportPart::ALL, ReportPart::as_str)),
        ("audit-way", names(&Way::ALL, Way::as_str)),
        ("audit-event", [AuditEvent::NAMES, &["unknown"]].concat()),
        // The report has a column of its own; the others are ids that stand for nothing else.
        (
            "audit-detail",
            details.filter(|name| !unnamed.contains(name)).collect(),
        ),
        ("done", names(&Done::ALL, Done::as_str)),
    ];
    let lists = lists.into_iter();
    lists
        .flat_map(|(prefix, names)| names.into_iter().map(move |name| id(prefix, name)))
        .collect()
}
