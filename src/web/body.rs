//! Reads a form from the body of a request. Whatever arrived is kept and given back, also when it is too much, too slow or
//! badly encoded: the page that says so shows it again.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};
use zeroize::{Zeroize, Zeroizing};

use super::budget::{Budget, Full, Weight};
use super::error::WebError;
use super::state::{BodyLimits, State};
use super::urlencoded;

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 1_000;
/// Bytes beyond the hard limit that are still taken off the line, so that the browser gets to read the answer.
const MOST_DRAINED: usize = 32 << 20;
/// The field of `unstored.html`, of which nobody else need know.
const UNSTORED: &str = "unstored";

/// What stood in the way of reading all of it as it was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// More bytes than a form may have.
    TooLarge,
    /// It did not arrive in time, or broke off.
    TooSlow,
}

impl From<BodyError> for WebError {
    fn from(trouble: BodyError) -> Self {
        match trouble {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::TooSlow => Self::TooSlow,
        }
    }
}

/// A form as it arrived. Wiped when dropped.
pub struct Form {
    fields: Vec<(String, String)>,
    garbled: BTreeSet<String>,
    trouble: Option<BodyError>,
    weight: Weight,
}

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.fields {
            value.zeroize();
        }
    }
}

impl Form {
    /// Name and value pairs, decoded, in the order they were sent.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The first value of a field; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    /// The first value of a field.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a field held bytes that are no text. What could be read of it was kept.
    pub fn is_garbled(&self, name: &str) -> bool {
        self.garbled.contains(name)
    }

    /// Whether any field held bytes that are no text.
    pub fn any_garbled(&self) -> bool {
        !self.garbled.is_empty()
    }

    /// What stood in the way.
    pub const fn trouble(&self) -> Option<BodyError> {
        self.trouble
    }

    /// For handlers that put nothing back: only a form that arrived whole.
    pub fn whole(self) -> Result<Self, WebError> {
        match self.trouble {
            Some(trouble) => Err(trouble.into()),
            None if self.any_garbled() => Err(WebError::Unprocessable),
            None => Ok(self),
        }
    }

    /// The fields alone, and what they weigh.
    pub fn into_fields(mut self) -> (Vec<(String, String)>, Weight) {
        let nothing = self.weight.without();
        (
            std::mem::take(&mut self.fields),
            std::mem::replace(&mut self.weight, nothing),
        )
    }

    fn parse(body: &[u8], trouble: Option<BodyError>, weight: Weight) -> Self {
        let mut form = Self {
            fields: Vec::new(),
            garbled: BTreeSet::new(),
            trouble,
            weight,
        };
        for ((name, _), (value, is_text)) in urlencoded::pairs(body).take(MOST_FIELDS) {
            if name == UNSTORED {
                continue;
            }
            if !is_text {
                form.garbled.insert(name.clone());
            }
            form.fields.push((name, value));
        }
        form
    }
}

impl FromRequest for Form {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = request.app_data::<web::Data<State>>().map(|state| {
            form(
                request,
                payload.take(),
                &state.budget,
                state.settings.limits,
            )
        });
        Box::pin(async move { form.ok_or(WebError::Internal)?.await })
    }
}

/// The form of a request, within these limits.
///
/// # Errors
/// If it is none, or if it does not fit into the budget.
pub fn form(
    request: &HttpRequest,
    payload: Payload,
    budget: &Budget,
    limits: BodyLimits,
) -> impl Future<Output = Result<Form, WebError>> + use<> {
    let readable = is_form(request);
    let weight = budget.weight();
    async move {
        if !readable {
            return Err(WebError::MediaType);
        }
        read(payload, limits, weight).await
    }
}

fn is_form(request: &HttpRequest) -> bool {
    let text = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or("?"))
    };
    let mime = text(CONTENT_TYPE)
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    mime.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && text(CONTENT_ENCODING).is_none_or(|value| value.eq_ignore_ascii_case("identity"))
}

