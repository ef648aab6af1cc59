//! What needs a second person, and how long the report is kept, as its page shows them.

use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::{DecisionsView, ProposalView, ReadyExport};
use crate::web::staff::display::Inert;
use crate::web::staff::form::{FormState, SelectOption};

/// The section.
pub(super) struct Decisions<'a> {
    pub(super) waiting: Vec<Waiting<'a>>,
    pub(super) ready: Vec<Ready<'a>>,
    pub(super) forms: Vec<ProposeForm>,
    /// The classes that a lead can choose.
    pub(super) retain: Option<Vec<SelectOption>>,
    /// A lead can set a hold.
    pub(super) can_hold: bool,
    pub(super) held: bool,
    pub(super) kept: String,
    pub(super) until: Option<String>,
    pub(super) review: Option<String>,
}

/// An act that waits.
pub(super) struct Waiting<'a> {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) proposer: &'a str,
    pub(super) day: String,
    pub(super) mine: bool,
    pub(super) readable: bool,
    pub(super) reason: Inert<'a>,
    pub(super) facts: Vec<String>,
    pub(super) message: Option<Inert<'a>>,
    pub(super) recipient: Option<&'a (String, String)>,
    pub(super) explained: String,
}

/// An export to fetch.
pub(super) struct Ready<'a> {
    pub(super) id: String,
    pub(super) recipient: &'a str,
    pub(super) fingerprint: &'a str,
}

/// A form for one kind of act.
pub(super) struct ProposeForm {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) hint: String,
    pub(super) urgencies: Vec<SelectOption>,
    pub(super) classes: Vec<SelectOption>,
    pub(super) takes_message: bool,
    pub(super) takes_recipient: bool,
}

/// The section of a report, with what was typed put back into its form.
pub(super) fn section<'a>(
    t: &Translator,
    view: &'a DecisionsView,
    form: &FormState<'_>,
) -> Decisions<'a> {
    Decisions {
        waiting: view.proposals.iter().map(|one| waiting(t, one)).collect(),
        ready: view.exports.iter().map(ready).collect(),
        forms: view
            .may
            .iter()
            .map(|kind| propose(t, *kind, form))
            .collect(),
        retain: view
            .leads
            .then(|| classes(t, &view.classes, view.class, form.get("retain-class"))),
        can_hold: view.leads && !view.hold,
        held: view.hold,
        kept: view
            .class
            .map(|class| t.word("decisions-class", class))
            .unwrap_or_default(),
        until: view.clocks.until.map(|day| t.date(day)),
        review: view.clocks.review.map(|day| t.date(day)),
    }
}

fn propose(t: &Translator, kind: ProposalKind, form: &FormState<'_>) -> ProposeForm {
    let part = kind.as_str();
    let typed = |field: &str| form.get(format!("{part}-{field}"));
    let lowered = [Urgency::U1, Urgency::U2, Urgency::U3];
    let closing = [
        RetentionClass::NoAction,
        RetentionClass::ChildIdentified,
        RetentionClass::Referred,
    ];
    ProposeForm {
        kind: part,
        title: t.word("decisions-kind", kind),
        hint: t.word("decisions-explained", kind),
        urgencies: match kind {
            ProposalKind::LowerUrgency => {
                let chosen = typed("urgency").parse().ok();
                SelectOption::each(t, ("staff-urgency", &lowered), chosen)
            }
            _ => Vec::new(),
        },
        classes: match kind {
            ProposalKind::NoAction => {
                let now = Some(RetentionClass::NoAction);
                classes(t, &closing, now, typed("class"))
            }
            _ => Vec::new(),
        },
        takes_message: kind == ProposalKind::NoAction,
        takes_recipient: kind == ProposalKind::Export,
    }
}

fn classes(
    t: &Translator,
    offered: &[RetentionClass],
    now: Option<RetentionClass>,
    typed: &str,
) -> Vec<SelectOption> {
    let chosen = typed.parse().ok().or(now);
    SelectOption::each(t, ("decisions-class", offered), chosen)
}

fn waiting<'a>(t: &Translator, view: &'a ProposalView) -> Waiting<'a> {
    let told = view.told.as_ref();
    let mut facts = Vec::new();
    if let Some(told) = told {
        facts.extend(told.urgency.map(|urgency| t.word("staff-urgency", urgency)));
        facts.extend(told.class.map(|class| t.word("decisions-class", class)));
        facts.extend(told.until.map(|day| t.date(day)));
    }
    Waiting {
        id: view.id.to_string(),
        kind: t.word("decisions-kind", view.kind),
        proposer: &view.proposer,
        day: t.date(view.day),
        mine: view.mine,
        readable: told.is_some(),
        reason: Inert(told.map(|told| told.reason.as_str()).unwrap_or_default()),
        facts,
        message: told.and_then(|told| told.message.as_deref()).map(Inert),
        recipient: told.and_then(|told| told.recipient.as_ref()),
        explained: t.word("decisions-explained", view.kind),
    }
}

fn ready(view: &ReadyExport) -> Ready<'_> {
    Ready {
        id: view.id.to_string(),
        recipient: &view.recipient,
        fingerprint: &view.fingerprint,
    }
}
