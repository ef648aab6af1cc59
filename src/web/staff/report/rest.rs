//! Who acts on a report and when they look again, as forms ask for it.

use crate::domain::ids::StaffId;
use crate::domain::look::LookIn;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::ReportView;
use crate::web::staff::form::{FormState, SelectOption};
use crate::web::staff::words;

/// In how many hours somebody can look again.
pub(super) fn looks(t: &Translator, urgency: Urgency, typed: &str) -> Vec<SelectOption> {
    let chosen = typed.parse().unwrap_or(LookIn::usual(urgency).number());
    let options = LookIn::choices(urgency).map(|look| SelectOption {
        value: look.number().to_string(),
        label: words::hours(t, &look.number()),
        chosen: look.number() == chosen,
    });
    options.collect()
}

/// Whose it can be: those whose it is, or first the caller alone.
pub(super) fn people(
    read: &ReportView,
    form: &FormState<'_>,
    name: &str,
    me: StaffId,
) -> Vec<SelectOption> {
    let is_typed = read.readers.iter().any(|(id, _)| form.has(name, id));
    let is_ones = read
        .readers
        .iter()
        .any(|(id, _)| read.assignees.contains(id));
    let is_usual = |id: &StaffId| match is_ones {
        true => read.assignees.contains(id),
        false => *id == me,
    };
    let each = read.readers.iter().map(|(id, handle)| SelectOption {
        value: id.to_string(),
        label: handle.clone(),
        chosen: form.has(name, id) || (!is_typed && is_usual(id)),
    });
    each.collect()
}
