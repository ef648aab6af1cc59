//! Which message says what: the ids for states, acts, roles and urgencies, each written out so that a search finds them.

use crate::domain::clock::{Day, Timestamp};
use crate::domain::notice::NoticeList;
use crate::domain::staff::{Role, StaffName};
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::locale::Translator;

/// The name of a role.
pub(super) fn role(t: &Translator, role: Role) -> String {
    t.text(match role {
        Role::Caseworker => "staff-role-caseworker",
        Role::Custodian => "staff-role-custodian",
        Role::Administrator => "staff-role-administrator",
        Role::Auditor => "staff-role-auditor",
    })
}

/// What a role is for, in two sentences.
pub(super) fn role_explained(t: &Translator, role: Role) -> String {
    t.text(match role {
        Role::Caseworker => "staff-role-caseworker-explained",
        Role::Custodian => "staff-role-custodian-explained",
        Role::Administrator => "staff-role-administrator-explained",
        Role::Auditor => "staff-role-auditor-explained",
    })
}

/// The name of a state.
pub(super) fn state(t: &Translator, state: State) -> String {
    t.text(match state {
        State::Received => "staff-state-received",
        State::InTriage => "staff-state-in-triage",
        State::NeedsInformation => "staff-state-needs-information",
        State::Linked => "staff-state-linked",
        State::SuspectedSpam => "staff-state-suspected-spam",
        State::Locked => "staff-state-locked",
        State::NoAction => "decisions-state-no-action",
    })
}

/// An urgency in words: colour alone says nothing to many.
pub(super) fn urgency(t: &Translator, urgency: Urgency) -> String {
    t.text(match urgency {
        Urgency::U0 => "staff-urgency-u0",
        Urgency::U1 => "staff-urgency-u1",
        Urgency::U2 => "staff-urgency-u2",
        Urgency::U3 => "staff-urgency-u3",
    })
}

/// The class that gives an urgency its colour.
pub(super) const fn urgency_class(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::U0 => "u0",
        Urgency::U1 => "u1",
        Urgency::U2 => "u2",
        Urgency::U3 => "u3",
    }
}

/// The name of an act, as a choice or in the history.
pub(super) fn act(t: &Translator, act: Transition) -> String {
    t.text(match act {
        Transition::Claim => "staff-act-claim",
        Transition::Release => "staff-act-release",
        Transition::AskReporter => "staff-act-ask-reporter",
        Transition::ReporterWrote => "staff-act-reporter-wrote",
        Transition::Resume => "staff-act-resume",
        Transition::Link => "staff-act-link",
        Transition::MarkSpam => "staff-act-mark-spam",
        Transition::Close => "decisions-kind-no-action",
        Transition::Lock => "staff-act-lock",
        Transition::Unlock => "staff-act-unlock",
    })
}

/// What an act that a caseworker can choose leads to.
pub(super) fn act_explained(t: &Translator, act: Transition) -> Option<String> {
    let id = match act {
        Transition::Resume => "staff-act-resume-explained",
        Transition::Link => "staff-act-link-explained",
        Transition::MarkSpam => "staff-act-mark-spam-explained",
        Transition::Lock => "staff-act-lock-explained",
        Transition::Unlock => "staff-act-unlock-explained",
        Transition::AskReporter
        | Transition::Claim
        | Transition::Release
        | Transition::ReporterWrote
        | Transition::Close => {
            return None;
        }
    };
    Some(t.text(id))
}

/// The name of a list that notices go to.
pub(super) fn mail_list(t: &Translator, list: NoticeList) -> String {
    t.text(match list {
        NoticeList::Hotline => "staff-mail-list-hotline",
        NoticeList::OnCall => "staff-mail-list-oncall",
        NoticeList::Backup => "staff-mail-list-backup",
        NoticeList::Alarm => "alarm-mail-list",
        NoticeList::Anchor => "anchor-mail-list",
    })
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

/// The message for what has just been done, by the name that a redirect carries.
pub(super) fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "claimed" => "staff-done-claimed",
        "released" => "staff-done-released",
        "urgency" => "staff-done-urgency",
        "note" => "staff-done-note",
        "message" => "staff-done-message",
        "act" => "staff-done-act",
        "admitted" => "staff-done-admitted",
        "approved" => "admission-done-approved",
        "objected" => "admission-done-objected",
        "rules" => "admission-done-rules",
        "rules-wished" => "admission-done-wished",
        "rules-stopped" => "admission-done-stopped",
        "disabled" => "staff-done-disabled",
        "disabled-kept" => "leaving-done-kept",
        "team" => "staff-done-team",
        "retry" => "staff-done-retry",
        "dismissed" => "staff-done-dismissed",
        "recovery-code" => "recovery-new-done",
        "signed" => "staff-done-signed",
        "assigned" => "access-done-assigned",
        "shared" => "access-done-shared",
        "moved" => "access-done-moved",
        "restricted" => "access-done-restricted",
        "proposed" => "decisions-done-proposed",
        "agreed" => "decisions-done-approved",
        "refused" => "decisions-done-refused",
        "retained" => "decisions-done-retained",
        "held" => "decisions-done-held",
        "shredded" => "decisions-done-shredded",
        "rotation-ordered" => "rotation-done-ordered",
        "rotation-again" => "rotation-done-again",
        "alarm-seen" => "alarm-done-seen",
        "renewal-ordered" => "renewal-done-ordered",
        "rotation-carried" => "rotation-done-carried",
        "recovery-registered" => "recovery-done-registered",
        "recovery-signed" => "recovery-done-signed",
        "recovery-team" => "recovery-done-team",
        "credential-ordered" => "credentials-done-ordered",
        _ => return None,
    })
}
