//! Why a request is not answered with the page it asked for. An error carries no sentence; [`super::asker`] makes the page.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, ResponseError};

use crate::service::error::Error;

/// Seconds after which somebody may try again.
pub const RETRY_SECONDS: &str = "60";

/// Why a request is not answered with the page it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebError {
    /// The request makes no sense.
    BadRequest,
    /// To be seen by who has signed in.
    SignIn,
    /// Whoever sent it was signed in and is no more.
    SessionEnded,
    /// Not sent from one of our pages, or from one of an earlier session.
    Forbidden,
    /// No such page, or not for this caller.
    NotFound,
    /// Took too long to arrive.
    TooSlow,
    /// Too many bytes.
    TooLarge,
    /// Not a form as our pages send it.
    MediaType,
    /// Read, but cannot be taken as it is.
    Unprocessable,
    /// A fault of ours.
    Internal,
    /// Too much to do.
    Busy,
    /// The storage cannot be read or written.
    Unavailable,
}

impl From<Error> for WebError {
    /// What a page has no words of its own for is not there, as far as the reader is concerned.
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable => Self::Unavailable,
            Error::Busy => Self::Busy,
            _ => Self::NotFound,
        }
    }
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
            Self::SignIn => StatusCode::SEE_OTHER,
            Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Without a body: [`super::asker::Asker`] puts the page in, where the reader's language is known.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status_code());
        if *self == Self::SignIn {
            response.insert_header((LOCATION, "/login"));
        }
        response.finish()
    }
}
