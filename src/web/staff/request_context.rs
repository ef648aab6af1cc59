//! What every request to the staff port has, whoever sends it.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::Method;

use super::cookies::CookieStyle;
use super::fields::Fields;
use crate::locale::{Locale, Translator};
use crate::service::{Device, Services};
use crate::web::access::Gate;
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::negotiate::of_headers;
use crate::web::state::State;

/// What every request has: the desk it came to, its language, its path.
pub(super) struct RequestContext {
    pub(super) state: State,
    pub(super) locale: Locale,
    pub(super) path: String,
}

impl RequestContext {
    /// Of a request, and its query.
    ///
    /// # Errors
    /// If that is none of ours.
    pub(super) fn arrive(request: &HttpRequest) -> Result<(Self, Fields), WebError> {
        let state = State::of(request).ok_or(WebError::Internal)?;
        let query = Fields::from_query(request)?;
        let place = Self {
            locale: language_of(&state, request, &query),
            path: page_path(request),
            state,
        };
        Ok((place, query))
    }

    /// What surrounds a page for nobody in particular.
    pub(super) fn frame(&self) -> PageFrame<'_> {
        PageFrame::staff(&self.state, self.locale, &self.path)
    }

    /// The sentences in its language.
    pub(super) fn translator(&self) -> &Translator {
        self.state.translator(self.locale)
    }

    /// The use cases.
    pub(super) fn services(&self) -> &Services {
        &self.state.services
    }

    /// The devices on which somebody has signed in before that a request shows.
    pub(super) fn devices(&self, request: &HttpRequest) -> Vec<Device> {
        let cookie = self.cookies().device(request).unwrap_or_default();
        self.state.services.accounts.devices(&cookie)
    }

    pub(super) fn cookies(&self) -> CookieStyle {
        cookies_of(&self.state)
    }
}

/// The language of a page, whatever else the query says.
pub fn language(state: &State, request: &HttpRequest) -> Locale {
    let query = Fields::from_query(request).unwrap_or_default();
    language_of(state, request, &query)
}

/// The language is the one in the address, or the one kept, or the one the browser asks for.
fn language_of(state: &State, request: &HttpRequest, query: &Fields) -> Locale {
    let default = state.settings.default_language;
    query
        .get("lang")
        .parse()
        .ok()
        .or_else(|| cookies_of(state).language(request))
        .unwrap_or_else(|| of_headers(request.headers(), default))
}

/// The cookie that takes a session away.
pub fn end_session(state: &State) -> Cookie<'static> {
    cookies_of(state).end_session()
}

/// The path of the page this request belongs to: its own, or that of the page whose form was sent.
pub fn page_path(request: &HttpRequest) -> String {
    let path = request.path();
    let gate = request.app_data::<Gate>();
    let is_page = request.method() != Method::POST || gate.is_some_and(Gate::is_page);
    let page = if is_page {
        path
    } else {
        path.rsplit_once('/').map_or("/", |(page, _)| page)
    };
    page.to_owned()
}

fn cookies_of(state: &State) -> CookieStyle {
    if state.settings.staff_https {
        CookieStyle::Secure
    } else {
        CookieStyle::Loopback
    }
}
