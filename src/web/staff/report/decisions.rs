//! What needs a second person, and how long the report is kept, as its page shows them.

use crate::domain::inert;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::urgency::Urgency;
use crate::locale::Translator;
use crate::service::triage::{DecisionsView, ProposalView, ReadyExport};
use crate::web::staff::display::Inert;
use crate::web::staff::fields::Fields;
use crate::web::staff::kept::Kept;
use crate::web::staff::words;

/// What was typed into one of the section's forms, and what was wrong with it. The default is none.
#[derive(Default)]
pub(super) struct DecisionInput {
    /// Which form: the name of a kind, `retain`, `hold`, or the id of a proposal or export.
    form: String,
    reason: String,
    urgency: String,
    class: String,
    until: String,
    message: String,
    recipient: String,
    /// The field and the message id.
    pub(super) wrong: Option<(Field, &'static str)>,
}

/// A field that something can be wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Reason,
    Urgency,
    Class,
    Until,
    Message,
    Recipient,
    Code,
}

/// The section.
pub(super) struct Decisions<'a> {
    pub(super) waiting: Vec<Waiting<'a>>,
    pub(super) ready: Vec<Ready<'a>>,
    pub(super) forms: Vec<ProposeForm<'a>>,
    pub(super) retain: Option<RetainForm<'a>>,
    /// A lead can set a hold.
    pub(super) hold_form: Option<ReasonForm<'a>>,
    pub(super) held: bool,
    pub(super) kept: String,
    pub(super) until: Option<String>,
    pub(super) review: Option<String>,
    /// Words whose form is not there any more.
    pub(super) left_over: Option<&'a str>,
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
    pub(super) code_error: Option<String>,
}

/// An export to fetch.
pub(super) struct Ready<'a> {
    pub(super) id: String,
    pub(super) recipient: &'a str,
    pub(super) fingerprint: &'a str,
    pub(super) code_error: Option<String>,
}

/// A reason, and what is wrong with it.
pub(super) struct ReasonForm<'a> {
    pub(super) open: bool,
    pub(super) reason: &'a str,
    pub(super) reason_error: Option<String>,
}

/// A form for one kind of act.
pub(super) struct ProposeForm<'a> {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) hint: String,
    pub(super) reason: ReasonForm<'a>,
    pub(super) urgencies: Vec<Choice>,
    pub(super) classes: Vec<Choice>,
    pub(super) urgency_error: Option<String>,
    pub(super) class_error: Option<String>,
    pub(super) until: &'a str,
    pub(super) until_error: Option<String>,
    pub(super) takes_message: bool,
    pub(super) message: &'a str,
    pub(super) message_error: Option<String>,
    pub(super) takes_recipient: bool,
    pub(super) recipient: &'a str,
    pub(super) recipient_error: Option<String>,
}

/// A lead's choice of a retention class.
pub(super) struct RetainForm<'a> {
    pub(super) reason: ReasonForm<'a>,
    pub(super) classes: Vec<Choice>,
    pub(super) class_error: Option<String>,
    pub(super) until: &'a str,
    pub(super) until_error: Option<String>,
}

/// One option.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl DecisionInput {
    /// What that part of the page's form had in it.
    pub(super) fn of(form: &str, fields: &Fields) -> Self {
        let text = |name: &str| fields.get(&format!("{form}-{name}")).replace("\r\n", "\n");
        Self {
            form: form.to_owned(),
            reason: text("reason"),
            urgency: text("urgency"),
            class: text("class"),
            until: text("until").trim().to_owned(),
            message: text("message"),
            recipient: text("recipient").trim().to_owned(),
            wrong: None,
        }
    }

    /// Which part of the form.
    pub(super) fn form(&self) -> &str {
        &self.form
    }

    /// The reason.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }

    /// What the reporter is to be told.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The recipient of an export.
    pub(super) fn recipient(&self) -> &str {
        &self.recipient
    }

    /// A value, or the mark beside its field that it is missing.
    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        field: Field,
        error: &'static str,
    ) -> Option<T> {
        let text = match field {
            Field::Urgency => &self.urgency,
            Field::Class => &self.class,
            Field::Until => &self.until,
            Field::Reason | Field::Message | Field::Recipient | Field::Code => return None,
        };
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong = Some((field, error));
        }
        value
    }

    /// Whether a day was given.
    pub(super) fn has_day(&self) -> bool {
        !self.until.is_empty()
    }

    fn error(&self, t: &Translator, form: &str, field: Field) -> Option<String> {
        let wrong = self
            .wrong
            .filter(|(wrong, _)| self.form == form && *wrong == field);
        wrong.map(|(_, id)| t.text(id))
    }

    fn reason_form<'a>(&self, t: &Translator, form: &str, kept: &'a Kept) -> ReasonForm<'a> {
        let reason = of(kept, form, "reason");
        ReasonForm {
            open: self.form == form || !inert::is_blank(reason),
            reason,
            reason_error: self.error(t, form, Field::Reason),
        }
    }
}

/// What stands in a field of a part of the page's form.
fn of<'a>(kept: &'a Kept, form: &str, field: &str) -> &'a str {
    kept.get(&format!("{form}-{field}"))
}

