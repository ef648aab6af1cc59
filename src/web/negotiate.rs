//! Which language a request is answered in.

use std::future::{Ready, ready};

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::error::WebError;
use crate::locale::{self, Locale};

/// The language in the path. A path with another first part is a page that does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Lang(pub Locale);

impl FromRequest for Lang {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of_path(request.path()).map(Self).ok_or(WebError::NotFound))
    }
}

/// The language that the first part of a path names.
pub fn of_path(path: &str) -> Option<Locale> {
    path.strip_prefix('/')?.split('/').next()?.parse().ok()
}

/// The language that the browser asks for, of those that are offered.
pub fn of_headers(headers: &HeaderMap, offered: fn(Locale) -> bool, default: Locale) -> Locale {
    let asked = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    locale::negotiate(asked, offered, default)
}
