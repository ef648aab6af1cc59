//! The fields of a form or a query, as sent; wiped after use.

use actix_web::HttpRequest;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::typed;
use crate::web::body::Form;
use crate::web::budget::Weight;
use crate::web::error::WebError;
use crate::web::urlencoded;

/// Fields of one query. The longest of ours has three.
const MOST: usize = 64;

/// Names and values in the order they were sent.
#[derive(Default)]
pub(super) struct Fields {
    pairs: Vec<(String, Zeroizing<String>)>,
    _weight: Option<Weight>,
}

impl Fields {
    /// Takes over the form of a request, and says what was wrong with it. What can be read is there either way.
    pub(super) fn from_form(form: Form) -> (Self, Option<WebError>) {
        let bad = match form.trouble() {
            Some(trouble) => Some(trouble.into()),
            None if form.any_garbled() => Some(WebError::Unprocessable),
            None if form.fields().iter().any(|(_, value)| value.contains('\0')) => {
                Some(WebError::Unprocessable)
            }
            None => None,
        };
        let (fields, weight) = form.into_fields();
        let wiped = fields
            .into_iter()
            .map(|(name, value)| (name, as_typed(Zeroizing::new(value))));
        let fields = Self {
            pairs: wiped.collect(),
            _weight: Some(weight),
        };
        (fields, bad)
    }

    /// Reads a query.
    pub(super) fn from_query(request: &HttpRequest) -> Result<Self, WebError> {
        Self::parse(request.query_string().as_bytes())
    }

    /// Reads a query that another address carries.
    pub(super) fn parse(text: &[u8]) -> Result<Self, WebError> {
        let mut pairs = Vec::new();
        for ((name, is_named), (value, is_text)) in urlencoded::pairs(text) {
            if pairs.len() >= MOST {
                return Err(WebError::TooLarge);
            }
            if !is_named || !is_text || name.contains('\0') || value.contains('\0') {
                return Err(WebError::Unprocessable);
            }
            pairs.push((name, Zeroizing::new(value)));
        }
        Ok(Self {
            pairs,
            _weight: None,
        })
    }

    /// The first value of that name, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// The same with another value of that name.
    pub(super) fn with(&self, name: &str, value: String) -> Self {
        let others = self.pairs.iter().filter(|(field, _)| field != name);
        let mut pairs: Vec<_> = others.cloned().collect();
        pairs.push((name.to_owned(), Zeroizing::new(value)));
        Self {
            pairs,
            _weight: None,
        }
    }

    /// As what a handler asks for.
    ///
    /// # Errors
    /// If something is missing that the page fills in itself: somebody else's form, or nobody's.
    pub(super) fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, WebError> {
        typed::read(self.iter()).map_err(|_| WebError::NotFound)
    }

    /// The same of one part of a form, whose fields are named `PART-…`.
    pub(super) fn read_part<'a, T: Deserialize<'a>>(&'a self, part: &str) -> Result<T, WebError> {
        let own = self.iter().filter_map(|(name, value)| {
            let rest = name.strip_prefix(part)?.strip_prefix('-')?;
            Some((rest, value))
        });
        typed::read(own).map_err(|_| WebError::NotFound)
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form is sent with other ends of lines than it was typed with.
fn as_typed(value: Zeroizing<String>) -> Zeroizing<String> {
    if value.contains("\r\n") {
        Zeroizing::new(value.replace("\r\n", "\n"))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_as_browsers_send_them() {
        let fields = Fields::parse("a=1+2&b=%E1%9E%80&b=x&c&=&d=%2B".as_bytes());
        let fields = fields.unwrap_or_default();
        assert_eq!(fields.get("a"), "1 2");
        let all = fields
            .iter()
            .filter(|(name, _)| *name == "b")
            .map(|(_, value)| value);
        assert_eq!(all.collect::<Vec<_>>(), ["ក", "x"]);
        assert_eq!(
            (fields.get("c"), fields.get("d"), fields.get("e")),
            ("", "+", "")
        );
    }

    #[test]
    fn damaged_fields_are_refused() {
        for text in ["a=%ED%A0%80", "a=%FF", "a=%00", "%00=a"] {
            assert_eq!(
                Fields::parse(text.as_bytes()).err(),
                Some(WebError::Unprocessable),
                "{text}"
            );
        }
        assert_eq!(
            Fields::parse("a&".repeat(MOST + 1).as_bytes()).err(),
            Some(WebError::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(fields) = Fields::parse(&bytes) {
                prop_assert!(fields.pairs.iter().all(|(_, value)| !value.contains('\0')));
            }
        }
    }
}
