//! The answers that a request brings, those among them that nobody asks for any more.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::domain::form::{Answers, FieldError, Filled, FormDefinition, Invalid, Parted, Question};
use crate::locale::{Locale, Translator};
use crate::service::Formerly;
use crate::web::body::Form;
use crate::web::state::State;

/// What was typed, and what is wrong with it.
pub(super) struct Read {
    pub(super) filled: Filled,
    pub(super) errors: Vec<FieldError>,
}

impl Read {
    /// The answers among these fields; words that nobody asked for stand in the account. With what is to be said of that.
    pub(super) fn of(
        state: &State,
        locale: Locale,
        definition: &FormDefinition,
        form: &Form,
    ) -> (Self, Option<Moved>) {
        let (read, gone) = Self::apart(state, locale, definition, form);
        let Some(gone) = gone else {
            return (read, None);
        };
        let Gone {
            mut parted,
            words,
            moved,
        } = gone;
        if let (Some(account), false) = (definition.account(), words.is_empty()) {
            parted.add(&account.id, &words);
        }
        (Self::asked(definition, &parted, form), Some(moved))
    }

    /// The same with those words apart.
    pub(super) fn apart(
        state: &State,
        locale: Locale,
        definition: &FormDefinition,
        form: &Form,
    ) -> (Self, Option<Gone>) {
        let picks = Picks::of(state, form);
        let parted = definition.part(form.fields(), |name| picks.has(name));
        let read = Self::asked(definition, &parted, form);
        let told = Told::of(form);
        let gone = (!parted.gone.is_empty() || !told.is_empty()).then(|| {
            let former = Former {
                state,
                t: state.locales.borrowed(locale),
                who: read.filled.who(definition),
            };
            Gone::of(parted, told, &former)
        });
        (read, gone)
    }

    fn asked(definition: &FormDefinition, parted: &Parted, form: &Form) -> Self {
        let (filled, mut errors) = match Answers::read(definition, &parted.asked) {
            Ok(filled) => (filled, Vec::new()),
            Err(Invalid { filled, errors }) => (filled, errors),
        };
        for question in definition
            .questions()
            .filter(|question| form.is_garbled(&question.id))
        {
            if !errors.iter().any(|error| error.question == question.id) {
                errors.push(FieldError {
                    question: question.id.clone(),
                    message: "form-error-control",
                    args: Vec::new(),
                });
            }
        }
        Self { filled, errors }
    }
}

/// Answers to questions that are asked no more.
pub(super) struct Gone {
    parted: Parted,
    /// What was typed, under its questions.
    pub(super) words: Zeroizing<String>,
    pub(super) moved: Moved,
}

/// What the reader is told of them, and the hidden fields by which it is told again.
pub(super) struct Moved {
    pub(super) said: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Gone {
    fn of(parted: Parted, mut told: Told, former: &Former<'_>) -> Self {
        let words = parted.words(|name| former.label(name));
        told.has_words |= !words.is_empty();
        let picks = parted.picks().take(MOST_TOLD);
        told.picks
            .extend(picks.map(|(name, option)| (name.to_owned(), option.to_owned())));
        Self {
            moved: told.moved(former),
            words,
            parted,
        }
    }
}

/// How many picks a reader is told of. A stranger chooses how many there are.
const MOST_TOLD: usize = 100;

/// Of what a reader is told: whether words stand elsewhere now, and which picks are gone, by question and option.
#[derive(Default)]
struct Told {
    has_words: bool,
    picks: Vec<(String, String)>,
}

impl Told {
    /// What stands on the page in words, among the picks.
    const WORDS: &'static str = "words";

    /// What the page told of that a form was sent from, if it is shown once more: in another language, or after it was left.
    fn of(form: &Form) -> Self {
        let mut told = Self::default();
        if !matches!(form.value("step"), "edit" | "open") {
            return told;
        }
        let fields = form.fields().iter();
        let said = fields.filter(|(name, _)| name == FormDefinition::MOVED);
        for (_, value) in said.take(MOST_TOLD) {
            match value.split_once(' ') {
                Some((name, option)) => {
                    told.picks.push((name.to_owned(), option.to_owned()));
                }
                None => told.has_words |= value == Self::WORDS,
            }
        }
        told
    }

    fn is_empty(&self) -> bool {
        !self.has_words && self.picks.is_empty()
    }

    fn moved(&self, former: &Former<'_>) -> Moved {
        let mut said = vec![former.t.text("form-moved")];
        let mut fields = Vec::new();
        let mut field = |value: String| fields.push((FormDefinition::MOVED.to_owned(), value));
        if self.has_words {
            said.push(former.t.text("form-moved-words"));
            field(Self::WORDS.to_owned());
        }
        let mut known = Vec::new();
        for (name, option) in &self.picks {
            known.extend(former.pick(name, option));
            field(format!("{name} {option}"));
        }
        if !known.is_empty() {
            let picked = [("picked", &known.join("; "))];
            said.push(former.t.text_with("form-moved-picks", &picked));
        }
        if known.len() < self.picks.len() {
            said.push(former.t.text("form-moved-picks-some"));
        }
        Moved {
            said: said.join(" "),
            fields,
        }
    }
}

/// What questions said that are asked no more.
struct Former<'a> {
    state: &'a State,
    t: &'a Translator,
    who: &'a str,
}

impl Former<'_> {
    fn find(&self, name: &str, fits: impl Fn(&Question) -> bool) -> Option<Formerly> {
        self.state.services.intake.formerly(name, fits)
    }

    fn said(&self, formerly: &Formerly, id: &str) -> String {
        (formerly.words)(self.t.code(), id, self.who)
    }

    fn label(&self, name: &str) -> String {
        match self.find(name, |question| !question.is_choice()) {
            Some(known) => self.said(&known, &known.question.label),
            None => self.t.text("form-moved-label"),
        }
    }

    fn pick(&self, name: &str, option: &str) -> Option<String> {
        let known = self.find(name, |question| question.option(option).is_some())?;
        let picked = known.question.option(option)?;
        let (asked, picked) = (
            self.said(&known, &known.question.label),
            self.said(&known, &picked.label),
        );
        Some(format!("{asked} {picked}"))
    }
}

/// Longest list of names that is looked at, in bytes. A page of ours has a tenth of that.
const LONGEST_PICKS: usize = 4_096;

/// Which questions have answers that are picked: as the page says that a form was sent from, else as far as is known. Read once: a stranger
/// chooses its length and how many fields are looked up in it.
struct Picks<'a> {
    state: &'a State,
    named: Option<BTreeSet<&'a str>>,
}

impl<'a> Picks<'a> {
    fn of(state: &'a State, form: &'a Form) -> Self {
        let said = form.optional(FormDefinition::PICKS);
        let said = said.filter(|picks| picks.len() <= LONGEST_PICKS);
        Self {
            state,
            named: said.map(|picks| picks.split(' ').collect()),
        }
    }

    fn has(&self, name: &str) -> bool {
        match &self.named {
            Some(named) => named.contains(name),
            None => {
                let known = self.state.services.intake.formerly(name, |_| true);
                known.is_some_and(|known| known.question.is_choice())
            }
        }
    }
}
