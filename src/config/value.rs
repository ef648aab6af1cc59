//! From a value in the file to a type: numbers, texts, sizes, lists.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::domain::document::{Table, Value};

/// A type that a setting can have.
pub(super) trait FromSetting: Sized {
    /// Converts, or reports what is wrong and gives `None`.
    fn from_setting(value: Value<'_>) -> Option<Self>;
}

/// A type that is written as a text; the error says what was expected.
pub(super) trait FromText: Sized {
    /// Parses it. The error must not repeat the text.
    fn from_text(text: &str) -> Result<Self, String>;
}

/// A wrong key reads as its default or as left out: it is reported, and with it the whole is refused.
impl Table<'_> {
    /// A key that must be there.
    pub(super) fn required<T: FromSetting>(&mut self, key: &'static str) -> Option<T> {
        self.required_value(key).and_then(T::from_setting)
    }

    /// A key that may be left out; an empty text counts as left out.
    pub(super) fn optional<T: FromSetting>(&mut self, key: &'static str) -> Option<T> {
        let value = self.value(key)?;
        self.has(key).then(|| T::from_setting(value)).flatten()
    }

    /// A key that has a default.
    pub(super) fn or<T: FromSetting>(&mut self, key: &'static str, default: T) -> T {
        let value = self.value(key).and_then(T::from_setting);
        value.unwrap_or(default)
    }

    /// A whole number between two bounds, both included, that has a default.
    pub(super) fn number<T>(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<T>,
        default: T,
    ) -> T
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let Some(value) = self.value(key) else {
            return default;
        };
        let number = value.integer().and_then(|number| T::try_from(number).ok());
        number
            .filter(|number| bounds.contains(number))
            .or_else(|| {
                let (low, high) = (bounds.start(), bounds.end());
                value.wrong(format!("expected a whole number from {low} to {high}"))
            })
            .unwrap_or(default)
    }

    /// A path that has a default; a relative one starts at the folder of the configuration file.
    pub(super) fn path(&mut self, key: &'static str, default: &str) -> PathBuf {
        let default = self.folder().join(default);
        self.or(key, default)
    }
}

impl<T: FromText> FromSetting for T {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let parsed = match value.text() {
            Some(text) => T::from_text(text),
            None => Err("expected a text in quotation marks".to_owned()),
        };
        parsed
            .or_else(|message| value.wrong(message).ok_or(()))
            .ok()
    }
}

/// A number of bytes, written as a number or as `"512 KiB"`, from 1 byte to 64 MiB.
pub(super) struct ByteSize(pub usize);

impl FromSetting for ByteSize {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        const LARGEST: usize = 64 << 20;
        let size = match value.text() {
            Some(text) => bytes(text),
            None => value.integer().and_then(|size| size.try_into().ok()),
        };
        size.filter(|size| (1..=LARGEST).contains(size))
            .map(Self)
            .or_else(|| value.wrong("expected a size such as \"512 KiB\", at most 64 MiB"))
    }
}

fn bytes(text: &str) -> Option<usize> {
    let text = text.trim();
    let (digits, unit) = text.split_once(' ').unwrap_or((text, "B"));
    let unit: usize = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

impl<T: FromSetting> FromSetting for Vec<T> {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let Some(items) = value.clone().list() else {
            return value.wrong("expected a list in square brackets");
        };
        // Each is looked at, also after a wrong one.
        let items: Vec<Option<T>> = items.into_iter().map(T::from_setting).collect();
        items.into_iter().collect()
    }
}

/// A relative path starts at the folder of the configuration file.
impl FromSetting for PathBuf {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        match value.text() {
            None => value.wrong("expected a text in quotation marks"),
            Some(text) if text.is_empty() || text.contains('\0') => {
                value.wrong("expected the path of a file or folder")
            }
            Some(text) => Some(value.folder().join(text)),
        }
    }
}

/// Text that people read: not empty, no control characters, no more than 200 characters.
impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        let length = text.chars().count();
        if crate::domain::inert::is_blank(text)
            || length > 200
            || text.chars().any(char::is_control)
        {
            return Err("expected a text of 1 to 200 characters on one line".to_owned());
        }
        Ok(text.to_owned())
    }
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected an address and a port, such as \"127.0.0.1:8080\"".to_owned())
    }
}

/// Gives an enumeration its names in the file.
macro_rules! names {
    ($name:ident { $($text:literal => $variant:ident),+ $(,)? }) => {
        impl $crate::config::value::FromText for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("expected one of {}", [$($text),+].join(", "))),
                }
            }
        }
    };
}
pub(super) use names;
