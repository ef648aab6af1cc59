//! One language's sentences.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::{Direction, Locale, LocaleError, OwnFile, digits, files, khmer, numerals};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::zone::Zone;

/// A value to put into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg<'a> {
    /// Shown as it is.
    Text(&'a str),
    /// Written in the language's digits, and able to choose a plural form.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Turns message ids into sentences of one language.
pub struct Translator {
    /// Whose addresses its pages have.
    locale: Locale,
    /// What its sentences are in.
    speech: Arc<Speech>,
    /// Where to look for a sentence that is missing there.
    fallback: Option<Arc<Speech>>,
    zone: Zone,
}

/// The sentences of one language.
struct Speech {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
    ids: BTreeSet<String>,
}

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Translator").field(&self.locale).finish()
    }
}

impl Translator {
    pub(super) fn load(locale: Locale, own: &[OwnFile]) -> Result<Self, LocaleError> {
        let speech = Speech::load(locale, own)?;
        Ok(Self {
            locale,
            speech: Arc::new(speech),
            fallback: None,
            zone: Zone::UTC,
        })
    }

    /// The same, with the sentences of another where it lacks one: only a language that does not say everything may lack any.
    pub(super) fn over(self, fallback: &Self) -> Self {
        let lacks = !self.locale.is_complete();
        Self {
            fallback: lacks.then(|| Arc::clone(&fallback.speech)),
            ..self
        }
    }

    /// The same sentences at the addresses of another language.
    pub(super) fn under(&self, locale: Locale) -> Self {
        Self {
            locale,
            speech: Arc::clone(&self.speech),
            fallback: None,
            zone: self.zone.clone(),
        }
    }

    pub(super) fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
    }

    /// The date of an instant, where the organisation is.
    pub fn date_of(&self, at: Timestamp) -> String {
        self.date(self.zone.day(at))
    }

    /// Hour and minute of an instant, where the organisation is.
    pub fn time_of(&self, at: Timestamp) -> String {
        let (hour, minute) = self.zone.time(at);
        self.digits(&format!("{hour:02}:{minute:02}"))
    }

    /// The zone of [`Translator::date_of`].
    pub fn time_zone(&self) -> Zone {
        self.zone.clone()
    }

    /// The zone of [`Translator::date_of`], by name, with what it is ahead of UTC at an instant.
    pub fn zone(&self, at: Timestamp) -> String {
        self.zone.label(at)
    }

    /// The language of its pages.
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// The language that its sentences are in: another one where a page is lacking.
    pub fn spoken(&self) -> Locale {
        self.speech.locale
    }

    /// The code in the addresses of its pages.
    pub const fn code(&self) -> &'static str {
        self.locale.code()
    }

    /// The sentence of a message without variables.
    pub fn text(&self, id: &str) -> String {
        const NONE: &[(&str, &str)] = &[];
        self.text_with(id, NONE)
    }

    /// The sentence of a message with its variables filled in.
    ///
    /// Never fails: a message that is missing comes back as its id in brackets.
    pub fn text_with<'a>(&self, id: &str, args: &[(&str, impl Into<Arg<'a>> + Copy)]) -> String {
        let lent = || self.fallback.as_deref().filter(|lent| lent.has(id));
        let speech = if self.speech.has(id) {
            Some(&*self.speech)
        } else {
            lent()
        };
        let Some(speech) = speech else {
            tracing::error!(
                event = "page-failing",
                locale = self.code(),
                id,
                "message is missing"
            );
            return format!("[{id}]");
        };
        let sentence = speech.say(id, args);
        // Quoted in a script that runs the other way, its full stop would stand at the wrong end.
        if speech.locale.direction() == self.spoken().direction() {
            sentence
        } else {
            format!("\u{2068}{sentence}\u{2069}")
        }
    }

    /// The language of a sentence that is missing in the one that its neighbours are in.
    pub fn lends(&self, id: &str) -> Option<Locale> {
        let lent = self.fallback.as_deref().filter(|lent| lent.has(id));
        lent.filter(|_| !self.speech.has(id))
            .map(|lent| lent.locale)
    }

    /// A sentence of the form, told to `who`: `me` where it is about the reporter, else `other`.
    pub fn told(&self, id: &str, who: &str) -> String {
        self.text_with(id, &[("who", who)])
    }

    /// The message that a kind has under a prefix: `PREFIX-NAME`.
    pub fn word(&self, prefix: &str, kind: impl Display) -> String {
        self.text(&Self::id_of(prefix, kind))
    }

    /// The id of that message.
    pub fn id_of(prefix: &str, kind: impl Display) -> String {
        let name = kind.to_string().to_ascii_lowercase().replace('_', "-");
        format!("{prefix}-{name}")
    }

    /// Whether there is such a message in the language itself. For messages that an operator's own form may name.
    pub fn has(&self, id: &str) -> bool {
        self.speech.has(id)
    }

    /// The ids of the language's own messages.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.speech.ids.iter().map(String::as_str)
    }

    /// Western digits in `text` as this language writes digits.
    pub fn digits(&self, text: &str) -> String {
        digits(self.spoken(), text)
    }

    /// A whole number in this language's digits, long ones grouped.
    pub fn number(&self, value: impl TryInto<i64>) -> String {
        numerals::number(self.spoken(), value.try_into().unwrap_or(i64::MAX))
    }

    /// A day and a time of it, where the organisation is.
    pub fn moment(&self, at: Timestamp) -> String {
        let said = [("day", &self.date_of(at)), ("time", &self.time_of(at))];
        self.text_with("admission-moment", &said)
    }

    /// A day written out: `23 November 2026`.
    pub fn date(&self, day: Day) -> String {
        let (year, month, day) = day.date();
        let month = self.month(month);
        self.text_with(
            "common-date",
            &[
                ("day", Arg::Number(day.into())),
                ("month", Arg::Text(&month)),
                ("year", Arg::Number(year)),
            ],
        )
    }

    fn month(&self, number: u8) -> String {
        match number {
            1 => self.text("common-month-january"),
            2 => self.text("common-month-february"),
            3 => self.text("common-month-march"),
            4 => self.text("common-month-april"),
            5 => self.text("common-month-may"),
            6 => self.text("common-month-june"),
            7 => self.text("common-month-july"),
            8 => self.text("common-month-august"),
            9 => self.text("common-month-september"),
            10 => self.text("common-month-october"),
            11 => self.text("common-month-november"),
            _ => self.text("common-month-december"),
        }
    }
}

