//! What the handlers share.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::budget::Budget;
use super::demonstration::Demonstration;
use super::error::WebError;
use super::face::Face;
use super::flow::Patience;
use crate::domain::clock::Clock;
use crate::domain::language::Spoken;
use crate::locale::{Locale, Locales, Sentences, Translator};
use crate::service::Services;

/// Everything a handler may use. Cloning is cheap.
#[derive(Clone)]
pub struct State {
    /// The use cases.
    pub services: Services,
    /// The sentences, as they were when this request came.
    pub locales: Arc<Locales>,
    /// The sentences as they are.
    pub sentences: Sentences,
    /// What the operator decided.
    pub settings: Arc<Settings>,
    /// What bodies and answers may take together.
    pub budget: Budget,
    /// For "so many hours ago".
    pub clock: Clock,
    /// The demonstration's accounts and mails; `None` in service.
    pub demo: Option<Arc<dyn Demonstration>>,
}

/// What the operator decided about the pages.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The organisation's name.
    pub name: Spoken,
    /// The organisation's colour and mark.
    pub face: Face,
    /// Numbers to call, in order; at least one.
    pub numbers: Vec<HelpNumber>,
    /// Within how many days a reporter most often finds an answer, if the operator says so.
    pub answer_days: Option<u32>,
    /// Answers to reporters that are ready to be sent.
    pub answers: Vec<ReadyAnswer>,
    /// Where the leave-quickly bar leads.
    pub leave_url: String,
    /// For a browser that asks for none of the languages.
    pub default_language: Locale,
    /// Limits of what is read.
    pub limits: BodyLimits,
    /// How long an answer may take.
    pub patience: Patience,
    /// Whether this process takes reports.
    pub intake: bool,
    /// Whether this is a demonstration, which says so on every page.
    pub demo: bool,
    /// Whether the staff side is reached over HTTPS; only a demonstration on this machine is not.
    pub staff_https: bool,
    /// Origin of the reporters' side, such as `https://report.example.org`.
    pub public_origin: String,
    /// Origin of the staff side, such as `https://staff.example.org`.
    pub staff_origin: String,
}

/// A telephone number to call.
#[derive(Debug, Clone)]
pub struct HelpNumber {
    /// Who answers.
    pub name: Spoken,
    /// The number as people read it.
    pub number: String,
    /// The number as a `tel:` link.
    pub link: String,
    /// When somebody answers; empty is at any time.
    pub hours: Spoken,
}

/// An answer to reporters that the operator has made ready.
#[derive(Debug, Clone)]
pub struct ReadyAnswer {
    /// What it is for, as staff see it.
    pub name: Spoken,
    /// What the reporter reads.
    pub text: Spoken,
}

/// Limits of a request's body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// A larger form is refused, with everything typed put back.
    pub form_bytes: usize,
    /// Beyond this nothing more is kept.
    pub hard_bytes: usize,
    /// In which all of it must arrive.
    pub time: Duration,
    /// How long the line may be silent.
    pub idle: Duration,
}

impl FromRequest for State {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or(WebError::Internal))
    }
}

impl State {
    /// What a request goes by from its beginning to its end, whatever changes meanwhile.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let state = request.app_data::<web::Data<Self>>()?;
        let locales = state.sentences.now();
        Some(Self {
            locales,
            ..Self::clone(state)
        })
    }

    /// The same, in the words of an edition of the form if they are remembered.
    #[must_use]
    pub fn in_words_of(&self, edition: &str) -> Self {
        let words = self.sentences.of(edition);
        Self {
            locales: words.unwrap_or_else(|| Arc::clone(&self.locales)),
            ..self.clone()
        }
    }

    /// The sentences of one language.
    pub fn translator(&self, locale: Locale) -> &Translator {
        self.locales.translator(locale)
    }
}
