//! What a form asks.

use crate::domain::named::named;
use crate::domain::urgency::Urgency;
use crate::domain::voice::Voice;

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
    /// What tells it from every other form, with the words in which it is asked; empty until those are known.
    pub edition: String,
    /// Its questions read aloud, as far as they are.
    pub voice: Voice,
}

named! {
    /// When a section is asked.
    Stage {
        /// On the first screen: what is needed before anything can be sent.
        First = "first",
        /// Instead of the first screen, for whoever comes through a door of its own on the front page.
        Door = "door",
        /// Only of whoever wants to tell more, a section at a time, before sending or after.
        More = "more",
    }
}

/// Questions that belong on one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Name within the form.
    pub id: String,
    /// Message id of the heading.
    pub label: String,
    /// Message id of a line under the name of a door.
    pub help: Option<String>,
    /// Message id of a paragraph under the heading.
    pub intro: Option<String>,
    /// When it is asked.
    pub stage: Stage,
    /// What whoever comes through a door has said by it.
    pub says: Vec<Said>,
    /// What is asked, in order.
    pub questions: Vec<Question>,
}

/// An answer that is given by coming through a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The question.
    pub question: String,
    /// Its option.
    pub option: String,
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
    /// What can be picked; empty for typed answers.
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

/// Something that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Name within the question, and the value of its field.
    pub id: String,
    /// Message id of its words.
    pub label: String,
    /// The drawing beside them.
    pub icon: Option<String>,
    /// How urgent a report with this answer probably is.
    pub urgency: Option<Urgency>,
    /// The channel that a report with this answer goes to instead of the form's own.
    pub routes_to: Option<String>,
    /// Message id of a notice to show beside it ("call this number now").
    pub show: Option<String>,
    /// The notice to show instead where the channel of `routes_to` is not open, see [`FormDefinition::with_channels`].
    pub show_unrouted: Option<String>,
    /// The notice to show instead once the report is with its team, see [`FormDefinition::once_sent`].
    pub show_sent: Option<String>,
    /// Message id of what is said back, before sending and after, to whoever picked it. The telephone numbers stand under it.
    pub after: Option<String>,
    /// To whom the form speaks from then on: `$who` in its sentences.
    pub who: Option<String>,
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

/// The drawings that there are.
pub const ICONS: [&str; 11] = [
    "asking", "hurting", "missing", "online", "other", "paying", "pictures", "place", "threats",
    "touching", "trapped",
];

/// Fields that every page with questions carries besides them.
const TAKEN: [&str; 15] = [
    "at", "code", "edition", "item", "keep", "kept", "moved", "picks", "section", "step", "text",
    "ticket", "typed", "unstored", "who",
];

/// Whether a field of the pages themselves is called that.
pub(super) fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

/// Whether something in a form can be called that.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 100
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

impl FormDefinition {
    /// Its name, such as `report`.
    #[cfg(test)]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Counted up by whoever changes it.
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

    /// The same form for whoever tells more once the report is with a team: an answer routes it nowhere any more, and says so.
    #[must_use]
    pub fn once_sent(mut self) -> Self {
        let sections = self.sections.iter_mut();
        let questions = sections.flat_map(|section| &mut section.questions);
        for option in questions.flat_map(|question| &mut question.options) {
            if let Some(notice) = option.show_sent.take() {
                option.show = Some(notice);
                option.show_numbers = true;
            }
            option.routes_to = None;
        }
        self
    }

    /// Every message id it names. Each must exist in every language before the form is shown.
    pub fn messages(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        for section in &self.sections {
            ids.push(&section.label);
            ids.extend(section.help.iter().chain(&section.intro));
            for question in &section.questions {
                ids.push(&question.label);
                ids.extend(&question.help);
                for option in &question.options {
                    ids.push(&option.label);
                    let notices = option.show.iter().chain(&option.show_unrouted);
                    ids.extend(notices.chain(&option.show_sent).chain(&option.after));
                }
            }
        }
        ids.into_iter().map(String::as_str).collect()
    }

    /// Its screens, in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Its screens of one stage, in order.
    pub fn of_stage(&self, stage: Stage) -> impl Iterator<Item = &Section> {
        self.sections
            .iter()
            .filter(move |section| section.stage == stage)
    }

    /// The screen of that name.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The screen that asks who must not be told, if it is not among the first.
    pub fn barred(&self) -> Option<&Section> {
        let asks = |section: &&Section| {
            let mut questions = section.questions.iter();
            questions.any(|question| question.card == Some(Shown::Barred))
        };
        self.of_stage(Stage::More).find(asks)
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

impl Section {
    /// Whether that question is one of its own.
    pub fn asks(&self, question: &str) -> bool {
        self.questions.iter().any(|own| own.id == question)
    }
}

impl Question {
    /// Whether it is answered by picking.
    pub const fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice | Kind::Choices)
    }

    /// Whether it is one of those with which a report can be made, in words.
    pub const fn takes_account(&self) -> bool {
        self.required_group.is_some() && !self.is_choice()
    }

    /// The option of that name.
    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id == id)
    }
}
