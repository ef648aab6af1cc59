//! What belongs to an event of the audit log, in the reader's words: handles, names and numbers in place of ids.

use crate::domain::audit::{AlarmSubject, AuditEvent, Detail};
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::locale::Translator;
use crate::service::auditing::{KeyOwner, Names};
use crate::web::staff::words;

/// A label and what it says. The report has a column of its own, and ids that stand for nothing else are left out.
pub(super) fn shown(t: &Translator, names: &Names, event: &AuditEvent) -> Vec<(String, String)> {
    let said = event.details().into_iter();
    said.filter_map(|(name, detail)| {
        let said = said_of(t, names, detail)?;
        Some((t.text(&format!("audit-detail-{name}")), said))
    })
    .collect()
}

/// How somebody is called; nothing for who was never there.
pub(super) fn person(t: &Translator, names: &Names, id: StaffId) -> String {
    let name = names.people.get(&id);
    name.map_or_else(String::new, |name| words::name(t, name))
}

fn said_of(t: &Translator, names: &Names, detail: Detail) -> Option<String> {
    Some(match detail {
        Detail::Report(_) | Detail::Rotation(_) | Detail::Proposal(_) | Detail::Mail(_) => {
            return None;
        }
        Detail::Person(id) => person(t, names, id),
        Detail::People(ids) => {
            let people: Vec<String> = ids.into_iter().map(|id| person(t, names, id)).collect();
            people.join(", ")
        }
        Detail::Team(id) => team(names, id),
        Detail::Key(id) => key(t, names, id)?,
        Detail::Alarm(alarm) => about(t, names, &alarm),
        Detail::ProposalKind(kind) => t.word("decisions-kind", kind),
        Detail::RetentionClass(class) => t.word("decisions-class", class),
        Detail::CredentialOrder(order) => t.word("credentials", order),
        Detail::RotationReason(reason) => t.word("rotation-ordered", reason),
        Detail::Role(role) => t.word("staff-role", role),
        Detail::State(state) => t.word("staff-state", state),
        Detail::Urgency(urgency) => t.word("staff-urgency", urgency),
        Detail::Part(part) => t.word("audit-part", part),
        Detail::Way(way) => t.word("audit-way", way),
        Detail::Text(text) => text,
        Detail::Number(number) => t.number(number),
    })
}

fn team(names: &Names, id: TeamId) -> String {
    names.teams.get(&id).cloned().unwrap_or_default()
}

fn key(t: &Translator, names: &Names, id: KeyId) -> Option<String> {
    let (owner, number) = names.keys.get(&id)?;
    let owner = match owner {
        KeyOwner::Team(id) => team(names, *id),
        KeyOwner::Person(id) => person(t, names, *id),
        KeyOwner::Recovery => t.text("audit-key-recovery"),
    };
    let number = t.number(*number);
    let said = [("owner", &owner), ("number", &number)];
    Some(t.text_with("audit-key-of", &said))
}

/// The subject of an alarm is a name, or the id of what has one.
fn about(t: &Translator, names: &Names, alarm: &AlarmSubject) -> String {
    let subject = &alarm.subject;
    let known = subject.parse().ok().and_then(|id| {
        let team = names.teams.get(&id).cloned();
        let staff = StaffId::from_bytes(*id.as_bytes());
        let person = || names.people.get(&staff).map(|name| words::name(t, name));
        team.or_else(person)
            .or_else(|| key(t, names, KeyId::from_bytes(*id.as_bytes())))
    });
    let subject = known.as_ref().unwrap_or(subject);
    let kind = t.word("alarm", alarm.kind);
    let said = [("alarm", &kind), ("subject", subject)];
    t.text_with("audit-alarm-about", &said)
}
