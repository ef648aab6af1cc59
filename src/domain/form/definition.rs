//! What a form asks.

use crate::domain::named::named;
use crate::domain::urgency::Urgency;

/// Longest text answer a form may ask for, in Unicode scalar values.
pub const LONGEST: usize = 20_000;
/// How long an answer may be where the form does not say.
pub(super) const LONG: usize = 2_000;

/// A versioned form. Made by [`FormDefinition::from_toml`] only, so that what it says is known to hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormDefinition {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) channel: String,
    pub(super) sections: Vec<Section>,
    pub(super) source: String,
}

/// Questions that belong on one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Name within the form.
    pub id: String,
    /// Message id of the heading.
    pub label: String,
    /// Message id of a paragraph under the heading.
    pub intro: Option<String>,
    /// What is asked, in order.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name within the form, and the name of its field.
    pub id: String,
    /// What an answer looks like.
    pub kind: Kind,
    /// Message id of the question.
    pub label: String,
    /// Message id that says why it is asked.
    pub help: Option<String>,
    /// What can be picked; empty for typed answers. `unknown` and `unsaid` are not listed here, see [`Question::can_skip`].
    pub options: Vec<Choice>,
    /// When it matters; always, if there is none.
    pub condition: Option<Condition>,
    /// Most Unicode scalar values a typed answer may have.
    pub max_chars: usize,
    /// At least one question of a group must be answered.
    pub required_group: Option<String>,
    /// Which line of the queue's card it fills.
    pub card: Option<Shown>,
}

named! {
    /// What an answer looks like.
    Kind {
        /// One of the options.
        Choice = "choice",
        /// Any number of the options.
        Choices = "choices",
        /// One typed line.
        Line = "line",
        /// Typed paragraphs.
        Text = "text",
        /// A pasted address, or the message it came in. Never fetched.
        Link = "link",
    }
}

named! {
    /// A way not to answer. In the order in which they are offered.
    Skip {
        /// "I don't know."
        Unknown = "unknown",
        /// "Rather not say."
        Unsaid = "unsaid",
    }
}

impl Skip {
    /// The value of its field.
    pub const fn id(self) -> &'static str {
        self.as_str()
    }

    /// Message id of its words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "form-skip-unknown",
            Self::Unsaid => "form-skip-unsaid",
        }
    }

    pub(super) fn from_id(id: &str) -> Option<Self> {
        id.parse().ok()
    }
}

/// Something that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Name within the question, and the value of its field.
    pub id: String,
    /// Message id of its words.
    pub label: String,
    /// How urgent a report with this answer probably is.
    pub urgency: Option<Urgency>,
    /// The channel that a report with this answer goes to instead of the form's own.
    pub routes_to: Option<String>,
    /// Message id of a notice to show beside it ("call this number now").
    pub show: Option<String>,
    /// The notice to show instead where the channel of `routes_to` is not open, see [`FormDefinition::with_channels`].
    pub show_unrouted: Option<String>,
    /// Whether the telephone numbers stand under the notice.
    pub show_numbers: bool,
}

/// A question matters only if another question has one of these answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The other question, which stands before this one.
    pub question: String,
    /// Its options.
    pub any_of: Vec<String>,
}

named! {
    /// The lines of the queue's card that a question can fill.
    Shown {
        /// Whether a child is in danger now.
        Danger = "danger",
        /// What kind of thing is reported.
        Categories = "categories",
        /// The first words of the account.
        Excerpt = "excerpt",
        /// Who must not be told.
        Barred = "barred",
    }
}

impl FormDefinition {
    /// Its name, such as `report`.
    #[cfg(test)]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Counted up by whoever changes it.
    #[cfg(test)]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The channel its reports go to, unless an answer routes elsewhere.
    #[cfg(test)]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// Every channel its reports may go to: its own first, then those that answers route to.
    #[cfg(test)]
    pub fn channels(&self) -> Vec<&str> {
        let mut all = vec![self.channel.as_str()];
        let routed = self
            .questions()
            .flat_map(|question| &question.options)
            .filter_map(|option| option.routes_to.as_deref());
        for channel in routed {
            if !all.contains(&channel) {
                all.push(channel);
            }
        }
        all
    }

    /// The same form with its channels called as they are in this installation.
    ///
    /// `actual` gives the name of a channel that can take reports, and nothing for one that cannot. An answer that would
    /// route to such a one then routes nowhere, and its notice is exchanged for one that promises no other team. The form's
    /// own channel keeps its name in that case: whether the form is open at all is decided elsewhere.
    #[must_use]
    pub fn with_channels(mut self, actual: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(name) = actual(&self.channel) {
            self.channel = name;
        }
        let sections = self.sections.iter_mut();
        let questions = sections.flat_map(|section| &mut section.questions);
        for option in questions.flat_map(|question| &mut question.options) {
            let Some(wanted) = option.routes_to.take() else {
                continue;
            };
            option.routes_to = actual(&wanted);
            if option.routes_to.is_none() {
                option.show = option.show_unrouted.take();
                // Whoever has nobody else to write to here can call.
                option.show_numbers |= option.show.is_some();
            }
        }
        self
    }

    /// Every message id it names. Each must exist in every language before the form is shown.
    pub fn messages(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        for section in &self.sections {
            ids.push(&section.label);
            ids.extend(&section.intro);
            for question in &section.questions {
                ids.push(&question.label);
                ids.extend(&question.help);
                for option in &question.options {
                    ids.push(&option.label);
                    ids.extend(option.show.iter().chain(&option.show_unrouted));
                }
            }
        }
        ids.into_iter().map(String::as_str).collect()
    }

    /// Its screens, in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Every question, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.sections.iter().flat_map(|section| &section.questions)
    }

    /// The question of that name.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }

    /// The question that fills that line of the card.
    pub(super) fn on_card(&self, line: Shown) -> Option<&Question> {
        self.questions()
            .find(|question| question.card == Some(line))
    }

    /// The file as it was read. Its SHA-256 is what answers are sealed with.
    #[cfg(test)]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Question {
    /// Whether it is answered by picking.
    pub const fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice | Kind::Choices)
    }

    /// Whether it has a large field.
    pub const fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text)
    }

    /// Whether "I don't know" and "rather not say" are offered: always, except where a report would be empty.
    pub const fn can_skip(&self) -> bool {
        self.required_group.is_none()
    }

    /// The field in which a typed question is skipped. A picked one is skipped with `unknown` or `unsaid` in its own field.
    pub fn skip_field(&self) -> String {
        if self.is_choice() {
            self.id.clone()
        } else {
            format!("{}.skip", self.id)
        }
    }

    /// The ways to skip it: value of the field and message id of the words.
    pub fn skips(&self) -> &'static [Skip] {
        if self.can_skip() { &Skip::ALL } else { &[] }
    }

    /// The option of that name.
    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id == id)
    }
}
