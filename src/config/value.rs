//! From a value in the file to a type: numbers, texts, sizes, lists.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::error::ConfigError;
use super::tree::{Node, Setting, parse_list};

/// A type that a setting can have.
pub(super) trait FromSetting: Sized {
    /// Converts, or reports what is wrong with `key` and gives `None`.
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self>;
}

/// A type that is written as a text; the error says what was expected.
pub(super) trait FromText: Sized {
    /// Parses it. The error must not repeat the text.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl<T: FromText> FromSetting for T {
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        let parsed = match &node.value {
            Setting::Text(text) | Setting::Loose(text) => T::from_text(text),
            _ => Err("expected a text in quotation marks".to_owned()),
        };
        parsed
            .map_err(|message| node.refuse(key, message, errors))
            .ok()
    }
}

impl Node {
    /// Reports that this value is wrong.
    pub(super) fn refuse(
        &self,
        key: &str,
        message: impl Into<String>,
        errors: &mut Vec<ConfigError>,
    ) {
        errors.push(ConfigError {
            key: key.to_owned(),
            place: self.place.clone(),
            message: message.into(),
        });
    }

    /// Whether it is the text without characters.
    pub(super) fn is_empty_text(&self) -> bool {
        matches!(&self.value, Setting::Text(text) | Setting::Loose(text) if text.is_empty())
    }

    fn integer(&self) -> Option<i64> {
        match &self.value {
            Setting::Integer(number) => Some(*number),
            Setting::Loose(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// A whole number between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Within<const LOW: i64, const HIGH: i64>(pub i64);

impl<const LOW: i64, const HIGH: i64> Within<LOW, HIGH> {
    /// The number in the type the caller keeps; the bounds make it fit, else `None`.
    pub(super) fn fit<T: TryFrom<i64>>(self) -> Option<T> {
        T::try_from(self.0).ok()
    }
}

impl<const LOW: i64, const HIGH: i64> FromSetting for Within<LOW, HIGH> {
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        match node.integer() {
            Some(number) if (LOW..=HIGH).contains(&number) => Some(Self(number)),
            _ => {
                let message = format!("expected a whole number from {LOW} to {HIGH}");
                node.refuse(key, message, errors);
                None
            }
        }
    }
}

/// A number of bytes, written as a number or as `"512 KiB"`, from 1 byte to 64 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteSize(pub usize);

impl FromSetting for ByteSize {
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        const LARGEST: usize = 64 << 20;
        let size = match &node.value {
            Setting::Integer(number) => usize::try_from(*number).ok(),
            Setting::Text(text) | Setting::Loose(text) => bytes(text),
            _ => None,
        };
        match size {
            Some(size) if (1..=LARGEST).contains(&size) => Some(Self(size)),
            _ => {
                node.refuse(
                    key,
                    "expected a size such as \"512 KiB\", at most 64 MiB",
                    errors,
                );
                None
            }
        }
    }
}

fn bytes(text: &str) -> Option<usize> {
    let text = text.trim();
    let (digits, unit) = match text.split_once(' ') {
        Some((digits, unit)) => (digits, unit),
        None => (text, "B"),
    };
    let unit: usize = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

impl<T: FromSetting> FromSetting for Vec<T> {
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        let Some(nodes) = list(node) else {
            node.refuse(key, "expected a list in square brackets", errors);
            return None;
        };
        let values: Vec<Option<T>> = nodes
            .iter()
            .zip(0_usize..)
            .map(|(node, index)| T::from_setting(node, &format!("{key}[{index}]"), errors))
            .collect();
        values.into_iter().collect()
    }
}

/// The elements of a list; in an environment variable, TOML or texts with commas between.
fn list(node: &Node) -> Option<Vec<Node>> {
    match &node.value {
        Setting::List(nodes) => Some(nodes.clone()),
        Setting::Loose(text) if text.trim_start().starts_with('[') => parse_list(text, &node.place),
        Setting::Loose(text) => Some(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Node {
                    place: node.place.clone(),
                    value: Setting::Loose(part.to_owned()),
                })
                .collect(),
        ),
        _ => None,
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

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('\0') {
            return Err("expected the path of a file or folder".to_owned());
        }
        Ok(Self::from(text))
    }
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected an address and a port, such as \"127.0.0.1:8080\"".to_owned())
    }
}

/// Gives an enumeration its names in the file, both ways.
macro_rules! names {
    ($name:ty { $($text:literal => $variant:expr),+ $(,)? }) => {
        impl $crate::config::value::FromText for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok($variant),)+
                    _ => Err(format!("expected one of {}", [$($text),+].join(", "))),
                }
            }
        }
    };
}
pub(super) use names;
