//! How people and moments are named. A kind is called by `Translator::word`; the test below lists which there are.

use crate::domain::clock::{Day, Timestamp};
use crate::domain::deadline::Deadline;
use crate::domain::form::Labelled;
use crate::domain::ids::ReportId;
use crate::domain::staff::StaffName;
use crate::domain::urgency::Urgency;
use crate::locale::{Locale, Translator};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// From here on days say more than hours.
const TWO_DAYS: i64 = 2 * DAY;

/// The class that gives an urgency its colour.
pub(super) fn urgency_class(urgency: &Urgency) -> String {
    urgency.as_str().to_ascii_lowercase()
}

/// The first eight digits of a report's number: enough to tell two reports on a screen apart.
pub(super) fn short(report: &ReportId) -> String {
    report.to_string().chars().take(8).collect()
}

/// Options side by side.
pub(super) fn joined<'a>(labels: impl IntoIterator<Item = &'a Labelled>) -> String {
    let labels: Vec<&str> = labels.into_iter().map(|one| one.label.as_str()).collect();
    labels.join(" · ")
}

/// A language code for a `lang` attribute: one of ours or none, whatever is sealed.
pub(super) fn language_tag(code: &str) -> &'static str {
    code.parse::<Locale>().map_or("", Locale::code)
}

/// How a colleague is named in what has happened.
pub(super) fn name(t: &Translator, name: &StaffName) -> String {
    match name {
        StaffName::Handle(handle) => handle.clone(),
        StaffName::Former(digits) => t.text_with("leaving-former", &[("digits", digits)]),
    }
}

/// A day of which nothing finer is kept.
pub(super) fn utc_day(t: &Translator, day: Day) -> String {
    t.text_with("staff-utc-day", &[("day", &t.date(day))])
}

/// So many hours, as days where they are whole ones.
pub(super) fn hours(t: &Translator, hours: &u32) -> String {
    match hours % 24 {
        0 => t.text_with("staff-days", &[("days", hours / 24)]),
        _ => t.text_with("staff-hours", &[("hours", *hours)]),
    }
}

/// What comes next with a report, and in how long, or since when it is late.
pub(super) fn deadline(
    t: &Translator,
    (what, at): (Deadline, Timestamp),
    now: Timestamp,
) -> String {
    let left = at.seconds().saturating_sub(now.seconds());
    let (id, away) = match left < 0 {
        true => ("staff-deadline-late", left.saturating_neg()),
        false => ("staff-deadline-due", left),
    };
    let (what, away) = (t.word("staff-deadline", what), span(t, away));
    t.text_with(id, &[("what", &what), ("time", &away)])
}

/// So many seconds, as the largest unit that says enough.
pub(super) fn span(t: &Translator, seconds: i64) -> String {
    match seconds {
        ..HOUR => t.text_with("staff-minutes", &[("minutes", seconds / MINUTE)]),
        HOUR..TWO_DAYS => t.text_with("staff-hours", &[("hours", seconds / HOUR)]),
        _ => t.text_with("staff-days", &[("days", seconds / DAY)]),
    }
}

/// The ids of all messages that are named after a kind.
#[cfg(test)]
pub(crate) fn ids() -> Vec<String> {
    use super::done::Done;
    use crate::domain::alarm::AlarmKind;
    use crate::domain::audit::{AuditEvent, ReportPart};
    use crate::domain::disk::DiskFault;
    use crate::domain::mail_fault::{MailFault, MailStage};
    use crate::domain::notice::NoticeList;
    use crate::domain::outcome::Outcome;
    use crate::domain::proposal::ProposalKind;
    use crate::domain::retention::RetentionClass;
    use crate::domain::roles;
    use crate::domain::rotation::RotationReason;
    use crate::domain::staff::{Role, Way};
    use crate::domain::state::{State, Transition};
    use crate::domain::swap::Swap;
    use crate::service::admin::ChannelClosed;
    use crate::service::credentials::{Counted, ServerKeyName};
    use crate::service::triage::{EntryKind, Order, View};
    fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|kind| name(*kind)).collect()
    }
    let mut choices = Transition::ALL.to_vec();
    choices.retain(|act| act.can_be_chosen());
    let unnamed = ["report", "mail", "order", "proposal"];
    let details = AuditEvent::DETAILS
        .iter()
        .flat_map(|names| names.iter().copied());
    let lists: [(&str, Vec<&str>); 35] = [
        ("glossary-urgency", names(&Urgency::ALL, Urgency::as_str)),
        ("glossary-state", names(&State::ALL, State::as_str)),
        ("desk-view", names(&View::ALL, View::as_str)),
        ("desk-order", names(&Order::ALL, Order::as_str)),
        ("staff-role", names(&Role::ALL, Role::as_str)),
        ("staff-role-explained", names(&Role::ALL, Role::as_str)),
        ("staff-entry", names(&EntryKind::ALL, EntryKind::as_str)),
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
        ("decisions-outcome", names(&Outcome::ALL, Outcome::as_str)),
        ("staff-deadline", names(&Deadline::ALL, Deadline::as_str)),
        (
            "decisions-class",
            names(&RetentionClass::ALL, RetentionClass::as_str),
        ),
        (
            "rotation-ordered",
            names(&RotationReason::ALL, RotationReason::as_str),
        ),
        (
            "credentials",
            names(&ServerKeyName::ALL, ServerKeyName::as_str),
        ),
        (
            "credentials-explained",
            names(&ServerKeyName::ALL, ServerKeyName::as_str),
        ),
        (
            "credentials-who",
            names(&ServerKeyName::ALL, ServerKeyName::as_str),
        ),
        ("credentials-counts", names(&Counted::ALL, Counted::as_str)),
        ("alarm", names(&AlarmKind::ALL, AlarmKind::as_str)),
        ("alarm-explained", names(&AlarmKind::ALL, AlarmKind::as_str)),
        (
            "staff-closed",
            names(&ChannelClosed::ALL, ChannelClosed::as_str),
        ),
        ("audit-part", names(&ReportPart::ALL, ReportPart::as_str)),
        ("audit-way", names(&Way::ALL, Way::as_str)),
        ("audit-event", [AuditEvent::NAMES, &["unknown"]].concat()),
        // The report has a column of its own; the others are ids that stand for nothing else.
        (
            "audit-detail",
            details.filter(|name| !unnamed.contains(name)).collect(),
        ),
        ("mail-fault", names(&MailFault::ALL, MailFault::as_str)),
        ("mail-stage", names(&MailStage::ALL, MailStage::as_str)),
        ("staff-status-swap", names(&Swap::ALL, Swap::as_str)),
        (
            "staff-status-disk",
            names(&DiskFault::ALL, DiskFault::as_str),
        ),
        (
            "staff-status-does",
            names(&roles::Role::ALL, roles::Role::as_str),
        ),
        ("done", names(&Done::ALL, Done::as_str)),
    ];
    let lists = lists.into_iter();
    lists
        .flat_map(|(prefix, names)| {
            names
                .into_iter()
                .map(move |name| Translator::id_of(prefix, name))
        })
        .collect()
}
