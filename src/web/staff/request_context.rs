//! What every request to the staff port has, whoever sends it.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, web};

use super::cookies::CookieStyle;
use super::fields::{BadFields, Fields};
use crate::locale::{Locale, Translator, negotiate};
use crate::service::{Device, Services};
use crate::web::access::Gate;
use crate::web::error::WebError;
use crate::web::state::State;

/// What every request has: the desk it came to, its language, its path.
pub(super) struct RequestContext {
    pub(super) state: web::Data<State>,
    pub(super) locale: Locale,
    pub(super) path: String,
}

impl RequestContext {
    /// Of a request, and its query, if that is one of ours.
    pub(super) fn arrive(
        request: &HttpRequest,
    ) -> Result<(Self, Result<Fields, BadFields>), WebError> {
        let state = request.app_data::<web::Data<State>>();
        let state = state.ok_or(WebError::Internal)?.clone();
        let query = Fields::from_query(request);
        let place = match &query {
            Ok(query) => Self::of(request, state, query),
            Err(_) => Self::of(request, state, &Fields::default()),
        };
        Ok((place, query))
    }

    /// Reads it off a request. The language is the one in the address, or the one kept, or the one the browser asks for.
    fn of(request: &HttpRequest, state: web::Data<State>, query: &Fields) -> Self {
        let asked = request
            .headers()
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let cookies = cookies_of(&state);
        let locale = query
            .get("lang")
            .parse()
            .ok()
            .or_else(|| cookies.language(request))
            .unwrap_or_else(|| negotiate(asked, state.settings.default_language));
        Self {
            state,
            locale,
            path: page_path(request),
        }
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

/// The language that this browser chose on the staff pages.
pub fn kept_language(state: &State, request: &HttpRequest) -> Option<Locale> {
    cookies_of(state).language(request)
}

/// The path of the page this request belongs to: its own, or that of the page whose form was sent.
fn page_path(request: &HttpRequest) -> String {
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
