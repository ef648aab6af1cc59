//! What every answer passes before it leaves. An error gets its page here, in the reader's language and with the words that were typed: no
//! handler can leave it out. A long answer gets its weight.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ALLOW, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use super::access::Port;
use super::error::WebError;
use super::error_page::{self, Problem};
use super::flow::{PORTION, Portions};
use super::frame::{PageFrame, Switch};
use super::marks::{Final, Typed, Unread, Words};
use super::state::State;
use super::{negotiate, routes, staff};
use crate::locale::Locale;
use crate::service::caller::{Refusal, Refused};

/// What a page for an error needs of the request. Taken before the request is handled: afterwards it may be gone.
pub struct Asker {
    state: Option<State>,
    port: Port,
    locale: Option<Locale>,
    /// The path, if a page was asked for.
    asked_for: Option<String>,
}

impl Asker {
    /// Of this request.
    pub fn of(request: &ServiceRequest) -> Self {
        let state = State::of(request.request());
        let port = request
            .app_data::<web::Data<Port>>()
            .map_or(Port::Reporter, |port| *port.get_ref());
        let locale = state.as_ref().map(|state| {
            let default = state.settings.default_language;
            match port {
                Port::Staff => staff::language(state, request.request()),
                Port::Reporter | Port::Health => {
                    negotiate::of_path(request.path()).unwrap_or_else(|| {
                        negotiate::of_headers(request.headers(), Locale::is_listed, default)
                    })
                }
            }
        });
        Self {
            state,
            port,
            locale,
            asked_for: matches!(*request.method(), Method::GET | Method::HEAD)
                .then(|| request.path().to_owned()),
        }
    }

    /// The listener it came to.
    pub const fn port(&self) -> Port {
        self.port
    }

    /// The same answer, or a page in the reader's language if it is an error that has none of its own. What wrong codes have led to takes the
    /// place of whatever page would have answered.
    pub fn answered(&self, request: &HttpRequest, response: HttpResponse) -> HttpResponse {
        let refusal = request.extensions().get::<Refused>().and_then(Refused::get);
        if let Some(refusal) = refusal {
            return self.refused(request, refusal);
        }
        let status = response.status();
        let is_final = response.extensions().contains::<Final>();
        if is_final || !(status.is_client_error() || status.is_server_error()) {
            return response;
        }
        if let Some(address) = self.meant().filter(|_| status == StatusCode::NOT_FOUND) {
            return HttpResponse::SeeOther()
                .insert_header((LOCATION, address))
                .finish();
        }
        let error = response.error().and_then(|error| error.as_error());
        let is_busy = error == Some(&WebError::Busy);
        let mut page = self.page_with(words(self.port, status, is_busy), status, typed(request));
        if let Some(allow) = response.headers().get(ALLOW) {
            page.headers_mut().insert(ALLOW, allow.clone());
        }
        // The connection is of no use where nobody has read what came over it.
        if request.extensions().contains::<Unread>() {
            page.head_mut().set_connection_type(ConnectionType::Close);
        }
        page
    }

    /// The same answer, in portions and with its weight; or a short page if there is no room for it now.
    pub fn weighed(&self, response: HttpResponse) -> HttpResponse {
        let Some(state) = &self.state else {
            return response;
        };
        let is_small = match response.body().size() {
            BodySize::None => true,
            BodySize::Sized(size) => usize::try_from(size).is_ok_and(|size| size <= PORTION),
            BodySize::Stream => false,
        };
        if is_small {
            return response;
        }
        let (head, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(bytes) => {
                let mut weight = state.budget.weight();
                if weight.grow_to(bytes.len()).is_err() {
                    return self.page(StatusCode::SERVICE_UNAVAILABLE);
                }
                head.set_body(Portions::of(bytes, weight, state.settings.patience))
            }
            Err(stream) => head.set_body(stream),
        }
    }

    fn meant(&self) -> Option<String> {
        routes::meant(self.port, self.asked_for.as_deref()?, self.locale?)
    }

