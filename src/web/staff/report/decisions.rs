//! What needs a second person, and how long the report is kept, as its page shows them.

use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::DecisionsView;
use crate::web::staff::form::{FormState, SelectOption};

/// The section.
pub(super) struct Decisions<'a> {
    pub(super) view: &'a DecisionsView,
    pub(super) forms: Vec<ProposeForm>,
    /// The classes that a lead can choose.
    pub(super) retain: Option<Vec<SelectOption>>,
}

/// A form for one kind of act.
pub(super) struct ProposeForm {
    pub(super) kind: ProposalKind,
    pub(super) urgencies: Vec<SelectOption>,
    pub(super) classes: Vec<SelectOption>,
}

/// The section of a report, with what was typed put back into its form.
pub(super) fn section<'a>(
    t: &Translator,
    view: &'a DecisionsView,
    form: &FormState<'_>,
) -> Decisions<'a> {
    let forms = view.may.iter().map(|kind| propose(t, *kind, form));
    let retain = || classes(t, &view.classes, view.class, form.get("retain-class"));
    Decisions {
        view,
        forms: forms.collect(),
        retain: view.leads.then(retain),
    }
}

fn propose(t: &Translator, kind: ProposalKind, form: &FormState<'_>) -> ProposeForm {
    let typed = |field: &str| form.get(format!("{kind}-{field}"));
    let lowered = [Urgency::U1, Urgency::U2, Urgency::U3];
    let closing = [
        RetentionClass::NoAction,
        RetentionClass::ChildIdentified,
        RetentionClass::Referred,
    ];
    ProposeForm {
        kind,
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
