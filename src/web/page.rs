//! What every page has: language, title, switch, numbers, addresses of the static files.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue, RETRY_AFTER};
use askama::Template;

use super::access::Port;
use super::error::RETRY_SECONDS;
use super::marks::{Compressible, mark_compressible, mark_final};
use super::state::{HelpNumber, Settings, State};
use super::statics;
use crate::domain::clock::Timestamp;
use crate::locale::{Arg, Locale, Translator};

/// Takes what the browser keeps for the Back button, forms with what was typed among it.
pub const FORGET: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\""),
);

/// How the language switch of a page works.
#[derive(Debug, Clone)]
pub enum Switch {
    /// There is none.
    None,
    /// A link.
    Link(String),
    /// A button that sends the form of that id, so that nothing typed is lost.
    Button {
        /// Id of the form.
        form: &'static str,
        /// Where it goes.
        action: String,
        /// The page of the form, below the language: where whoever goes to another page comes back to.
        page: &'static str,
        /// Value of the field `step`.
        step: &'static str,
        /// Value of `step` when the Enter key sends the form: browsers then take its first button, which would be the switch.
        usual: &'static str,
    },
}

impl Switch {
    /// A link to the first page in the other language.
    pub fn to_front(locale: Locale) -> Self {
        Self::Link(format!("/{}/", locale.other()))
    }

    /// A link to the same page in the other language.
    pub fn to(locale: Locale, rest: &str) -> Self {
        Self::Link(format!("/{}/{rest}", locale.other()))
    }
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    words: &'a Translator,
    settings: &'a Settings,
    port: Port,
    switch: Switch,
}

impl<'a> Page<'a> {
    /// The frame of a page of `port` in one language.
    pub fn new(state: &'a State, port: Port, locale: Locale, switch: Switch) -> Self {
        Self {
            words: state.translator(locale),
            settings: &state.settings,
            port,
            switch,
        }
    }

    /// The frame of a page for reporters.
    pub fn public(state: &'a State, locale: Locale, switch: Switch) -> Self {
        Self::new(state, Port::Reporter, locale, switch)
    }

    /// The language.
    pub fn locale(&self) -> Locale {
        self.words.locale()
    }

    /// Its code, for `lang` and for paths.
    pub fn lang(&self) -> &'static str {
        self.words.code()
    }

    /// A sentence.
    pub fn t(&self, id: &str) -> String {
        self.words.text(id)
    }

    /// A sentence with a number in it.
    pub fn n<N: Into<Arg<'static>>>(&self, id: &str, name: &str, number: N) -> String {
        self.words.text_with(id, &[(name, number.into())])
    }

    /// A sentence with a word in it.
    pub fn w(&self, id: &str, name: &str, word: &str) -> String {
        self.words.text_with(id, &[(name, Arg::Text(word))])
    }

    /// A sentence with the day of an instant in it.
    pub fn d(&self, id: &str, name: &str, at: &Timestamp) -> String {
        self.words
            .text_with(id, &[(name, Arg::Text(&self.words.date_of(*at)))])
    }

    /// The translator itself.
    pub const fn words(&self) -> &'a Translator {
        self.words
    }

    /// Digits as this language writes them. Not for telephone numbers.
    pub fn digits(&self, text: &str) -> String {
        self.words.digits(text)
    }

    /// The organisation's name.
    pub fn organisation(&self) -> &'a str {
        self.settings.name(self.locale())
    }

    /// The numbers to call.
    pub fn numbers(&self) -> &'a [HelpNumber] {
        &self.settings.numbers
    }

    /// Whether this is a demonstration.
    pub const fn is_demo(&self) -> bool {
        self.settings.demo
    }

    /// Whether reporters see this page.
    pub fn is_public(&self) -> bool {
        self.port == Port::Reporter
    }

    /// The language switch.
    pub const fn switch(&self) -> &Switch {
        &self.switch
    }

    /// The address of a static file.
    pub fn file(&self, name: &str) -> String {
        statics::address(name)
    }
}

/// A page that is sent as it is, whatever its status.
pub fn html(status: StatusCode, template: &impl Template) -> HttpResponse {
    respond(status, template, 1)
}

/// A page asked for by `GET` that echoes nothing of the request.
pub fn html_compressible(template: &impl Template) -> HttpResponse {
    let mut response = html(StatusCode::OK, template);
    mark_compressible(&mut response, Compressible::default());
    response
}

/// The same with a ticket in it.
pub fn html_with_ticket(template: &impl Template, ticket: &str) -> HttpResponse {
    let mut response = html(StatusCode::OK, template);
    let apart = Some(ticket.to_owned());
    mark_compressible(&mut response, Compressible { apart });
    response
}

/// A page whose length says nothing but a count of `step` bytes.
pub fn html_padded(status: StatusCode, template: &impl Template, step: usize) -> HttpResponse {
    respond(status, template, step)
}

fn respond(status: StatusCode, template: &impl Template, step: usize) -> HttpResponse {
    let Ok(mut text) = template.render() else {
        tracing::error!("a page could not be rendered");
        return HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
    };
    pad(&mut text, step);
    let mut response = HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(text);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static(RETRY_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    mark_final(&mut response);
    response
}

/// Fills up to the next multiple of `step` with a comment.
fn pad(text: &mut String, step: usize) {
    const OPEN: &str = "<!--";
    const CLOSE: &str = "-->";
    if step <= 1 {
        return;
    }
    let least = text.len().saturating_add(OPEN.len() + CLOSE.len());
    let room = least.next_multiple_of(step).saturating_sub(least);
    text.push_str(OPEN);
    text.extend(std::iter::repeat_n(' ', room));
    text.push_str(CLOSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_pages_come_in_steps() {
        for length in [0, 1, 16_376, 16_377, 16_378, 16_384, 40_000] {
            let mut text = "x".repeat(length);
            pad(&mut text, 16 << 10);
            assert_eq!(text.len() % (16 << 10), 0, "{length}");
            assert!(text.len() - length < (16 << 10) + 7, "{length}");
        }
        let mut text = "x".to_owned();
        pad(&mut text, 1);
        assert_eq!(text, "x");
    }
}
