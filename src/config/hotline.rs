//! `[hotline]`: what reporters are told about the organisation: its name, its telephone numbers, the way out.

use super::ConfigError;
use super::address::LinkUrl;
use super::reader::Section;
use super::tree::{Node, Setting};
use super::value::{FromSetting, FromText, names};
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

impl LanguageSetting {
    /// The language tag: `en` or `km`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Khmer => "km",
        }
    }
}

names!(LanguageSetting {
    "en" => LanguageSetting::English,
    "km" => LanguageSetting::Khmer,
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
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        let Setting::Table(entries) = &node.value else {
            node.refuse(
                key,
                "expected { name_en = \"…\", name_km = \"…\", number = \"…\" }",
                errors,
            );
            return None;
        };
        let mut section = Section::of_table(errors, key, &node.place, entries.clone());
        let name_en = section.required("name_en");
        let name_km = section.required("name_km");
        let number = section.required("number");
        let hours_en = section.optional("hours_en");
        let hours_km = section.optional("hours_km");
        section.finish();
        Some(Self {
            name_en: name_en?,
            name_km: name_km?,
            number: number?,
            hours_en: hours_en?,
            hours_km: hours_km?,
        })
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<HotlineConfig> {
    let numbers_place = section.place_of("numbers");
    let name_en = section.required("name_en");
    let name_km = section.required("name_km");
    let numbers: Option<Vec<PhoneNumber>> = section.required("numbers");
    let leave_url = section.required("leave_url");
    let default_language = section.or("default_language", LanguageSetting::Khmer);
    let time_zone = section.or("time_zone", Zone::UTC);

    if numbers.as_ref().is_some_and(Vec::is_empty) {
        let message = "at least one number is needed: it is shown when the form is closed";
        section.refuse("numbers", numbers_place, message);
        return None;
    }
    Some(HotlineConfig {
        name_en: name_en?,
        name_km: name_km?,
        numbers: numbers?,
        leave_url: leave_url?,
        default_language: default_language?,
        time_zone: time_zone?,
    })
}
