//! What a caseworker typed on a report's page and what was wrong with it.

use super::decisions::Typed;
use crate::domain::ids::ReportId;
use crate::domain::inert;
use crate::domain::state::Act;
use crate::domain::urgency::Urgency;
use crate::web::staff::fields::Fields;
use crate::web::staff::words;

/// Which form of the page was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Message,
    Note,
    Urgency,
    Act,
}

/// One sent form. The default is none.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) sent: Option<Sent>,
    /// The message, the note or the reason.
    pub(super) text: String,
    pub(super) urgency: Option<Urgency>,
    pub(super) act: Option<Act>,
    pub(super) linked: String,
    /// Message ids of what is wrong: with the page, the text or reason, the choice, the other report's number.
    pub(super) page_error: Option<&'static str>,
    pub(super) text_error: Option<&'static str>,
    pub(super) choice_error: Option<&'static str>,
    pub(super) linked_error: Option<&'static str>,
    /// What was typed into a form of the section for two people.
    pub(super) decision: Typed,
}

impl Sent {
    /// How the form is named where it is carried along.
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

    const fn text_field(self) -> &'static str {
        match self {
            Self::Message | Self::Note => "text",
            Self::Urgency | Self::Act => "reason",
        }
    }
}

impl Draft {
    /// What the form of that kind sent.
    pub(super) fn of(sent: Sent, fields: &Fields) -> Self {
        Self::read(sent, fields.get(sent.text_field()), fields)
    }

    /// What was carried along while the report was taken again.
    pub(super) fn left_over(fields: &Fields) -> Self {
        Sent::of(fields.get("form")).map_or_else(Self::default, |sent| {
            Self::read(sent, fields.get("text"), fields)
        })
    }

    fn read(sent: Sent, text: &str, fields: &Fields) -> Self {
        Self {
            sent: Some(sent),
            text: text.replace("\r\n", "\n"),
            urgency: fields.get("urgency").parse().ok(),
            act: words::act_of(fields.get("act")),
            linked: fields.get("linked").trim().to_owned(),
            ..Self::default()
        }
    }

    /// Whether there is nothing to put back.
    pub(super) fn is_empty(&self) -> bool {
        inert::is_blank(&self.text)
            && self.urgency.is_none()
            && self.act.is_none()
            && self.linked.is_empty()
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
    pub(super) fn choose_act(&mut self) -> Option<Act> {
        let act = self
            .act
            .filter(|act| *act == Act::AskReporter || can_be_chosen(*act));
        if act.is_none() {
            self.choice_error = Some("staff-choice-missing");
        }
        act
    }

    /// The number of the other report, where the act needs one. People paste it with spaces around and in any case.
    pub(super) fn linked_report(&mut self) -> Option<ReportId> {
        if self.act != Some(Act::Link) {
            return None;
        }
        let linked = self.linked.to_ascii_lowercase().parse().ok();
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

    /// The text, if this is the form it was typed into.
    pub(super) fn text_for(&self, form: Sent) -> &str {
        if self.sent == Some(form) {
            &self.text
        } else {
            ""
        }
    }

    /// What is wrong with the text, if this is the form it was typed into.
    pub(super) fn text_error_for(&self, form: Sent) -> Option<&'static str> {
        self.text_error.filter(|_| self.sent == Some(form))
    }

    /// What is wrong with the choice, if this is the form it was made in.
    pub(super) fn choice_error_for(&self, form: Sent) -> Option<&'static str> {
        self.choice_error.filter(|_| self.sent == Some(form))
    }
}

/// Whether an act is a choice in the form. Asking is a button beside the message; taking and giving back have buttons of their own; the reporter's is the reporter's.
pub(super) const fn can_be_chosen(act: Act) -> bool {
    match act {
        Act::Resume | Act::Link | Act::MarkSpam | Act::Lock | Act::Unlock => true,
        Act::AskReporter | Act::Claim | Act::Release | Act::ReporterWrote | Act::Close => false,
    }
}
