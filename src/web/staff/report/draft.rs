//! What a caseworker typed on a report's page and what was wrong with it.

use super::decisions::DecisionInput;
use crate::domain::ids::ReportId;
use crate::domain::inert;
use crate::domain::state::Transition;
use crate::domain::urgency::Urgency;
use crate::web::staff::fields::Fields;
use crate::web::staff::kept::Kept;

/// Which part of the page's form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Message,
    Note,
    Urgency,
    Act,
}

/// What was sent, and all that stood in the page's one form beside it. The default is none.
#[derive(Default)]
pub(super) struct ReportDraft {
    pub(super) sent: Option<Sent>,
    /// Everything, to be put back.
    pub(super) kept: Kept,
    /// The message, the note or the reason that was sent.
    pub(super) text: String,
    pub(super) urgency: Option<Urgency>,
    pub(super) act: Option<Transition>,
    /// Message ids of what is wrong: with the page, the text or reason, the choice, the other report's number.
    pub(super) page_error: Option<&'static str>,
    pub(super) text_error: Option<&'static str>,
    pub(super) choice_error: Option<&'static str>,
    pub(super) linked_error: Option<&'static str>,
    /// What was sent of the section for two people.
    pub(super) decision: DecisionInput,
}

impl Sent {
    /// How the part is named where it is carried along.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Note => "note",
            Self::Urgency => "urgency",
            Self::Act => "act",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Message, Self::Note, Self::Urgency, Self::Act]
            .into_iter()
            .find(|sent| sent.name() == name)
    }

    /// The name of its text's field.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Note => "note",
            Self::Urgency => "urgency-reason",
            Self::Act => "act-reason",
        }
    }
}

impl ReportDraft {
    /// What was sent with the button of that part.
    pub(super) fn of(sent: Sent, fields: &Fields) -> Self {
        let kept = Kept::of(fields);
        Self {
            sent: Some(sent),
            text: kept.get(sent.field()).to_owned(),
            urgency: kept.get("urgency").parse().ok(),
            act: kept.get("act").parse().ok(),
            kept,
            ..Self::default()
        }
    }

    /// All that stood in the page's form, when a button of another kind was pressed.
    pub(super) fn beside(fields: &Fields) -> Self {
        let kept = Kept::of(fields);
        Self {
            urgency: kept.get("urgency").parse().ok(),
            act: kept.get("act").parse().ok(),
            kept,
            ..Self::default()
        }
    }

    /// What was carried along while the report was taken again.
    pub(super) fn left_over(fields: &Fields) -> Self {
        Sent::of(fields.get("form"))
            .map_or_else(|| Self::beside(fields), |sent| Self::of(sent, fields))
    }

    /// Whether there are no words to put back.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.texts().next().is_none()
    }

    /// What was sent is done: the rest stays in its fields.
    pub(super) fn done(&mut self, part: &str) {
        self.kept.take(part);
        if part == Sent::Urgency.name() {
            self.urgency = None;
        }
        if part == Sent::Act.name() {
            self.act = None;
        }
        self.sent = None;
        self.decision = DecisionInput::default();
    }

    pub(super) fn text_is_missing(&mut self) -> bool {
        let missing = inert::is_blank(&self.text);
        if missing {
            self.text_error = Some("staff-text-missing");
        }
        missing
    }

    pub(super) fn has_reason(&mut self) -> bool {
        let given = !inert::is_blank(&self.text);
        if !given {
            self.text_error = Some("staff-reason-missing");
        }
        given
    }

    pub(super) fn choose_urgency(&mut self) -> Option<Urgency> {
        if self.urgency.is_none() {
            self.choice_error = Some("staff-choice-missing");
        }
        self.urgency
    }

    /// The act, if it is one that people choose.
    pub(super) fn choose_act(&mut self) -> Option<Transition> {
        let act = self.act.filter(|act| act.can_be_chosen());
        if act.is_none() {
            self.choice_error = Some("staff-choice-missing");
        }
        act
    }

    /// The number of the other report, where the act needs one. People paste it with spaces around and in any case.
    pub(super) fn linked_report(&mut self) -> Option<ReportId> {
        if self.act != Some(Transition::Link) {
            return None;
        }
        let linked = self.kept.get("linked").trim().to_ascii_lowercase();
        let linked = linked.parse().ok();
        if linked.is_none() {
            self.linked_is_wrong();
        }
        linked
    }

    pub(super) const fn linked_is_wrong(&mut self) {
        self.linked_error = Some("staff-linked-wrong");
    }

    pub(super) const fn is_wrong(&self) -> bool {
        self.text_error.is_some() || self.choice_error.is_some() || self.linked_error.is_some()
    }

    /// What is wrong with the text, if this is the part it was typed into.
    pub(super) fn text_error_for(&self, form: Sent) -> Option<&'static str> {
        self.text_error.filter(|_| self.sent == Some(form))
    }

    /// What is wrong with the choice, if this is the part it was made in.
    pub(super) fn choice_error_for(&self, form: Sent) -> Option<&'static str> {
        self.choice_error.filter(|_| self.sent == Some(form))
    }
}
