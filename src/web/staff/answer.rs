//! What handlers answer with.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

use crate::web::error::WebError;
use crate::web::page;

/// What a handler answers with.
pub type Answer = Result<HttpResponse, WebError>;

/// A page that is as it should be.
pub(super) fn ok(template: &impl Template) -> Answer {
    html(StatusCode::OK, template)
}

/// A page with another status.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Answer {
    Ok(page::html(status, template))
}

/// `303 See Other`.
pub(super) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// A handler's [`redirect`].
pub(super) fn see_other(to: &str) -> Answer {
    Ok(redirect(to))
}