async fn read(
    mut payload: Payload,
    limits: BodyLimits,
    mut weight: Weight,
) -> Result<Form, WebError> {
    let mut body = Zeroizing::new(Vec::with_capacity(limits.form_bytes.min(16 << 10)));
    let mut arrived: usize = 0;
    let mut trouble = None;
    let mut fits = true;
    let last = Instant::now() + limits.time;
    loop {
        let patience = last.min(Instant::now() + limits.idle);
        let chunk = match timeout_at(patience, payload.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(chunk))) => chunk,
            // A line that broke off and one that fell silent are the same to the reader: the rest never came.
            Ok(Some(Err(_))) | Err(_) => {
                trouble = Some(BodyError::TooSlow);
                break;
            }
        };
        arrived = arrived.saturating_add(chunk.len());
        let room = limits
            .hard_bytes
            .saturating_sub(body.len())
            .min(chunk.len());
        // What does not fit is still taken off the line, so that the browser gets to read the answer, but nothing of it is kept.
        if fits
            && append(
                &mut body,
                chunk.get(..room).unwrap_or_default(),
                &mut weight,
            )
            .is_err()
        {
            fits = false;
            body = Zeroizing::default();
            weight = weight.without();
        }
        if arrived > MOST_DRAINED {
            trouble = Some(BodyError::TooLarge);
            break;
        }
    }
    if !fits {
        return Err(WebError::Unavailable);
    }
    if arrived > limits.form_bytes {
        trouble = Some(BodyError::TooLarge);
    }
    Ok(Form::parse(&body, trouble, weight))
}

/// Grows by copying into a larger buffer and wiping the old one; `Vec` by itself would leave the old one behind.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8], weight: &mut Weight) -> Result<(), Full> {
    let needed = body.len().saturating_add(chunk.len());
    if needed > body.capacity() {
        let capacity = needed.saturating_add(needed / 4);
        weight.grow_to(capacity)?;
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Tally;
    use std::time::Duration;

    const LIMITS: BodyLimits = BodyLimits {
        form_bytes: 64,
        hard_bytes: 128,
        time: Duration::from_secs(20),
        idle: Duration::from_secs(2),
    };

    fn weight() -> Weight {
        Budget::new(1 << 20, Tally::default()).weight()
    }

    fn payload(bytes: &[u8]) -> Payload {
        let chunks: Vec<_> = bytes
            .chunks(10)
            .map(|chunk| Ok(web::Bytes::copy_from_slice(chunk)))
            .collect();
        Payload::Stream {
            payload: Box::pin(futures_util::stream::iter(chunks)),
        }
    }

    async fn form(bytes: &[u8]) -> Form {
        read(payload(bytes), LIMITS, weight())
            .await
            .expect("a form")
    }

    #[actix_web::test]
    async fn pairs_are_decoded_in_order() {
        let form = form("a=1&b=x+y%26z&a=%E1%9E%80&=&c".as_bytes()).await;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("a", "1"),
            pair("b", "x y&z"),
            pair("a", "ក"),
            pair("", ""),
            pair("c", ""),
        ];
        assert_eq!(form.fields(), expected);
        assert_eq!(form.trouble(), None);
    }

    #[actix_web::test]
    async fn bytes_that_are_no_text_are_named_and_the_rest_is_kept() {
        let form = form(b"a=before%ED%A0%80after&b=fine").await;
        assert!(form.is_garbled("a") && !form.is_garbled("b"));
        assert!(form.value("a").starts_with("before") && form.value("a").ends_with("after"));
    }

    #[actix_web::test]
    async fn too_much_is_kept_up_to_the_hard_limit() {
        let long = format!("a={}", "x".repeat(100));
        let kept = form(long.as_bytes()).await;
        assert_eq!(
            (kept.trouble(), kept.value("a").len()),
            (Some(BodyError::TooLarge), 100)
        );
        let longer = format!("a={}", "x".repeat(1_000));
        let cut = form(longer.as_bytes()).await;
        assert_eq!(
            (cut.trouble(), cut.value("a").len()),
            (Some(BodyError::TooLarge), 126)
        );
    }

    #[actix_web::test]
    async fn a_silent_line_gives_back_what_came() {
        let start = futures_util::stream::iter([Ok(web::Bytes::from_static(b"a=typed&b=ha"))]);
        let stream = start.chain(futures_util::stream::pending());
        let limits = BodyLimits {
            idle: Duration::from_millis(30),
            ..LIMITS
        };
        let form = read(
            Payload::Stream {
                payload: Box::pin(stream),
            },
            limits,
            weight(),
        )
        .await
        .expect("a form");
        assert_eq!(
            (form.trouble(), form.value("a"), form.value("b")),
            (Some(BodyError::TooSlow), "typed", "ha")
        );
    }
}
