//! What needs a second person, and how long the report is kept, as its page shows them.

use super::rest::{looks, people};
use crate::domain::ids::StaffId;
use crate::domain::outcome::Outcome;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::{DecisionsView, ReportView};
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
    pub(super) outcomes: Vec<SelectOption>,
    pub(super) people: Vec<SelectOption>,
    pub(super) hours: Vec<SelectOption>,
}

/// The section of a report, with what was typed put back into its form.
pub(super) fn section<'a>(
    t: &Translator,
    read: &'a ReportView,
    form: &FormState<'_>,
    me: StaffId,
) -> Decisions<'a> {
    let view = &read.decisions;
    let forms = view
        .may
        .iter()
        .map(|kind| propose((t, read, me), *kind, form));
    let retain = || classes(t, &view.classes, view.class, form.get("retain-class"));
    Decisions {
        view,
        forms: forms.collect(),
        retain: view.leads.then(retain),
    }
}

fn propose(
    (t, read, me): (&Translator, &ReportView, StaffId),
    kind: ProposalKind,
    form: &FormState<'_>,
) -> ProposeForm {
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
            // For how long it is kept, nobody says by not saying anything.
            ProposalKind::Close => {
                let none = t.text("decisions-outcome-none");
                let now = read.decisions.class.filter(|now| closing.contains(now));
                let is_open = now.is_none() && typed("class").is_empty();
                let each = classes(t, &closing, now, typed("class"));
                [vec![SelectOption::none(none, is_open)], each].concat()
            }
            _ => Vec::new(),
        },
        outcomes: match kind {
            ProposalKind::NoAction => outcomes(t, Outcome::is_of_no_action, typed("outcome")),
            ProposalKind::Close => outcomes(t, |_| true, typed("outcome")),
            _ => Vec::new(),
        },
        people: match kind {
            ProposalKind::Promote => people(read, form, &format!("{kind}-people"), me),
            _ => Vec::new(),
        },
        hours: match kind {
            ProposalKind::Refer | ProposalKind::Promote => looks(t, read.urgency, typed("hours")),
            _ => Vec::new(),
        },
    }
}

/// Nothing is chosen for anybody: what came of a report is counted.
fn outcomes(t: &Translator, fits: fn(Outcome) -> bool, typed: &str) -> Vec<SelectOption> {
    let offered: Vec<Outcome> = Outcome::ALL.into_iter().filter(|one| fits(*one)).collect();
    let chosen = typed.parse().ok();
    let none = SelectOption::none(t.text("decisions-outcome-none"), chosen.is_none());
    let each = SelectOption::each(t, ("decisions-outcome", &offered), chosen);
    [vec![none], each].concat()
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
