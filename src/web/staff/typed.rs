//! What was sent, as the types that a handler asks for: the fields of a struct are named as the inputs of the form.
//!
//! Text is lent from the fields, which are wiped after the answer; what is copied goes into a type that wipes itself.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::str::FromStr;

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use zeroize::Zeroizing;

use crate::domain::receipt::western_digits;

/// Reads a struct from names and values.
///
/// # Errors
/// If a field without a default is missing, or holds no value of its type.
pub(super) fn read<'de, T: Deserialize<'de>>(
    pairs: impl Iterator<Item = (&'de str, &'de str)>,
) -> Result<T, Error> {
    let mut named: BTreeMap<&str, Values<'de>> = BTreeMap::new();
    for (name, value) in pairs {
        named.entry(name).or_default().0.push(value);
    }
    T::deserialize(MapDeserializer::new(named.into_iter()))
}

/// All values of one name. A field that takes one takes the first.
#[derive(Default)]
struct Values<'de>(Vec<&'de str>);

impl<'de> Values<'de> {
    fn first(&self) -> &'de str {
        self.0.first().copied().unwrap_or_default()
    }
}

impl<'de> IntoDeserializer<'de, Error> for Values<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Values<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.first())
    }

    /// A box that is ticked says `yes`; one that is not says nothing.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.first() == "yes")
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let each = self.0.into_iter().map(|value| Self(vec![value]));
        visitor.visit_seq(SeqDeserializer::new(each))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// One of several things, as somebody chose or typed it. What they typed stands in the form's state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Choice<T> {
    /// Nothing.
    #[default]
    Missing,
    /// Something else.
    Unknown,
    /// This.
    Made(T),
}

impl<T> Choice<T> {
    /// What was chosen.
    pub(super) fn made(self) -> Option<T> {
        match self {
            Self::Made(value) => Some(value),
            Self::Missing | Self::Unknown => None,
        }
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match <&str>::deserialize(deserializer)?.trim() {
            "" => Self::Missing,
            text => text.parse().map_or(Self::Unknown, Self::Made),
        })
    }
}

/// Six digits of an authenticator, in whatever digits they were typed.
#[derive(Default)]
pub(super) struct Code(Zeroizing<String>);

impl Deref for Code {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = <&str>::deserialize(deserializer)?;
        Ok(Self(Zeroizing::new(western_digits(typed))))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::*;
    use crate::domain::urgency::Urgency;

    #[derive(serde::Deserialize)]
    struct Sent<'a> {
        urgency: Urgency,
        #[serde(default)]
        text: &'a str,
        #[serde(default)]
        ticked: bool,
        #[serde(default)]
        each: Vec<Choice<u32>>,
        #[serde(default)]
        secret: SecretString,
        #[serde(default)]
        code: Code,
    }

    fn sent<'a>(pairs: &'a [(&'a str, &'a str)]) -> Result<Sent<'a>, Error> {
        read(pairs.iter().copied())
    }

    #[test]
    fn fields_become_what_the_struct_says() {
        let pairs = [
            ("each", "1"),
            ("urgency", "U1"),
            ("nobody asked", ""),
            ("text", "first"),
            ("each", "x"),
            ("text", "second"),
            ("ticked", "yes"),
            ("each", " "),
            ("secret", "s"),
            ("code", "១23"),
        ];
        let sent = sent(&pairs).unwrap();
        assert_eq!(
            (sent.urgency, sent.text, sent.ticked),
            (Urgency::U1, "first", true)
        );
        assert_eq!(
            sent.each,
            [Choice::Made(1), Choice::Unknown, Choice::Missing]
        );
        assert_eq!((sent.secret.expose_secret(), &*sent.code), ("s", "123"));
    }

    #[test]
    fn what_is_missing_is_empty_unless_the_page_itself_fills_it_in() {
        let empty = sent(&[("urgency", "U1"), ("ticked", "no")]).unwrap();
        assert_eq!((empty.text, empty.ticked), ("", false));
        assert!(empty.each.is_empty() && empty.code.is_empty());
        assert!(sent(&[]).is_err() && sent(&[("urgency", "U9")]).is_err());
    }

    #[test]
    fn text_is_lent_and_not_copied() {
        let text = "some words".to_owned();
        let pairs = [("urgency", "U1"), ("text", text.as_str())];
        assert_eq!(sent(&pairs).unwrap().text.as_ptr(), text.as_ptr());
    }
}