impl Speech {
    fn load(locale: Locale, own: &[OwnFile]) -> Result<Self, LocaleError> {
        let language: LanguageIdentifier = locale.code().parse().map_err(|error| LocaleError {
            file: locale.code().to_owned(),
            problem: format!("not a language code: {error}"),
        })?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks would be pasted along with codes and addresses; only where the script runs the other way are they needed.
        bundle.set_use_isolating(locale.direction() == Direction::RightToLeft);
        bundle.set_formatter(Some(write_number));
        let mut ids = BTreeSet::new();
        for (file, text) in sentences(locale) {
            ids.extend(ids_of(&text));
            bundle
                .add_resource(parse(file, &text)?)
                .map_err(|errors| problem(file, &errors))?;
        }
        for file in own.iter().filter(|file| file.locale == locale) {
            ids.extend(ids_of(&file.text));
            bundle.add_resource_overriding(parse(&file.name, &khmer::joined(&file.text))?);
        }
        Ok(Self {
            locale,
            bundle,
            ids,
        })
    }

    fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// A sentence with its variables filled in.
    fn say<'a>(&self, id: &str, args: &[(&str, impl Into<Arg<'a>> + Copy)]) -> String {
        let message = self.bundle.get_message(id);
        let Some(pattern) = message.and_then(|message| message.value()) else {
            return format!("[{id}]");
        };
        let args: FluentArgs<'_> = args
            .iter()
            .map(|(name, arg)| (*name, self.fluent((*arg).into())))
            .collect();
        let mut errors = Vec::new();
        let sentence = self
            .bundle
            .format_pattern(pattern, Some(&args), &mut errors);
        if !errors.is_empty() {
            tracing::error!(
                event = "page-failing",
                locale = self.locale.code(),
                id,
                "message lacks a variable"
            );
        }
        sentence.into_owned()
    }

    /// The language travels with a number: what writes it is told nothing else.
    fn fluent<'a>(&self, arg: Arg<'a>) -> FluentValue<'a> {
        match arg {
            Arg::Text(text) => FluentValue::from(text),
            Arg::Number(number) => {
                let mut number: FluentNumber = number.into();
                number.options.currency = Some(self.locale.code().to_owned());
                FluentValue::Number(number)
            }
        }
    }
}

/// The language's files, with its words told apart.
fn sentences(locale: Locale) -> Vec<(&'static str, Cow<'static, str>)> {
    #[cfg(debug_assertions)]
    if locale.is_trial() {
        let english = files::of(Locale::fallback()).iter();
        let made = english.map(|(file, text)| (*file, super::trial::of(text).into()));
        return made.collect();
    }
    let files = files::of(locale).iter();
    files
        .map(|(file, text)| (*file, khmer::joined(text)))
        .collect()
}

/// The messages of a Fluent file.
fn ids_of(text: &str) -> impl Iterator<Item = String> {
    let messages = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    messages.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
}

fn parse(file: &str, text: &str) -> Result<FluentResource, LocaleError> {
    FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| problem(file, &errors))
}

fn problem(file: &str, errors: &dyn fmt::Debug) -> LocaleError {
    LocaleError {
        file: file.to_owned(),
        problem: format!("{errors:?}"),
    }
}

/// Only whole numbers are ever given to a sentence; anything else is left to Fluent.
fn write_number<M: MemoizerKind>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => {
            let locale = number.options.currency.as_deref()?.parse().ok()?;
            let whole: i64 = number.as_string().parse().ok()?;
            Some(numerals::number(locale, whole))
        }
        _ => None,
    }
}
