//! The fields of a form or a query, as sent: small, strict, wiped after use.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use percent_encoding::percent_decode;
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a body. 20,000 Khmer characters are 180,000 as browsers send them.
const LARGEST: usize = 512 * 1024;
/// Fields of one form. The longest page has about ten.
const MOST: usize = 64;

/// Names and values in the order they were sent.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, Zeroizing<String>)>);

/// Why a body is not a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadFields {
    /// Not `application/x-www-form-urlencoded`.
    Kind,
    /// More bytes or more fields than any of our pages sends.
    TooLarge,
    /// Cut off, not UTF-8 (an unpaired surrogate, for one), or with a NUL.
    Malformed,
}

impl Fields {
    /// Reads the body of a request.
    pub(super) async fn from_body(
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> Result<Self, BadFields> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !essence
            .is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
        {
            return Err(BadFields::Kind);
        }
        let mut body = Zeroizing::new(Vec::with_capacity(16 * 1024));
        while let Some(chunk) = payload.next().await {
            let chunk: web::Bytes = chunk.map_err(|_| BadFields::Malformed)?;
            if body.len().saturating_add(chunk.len()) > LARGEST {
                return Err(BadFields::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Self::parse(&body)
    }

    /// Reads a query.
    pub(super) fn from_query(request: &HttpRequest) -> Result<Self, BadFields> {
        Self::parse(request.query_string().as_bytes())
    }

    fn parse(text: &[u8]) -> Result<Self, BadFields> {
        let mut fields = Vec::new();
        for pair in text
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            if fields.len() >= MOST {
                return Err(BadFields::TooLarge);
            }
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            fields.push((
                decoded(name)?,
                Zeroizing::new(decoded(value.get(1..).unwrap_or_default())?),
            ));
        }
        Ok(Self(fields))
    }

    /// The first value of that name, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// A value that must not be left in memory.
    pub(super) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.get(name))
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }
}

fn decoded(text: &[u8]) -> Result<String, BadFields> {
    let mut spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let value = String::from_utf8(percent_decode(&spaced).collect());
    spaced.zeroize();
    match value {
        Ok(value) if !value.contains('\0') => Ok(value),
        Ok(_) | Err(_) => Err(BadFields::Malformed),
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
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["ក", "x"]);
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
                Some(BadFields::Malformed),
                "{text}"
            );
        }
        assert_eq!(
            Fields::parse("a&".repeat(MOST + 1).as_bytes()).err(),
            Some(BadFields::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(fields) = Fields::parse(&bytes) {
                prop_assert!(fields.0.iter().all(|(_, value)| !value.contains('\0')));
            }
        }
    }
}
