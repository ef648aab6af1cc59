//! The languages of the pages: what each is called, where it runs and how it writes numbers. The list is made by the build from the
//! folders of `locales/`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language, as its folder says.
#[derive(Debug)]
struct Language {
    code: &'static str,
    name: &'static str,
    also: &'static [&'static str],
    direction: Direction,
    digits: &'static str,
    group: char,
    status: Status,
    checked: bool,
    name_key: &'static str,
    hours_key: &'static str,
    text_key: &'static str,
}

/// Which way a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As English.
    LeftToRight,
    /// As Arabic.
    RightToLeft,
}

/// How much is said in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Everything.
    Complete,
    /// What a reporter sees outside the form; the rest is in English.
    FirstPages,
    /// For tests: shown nowhere, found by its address alone. No release knows one.
    #[cfg(debug_assertions)]
    Trial,
}

/// A language of the pages. There is no other way to one than the list and [`FromStr`].
#[derive(Clone, Copy)]
pub struct Locale(&'static Language);

/// Not the code of a language the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language this product speaks")]
pub struct UnknownLocale;

impl Locale {
    /// All that are there, those for tests too.
    pub fn every() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().copied().map(Self)
    }

    /// Those that reporters can choose, in the order of the list.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::every().filter(|locale| locale.is_listed())
    }

    /// Those in which every sentence is there.
    pub fn complete() -> impl Iterator<Item = Self> {
        Self::every().filter(|locale| locale.is_complete())
    }

    /// The first of the list.
    pub fn first() -> Self {
        Self::all().next().unwrap_or(Self::fallback())
    }

    /// What stands in for a sentence that a language lacks.
    pub const fn fallback() -> Self {
        Self(&EN)
    }

    /// Whether reporters can choose it.
    pub fn is_listed(self) -> bool {
        matches!(self.0.status, Status::Complete | Status::FirstPages)
    }

    /// Whether every sentence is there.
    pub fn is_complete(self) -> bool {
        self.0.status == Status::Complete
    }

    /// Whether it is made up.
    #[cfg(debug_assertions)]
    pub fn is_trial(self) -> bool {
        self.0.status == Status::Trial
    }

    /// Whether a native reader has gone through it.
    pub const fn is_checked(self) -> bool {
        self.0.checked
    }

    /// The code in a URL path and in `lang` attributes.
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// Its name in itself.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The setting that holds a text in it.
    pub const fn text_key(self) -> &'static str {
        self.0.text_key
    }

    /// Which way it runs.
    pub const fn direction(self) -> Direction {
        self.0.direction
    }

    /// The settings that hold a name and hours in it.
    pub const fn keys(self) -> (&'static str, &'static str) {
        (self.0.name_key, self.0.hours_key)
    }

    /// What stands between the thousands of a long number.
    pub const fn group(self) -> char {
        self.0.group
    }

    /// A Western digit as it is written in this language; anything else as it is.
    pub fn digit(self, character: char) -> char {
        let place = character
            .to_digit(10)
            .and_then(|digit| usize::try_from(digit).ok());
        let written = place.and_then(|place| self.0.digits.chars().nth(place));
        written.unwrap_or(character)
    }

    /// The one that somebody means by a code as people and browsers write it, whatever its case.
    pub fn meant(code: &str) -> Option<Self> {
        let code = code.to_ascii_lowercase();
        Self::every().find(|locale| {
            locale.code().eq_ignore_ascii_case(&code) || locale.0.also.contains(&code.as_str())
        })
    }
}

impl Direction {
    /// As in a `dir` attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

impl PartialEq for Locale {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Locale {}

impl Hash for Locale {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code().hash(state);
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(code: &str) -> Result<Self, UnknownLocale> {
        Self::every()
            .find(|locale| locale.code() == code)
            .ok_or(UnknownLocale)
    }
}

/// A text that an operator gives in some of the languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spoken(Vec<(Locale, String)>);

impl Spoken {
    /// In a language; where it is not given in that, in English, or else in the first that it is given in.
    pub fn said_in(&self, locale: Locale) -> &str {
        self.given(locale).1
    }

    /// The same, and the language that it is then in.
    pub fn given(&self, locale: Locale) -> (Option<Locale>, &str) {
        let said = |locale| self.0.iter().find(|(given, _)| *given == locale);
        let text = said(locale)
            .or_else(|| said(Locale::fallback()))
            .or_else(|| self.0.first());
        text.map_or((None, ""), |(given, text)| (Some(*given), text))
    }
}

impl FromIterator<(Locale, String)> for Spoken {
    fn from_iter<I: IntoIterator<Item = (Locale, String)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fallback_is_complete() {
        assert!(Locale::fallback().is_complete());
    }

    #[test]
    fn a_language_is_found_by_its_own_code_and_meant_by_others() {
        let km: Locale = "km".parse().unwrap();
        assert_eq!(km.name(), "ភាសាខ្មែរ");
        assert_eq!("KM".parse::<Locale>(), Err(UnknownLocale));
        for meant in ["km", "KM", "kh"] {
            assert_eq!(Locale::meant(meant), Some(km), "{meant}");
        }
        assert_eq!(Locale::meant("zh-cn"), "zh-Hans".parse().ok());
        assert_eq!(Locale::meant("fr"), None);
    }

    #[test]
    fn what_is_for_tests_is_in_no_list() {
        let trial: Locale = "ar-XB".parse().unwrap();
        assert_eq!(trial.direction(), Direction::RightToLeft);
        assert!(Locale::all().all(|locale| locale != trial));
    }

    #[test]
    fn a_text_that_is_not_given_is_said_in_english_or_else_as_it_was_given() {
        let [en, km, vi]: [Locale; 3] = ["en", "km", "vi"].map(|code| code.parse().unwrap());
        let both: Spoken = [(km, "ខ".to_owned()), (en, "E".to_owned())]
            .into_iter()
            .collect();
        assert_eq!(
            [both.said_in(km), both.said_in(en), both.said_in(vi)],
            ["ខ", "E", "E"]
        );
        let one: Spoken = [(km, "ខ".to_owned())].into_iter().collect();
        assert_eq!([one.said_in(vi), Spoken::default().said_in(vi)], ["ខ", ""]);
    }
}
