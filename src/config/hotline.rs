//! `[hotline]`: what reporters are told about the organisation: its name, its telephone numbers, the way out.

use super::address::LinkUrl;
use super::value::{FromSetting, FromText};
use std::path::PathBuf;

use crate::domain::colour::{Colour, InvalidColour};
use crate::domain::document::{Table, Value};
use crate::domain::language::{Locale, Spoken};
use crate::domain::zone::{InvalidZone, Zone};

/// The organisation, as reporters see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotlineConfig {
    /// Its name.
    pub name: Spoken,
    /// Telephone numbers of help, at least one, in the order shown.
    pub numbers: Vec<PhoneNumber>,
    /// Its colour, if it has one.
    pub colour: Option<Colour>,
    /// The file of its mark, if it has one.
    pub mark: Option<PathBuf>,
    /// Within how many days a reporter most often finds an answer, if that is known. A word to the reporter, and no clock of the desk.
    pub answer_days: Option<u32>,
    /// Answers to reporters that are ready to be sent, in the order shown.
    pub answers: Vec<ReadyAnswer>,
    /// Where the leave-quickly bar leads.
    pub leave_url: LinkUrl,
    /// The language of a visitor whose browser asks for none that there is.
    pub default_language: Locale,
    /// The zone in which people are shown times.
    pub time_zone: Zone,
}

/// A telephone number that a reporter can call without reporting here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Who answers.
    pub name: Spoken,
    /// The number as people dial it.
    pub number: DialNumber,
    /// When somebody answers; left out means at any time.
    pub hours: Spoken,
}

/// An answer to reporters that whoever writes to them need not make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyAnswer {
    /// What it is for.
    pub name: Spoken,
    /// What the reporter reads.
    pub text: Spoken,
}

/// Digits, with spaces or hyphens to read them by and perhaps a plus in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialNumber(String);

impl DialNumber {
    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a `tel:` link: digits and the plus alone.
    pub fn link(&self) -> String {
        let digits = self
            .0
            .chars()
            .filter(|letter| letter.is_ascii_digit() || *letter == '+');
        format!("tel:{}", digits.collect::<String>())
    }
}

impl FromText for Locale {
    fn from_text(text: &str) -> Result<Self, String> {
        let known = Self::all().map(|locale| locale.code());
        let known = known.collect::<Vec<_>>().join(", ");
        let meant = Self::all().find(|locale| locale.code() == text);
        meant.ok_or_else(|| format!("expected one of {known}"))
    }
}

impl FromText for Zone {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|error: InvalidZone| format!("expected a time zone: {error}"))
    }
}

/// How well white words must be told from a colour (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

impl FromText for Colour {
    fn from_text(text: &str) -> Result<Self, String> {
        let colour: Self = text
            .parse()
            .map_err(|error: InvalidColour| error.to_string())?;
        if colour.contrast(Self::WHITE) >= LEAST_CONTRAST {
            return Ok(colour);
        }
        let darker = colour.readable_on(Self::WHITE, LEAST_CONTRAST, Self::BLACK);
        Err(format!(
            "white words on this colour cannot be read well; \"{darker}\" would do"
        ))
    }
}

impl FromText for DialNumber {
    fn from_text(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix('+').unwrap_or(text);
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        let tidy = rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte));
        if tidy && (3..=15).contains(&digits) {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected a telephone number, such as \"1280\" or \"+855 23 000 000\"".to_owned())
        }
    }
}

impl FromSetting for PhoneNumber {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let number = value.clone().table(|table| {
            let name = names(table);
            let number = table.required("number");
            let hours = Locale::all().filter_map(|locale| {
                let (_, key) = locale.keys();
                Some((locale, table.optional(key)?))
            });
            let hours = hours.collect();
            Some(Self {
                name: name?,
                number: number?,
                hours,
            })
        });
        number.unwrap_or_else(|| {
            value.wrong("expected { name_en = \"…\", name_km = \"…\", number = \"…\" }")
        })
    }
}

impl FromSetting for ReadyAnswer {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let answer = value.clone().table(|table| {
            let (name, text) = (names(table), spoken(table, Locale::text_key));
            Some(Self {
                name: name?,
                text: text?,
            })
        });
        answer.unwrap_or_else(|| {
            value.wrong(
                "expected { name_en = \"…\", name_km = \"…\", text_en = \"…\", text_km = \"…\" }",
            )
        })
    }
}

/// A name in every language that says everything, and in others where it is given.
fn names(table: &mut Table<'_>) -> Option<Spoken> {
    spoken(table, |locale| locale.keys().0)
}

/// The same of whatever has a key in each language.
fn spoken(table: &mut Table<'_>, key: fn(Locale) -> &'static str) -> Option<Spoken> {
    let names: Vec<_> = Locale::all()
        .map(|locale| {
            let key = key(locale);
            let name = if locale.is_complete() {
                table.required(key)
            } else {
                table.optional(key)
            };
            (locale, name)
        })
        .collect();
    let lacks = |(locale, name): &(Locale, Option<String>)| locale.is_complete() && name.is_none();
    if names.iter().any(lacks) {
        return None;
    }
    let given = names
        .into_iter()
        .filter_map(|(locale, name)| Some((locale, name?)));
    Some(given.collect())
}

pub(super) fn read(table: &mut Table<'_>) -> Option<HotlineConfig> {
    let name = names(table);
    let numbers: Option<Vec<PhoneNumber>> = table.required("numbers");
    let colour = table.optional("colour");
    let mark = table.optional("mark");
    let answer_days = table
        .has("answer_days")
        .then(|| table.number("answer_days", 1..=30, 2));
    let answers = table.or("answers", Vec::new());
    let leave_url = table.required("leave_url");
    let default_language = table.or("default_language", Locale::first());
    let time_zone = table.or("time_zone", Zone::UTC);
    table.rule(
        &["numbers"],
        numbers.as_ref().is_none_or(|numbers| !numbers.is_empty()),
        "at least one number is needed: it is shown when the form is closed",
    );
    Some(HotlineConfig {
        name: name?,
        numbers: numbers?,
        colour,
        mark,
        answer_days,
        answers,
        leave_url: leave_url?,
        default_language,
        time_zone,
    })
}
