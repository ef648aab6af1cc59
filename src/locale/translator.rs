//! One language's sentences.

use std::fmt::Display;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::fmt;
use unic_langid::LanguageIdentifier;

use super::{Locale, LocaleError, OwnFile, digits, files, numerals};
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
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
    zone: Zone,
}

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Translator").field(&self.locale).finish()
    }
}

impl Translator {
    pub(super) fn load(locale: Locale, own: &[OwnFile]) -> Result<Self, LocaleError> {
        let language: LanguageIdentifier = locale.code().parse().map_err(|error| LocaleError {
            file: locale.code().to_owned(),
            problem: format!("not a language code: {error}"),
        })?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Both languages run left to right, and the marks would be pasted along with codes and addresses.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match locale {
            Locale::En => write_number_en,
            Locale::Km => write_number_km,
        }));
        for (file, text) in files::of(locale) {
            bundle
                .add_resource(parse(file, text)?)
                .map_err(|errors| problem(file, &errors))?;
        }
        for file in own.iter().filter(|file| file.locale == locale) {
            bundle.add_resource_overriding(parse(&file.name, &file.text)?);
        }
        Ok(Self {
            locale,
            bundle,
            zone: Zone::UTC,
        })
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

    /// The zone of [`Translator::date_of`], by name, with what it is ahead of UTC at an instant.
    pub fn zone(&self, at: Timestamp) -> String {
        self.zone.label(at)
    }

    /// The language it speaks.
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// The language's code, for `lang` attributes and URL paths.
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
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            tracing::error!(locale = self.code(), id, "message is missing");
            return format!("[{id}]");
        };
        let args: FluentArgs<'_> = args
            .iter()
            .map(|(name, arg)| (*name, fluent((*arg).into())))
            .collect();
        let mut errors = Vec::new();
        let sentence = self
            .bundle
            .format_pattern(pattern, Some(&args), &mut errors);
        if !errors.is_empty() {
            tracing::error!(locale = self.code(), id, "message lacks a variable");
        }
        sentence.into_owned()
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

    /// Whether there is such a message. For messages that an operator's own form may name.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// Western digits in `text` as this language writes digits.
    pub fn digits(&self, text: &str) -> String {
        digits(self.locale, text)
    }

    /// A whole number in this language's digits, long ones grouped.
    pub fn number(&self, value: impl TryInto<i64>) -> String {
        numerals::number(self.locale, value.try_into().unwrap_or(i64::MAX))
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

fn parse(file: &str, text: &str) -> Result<FluentResource, LocaleError> {
    FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| problem(file, &errors))
}

fn problem(file: &str, errors: &dyn fmt::Debug) -> LocaleError {
    LocaleError {
        file: file.to_owned(),
        problem: format!("{errors:?}"),
    }
}

fn fluent(arg: Arg<'_>) -> FluentValue<'_> {
    match arg {
        Arg::Text(text) => FluentValue::from(text),
        Arg::Number(number) => FluentValue::from(number),
    }
}

fn write_number_en<M: MemoizerKind>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write_number(Locale::En, value)
}

fn write_number_km<M: MemoizerKind>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write_number(Locale::Km, value)
}

/// Only whole numbers are ever given to a sentence; anything else is left to Fluent.
fn write_number(locale: Locale, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => {
            let whole: i64 = number.as_string().parse().ok()?;
            Some(numerals::number(locale, whole))
        }
        _ => None,
    }
}