    /// The page for an error without a request: the same bytes for every cause of one status.
    pub fn page(&self, status: StatusCode) -> HttpResponse {
        self.page_with(words(self.port, status, false), status, None)
    }

    fn page_with(
        &self,
        (heading, text): (&str, &str),
        status: StatusCode,
        kept: Option<Words>,
    ) -> HttpResponse {
        let Some((frame, locale)) = self.frame() else {
            return HttpResponse::new(status);
        };
        let front = format!("/{locale}/");
        let problem = Problem {
            status,
            heading: frame.t.text(heading),
            text: frame.t.text(text),
            kept,
            back: match (self.port, status) {
                (Port::Staff, StatusCode::UNAUTHORIZED) => ("/login", "staff-login-submit"),
                (Port::Staff, _) => ("/", "staff-back-start"),
                _ => (&front, "common-home"),
            },
        };
        error_page::show(frame, problem)
    }

    /// Nobody's. Who asks for this server's health is a machine, which reads the status alone.
    fn frame(&self) -> Option<(PageFrame<'_>, Locale)> {
        let (state, locale) = self.state.as_ref().zip(self.locale)?;
        let switch = match self.port {
            Port::Reporter => Switch::to(""),
            Port::Staff => Switch::here(),
            Port::Health => return None,
        };
        Some((PageFrame::new(state, self.port, locale, switch), locale))
    }

    /// What wrong codes have led to.
    fn refused(&self, request: &HttpRequest, refusal: Refusal) -> HttpResponse {
        let (status, kept) = (StatusCode::UNAUTHORIZED, typed(request));
        match refusal {
            Refusal::Gone => self.page_with(words(self.port, status, false), status, kept),
            Refusal::Ended => {
                let words = ("staff-session-ended-title", "factors-session-ended");
                let mut page = self.page_with(words, status, kept);
                let cookie = self.state.as_ref().map(|state| staff::end_session(state));
                if cookie.is_none_or(|cookie| page.add_cookie(&cookie).is_err()) {
                    tracing::error!(
                        event = "page-failing",
                        "the session cookie could not be taken away"
                    );
                }
                page
            }
            Refusal::Rests { minutes } => self.resting(request, minutes, kept),
        }
    }

    fn resting(&self, request: &HttpRequest, minutes: i64, kept: Option<Words>) -> HttpResponse {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let Some((frame, _)) = self.frame() else {
            return HttpResponse::new(status);
        };
        let path = staff::page_path(request);
        let problem = Problem {
            status,
            heading: frame.t.text("factors-rests-title"),
            text: (frame.t).text_with("factors-rests", &[("minutes", minutes)]),
            kept,
            back: (&path, "factors-back"),
        };
        let mut page = error_page::show(frame, problem);
        let seconds = HeaderValue::from(minutes.saturating_mul(60));
        page.headers_mut().insert(RETRY_AFTER, seconds);
        page
    }
}

fn typed(request: &HttpRequest) -> Option<Words> {
    let extensions = request.extensions();
    extensions.get::<Typed>().map(|Typed(words)| words.clone())
}

fn words(port: Port, status: StatusCode, is_busy: bool) -> (&'static str, &'static str) {
    if port == Port::Staff {
        let own = match status {
            StatusCode::UNAUTHORIZED => {
                Some(("staff-session-ended-title", "staff-session-ended-text"))
            }
            StatusCode::FORBIDDEN => Some(("staff-forbidden-title", "staff-forbidden-text")),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Some(("staff-too-large-title", "staff-too-large-text"))
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::UNPROCESSABLE_ENTITY => {
                Some(("staff-bad-request-title", "staff-bad-request-text"))
            }
            StatusCode::SERVICE_UNAVAILABLE if is_busy => {
                Some(("staff-busy-title", "staff-busy-text"))
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Some(("staff-unavailable-title", "staff-unavailable-text"))
            }
            _ => None,
        };
        if let Some(own) = own {
            return own;
        }
    }
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
