//! `[hotline]`: what reporters are told about the organisation: its name, its telephone numbers, the way out.

use super::address::LinkUrl;
use super::value::{FromSetting, FromText, names};
use std::path::PathBuf;

use crate::domain::colour::{Colour, InvalidColour};
use crate::domain::document::{Table, Value};
use crate::domain::zone::{InvalidZone, Zone};

/// The organisation, as reporters see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotlineConfig {
    /// Its name in English.
    pub name_en: String,
    /// Its name in Khmer.
    pub name_km: String,
    /// Telephone numbers of help, at least one, in the order shown.
    pub numbers: Vec<PhoneNumber>,
    /// Its colour, if it has one.
    pub colour: Option<Colour>,
    /// The file of its mark, if it has one.
    pub mark: Option<PathBuf>,
    /// Where the leave-quickly bar leads.
    pub leave_url: LinkUrl,
    /// The language of a visitor whose browser asks for neither.
    pub default_language: LanguageSetting,
    /// The zone in which people are shown times.
    pub time_zone: Zone,
}

/// A telephone number that a reporter can call without reporting here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Who answers, in English.
    pub name_en: String,
    /// Who answers, in Khmer.
    pub name_km: String,
    /// The number as people dial it.
    pub number: DialNumber,
    /// When somebody answers, in English; left out means at any time.
    pub hours_en: Option<String>,
    /// When somebody answers, in Khmer.
    pub hours_km: Option<String>,
}

/// Digits, with spaces or hyphens to read them by and perhaps a plus in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialNumber(String);

/// A language of the reporters' pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LanguageSetting {
    /// English.
    English,
    /// Khmer.
    Khmer,
}

names!(LanguageSetting {
    "en" => English,
    "km" => Khmer,
});

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
            let name_en = table.required("name_en");
            let name_km = table.required("name_km");
            let number = table.required("number");
            let hours_en = table.optional("hours_en");
            let hours_km = table.optional("hours_km");
            Some(Self {
                name_en: name_en?,
                name_km: name_km?,
                number: number?,
                hours_en,
                hours_km,
            })
        });
        number.unwrap_or_else(|| {
            value.wrong("expected { name_en = \"…\", name_km = \"…\", number = \"…\" }")
        })
    }
}

pub(super) fn read(table: &mut Table<'_>) -> Option<HotlineConfig> {
    let name_en = table.required("name_en");
    let name_km = table.required("name_km");
    let numbers: Option<Vec<PhoneNumber>> = table.required("numbers");
    let colour = table.optional("colour");
    let mark = table.optional("mark");
    let leave_url = table.required("leave_url");
    let default_language = table.or("default_language", LanguageSetting::Khmer);
    let time_zone = table.or("time_zone", Zone::UTC);
    table.rule(
        &["numbers"],
        numbers.as_ref().is_none_or(|numbers| !numbers.is_empty()),
        "at least one number is needed: it is shown when the form is closed",
    );
    Some(HotlineConfig {
        name_en: name_en?,
        name_km: name_km?,
        numbers: numbers?,
        colour,
        mark,
        leave_url: leave_url?,
        default_language,
        time_zone,
    })
}
