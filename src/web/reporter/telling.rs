//! Telling more once the report is with the team: a section of the form at a time, kept on the page until it is sent as a message.

use askama::Template;
use zeroize::Zeroizing;

use super::offers::Offers;
use super::questions::{self, Asked, Target};
use super::reading::{Gone, Read};
use crate::domain::form::{FieldError, FormDefinition, Section, Stage};
use crate::locale::{Locale, Translator};
use crate::service::mailbox::OpenedMailbox;
use crate::web::body::Form;
use crate::web::frame::PageFrame;
use crate::web::state::State;

/// The field of the choice to be able to read a message again, and its value.
const KEEPS: &str = "keep";
const YES: &str = "yes";

/// What was answered in the mailbox and not sent yet.
pub(super) struct Telling {
    asks: FormDefinition,
    read: Read,
    who: String,
    keeps: bool,
    /// Whether the page asked an edition of the form that nobody knows any more.
    is_other: bool,
    /// Answers to questions that are gone.
    gone: Option<Gone>,
}

impl Telling {
    /// What a request brings of it.
    pub(super) fn of(state: &State, locale: Locale, form: &Form) -> Self {
        let edition = form.value(FormDefinition::EDITION);
        let asks = state.services.intake.form_once_sent(edition);
        let (read, gone) = Read::apart(&state.in_words_of(&asks.edition), locale, &asks, form);
        // It may have been said in the report, which nobody can look into here, or in a section that has been sent.
        let who = match read.filled.says_who(&asks) {
            Some(who) => who.to_owned(),
            None => form.value("who").to_owned(),
        };
        let keeps = form.value(KEEPS) == YES;
        let is_other = !edition.is_empty() && edition != asks.edition;
        Self {
            is_other,
            asks,
            read,
            who,
            keeps,
            gone,
        }
    }

    /// The edition of the form that is asked.
    pub(super) fn edition(&self) -> &str {
        &self.asks.edition
    }

    /// Whether what was answered may have been asked in other words.
    pub(super) const fn is_other(&self) -> bool {
        self.is_other
    }

    /// Whether what is written shall be there to be read again.
    pub(super) const fn keeps(&self) -> bool {
        self.keeps
    }

    /// What is said of answers to questions that are gone.
    pub(super) fn moved(&self) -> Option<&str> {
        self.gone.as_ref().map(|gone| gone.moved.said.as_str())
    }

    /// What was typed, and under it what was typed to questions that are gone.
    pub(super) fn with_gone(&self, typed: &str) -> Zeroizing<String> {
        let words = self.gone.as_ref().map(|gone| gone.words.as_str());
        let parts = [Some(typed), words];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        Zeroizing::new(parts.collect::<Vec<_>>().join("\n\n"))
    }

    /// The section of that name.
    pub(super) fn section(&self, id: &str) -> Option<&Section> {
        let section = self.asks.section(id);
        section.filter(|section| section.stage == Stage::More)
    }

    /// What is wrong with the answers of a section.
    pub(super) fn errors(&self, section: &Section) -> Vec<FieldError> {
        let errors = self.read.errors.iter();
        let errors = errors.filter(|error| section.asks(&error.question));
        errors.cloned().collect()
    }

    /// The answers of a section as a message in the reporter's language.
    pub(super) fn message(&self, t: &Translator, section: &Section) -> Zeroizing<String> {
        let words = |id: &str| t.told(id, &self.who);
        self.read.filled.message(section, &words)
    }

    /// A draft with all answers under it: for a page that has no fields for them.
    pub(super) fn draft(&self, t: &Translator, draft: &str) -> Zeroizing<String> {
        let mut all = Zeroizing::new(draft.to_owned());
        for section in self.asks.of_stage(Stage::More) {
            let message = self.message(t, section);
            if !all.is_empty() && !message.is_empty() {
                all.push_str("\n\n");
            }
            all.push_str(&message);
        }
        all
    }

    /// Hidden fields that bring it all back, without those of a section that has been sent.
    pub(super) fn fields(&self, sent: Option<&Section>) -> Vec<(String, String)> {
        let mut fields = self.read.filled.fields();
        fields.retain(|(name, _)| !sent.is_some_and(|section| section.asks(name)));
        fields.push(("who".to_owned(), self.who.clone()));
        fields.extend(questions::marks(&self.asks));
        let told = self.gone.iter().flat_map(|gone| &gone.moved.fields);
        fields.extend(told.cloned());
        fields
    }

    /// The sections that can be told.
    pub(super) fn offers(&self, t: &Translator, sent: Option<&Section>) -> Offers {
        let mut offers = Offers::all(t, &self.asks, &self.who);
        for offer in &mut offers.0 {
            let section = self.section(&offer.id).filter(|one| {
                let is_sent = sent.is_some_and(|sent| sent.id == one.id);
                !is_sent
            });
            let answered = |section| !self.message(t, section).is_empty();
            offer.is_unsent = section.is_some_and(answered);
        }
        offers
    }

    /// The page with the questions of a section.
    pub(super) fn page<'a>(
        &self,
        c: PageFrame<'a>,
        mailbox: &OpenedMailbox,
        section: &Section,
        draft: &str,
        (errors, problem): (&[FieldError], Option<&'static str>),
    ) -> impl Template + use<'a> {
        let fields = [
            ("ticket", mailbox.ticket.as_str()),
            ("write_ticket", mailbox.write_ticket.as_str()),
            ("text", draft),
            ("section", section.id.as_str()),
            ("who", self.who.as_str()),
            (KEEPS, if self.keeps { YES } else { "" }),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let target = Target {
            id: "messages",
            action: format!("/{}/mailbox", c.t.code()),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            button: ("tell", "more-send"),
            back: Some(("open", "more-back")),
        };
        let asked = Asked {
            form: &self.asks,
            sections: &[section],
            filled: &self.read.filled,
            who: &self.who,
            errors,
            moved: None,
            problem,
        };
        questions::questions(c, asked, target)
    }
}
