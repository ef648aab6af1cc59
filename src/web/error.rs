//! One place turns errors into answers. An error carries no sentence; the page is made here, in the reader's language.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use super::negotiate;
use super::page::{self, Final, Page, Switch};
use super::routes::Port;
use super::state::State;

/// Seconds after which somebody may try again.
pub const RETRY_SECONDS: &str = "60";

/// Why a request is not answered with the page it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebError {
    /// The request makes no sense.
    BadRequest,
    /// Not for this caller; said only where that gives nothing away.
    Forbidden,
    /// No such page, or not for this caller.
    NotFound,
    /// Took too long to arrive.
    TooSlow,
    /// Something else happened first.
    Conflict,
    /// Too many bytes.
    TooLarge,
    /// Not a form as our pages send it.
    MediaType,
    /// Read, but cannot be taken as it is.
    Unprocessable,
    /// A fault of ours.
    Internal,
    /// Too much to do, or the storage cannot be written.
    Unavailable,
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status_code().as_str())
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Without a body: [`with_page`] puts the page in, where the reader's language is known.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page<'a>,
    heading: &'static str,
    text: &'static str,
    numbers: bool,
}

/// Gives an answer that is an error and has no page of its own one in the reader's language.
pub fn with_page(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let is_final = response.response().extensions().contains::<Final>();
    if is_final || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(ALLOW).cloned();
    let page = error_page(response.request(), status, allow);
    response.into_response(page)
}

/// The page for an error. The same bytes for every cause of one status.
fn error_page(
    request: &HttpRequest,
    status: StatusCode,
    allow: Option<HeaderValue>,
) -> HttpResponse {
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return HttpResponse::new(status);
    };
    let port = request
        .app_data::<web::Data<Port>>()
        .map_or(Port::Reporter, |port| *port.get_ref());
    let locale = negotiate::of_path(request.path()).unwrap_or_else(|| {
        negotiate::of_headers(request.headers(), state.settings.default_language)
    });
    let (heading, text) = words(status);
    let template = ErrorPage {
        page: Page::new(state, port, locale, Switch::to_front(locale)),
        heading,
        text,
        numbers: port == Port::Reporter,
    };
    let mut response = page::html(status, &template);
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    response
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::FORBIDDEN => ("error-403-heading", "error-403-text"),
        StatusCode::NOT_FOUND => ("error-404-heading", "error-404-text"),
        StatusCode::METHOD_NOT_ALLOWED => ("error-405-heading", "error-405-text"),
        StatusCode::REQUEST_TIMEOUT => ("error-408-heading", "error-408-text"),
        StatusCode::CONFLICT => ("error-409-heading", "error-409-text"),
        StatusCode::PAYLOAD_TOO_LARGE => ("error-413-heading", "error-413-text"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("error-415-heading", "error-415-text"),
        StatusCode::UNPROCESSABLE_ENTITY => ("error-422-heading", "error-422-text"),
        StatusCode::SERVICE_UNAVAILABLE => ("error-503-heading", "error-503-text"),
        other if other.is_client_error() => ("error-400-heading", "error-400-text"),
        _ => ("error-500-heading", "error-500-text"),
    }
}