/// The section of a report, with what was typed put back into its form.
pub(super) fn section<'a>(
    t: &Translator,
    view: &'a DecisionsView,
    typed: &DecisionInput,
    kept: &'a Kept,
) -> Decisions<'a> {
    let forms: Vec<ProposeForm<'a>> = view
        .may
        .iter()
        .map(|kind| propose(t, *kind, typed, kept))
        .collect();
    let retain = view.leads.then(|| RetainForm {
        reason: typed.reason_form(t, RETAIN, kept),
        classes: classes(t, &view.classes, view.class, of(kept, RETAIN, "class")),
        class_error: typed.error(t, RETAIN, Field::Class),
        until: of(kept, RETAIN, "until"),
        until_error: typed.error(t, RETAIN, Field::Until),
    });
    let hold_form = (view.leads && !view.hold).then(|| typed.reason_form(t, HOLD, kept));
    // Words whose part is not on the page any more: somebody else has decided meanwhile.
    let left_over = match typed.form.as_str() {
        RETAIN => retain.is_none(),
        HOLD => hold_form.is_none(),
        form => forms.iter().all(|one| one.kind != form),
    };
    Decisions {
        waiting: view
            .proposals
            .iter()
            .map(|one| waiting(t, one, typed))
            .collect(),
        ready: view
            .exports
            .iter()
            .map(|one| ready(t, one, typed))
            .collect(),
        left_over: Some(of(kept, &typed.form, "reason"))
            .filter(|text| left_over && !inert::is_blank(text)),
        forms,
        retain,
        hold_form,
        held: view.hold,
        kept: view
            .class
            .map(|class| words::retention(t, class))
            .unwrap_or_default(),
        until: view.clocks.until.map(|day| t.date(day)),
        review: view.clocks.review.map(|day| t.date(day)),
    }
}

/// The form for the retention class.
pub(super) const RETAIN: &str = "retain";
/// The form for a legal hold.
pub(super) const HOLD: &str = "hold";

fn propose<'a>(
    t: &Translator,
    kind: ProposalKind,
    typed: &DecisionInput,
    kept: &'a Kept,
) -> ProposeForm<'a> {
    let form = kind.as_str();
    let lowered = [Urgency::U1, Urgency::U2, Urgency::U3].into_iter();
    let closing = [
        RetentionClass::NoAction,
        RetentionClass::ChildIdentified,
        RetentionClass::Referred,
    ];
    let urgencies = lowered.map(|urgency| Choice {
        value: urgency.as_str(),
        label: words::urgency(t, urgency),
        chosen: of(kept, form, "urgency") == urgency.as_str(),
    });
    ProposeForm {
        kind: form,
        title: words::proposal(t, kind),
        hint: words::proposal_explained(t, kind),
        reason: typed.reason_form(t, form, kept),
        urgencies: match kind {
            ProposalKind::LowerUrgency => urgencies.collect(),
            _ => Vec::new(),
        },
        classes: match kind {
            ProposalKind::NoAction => {
                let chosen = of(kept, form, "class");
                classes(t, &closing, Some(RetentionClass::NoAction), chosen)
            }
            _ => Vec::new(),
        },
        urgency_error: typed.error(t, form, Field::Urgency),
        class_error: typed.error(t, form, Field::Class),
        until: of(kept, form, "until"),
        until_error: typed.error(t, form, Field::Until),
        takes_message: kind == ProposalKind::NoAction,
        message: of(kept, form, "message"),
        message_error: typed.error(t, form, Field::Message),
        takes_recipient: kind == ProposalKind::Export,
        recipient: of(kept, form, "recipient"),
        recipient_error: typed.error(t, form, Field::Recipient),
    }
}

fn classes(
    t: &Translator,
    offered: &[RetentionClass],
    now: Option<RetentionClass>,
    typed: &str,
) -> Vec<Choice> {
    let chosen = typed.parse().ok().or(now);
    offered
        .iter()
        .map(|class| Choice {
            value: class.as_str(),
            label: words::retention(t, *class),
            chosen: chosen == Some(*class),
        })
        .collect()
}

fn waiting<'a>(t: &Translator, view: &'a ProposalView, typed: &DecisionInput) -> Waiting<'a> {
    let id = view.id.to_string();
    let told = view.told.as_ref();
    let mut facts = Vec::new();
    if let Some(told) = told {
        facts.extend(told.urgency.map(|urgency| words::urgency(t, urgency)));
        facts.extend(told.class.map(|class| words::retention(t, class)));
        facts.extend(told.until.map(|day| t.date(day)));
    }
    Waiting {
        kind: words::proposal(t, view.kind),
        proposer: &view.proposer,
        day: t.date(view.day),
        mine: view.mine,
        readable: told.is_some(),
        reason: Inert(told.map(|told| told.reason.as_str()).unwrap_or_default()),
        facts,
        message: told.and_then(|told| told.message.as_deref()).map(Inert),
        recipient: told.and_then(|told| told.recipient.as_ref()),
        explained: words::proposal_explained(t, view.kind),
        code_error: typed.error(t, &id, Field::Code),
        id,
    }
}

fn ready<'a>(t: &Translator, view: &'a ReadyExport, typed: &DecisionInput) -> Ready<'a> {
    let id = view.id.to_string();
    Ready {
        recipient: &view.recipient,
        fingerprint: &view.fingerprint,
        code_error: typed.error(t, &id, Field::Code),
        id,
    }
}
